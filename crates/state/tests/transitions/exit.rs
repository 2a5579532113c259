//! The end of threads.

use event::syscalls::{CLONE_20_X, GETUID_X, PRCTL_X, PROCEXIT_1_E};

use crate::world::{Int, Value, World};

fn exit(world: &mut World, tid: i64, reaper: Option<i64>) {
    let mut params = vec![("status", Int(0))];
    params.extend(reaper.map(|tid| ("reaper_tid", Int(tid))));
    world.event(PROCEXIT_1_E, tid, &params);
}

fn add(world: &mut World, tid: i64, ptid: i64) {
    let params: Vec<(&str, Value)> = [
        ("res", 0),
        ("tid", tid),
        ("pid", tid),
        ("ptid", ptid),
        ("flags", 0),
        ("vtid", tid),
        ("vpid", tid),
    ]
    .map(|(name, value)| (name, Int(value)))
    .into();
    world.event(CLONE_20_X, tid, &params);
}

#[test]
fn a_thread_is_there_for_its_own_exit_and_gone_after() {
    let mut world = World::new();
    add(&mut world, 200, 100);
    let context = world.event(PROCEXIT_1_E, 200, &[("status", Int(0))]);
    assert_eq!(context.thread.map(|t| t.tid), Some(200));
    world.event(GETUID_X, 1, &[]);
    assert!(world.state.thread(200).is_none());
    assert_eq!(world.thread(100).children, 0);
}

#[test]
fn a_main_thread_stays_for_the_others_of_its_process() {
    let mut world = World::new();
    exit(&mut world, 100, None);
    world.event(GETUID_X, 101, &[]);
    assert_eq!(world.fd_name(101, 3).as_deref(), Some("/etc"));
    assert_eq!(world.state.thread_count(world.thread(101)), 1);
    exit(&mut world, 101, None);
    world.event(GETUID_X, 1, &[]);
    assert!(world.state.thread(100).is_none() && world.state.thread(101).is_none());
}

#[test]
fn children_go_to_the_reaper() {
    // what the kernel says, who is a subreaper, the parent then
    for (named, subreaper, want) in
        [(None, None, 1), (Some(0), None, 1), (Some(1), None, 1), (None, Some(100), 100)]
    {
        let mut world = World::new();
        add(&mut world, 200, 100);
        add(&mut world, 300, 200);
        if let Some(tid) = subreaper {
            world.event(
                PRCTL_X,
                tid,
                &[("res", Int(0)), ("option", Int(36)), ("arg2_int", Int(1))],
            );
        }
        exit(&mut world, 200, named);
        world.event(GETUID_X, 1, &[]);
        assert_eq!(world.thread(300).ptid, want, "{named:?} {subreaper:?}");
    }
}
