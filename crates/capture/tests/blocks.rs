//! Sections, events and damage, byte by byte.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod craft;

use capture::{Damage, Error, Record, Source, file::block::KINDS};
use craft::{Bytes, section};
use event::{EventBuilder, EventType, syscalls::*};

/// The body of an event block.
fn event_body(kind: EventType, params: &[&[u8]], layout: Layout) -> Vec<u8> {
    let width = if layout.wide { 4 } else { 2 };
    let lens: Vec<u8> =
        params.iter().flat_map(|p| (p.len() as u32).to_le_bytes()[..width].to_vec()).collect();
    let data = params.concat();
    let header = if layout.counted { 26 } else { 22 };
    let mut body = 3u16.to_le_bytes().to_vec();
    if let Some(flags) = layout.flags {
        body.extend(u32::to_le_bytes(flags));
    }
    body.extend(5u64.to_le_bytes());
    body.extend(42u64.to_le_bytes());
    body.extend(((header + lens.len() + data.len()) as u32 + layout.surplus).to_le_bytes());
    body.extend(kind.number().to_le_bytes());
    if layout.counted {
        body.extend((params.len() as u32).to_le_bytes());
    }
    [body, lens, data].concat()
}

#[derive(Clone, Copy, Default)]
struct Layout {
    counted: bool,
    wide: bool,
    flags: Option<u32>,
    surplus: u32,
}

#[test]
fn event_blocks_of_every_version_are_read() {
    let fd = 3u64.to_le_bytes();
    let mut builder = EventBuilder::default();
    builder.start(CLOSE_X, 5, 42, 3).raw(&[0; 8]).raw(&fd);
    let event = builder.event().expect("small");
    let params: &[&[u8]] = &[&[0; 8], &fd];
    for number in [0x204, 0x8010_ABCD, 0x208, 0x216, 0x217, 0x221, 0x222] {
        let layout = Layout {
            counted: ![0x204, 0x8010_ABCD, 0x208].contains(&number),
            flags: [0x208, 0x217, 0x222].contains(&number).then_some(0),
            ..Layout::default()
        };
        let body = event_body(CLOSE_X, params, layout);
        Bytes::new().block(number, &body).gives(&[Record::Event(event)]);
    }
    let mut hidden = event;
    hidden.state_only = true;
    let layout = Layout { counted: true, flags: Some(1), ..Layout::default() };
    let body = event_body(CLOSE_X, params, layout);
    Bytes::new().block(0x217, &body).gives(&[Record::Event(hidden)]);
}

#[test]
fn lengths_of_a_large_event_are_32_bits_wide() {
    let json = [&vec![b'x'; 70_000][..], b"\0"].concat();
    let mut builder = EventBuilder::default();
    builder.start(CONTAINER_JSON_2_E, 5, 42, 3).raw(&json);
    let layout = Layout { counted: true, wide: true, ..Layout::default() };
    let body = event_body(CONTAINER_JSON_2_E, &[&json], layout);
    let event = builder.event().expect("large");
    Bytes::new().block(0x221, &body).gives(&[Record::Event(event)]);
}

#[test]
fn notices_of_v1_say_three_bytes_too_many() {
    let layout = Layout { surplus: 3, ..Layout::default() };
    let mut builder = EventBuilder::default();
    builder.start(NOTIFICATION_E, 5, 42, 3).raw(b"id\0").raw(b"text\0");
    let event = builder.event().expect("small");
    let body = event_body(NOTIFICATION_E, &[b"id\0", b"text\0"], layout);
    Bytes::new().block(0x204, &body).gives(&[Record::Event(event)]);
}

#[test]
fn events_that_the_schema_does_not_have_are_skipped_and_counted() {
    let layout = Layout { counted: true, ..Layout::default() };
    let mut unknown = event_body(CLOSE_X, &[], layout);
    unknown[2 + 20..2 + 22].copy_from_slice(&454u16.to_le_bytes());
    let surplus = event_body(CLOSE_X, &[&[0; 8], &[1; 8], b"new"], layout);
    let file = Bytes::new().block(0x216, &unknown).block(0x216, &surplus);
    let mut reader = file.reader();
    let Ok(Some(Record::Event(event))) = reader.next() else { panic!("an event") };
    assert_eq!((event.kind, event.param_count(), event.data().len()), (CLOSE_X, 2, 16));
    assert_eq!(reader.next().expect("undamaged"), None);
    let stats = reader.stats();
    assert_eq!((stats.unknown_events, stats.surplus_params, stats.delivered), (1, 1, 1));
}

