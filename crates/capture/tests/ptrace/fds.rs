//! File descriptors.

use std::{fs, os::fd::IntoRawFd};

use event::syscalls as ev;

use crate::{
    harness::{Acts, Notes, trace},
    live,
    telling::{NOWHERE, at, sys},
};

pub(crate) const ACTS: Acts = &[
    ("fds::close", act_close),
    ("fds::dup", act_dup),
    ("fds::fcntl", act_fcntl),
    ("fds::pipe", act_pipe),
    ("fds::kinds", act_kinds),
    ("fds::pidfd", act_pidfd),
    ("fds::ioctl", act_ioctl),
];

fn file() -> i64 {
    i64::from(fs::File::create("file").unwrap().into_raw_fd())
}

fn act_close(notes: &mut Notes) {
    let fd = file();
    notes.note("fd", fd);
    notes.call("1", libc::SYS_close, [fd]);
    notes.call("2", libc::SYS_close, [fd]);
    notes.call("3", libc::SYS_close, [-1]);
    let cloexec = i64::from(libc::CLOSE_RANGE_CLOEXEC);
    notes.call("4", libc::SYS_close_range, [500, 600, 0]);
    notes.call("5", libc::SYS_close_range, [500, u32::MAX.into(), cloexec]);
    notes.call("6", libc::SYS_close_range, [600, 500, i64::from(libc::CLOSE_RANGE_UNSHARE)]);
    notes.call("7", libc::SYS_close_range, [500, 600, 1]);
}

#[test]
fn closes_tell_which() {
    let outcome = trace("fds::close");
    let told: Vec<String> = outcome.of(ev::CLOSE_X).iter().map(|event| event.told()).collect();
    let fd = outcome.notes.of("fd");
    let expected = [format!("res=0 fd={fd}"), format!("res=-9 fd={fd}"), "res=-9 fd=-1".to_owned()];
    // Where there is no file, the kernel's programs tell nothing.
    let expected = if live::is_on() { &expected[..1] } else { &expected };
    assert!(told.ends_with(expected), "{told:?}");
    outcome.expect(
        ev::CLOSE_RANGE_X,
        &[
            "res=0 first=500 last=600 flags=0x0",
            // Linux 5.10 has no such flag.
            "res={5} first=500 last=4294967295 flags=0x4",
            "res=-22 first=600 last=500 flags=0x2",
            "res=-22 first=500 last=600 flags=0x0",
        ],
    );
}

fn act_dup(notes: &mut Notes) {
    let fd = file();
    notes.note("fd", fd);
    notes.call("1", libc::SYS_dup, [fd]);
    notes.call("2", libc::SYS_dup, [999]);
    notes.call("3", libc::SYS_dup2, [fd, 77]);
    notes.call("4", libc::SYS_dup2, [fd, fd]);
    notes.call("5", libc::SYS_dup2, [fd, -1]);
    notes.call("6", libc::SYS_dup3, [fd, 78, i64::from(libc::O_CLOEXEC)]);
    notes.call("7", libc::SYS_dup3, [fd, fd, 0]);
    notes.call("8", libc::SYS_dup3, [fd, 79, i64::from(libc::O_NONBLOCK)]);
}

#[test]
fn dups_tell_both() {
    let outcome = trace("fds::dup");
    outcome.expect(ev::DUP_1_X, &["res={1} oldfd={fd}", "res=-9 oldfd=999"]);
    outcome.expect(
        ev::DUP2_X,
        &[
            "res=77 oldfd={fd} newfd=77",
            "res={fd} oldfd={fd} newfd={fd}",
            "res=-9 oldfd={fd} newfd=-1",
        ],
    );
    outcome.expect(
        ev::DUP3_X,
        &[
            "res=78 oldfd={fd} newfd=78 flags=0x1000",
            "res=-22 oldfd={fd} newfd={fd} flags=0x0",
            "res=-22 oldfd={fd} newfd=79 flags=0x0",
        ],
    );
}

