//! What holds for every index.

use std::sync::Arc;

use proptest::prelude::*;

use crate::{
    ContainerSeen, Facts, Image, Index, Key, Kind, Place, Port, Protocol, Reach, Seen, Span, Spans,
    Unreadable, What, codec, decode, encode,
    index::{MOST_PATHS, MOST_PLACES},
};

fn text() -> impl Strategy<Value = Arc<[u8]>> {
    prop::collection::vec(prop::sample::select(&b"ab/\0\xff"[..]), 0..5).prop_map(Arc::from)
}

fn span() -> impl Strategy<Value = Span> {
    (0u32..1000, 0u32..100).prop_map(|(from_s, long)| Span { from_s, to_s: from_s + long })
}

fn spans() -> impl Strategy<Value = Spans> {
    prop::collection::vec(span(), 0..4).prop_map(|spans| spans.into_iter().collect())
}

fn key() -> impl Strategy<Value = Key> {
    let what = prop_oneof![
        Just(What::Host),
        text().prop_map(What::Image),
        text().prop_map(What::Container),
    ];
    (text(), what).prop_map(|(host, what)| Key { host, what })
}

fn port() -> impl Strategy<Value = Port> {
    let protocol = prop::sample::select(&[Protocol::Tcp, Protocol::Udp, Protocol::Other][..]);
    let reach = prop::sample::select(&[Reach::Loopback, Reach::Network][..]);
    (protocol, 0u16..9, reach).prop_map(|(protocol, number, reach)| Port {
        protocol,
        number,
        reach,
    })
}

fn seen() -> impl Strategy<Value = Seen> {
    let kinds = prop::collection::vec((prop::sample::select(&Kind::ALL[..]), span()), 1..4);
    let ports = prop::collection::vec(port(), 0..4);
    (kinds, ports, any::<bool>(), any::<bool>()).prop_map(|(kinds, ports, is_memfd, is_deleted)| {
        let mut seen = Seen::default();
        kinds.into_iter().for_each(|(kind, span)| seen.note(kind, span));
        ports.into_iter().for_each(|port| seen.add_port(port));
        seen.facts = Facts { is_memfd, is_deleted };
        seen
    })
}

fn place() -> impl Strategy<Value = Place> {
    let image = (text(), text(), text()).prop_map(|(name, id, digest)| Image { name, id, digest });
    let containers = prop::collection::btree_map(
        text(),
        (text(), span()).prop_map(|(name, span)| ContainerSeen { name, span }),
        0..3,
    );
    let left_out =
        prop::option::of((1u64..9, span()).prop_map(|(uses, span)| crate::LeftOut { uses, span }));
    (image, containers, spans(), spans(), spans(), left_out).prop_map(
        |(image, containers, watched, watched_in_part, lost, left_out)| Place {
            image,
            containers,
            watched,
            watched_in_part,
            lost,
            left_out,
            ..Place::default()
        },
    )
}

fn index() -> impl Strategy<Value = Index> {
    let files = prop::collection::btree_map(text(), seen(), 0..6);
    prop::collection::btree_map(key(), (place(), files), 0..4).prop_map(|places| {
        let mut index = Index::default();
        for (key, (place, files)) in places {
            let at = index.place_at(&key).unwrap();
            index.at_mut(at).unwrap().join_facts(&place);
            files.iter().for_each(|(path, seen)| assert!(index.put(at, path, seen)));
        }
        index
    })
}

fn joined(indexes: &[&Index]) -> Index {
    let mut all = Index::default();
    indexes.iter().for_each(|it| all.join(it));
    all
}

