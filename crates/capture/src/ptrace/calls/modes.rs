//! What a file is: modes, owners, length, times, attributes.
//!
//! Names are told as in [`super::names`]. The schema has no events for length, times and attributes:
//! that the call was made is recorded, not on which file.

use event::syscalls as ev;

use super::{
    Row, flags,
    params::{
        Param::{Arg32, Flags, Int, Kept, Result},
        generic, path_0, path_1, row,
    },
};
use crate::ptrace::numbers;

pub(super) const TABLE: &[Row] = &[
    row(numbers::SYS_chmod, "chmod", path_0, |exit| {
        exit.event(ev::CHMOD_X, &[Result, Kept(0), Flags(1, flags::mode)]);
    }),
    row(libc::SYS_fchmod, "fchmod", super::nothing, |exit| {
        exit.event(ev::FCHMOD_X, &[Result, Int(0), Flags(1, flags::mode)]);
    }),
    row(libc::SYS_fchmodat, "fchmodat", path_1, |exit| {
        exit.event(ev::FCHMODAT_X, &[Result, Int(0), Kept(0), Flags(2, flags::mode)]);
    }),
    // The same with flags, which the schema has no place for; it would be a pity to lose the rest.
    row(numbers::SYS_fchmodat2, "fchmodat2", path_1, |exit| {
        exit.event(ev::FCHMODAT_X, &[Result, Int(0), Kept(0), Flags(2, flags::mode)]);
    }),
    row(numbers::SYS_chown, "chown", path_0, |exit| {
        exit.event(ev::CHOWN_X, &[Result, Kept(0), Arg32(1), Arg32(2)]);
    }),
    row(numbers::SYS_lchown, "lchown", path_0, |exit| {
        exit.event(ev::LCHOWN_X, &[Result, Kept(0), Arg32(1), Arg32(2)]);
    }),
    row(libc::SYS_fchown, "fchown", super::nothing, |exit| {
        exit.event(ev::FCHOWN_X, &[Result, Int(0), Arg32(1), Arg32(2)]);
    }),
    row(libc::SYS_fchownat, "fchownat", path_1, |exit| {
        let flags = Flags(4, flags::fchownat);
        exit.event(ev::FCHOWNAT_X, &[Result, Int(0), Kept(0), Arg32(2), Arg32(3), flags]);
    }),
    generic(libc::SYS_truncate, "truncate"),
    generic(libc::SYS_ftruncate, "ftruncate"),
    generic(numbers::SYS_utime, "utime"),
    generic(numbers::SYS_utimes, "utimes"),
    generic(numbers::SYS_futimesat, "futimesat"),
    generic(libc::SYS_utimensat, "utimensat"),
    generic(libc::SYS_setxattr, "setxattr"),
    generic(libc::SYS_lsetxattr, "lsetxattr"),
    generic(libc::SYS_fsetxattr, "fsetxattr"),
    generic(SETXATTRAT, "setxattrat"),
    generic(libc::SYS_removexattr, "removexattr"),
    generic(libc::SYS_lremovexattr, "lremovexattr"),
    generic(libc::SYS_fremovexattr, "fremovexattr"),
    generic(REMOVEXATTRAT, "removexattrat"),
    generic(FILE_SETATTR, "file_setattr"),
];

/// Since Linux 6.13.
const SETXATTRAT: libc::c_long = 463;
/// Since Linux 6.13.
const REMOVEXATTRAT: libc::c_long = 466;
/// Since Linux 6.17.
const FILE_SETATTR: libc::c_long = 469;
