//! Who a process is: user, group, capabilities.

use event::syscalls::{
    CAPSET_X, SETGID_X, SETREGID_X, SETRESGID_X, SETRESUID_X, SETREUID_X, SETUID_X,
};

use super::{
    Exit, Row, nothing,
    params::{
        Param::{Arg32, Result, U64},
        generic, row,
    },
};

pub(super) const TABLE: &[Row] = &[
    row(libc::SYS_setuid, "setuid", nothing, |exit| exit.event(SETUID_X, &ONE)),
    row(libc::SYS_setgid, "setgid", nothing, |exit| exit.event(SETGID_X, &ONE)),
    row(libc::SYS_setreuid, "setreuid", nothing, |exit| exit.event(SETREUID_X, &TWO)),
    row(libc::SYS_setregid, "setregid", nothing, |exit| exit.event(SETREGID_X, &TWO)),
    row(libc::SYS_setresuid, "setresuid", nothing, |exit| exit.event(SETRESUID_X, &THREE)),
    row(libc::SYS_setresgid, "setresgid", nothing, |exit| exit.event(SETRESGID_X, &THREE)),
    row(libc::SYS_capset, "capset", nothing, capset),
    generic(libc::SYS_setfsuid, "setfsuid"),
    generic(libc::SYS_setfsgid, "setfsgid"),
    generic(libc::SYS_setgroups, "setgroups"),
];

/// The result and so many ids.
const ONE: [super::params::Param<'static>; 2] = [Result, Arg32(0)];
const TWO: [super::params::Param<'static>; 3] = [Result, Arg32(0), Arg32(1)];
const THREE: [super::params::Param<'static>; 4] = [Result, Arg32(0), Arg32(1), Arg32(2)];

/// The capabilities that the thread has behind the call, not those that it asked for: what is in
/// memory may have been changed, and the kernel may have cut it.
fn capset(exit: &mut Exit<'_>) {
    let has = exit.status();
    let sets = [has.cap_inheritable, has.cap_permitted, has.cap_effective].map(U64);
    exit.event(CAPSET_X, &[Result, sets[0], sets[1], sets[2]]);
}
