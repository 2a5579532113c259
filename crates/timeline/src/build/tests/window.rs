use event::syscalls as ev;

use super::world::{START_NS, STEP_NS, World};
use crate::{
    build::Limits,
    model::{Gap, GapKind},
};

#[test]
fn the_window_tells_where_when_and_how_much() {
    let mut world = World::new();
    for _ in 0..10 {
        world.read(100, 0, 1);
    }
    let timeline = world.finish();
    let window = timeline.window;
    assert_eq!((window.first_ns, window.last_ns), (START_NS + STEP_NS, START_NS + 10 * STEP_NS));
    assert_eq!((window.zero_ns, window.events, window.lost), (window.first_ns, 10, 0));
    assert_eq!((timeline.host.name.bytes(), timeline.host.cpus), (&b"shop"[..], 2));
    assert!(timeline.gaps.is_empty());
}

#[test]
fn nothing_makes_an_empty_timeline() {
    let timeline = World::new().finish();
    assert_eq!((timeline.window.events, timeline.processes.len()), (0, 0));
    assert!(timeline.density.steps.is_empty() && timeline.sessions.is_empty());
}

#[test]
fn density_counts_every_event_once_by_its_subject() {
    let mut world = World::new();
    world.fork(100, 200);
    world.open(100, 5, "/srv/a", 1);
    for _ in 0..5_000 {
        world.read(100, 5, 1);
    }
    world.connect(100, 6, 443, 0);
    world.write(100, 6, 1);
    world.event(ev::GENERIC_X, 100, &[("ID", 7.into())]);
    let timeline = world.finish();
    let steps = &timeline.density.steps;
    let sums = steps.iter().fold([0u32; 4], |sum, step| [0, 1, 2, 3].map(|i| sum[i] + step[i]));
    assert_eq!(sums, [2, 5_001, 3, 1]);
    assert!((60..=121).contains(&steps.len()), "{}", steps.len());
    let span_ns = timeline.window.last_ns - timeline.window.first_ns;
    assert_eq!(steps.len() as u64, span_ns / timeline.density.step_ns + 1);
}

#[test]
fn what_the_record_lacks_is_a_gap() {
    let mut world = World::new();
    world.read(100, 0, 1);
    world.event(ev::DROP_E, -1, &[("ratio", 1.into())]);
    let from_ns = world.now_ns;
    world.event(ev::DROP_X, -1, &[("ratio", 1.into())]);
    let to_ns = world.now_ns;
    let told = Gap { from_ns: START_NS, to_ns: START_NS, kind: GapKind::Lost { events: 4 } };
    world.builder().gap(told.clone());
    let timeline = world.finish();
    let dropped = Gap { from_ns, to_ns, kind: GapKind::Lost { events: 0 } };
    assert_eq!(timeline.gaps, [told, dropped]);
    assert_eq!(timeline.window.lost, 4);
}

#[test]
fn what_a_recorder_says_it_lost_is_a_gap() {
    let mut world = World::new();
    world.read(100, 0, 1);
    let mut data = Vec::new();
    event::loss::write_notice(3, "a test", START_NS, &mut data);
    let mut told = |data: Vec<u8>| {
        let params = &[("name", event::loss::NOTICE.into()), ("data", data.into())];
        world.event(ev::ASYNCEVENT_E, -1, params);
        world.now_ns
    };
    let to_ns = told(data);
    told(b"{}".to_vec());
    let timeline = world.finish();
    let lost = Gap { from_ns: START_NS, to_ns, kind: GapKind::Lost { events: 3 } };
    assert_eq!((timeline.gaps, timeline.window.lost), (vec![lost], 3));
}

#[test]
fn a_clock_that_is_set_back_is_a_gap() {
    let mut world = World::new();
    world.read(100, 0, 1);
    let before_ns = world.now_ns;
    // Events of several CPUs come a little out of order: that is none.
    world.now_ns -= 2 * STEP_NS;
    world.read(100, 0, 1);
    world.now_ns -= 5_000_000_000;
    world.read(100, 0, 1);
    let timeline = world.finish();
    let [gap] = timeline.gaps.as_slice() else { panic!("one gap: {:?}", timeline.gaps) };
    let back_ns = 5_000_000_000;
    assert_eq!(gap.kind, GapKind::ClockStep { back_ns });
    assert_eq!(gap.to_ns, before_ns);
    assert_eq!(timeline.window.first_ns, before_ns - back_ns);
}

#[test]
fn gaps_beyond_the_bound_are_left_out() {
    let mut world = World::with_limits(Limits { gaps: 2, ..Limits::default() });
    world.read(100, 0, 1);
    for _ in 0..5 {
        let kind = GapKind::Clipped;
        world.builder().gap(Gap { from_ns: 0, to_ns: 0, kind });
    }
    assert_eq!(world.finish().gaps.len(), 2);
}
