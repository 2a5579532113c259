//! Comparisons with one version.

use super::spans::{Cut, Side, Span, Spans};
use crate::Version;

/// How a version is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// How they are written, longer ones before what they begin with. Debian doubles the strict ones.
const WRITTEN: [(&str, Op); 10] = [
    ("==", Op::Equal),
    ("!=", Op::Unequal),
    ("<=", Op::LessOrEqual),
    (">=", Op::GreaterOrEqual),
    ("<>", Op::Unequal),
    ("<<", Op::Less),
    (">>", Op::Greater),
    ("<", Op::Less),
    (">", Op::Greater),
    ("=", Op::Equal),
];

impl Op {
    /// The one that a text begins with, if any, and what is behind it.
    pub(super) fn leading(text: &str) -> (Option<Self>, &str) {
        let found = WRITTEN.iter().find_map(|&(op, name)| Some((name, text.strip_prefix(op)?)));
        found.map_or((None, text), |(op, rest)| (Some(op), rest.trim_start()))
    }

    /// The versions for which the comparison with `version` holds.
    pub(super) fn spans(self, version: &Version) -> Spans {
        self.spans_up_to(version, Side::After)
    }

    /// The same where what equals `version` reaches up to the side `after` of it.
    pub(super) fn spans_up_to(self, version: &Version, after: Side) -> Spans {
        let cut = |side| Some(Cut::new(version, side));
        let (low, high) = match self {
            Self::Equal => (cut(Side::Before), cut(after)),
            Self::Unequal => return Self::Equal.spans_up_to(version, after).complement(),
            Self::Less => (None, cut(Side::Before)),
            Self::LessOrEqual => (None, cut(after)),
            Self::Greater => (cut(after), None),
            Self::GreaterOrEqual => (cut(Side::Before), None),
        };
        Span { low, high }.into()
    }
}

/// From one version on and below another.
pub(super) fn between(low: &Version, high: &Version) -> Spans {
    let (low, high) = (Cut::new(low, Side::Before), Cut::new(high, Side::Before));
    Span { low: Some(low), high: Some(high) }.into()
}
