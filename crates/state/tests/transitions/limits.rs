//! Bounds on what is remembered.

use event::syscalls::{CLONE_20_X, GETUID_X, OPEN_X};
use state::Limits;

use crate::world::{Int, Text, Value, World};

#[test]
fn the_threads_that_were_idle_longest_go_first() {
    let mut world = World::with_limits(Limits { threads: 64, ..Limits::default() });
    for tid in 1000..1200 {
        world.event(GETUID_X, 1, &[]);
        world.event(GETUID_X, tid, &[]);
    }
    assert!(world.state.thread(1).is_some(), "it is busy");
    assert!(world.state.thread(1199).is_some(), "it is new");
    assert!(world.state.thread(1000).is_none());
    assert!(world.state.counters().threads_evicted >= 203 - 64);
}

#[test]
fn a_process_has_no_more_fds_than_the_limit() {
    let mut world = World::with_limits(Limits { fds_per_process: 4, ..Limits::default() });
    for num in 0..10 {
        world.event(OPEN_X, 100, &[("fd", Int(num)), ("name", Text("/x"))]);
    }
    assert_eq!(world.thread(100).fds.len(), 4);
    assert_eq!(world.state.counters().fds_evicted, 6, "0 and 3 were open");
}

#[test]
fn idle_processes_lose_their_fds_when_there_are_too_many() {
    let mut world = World::with_limits(Limits { fds: 64, ..Limits::default() });
    for num in 10..200 {
        let tid = if num % 2 == 0 { 100 } else { 1 };
        world.event(OPEN_X, tid, &[("fd", Int(num)), ("name", Text("/x"))]);
    }
    let open = world.thread(100).fds.len() + world.thread(1).fds.len();
    assert!(open <= 64, "{open}");
    assert!(world.state.counters().fds_evicted > 0);
}

#[test]
fn fds_that_a_fork_shares_count_once() {
    let mut world = World::with_limits(Limits { fds: 64, ..Limits::default() });
    for tid in 1000..1100 {
        let params = [("res", 0), ("tid", tid), ("pid", tid), ("ptid", 100), ("flags", 0)]
            .map(|(name, value)| (name, Int(value)));
        world.event(CLONE_20_X, tid, &params);
    }
    world.event(OPEN_X, 100, &[("fd", Int(9)), ("name", Text("/x"))]);
    assert_eq!(world.state.counters().fds_evicted, 0);
    assert_eq!(world.thread(1099).fds.len(), 2);
}

#[test]
fn idle_threads_go_when_their_texts_are_too_long_together() {
    let limits = Limits { text_bytes: 64 << 10, ..Limits::default() };
    let mut world = World::with_limits(limits);
    for tid in 1000..1100 {
        let mut args = vec![b'x'; 4000];
        args.extend(tid.to_string().bytes());
        args.push(0);
        let params = [("res", 0), ("tid", tid), ("pid", tid), ("ptid", 100), ("flags", 0)]
            .map(|(name, value)| (name, Int(value)));
        let params = [&params[..], &[("args", Value::Bytes(args))]].concat();
        world.event(CLONE_20_X, tid, &params);
    }
    assert!(world.state.thread(1099).is_some() && world.state.thread(1000).is_none());
    let kept = (1000..1100).filter(|&tid| world.state.thread(tid).is_some()).count();
    assert!((4..=40).contains(&kept), "{kept}");
}

#[test]
fn copies_of_the_state_make_no_room() {
    let kept = |copying: bool| {
        let limits = Limits { text_bytes: 64 << 10, fds: 64, ..Limits::default() };
        let mut world = World::with_limits(limits);
        let mut copies = Vec::new();
        for tid in 1000..1100 {
            let mut args = vec![b'x'; 4000];
            args.extend(tid.to_string().bytes());
            args.push(0);
            let params = [("res", 0), ("tid", tid), ("pid", tid), ("ptid", 100), ("flags", 0)]
                .map(|(name, value)| (name, Int(value)));
            let params = [&params[..], &[("args", Value::Bytes(args))]].concat();
            world.event(CLONE_20_X, tid, &params);
            world.event(OPEN_X, tid, &[("fd", Int(tid)), ("name", Text("/x"))]);
            copies.extend(copying.then(|| world.state.clone()));
        }
        let is_known = |&tid: &i64| world.state.thread(tid).is_some();
        let fds = (1000..1100).filter_map(|tid| world.state.thread(tid)).map(|t| t.fds.len());
        (fds.sum::<usize>(), (1000..1100).filter(is_known).count())
    };
    let (fds, threads) = kept(true);
    assert!(fds <= 64, "{fds}");
    assert_eq!(threads, kept(false).1);
}

#[test]
fn a_copy_is_weighed_by_what_it_has_alone() {
    let mut world = World::new();
    for num in 10..200 {
        world.event(OPEN_X, 100, &[("fd", Int(num)), ("name", Text("/x"))]);
    }
    let alone = world.state.approx_bytes();
    let copy = world.state.clone();
    let shared = copy.approx_bytes();
    assert!(shared < alone, "{shared} {alone}");
    world.event(OPEN_X, 100, &[("fd", Int(1)), ("name", Text("/x"))]);
    assert!(copy.approx_bytes() > shared, "the table of fds is its own now");
}
