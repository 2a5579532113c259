//! Falco's default rules on a real capture: looking at events allocates nothing once memory has
//! grown to what the rules need.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{fs, io::BufReader, path::Path};

use capture::{Source, file::Reader};
use event::snapshot::Record;
use rules::{
    engine::{Engine, EngineMemory, Matching},
    load::{Rule, RuleFile, load},
};
use state::{Audience, Limits, State};
use testkit::{
    alloc::{self, Counting},
    data,
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn default_rules_allocate_nothing_in_a_real_capture() {
    let Some(data) = data() else { return };
    let text = fs::read_to_string(data.join("falco/rules/falco_rules.yaml")).unwrap();
    let loaded = load(vec![RuleFile { name: "falco_rules.yaml".to_owned(), text }]).unwrap();
    let rules = loaded.definitions.rules.iter().filter(|rule| Rule::is_on(rule));
    let engine = Engine::new(rules, Matching::All).unwrap();
    let capture = data.join("scap/captures/sf-collector-mpm-event-full_capture.scap");
    let mut memory = EngineMemory::default();
    let first = replay(&capture, |context| {
        engine.matches(context, &mut memory);
    });
    let mut seen = 0;
    let again = replay(&capture, |context| {
        engine.matches(context, &mut memory);
        seen += 1;
    });
    assert!(seen > 1000, "{seen} events");
    assert!(first < 64, "{first} allocations before memory has grown");
    assert_eq!(again, 0, "allocations in {seen} events");
}

/// How often `look` allocates on the events of a capture; what reading them takes is not counted.
fn replay(capture: &Path, mut look: impl FnMut(&state::Context<'_>)) -> u64 {
    let mut reader = Reader::new(BufReader::new(fs::File::open(capture).unwrap())).unwrap();
    let mut state = State::new(Limits::default());
    let mut allocations = 0;
    while let Ok(Some(record)) = reader.next() {
        let Record::Event(event) = record else {
            state.record(&record);
            continue;
        };
        let context = state.event(event);
        if context.audience == Audience::Readers {
            let before = alloc::allocations();
            look(&context);
            allocations += alloc::allocations() - before;
        }
    }
    allocations
}