#[test]
fn options_unknown_blocks_and_second_sections_are_taken_in_stride() {
    let user = b"\0\x01\0\0\0\x02\0\0\0\0\0\0\0\0\0";
    let layout = Layout { counted: true, ..Layout::default() };
    let event = event_body(CLOSE_X, &[&[0; 8], &[0; 8]], layout);
    let file = Bytes(Vec::new())
        .block(0x0A0D_0D0A, &section(b"\x01\0\x05\0hello\0\0\0\0\0\0\0"))
        .block(0x7777, b"ahead of the lists")
        .block(0x206, user)
        .block(0x216, &event)
        .block(0x7777, b"between events")
        .block(0x216, &event)
        .block(0x0A0D_0D0A, &section(&[]))
        .block(0x206, user)
        .block(0x216, &event);
    let (seen, error) = file.read();
    assert!(error.is_none());
    let kinds: Vec<&str> =
        seen.iter().map(|s| s.split(['(', ' ']).next().unwrap_or_default()).collect();
    assert_eq!(kinds, ["User", "Event", "Event", "Section", "User", "Event"]);
    let mut reader = file.reader();
    while reader.next().expect("undamaged").is_some() {}
    let stats = reader.stats();
    assert_eq!((stats.sections, stats.unknown_blocks(), stats.event_blocks()), (2, 2, 3));
    assert_eq!(stats.bytes, file.0.len() as u64);
    let blocks: Vec<_> = stats.blocks().map(|block| (block.name, block.count)).collect();
    let expected = [("event V2", 3), ("section header", 2), ("users V1", 2), ("unknown", 2)];
    assert_eq!(blocks, expected);
    assert_eq!(stats.blocks().map(|block| block.bytes).sum::<u64>(), stats.bytes);
}

#[test]
fn a_capture_of_packets_is_told_apart() {
    let packets = Bytes::new().block(1, b"\x01\0\0\0\0\0\x04\0");
    assert!(matches!(packets.read(), (_, Some(Error::Packets))));
}

#[test]
fn damage_is_named_with_its_place() {
    let layout = Layout { counted: true, ..Layout::default() };
    let mut lens = event_body(CLOSE_X, &[&[0; 8], &[0; 8]], layout);
    lens[28] = 200;
    let old = event_body(CLOSE_X, &[&[0; 8], &[0; 8], &[0; 8]], Layout::default());
    let too_short = [7u8; 12];
    let cases: [(u32, &[u8], Damage); 6] = [
        (0x216, &lens, Damage::Event { kind: CLOSE_X.number() }),
        (0x204, &old, Damage::Event { kind: CLOSE_X.number() }),
        (0x216, &too_short, Damage::BlockLength { kind: 0x216, length: 24 }),
        (0x202, &[1; 40], Damage::Entry { list: "process" }),
        (0x201, &[1; 40], Damage::Entry { list: "machine" }),
        (0x203, &[1; 4], Damage::Entry { list: "fd" }),
    ];
    for (number, body, expected) in cases {
        let (_, error) = Bytes::new().block(number, body).read();
        let Some(Error::Damaged { offset, damage }) = error else { panic!("{error:?}") };
        assert_eq!(damage, expected);
        assert_eq!(offset, if number == 0x202 { 36 } else { 28 }, "{damage}");
    }
}

#[test]
fn a_trailer_that_disagrees_is_damage() {
    let mut file = Bytes::new().block(0x7777, b"body");
    let end = file.0.len();
    file.0[end - 4] ^= 4;
    let (_, error) = file.read();
    let message = error.expect("damage").to_string();
    assert_eq!(
        message,
        "damaged at byte 28: a block of type 0x7777 is 16 bytes long at its head and 20 at its end"
    );
}

#[test]
fn a_newer_major_version_is_refused() {
    let mut body = section(&[]);
    body[4] = 2;
    let (_, error) = Bytes(Vec::new()).block(0x0A0D_0D0A, &body).read();
    assert!(matches!(error, Some(Error::Version { major: 2, minor: 2, offset: 0 })));
}

#[test]
fn every_number_is_listed_once() {
    for (at, (number, ..)) in KINDS.iter().enumerate() {
        assert!(KINDS[at + 1..].iter().all(|(other, ..)| other != number), "{number:#x}");
    }
    assert_eq!(KINDS.len(), 31);
}
