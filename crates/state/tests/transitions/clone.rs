//! `clone` and its kin.

use event::syscalls::{CLONE_20_X, CLONE3_X, FORK_20_X, PROCEXIT_1_E, VFORK_20_X};
use state::CloneFlags;

use crate::world::{BOOT_NS, Int, STEP_NS, Text, Value, World, text};

const THREAD: i64 = 1 << 13;
const VFORK: i64 = 1 << 27;
const IN_PIDNS: i64 = 1 << 29;

/// Parameters of either side's return.
fn returned(res: i64, tid: i64, pid: i64, ptid: i64, flags: i64) -> Vec<(&'static str, Value)> {
    vec![
        ("res", Int(res)),
        ("exe", Text("/bin/bash")),
        ("args", Value::Bytes(b"-c\0ls\0".to_vec())),
        ("tid", Int(tid)),
        ("pid", Int(pid)),
        ("ptid", Int(ptid)),
        ("fdlimit", Int(256)),
        ("comm", Text("bash")),
        ("flags", Int(flags)),
        ("uid", Int(7)),
        ("gid", Int(8)),
        ("vtid", Int(tid)),
        ("vpid", Int(pid)),
    ]
}

#[test]
fn either_side_adds_the_child_once() {
    for kind in [CLONE_20_X, CLONE3_X, FORK_20_X] {
        for child_first in [false, true] {
            let mut world = World::new();
            let parent = returned(200, 100, 100, 1, 0);
            let child = returned(0, 200, 200, 100, 0);
            if child_first {
                world.event(kind, 200, &child);
                world.event(kind, 100, &parent);
            } else {
                world.event(kind, 100, &parent);
                world.event(kind, 200, &child);
            }
            let thread = world.thread(200);
            assert_eq!((thread.pid, thread.ptid, thread.vtid, thread.vpid), (200, 100, 200, 200));
            assert_eq!((thread.uid, thread.gid, thread.fd_limit), (7, 8, 256));
            assert_eq!(world.thread(100).children, 1, "{kind:?} {child_first}");
        }
    }
}

#[test]
fn a_new_process_begins_with_what_its_parent_has() {
    let mut world = World::new();
    world.event(CLONE_20_X, 200, &returned(0, 200, 200, 100, 0));
    let child = world.thread(200);
    assert_eq!(text(&child.exepath), "/usr/bin/bash");
    assert_eq!(&*child.args, b"-c\0ls\0");
    assert_eq!(&*child.env, b"HOME=/root\0");
    assert_eq!(child.pidns_init_start_ts_ns, BOOT_NS);
    assert_eq!(child.clone_ts_ns, world.now_ns);
    assert_eq!(world.cwd(200), "/home/");
    assert_eq!(world.fd_name(200, 3).as_deref(), Some("/etc"));
}

#[test]
fn a_new_thread_shares_what_its_process_has() {
    for (tid, res) in [(100, 150), (150, 0)] {
        let mut world = World::new();
        let (pid, ptid) = (100, 1);
        world.event(CLONE_20_X, tid, &returned(res, tid, pid, ptid, THREAD));
        let thread = world.thread(150);
        assert_eq!((thread.pid, thread.ptid), (100, 1));
        assert!(thread.flags.contains(CloneFlags::FILES) && thread.fds.is_empty());
        assert_eq!(world.cwd(150), "/home/");
        assert_eq!(world.fd_name(150, 3).as_deref(), Some("/etc"));
        assert_eq!(world.state.thread_count(world.thread(100)), 3);
    }
}

#[test]
fn only_the_child_knows_its_ids_in_a_namespace_of_its_own() {
    let mut world = World::new();
    world.event(CLONE_20_X, 100, &returned(1, 100, 100, 1, IN_PIDNS));
    assert_eq!(world.thread(1).pid, 1, "the parent is told an id of the namespace");
    let mut child = returned(0, 200, 200, 100, IN_PIDNS);
    child.retain(|(name, _)| *name != "vtid" && *name != "vpid");
    child.extend([("vtid", Int(1)), ("vpid", Int(1)), ("pidns_init_start_ts", Int(5))]);
    world.event(CLONE_20_X, 200, &child);
    let thread = world.thread(200);
    assert_eq!((thread.vtid, thread.vpid), (1, 1));
    assert_eq!(thread.pidns_init_start_ts_ns, BOOT_NS + 5);
    assert!(thread.is_in_pid_namespace());
}

#[test]
fn a_parent_that_learns_of_its_child_late_does_not_bring_it_back() {
    for (kind, flags) in [(VFORK_20_X, 0), (CLONE_20_X, VFORK), (CLONE_20_X, 0)] {
        let mut world = World::new();
        world.event(kind, 200, &returned(0, 200, 200, 100, flags));
        world.event(PROCEXIT_1_E, 200, &[("status", Int(0))]);
        world.event(kind, 100, &returned(200, 100, 100, 1, flags));
        assert!(world.state.thread(200).is_none(), "{kind:?} {flags:#x}");
    }
}

#[test]
fn a_child_with_the_id_of_one_whose_exit_was_missed_takes_its_place() {
    let mut world = World::new();
    world.event(CLONE_20_X, 200, &returned(0, 200, 200, 100, 0));
    world.now_ns += 3_000_000_000;
    world.event(CLONE_20_X, 200, &returned(0, 200, 200, 1, 0));
    assert_eq!(world.thread(200).ptid, 1);
    assert_eq!(world.thread(200).clone_ts_ns, world.now_ns);
    assert_eq!(world.now_ns % STEP_NS, 0);
}

#[test]
fn a_clone_that_fails_changes_nothing() {
    let mut world = World::new();
    world.event(CLONE_20_X, 100, &returned(-11, 100, 100, 1, 0));
    assert_eq!(world.thread(100).children, 0);
}

#[test]
fn a_caller_that_was_not_known_becomes_known() {
    let mut world = World::new();
    world.event(CLONE_20_X, 300, &returned(301, 300, 300, 100, 0));
    let caller = world.thread(300);
    assert_eq!((caller.pid, caller.ptid, text(&caller.comm)), (300, 100, "bash".into()));
    assert_eq!(world.thread(301).ptid, 300);
}
