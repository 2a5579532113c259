//! Users, groups, capabilities.

use event::syscalls::{
    CAPSET_X, SETGID_X, SETREGID_X, SETRESGID_X, SETRESUID_X, SETREUID_X, SETUID_X,
};

use crate::{
    fields::{Is, as_nobody, assert_events, assert_generic, call, in_child},
    harness::{Acts, Notes, trace},
};

pub(crate) const ACTS: Acts = &[("users::root", act_root), ("users::nobody", act_nobody)];

/// `struct __user_cap_header_struct` and `struct __user_cap_data_struct[2]`.
type Capabilities = ([u32; 2], [u32; 6]);
const VERSION_3: u32 = 0x2008_0522;
const SYS_TIME: u32 = 1 << 25;

fn capabilities() -> Capabilities {
    let mut all = ([VERSION_3, 0], [0; 6]);
    // SAFETY: both arrays have the sizes that the version asks for.
    unsafe { libc::syscall(libc::SYS_capget, all.0.as_mut_ptr(), all.1.as_mut_ptr()) };
    all
}

fn change(notes: &mut Notes) {
    const NONE: usize = u32::MAX as usize;
    call(notes, "setregid", libc::SYS_setregid, &[NONE, 12]);
    call(notes, "setgid", libc::SYS_setgid, &[11]);
    call(notes, "setresgid", libc::SYS_setresgid, &[13, NONE, 15]);
    call(notes, "setgroups", libc::SYS_setgroups, &[0, 0]);
    call(notes, "setfsgid", libc::SYS_setfsgid, &[16]);
    call(notes, "setreuid", libc::SYS_setreuid, &[NONE, 0]);
    call(notes, "setresuid", libc::SYS_setresuid, &[21, NONE, 0]);
    call(notes, "setfsuid", libc::SYS_setfsuid, &[22]);
    call(notes, "setuid", libc::SYS_setuid, &[23]);
    call(notes, "setuid back", libc::SYS_setuid, &[0]);
}

fn drop_capability(notes: &mut Notes) {
    let (mut header, mut data) = capabilities();
    data[0] &= !SYS_TIME;
    data[1] &= !SYS_TIME;
    let header = header.as_mut_ptr() as usize;
    call(notes, "capset", libc::SYS_capset, &[header, data.as_ptr() as usize]);
    call(notes, "capset unreadable", libc::SYS_capset, &[header, 8]);
    let (_, [effective, permitted, inheritable, effective2, permitted2, inheritable2]) =
        capabilities();
    let whole = |low: u32, high: u32| i64::from(low) | i64::from(high) << 32;
    notes.note("effective", whole(effective, effective2));
    notes.note("permitted", whole(permitted, permitted2));
    notes.note("inheritable", whole(inheritable, inheritable2));
}

fn act_root(notes: &mut Notes) {
    in_child(notes, drop_capability);
    in_child(notes, change);
}

fn act_nobody(notes: &mut Notes) {
    in_child(notes, |notes| {
        as_nobody();
        change(notes);
    });
}

fn check(act: &str, ids_before: usize) {
    const NONE: i64 = u32::MAX as i64;
    let outcome = trace(act);
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let ints = |name: &str, ids: &[i64]| {
        std::iter::once(of(name)).chain(ids.iter().map(|id| Is::Int(*id))).collect::<Vec<_>>()
    };
    assert_events(&outcome, SETREGID_X, &[ints("setregid", &[NONE, 12])]);
    assert_events(&outcome, SETGID_X, &[ints("setgid", &[11])]);
    let nobody = vec![Is::Int(0), Is::Int(65534), Is::Int(65534), Is::Int(65534)];
    let before = vec![nobody; ids_before];
    let setresgid = [before.clone(), vec![ints("setresgid", &[13, NONE, 15])]].concat();
    assert_events(&outcome, SETRESGID_X, &setresgid);
    assert_events(&outcome, SETREUID_X, &[ints("setreuid", &[NONE, 0])]);
    let setresuid = [before, vec![ints("setresuid", &[21, NONE, 0])]].concat();
    assert_events(&outcome, SETRESUID_X, &setresuid);
    let setuid = [ints("setuid", &[23]), ints("setuid back", &[0])];
    assert_events(&outcome, SETUID_X, &setuid);
    assert_generic(&outcome, &[libc::SYS_setgroups, libc::SYS_setfsgid, libc::SYS_setfsuid]);
}

fn is_root() -> bool {
    // SAFETY: no memory is passed.
    unsafe { libc::geteuid() == 0 }
}

#[test]
fn changes_of_ids_are_told_with_what_was_asked_and_came_of_it() {
    if is_root() {
        check("users::root", 0);
    }
}

#[test]
fn refused_changes_of_ids_are_told_too() {
    if is_root() {
        check("users::nobody", 1);
    }
}

#[test]
fn capset_tells_the_capabilities_that_the_thread_then_has() {
    let outcome = trace("users::root");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let has = [of("inheritable"), of("permitted"), of("effective")];
    let after = |name: &str| [vec![of(name)], has.to_vec()].concat();
    assert_events(&outcome, CAPSET_X, &[after("capset"), after("capset unreadable")]);
    assert_eq!(outcome.notes.of("capset unreadable"), -i64::from(libc::EFAULT));
}
