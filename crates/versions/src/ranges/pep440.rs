//! Python's version specifiers: `~=1.4.2, !=1.5.*, <2`.
//!
//! Source: the version specifiers of the Python packaging specifications (PEP 440), and
//! `packaging.specifiers`, which takes prereleases in where it is asked about one version alone.
//! Alternatives with `||` between them are read besides, as advisories have them.

use super::{
    Alternative, Reader, Wanted, all_of,
    op::{Op, between},
    spans::{Cut, Side, Span, Spans},
};
use crate::{Error, Version, schemes::pep440::Parts, text};

const EXPECTED: &str = "specifiers such as >=1.0, ~=1.4.2 or ==1.*";

pub(super) fn read(reader: Reader<'_>) -> Result<Vec<Alternative>, Error> {
    reader.alternatives().map(|text| alternative(reader, text)).collect()
}

fn alternative(reader: Reader<'_>, text: &str) -> Result<Alternative, Error> {
    let text = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    let (mut spans, mut texts) = (Vec::new(), Vec::new());
    for specifier in text.split(',').map(str::trim).filter(|specifier| !specifier.is_empty()) {
        if let Some(exactly) = specifier.strip_prefix("===") {
            texts.push(Wanted::Exactly(exactly.trim().into()));
        } else {
            spans.push(specified(reader, specifier)?);
        }
    }
    Ok(Alternative { texts, ..all_of(spans).into() })
}

fn specified(reader: Reader<'_>, specifier: &str) -> Result<Spans, Error> {
    if let Some(version) = specifier.strip_prefix("~=") {
        return compatible(reader, &parts(reader, version)?);
    }
    let (Some(op), version) = Op::leading(specifier) else {
        return Err(reader.error(specifier, EXPECTED));
    };
    if let Some(prefix) = version.strip_suffix(".*") {
        return wildcard(reader, op, &parts(reader, prefix)?);
    }
    compared(reader, op, &parts(reader, version)?)
}

fn parts(reader: Reader<'_>, text: &str) -> Result<Parts, Error> {
    Parts::of(text).ok_or_else(|| reader.error(text, EXPECTED))
}

/// At least this, within what all numbers but the last say.
fn compatible(reader: Reader<'_>, parts: &Parts) -> Result<Spans, Error> {
    let Some((_, prefix)) = parts.release.split_last().filter(|(_, prefix)| !prefix.is_empty())
    else {
        return Err(reader.error("~=", "two numbers or more behind ~="));
    };
    let above = next(&parts.epoch, prefix);
    Ok(between(&reader.version(&parts.to_string())?, &reader.version(&above)?))
}

fn wildcard(reader: Reader<'_>, op: Op, parts: &Parts) -> Result<Spans, Error> {
    let plain = parts.pre.is_none() && parts.post.is_none() && parts.dev.is_none();
    let low = Parts { dev: Some("0".to_owned()), ..parts.clone() };
    let high = next(&parts.epoch, &parts.release);
    let spans = between(&reader.version(&low.to_string())?, &reader.version(&high)?);
    match op {
        Op::Equal if plain && parts.local.is_none() => Ok(spans),
        Op::Unequal if plain && parts.local.is_none() => Ok(spans.complement()),
        _ => Err(reader.error(".*", "numbers alone before .*, and == or != before them")),
    }
}

/// The first version, of those that development makes, behind all that begin with these numbers.
fn next(epoch: &str, release: &[String]) -> String {
    let mut release = release.to_vec();
    if let Some(last) = release.last_mut() {
        *last = text::successor(last);
    }
    let mark = if epoch.is_empty() { "" } else { "!" };
    format!("{epoch}{mark}{}.dev0", release.join("."))
}

