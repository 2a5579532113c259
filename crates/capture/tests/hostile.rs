//! Damaged, truncated and malicious files: what stands before the damage is handed on, then one
//! error comes, and memory stays under its bound.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    fs,
    io::{self, Read, Write},
};

use capture::{
    Error, Source,
    file::{Compression, MAX_EVENT_BLOCK_BYTES, MAX_HELD_BYTES, Reader, Writer},
};
use event::{EventBuilder, snapshot::*, syscalls::*};
use proptest::{collection::vec, prelude::*, sample::Index};

/// Reads to the end; the number of records and the error, if there was one.
fn read_all(input: impl Read) -> (u64, Option<Error>) {
    let mut reader = match Reader::new(input) {
        Ok(reader) => reader,
        Err(error) => return (0, Some(error)),
    };
    let mut records = 0;
    loop {
        match reader.next() {
            Ok(Some(_)) => records += 1,
            Ok(None) => return (records, None),
            Err(error) => {
                assert!(matches!(reader.next(), Ok(None)), "one error, then the end");
                assert!(reader.held_bytes() <= MAX_HELD_BYTES);
                return (records, Some(error));
            }
        }
        assert!(reader.held_bytes() <= MAX_HELD_BYTES);
    }
}

fn open_event(builder: &mut EventBuilder, number: u64) -> Record<'_> {
    builder.start(CLOSE_X, number, 42, 0).i64(0).i64(number as i64);
    Record::Event(builder.event().expect("two numbers"))
}

/// A small capture of the current schema and, for each record, where its block ends.
fn sample() -> (Vec<u8>, Vec<usize>) {
    let mut ends = Vec::new();
    let mut builder = EventBuilder::default();
    let mut writer = Writer::new(Vec::new(), Compression::None).expect("memory");
    let group = Group { gid: 7, name: b"wheel" };
    writer.write(&Record::Group(group)).expect("memory");
    for number in 0..20 {
        writer.write(&open_event(&mut builder, number)).expect("memory");
    }
    let file = writer.finish().expect("memory");
    let mut at = 28;
    while at < file.len() {
        at += u32::from_le_bytes(file[at + 4..at + 8].try_into().expect("four")) as usize;
        ends.push(at);
    }
    (file, ends)
}

#[test]
fn every_truncation_hands_on_what_is_whole_and_names_where_the_rest_begins() {
    let (file, ends) = sample();
    for length in 28..=file.len() {
        let (records, error) = read_all(&file[..length]);
        let whole = ends.iter().filter(|&&end| end <= length).count();
        // The group is handed on before its block's trailer is read.
        let early = u64::from((28 + 8 + 16..ends[0]).contains(&length));
        assert_eq!(records, whole as u64 + early, "{length} bytes");
        let begin = ends.iter().rfind(|&&end| end <= length).copied().unwrap_or(28);
        match error {
            None => assert_eq!(length, begin, "only between blocks"),
            Some(Error::Truncated { offset, end }) => {
                assert_eq!((offset, end), (begin as u64, length as u64));
            }
            Some(other) => panic!("{length} bytes: {other}"),
        }
    }
}

#[test]
fn a_truncated_compressed_file_hands_on_what_can_be_unpacked() {
    for compression in [Compression::Gzip, Compression::Zstd] {
        let mut builder = EventBuilder::default();
        let mut writer = Writer::new(Vec::new(), compression).expect("memory");
        for number in 0..50_000 {
            let number = u64::wrapping_mul(number, 0x9E37_79B9_7F4A_7C15) % 1_000_003;
            writer.write(&open_event(&mut builder, number)).expect("memory");
        }
        let file = writer.finish().expect("memory");
        assert!(matches!(read_all(&file[..]), (50_000, None)));
        let (records, error) = read_all(&file[..file.len() / 2]);
        assert!(records > 10_000, "{compression}: {records}");
        assert!(matches!(error, Some(Error::Truncated { .. })), "{compression}: {error:?}");
    }
}