fn act_fcntl(notes: &mut Notes) {
    let fd = file();
    notes.note("fd", fd);
    let command = i64::from;
    notes.call("1", libc::SYS_fcntl, [fd, command(libc::F_DUPFD), 100]);
    notes.call("2", libc::SYS_fcntl, [fd, command(libc::F_DUPFD_CLOEXEC), 200]);
    notes.call("3", libc::SYS_fcntl, [fd, command(libc::F_SETFD), 1]);
    notes.call("4", libc::SYS_fcntl, [fd, command(libc::F_SETFL), 0o2000]);
    // These change nothing, and do not stop.
    notes.call("5", libc::SYS_fcntl, [fd, command(libc::F_GETFD), 0]);
    notes.call("6", libc::SYS_fcntl, [fd, command(libc::F_GETFL), 0]);
    notes.call("7", libc::SYS_fcntl, [999, command(libc::F_DUPFD), 0]);
    notes.call("8", libc::SYS_fcntl, [fd, command(libc::F_DUPFD), -1]);
}

#[test]
fn fcntl_is_told_where_it_changes_something() {
    let outcome = trace("fds::fcntl");
    outcome.expect(
        ev::FCNTL_X,
        &[
            "res=100 fd={fd} cmd=1 arg=0x64",
            "res=200 fd={fd} cmd=26 arg=0xc8",
            "res=0 fd={fd} cmd=3 arg=0x1",
            "res=0 fd={fd} cmd=5 arg=0x400",
            "res=-9 fd=999 cmd=1 arg=0x0",
            "res=-22 fd={fd} cmd=1 arg=0xffffffffffffffff",
        ],
    );
}

fn act_pipe(notes: &mut Notes) {
    let mut ends = [0i32; 2];
    let to = ends.as_mut_ptr() as i64;
    for (name, number, flags) in [
        ("one", libc::SYS_pipe, 0),
        ("two", libc::SYS_pipe2, libc::O_CLOEXEC | libc::O_NONBLOCK | libc::O_DIRECT),
    ] {
        notes.call(name, number, [to, i64::from(flags)]);
        notes.note(&format!("{name}.out"), ends[0]);
        notes.note(&format!("{name}.in"), ends[1]);
        notes.note_file(name, i64::from(ends[0]));
    }
    notes.call("bad", libc::SYS_pipe, [NOWHERE]);
    notes.call("null", libc::SYS_pipe2, [0, -1]);
    notes.call("flags", libc::SYS_pipe2, [to, 1]);
}

#[test]
fn pipes_tell_both_ends() {
    let outcome = trace("fds::pipe");
    outcome.expect(
        ev::PIPE_X,
        &["res=0 fd1={one.out} fd2={one.in} ino={one.ino}", "res=-14 fd1=-1 fd2=-1 ino=0"],
    );
    outcome.expect(
        ev::PIPE2_X,
        &[
            "res=0 fd1={two.out} fd2={two.in} ino={two.ino} flags=0x1240",
            "res=-22 fd1=-1 fd2=-1 ino=0 flags=0x0",
            "res=-22 fd1=-1 fd2=-1 ino=0 flags=0x0",
        ],
    );
}

fn act_kinds(notes: &mut Notes) {
    let both = i64::from(libc::O_CLOEXEC | libc::O_NONBLOCK);
    let mask = 0u64;
    let to = &raw const mask as i64;
    notes.call("eventfd", libc::SYS_eventfd, [7]);
    notes.call("eventfd2", libc::SYS_eventfd2, [1 << 32 | 8, both | 1]);
    notes.call("eventfd2_bad", libc::SYS_eventfd2, [8, -1]);
    notes.call("signalfd", libc::SYS_signalfd, [-1, to, 8]);
    notes.call("signalfd4", libc::SYS_signalfd4, [-1, to, 8, both]);
    notes.call("signalfd4_bad", libc::SYS_signalfd4, [999, to, 8, 0]);
    notes.call("timerfd", libc::SYS_timerfd_create, [i64::from(libc::CLOCK_MONOTONIC), both]);
    notes.call("timerfd_bad", libc::SYS_timerfd_create, [99, 0]);
    notes.call("epoll", libc::SYS_epoll_create, [5]);
    notes.call("epoll_bad", libc::SYS_epoll_create, [0]);
    notes.call("epoll1", libc::SYS_epoll_create1, [i64::from(libc::EPOLL_CLOEXEC)]);
    notes.call("epoll1_bad", libc::SYS_epoll_create1, [1]);
    notes.call("inotify", libc::SYS_inotify_init, []);
    notes.call("inotify1", libc::SYS_inotify_init1, [both]);
    notes.call("inotify1_bad", libc::SYS_inotify_init1, [1]);
}

