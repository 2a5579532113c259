//! What holds for timelines of any events whatever: no panic, bounds, places that lead somewhere, a
//! tree without loops; and for every part of them that a filter leaves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod check;
mod generate;

use capture::{Record, Source, file::Reader};
use event::{Event, EventBuilder};
use proptest::{prelude::*, strategy::ValueTree};
use state::State;
use timeline::{
    build::{Builder, Limits},
    model::Timeline,
};

use check::check;
use generate::{Story, any_event, any_filter, any_limits, any_story};

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_events_make_a_timeline_that_holds(
        events in prop::collection::vec(any_event(), 0..300),
        limits in any_limits(),
        filter in any_filter(),
    ) {
        let timeline = generate::timeline(&events, limits);
        check(&timeline, &limits);
        check(&filter.apply(&timeline), &limits);
    }

    #[test]
    fn stories_of_processes_make_a_timeline_that_holds(
        story in any_story(),
        limits in any_limits(),
        filter in any_filter(),
    ) {
        let timeline = story.timeline(limits);
        check(&timeline, &limits);
        check(&filter.apply(&timeline), &limits);
    }

    #[test]
    fn a_filter_that_asks_nothing_leaves_everything(story in any_story()) {
        let timeline = story.timeline(Limits::default());
        let left = timeline::filter::Filter::default().apply(&timeline);
        prop_assert_eq!(json(&left), json(&timeline));
    }

    #[test]
    fn the_same_events_make_the_same_timeline(story in any_story()) {
        let twice = [0, 1].map(|_| json(&story.timeline(Limits::default())));
        prop_assert_eq!(&twice[0], &twice[1]);
    }
}

fn json(timeline: &Timeline) -> String {
    serde_json::to_string_pretty(timeline).unwrap()
}

/// Real events, of which some are left out, doubled, or changed in a byte.
#[test]
fn changed_recordings_make_a_timeline_that_holds() {
    for case in testkit::cases() {
        for seed in 1..4u64 {
            let limits = if seed == 1 { Limits::default() } else { generate::small() };
            let timeline = changed(&case.capture, seed, limits);
            check(&timeline, &limits);
        }
    }
}

fn changed(path: &std::path::Path, seed: u64, limits: Limits) -> Timeline {
    let mut reader = Reader::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut state = State::new(state::Limits::default());
    let mut builder = Builder::new(limits);
    let mut random = generate::Random(seed);
    let mut changed = EventBuilder::default();
    while let Some(record) = reader.next().unwrap() {
        let Record::Event(event) = record else {
            state.record(&record);
            continue;
        };
        match random.below(20) {
            0 => {}
            1 => {
                builder.event(&state.event(event));
                builder.event(&state.event(event));
            }
            2 => {
                change(&event, &mut random, &mut changed);
                if let Ok(event) = changed.event() {
                    builder.event(&state.event(event));
                }
            }
            3 => {
                builder.event(&state.event(event));
                builder.alert(
                    &generate::alert(random.below(3)),
                    random.below(4),
                    random.below(1 << 40),
                );
            }
            _ => builder.event(&state.event(event)),
        }
    }
    builder.finish(&state)
}

/// The event with another byte in one of its parameters, or with one of them gone.
fn change(event: &Event<'_>, random: &mut generate::Random, out: &mut EventBuilder) {
    out.start(event.kind, event.ts_ns, event.tid, event.cpu);
    let meant = random.below(event.param_count().max(1) as u64) as usize;
    for index in 0..event.param_count() {
        let mut bytes = event.bytes(index).unwrap_or_default().to_vec();
        if index == meant && !bytes.is_empty() {
            let place = random.below(bytes.len() as u64) as usize;
            match random.below(3) {
                0 => bytes.clear(),
                _ => bytes[place] = random.below(256) as u8,
            }
        }
        out.raw(&bytes);
    }
}

/// So that the generators are seen to make what they are for.
#[test]
fn stories_have_every_kind_of_thing() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut found = [0usize; 6];
    for _ in 0..400 {
        let story: Story = any_story().new_tree(&mut runner).unwrap().current();
        let timeline = story.timeline(Limits::default());
        let processes = || timeline.processes.iter();
        found[0] += processes().filter(|p| !p.children.is_empty()).count();
        found[1] += processes().map(|p| p.files.len()).sum::<usize>();
        found[2] += processes().map(|p| p.network.len()).sum::<usize>();
        found[3] += processes().map(|p| p.privileges.len()).sum::<usize>();
        found[4] += timeline.pipelines.len();
        found[5] += timeline.alerts.len();
    }
    assert!(found.iter().all(|&count| count > 10), "{found:?}");
}