#[test]
fn a_failing_read_hands_on_what_stands_before_it() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let (file, ends) = sample();
    // In the middle of the list, between two events, and in the middle of an event.
    for (length, expected) in [(54, 1), (ends[7], 8), (ends[7] + 5, 8)] {
        let (records, error) = read_all(file[..length].chain(Broken));
        assert_eq!(records, expected);
        let message = error.expect("an error").to_string();
        let place = format!("cannot read on after byte {length} (byte {length} of the file)");
        assert_eq!(message, format!("{place}: the disk is gone"));
    }
}

#[test]
fn members_and_frames_are_read_one_after_the_other() {
    let (file, ends) = sample();
    let (head, tail) = file.split_at(ends[7]);
    let gzip = |bytes: &[u8]| {
        let mut encoder =
            flate2::GzBuilder::new().filename("x.scap").write(Vec::new(), Default::default());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    };
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).expect("memory");
    let garbage = [gzip(&file), b"\0\0\0garbage".to_vec()].concat();
    for joined in [[gzip(head), gzip(tail)].concat(), [zstd(head), zstd(tail)].concat(), garbage] {
        assert!(matches!(read_all(&joined[..]), (21, None)));
    }
}

/// A capture of many events.
fn long_sample(compression: Compression) -> Vec<u8> {
    let mut builder = EventBuilder::default();
    let mut writer = Writer::new(Vec::new(), compression).expect("memory");
    for number in 0..20_000 {
        writer.write(&open_event(&mut builder, number)).expect("memory");
    }
    writer.finish().expect("memory")
}

/// How far a damaged file is read, in uncompressed bytes, and why not further.
fn read_to_damage(file: &[u8]) -> (usize, Error) {
    let mut reader = Reader::new(file).expect("opens");
    loop {
        match reader.next() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the damage went unseen"),
            Err(error) => return (reader.position() as usize, error),
        }
    }
}

/// What may be lost before damage that only a decoder notices: one of its steps and one event.
const LOST_BYTES: usize = 4096 + 100;

#[test]
fn damage_inside_gzip_costs_little_of_what_stands_before_it() {
    let plain = long_sample(Compression::None);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(&plain).expect("memory");
    let mut file = encoder.finish().expect("memory");
    // Stored blocks, behind a header of ten bytes: type, length, length inverted, bytes.
    let (mut at, mut sound) = (10, 0);
    while sound < plain.len() / 2 {
        let length = usize::from(u16::from_le_bytes([file[at + 1], file[at + 2]]));
        (at, sound) = (at + 5 + length, sound + length);
    }
    file[at] = 0b110;
    let (read, error) = read_to_damage(&file);
    assert!(matches!(error, Error::Read { .. }), "{error}");
    assert!(read <= sound && sound - read < LOST_BYTES, "{read} of {sound} bytes, then {error}");
}

#[test]
fn a_wrong_checksum_is_told_after_what_it_covers() {
    let plain = long_sample(Compression::None).len();
    for compression in [Compression::Gzip, Compression::Zstd] {
        let mut file = long_sample(compression);
        // The checksum of gzip is followed by a length, that of zstd by nothing.
        let at = file.len() - if compression == Compression::Gzip { 8 } else { 4 };
        file[at] ^= 1;
        let (read, error) = read_to_damage(&file);
        assert!(matches!(error, Error::Read { .. }), "{compression}: {error}");
        assert!(plain - read < LOST_BYTES, "{compression}: {read} of {plain} bytes");
    }
}

/// A reader of one byte at a time, interrupted before each.
struct Interrupted<'a> {
    bytes: &'a [u8],
    resumed: bool,
}

impl Read for Interrupted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.resumed = !self.resumed;
        if self.resumed {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let count = buffer.len().min(1);
        self.bytes.read(&mut buffer[..count])
    }
}

