//! Threads that act without having been seen to begin.

use event::syscalls::{
    CLONE_20_X, GETUID_X, OPEN_X, PROCEXIT_1_E, PROCINFO_E, SCHEDSWITCH_6_E, USER_ADDED_E,
};

use crate::world::{Int, Text, World, text};

#[test]
fn a_thread_that_acts_becomes_known_by_its_id_alone() {
    let mut world = World::new();
    let context = world.event(GETUID_X, 555, &[]);
    let thread = context.thread.unwrap();
    assert_eq!((thread.tid, thread.pid, text(&thread.comm)), (555, -1, "<NA>".into()));
    assert_eq!(world.cwd(555), "./");
    world.event(OPEN_X, 555, &[("fd", Int(3)), ("name", Text("/x"))]);
    assert_eq!(world.fd_name(555, 3).as_deref(), Some("/x"));
}

#[test]
fn beginnings_ends_and_notices_make_nobody_known() {
    for kind in [CLONE_20_X, PROCEXIT_1_E, SCHEDSWITCH_6_E, PROCINFO_E, USER_ADDED_E] {
        let mut world = World::new();
        assert!(world.event(kind, 555, &[]).thread.is_none(), "{}", kind.info().name);
        assert!(world.state.thread(555).is_none());
    }
}

#[test]
fn events_are_numbered_and_timed() {
    let mut world = World::new();
    let context = world.event(PROCINFO_E, 100, &[]);
    let notice = (context.num, context.first_ts_ns, context.prev_ts_ns);
    let ts = world.now_ns;
    assert_eq!(notice, (1, 0, ts), "a notice is no first event");
    let context = world.event(GETUID_X, 100, &[]);
    let (num, first, prev) = (context.num, context.first_ts_ns, context.prev_ts_ns);
    assert_eq!((num, first, prev), (2, world.now_ns, ts));
    let thread = world.thread(100);
    assert_eq!((thread.lastevent_ts_ns, thread.prevevent_ts_ns), (world.now_ns, ts));
}
