//! What the watcher makes of real recordings.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{fs, io::BufReader, path::Path};

use capture::{Source, file::Reader};
use event::snapshot::Record;
use inuse::{Index, Key, Kind, Scope, Watcher, What, decode, encode};
use state::{Limits, State};
use testkit::{
    alloc::{self, Counting},
    cases, data,
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Shows a recording to a watcher. Says how often that allocated for events.
fn show(capture: &Path, watcher: &mut Watcher) -> u64 {
    let mut reader = Reader::new(BufReader::new(fs::File::open(capture).unwrap())).unwrap();
    let mut state = State::new(Limits::default());
    let mut allocations = 0;
    watcher.begin(Scope::AsTold);
    while let Ok(Some(record)) = reader.next() {
        let Record::Event(event) = record else {
            state.record(&record);
            continue;
        };
        let context = state.event(event);
        let before = alloc::allocations();
        watcher.event(&context);
        allocations += alloc::allocations() - before;
    }
    watcher.end(&state);
    allocations
}

fn watched(capture: &Path) -> Index {
    let mut watcher = Watcher::default();
    show(capture, &mut watcher);
    watcher.into_index()
}

#[test]
fn recordings_may_be_read_in_any_order_and_again() {
    let cases = cases();
    let indexes: Vec<Index> = cases.iter().map(|case| watched(&case.capture)).collect();
    let mut one_by_one = Watcher::default();
    for case in &cases {
        show(&case.capture, &mut one_by_one);
    }
    let (mut forth, mut back) = (Index::default(), Index::default());
    indexes.iter().for_each(|it| forth.join(it));
    indexes.iter().rev().chain(&indexes).for_each(|it| back.join(it));
    let bytes = encode(&forth);
    assert_eq!(encode(&back), bytes);
    assert_eq!(encode(one_by_one.index()), bytes);
    assert_eq!(decode(&bytes).unwrap(), forth);
    if !cases.is_empty() {
        assert!(forth.paths() > 500, "{} paths", forth.paths());
    }
}

#[test]
fn a_web_server_in_a_container_listens_with_its_libraries() {
    let Some(data) = data() else { return };
    let index = watched(&data.join("scap/captures/sf-collector-mpm-event-full_capture.scap"));
    let host = b"canaris"[..].into();
    let place = |what| index.place(&Key { host: std::sync::Arc::clone(&host), what });
    let of_image = index.places().find(|(_, it)| &*it.image.name == b"httpd_event").unwrap().1;
    let expat = of_image.file(b"/lib/x86_64-linux-gnu/libexpat.so.1").unwrap();
    assert_eq!(expat.strongest(), Some(Kind::Listening));
    assert_eq!(expat.ports().iter().map(|port| port.number).collect::<Vec<_>>(), [80]);
    let host = place(What::Host).unwrap();
    assert_eq!(host.file(b"/lib/x86_64-linux-gnu/libexpat.so.1"), None);
    assert_eq!(host.file(b"/usr/sbin/sshd").unwrap().strongest(), Some(Kind::Listening));
    // It is of the whole host, and some seconds long.
    assert!((5..60).contains(&host.watched.seconds()), "{:?}", host.watched);
}

#[test]
fn a_trace_is_of_a_part() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/breakin.scap");
    let index = watched(&demo);
    let (_, place) = index.places().next().unwrap();
    assert!(place.watched.is_empty() && !place.watched_in_part.is_empty());
}

#[test]
fn what_is_known_already_costs_no_memory() {
    let Some(data) = data() else { return };
    let capture = data.join("scap/captures/sysdig-opensource-examples-example2-502error.scap");
    let mut watcher = Watcher::default();
    let first = show(&capture, &mut watcher);
    let again = show(&capture, &mut watcher);
    // Places and processes of a recording are made anew; events of files that are known are not.
    assert!(again <= first, "{again} allocations, {first} before");
    assert!(again < 100, "{again} allocations");
}
