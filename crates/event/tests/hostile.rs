//! Whatever the bytes are, views of them stay within bounds.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use event::{
    Event, EventBuilder, EventType,
    decode::{FdList, SockAddr, SockTuple},
    raw::LenWidth,
    schema::EVENT_TYPES,
};
use proptest::prelude::*;

fn read_everything(event: &Event<'_>) {
    let sum: usize = (0..event.param_count()).filter_map(|i| event.bytes(i)).map(<[u8]>::len).sum();
    assert_eq!(sum, event.data().len());
    for (index, param) in event.params().enumerate() {
        assert_eq!(Some(param.bytes), event.bytes(index));
        let _ = (param.int(), param.text(), event.param_named(param.info.name));
    }
    assert_eq!(event.bytes(event.param_count()), None);
    assert_eq!(event.bytes(usize::MAX), None);
}

fn encoded(kind: u16, params: &[Vec<u8>]) -> Vec<u8> {
    let mut builder = EventBuilder::default();
    builder.start(EventType::new(kind).expect("a type"), 1, 2, 3);
    for bytes in params {
        builder.raw(bytes);
    }
    let mut out = Vec::new();
    builder.event().expect("an event").encode(&mut out).expect("bytes");
    out
}

fn width(kind: u16) -> LenWidth {
    LenWidth::of(EventType::new(kind).expect("a type"))
}

proptest! {
    #[test]
    fn any_bytes_are_an_event_or_refused(bytes: Vec<u8>) {
        for width in [LenWidth::U16, LenWidth::U32] {
            if let Ok(event) = Event::parse(0, &bytes, width) {
                read_everything(&event);
            }
        }
    }

    #[test]
    fn what_was_built_reads_back(
        kind in 0..EVENT_TYPES as u16,
        params in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..33),
    ) {
        let bytes = encoded(kind, &params);
        let event = Event::parse(3, &bytes, width(kind)).expect("the event");
        prop_assert_eq!((event.cpu, event.ts_ns, event.tid, event.kind.number()), (3, 1, 2, kind));
        prop_assert_eq!(event.param_count(), params.len());
        for (index, param) in params.iter().enumerate() {
            prop_assert_eq!(event.bytes(index), Some(&param[..]));
        }
        read_everything(&event);
    }

    #[test]
    fn a_damaged_event_is_an_event_or_refused(
        kind in 0..EVENT_TYPES as u16,
        params in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..33),
        at: prop::sample::Index,
        byte: u8,
        cut: prop::sample::Index,
    ) {
        let mut bytes = encoded(kind, &params);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let end = cut.index(bytes.len() + 1);
        for bytes in [&bytes[..], &bytes[..end]] {
            if let Ok(event) = Event::parse(0, bytes, width(kind)) {
                read_everything(&event);
            }
        }
    }

    #[test]
    fn any_bytes_decode_or_are_refused(bytes: Vec<u8>, family in prop::sample::select(vec![1u8, 2, 10])) {
        let with_family: Vec<u8> = std::iter::once(family).chain(bytes.iter().copied()).collect();
        for bytes in [&bytes, &with_family] {
            if let Ok(SockAddr::Unix(path)) = SockAddr::parse(bytes) {
                prop_assert!(path.len() < bytes.len());
            }
            let _ = SockTuple::parse(bytes).map(SockTuple::unmapped);
            if let Some(list) = FdList::parse(bytes) {
                prop_assert_eq!(list.iter().count(), list.len());
                prop_assert!(list.len() * 10 <= bytes.len());
            }
        }
    }
}
