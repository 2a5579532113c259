//! File descriptors: close, dup, fcntl, pipe, eventfd and their like.
//!
//! Where a call has a choice of commands, it stops only for those that change what is known of an
//! fd, or that are dangerous.

use event::syscalls as ev;
use libc::c_int;

use super::{
    Exit, Row, When, flags,
    net::rights::tell_handed,
    nothing, number,
    params::{
        Param::{Arg32, Arg64, Flags, I64, Int, Result, U8, U16, U32, U64},
        row,
    },
};
use crate::ptrace::numbers;

pub(super) const TABLE: &[Row] = &[
    row(libc::SYS_close, "close", nothing, |exit| {
        exit.event(ev::CLOSE_X, &[Result, Int(0)]);
    }),
    row(libc::SYS_close_range, "close_range", nothing, |exit| {
        let flags = Flags(2, flags::close_range);
        exit.event(ev::CLOSE_RANGE_X, &[Result, Arg32(0), Arg32(1), flags]);
    }),
    row(libc::SYS_dup, "dup", nothing, |exit| {
        exit.event(ev::DUP_1_X, &[Result, Int(0)]);
    }),
    row(numbers::SYS_dup2, "dup2", nothing, |exit| {
        exit.event(ev::DUP2_X, &[Result, Int(0), Int(1)]);
    }),
    row(libc::SYS_dup3, "dup3", nothing, |exit| {
        exit.event(ev::DUP3_X, &[Result, Int(0), Int(1), Flags(2, flags::dup3)]);
    }),
    Row {
        number: number(libc::SYS_fcntl),
        name: "fcntl",
        when: When::OneOf { arg: 1, values: FCNTL_COMMANDS },
        enter: nothing,
        exit: fcntl,
    },
    Row {
        number: number(libc::SYS_ioctl),
        name: "ioctl",
        when: When::OneOf { arg: 1, values: IOCTL_REQUESTS },
        enter: nothing,
        exit: |exit| exit.event(ev::IOCTL_3_X, &[Result, Int(0), Arg64(1), Arg64(2)]),
    },
    row(numbers::SYS_pipe, "pipe", nothing, |exit| {
        let [one, two, ino] = pipe_ends(exit);
        exit.event(ev::PIPE_X, &[Result, I64(one), I64(two), U64(ino as u64)]);
    }),
    row(libc::SYS_pipe2, "pipe2", nothing, |exit| {
        let ([one, two, ino], flags) = (pipe_ends(exit), Flags(1, flags::pipe2));
        exit.event(ev::PIPE2_X, &[Result, I64(one), I64(two), U64(ino as u64), flags]);
    }),
    row(numbers::SYS_eventfd, "eventfd", nothing, |exit| {
        exit.event(ev::EVENTFD_X, &[Result, Arg64(0), U32(0)]);
    }),
    row(libc::SYS_eventfd2, "eventfd2", nothing, |exit| {
        let first = U64(exit.call.arg(0) & u64::from(u32::MAX));
        exit.event(ev::EVENTFD2_X, &[Result, descriptor_flags(exit, 1), first]);
    }),
    // The signals themselves are not recorded.
    row(numbers::SYS_signalfd, "signalfd", nothing, |exit| {
        exit.event(ev::SIGNALFD_X, &[Result, Int(0), U32(0), U8(0)]);
    }),
    row(libc::SYS_signalfd4, "signalfd4", nothing, |exit| {
        exit.event(ev::SIGNALFD4_X, &[Result, descriptor_flags(exit, 3), Int(0), U32(0)]);
    }),
    row(libc::SYS_timerfd_create, "timerfd_create", nothing, |exit| {
        // Eight bits have no room for O_CLOEXEC.
        let flags = U8(flags::descriptor(exit.call.arg(1) as u32) as u8);
        exit.event(ev::TIMERFD_CREATE_X, &[Result, U8(exit.call.arg(0) as u8), flags]);
    }),
    row(numbers::SYS_epoll_create, "epoll_create", nothing, |exit| {
        exit.event(ev::EPOLL_CREATE_X, &[Result, Arg32(0)]);
    }),
    row(libc::SYS_epoll_create1, "epoll_create1", nothing, |exit| {
        exit.event(ev::EPOLL_CREATE1_X, &[Result, Flags(0, flags::epoll_create1)]);
    }),
    row(numbers::SYS_inotify_init, "inotify_init", nothing, |exit| {
        exit.event(ev::INOTIFY_INIT_X, &[Result, U8(0)]);
    }),
    row(libc::SYS_inotify_init1, "inotify_init1", nothing, |exit| {
        exit.event(ev::INOTIFY_INIT1_X, &[Result, descriptor_flags(exit, 0)]);
    }),
    row(libc::SYS_pidfd_open, "pidfd_open", nothing, |exit| {
        exit.event(ev::PIDFD_OPEN_X, &[Result, Int(0), Flags(1, flags::pidfd_open)]);
    }),
    row(libc::SYS_pidfd_getfd, "pidfd_getfd", nothing, |exit| {
        if let Some(fd) = i32::try_from(exit.result).ok().filter(|fd| *fd >= 0) {
            tell_handed(exit, vec![fd], true);
        }
        exit.event(ev::PIDFD_GETFD_X, &[Result, Int(0), Int(1), Arg32(2)]);
    }),
];

