//! Where a process is: namespaces, root, working directory.

use event::{
    EventType,
    syscalls::{CHDIR_X, CHROOT_X, FCHDIR_X, SETNS_X, UNSHARE_X},
};

use super::{
    Exit, Row, nothing,
    params::{
        Param::{Flags, Int, Kept, Result, Text},
        generic, path_0, row,
    },
    renumbered,
};

pub(super) const TABLE: &[Row] = &[
    row(libc::SYS_chdir, "chdir", path_0, |exit| path(exit, CHDIR_X)),
    row(libc::SYS_chroot, "chroot", path_0, |exit| path(exit, CHROOT_X)),
    row(libc::SYS_fchdir, "fchdir", nothing, |exit| exit.event(FCHDIR_X, &[Result, Int(0)])),
    row(libc::SYS_unshare, "unshare", nothing, |exit| {
        exit.event(UNSHARE_X, &[Result, Flags(0, clone_flags)]);
    }),
    row(libc::SYS_setns, "setns", nothing, |exit| {
        exit.event(SETNS_X, &[Result, Int(0), Flags(1, clone_flags)]);
    }),
    generic(libc::SYS_pivot_root, "pivot_root"),
];

/// Flags of `clone(2)`, `unshare(2)` and `setns(2)` in the schema's numbering.
///
/// Source: linux/sched.h, and the schema's symbols (`event::symbols::CLONE_FLAGS`).
const CLONE_FLAGS: &[(u32, u32)] = &[
    (0x0000_0100, 0x8000),      // CLONE_VM
    (0x0000_0200, 2),           // CLONE_FS
    (0x0000_0400, 1),           // CLONE_FILES
    (0x0000_0800, 0x800),       // CLONE_SIGHAND
    (0x0000_2000, 0x400),       // CLONE_PTRACE
    (0x0000_4000, 0x800_0000),  // CLONE_VFORK
    (0x0000_8000, 0x100),       // CLONE_PARENT
    (0x0001_0000, 0x2000),      // CLONE_THREAD
    (0x0002_0000, 0x20),        // CLONE_NEWNS
    (0x0004_0000, 0x1000),      // CLONE_SYSVSEM
    (0x0008_0000, 0x200_0000),  // CLONE_SETTLS
    (0x0010_0000, 0x200),       // CLONE_PARENT_SETTID
    (0x0020_0000, 0x80_0000),   // CLONE_CHILD_CLEARTID
    (0x0080_0000, 0x4000),      // CLONE_UNTRACED
    (0x0100_0000, 0x100_0000),  // CLONE_CHILD_SETTID
    (0x0200_0000, 0x1000_0000), // CLONE_NEWCGROUP
    (0x0400_0000, 0x80),        // CLONE_NEWUTS
    (0x0800_0000, 8),           // CLONE_NEWIPC
    (0x1000_0000, 0x10_0000),   // CLONE_NEWUSER
    (0x2000_0000, 0x40),        // CLONE_NEWPID
    (0x4000_0000, 0x10),        // CLONE_NEWNET
    (0x8000_0000, 4),           // CLONE_IO
];

fn clone_flags(flags: u32) -> u32 {
    renumbered(flags, CLONE_FLAGS)
}

/// Working directory or root, as the program named it.
///
/// If the name in memory was changed while the call ran, it is not known which of the two the
/// kernel saw; what it made of it is: the directory where the process is now.
fn path(exit: &mut Exit<'_>, kind: EventType) {
    let saved = exit.saved.text(0);
    let mut scratch = std::mem::take(&mut exit.emit.scratch);
    scratch.clear();
    let again = exit.memory.text(exit.call.arg(0), libc::PATH_MAX as usize, &mut scratch);
    let changed = exit.succeeded() && (again.is_err() || saved != Some(&scratch));
    let place = if kind == CHROOT_X { "root" } else { "cwd" };
    let now = changed
        .then(|| std::fs::read_link(format!("/proc/{}/{place}", exit.tid)).ok())
        .flatten()
        .map(|path| path.into_os_string().into_encoded_bytes());
    exit.event(kind, &[Result, now.as_deref().map_or(Kept(0), |now| Text(Some(now)))]);
    exit.emit.scratch = scratch;
}
