//! Dart's constraints: `^1.2.3`, `>=1.2.3 <2.0.0`, `any`.
//!
//! Source: Dart's documentation, "Package dependencies", and `VersionConstraint.parse` and `VersionRange` of
//! pub_semver. A version alone is itself. Below a release its prereleases do not count either, unless
//! the lower bound is one of them.

use super::{
    Alternative, Reader, all_of,
    op::{Op, between},
    partial::Partial,
};
use crate::{Error, Version};

const EXPECTED: &str = "^1.2.3, or comparisons such as >=1.2.3 <2.0.0, or any";

pub(super) fn read(reader: Reader<'_>) -> Result<Vec<Alternative>, Error> {
    reader.alternatives().map(|text| alternative(reader, text)).collect()
}

fn alternative(reader: Reader<'_>, text: &str) -> Result<Alternative, Error> {
    let mut spans = Vec::new();
    let mut comparators = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (caret, op, behind) = operator(rest);
        let end = behind.find(char::is_whitespace).unwrap_or(behind.len());
        let (version, behind) = behind.split_at(end);
        rest = behind.trim_start();
        if caret {
            spans.push(compatible(reader, version)?);
        } else if version != "any" {
            comparators.push((op, reader.version(version)?));
        }
    }
    if text.is_empty() {
        return Err(reader.error(text, EXPECTED));
    }
    let low = comparators.iter().find(|(op, _)| matches!(op, Op::Greater | Op::GreaterOrEqual));
    let low = low.map(|(_, version)| version.clone());
    for (op, version) in comparators {
        let version = if op == Op::Less { upper(reader, version, low.as_ref())? } else { version };
        spans.push(op.spans(&version));
    }
    Ok(all_of(spans).into())
}

/// Whether it is a caret, else the comparison, and what is behind it.
fn operator(text: &str) -> (bool, Op, &str) {
    if let Some(rest) = text.strip_prefix('^') {
        return (true, Op::Equal, rest.trim_start());
    }
    let (op, rest) = Op::leading(text);
    (false, op.unwrap_or(Op::Equal), rest)
}

fn compatible(reader: Reader<'_>, text: &str) -> Result<super::Spans, Error> {
    let partial = Partial::of(text).filter(Partial::is_full);
    let partial = partial.ok_or_else(|| reader.error(text, EXPECTED))?;
    Ok(between(&reader.version(text)?, &partial.above(partial.caret(), reader)?))
}

/// Where a range ends that ends below `version`.
fn upper(reader: Reader<'_>, version: Version, low: Option<&Version>) -> Result<Version, Error> {
    let of_low = low.is_some_and(|low| low.is_prerelease() && low.family() == version.family());
    if version.is_prerelease() || version.as_str().contains('+') || of_low {
        return Ok(version);
    }
    reader.version(&format!("{version}-0"))
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{no_ranges, range, spans},
    };

    #[test]
    fn below_a_release_its_prereleases_do_not_count() {
        spans(
            Scheme::Pub,
            &[
                ("any", "*"),
                ("^1.2.3", ">= 1.2.3, < 2.0.0-0"),
                ("^0.1.2", ">= 0.1.2, < 0.2.0-0"),
                (">=1.2.3 <2.0.0", ">= 1.2.3, < 2.0.0-0"),
                (">=2.0.0-a <2.0.0", ">= 2.0.0-a, < 2.0.0"),
                ("<2.0.0+1", "< 2.0.0+1"),
            ],
        );
        range(Scheme::Pub, "1.2.3", &["1.2.3"], &["1.2.3+1", "1.2.3-a"]);
        no_ranges(Scheme::Pub, &[("", "''"), ("^1.2", "1.2"), (">=a", "a")]);
    }
}
