//! Events of OSV records: where a package becomes vulnerable and where it ceases to be.
//!
//! Source: the OSV schema, `affected[].ranges[].events`, and the algorithm in "Evaluation".

use super::{
    Alternative, Range,
    spans::{Cut, Side, Span, Spans},
};
use crate::{Error, Scheme, Version};

/// What happens at a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// This is the first vulnerable one; `0` stands for the first of all.
    Introduced(&'a str),
    /// This is the first that is not vulnerable any more.
    Fixed(&'a str),
    /// This is the last vulnerable one that is known.
    LastAffected(&'a str),
    /// Nothing is said of this and what is above it.
    Limit(&'a str),
}

impl Range {
    /// The versions that are vulnerable after such events, which may come in any order.
    ///
    /// # Errors
    /// If a version of an event is none of `scheme`.
    pub fn from_events(scheme: Scheme, events: &[Event<'_>]) -> Result<Self, Error> {
        let (mut turns, mut limits) = (Vec::new(), Vec::new());
        for event in events {
            match *event {
                Event::Introduced("0") => turns.push((None, Turn::Vulnerable)),
                Event::Introduced(text) => {
                    turns.push((cut(scheme, text, Side::Before)?, Turn::Vulnerable))
                }
                Event::Fixed(text) => turns.push((cut(scheme, text, Side::Before)?, Turn::Safe)),
                Event::LastAffected(text) => {
                    turns.push((cut(scheme, text, Side::After)?, Turn::Safe))
                }
                Event::Limit("*") => limits.push(Span::ALL),
                Event::Limit(text) => {
                    limits.push(Span { low: None, high: cut(scheme, text, Side::Before)? });
                }
            }
        }
        let within = if limits.is_empty() { Spans::all() } else { limits.into_iter().collect() };
        let spans = vulnerable(turns).intersection(&within);
        let alternatives: Vec<Alternative> = vec![spans.into()];
        Ok(Self { scheme, text: written(events).into(), alternatives })
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Turn {
    Vulnerable,
    Safe,
}

fn cut(scheme: Scheme, text: &str, side: Side) -> Result<Option<Cut>, Error> {
    Ok(Some(Cut::new(&Version::parse(scheme, text)?, side)))
}

/// What is between turns to vulnerable and to safe. At one place they are taken as they came.
fn vulnerable(mut turns: Vec<(Option<Cut>, Turn)>) -> Spans {
    turns.sort_by(|(a, _), (b, _)| a.as_ref().map(Cut::key).cmp(&b.as_ref().map(Cut::key)));
    let mut spans = Vec::new();
    let mut open: Option<Option<Cut>> = None;
    for (cut, turn) in turns {
        match (turn, open.take()) {
            (Turn::Vulnerable, None) => open = Some(cut),
            (Turn::Vulnerable, already) => open = already,
            (Turn::Safe, Some(low)) => spans.push(Span { low, high: cut }),
            (Turn::Safe, None) => {}
        }
    }
    spans.extend(open.map(|low| Span { low, high: None }));
    spans.into_iter().collect()
}

/// The events as text.
fn written(events: &[Event<'_>]) -> String {
    let word = |event: &Event<'_>| match event {
        Event::Introduced(version) => format!("introduced {version}"),
        Event::Fixed(version) => format!("fixed {version}"),
        Event::LastAffected(version) => format!("last affected {version}"),
        Event::Limit(version) => format!("limit {version}"),
    };
    events.iter().map(word).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Event::*, *};

    #[test]
    fn events_are_turns() {
        let cases: [(&[Event<'_>], &str); 7] = [
            (&[Introduced("0"), Fixed("1.2")], "< 1.2"),
            (&[Fixed("1.2"), Introduced("1.0"), Introduced("2.0")], ">= 1.0, < 1.2 || >= 2.0"),
            (&[Introduced("1.0"), LastAffected("1.2")], ">= 1.0, <= 1.2"),
            (&[Introduced("1.0"), Introduced("1.1"), Fixed("1.2"), Fixed("1.3")], ">= 1.0, < 1.2"),
            (&[Introduced("0"), Limit("2.0")], "< 2.0"),
            (&[Introduced("0"), Limit("2.0"), Limit("*")], "*"),
            (&[], ""),
        ];
        for (events, spans) in cases {
            let range = Range::from_events(Scheme::Semver, events).unwrap();
            assert_eq!(range.spans().to_string(), spans, "{range}");
        }
    }

    #[test]
    fn an_event_of_no_version_is_an_error() {
        let error = Range::from_events(Scheme::Npm, &[Introduced("0"), Fixed("next")]);
        assert!(error.unwrap_err().to_string().contains("'next'"));
    }
}
