//! Who a process is: user, group, capabilities.

use event::syscalls::{
    CAPSET_X, SETGID_X, SETREGID_X, SETRESGID_X, SETRESUID_X, SETREUID_X, SETUID_X,
};

use super::{Exit, Row, When, generic, nothing, number};

pub(super) const TABLE: &[Row] = &[
    row(libc::SYS_setuid, "setuid", |exit| ids(exit, SETUID_X, 1)),
    row(libc::SYS_setgid, "setgid", |exit| ids(exit, SETGID_X, 1)),
    row(libc::SYS_setreuid, "setreuid", |exit| ids(exit, SETREUID_X, 2)),
    row(libc::SYS_setregid, "setregid", |exit| ids(exit, SETREGID_X, 2)),
    row(libc::SYS_setresuid, "setresuid", |exit| ids(exit, SETRESUID_X, 3)),
    row(libc::SYS_setresgid, "setresgid", |exit| ids(exit, SETRESGID_X, 3)),
    row(libc::SYS_capset, "capset", capset),
    generic(libc::SYS_setfsuid, "setfsuid"),
    generic(libc::SYS_setfsgid, "setfsgid"),
    generic(libc::SYS_setgroups, "setgroups"),
];

const fn row(call: libc::c_long, name: &'static str, exit: fn(&mut Exit<'_>)) -> Row {
    Row { number: number(call), name, when: When::Always, enter: nothing, exit }
}

/// The result, then so many ids.
fn ids(exit: &mut Exit<'_>, kind: event::EventType, count: usize) {
    let (result, call) = (exit.result, exit.call);
    let builder = exit.start(kind);
    builder.i64(result);
    for at in 0..count {
        builder.u32(call.int(at) as u32);
    }
    exit.end();
}

/// The capabilities that the thread has behind the call, not those that it asked for: what is in
/// memory may have been changed, and the kernel may have cut it.
fn capset(exit: &mut Exit<'_>) {
    let (result, has) = (exit.result, exit.status());
    exit.start(CAPSET_X)
        .i64(result)
        .u64(has.cap_inheritable)
        .u64(has.cap_permitted)
        .u64(has.cap_effective);
    exit.end();
}