/// Commands of `fcntl(2)` that make an fd or change its flags.
const FCNTL_COMMANDS: &[u32] = &[
    libc::F_DUPFD as u32,
    libc::F_DUPFD_CLOEXEC as u32,
    libc::F_SETFD as u32,
    libc::F_SETFL as u32,
];

/// Requests of `ioctl(2)` that do something to others, or past the calls that are recorded.
const IOCTL_REQUESTS: &[u32] = &[
    libc::TIOCSCTTY as u32,    // a controlling terminal
    libc::TIOCSTI as u32,      // typing for somebody else
    libc::TIOCLINUX as u32,    // the same by the console's selection
    libc::TIOCCONS as u32,     // the console's output
    libc::TIOCSETD as u32,     // line disciplines, which load modules
    libc::SIOCSIFFLAGS as u32, // promiscuous interfaces
    0x4004_54ca,               // TUNSETIFF: tunnels
    0x4008_6602,               // FS_IOC_SETFLAGS: immutable files
    0x4004_6602,               // FS_IOC32_SETFLAGS
    0x401c_5820,               // FS_IOC_FSSETXATTR
    0x4004_9409,               // FICLONE: a file's data is that of another
    0x4020_940d,               // FICLONERANGE
    0x4c00,                    // LOOP_SET_FD: a file as a disk
    0x4c0a,                    // LOOP_CONFIGURE
    0x4004_2408,               // PERF_EVENT_IOC_SET_BPF
    0xae01,                    // KVM_CREATE_VM
];

fn fcntl(exit: &mut Exit<'_>) {
    let command = match exit.call.int(1) {
        libc::F_DUPFD => 1,
        libc::F_SETFD => 3,
        libc::F_SETFL => 5,
        libc::F_DUPFD_CLOEXEC => 26,
        _ => 0,
    };
    exit.event(ev::FCNTL_X, &[Result, Int(0), U8(command), Arg64(2)]);
}

fn descriptor_flags(exit: &Exit<'_>, arg: usize) -> super::params::Param<'static> {
    U16(flags::descriptor(exit.call.arg(arg) as u32) as u16)
}

/// Both ends of a pipe as the call told them to the program, -1 if there are none, and the pipe's
/// inode number.
///
/// They can only be read where the kernel has put them, after the call. Another thread that
/// overwrites them in between is noticed if what it writes are not the two ends of one pipe; then
/// they are unknown.
fn pipe_ends(exit: &mut Exit<'_>) -> [i64; 3] {
    const NONE: [i64; 3] = [-1, -1, 0];
    if !exit.succeeded() {
        return NONE;
    }
    let ends = exit.memory.u64(exit.call.arg(0)).and_then(|ends| {
        let [one, two] = [i64::from(ends as c_int), i64::from((ends >> 32) as c_int)];
        let (from, to) = (exit.file(one)?, exit.file(two)?);
        (from.dev == to.dev && from.ino == to.ino && one != two).then_some([
            one,
            two,
            from.ino as i64,
        ])
    });
    ends.unwrap_or_else(|| {
        exit.emit.counts.unreadable += 1;
        NONE
    })
}