#[test]
fn an_interrupted_read_loses_nothing_also_between_members() {
    let (file, ends) = sample();
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    };
    let (head, tail) = file.split_at(ends[7]);
    let packed = zstd::encode_all(&file[..], 1).expect("memory");
    for bytes in [[gzip(head), gzip(tail)].concat(), packed, file.clone()] {
        let (records, error) = read_all(Interrupted { bytes: &bytes, resumed: false });
        assert!(error.is_none(), "{error:?}");
        assert_eq!(records, 21);
    }
}

#[test]
fn other_files_are_refused_with_a_reason() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "the file is empty"),
        (b"\x7fELF\x02", "not a capture: it begins with 7f 45 4c 46"),
        (b"\n", "not a capture: it begins with 0a"),
        (&[0x0A, 0x0D, 0x0D, 0x0A, 28, 0, 0, 0], "truncated"),
        (
            &[
                0x0A, 0x0D, 0x0D, 0x0A, 0, 0, 0, 28, 0x1A, 0x2B, 0x3C, 0x4D, 0, 1, 0, 2, 0xFF,
                0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 28,
            ],
            "big-endian",
        ),
    ];
    for (bytes, message) in cases {
        let (_, error) = read_all(*bytes);
        let seen = error.expect("an error").to_string();
        assert!(seen.starts_with(message) || seen.contains(message), "{seen}");
    }
    let nothing_inside = zstd::encode_all(&b""[..], 1).expect("memory");
    assert!(matches!(read_all(&nothing_inside[..]), (0, Some(Error::Empty))));
}

/// Bytes made as they are read: a beginning, then one piece over and over.
struct Endless<'a> {
    head: &'a [u8],
    piece: &'a [u8],
    pieces: u64,
    at: usize,
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            if self.at == self.head.len() {
                if self.pieces == 0 {
                    break;
                }
                self.pieces -= 1;
                (self.head, self.at) = (self.piece, 0);
            }
            let count = (self.head.len() - self.at).min(buffer.len() - filled);
            buffer[filled..filled + count].copy_from_slice(&self.head[self.at..self.at + count]);
            self.at += count;
            filled += count;
        }
        Ok(filled)
    }
}

fn section() -> Vec<u8> {
    Writer::new(Vec::new(), Compression::None).expect("memory").finish().expect("memory")
}

#[test]
fn a_million_processes_in_one_list_take_no_more_memory_than_one() {
    const ENTRY_BYTES: u64 = 24 + 2 + 2 + 2 + 2 + 8 + 12;
    const COUNT: u64 = 1_000_000;
    let length = (12 + ENTRY_BYTES * COUNT) as u32;
    let mut head = section();
    head.extend(0x202u32.to_le_bytes());
    head.extend(length.to_le_bytes());
    let input = Endless { head: &head, piece: &[0; ENTRY_BYTES as usize], pieces: COUNT, at: 0 };
    let trailer = length.to_le_bytes();
    let mut reader = Reader::new(input.chain(&trailer[..])).expect("opens");
    while let Some(record) = reader.next().expect("a well-formed list") {
        assert!(matches!(record, Record::Thread(_)));
    }
    assert_eq!(reader.stats().threads, COUNT);
    assert!(reader.held_bytes() <= 1024 * 1024, "{}", reader.held_bytes());
}

#[test]
fn a_bomb_in_gzip_takes_no_memory() {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let length = 100 * 1024 * 1024u32;
    bomb.write_all(&section()).expect("memory");
    bomb.write_all(&0x7777u32.to_le_bytes()).expect("memory");
    bomb.write_all(&length.to_le_bytes()).expect("memory");
    for _ in 0..100 {
        bomb.write_all(&[0; 1024 * 1024]).expect("memory");
    }
    let bomb = bomb.finish().expect("memory");
    let mut reader = Reader::new(&bomb[..]).expect("opens");
    assert!(matches!(reader.next(), Err(Error::Damaged { .. })), "the trailer is zero");
    assert!(reader.held_bytes() <= 1024 * 1024);
}

