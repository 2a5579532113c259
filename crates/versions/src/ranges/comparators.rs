//! Comparators with commas or white space between them: `>= 1.0, < 2.0 || = 3.0`.
//!
//! Source: the vulnerable ranges of GitHub's advisories, and the dependencies of RPM, pacman and
//! Debian packages, from which `<<` and `>>` come. `*` is any version. A version alone is itself, but
//! for Go, where a requirement is the least version (Go modules reference, "Minimal version
//! selection").
//!
//! RPM and pacman take a version without a release for equal to each of its releases, so `<= 1.2` has
//! 1.2-3.

use super::{
    Alternative, Reader, all_of,
    op::Op,
    spans::{Side, Spans},
};
use crate::{Error, Scheme, Version, text};

const EXPECTED: &str = "comparisons such as >= 1.0, < 2.0";

pub(super) fn read(reader: Reader<'_>) -> Result<Vec<Alternative>, Error> {
    reader.alternatives().map(|text| Ok(alternative(reader, text)?.into())).collect()
}

/// Whether a text begins as comparators do.
pub(super) fn begin(text: &str) -> bool {
    Op::leading(text).0.is_some()
}

/// All comparators of an alternative.
pub(super) fn alternative(reader: Reader<'_>, mut text: &str) -> Result<Spans, Error> {
    if text.is_empty() {
        return Err(reader.error(text, EXPECTED));
    }
    let mut spans = Vec::new();
    while !text.is_empty() {
        let (op, rest) = Op::leading(text);
        let end = rest.find(|char: char| char == ',' || char.is_whitespace()).unwrap_or(rest.len());
        let (version, rest) = rest.split_at(end);
        spans.push(comparator(reader, op, version)?);
        text = rest.trim_start_matches(|char: char| char == ',' || char.is_whitespace());
    }
    Ok(all_of(spans))
}

fn comparator(reader: Reader<'_>, op: Option<Op>, text: &str) -> Result<Spans, Error> {
    if text.is_empty() {
        return Err(reader.error(text, EXPECTED));
    }
    if text == "*" && op.is_none() {
        return Ok(Spans::all());
    }
    let alone = if reader.scheme == Scheme::Go { Op::GreaterOrEqual } else { Op::Equal };
    let version = reader.version(text)?;
    Ok(op.unwrap_or(alone).spans_up_to(&version, reach(&version)))
}

/// How far up what equals a version reaches.
fn reach(version: &Version) -> Side {
    let has_releases = matches!(version.scheme(), Scheme::Rpm | Scheme::Pacman);
    if has_releases && text::release(version.as_str()).1.is_none() {
        Side::AfterVariants
    } else {
        Side::After
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{no_ranges, range, spans},
    };

    #[test]
    fn comparators_all_hold() {
        spans(
            Scheme::Dpkg,
            &[
                (">= 1.0, < 2.0 || = 3.0", ">= 1.0, < 2.0 || >= 3.0, <= 3.0"),
                (">>1.0 <<2.0", "> 1.0, < 2.0"),
                ("*", "*"),
                ("!= 1.0", "< 1.0 || > 1.0"),
            ],
        );
        no_ranges(Scheme::Dpkg, &[("", "''"), (">= ", "''"), (">= 1.0 || ", "''")]);
    }

    #[test]
    fn a_version_alone_is_itself_but_for_go() {
        range(Scheme::Apk, "1.0-r0", &["1.0-r0"], &["1.0-r1"]);
        range(Scheme::Go, "v1.2.0", &["v1.3.0"], &["v1.1.0"]);
    }

    #[test]
    fn without_a_release_all_releases_are_meant() {
        for scheme in [Scheme::Rpm, Scheme::Pacman] {
            range(scheme, "<= 1.2", &["1.2-3", "1.1-9"], &["1.3-1"]);
            range(scheme, "= 1.2", &["1.2-3", "1.2"], &["1.2.1-1"]);
            range(scheme, "> 1.2", &["1.3-1"], &["1.2-3"]);
            range(scheme, "<= 1.2-3", &["1.2-3"], &["1.2-4"]);
        }
    }
}
