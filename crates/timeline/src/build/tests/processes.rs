use event::syscalls as ev;

use super::world::{START_NS, STEP_NS, World, process};
use crate::{
    build::Limits,
    model::{How, Origin, ProcessId},
};

#[test]
fn whoever_acts_enters_with_its_ancestors() {
    let mut world = World::new();
    world.read(100, 0, 1);
    let timeline = world.finish();
    let pids: Vec<i64> = timeline.processes.iter().map(|process| process.pid).collect();
    assert_eq!(pids, [1, 50, 100]);
    let parents: Vec<_> = timeline.processes.iter().map(|process| process.parent).collect();
    assert_eq!(parents, [None, Some(ProcessId(0)), Some(ProcessId(1))]);
    let bash = process(&timeline, 100);
    assert_eq!((bash.start, bash.end, bash.events), (None, None, 1));
    assert_eq!(bash.commands[0].origin, Origin::Before);
}

#[test]
fn processes_begin_with_clone_and_end_with_exit() {
    let mut world = World::new();
    world.fork(100, 200);
    world.exec(200, "/usr/bin/false", &["false"]);
    world.exit(200, 1);
    let timeline = world.finish();
    let child = process(&timeline, 200);
    assert_eq!(child.start.map(|at| (at.ts_ns, at.event)), Some((START_NS + STEP_NS, 1)));
    assert_eq!(child.end.map(|end| end.how), Some(How::Exited { code: 1 }));
    assert_eq!(process(&timeline, 100).children, [ProcessId(3)]);
    assert!(!child.is_fork());
}

#[test]
fn ends_tell_codes_and_signals() {
    let cases: [(&[(&str, i64)], How); 5] = [
        (&[("status", 0x300), ("ret", 3), ("sig", 0)], How::Exited { code: 3 }),
        (
            &[("status", 9), ("ret", 0), ("sig", 9), ("core", 0)],
            How::Killed { signal: 9, core: false },
        ),
        (&[("status", 139), ("sig", 11), ("core", 1)], How::Killed { signal: 11, core: true }),
        (&[("status", 0x8b)], How::Killed { signal: 11, core: true }),
        (&[], How::Unknown),
    ];
    for (params, want) in cases {
        let mut world = World::new();
        world.fork(100, 200);
        let params: Vec<_> = params.iter().map(|(name, value)| (*name, (*value).into())).collect();
        world.event(ev::PROCEXIT_1_E, 200, &params);
        let timeline = world.finish();
        assert_eq!(process(&timeline, 200).end.map(|end| end.how), Some(want));
    }
}

#[test]
fn an_id_that_is_used_again_is_another_process() {
    let mut world = World::new();
    world.fork(100, 200);
    world.exec(200, "/usr/bin/id", &["id"]);
    world.exit(200, 0);
    world.fork(100, 200);
    world.exec(200, "/usr/bin/ls", &["ls"]);
    let timeline = world.finish();
    let both: Vec<_> = timeline.processes.iter().filter(|process| process.pid == 200).collect();
    assert_eq!(both.len(), 2);
    assert!(both[0].end.is_some() && both[1].end.is_none());
    assert_eq!(both[1].command().map(|command| command.argv.len()), Some(1));
}

#[test]
fn an_exit_that_was_not_seen_is_unknown() {
    let mut world = World::new();
    world.fork(100, 200);
    // The state takes a clone of long after for another process.
    world.now_ns += 3_000_000_000;
    world.fork(100, 200);
    let timeline = world.finish();
    let first = timeline.processes.iter().find(|process| process.pid == 200).unwrap();
    assert_eq!(first.end.map(|end| end.how), Some(How::Unknown));
    assert_eq!(timeline.processes.iter().filter(|process| process.pid == 200).count(), 2);
}

#[test]
fn threads_belong_to_their_process() {
    const THREAD: i64 = 1 << 13;
    let mut world = World::new();
    world.clone(100, 101, THREAD);
    world.open(101, 5, "/srv/a", 1);
    world.exit(101, 0);
    world.read(100, 0, 1);
    let timeline = world.finish();
    assert_eq!(timeline.processes.len(), 3);
    let bash = process(&timeline, 100);
    assert!(bash.end.is_none(), "its main thread lives on");
    assert!(bash.files.iter().any(|row| row.path.bytes() == b"/srv/a"));
}

#[test]
fn what_nobody_does_makes_no_process() {
    let mut world = World::new();
    world.event(ev::SCHEDSWITCH_6_E, 100, &[("next", 1.into())]);
    world.event(ev::PROCINFO_E, 100, &[("cpu_usr", 1.into())]);
    world.event(ev::SIGNALDELIVER_E, 100, &[("spid", 1.into())]);
    let timeline = world.finish();
    assert!(timeline.processes.is_empty());
    assert_eq!(timeline.window.events, 3);
}

#[test]
fn processes_beyond_the_bound_are_counted_once() {
    let mut world = World::with_limits(Limits { processes: 4, ..Limits::default() });
    for child in [200, 201] {
        world.fork(100, child);
        world.read(child, 0, 1);
        world.read(child, 0, 1);
    }
    let timeline = world.finish();
    assert_eq!((timeline.processes.len(), timeline.cuts.processes), (4, 1));
}
