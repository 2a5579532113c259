//! Names of files: rename, link, symlink, unlink, mkdir, rmdir, mknod.
//!
//! Names are those that stood in memory before the call, and they are told whether it succeeded or
//! not. Another thread that changes them while the kernel reads them can make the event tell
//! another name: unlike behind `open(2)` there is nothing left afterwards to ask the kernel about.

use event::syscalls as ev;

use super::{
    Exit, Row, flags,
    params::{
        Param::{Arg32, Flags, Int, Kept, Result, U32},
        path_0, path_1, paths_0_1, paths_0_2, paths_1_3, row,
    },
};
use crate::ptrace::numbers;

pub(super) const TABLE: &[Row] = &[
    row(numbers::SYS_rename, "rename", paths_0_1, |exit| {
        exit.event(ev::RENAME_X, &[Result, Kept(0), Kept(1)]);
    }),
    row(libc::SYS_renameat, "renameat", paths_1_3, |exit| {
        exit.event(ev::RENAMEAT_X, &[Result, Int(0), Kept(0), Int(2), Kept(1)]);
    }),
    row(libc::SYS_renameat2, "renameat2", paths_1_3, |exit| {
        exit.event(ev::RENAMEAT2_X, &[Result, Int(0), Kept(0), Int(2), Kept(1), Arg32(4)]);
    }),
    row(numbers::SYS_link, "link", paths_0_1, |exit| {
        exit.event(ev::LINK_2_X, &[Result, Kept(0), Kept(1)]);
    }),
    row(libc::SYS_linkat, "linkat", paths_1_3, |exit| {
        let flags = Flags(4, flags::linkat);
        exit.event(ev::LINKAT_2_X, &[Result, Int(0), Kept(0), Int(2), Kept(1), flags]);
    }),
    row(numbers::SYS_symlink, "symlink", paths_0_1, |exit| {
        exit.event(ev::SYMLINK_X, &[Result, Kept(0), Kept(1)]);
    }),
    row(libc::SYS_symlinkat, "symlinkat", paths_0_2, |exit| {
        exit.event(ev::SYMLINKAT_X, &[Result, Kept(0), Int(1), Kept(1)]);
    }),
    row(numbers::SYS_unlink, "unlink", path_0, |exit| {
        exit.event(ev::UNLINK_2_X, &[Result, Kept(0)]);
    }),
    row(libc::SYS_unlinkat, "unlinkat", path_1, |exit| {
        let flags = Flags(2, flags::unlinkat);
        exit.event(ev::UNLINKAT_2_X, &[Result, Int(0), Kept(0), flags]);
    }),
    row(numbers::SYS_mkdir, "mkdir", path_0, |exit| {
        exit.event(ev::MKDIR_2_X, &[Result, Kept(0), Arg32(1)]);
    }),
    row(libc::SYS_mkdirat, "mkdirat", path_1, |exit| {
        exit.event(ev::MKDIRAT_X, &[Result, Int(0), Kept(0), Arg32(2)]);
    }),
    row(numbers::SYS_rmdir, "rmdir", path_0, |exit| {
        exit.event(ev::RMDIR_2_X, &[Result, Kept(0)]);
    }),
    row(numbers::SYS_mknod, "mknod", path_0, |exit| {
        let dev = device(exit, 2);
        exit.event(ev::MKNOD_X, &[Result, Kept(0), Flags(1, flags::mknod_mode), dev]);
    }),
    row(libc::SYS_mknodat, "mknodat", path_1, |exit| {
        let dev = device(exit, 3);
        exit.event(ev::MKNODAT_X, &[Result, Int(0), Kept(0), Flags(2, flags::mknod_mode), dev]);
    }),
];

/// A device number that a program passes. Only its lower 32 bits count, and these have the very
/// encoding of the schema.
fn device(exit: &Exit<'_>, arg: usize) -> super::params::Param<'static> {
    U32(exit.call.arg(arg) as u32)
}
