//! Conan's ranges: `[>=1.2 <2]`, `[~1.2]`, `[^1.2 || ^2, include_prerelease]`, `[1.2.*]`.
//!
//! Source: the Conan documentation, "Version ranges", and `VersionRange` of Conan 2
//! (`conan/internal/model/version_range.py`). A version alone is itself. Prereleases count only with
//! the option for it, but below a version its own never do. With a star, versions count whose text
//! begins so.

use super::{
    Alternative, Prereleases, Reader, Wanted, all_of,
    op::{Op, between},
    spans::Spans,
};
use crate::{Error, text};

const EXPECTED: &str = "conditions such as >=1.2 <2, ~1.2 or ^1.2";

pub(super) fn read(reader: Reader<'_>) -> Result<Vec<Alternative>, Error> {
    let text = reader.whole.trim();
    let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    if text.is_empty() {
        return Err(reader.error(text, EXPECTED));
    }
    let (text, options) = text.split_once(',').unwrap_or((text, ""));
    let all = options.split(',').any(|option| option.contains("include_prerelease"));
    let prereleases = if all { Prereleases::All } else { Prereleases::Never };
    text.split("||").map(|text| alternative(reader, text, prereleases.clone())).collect()
}

fn alternative(
    reader: Reader<'_>,
    text: &str,
    prereleases: Prereleases,
) -> Result<Alternative, Error> {
    let (mut spans, mut wanted) = (Vec::new(), Vec::new());
    for word in text.split_whitespace() {
        match word.strip_suffix('*') {
            Some("") => spans.push(Op::GreaterOrEqual.spans(&reader.version("0.0.0-")?)),
            Some(prefix) if !prefix.starts_with(['<', '>', '=', '~', '^']) => {
                wanted.push(Wanted::Beginning(prefix.into()));
            }
            _ => spans.push(condition(reader, word)?),
        }
    }
    if text.trim().is_empty() {
        spans.push(Op::GreaterOrEqual.spans(&reader.version("0.0.0-")?));
    }
    Ok(Alternative { spans: all_of(spans), prereleases, texts: wanted })
}

fn condition(reader: Reader<'_>, text: &str) -> Result<Spans, Error> {
    let wrong = || reader.error(text, EXPECTED);
    if let Some(version) = text.strip_prefix('~') {
        let main = main(version);
        let low = if version.contains('-') { version.to_owned() } else { format!("{version}-") };
        return up_to(reader, &low, main.get(..2).unwrap_or(&main));
    }
    if let Some(version) = text.strip_prefix('^') {
        let main = main(version);
        let counts = |number: &&str| !(text::is_number(number) && text::is_zero(number));
        let first = main.iter().position(counts).ok_or_else(wrong)?;
        return up_to(reader, &with_prereleases(version), main.get(..=first).unwrap_or(&main));
    }
    let (op, version) = Op::leading(text);
    let reaching = match op {
        _ if version.is_empty() => return Err(wrong()),
        Some(Op::Unequal) => return Err(wrong()),
        Some(Op::GreaterOrEqual | Op::Less) => with_prereleases(version),
        _ => version.to_owned(),
    };
    Ok(op.unwrap_or(Op::Equal).spans(&reader.version(&reaching)?))
}

/// The items before prerelease and build.
fn main(version: &str) -> Vec<&str> {
    let main = version.rsplit_once('+').map_or(version, |(main, _)| main);
    main.split_once('-').map_or(main, |(main, _)| main).split('.').collect()
}

/// The version below all of its prereleases, unless it is one or a build.
fn with_prereleases(version: &str) -> String {
    let plain = !version.contains(['-', '+']);
    if plain { format!("{version}-") } else { version.to_owned() }
}

/// At least `low`, and below what is above all that begins with these items.
fn up_to(reader: Reader<'_>, low: &str, items: &[&str]) -> Result<Spans, Error> {
    let last = items.last().copied().filter(|last| text::is_number(last));
    let Some((last, others)) = last.zip(items.split_last()).map(|(last, (_, rest))| (last, rest))
    else {
        return Err(reader.error(low, "a number that can be raised"));
    };
    let next = text::successor(last);
    let above: Vec<&str> = others.iter().copied().chain([next.as_str()]).collect();
    Ok(between(&reader.version(low)?, &reader.version(&(above.join(".") + "-"))?))
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{no_ranges, range, spans},
    };

    #[test]
    fn conditions_are_spans() {
        spans(
            Scheme::Conan,
            &[
                ("[>=1.2 <2]", ">= 1.2-, < 2-"),
                ("~1.2.3", ">= 1.2.3-, < 1.3-"),
                ("^0.2", ">= 0.2-, < 0.3-"),
                ("*", ">= 0.0.0-"),
            ],
        );
    }

    #[test]
    fn prereleases_count_only_if_asked_for() {
        range(Scheme::Conan, "[>=1 <2]", &["1.0", "1.9"], &["1.5-rc", "2.0-rc"]);
        range(Scheme::Conan, "[>=1 <2, include_prerelease]", &["1.5-rc", "1-a"], &["2-rc"]);
    }

    #[test]
    fn a_star_is_about_the_text() {
        range(Scheme::Conan, "1.2.*", &["1.2.0", "1.2.x"], &["1.2", "1.20"]);
        no_ranges(Scheme::Conan, &[("", "''"), ("^0.0", "^0.0"), (">=", ">="), ("~a", "a")]);
    }
}
