//! Reading ahead gives the very records, errors and figures that reading in place gives.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own capture has failed")]

use std::{
    fs::File,
    io::{Cursor, Read},
};

use capture::{
    Source,
    file::{Ahead, Compression, Pace, Reader, Writer},
};
use event::{
    EventBuilder,
    snapshot::{Record, User},
    syscalls::{CLOSE_X, PLUGINEVENT_E},
};

/// Every record and the final error, as text.
fn told(source: &mut impl Source) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        match source.next() {
            Ok(Some(record)) => all.push(format!("{record:?}")),
            Ok(None) => break,
            Err(error) => all.push(format!("{error}")),
        }
    }
    all
}

fn assert_same<R: Read + Send + 'static>(open: impl Fn() -> R, what: &str) {
    let mut plain = Reader::new(open()).unwrap();
    let want = told(&mut plain);
    for pace in [Pace::Batches, Pace::AtOnce] {
        let mut ahead = Ahead::new(Reader::new(open()).unwrap(), pace);
        let got = told(&mut ahead);
        assert_eq!(got.len(), want.len(), "{what}");
        assert!(got == want, "{what}");
        assert_eq!(format!("{:?}", ahead.stats()), format!("{:?}", plain.stats()), "{what}");
        assert!(matches!(ahead.next(), Ok(None)), "{what}: it ends once and stays so");
    }
}

/// A capture with this many small events and a few large ones.
fn capture(events: u64) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), Compression::None).unwrap();
    let root = User { uid: 0, gid: 0, name: b"root", home: b"/root", shell: b"/bin/sh" };
    writer.write(&Record::User(root)).unwrap();
    let mut builder = EventBuilder::default();
    let large = vec![7; 300_000];
    for number in 0..events {
        if number % 5000 == 4999 {
            builder.start(PLUGINEVENT_E, number, -1, 3).u32(1).raw(&large);
        } else {
            builder.start(CLOSE_X, number, 42, 1).i64(0).i64(number as i64);
        }
        writer.write(&Record::Event(builder.event().unwrap())).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn reading_ahead_changes_nothing() {
    for events in [0, 1, 4095, 4096, 4097, 30_000] {
        let bytes = capture(events);
        assert_same(|| Cursor::new(bytes.clone()), &format!("{events} events"));
    }
}

#[test]
fn sections_and_lists_between_events_bring_the_reader_back() {
    let mut bytes = capture(12_000);
    bytes.extend(capture(3));
    bytes.extend(capture(9_000));
    assert_same(|| Cursor::new(bytes.clone()), "three sections");
}

#[test]
fn damage_is_told_where_it_is() {
    let bytes = capture(12_000);
    for cut in [100, bytes.len() / 2, bytes.len() - 1] {
        let part = bytes[..cut].to_vec();
        assert_same(move || Cursor::new(part.clone()), &format!("cut at {cut}"));
    }
    let mut damaged = bytes;
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0xff);
    assert_same(|| Cursor::new(damaged.clone()), "bytes in the middle overwritten");
}

#[test]
fn a_reader_that_is_dropped_early_does_not_wait_for_the_rest() {
    // Head, CPU, header, two lengths, two values, tail.
    let block_bytes = 8 + 2 + 26 + 4 + 16 + 4;
    let whole = capture(1);
    let block = whole[whole.len() - block_bytes..].to_vec();
    let endless = Cursor::new(whole).chain(Endless { block, at: 0 });
    let mut ahead = Ahead::new(Reader::new(endless).unwrap(), Pace::Batches);
    for _ in 0..10_000 {
        assert!(ahead.next().unwrap().is_some());
    }
}

/// One event block, over and over.
struct Endless {
    block: Vec<u8>,
    at: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        for byte in &mut *buffer {
            *byte = self.block[self.at];
            self.at = (self.at + 1) % self.block.len();
        }
        Ok(buffer.len())
    }
}

#[test]
fn real_captures_read_the_same_ahead() {
    for case in testkit::cases() {
        assert_same(|| File::open(&case.capture).unwrap(), &case.name);
    }
}
