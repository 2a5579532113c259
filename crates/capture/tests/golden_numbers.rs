//! Every event that Falco listed has the same number, type, time, CPU and thread here.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::{collections::BTreeMap, fs::File, path::Path};

use capture::{Record, Source, file::Reader};
use event::{Event, syscalls::SYSCALL_NAMES};
use serde_json::Value;

/// What the goldens say of an event.
#[derive(Debug, PartialEq)]
struct Seen {
    kind: String,
    time: String,
    cpu: u64,
    tid: Option<i64>,
}

#[test]
fn listed_events_have_the_numbers_that_falco_gave() {
    if testkit::data().is_none() {
        return;
    }
    let cases = testkit::cases();
    let compared: usize =
        cases.iter().filter_map(|case| Some(compare(&case.capture, case.fields.as_ref()?))).sum();
    assert!(compared > 20_000, "only {compared} events were compared");
}

fn compare(capture: &Path, golden: &Path) -> usize {
    let expected = read_golden(golden);
    let mut reader = Reader::new(File::open(capture).expect("a capture")).expect("opens");
    let mut number = 0;
    let mut found = 0;
    while let Some(record) = reader.next().unwrap_or_else(|e| panic!("{}: {e}", capture.display()))
    {
        let Record::Event(event) = record else { continue };
        number += 1;
        let Some(expected) = expected.get(&number) else { continue };
        found += 1;
        let seen = Seen {
            kind: name(&event).unwrap_or(&expected.kind).into(),
            time: event.ts_ns.to_string(),
            cpu: u64::from(event.cpu),
            tid: expected.tid.map(|_| event.tid),
        };
        assert_eq!(seen, *expected, "{} event {number}", capture.display());
    }
    assert_eq!(found, expected.len(), "{} has {number} events", capture.display());
    found
}

/// Syscalls without a type of their own carry their code; `None` if that is not known.
fn name(event: &Event<'_>) -> Option<&'static str> {
    match (event.info().name, event.int(0)) {
        ("syscall", Some(0)) => None,
        ("syscall", Some(code)) => Some(SYSCALL_NAMES[code as usize]),
        (name, _) => Some(name),
    }
}

fn read_golden(path: &Path) -> BTreeMap<u64, Seen> {
    let text = zstd::decode_all(File::open(path).expect("a golden")).expect("zstd");
    let lines = text.split(|&b| b == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let event: Value = serde_json::from_slice(line).expect("JSON");
            let number = event["evt.num"].as_u64().expect("evt.num");
            let kind = event["evt.type"].as_str().expect("evt.type").to_owned();
            let time = match &event["evt.rawtime"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let cpu = event["evt.cpu"].as_u64().expect("evt.cpu");
            (number, Seen { kind, time, cpu, tid: event["thread.tid"].as_i64() })
        })
        .collect()
}
