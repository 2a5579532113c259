//! Where a process is: namespaces, root, working directory.

use event::{
    EventType,
    syscalls::{CHDIR_X, CHROOT_X, FCHDIR_X, SETNS_X, UNSHARE_X},
};

use super::{Enter, Exit, Row, Saved, When, generic, nothing, number, renumbered, text_or_null};

pub(super) const TABLE: &[Row] = &[
    Row { enter: enter_path, ..row(libc::SYS_chdir, "chdir", |exit| path(exit, CHDIR_X)) },
    Row { enter: enter_path, ..row(libc::SYS_chroot, "chroot", |exit| path(exit, CHROOT_X)) },
    row(libc::SYS_fchdir, "fchdir", fchdir),
    row(libc::SYS_unshare, "unshare", unshare),
    row(libc::SYS_setns, "setns", setns),
    generic(libc::SYS_pivot_root, "pivot_root"),
];

const fn row(call: libc::c_long, name: &'static str, exit: fn(&mut Exit<'_>)) -> Row {
    Row { number: number(call), name, when: When::Always, enter: nothing, exit }
}

/// Flags of `clone(2)`, `unshare(2)` and `setns(2)` in the schema's numbering.
///
/// Source: linux/sched.h, and the schema's symbols (`event::symbols::CLONE_FLAGS`).
pub(super) const CLONE_FLAGS: &[(u32, u32)] = &[
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

fn enter_path(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(0, saved);
}

/// Working directory or root, as the program named it.
///
/// If the name in memory was changed while the call ran, it is not known which of the two the
/// kernel saw; what it made of it is: the directory where the process is now.
fn path(exit: &mut Exit<'_>, kind: EventType) {
    let (result, saved) = (exit.result, exit.saved.text(0));
    let mut scratch = std::mem::take(&mut exit.emit.scratch);
    scratch.clear();
    let again = exit.memory.text(exit.call.arg(0), libc::PATH_MAX as usize, &mut scratch);
    let changed = exit.succeeded() && (again.is_err() || saved != Some(&scratch));
    let place = if kind == CHROOT_X { "root" } else { "cwd" };
    let now = changed
        .then(|| std::fs::read_link(format!("/proc/{}/{place}", exit.tid)).ok())
        .flatten()
        .map(|path| path.into_os_string().into_encoded_bytes());
    text_or_null(exit.start(kind).i64(result), now.as_deref().or(saved));
    exit.end();
    exit.emit.scratch = scratch;
}

fn fchdir(exit: &mut Exit<'_>) {
    let (result, fd) = (exit.result, i64::from(exit.call.int(0)));
    exit.start(FCHDIR_X).i64(result).i64(fd);
    exit.end();
}

fn unshare(exit: &mut Exit<'_>) {
    let (result, flags) = (exit.result, exit.call.int(0) as u32);
    exit.start(UNSHARE_X).i64(result).u32(renumbered(flags, CLONE_FLAGS));
    exit.end();
}

fn setns(exit: &mut Exit<'_>) {
    let (result, fd) = (exit.result, i64::from(exit.call.int(0)));
    let kind = exit.call.int(1) as u32;
    exit.start(SETNS_X).i64(result).i64(fd).u32(renumbered(kind, CLONE_FLAGS));
    exit.end();
}