#[test]
fn lengths_that_lie_cost_nothing() {
    let max = MAX_EVENT_BLOCK_BYTES;
    for kind in [0x204, 0x216, 0x221, 0x222, 0x201, 0x202, 0x203, 0x215, 0x218, 0x219, 0x220, 9] {
        for length in [0u32, 3, 11, 12, 13, 16, 20, 38, 1000, max, max + 1, u32::MAX] {
            let mut file = section();
            file.extend(u32::to_le_bytes(kind));
            file.extend(length.to_le_bytes());
            file.extend([0xEE; 40]);
            let mut reader = Reader::new(&file[..]).expect("opens");
            while let Ok(Some(_)) = reader.next() {}
            assert!(reader.held_bytes() <= 1024 * 1024, "{kind:#x} {length}");
        }
    }
}

#[test]
fn a_zstd_window_beyond_the_bound_is_refused() {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("memory");
    encoder.set_parameter(zstd::zstd_safe::CParameter::WindowLog(27)).expect("a parameter");
    encoder.write_all(&section()).expect("memory");
    encoder.write_all(&[0; 100]).expect("memory");
    let file = encoder.finish().expect("memory");
    assert!(matches!(read_all(&file[..]), (0, Some(Error::Read { .. }))));
}

fn small_captures() -> Vec<Vec<u8>> {
    if testkit::data().is_none() {
        return vec![sample().0];
    }
    let files = testkit::cases().into_iter().map(|case| {
        let mut plain = fs::read(case.capture).expect("a capture");
        if plain.starts_with(&[0x1F, 0x8B]) {
            let packed = std::mem::take(&mut plain);
            let mut decoder = flate2::read::MultiGzDecoder::new(&packed[..]);
            decoder.read_to_end(&mut plain).expect("gzip");
        }
        plain.truncate(200_000);
        plain
    });
    files.collect()
}

/// Numbers of event blocks.
const EVENTS: [u32; 7] = [0x204, 0x208, 0x216, 0x217, 0x221, 0x222, 0x8010_ABCD];

/// The capture without one event block in `every`, and how many were left out.
fn without_some(file: &[u8], every: usize) -> (Vec<u8>, u64) {
    let (mut out, mut at, mut seen, mut gone) = (Vec::new(), 0, 0, 0);
    while let Some(head) = file.get(at..at + 8) {
        let number = u32::from_le_bytes(head[..4].try_into().expect("four"));
        let length = u32::from_le_bytes(head[4..].try_into().expect("four")) as usize;
        let block = &file[at..file.len().min(at + length)];
        at += length;
        seen += usize::from(EVENTS.contains(&number));
        if EVENTS.contains(&number) && seen.is_multiple_of(every) {
            gone += 1;
        } else {
            out.extend(block);
        }
    }
    (out, gone)
}

#[test]
fn a_recording_with_lost_events_is_read_to_its_end() {
    for (capture, every) in small_captures().iter().zip([2, 3, 7, 11].into_iter().cycle()) {
        let (all, _) = read_all(&capture[..]);
        let (lossy, gone) = without_some(capture, every);
        let (seen, error) = read_all(&lossy[..]);
        assert!(matches!(error, None | Some(Error::Truncated { .. })), "{error:?}");
        assert!(seen + gone >= all, "no event but the lost ones is missing: {seen} {gone} {all}");
    }
}

#[test]
fn any_mutation_or_prefix_of_a_real_capture_is_read_to_its_damage() {
    let captures = small_captures();
    let change = (any::<Index>(), any::<u8>(), any::<bool>());
    let strategy = (any::<Index>(), any::<Index>(), vec(change, 0..12));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(400));
    let outcome = runner.run(&strategy, |(which, length, changes)| {
        let mut bytes = which.get(&captures).clone();
        for (at, value, near_the_front) in changes {
            let range = if near_the_front { bytes.len().min(2000) } else { bytes.len() };
            let at = at.index(range);
            bytes[at] = value;
        }
        let length = length.index(bytes.len() * 2).min(bytes.len());
        read_all(&bytes[..length]);
        Ok(())
    });
    outcome.expect("no mutation breaks the reader");
}
