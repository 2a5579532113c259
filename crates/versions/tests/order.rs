//! What must hold of every scheme, whatever is read: a total order, texts that print as they were
//! read, and ranges that are about that order.

use std::cmp::Ordering;

use proptest::prelude::*;
use versions::{Cut, Event, MAX_BYTES, MAX_RANGE_BYTES, Range, Scheme, Side, Span, Spans, Version};

/// Pieces that versions are made of, and some that they should not be.
const PIECES: [&str; 60] = [
    "0",
    "1",
    "2",
    "9",
    "10",
    "00",
    "01",
    "18446744073709551616",
    "20240101",
    ".",
    ".",
    ".",
    "-",
    "-",
    "+",
    "~",
    "^",
    "_",
    ":",
    "!",
    "#",
    "a",
    "b",
    "c",
    "m",
    "p",
    "r",
    "v",
    "x",
    "A",
    "Z",
    "rc",
    "RC",
    "alpha",
    "beta",
    "pre",
    "dev",
    "post",
    "final",
    "ga",
    "sp",
    "snapshot",
    "patch",
    "stable",
    "git",
    "hg",
    "svn",
    "el9",
    "deb12u1",
    "-r",
    "_p",
    "_rc",
    ".0",
    "-0",
    ".dev",
    "é",
    "α",
    "\u{1f600}",
    "\0",
    " ",
];

/// What ranges are made of besides.
const OPERATORS: [&str; 32] = [
    ">=", "<=", ">", "<", "=", "==", "===", "!=", "<>", "~=", "~>", "~", "^", "*", "x", " ", " ",
    ",", ", ", "||", " || ", "|", "[", "]", "(", ")", " - ", " and ", " or ", "any", ".*", "@dev",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(&PIECES[..]);
    let pieces = prop::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat());
    let begun = prop::sample::select(&["", "1", "1.0", "1.2.3", "1.0.0", "2.0-1"][..]);
    prop_oneof![
        9 => (begun, pieces).prop_map(|(begun, pieces)| format!("{begun}{pieces}")),
        1 => any::<String>(),
    ]
}

fn range() -> impl Strategy<Value = String> {
    let part = prop_oneof![prop::sample::select(&PIECES[..]), prop::sample::select(&OPERATORS[..])];
    prop::collection::vec(part, 0..10).prop_map(|parts| parts.concat())
}

