//! Cutting a recording in the middle.

use event::syscalls::{CHDIR_X, CLOSE_X, OPEN_X, PROCEXIT_1_E, SETUID_X};
use state::{Limits, State};

use crate::world::{Int, START_NS, Text, World, text};

#[test]
fn what_is_read_back_is_what_stood_at_the_cut() {
    let mut world = World::new();
    world.event(OPEN_X, 100, &[("fd", Int(9)), ("name", Text("new"))]);
    world.event(CHDIR_X, 100, &[("res", Int(0)), ("path", Text("/srv"))]);
    world.event(SETUID_X, 100, &[("res", Int(0)), ("uid", Int(5))]);
    world.event(PROCEXIT_1_E, 101, &[("status", Int(0))]);
    world.event(CLOSE_X, 100, &[("res", Int(0)), ("fd", Int(3))]);
    let mut copy = State::new(Limits::default());
    world.state.snapshot(START_NS, &mut |record| copy.record(&record));
    let thread = copy.thread(100).unwrap();
    assert_eq!((thread.uid, text(copy.cwd(thread))), (5, "/srv/".into()));
    assert_eq!(copy.fd(thread, 9).map(|fd| text(&fd.name)).as_deref(), Some("/home/new"));
    assert!(copy.fd(thread, 3).is_none(), "closed by the latest event");
    assert!(copy.thread(101).is_none(), "exited with the latest event");
    assert!(copy.thread(1).is_some());
}
