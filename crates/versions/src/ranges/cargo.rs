//! Cargo's requirements: `^1.2.3`, `1.2`, `~1`, `>=1.2, <1.5`, `1.*`.
//!
//! Source: the Cargo book, "Specifying dependencies", and `VersionReq` of the `semver` crate. A
//! version alone has a caret. A prerelease counts only where a comparator has one of the same three
//! numbers.

use super::{
    Alternative, Prereleases, Reader, all_of,
    op::{Op, between},
    partial::Partial,
    spans::Spans,
};
use crate::Error;

const EXPECTED: &str = "a version, with an operator such as ^, ~ or >= before it";

pub(super) fn read(reader: Reader<'_>) -> Result<Vec<Alternative>, Error> {
    reader.alternatives().map(|text| alternative(reader, text)).collect()
}

fn alternative(reader: Reader<'_>, text: &str) -> Result<Alternative, Error> {
    let (mut spans, mut releases) = (Vec::new(), Vec::new());
    for comparator in text.split(',').map(str::trim) {
        let (operator, rest) = operator(comparator);
        let partial = Partial::of(rest).ok_or_else(|| reader.error(comparator, EXPECTED))?;
        spans.push(spans_of(reader, operator, &partial)?);
        if partial.prerelease.is_some() {
            releases.push(partial.floor(reader)?.family().into());
        }
    }
    Ok(Alternative {
        spans: all_of(spans),
        prereleases: Prereleases::Of(releases),
        texts: Vec::new(),
    })
}

/// What stands before a version.
#[derive(Clone, Copy)]
enum Operator {
    Caret,
    Tilde,
    Compare(Op),
}

fn operator(text: &str) -> (Operator, &str) {
    let tilde = || Some((Operator::Tilde, text.strip_prefix('~')?.trim_start()));
    let caret = || Some((Operator::Caret, text.strip_prefix('^')?.trim_start()));
    tilde().or_else(caret).unwrap_or_else(|| match Op::leading(text) {
        (Some(op), rest) => (Operator::Compare(op), rest),
        (None, rest) => (Operator::Caret, rest),
    })
}

fn spans_of(reader: Reader<'_>, operator: Operator, partial: &Partial<'_>) -> Result<Spans, Error> {
    let said = partial.numbers.len();
    let floor = partial.floor(reader)?;
    let above = |shared| partial.above(shared, reader);
    match operator {
        _ if said == 0 => Ok(Spans::all()),
        // With a wildcard nothing else is meant than what is said.
        Operator::Caret if !partial.wildcard => Ok(between(&floor, &above(partial.caret())?)),
        Operator::Tilde => Ok(between(&floor, &above(said.min(2))?)),
        Operator::Compare(op) if said == 3 => Ok(op.spans(&floor)),
        Operator::Compare(Op::Less) => Ok(Op::Less.spans(&partial.below(reader)?)),
        Operator::Compare(Op::LessOrEqual) => Ok(Op::Less.spans(&above(said)?)),
        Operator::Compare(Op::GreaterOrEqual) => Ok(Op::GreaterOrEqual.spans(&floor)),
        Operator::Compare(Op::Greater) => Ok(Op::GreaterOrEqual.spans(&above(said)?)),
        Operator::Compare(Op::Unequal) => Err(reader.error("!=", EXPECTED)),
        Operator::Compare(Op::Equal) | Operator::Caret => Ok(between(&floor, &above(said)?)),
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{no_ranges, range, spans},
    };

    #[test]
    fn a_version_alone_has_a_caret() {
        spans(
            Scheme::Cargo,
            &[
                ("1.2.3", ">= 1.2.3, < 2.0.0-0"),
                ("0.0", ">= 0.0.0, < 0.1.0-0"),
                ("~1.2.3", ">= 1.2.3, < 1.3.0-0"),
                ("1.*", ">= 1.0.0, < 2.0.0-0"),
                ("0.0.*", ">= 0.0.0, < 0.1.0-0"),
                (">=1.2, <1.5", ">= 1.2.0, < 1.5.0-0"),
                ("=1.2.3", ">= 1.2.3, <= 1.2.3"),
                ("*", "*"),
            ],
        );
        range(
            Scheme::Cargo,
            ">=1.0.0-rc.1",
            &["1.0.0-rc.2", "1.0.0"],
            &["1.1.0-rc.1", "1.0.0-rc.0"],
        );
        no_ranges(Scheme::Cargo, &[("1.2,", "''"), ("!=1.0", "!="), ("x1", "x1")]);
    }
}