/// Those of the texts that are versions, so that at least the order of these is looked at.
fn parsed(scheme: Scheme, texts: &[String]) -> Vec<Version> {
    texts.iter().filter_map(|text| Version::parse(scheme, text).ok()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_order_of_every_scheme_is_total(texts in prop::collection::vec(text(), 3..8)) {
        for scheme in Scheme::ALL {
            let versions = parsed(scheme, &texts);
            for a in &versions {
                prop_assert_eq!(a.cmp(a), Ordering::Equal);
                for b in &versions {
                    prop_assert_eq!(a.cmp(b), b.cmp(a).reverse(), "{} {:?} {:?}", scheme, a, b);
                    for c in &versions {
                        let circle = a <= b && b <= c && a > c;
                        prop_assert!(!circle, "{}: {:?} {:?} {:?}", scheme, a, b, c);
                    }
                }
            }
        }
    }

    #[test]
    fn whatever_is_read_prints_as_it_was(text in text()) {
        for scheme in Scheme::ALL {
            if let Ok(version) = Version::parse(scheme, &text) {
                prop_assert_eq!(version.to_string(), text.as_str());
                let again = Version::parse(scheme, version.as_str()).unwrap();
                prop_assert_eq!(again.key(), version.key());
            }
        }
    }

    #[test]
    fn no_key_is_the_beginning_of_another(a in text(), b in text()) {
        for scheme in Scheme::ALL {
            if let [a, b] = &parsed(scheme, &[a.clone(), b.clone()])[..] && a != b {
                prop_assert!(!a.key().starts_with(b.key()), "{}: {:?} {:?}", scheme, a, b);
            }
        }
    }

    #[test]
    fn sorting_does_not_depend_on_where_it_began(texts in prop::collection::vec(text(), 2..12)) {
        for scheme in Scheme::ALL {
            let mut there = parsed(scheme, &texts);
            let mut back: Vec<_> = there.iter().rev().cloned().collect();
            there.sort();
            back.sort();
            prop_assert_eq!(there, back);
        }
    }

    #[test]
    fn a_cut_is_where_it_says(a in text(), b in text()) {
        for scheme in Scheme::ALL {
            let versions = parsed(scheme, &[a.clone(), b.clone()]);
            let [a, b] = &versions[..] else { continue };
            let above = |side| Span { low: Some(Cut::new(a, side)), high: None }.contains(b);
            prop_assert_eq!(above(Side::Before), b >= a);
            prop_assert_eq!(above(Side::After), b > a);
            prop_assert!(!above(Side::AfterVariants) || b > a);
        }
    }

    #[test]
    fn sets_of_spans_are_sets(ends in prop::collection::vec((0_u8..12, 0_u8..12), 0..8)) {
        let version = |number: u8| Version::parse(Scheme::Semver, &number.to_string()).unwrap();
        let cut = |number| Some(Cut::new(&version(number), Side::Before));
        let (mut spans, mut either) = (Spans::NONE, Vec::new());
        for &(low, high) in &ends {
            let span = Span { low: cut(low), high: cut(high) };
            spans = spans.union(span.clone().into());
            either.push(span);
        }
        let (complement, all) = (spans.complement(), Spans::all());
        prop_assert_eq!(&complement.complement(), &spans);
        prop_assert_eq!(&spans.clone().union(complement.clone()), &all);
        prop_assert!(spans.intersection(&complement).is_empty());
        for probe in (0..13).map(version) {
            let within = either.iter().any(|span| span.contains(&probe));
            prop_assert_eq!(spans.contains(&probe), within);
            prop_assert_eq!(complement.contains(&probe), !within);
        }
    }

    #[test]
    fn no_text_of_a_range_is_too_much(range in range(), version in text()) {
        for scheme in Scheme::ALL {
            let version = Version::parse(scheme, &version);
            for read in [Range::parse, Range::comparators] {
                match (read(scheme, &range), &version) {
                    (Ok(range), Ok(version)) => {
                        // What counts lies in the spans.
                        prop_assert!(!range.contains(version) || range.spans().contains(version));
                        prop_assert!(!range.to_string().is_empty() || range.as_str().is_empty());
                    }
                    (Ok(_), Err(_)) => {}
                    (Err(error), _) => prop_assert!(!error.to_string().is_empty()),
                }
            }
        }
    }

    #[test]
    fn a_range_of_one_version_has_what_equals_it(a in text(), b in text()) {
        for scheme in Scheme::ALL {
            let [a, b] = &parsed(scheme, &[a.clone(), b.clone()])[..] else { continue };
            // What an operator could be the beginning of is not asked.
            let plain = |text: &str| !text.contains([' ', ',', '|', '=', '<', '>', '*', '\u{a0}']);
            if !plain(a.as_str()) || a.as_str().chars().any(char::is_whitespace) {
                continue;
            }
            let Ok(range) = Range::comparators(scheme, &format!("<= {a}")) else { continue };
            prop_assert!(range.contains(a), "{} <= {:?}", scheme, a);
            if b <= a {
                prop_assert!(range.contains(b), "{} {:?} <= {:?}", scheme, b, a);
            }
        }
    }

    #[test]
    fn events_mean_the_same_in_any_order(
        events in prop::collection::btree_map(1_u8..30, 0_u8..2, 0..8),
        probe in 0_u8..32,
    ) {
        let texts: Vec<_> = events.keys().map(u8::to_string).collect();
        let event = |(text, kind): (&String, &u8)| match kind {
            0 => (text.clone(), true),
            _ => (text.clone(), false),
        };
        let listed: Vec<_> = texts.iter().zip(events.values()).map(event).collect();
        let there: Vec<_> = listed.iter().map(|(text, bad)| turn(text, *bad)).collect();
        let back: Vec<_> = there.iter().rev().copied().collect();
        let probe = Version::parse(Scheme::Pep440, &probe.to_string()).unwrap();
        let [there, back] =
            [there, back].map(|events| Range::from_events(Scheme::Pep440, &events).unwrap());
        prop_assert_eq!(there.spans(), back.spans());
        // The last event at or below the version decides.
        let number: u8 = probe.as_str().parse().unwrap();
        let last = events.range(..=number).next_back().is_some_and(|(_, kind)| *kind == 0);
        prop_assert_eq!(there.contains(&probe), last);
    }
}

fn turn(text: &str, bad: bool) -> Event<'_> {
    if bad { Event::Introduced(text) } else { Event::Fixed(text) }
}

#[test]
fn what_is_empty_or_too_long_is_no_version() {
    for scheme in Scheme::ALL {
        assert!(Version::parse(scheme, " ").is_err());
        let longest = "1".repeat(MAX_BYTES);
        assert!(Version::parse(scheme, &longest).is_ok(), "{scheme}");
        assert!(Version::parse(scheme, &(longest + "1")).is_err());
        assert!(Range::parse(scheme, &"|".repeat(MAX_RANGE_BYTES + 1)).is_err());
    }
}

#[test]
fn numbers_of_any_length_are_compared_by_value() {
    let big = "9".repeat(300);
    let bigger = format!("1{}", "0".repeat(300));
    for scheme in Scheme::ALL {
        let [small, large] = [&big, &bigger].map(|text| Version::parse(scheme, text).unwrap());
        assert!(small < large, "{scheme}");
        assert_eq!(small, Version::parse(scheme, &format!("00{big}")).unwrap(), "{scheme}");
    }
}
