//! Versions of a record.

use std::cell::LazyCell;

use serde::Deserialize;
use versions::{Event, Range, Scheme, Version};

use super::{Text, numbers};
use crate::{Bound, Ends, Interval};

#[derive(Deserialize)]
pub(super) struct RangeOf<'a> {
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
    #[serde(default, borrow)]
    events: Vec<Turn<'a>>,
}

/// One of these. What is neither says nothing that is known.
#[derive(Deserialize)]
struct Turn<'a> {
    #[serde(borrow)]
    introduced: Option<Text<'a>>,
    #[serde(borrow)]
    fixed: Option<Text<'a>>,
    #[serde(borrow)]
    last_affected: Option<Text<'a>>,
    #[serde(borrow)]
    limit: Option<Text<'a>>,
}

/// Intervals of all ranges, and the versions of the list that are in none of them.
pub(super) fn read(
    scheme: Scheme,
    ranges: &[RangeOf<'_>],
    listed: &[Text<'_>],
) -> (Vec<Interval>, Vec<String>) {
    let mut intervals = Vec::new();
    // Commits have no order that is known here.
    for range in ranges.iter().filter(|range| *range.kind != *"GIT") {
        match in_pairs(&range.events) {
            Some(pairs) => intervals.extend(pairs),
            None => intervals.extend(by_order(scheme, &range.events)),
        }
    }
    intervals.sort();
    intervals.dedup();
    let versions = beside(scheme, &intervals, listed);
    (intervals, versions)
}

/// Where each introduction stands before its end, as nearly everywhere.
fn in_pairs(turns: &[Turn<'_>]) -> Option<Vec<Interval>> {
    let mut intervals: Vec<Interval> = Vec::new();
    for turn in turns {
        let end = |version: &Text<'_>, ends| Some(Bound { version: version.to_string(), ends });
        match (&turn.introduced, &turn.fixed, &turn.last_affected, &turn.limit) {
            (Some(version), None, None, None) => {
                if intervals.last().is_some_and(|it| it.high.is_none()) {
                    return None;
                }
                let low = if **version == *"0" { None } else { end(version, Ends::Within) };
                intervals.push(Interval { low, high: None });
            }
            (None, Some(version), None, None) => {
                let open = intervals.last_mut().filter(|it| it.high.is_none())?;
                open.high = end(version, Ends::Without);
            }
            (None, None, Some(version), None) => {
                let open = intervals.last_mut().filter(|it| it.high.is_none())?;
                open.high = end(version, Ends::Within);
            }
            _ => return None,
        }
    }
    Some(intervals)
}

/// Where they stand anyhow. What is no version there says nothing.
fn by_order(scheme: Scheme, turns: &[Turn<'_>]) -> Vec<Interval> {
    let mut events = Vec::new();
    for turn in turns {
        events.extend(turn.introduced.as_deref().map(Event::Introduced));
        events.extend(turn.fixed.as_deref().map(Event::Fixed));
        events.extend(turn.last_affected.as_deref().map(Event::LastAffected));
        events.extend(turn.limit.as_deref().map(Event::Limit));
    }
    let range = Range::from_events(scheme, &events);
    range.map_or_else(|_| Vec::new(), |range| Interval::of_spans(&range.spans()))
}

/// Lists are mostly made from the ranges: only what is beside them is kept.
fn beside(scheme: Scheme, intervals: &[Interval], listed: &[Text<'_>]) -> Vec<String> {
    let owned = |it: &Text<'_>| it.to_string();
    if intervals.iter().any(|it| *it == Interval::default()) {
        return Vec::new();
    }
    if intervals.is_empty() || listed.is_empty() {
        return listed.iter().map(owned).collect();
    }
    let plain = numbers::Intervals::of(scheme, intervals);
    let parsed: LazyCell<Vec<_>, _> =
        LazyCell::new(|| intervals.iter().map(|it| it.read(scheme)).collect());
    let is_beside = |text: &Text<'_>| match plain.as_ref().and_then(|plain| plain.has(text)) {
        Some(is_within) => !is_within,
        None => match Version::parse(scheme, text) {
            Ok(version) => !parsed.iter().flatten().any(|it| it.contains(&version)),
            Err(_) => true,
        },
    };
    listed.iter().filter(|text| is_beside(text)).map(owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(events: &str, listed: &[&str]) -> String {
        let json = format!(r#"{{"type": "ECOSYSTEM", "events": {events}}}"#);
        let range: RangeOf<'_> = serde_json::from_str(&json).unwrap();
        let listed: Vec<Text<'_>> = listed.iter().map(|it| (*it).into()).collect();
        let (intervals, versions) = read(Scheme::Semver, &[range], &listed);
        let told: Vec<String> = intervals.iter().map(ToString::to_string).collect();
        format!("{} {}", told.join(" | "), versions.join(" ")).trim().to_owned()
    }

    #[test]
    fn events_are_intervals_in_whichever_order_they_come() {
        for (events, listed, expected) in [
            (r#"[{"introduced": "0"}, {"fixed": "1.2.0"}]"#, &[][..], "< 1.2.0"),
            (r#"[{"introduced": "0"}]"#, &["1.0.0"], "*"),
            (
                r#"[{"introduced": "1.0.0"}, {"last_affected": "1.2.0"}]"#,
                &["1.1.0", "1.3.0"],
                ">= 1.0.0, <= 1.2.0 1.3.0",
            ),
            (r#"[{"fixed": "1.2.0"}, {"introduced": "1.0.0"}]"#, &[], ">= 1.0.0, < 1.2.0"),
            (
                r#"[{"introduced": "0"}, {"fixed": "1.0.0"}, {"introduced": "2.0.0"}, {"fixed": "2.1.0"}]"#,
                &[],
                "< 1.0.0 | >= 2.0.0, < 2.1.0",
            ),
            (r#"[{"introduced": "0"}, {"limit": "2.0.0"}]"#, &[], "< 2.0.0"),
            (r#"[{"introduced": "0", "fixed": "1.0.0"}]"#, &[], "< 1.0.0"),
            (r#"[{"introduced": "0"}, {"fixed": "next"}]"#, &[], "< next"),
            ("[]", &["1.0.0"], "1.0.0"),
        ] {
            assert_eq!(told(events, listed), expected, "{events}");
        }
    }
}
