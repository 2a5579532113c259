//! Duplicating and closing fds, and fds of special kinds.

use event::EventType;
use event::snapshot::FdKind;
use event::syscalls::{
    BPF_2_X, CLOSE_RANGE_X, CLOSE_X, DUP_1_X, DUP2_X, DUP3_X, EPOLL_CREATE1_X, EVENTFD2_X, FCNTL_X,
    GETUID_X, INOTIFY_INIT1_X, IO_URING_SETUP_X, MEMFD_CREATE_X, PIDFD_GETFD_X, PIDFD_OPEN_X,
    PIPE2_X, READ_X, SIGNALFD4_X, TIMERFD_CREATE_X, USERFAULTFD_X,
};

use crate::world::{Int, Params, Text, World, text};

const O_CLOEXEC: u32 = 1 << 12;

#[test]
fn a_copy_has_the_name_of_its_original() {
    let cases: [(EventType, Params<'_>, u32); 6] = [
        (DUP_1_X, &[("res", Int(9)), ("oldfd", Int(3))], 0),
        (DUP2_X, &[("res", Int(9)), ("oldfd", Int(3)), ("newfd", Int(9))], 0),
        (DUP3_X, &[("res", Int(9)), ("oldfd", Int(3)), ("flags", Int(0))], 0),
        (DUP3_X, &[("res", Int(9)), ("oldfd", Int(3)), ("flags", Int(1 << 12))], O_CLOEXEC),
        (FCNTL_X, &[("res", Int(9)), ("fd", Int(3)), ("cmd", Int(1))], 0),
        (FCNTL_X, &[("res", Int(9)), ("fd", Int(3)), ("cmd", Int(26))], O_CLOEXEC),
    ];
    for (kind, params, cloexec) in cases {
        let mut world = World::new();
        let context = world.event(kind, 101, params);
        assert_eq!(context.fd.map(|fd| (fd.num, fd.name_changed())), Some((9, false)));
        let fd = world.fd(100, 9).unwrap();
        assert_eq!((text(&fd.name), fd.open_flags & O_CLOEXEC), ("/etc".into(), cloexec));
        assert_eq!(world.fd_name(100, 3).as_deref(), Some("/etc"));
    }
}

#[test]
fn a_copy_takes_the_place_of_what_had_its_number() {
    let mut world = World::new();
    world.event(DUP2_X, 100, &[("res", Int(0)), ("oldfd", Int(3)), ("newfd", Int(0))]);
    assert_eq!(world.fd_name(100, 0).as_deref(), Some("/etc"));
}

#[test]
fn a_copy_of_what_is_not_known_leaves_nothing_of_what_had_its_number() {
    let cases: [(EventType, Params<'_>); 4] = [
        (DUP_1_X, &[("res", Int(0)), ("oldfd", Int(77))]),
        (DUP2_X, &[("res", Int(0)), ("oldfd", Int(77)), ("newfd", Int(0))]),
        (DUP3_X, &[("res", Int(0)), ("oldfd", Int(77)), ("newfd", Int(0)), ("flags", Int(0))]),
        (FCNTL_X, &[("res", Int(0)), ("fd", Int(77)), ("cmd", Int(1))]),
    ];
    for (kind, params) in cases {
        let mut world = World::new();
        assert!(world.fd(100, 0).is_some());
        world.event(kind, 101, params);
        assert_eq!(world.fd_name(100, 0), None, "{}", kind.info().name);
        assert_eq!(world.fd_name(100, 3).as_deref(), Some("/etc"));
    }
    let mut world = World::new();
    world.event(DUP2_X, 100, &[("res", Int(-9)), ("oldfd", Int(77)), ("newfd", Int(0))]);
    assert!(world.fd(100, 0).is_some(), "the copy failed");
}

#[test]
fn a_closed_fd_is_there_for_its_own_close_and_gone_after() {
    let mut world = World::new();
    let context = world.event(CLOSE_X, 101, &[("res", Int(0)), ("fd", Int(3))]);
    assert_eq!(context.fd.map(|fd| text(&fd.name)).as_deref(), Some("/etc"));
    world.event(GETUID_X, 100, &[]);
    assert_eq!(world.fd_name(100, 3), None);
    world.event(CLOSE_X, 100, &[("res", Int(-9)), ("fd", Int(0))]);
    world.event(GETUID_X, 100, &[]);
    assert!(world.fd_name(100, 0).is_some(), "the close failed");
}

#[test]
fn a_range_is_closed_or_marked() {
    // first, last, flags, fds left, marked
    let cases = [(0, 3, 0, vec![], 0), (1, 9, 0, vec![0], 0), (0, 2, 4, vec![0, 3], 1)];
    for (first, last, flags, left, marked) in cases {
        let mut world = World::new();
        let params =
            [("res", Int(0)), ("first", Int(first)), ("last", Int(last)), ("flags", Int(flags))];
        world.event(CLOSE_RANGE_X, 100, &params);
        let fds = &world.thread(100).fds;
        let mut open: Vec<i64> = fds.iter().map(|(&num, _)| num).collect();
        open.sort_unstable();
        assert_eq!(open, left);
        assert_eq!(fds.values().filter(|fd| fd.open_flags & O_CLOEXEC != 0).count(), marked);
    }
}

#[test]
fn special_fds_have_their_kind() {
    let cases: [(EventType, Params<'_>, FdKind, u32); 9] = [
        (EVENTFD2_X, &[("flags", Int(64))], FdKind::Event, 64),
        (SIGNALFD4_X, &[("flags", Int(4096))], FdKind::SignalFd, 4096),
        (TIMERFD_CREATE_X, &[("flags", Int(64))], FdKind::TimerFd, 64),
        (INOTIFY_INIT1_X, &[("flags", Int(64))], FdKind::Inotify, 64),
        (EPOLL_CREATE1_X, &[("flags", Int(1))], FdKind::EventPoll, O_CLOEXEC),
        (BPF_2_X, &[], FdKind::Bpf, 0),
        (USERFAULTFD_X, &[], FdKind::UserFaultFd, 0),
        (IO_URING_SETUP_X, &[], FdKind::IoUring, 0),
        (MEMFD_CREATE_X, &[("name", Text("m")), ("flags", Int(1))], FdKind::Memfd, 1),
    ];
    for (kind, params, fd_kind, open_flags) in cases {
        let result = kind.info().params[0].name;
        let mut world = World::new();
        world.event(kind, 100, &[&[(result, Int(5))], params].concat());
        let fd = world.fd(100, 5).unwrap();
        assert_eq!((fd.kind, fd.open_flags), (fd_kind, open_flags), "{}", kind.info().name);
        let mut world = World::new();
        let context = world.event(kind, 100, &[&[(result, Int(-24))], params].concat());
        // What a failed memfd_create leaves is looked at below.
        let left = usize::from(kind == MEMFD_CREATE_X);
        assert_eq!(context.fd.is_some(), left == 1, "{} failed", kind.info().name);
        assert_eq!(world.thread(100).fds.len(), 2 + left);
    }
}

#[test]
fn both_ends_of_a_pipe_open() {
    let mut world = World::new();
    let params = [("res", Int(0)), ("fd1", Int(5)), ("fd2", Int(6)), ("ino", Int(77))];
    let context = world.event(PIPE2_X, 100, &params);
    assert_eq!(context.fd.map(|fd| fd.num), Some(6));
    for num in [5, 6] {
        let fd = world.fd(100, num).unwrap();
        assert_eq!((fd.kind, fd.ino), (FdKind::Fifo, 77));
    }
}

#[test]
fn an_fd_of_another_process_is_copied() {
    let mut world = World::new();
    world.event(PIDFD_OPEN_X, 1, &[("fd", Int(5)), ("pid", Int(100)), ("flags", Int(0))]);
    assert_eq!(world.fd_name(1, 5).as_deref(), Some("/proc/100"));
    world.event(PIDFD_GETFD_X, 1, &[("fd", Int(6)), ("pid_fd", Int(5)), ("target_fd", Int(3))]);
    assert_eq!(world.fd_name(1, 6).as_deref(), Some("/etc"));
    assert_eq!(world.fd(1, 6).unwrap().open_flags & O_CLOEXEC, O_CLOEXEC);
}

#[test]
fn an_event_that_changes_nothing_finds_thread_and_fd() {
    let mut world = World::new();
    let context = world.event(READ_X, 101, &[("res", Int(4)), ("fd", Int(3))]);
    assert_eq!(context.thread.map(|t| (t.tid, t.lastevent_fd)), Some((101, 3)));
    assert_eq!(context.fd.map(|fd| text(&fd.name)).as_deref(), Some("/etc"));
}

#[test]
fn a_failed_call_leaves_an_fd_for_its_own_event_and_the_count() {
    let opened = [("fd", Int(5)), ("pid", Int(100)), ("flags", Int(0))];
    let cases: [(EventType, Params<'_>, i64, &str, FdKind); 2] = [
        (MEMFD_CREATE_X, &[("fd", Int(-22)), ("name", Text("m"))], -22, "", FdKind::Nothing),
        (
            PIDFD_GETFD_X,
            &[("fd", Int(-1)), ("pid_fd", Int(5)), ("target_fd", Int(3))],
            -1,
            "/etc",
            FdKind::FileV2,
        ),
    ];
    for (kind, params, num, name, fd_kind) in cases {
        let mut world = World::new();
        world.event(PIDFD_OPEN_X, 1, &opened);
        let context = world.event(kind, 1, params);
        let seen = context.fd.map(|fd| (fd.num, text(&fd.name), fd.kind));
        assert_eq!(seen, Some((num, name.to_owned(), fd_kind)));
        assert!(world.fd(1, num).is_none());
        assert_eq!(world.state.fds(world.thread(1)).len(), 2);
    }
}