proptest! {
    #[test]
    fn what_is_written_is_read(index in index()) {
        let bytes = encode(&index);
        let read = decode(&bytes).unwrap();
        prop_assert_eq!(&read, &index);
        prop_assert_eq!(encode(&read), bytes);
        prop_assert_eq!(read.paths(), index.paths());
    }

    #[test]
    fn neither_the_order_nor_repeats_of_joins_matter(a in index(), b in index(), c in index()) {
        let all = encode(&joined(&[&a, &b, &c]));
        prop_assert_eq!(&encode(&joined(&[&c, &b, &a])), &all);
        prop_assert_eq!(&encode(&joined(&[&b, &a, &b, &c, &a])), &all);
        let inner = joined(&[&b, &c]);
        prop_assert_eq!(&encode(&joined(&[&a, &inner])), &all);
    }

    #[test]
    fn damaged_bytes_are_refused(index in index(), at in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = encode(&index);
        let place = at.index(bytes.len());
        let end = decode(&bytes[..place]);
        prop_assert!(end.is_err());
        let was = bytes[place];
        bytes[place] = byte;
        prop_assert_eq!(decode(&bytes).is_ok(), byte == was);
    }

    #[test]
    fn bytes_that_somebody_made_are_read_or_refused(
        index in index(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut body = encode(&index)[codec::HEADER_BYTES..].to_vec();
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let Ok(read) = codec::body_of(&body) {
            prop_assert_eq!(decode(&encode(&read)).unwrap(), read);
        }
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = codec::body_of(&body);
        let _ = decode(&body);
    }
}

fn host() -> Key {
    Key { host: b"h"[..].into(), what: What::Host }
}

#[test]
fn what_is_no_index_is_told_by_what_is_wrong() {
    let mut bytes = encode(&Index::default());
    assert_eq!(decode(b""), Err(Unreadable::Foreign));
    assert_eq!(decode(b"SQLite format 3"), Err(Unreadable::Foreign));
    bytes[8] = 2;
    assert_eq!(decode(&bytes), Err(Unreadable::Format(2)));
    let why = Unreadable::Format(2).to_string();
    assert!(why.contains("format 2") && why.contains("knows 1"), "{why}");
}

#[test]
fn an_index_is_bounded_and_tells_what_it_left_out() {
    let mut index = Index::default();
    let at = index.place_at(&host()).unwrap();
    for number in 0..MOST_PATHS + 10 {
        index.note(at, &format!("/read/{number}").into_bytes().into(), Kind::Read, 7);
    }
    assert_eq!(index.paths(), MOST_PATHS / 4 * 3);
    let left_out = index.place(&host()).unwrap().left_out.unwrap();
    assert_eq!(left_out.uses as usize, MOST_PATHS + 10 - MOST_PATHS / 4 * 3);
    // There is room for what matters more.
    assert!(index.note(at, &b"/usr/bin/a"[..].into(), Kind::Executed, 8));
    for number in 0..MOST_PATHS {
        index.note(at, &format!("/run/{number}").into_bytes().into(), Kind::Executed, 9);
    }
    assert_eq!(index.paths(), MOST_PATHS);
    assert_eq!(decode(&encode(&index)).unwrap(), index);
    let long: Arc<[u8]> = vec![b'x'; 5000].into();
    assert!(!index.note(at, &long, Kind::Executed, 9));
    for number in 0..MOST_PLACES + 5 {
        let what = What::Container(number.to_string().into_bytes().into());
        index.place_at(&Key { what, ..host() });
    }
    assert_eq!((index.places().count(), index.places_left_out()), (MOST_PLACES, 6));
}

#[test]
fn what_was_not_seen_for_long_is_forgotten_as_of_the_hosts_last_day() {
    let mut index = Index::default();
    let at = index.place_at(&host()).unwrap();
    index.note(at, &b"/old"[..].into(), Kind::Executed, 100);
    index.note(at, &b"/new"[..].into(), Kind::Executed, 100);
    index.note(at, &b"/new"[..].into(), Kind::Read, 950);
    index.at_mut(at).unwrap().watched.add(Span { from_s: 50, to_s: 1000 });
    let other = Key { host: b"o"[..].into(), what: What::Host };
    let old = index.place_at(&other).unwrap();
    index.note(old, &b"/old"[..].into(), Kind::Executed, 100);
    index.at_mut(old).unwrap().watched.add(Span { from_s: 50, to_s: 150 });
    index.forget_older(500);
    let place = index.place(&host()).unwrap();
    assert_eq!(place.file(b"/old"), None);
    assert_eq!(place.file(b"/new").unwrap().strongest(), Some(Kind::Read));
    assert!(index.place(&other).unwrap().file(b"/old").is_some());
    assert_eq!(index.paths(), 2);
}
