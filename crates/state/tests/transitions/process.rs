//! Directories, credentials, limits and memory of processes.

use event::EventType;
use event::syscalls::{
    CAPSET_X, CHDIR_X, CHROOT_X, FCHDIR_X, GETCWD_X, MMAP_X, PRLIMIT_X, SCHEDSWITCH_6_E, SETGID_X,
    SETNS_X, SETREGID_X, SETRESUID_X, SETRLIMIT_X, SETSID_X, SETUID_X, UNSHARE_X,
};

use crate::world::{Int, Params, Text, World, text};

#[test]
fn a_process_changes_its_directory() {
    let cases: [(EventType, Params<'_>, &str); 6] = [
        (CHDIR_X, &[("res", Int(0)), ("path", Text("src/../lib"))], "/home/lib/"),
        (CHDIR_X, &[("res", Int(0)), ("path", Text("/"))], "/"),
        (CHDIR_X, &[("res", Int(-2)), ("path", Text("/no"))], "/home/"),
        (FCHDIR_X, &[("res", Int(0)), ("fd", Int(3))], "/etc/"),
        (FCHDIR_X, &[("res", Int(0)), ("fd", Int(77))], "/home/"),
        (GETCWD_X, &[("res", Int(0)), ("path", Text("/missed"))], "/missed/"),
    ];
    for (kind, params, want) in cases {
        let mut world = World::new();
        world.event(kind, 100, params);
        assert_eq!((world.cwd(100), world.cwd(101)), (want.into(), want.into()), "{params:?}");
    }
}

#[test]
fn a_process_changes_its_root() {
    for (path, want) in [("/jail", "/jail"), ("jail", "/home/jail")] {
        let mut world = World::new();
        world.event(CHROOT_X, 100, &[("res", Int(0)), ("path", Text(path))]);
        assert_eq!(text(&world.thread(100).root), want);
    }
}

#[test]
fn a_thread_changes_who_it_acts_as() {
    // event, parameters, uid and gid then
    let cases: [(EventType, Params<'_>, (u32, u32)); 5] = [
        (SETUID_X, &[("uid", Int(5))], (5, 0)),
        (SETRESUID_X, &[("ruid", Int(4)), ("euid", Int(5)), ("suid", Int(6))], (5, 0)),
        (SETRESUID_X, &[("ruid", Int(4)), ("euid", Int(-1))], (u32::MAX, 0)),
        (SETGID_X, &[("gid", Int(5))], (0, 5)),
        (SETREGID_X, &[("rgid", Int(4)), ("egid", Int(5))], (0, 5)),
    ];
    for (kind, params, want) in cases {
        for (res, want) in [(0, want), (-1, (0, 0))] {
            let mut world = World::new();
            world.event(kind, 100, &[&[("res", Int(res))], params].concat());
            let thread = world.thread(100);
            assert_eq!((thread.uid, thread.gid), want, "{} {res}", kind.info().name);
        }
    }
}

#[test]
fn sessions_and_capabilities_change() {
    let mut world = World::new();
    world.event(SETSID_X, 100, &[("res", Int(100))]);
    let caps = [
        ("res", Int(0)),
        ("cap_inheritable", Int(1)),
        ("cap_permitted", Int(2)),
        ("cap_effective", Int(3)),
    ];
    world.event(CAPSET_X, 100, &caps);
    let thread = world.thread(100);
    assert_eq!(thread.sid, 100);
    let caps = (thread.cap_inheritable, thread.cap_permitted, thread.cap_effective);
    assert_eq!(caps, (1, 2, 3));
}

#[test]
fn a_new_user_namespace_gives_every_capability() {
    let newuser = Int(1 << 20);
    for (kind, flags) in [(UNSHARE_X, "flags"), (SETNS_X, "nstype")] {
        let mut world = World::new();
        world.event(kind, 100, &[("res", Int(0)), (flags, newuser.clone())]);
        assert_eq!(world.thread(100).cap_effective, (1 << 41) - 1);
    }
}

#[test]
fn the_limit_of_fds_is_the_processs() {
    let cases: [(EventType, i64, Params<'_>, i64); 4] = [
        (SETRLIMIT_X, 101, &[("cur", Int(7)), ("resource", Int(7))], 7),
        (SETRLIMIT_X, 101, &[("cur", Int(7)), ("resource", Int(1))], 1024),
        (PRLIMIT_X, 1, &[("newcur", Int(7)), ("pid", Int(101)), ("resource", Int(7))], 7),
        (PRLIMIT_X, 101, &[("newcur", Int(7)), ("pid", Int(0)), ("resource", Int(7))], 7),
    ];
    for (kind, tid, params, want) in cases {
        let mut world = World::new();
        world.event(kind, tid, &[&[("res", Int(0))], params].concat());
        assert_eq!(world.thread(100).fd_limit, want, "{params:?}");
    }
}

#[test]
fn memory_is_told_by_switches_and_mappings() {
    let mut world = World::new();
    let switch = [
        ("next", Int(0)),
        ("pgft_maj", Int(1)),
        ("pgft_min", Int(2)),
        ("vm_size", Int(3)),
        ("vm_rss", Int(4)),
        ("vm_swap", Int(5)),
    ];
    world.event(SCHEDSWITCH_6_E, 101, &switch);
    let (thread, main) = (world.thread(101), world.thread(100));
    assert_eq!((thread.pfmajor, thread.pfminor), (1, 2));
    assert_eq!((main.vmsize_kb, main.vmrss_kb, main.vmswap_kb), (3, 4, 5));
    let map = [("res", Int(0)), ("vm_size", Int(6)), ("vm_rss", Int(7)), ("vm_swap", Int(8))];
    world.event(MMAP_X, 101, &map);
    let thread = world.thread(101);
    assert_eq!((thread.vmsize_kb, thread.vmrss_kb, thread.vmswap_kb), (6, 7, 8));
}
