//! Opening files.

use event::snapshot::FdKind;
use event::syscalls::{
    CREAT_X, OPEN_BY_HANDLE_AT_X, OPEN_E, OPEN_X, OPENAT_2_E, OPENAT_2_X, OPENAT2_X,
};
use state::FdFlags;

use crate::world::{Int, Text, World, text};

#[test]
fn a_file_gets_its_full_path() {
    // directory fd, name, name of the fd
    let cases = [
        (-100, "notes", "/home/notes"),
        (-100, "/abs/./x/", "/abs/x"),
        (3, "passwd", "/etc/passwd"),
        (3, "../srv", "/srv"),
        (77, "lost", "<UNKNOWN>lost"),
        (77, "/known", "/known"),
    ];
    for (dirfd, name, want) in cases {
        for kind in [OPENAT_2_X, OPENAT2_X] {
            let mut world = World::new();
            let params = [
                ("fd", Int(5)),
                ("dirfd", Int(dirfd)),
                ("name", Text(name)),
                ("flags", Int(1)),
                ("dev", Int(9)),
                ("ino", Int(42)),
            ];
            let context = world.event(kind, 100, &params);
            assert_eq!(context.fd.map(|fd| fd.num), Some(5), "it is the event's fd");
            assert!(context.fd.is_some_and(|fd| fd.name_changed()));
            let fd = world.fd(100, 5).unwrap();
            assert_eq!((text(&fd.name), text(&fd.name_raw)), (want.into(), name.into()));
            assert_eq!((fd.kind, fd.dev, fd.ino, fd.open_flags), (FdKind::FileV2, 9, 42, 1));
        }
    }
}

#[test]
fn each_call_of_the_family_opens() {
    let cases: [(_, &[_], _); 3] = [
        (OPEN_X, &[("name", Text("a")), ("flags", Int(1))], "/home/a"),
        (CREAT_X, &[("name", Text("a"))], "/home/a"),
        (OPEN_BY_HANDLE_AT_X, &[("path", Text("/mnt/a")), ("flags", Int(1))], "/mnt/a"),
    ];
    for (kind, params, want) in cases {
        let mut world = World::new();
        let params = [&[("fd", Int(5))], params].concat();
        world.event(kind, 101, &params);
        assert_eq!(world.fd_name(100, 5).as_deref(), Some(want), "threads share fds");
    }
}

#[test]
fn flags_tell_directories_and_layers() {
    let cases = [
        (1 << 10, FdKind::Directory, FdFlags::empty()),
        (1 << 15, FdKind::FileV2, FdFlags::OVERLAY_UPPER),
        (1 << 16, FdKind::FileV2, FdFlags::OVERLAY_LOWER),
    ];
    for (flags, kind, want) in cases {
        let mut world = World::new();
        let params = [("fd", Int(5)), ("name", Text("/d")), ("flags", Int(flags))];
        world.event(OPEN_X, 100, &params);
        let fd = world.fd(100, 5).unwrap();
        assert_eq!((fd.kind, fd.flags), (kind, want));
    }
}

#[test]
fn the_name_at_the_entry_is_trusted_more_than_the_one_at_the_exit() {
    let mut world = World::new();
    let asked = [("name", Text("real")), ("flags", Int(3))];
    world.event(OPEN_E, 100, &asked);
    let got = [("fd", Int(5)), ("name", Text("faked")), ("flags", Int(1 | 1 << 14))];
    world.event(OPEN_X, 100, &got);
    let fd = world.fd(100, 5).unwrap();
    assert_eq!((text(&fd.name), fd.open_flags), ("/home/real".into(), 3 | 1 << 14));

    // An entry is for the next exit of its own kind only.
    let asked = [("dirfd", Int(3)), ("name", Text("real")), ("flags", Int(3))];
    world.event(OPENAT_2_E, 100, &asked);
    world.event(OPEN_X, 100, &[("fd", Int(6)), ("name", Text("x")), ("flags", Int(1))]);
    assert_eq!(world.fd_name(100, 6).as_deref(), Some("/home/x"));
    let got = [("fd", Int(7)), ("dirfd", Int(-100)), ("name", Text("y"))];
    world.event(OPENAT_2_X, 100, &got);
    assert_eq!(world.fd_name(100, 7).as_deref(), Some("/home/y"));
}

#[test]
fn a_failed_open_opens_nothing() {
    let mut world = World::new();
    world.event(OPEN_X, 100, &[("fd", Int(-2)), ("name", Text("/no"))]);
    assert_eq!(world.thread(100).fds.len(), 2);
}
