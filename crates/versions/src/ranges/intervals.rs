//! Intervals in brackets: Maven's `[1.0,2.0),[3.0]` and NuGet's `(1.0,2.0]`, `1.0`, `1.*`.
//!
//! Sources: Maven's POM reference, "Dependency version requirement specification", and `VersionRange`
//! of maven-artifact, by which a version alone is a wish that any version fulfils; Microsoft's page on
//! NuGet package versioning, "Version ranges", by which it is the least version. With a star it is any
//! version that begins so, but prereleases only if the star is one, or has one behind it.
//!
//! Alternatives with `||` between them are read besides, and comparators (`>= 1.0, < 2.0`), as
//! advisories have them.

use super::{
    Alternative, Prereleases, Reader, comparators,
    op::{Op, between},
    spans::{Cut, Side, Span, Spans},
};
use crate::{Error, Version, schemes::semver, text};

const EXPECTED: &str = "intervals such as [1.0,2.0) or (,1.0]";

pub(super) fn maven(reader: Reader<'_>) -> Result<Vec<Alternative>, Error> {
    let alone = |text: &str| reader.version(text).map(|_| Spans::all().into());
    reader.alternatives().map(|text| list(reader, text, alone)).collect()
}

pub(super) fn nuget(reader: Reader<'_>) -> Result<Vec<Alternative>, Error> {
    let alone = |text: &str| {
        if text.contains('*') {
            return floating(reader, text);
        }
        Ok(Op::GreaterOrEqual.spans(&reader.version(text)?).into())
    };
    reader.alternatives().map(|text| list(reader, text, alone)).collect()
}

/// Intervals with commas between them, or what is `alone`.
fn list(
    reader: Reader<'_>,
    text: &str,
    alone: impl Fn(&str) -> Result<Alternative, Error>,
) -> Result<Alternative, Error> {
    if comparators::begin(text) {
        return Ok(comparators::alternative(reader, text)?.into());
    }
    if !text.starts_with(['[', '(']) {
        return alone(text);
    }
    let mut spans = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find([']', ')']).ok_or_else(|| reader.error(rest, EXPECTED))?;
        let (interval, behind) = rest.split_at(end + 1);
        spans.extend(self::interval(reader, interval)?);
        rest = behind.trim_start_matches([',', ' ']);
    }
    Ok(spans.into_iter().collect::<Spans>().into())
}

fn interval(reader: Reader<'_>, text: &str) -> Result<Spans, Error> {
    let wrong = || reader.error(text, EXPECTED);
    let (open, inner) = text.split_at_checked(1).ok_or_else(wrong)?;
    let (inner, close) = inner.split_at_checked(inner.len().saturating_sub(1)).ok_or_else(wrong)?;
    if !matches!(open, "[" | "(") {
        return Err(wrong());
    }
    let Some((low, high)) = inner.split_once(',') else {
        let exact = open == "[" && close == "]";
        let version = if exact { bound(reader, inner)? } else { None };
        return Ok(Op::Equal.spans(&version.ok_or_else(wrong)?));
    };
    let from = if open == "[" { Side::Before } else { Side::After };
    let to = if close == "]" { Side::After } else { Side::Before };
    let low = bound(reader, low)?.map(|version| Cut::new(&version, from));
    let high = bound(reader, high)?.map(|version| Cut::new(&version, to));
    Ok(Span { low, high }.into())
}

/// A version at the side of an interval, if there is one. A star at its end counts as 0.
fn bound(reader: Reader<'_>, text: &str) -> Result<Option<Version>, Error> {
    let text = text.trim();
    let text = text.strip_suffix(".*").unwrap_or(text);
    if text.is_empty() { Ok(None) } else { reader.version(text).map(Some) }
}

/// `*`, `1.*`, `1.2.3-*`, `1.*-*`.
fn floating(reader: Reader<'_>, text: &str) -> Result<Alternative, Error> {
    let (text, prereleases) = match text.strip_suffix("-*") {
        Some(text) => (text, Prereleases::All),
        None => (text, Prereleases::Never),
    };
    let spans = match text.strip_suffix('*') {
        Some("") => Spans::all(),
        Some(prefix) => {
            let prefix = prefix.strip_suffix('.').ok_or_else(|| reader.error(text, EXPECTED))?;
            beginning(reader, prefix)?
        }
        // The star stands for prereleases alone.
        None => {
            let (low, high) = (reader.version(&format!("{text}-0"))?, reader.version(text)?);
            let (low, high) = (Cut::new(&low, Side::Before), Cut::new(&high, Side::After));
            Span { low: Some(low), high: Some(high) }.into()
        }
    };
    Ok(Alternative { spans, prereleases, texts: Vec::new() })
}

/// The versions that begin with these numbers.
fn beginning(reader: Reader<'_>, prefix: &str) -> Result<Spans, Error> {
    let (numbers, rest) = semver::numbers(prefix);
    let Some((last, others)) = numbers.split_last().filter(|_| rest.is_empty()) else {
        return Err(reader.error(prefix, "numbers alone before .*"));
    };
    let next = text::successor(last);
    let above: Vec<&str> = others.iter().copied().chain([next.as_str()]).collect();
    let low = reader.version(&format!("{prefix}-0"))?;
    Ok(between(&low, &reader.version(&format!("{}-0", above.join(".")))?))
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{no_ranges, range, spans},
    };

    #[test]
    fn brackets_say_what_is_included() {
        for scheme in [Scheme::Maven, Scheme::Nuget] {
            spans(
                scheme,
                &[
                    ("[1.0,2.0)", ">= 1.0, < 2.0"),
                    ("(1.0,2.0]", "> 1.0, <= 2.0"),
                    ("(,1.0],[1.2,)", "<= 1.0 || >= 1.2"),
                    ("[1.0]", ">= 1.0, <= 1.0"),
                    ("(,)", "*"),
                    (">= 1.0, < 2.0", ">= 1.0, < 2.0"),
                    ("(,1.0)||[2.0]", "< 1.0 || >= 2.0, <= 2.0"),
                ],
            );
            no_ranges(
                scheme,
                &[("(1.0)", "(1.0)"), ("[1.0", "[1.0"), ("[]", "[]"), ("[1,2)]", "]")],
            );
        }
    }

    #[test]
    fn a_version_alone_is_what_the_ecosystem_says() {
        spans(Scheme::Maven, &[("1.0", "*")]);
        spans(Scheme::Nuget, &[("1.0", ">= 1.0")]);
    }

    #[test]
    fn a_star_is_what_begins_so() {
        range(Scheme::Nuget, "1.*", &["1.0", "1.9.9.9"], &["2.0", "1.5-rc", "0.9"]);
        range(Scheme::Nuget, "1.*-*", &["1.0-a", "1.5-rc", "1.9"], &["2.0-a"]);
        range(Scheme::Nuget, "1.2.3-*", &["1.2.3-rc", "1.2.3"], &["1.2.4-rc", "1.2.2"]);
        range(Scheme::Nuget, "*", &["9.0"], &["9.0-rc"]);
        no_ranges(Scheme::Nuget, &[("1.0-beta*", "1.0-beta*"), ("1*", "1*")]);
    }
}
