//! Versions of Python that are numbers, and at most one label behind them, as nearly all are: a list of hundreds is
//! compared with a few intervals without making something of each. What is anything else is read by the rules.

use versions::Scheme;

use crate::{Bound, Ends, Interval};

/// Most numbers of a version.
const MOST: usize = 6;
/// Longest number, in digits.
const LONGEST: usize = 18;

/// Labels with their places in the order (PEP 440): behind the same numbers, and with their own beside them.
const LABELS: [(&[u8], u8); 5] = [(b"dev", 0), (b"a", 1), (b"b", 2), (b"rc", 3), (b"post", 5)];
/// The place of a version without a label.
const FINAL: u8 = 4;

/// A version: its numbers, of which those that it has not are zeros, as they do not count at the end (PEP 440); the
/// place of its label, and the number of that.
type Plain = ([u64; MOST], u8, u64);

/// Intervals whose ends are such versions.
#[derive(Debug)]
pub(super) struct Intervals(Vec<[Option<(Plain, Ends)>; 2]>);

impl Intervals {
    /// None where they are not, or of another order.
    pub(super) fn of(scheme: Scheme, intervals: &[Interval]) -> Option<Self> {
        if scheme != Scheme::Pep440 {
            return None;
        }
        let end = |bound: &Option<Bound>| match bound {
            Some(bound) => Some(Some((plain(&bound.version)?, bound.ends))),
            None => Some(None),
        };
        let ends = intervals.iter().map(|it| Some([end(&it.low)?, end(&it.high)?]));
        ends.collect::<Option<_>>().map(Self)
    }

    /// Whether one of them has a version; none where that is not such a one.
    pub(super) fn has(&self, version: &str) -> Option<bool> {
        let version = plain(version)?;
        let is_above = |end: &Option<(Plain, Ends)>| match end {
            Some((low, Ends::Within)) => *low <= version,
            Some((low, Ends::Without)) => *low < version,
            None => true,
        };
        let is_below = |end: &Option<(Plain, Ends)>| match end {
            Some((high, Ends::Within)) => version <= *high,
            Some((high, Ends::Without)) => version < *high,
            None => true,
        };
        Some(self.0.iter().any(|[low, high]| is_above(low) && is_below(high)))
    }
}

fn plain(text: &str) -> Option<Plain> {
    let (mut numbers, mut rest) = ([0; MOST], text.as_bytes());
    for to in &mut numbers {
        (*to, rest) = number(rest)?;
        match rest {
            [] => return Some((numbers, FINAL, 0)),
            [b'.', b'0'..=b'9', ..] => rest = rest.get(1..)?,
            _ => break,
        }
    }
    let label = rest.strip_prefix(b".").unwrap_or(rest);
    let (behind, place) =
        LABELS.iter().find_map(|(name, place)| Some((label.strip_prefix(*name)?, *place)))?;
    let (number, rest) = number(behind)?;
    rest.is_empty().then_some((numbers, place, number))
}

/// The number that comes next, and the rest.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(digits)?;
    let value = digits.iter().fold(0, |number: u64, digit| {
        number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))
    });
    (1..=LONGEST).contains(&digits.len()).then_some((value, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use versions::Version;

    use super::*;

    fn version() -> impl Strategy<Value = String> {
        "(v|1!)?[0-2]{1,3}(\\.[0-2]{0,2}){0,7}(\\.?(a|b|rc|c|beta|dev|post|rev)[0-2]{0,2}){0,2}(\\+a)?"
    }

    fn bound() -> impl Strategy<Value = Option<Bound>> {
        let ends = prop::sample::select(vec![Ends::Within, Ends::Without]);
        prop::option::of((version(), ends).prop_map(|(version, ends)| Bound { version, ends }))
    }

    proptest! {
        #[test]
        fn versions_are_compared_as_by_the_rules(
            ends in prop::collection::vec((bound(), bound()), 0..4),
            versions in prop::collection::vec(version(), 0..9),
        ) {
            let intervals: Vec<Interval> =
                ends.into_iter().map(|(low, high)| Interval { low, high }).collect();
            let Some(plain) = Intervals::of(Scheme::Pep440, &intervals) else { return Ok(()) };
            for text in versions {
                let Some(told) = plain.has(&text) else { continue };
                let version = Version::parse(Scheme::Pep440, &text).unwrap();
                let spans = intervals.iter().filter_map(|it| it.read(Scheme::Pep440));
                let expected = spans.into_iter().any(|it| it.contains(&version));
                prop_assert_eq!(told, expected, "{} in {:?}", text, intervals);
            }
        }
    }

    #[test]
    fn what_is_more_is_left_to_the_rules() {
        for text in [
            "",
            ".",
            "1.",
            ".1",
            "1..2",
            "v1",
            "1!1",
            "1.2.3.4.5.6.7",
            "1234567890123456789",
            "1rc",
            "1-rc1",
            "1RC1",
            "1a1.dev1",
            "1beta1",
            "1.0+a",
        ] {
            assert_eq!(plain(text), None, "{text}");
        }
        assert_eq!(plain("1.20.0"), Some(([1, 20, 0, 0, 0, 0], FINAL, 0)));
        for text in ["1.2.3.4.5.6rc7", "1.2.3.4.5.6.rc7"] {
            assert_eq!(plain(text), Some(([1, 2, 3, 4, 5, 6], 3, 7)), "{text}");
        }
        assert!(Intervals::of(Scheme::Semver, &[]).is_none());
    }
}
