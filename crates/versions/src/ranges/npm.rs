//! npm's ranges: `^1.2.3 || >=2.0.0-rc.1 <3 || 1.x || 1.2 - 1.4`.
//!
//! Source: the README of node-semver, and its `Range` class. A prerelease counts only where a
//! comparator of the same alternative has one of the same three numbers.

use super::{Alternative, Prereleases, Reader, all_of, op::Op, partial::Partial};
use crate::{Error, Version};

const EXPECTED: &str =
    "a version, with an operator such as ^, ~ or >= before it, or x for a number";

/// A comparison with a whole version.
type Comparator = (Op, Version);

pub(super) fn read(reader: Reader<'_>) -> Result<Vec<Alternative>, Error> {
    reader.alternatives().map(|text| alternative(reader, text)).collect()
}

fn alternative(reader: Reader<'_>, text: &str) -> Result<Alternative, Error> {
    let comparators = match hyphen(reader, text)? {
        Some(comparators) => comparators,
        None => comparators(reader, text)?,
    };
    let releases = comparators.iter().map(|(_, version)| version).filter(|v| v.is_prerelease());
    let prereleases = Prereleases::Of(releases.map(|version| version.family().into()).collect());
    let spans = all_of(comparators.iter().map(|(op, version)| op.spans(version)));
    Ok(Alternative { spans, prereleases, texts: Vec::new() })
}

/// `1.2 - 1.4`: both included, and all that the latter begins.
fn hyphen(reader: Reader<'_>, text: &str) -> Result<Option<Vec<Comparator>>, Error> {
    let Some((low, high)) = text.split_once(" - ") else { return Ok(None) };
    let (low, high) = (partial(reader, low.trim())?, partial(reader, high.trim())?);
    let mut comparators = Vec::new();
    if !low.numbers.is_empty() {
        comparators.push((Op::GreaterOrEqual, low.floor(reader)?));
    }
    if high.is_full() {
        comparators.push((Op::LessOrEqual, high.floor(reader)?));
    } else if !high.numbers.is_empty() {
        comparators.push((Op::Less, high.above(high.numbers.len(), reader)?));
    }
    Ok(Some(comparators))
}

fn comparators(reader: Reader<'_>, mut text: &str) -> Result<Vec<Comparator>, Error> {
    let mut comparators = Vec::new();
    while !text.is_empty() {
        let (op, rest) = operator(text);
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (version, rest) = rest.split_at(end);
        comparators.extend(comparator(reader, op, &partial(reader, version)?)?);
        text = rest.trim_start();
    }
    Ok(comparators)
}

fn partial<'a>(reader: Reader<'_>, text: &'a str) -> Result<Partial<'a>, Error> {
    Partial::of(text).ok_or_else(|| reader.error(text, EXPECTED))
}

/// What stands before a version.
#[derive(Clone, Copy)]
enum Operator {
    Caret,
    Tilde,
    Compare(Op),
}

fn operator(text: &str) -> (Operator, &str) {
    const WRITTEN: [(&str, Operator); 8] = [
        ("^", Operator::Caret),
        ("~>", Operator::Tilde),
        ("~", Operator::Tilde),
        (">=", Operator::Compare(Op::GreaterOrEqual)),
        ("<=", Operator::Compare(Op::LessOrEqual)),
        (">", Operator::Compare(Op::Greater)),
        ("<", Operator::Compare(Op::Less)),
        ("=", Operator::Compare(Op::Equal)),
    ];
    let found = WRITTEN.iter().find_map(|&(written, op)| Some((op, text.strip_prefix(written)?)));
    let (op, rest) = found.unwrap_or((Operator::Compare(Op::Equal), text));
    (op, rest.trim_start())
}

fn comparator(
    reader: Reader<'_>,
    operator: Operator,
    partial: &Partial<'_>,
) -> Result<Vec<Comparator>, Error> {
    let said = partial.numbers.len();
    let floor = partial.floor(reader)?;
    match operator {
        Operator::Compare(Op::Less | Op::Greater) if said == 0 => {
            Ok(vec![(Op::Less, reader.version("0.0.0-0")?)])
        }
        _ if said == 0 => Ok(Vec::new()),
        Operator::Caret => up_to(floor, partial.above(partial.caret(), reader)?),
        Operator::Tilde => up_to(floor, partial.above(said.min(2), reader)?),
        Operator::Compare(op) if said == 3 => Ok(vec![(op, floor)]),
        Operator::Compare(Op::Less) => Ok(vec![(Op::Less, partial.below(reader)?)]),
        Operator::Compare(Op::LessOrEqual) => Ok(vec![(Op::Less, partial.above(said, reader)?)]),
        Operator::Compare(Op::GreaterOrEqual) => Ok(vec![(Op::GreaterOrEqual, floor)]),
        Operator::Compare(Op::Greater) => {
            let above = partial.above(said, reader)?;
            let above = above.as_str().trim_end_matches("-0");
            Ok(vec![(Op::GreaterOrEqual, reader.version(above)?)])
        }
        Operator::Compare(_) => up_to(floor, partial.above(said, reader)?),
    }
}

fn up_to(low: Version, high: Version) -> Result<Vec<Comparator>, Error> {
    Ok(vec![(Op::GreaterOrEqual, low), (Op::Less, high)])
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{no_ranges, range, spans},
    };

    #[test]
    fn notations_are_comparisons() {
        spans(
            Scheme::Npm,
            &[
                ("", "*"),
                ("^1.2.3", ">= 1.2.3, < 2.0.0-0"),
                ("^0.2.3", ">= 0.2.3, < 0.3.0-0"),
                ("^0.0.3", ">= 0.0.3, < 0.0.4-0"),
                ("^0.x", ">= 0.0.0, < 1.0.0-0"),
                ("~1.2", ">= 1.2.0, < 1.3.0-0"),
                ("~ 1", ">= 1.0.0, < 2.0.0-0"),
                ("1.x || >=2.5.0 <3", ">= 1.0.0, < 2.0.0-0 || >= 2.5.0, < 3.0.0-0"),
                ("1.2 - 2.3", ">= 1.2.0, < 2.4.0-0"),
                ("1.2.3 - 2.3.4", ">= 1.2.3, <= 2.3.4"),
                (">1.2", ">= 1.3.0"),
                ("<=1", "< 2.0.0-0"),
                ("<*", "< 0.0.0-0"),
            ],
        );
    }

    #[test]
    fn a_prerelease_counts_beside_one_of_the_same_release() {
        range(
            Scheme::Npm,
            ">1.2.3-alpha.3",
            &["1.2.3-alpha.7", "3.4.5"],
            &["3.4.5-alpha.9", "1.2.3-alpha.3"],
        );
        range(
            Scheme::Npm,
            "^1.2.3-rc.1",
            &["1.2.3-rc.2", "1.9.0"],
            &["1.3.0-rc.1", "2.0.0-rc.1", "2.0.0"],
        );
    }

    #[test]
    fn what_is_no_range_is_named() {
        no_ranges(Scheme::Npm, &[("^1.2 || foo", "foo"), ("1.2.3.4", "1.2.3.4"), (">=1 !2", "!2")]);
    }
}
