//! The event table against facts of the schema, and against the schema itself where it is at hand.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::fs;

use event::{
    EventType, ParamType,
    schema::{Category, Detail, EVENT_TYPES, EventFlags, MAX_PARAMS, Origin},
    syscalls::{EVENTS, SYSCALL_NAMES},
};
use serde_json::Value;

#[test]
fn totals_are_those_of_the_schema() {
    let count = |wanted: fn(EventType) -> bool| EventType::all().filter(|&t| wanted(t)).count();
    assert_eq!(EVENTS.len(), EVENT_TYPES);
    assert_eq!(EVENT_TYPES, 454);
    assert_eq!(SYSCALL_NAMES.len(), 454);
    assert_eq!(count(|t| t.info().name == "NA"), 35);
    assert_eq!(count(|t| t.info().flags.contains(EventFlags::OLD_VERSION)), 223);
    let live =
        |t: EventType| t.info().name != "NA" && !t.info().flags.contains(EventFlags::OLD_VERSION);
    assert_eq!(EventType::all().filter(|&t| live(t)).count(), 196);
    assert_eq!(EventType::all().filter(|&t| live(t) && t.is_exit()).count(), 164);
    let most = EventType::all().map(|t| t.info().params.len()).max();
    assert_eq!(most, Some(MAX_PARAMS));
}

#[test]
fn details_fit_their_types() {
    for info in EVENTS {
        for param in info.params {
            let at = format!("{}.{}", info.name, param.name);
            match param.detail {
                Detail::DirFd(index) => {
                    assert_eq!(param.ty, ParamType::FsRelPath, "{at}");
                    let dir = info.params.get(index).unwrap_or_else(|| panic!("{at}: no fd"));
                    assert_eq!(dir.ty, ParamType::Fd, "{at}");
                }
                Detail::Variants(variants) => {
                    assert_eq!(param.ty, ParamType::Dyn, "{at}");
                    assert!(!variants.is_empty(), "{at}");
                }
                Detail::Symbols(symbols) => {
                    assert!(!symbols.is_empty(), "{at}");
                    assert!(format!("{:?}", param.ty).contains(['F', 'M']), "{at}");
                }
                Detail::None => assert_ne!(param.ty, ParamType::FsRelPath, "{at}"),
            }
        }
    }
}

#[test]
fn the_table_is_the_published_one() {
    let Some(data) = testkit::data() else { return };
    let published = fs::read_to_string(data.join("scap/event_table.jsonl")).expect("the table");
    let mut rows = 0;
    for (line, kind) in published.lines().zip(EventType::all()) {
        let row: Value = serde_json::from_str(line).expect("JSON");
        compare(kind, &row);
        rows += 1;
    }
    assert_eq!(rows, EVENT_TYPES);
}

fn compare(kind: EventType, row: &Value) {
    let info = kind.info();
    let at = format!("{} {}", kind.number(), info.name);
    assert_eq!(row["type"], kind.number(), "{at}");
    assert_eq!(row["dir"], if kind.is_enter() { ">" } else { "<" }, "{at}");
    assert_eq!(row["name"], info.name, "{at}");
    assert_eq!(row["flags"], info.flags.bits(), "{at}");
    let category = row["category"].as_u64().expect("a number");
    assert_eq!(category, origin_bit(info.origin) | category_number(info.category), "{at}");
    let params = row["params"].as_array().expect("a list");
    assert_eq!(params.len(), info.params.len(), "{at}");
    for (theirs, ours) in params.iter().zip(info.params) {
        assert_eq!(theirs["name"], ours.name, "{at}");
        assert_eq!(theirs["type"], ours.ty as u8, "{at}.{}", ours.name);
        assert_eq!(theirs["fmt"], ours.format as u8, "{at}.{}", ours.name);
    }
}

fn origin_bit(origin: Origin) -> u64 {
    match origin {
        Origin::Nothing => 0,
        Origin::Syscall => 1 << 9,
        Origin::Tracepoint => 1 << 10,
        Origin::Plugin => 1 << 11,
        Origin::Meta => 1 << 12,
        Origin::Iter => 1 << 13,
    }
}

/// Numbers of the schema: subjects from 0, then a bit each for I/O, waiting and the rest.
fn category_number(category: Category) -> u64 {
    use Category as C;
    let subjects = [
        C::Unknown,
        C::Other,
        C::File,
        C::Net,
        C::Ipc,
        C::Memory,
        C::Process,
        C::Sleep,
        C::System,
        C::Signal,
        C::User,
        C::Time,
        C::Processing,
    ];
    match category {
        C::IoRead => 32,
        C::IoWrite => 33,
        C::IoOther => 34,
        C::Wait => 64,
        C::Scheduler => 128,
        C::Internal => 256,
        _ => subjects.iter().position(|&c| c == category).expect("a subject") as u64,
    }
}