/// A comparison. Local versions count as what they are of, unless one is named.
fn compared(reader: Reader<'_>, op: Op, parts: &Parts) -> Result<Spans, Error> {
    let version = reader.version(&parts.to_string())?;
    let equals = match op {
        Op::Equal | Op::Unequal if parts.local.is_some() => return Ok(op.spans(&version)),
        Op::Equal | Op::Unequal | Op::LessOrEqual => behind_locals(reader, parts)?,
        Op::Less => return less(reader, parts, &version),
        Op::Greater => return greater(reader, parts, &version),
        Op::GreaterOrEqual => return Ok(op.spans(&version)),
    };
    let low = (op != Op::LessOrEqual).then(|| Cut::new(&version, Side::Before));
    let spans = Spans::from(Span { low, high: Some(Cut::new(&equals, Side::Before)) });
    Ok(if op == Op::Unequal { spans.complement() } else { spans })
}

/// The first version that is above all local versions of one.
fn behind_locals(reader: Reader<'_>, parts: &Parts) -> Result<Version, Error> {
    let mut next = Parts { local: None, ..parts.clone() };
    match (&parts.dev, &parts.post) {
        (Some(dev), _) => next.dev = Some(text::successor(dev)),
        (None, post) => {
            let number = post.as_ref().map_or_else(|| "0".to_owned(), |post| text::successor(post));
            (next.post, next.dev) = (Some(number), Some("0".to_owned()));
        }
    }
    reader.version(&next.to_string())
}

/// Below it, and below its prereleases too unless it is one.
fn less(reader: Reader<'_>, parts: &Parts, version: &Version) -> Result<Spans, Error> {
    if parts.is_prerelease() {
        return Ok(Op::Less.spans(version));
    }
    let first = Parts { dev: Some("0".to_owned()), local: None, ..parts.clone() };
    Ok(Op::Less.spans(&reader.version(&first.to_string())?))
}

/// Above it and its local versions, and above its post-releases unless it is one.
fn greater(reader: Reader<'_>, parts: &Parts, version: &Version) -> Result<Spans, Error> {
    if parts.dev.is_some() || parts.post.is_some() {
        return Ok(Op::GreaterOrEqual.spans(&behind_locals(reader, parts)?));
    }
    Ok(Op::Greater.spans_up_to(version, Side::AfterVariants))
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{no_ranges, range, spans},
    };

    #[test]
    fn specifiers_are_spans() {
        spans(
            Scheme::Pep440,
            &[
                ("", "*"),
                ("~=1.4.2", ">= 1.4.2, < 1.5.dev0"),
                ("==1.*", ">= 1.dev0, < 2.dev0"),
                ("!=1.5.*", "< 1.5.dev0 || >= 1.6.dev0"),
                ("==1.1", ">= 1.1, < 1.1.post0.dev0"),
                ("<2", "< 2.dev0"),
                ("<2rc1", "< 2rc1"),
                (">1.7", "> 1.7*"),
                (">=1,<2||==3", ">= 1, < 2.dev0 || >= 3, < 3.post0.dev0"),
            ],
        );
    }

    #[test]
    fn local_versions_and_post_releases_count_as_the_specification_says() {
        range(Scheme::Pep440, "==1.1", &["1.1", "1.1.0+local"], &["1.1.post1", "1.1.dev1"]);
        range(Scheme::Pep440, "==1.1+l", &["1.1+l"], &["1.1", "1.1+m"]);
        range(Scheme::Pep440, "<=1.1", &["1.1+l", "1.1a1"], &["1.1.post0"]);
        range(Scheme::Pep440, ">1.1", &["1.1.1.dev0", "1.2a1"], &["1.1+l", "1.1.post1", "1.1"]);
        range(Scheme::Pep440, ">1.1.post1", &["1.1.post2"], &["1.1.post1+l"]);
        range(Scheme::Pep440, "===1.1RC", &["1.1rc"], &["1.1rc0"]);
    }

    #[test]
    fn what_is_no_specifier_is_named() {
        no_ranges(
            Scheme::Pep440,
            &[("1.0", "1.0"), ("~=1", "~="), (">=1.*", ".*"), (">=foo", "foo")],
        );
    }
}
