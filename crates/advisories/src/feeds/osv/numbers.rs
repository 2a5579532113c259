//! Versions of Python that are numbers alone, as nearly all are: a list of hundreds is compared with a few intervals
//! without making something of each. What is anything else is read by the rules.

use versions::Scheme;

use crate::{Bound, Ends, Interval};

/// Most numbers of a version.
const MOST: usize = 6;
/// Longest number, in digits.
const LONGEST: usize = 18;

/// A version; numbers that it has not are zeros, which do not count at the end (PEP 440).
type Numbers = [u64; MOST];

/// Intervals whose ends are numbers alone.
#[derive(Debug)]
pub(super) struct Plain(Vec<[Option<(Numbers, Ends)>; 2]>);

impl Plain {
    /// None where they are not, or of another order.
    pub(super) fn of(scheme: Scheme, intervals: &[Interval]) -> Option<Self> {
        if scheme != Scheme::Pep440 {
            return None;
        }
        let end = |bound: &Option<Bound>| match bound {
            Some(bound) => Some(Some((numbers(&bound.version)?, bound.ends))),
            None => Some(None),
        };
        let ends = intervals.iter().map(|it| Some([end(&it.low)?, end(&it.high)?]));
        ends.collect::<Option<_>>().map(Self)
    }

    /// Whether one of them has a version; none where that is not numbers alone.
    pub(super) fn has(&self, version: &str) -> Option<bool> {
        let version = numbers(version)?;
        let is_above = |end: &Option<(Numbers, Ends)>| match end {
            Some((low, Ends::Within)) => *low <= version,
            Some((low, Ends::Without)) => *low < version,
            None => true,
        };
        let is_below = |end: &Option<(Numbers, Ends)>| match end {
            Some((high, Ends::Within)) => version <= *high,
            Some((high, Ends::Without)) => version < *high,
            None => true,
        };
        Some(self.0.iter().any(|[low, high]| is_above(low) && is_below(high)))
    }
}

fn numbers(text: &str) -> Option<Numbers> {
    let (mut numbers, mut at, mut digits) = ([0_u64; MOST], 0, 0);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' if digits < LONGEST => {
                let number = numbers.get_mut(at)?;
                *number = *number * 10 + u64::from(byte - b'0');
                digits += 1;
            }
            b'.' if digits > 0 => (at, digits) = (at + 1, 0),
            _ => return None,
        }
    }
    (digits > 0).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use versions::Version;

    use super::*;

    fn version() -> impl Strategy<Value = String> {
        "(v|1!)?[0-2]{1,3}(\\.[0-2]{0,2}){0,7}(rc1|\\.dev0|\\.post1|\\+a)?"
    }

    fn bound() -> impl Strategy<Value = Option<Bound>> {
        let ends = prop::sample::select(vec![Ends::Within, Ends::Without]);
        prop::option::of((version(), ends).prop_map(|(version, ends)| Bound { version, ends }))
    }

    proptest! {
        #[test]
        fn numbers_are_compared_as_by_the_rules(
            ends in prop::collection::vec((bound(), bound()), 0..4),
            versions in prop::collection::vec(version(), 0..9),
        ) {
            let intervals: Vec<Interval> =
                ends.into_iter().map(|(low, high)| Interval { low, high }).collect();
            let Some(plain) = Plain::of(Scheme::Pep440, &intervals) else { return Ok(()) };
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
    fn what_is_not_numbers_alone_is_left_to_the_rules() {
        for text in
            ["", ".", "1.", ".1", "1..2", "1.0rc1", "v1", "1.2.3.4.5.6.7", "1234567890123456789"]
        {
            assert_eq!(numbers(text), None, "{text}");
        }
        assert_eq!(numbers("1.20.0"), Some([1, 20, 0, 0, 0, 0]));
        assert!(Plain::of(Scheme::Semver, &[]).is_none());
    }
}