#[test]
fn fds_without_a_file_are_told_with_their_flags() {
    let outcome = trace("fds::kinds");
    for (kind, expected) in [
        (ev::EVENTFD_X, &["res={eventfd} initval=7 flags=0x0"][..]),
        (ev::EVENTFD2_X, &["res={eventfd2} flags=0x1040 initval=8", "res=-22 flags=0x0 initval=8"]),
        (ev::SIGNALFD_X, &["res={signalfd} fd=-1 mask=0x0 flags=0x0"]),
        (
            ev::SIGNALFD4_X,
            &["res={signalfd4} flags=0x1040 fd=-1 mask=0x0", "res=-9 flags=0x0 fd=999 mask=0x0"],
        ),
        (
            ev::TIMERFD_CREATE_X,
            &["res={timerfd} clockid=1 flags=0x40", "res=-22 clockid=99 flags=0x0"],
        ),
        (ev::EPOLL_CREATE_X, &["res={epoll} size=5", "res=-22 size=0"]),
        (ev::EPOLL_CREATE1_X, &["res={epoll1} flags=0x1", "res=-22 flags=0x0"]),
        (ev::INOTIFY_INIT_X, &["res={inotify} flags=0x0"]),
        (ev::INOTIFY_INIT1_X, &["res={inotify1} flags=0x1040", "res=-22 flags=0x0"]),
    ] {
        outcome.expect(kind, expected);
    }
}

fn act_pidfd(notes: &mut Notes) {
    let pid = std::process::id();
    notes.note("pid", pid);
    let fd = notes.call("own", libc::SYS_pidfd_open, [pid.into(), 0]);
    notes.call("non", libc::SYS_pidfd_open, [pid.into(), i64::from(libc::O_NONBLOCK)]);
    notes.call("bad", libc::SYS_pidfd_open, [-5, 0]);
    notes.call("get", libc::SYS_pidfd_getfd, [fd, 0, 0]);
    notes.call("get_bad", libc::SYS_pidfd_getfd, [fd, 999, 0]);
    notes.call("get_flags", libc::SYS_pidfd_getfd, [0, 0, 3]);
}

#[test]
fn pidfds_tell_the_process() {
    let outcome = trace("fds::pidfd");
    outcome.expect(
        ev::PIDFD_OPEN_X,
        &[
            "fd={own} pid={pid} flags=0x0",
            "fd={non} pid={pid} flags=0x1",
            "fd=-22 pid=-5 flags=0x0",
        ],
    );
    outcome.expect(
        ev::PIDFD_GETFD_X,
        &[
            "fd={get} pid_fd={own} target_fd=0 flags=0x0",
            "fd=-9 pid_fd={own} target_fd=999 flags=0x0",
            "fd=-22 pid_fd=0 target_fd=0 flags=0x3",
        ],
    );
}

fn act_ioctl(notes: &mut Notes) {
    let fd = file();
    notes.note("fd", fd);
    notes.call("1", libc::SYS_ioctl, [fd, libc::TIOCSTI as i64, at(c"x")]);
    notes.call("2", libc::SYS_ioctl, [999, libc::TIOCSCTTY as i64, 1]);
    // Nothing to tell.
    sys(libc::SYS_ioctl, [fd, libc::TIOCGWINSZ as i64, NOWHERE]);
    sys(libc::SYS_ioctl, [fd, libc::FIONREAD as i64, NOWHERE]);
}

#[test]
fn only_dangerous_ioctls_are_told() {
    let outcome = trace("fds::ioctl");
    let told: Vec<String> = outcome.of(ev::IOCTL_3_X).iter().map(|event| event.told()).collect();
    let first = format!("res=-25 fd={} request=0x5412 argument=0x", outcome.notes.of("fd"));
    assert!(told[0].starts_with(&first), "{told:?}");
    assert_eq!(told[1..], ["res=-9 fd=999 request=0x540e argument=0x1"]);
}
