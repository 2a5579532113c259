//! Opening and creating files.

use event::syscalls::OPENAT_2_X;

use super::{Enter, Exit, Row, Saved, When, number};

pub(super) const TABLE: &[Row] = &[Row {
    number: number(libc::SYS_openat),
    name: "openat",
    when: When::Always,
    enter: enter_openat,
    exit: openat,
}];

fn enter_openat(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(1, saved);
}

fn openat(exit: &mut Exit<'_>) {
    let (fd, dirfd, flags) = (exit.result, i64::from(exit.call.int(0)), exit.call.int(2) as u32);
    let mode = exit.call.int(3) as u32;
    let name = exit.saved.text(1 - 1).unwrap_or_default();
    exit.emit
        .start(OPENAT_2_X, i64::from(exit.tid))
        .i64(fd)
        .i64(dirfd)
        .text(name)
        .u32(flags)
        .u32(mode)
        .u32(0)
        .u64(0);
    exit.end();
}
