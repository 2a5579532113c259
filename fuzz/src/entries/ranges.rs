//! Ranges of versions, in every notation.

use versions::{Event, Range, Scheme, Version};

/// The first line is a range, others are versions, for all schemes; and all are events.
pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.lines();
    let Some(first) = lines.next() else { return };
    for scheme in Scheme::ALL {
        let versions: Vec<Version> =
            lines.clone().take(6).filter_map(|line| Version::parse(scheme, line).ok()).collect();
        for range in [Range::parse(scheme, first), Range::comparators(scheme, first)] {
            match range {
                Ok(range) => check(&range, &versions),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
        let events: Vec<Event<'_>> = lines.clone().take(12).enumerate().map(event).collect();
        if let Ok(range) = Range::from_events(scheme, &events) {
            check(&range, &versions);
        }
    }
}

fn event((index, line): (usize, &str)) -> Event<'_> {
    match index % 5 {
        0 | 2 => Event::Introduced(line),
        1 => Event::Fixed(line),
        3 => Event::LastAffected(line),
        _ => Event::Limit(line),
    }
}

/// What counts lies in the spans, and a version lies either in these or in all else.
fn check(range: &Range, versions: &[Version]) {
    let spans = range.spans();
    let others = spans.complement();
    assert!(spans.intersection(&others).is_empty(), "{spans} and {others}");
    assert!(spans.is_empty() || !spans.to_string().is_empty());
    for version in versions {
        assert!(spans.contains(version) != others.contains(version), "{version} in {spans}");
        assert!(!range.contains(version) || spans.contains(version), "{version} in {range}");
    }
}
