//! Composer's constraints: `^1.2 || ~2.0.3, !=2.0.5`, `1.2.*`, `1.0 - 2.0`, `>=1.0@beta`, `dev-main`.
//!
//! Source: Composer's documentation, "Versions and constraints", and `VersionParser::parseConstraints` of
//! composer/semver. Each bound without a stability of its own is below the `-dev` version, so that
//! prereleases count at the lower end and not at the upper. Branches are in no range but all versions,
//! themselves, and what is unequal to something else.

use super::{
    Alternative, Reader, all_of,
    op::{Op, between},
    spans::{Cut, Span, Spans},
};
use crate::{
    Error, Version,
    schemes::composer::{FIRST_VERSION, Normal, is_stability, modifier, normalize},
    schemes::semver,
    text,
};

const EXPECTED: &str = "constraints such as ^1.2, ~1.2.3, 1.2.*, >=1.0 or dev-main";

pub(super) fn read(reader: Reader<'_>) -> Result<Vec<Alternative>, Error> {
    // Both `|` and `||` are between alternatives.
    let alternatives = reader.alternatives().flat_map(|text| text.split('|').map(str::trim));
    alternatives.map(|text| Ok(alternative(reader, text)?.into())).collect()
}

fn alternative(reader: Reader<'_>, text: &str) -> Result<Spans, Error> {
    if text.is_empty() {
        return Err(reader.error(text, EXPECTED));
    }
    let mut spans = Vec::new();
    for part in text.split(',') {
        let words: Vec<&str> = part.split_whitespace().collect();
        let mut rest = words.as_slice();
        while let Some((constraint, behind)) = taken(rest) {
            spans.push(constraint_spans(reader, &constraint)?);
            rest = behind;
        }
    }
    Ok(all_of(spans))
}

/// One constraint of many words: operators stand before what they are of, ` - ` and ` as ` between.
fn taken<'a, 'b>(words: &'a [&'b str]) -> Option<(Constraint<'b>, &'a [&'b str])> {
    match words {
        [] => None,
        [low, "-", high, rest @ ..] => Some((Constraint::Between(low, high), rest)),
        [version, "as", _, rest @ ..] => Some((Constraint::One((*version).to_owned()), rest)),
        [op, version, rest @ ..] if op.bytes().all(|byte| b"<>=!".contains(&byte)) => {
            Some((Constraint::One(format!("{op}{version}")), rest))
        }
        [one, rest @ ..] => Some((Constraint::One((*one).to_owned()), rest)),
    }
}

enum Constraint<'a> {
    One(String),
    Between(&'a str, &'a str),
}

fn constraint_spans(reader: Reader<'_>, constraint: &Constraint<'_>) -> Result<Spans, Error> {
    match constraint {
        Constraint::One(text) => one(reader, text),
        Constraint::Between(low, high) => hyphen(reader, low, high),
    }
}

fn one(reader: Reader<'_>, text: &str) -> Result<Spans, Error> {
    let (text, stability) = flag(text);
    let text = without_reference(text);
    if let Some(anything) = anything(text) {
        return Ok(anything);
    }
    if let Some(version) = text.strip_prefix('~') {
        return tilde(reader, version);
    }
    if let Some(version) = text.strip_prefix('^') {
        return caret(reader, version);
    }
    match wildcard(reader, text)? {
        Some(spans) => Ok(spans),
        None => basic(reader, text, stability),
    }
}

/// Without a flag of stability such as `@beta`, and the flag; `stable` is none.
fn flag(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once('@') {
        Some((version, flag)) if is_stability(flag) => {
            let flag = Some(flag).filter(|flag| !flag.eq_ignore_ascii_case("stable"));
            (if version.is_empty() { "*" } else { version }, flag)
        }
        _ => (text, None),
    }
}

/// A branch without the commit behind it.
fn without_reference(text: &str) -> &str {
    match text.split_once('#') {
        Some((branch, _)) if branch.starts_with("dev-") || branch.ends_with(".x-dev") => branch,
        _ => text,
    }
}

/// `*` is any version; `*.*` and `v*` any but branches.
fn anything(text: &str) -> Option<Spans> {
    let bare = text.strip_prefix('v').unwrap_or(text);
    let all_any = !bare.is_empty() && bare.split('.').all(|part| matches!(part, "x" | "X" | "*"));
    let anything =
        || if bare.len() == text.len() && bare.len() == 1 { Spans::all() } else { versions() };
    all_any.then(anything)
}

/// All that are no branches.
fn versions() -> Spans {
    Span { low: Some(Cut::before_all(FIRST_VERSION, "0.0.0.0-dev")), high: None }.into()
}

/// What a constraint's version is made of.
struct Pieces<'a> {
    numbers: Vec<&'a str>,
    /// Whether it says a stability of its own.
    stability: bool,
    /// Whether it ends as in `2.x-dev`.
    branch: bool,
}

fn pieces<'a>(reader: Reader<'_>, text: &'a str) -> Result<Pieces<'a>, Error> {
    let wrong = || reader.error(text, EXPECTED);
    let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let bare = bare.split_once('+').map_or(bare, |(bare, _)| bare);
    let (numbers, rest) = semver::numbers(bare);
    let branch = ["x", "X", "*"].iter().find_map(|any| rest.strip_prefix('.')?.strip_prefix(any));
    let branch = branch.is_some_and(|dev| dev.trim_start_matches(['.', '-']) == "dev");
    if numbers.is_empty() || numbers.len() > 4 || !(branch || modifier(rest).is_some()) {
        return Err(wrong());
    }
    Ok(Pieces { numbers, stability: branch || rest.len() > 1, branch })
}

impl Pieces<'_> {
    /// The `-dev` version of the first `kept` numbers, with the last of these raised by `raise`.
    fn bound(&self, kept: usize, raise: bool, reader: Reader<'_>) -> Result<Version, Error> {
        let number = |index| self.numbers.get(index).copied().unwrap_or("0");
        let numbers = [0, 1, 2, 3].map(|index| match index + 1 {
            place if place == kept && raise => text::successor(number(index)),
            place if place > kept => "0".to_owned(),
            _ => number(index).to_owned(),
        });
        reader.version(&(numbers.join(".") + "-dev"))
    }

    fn low(&self, text: &str, reader: Reader<'_>) -> Result<Version, Error> {
        let text = text.split_once('+').map_or(text, |(text, _)| text);
        let dev = if self.stability { "" } else { "-dev" };
        let text = format!("{text}{dev}");
        normalize(&text).ok_or_else(|| reader.error(&text, EXPECTED))?;
        reader.version(&text)
    }
}

fn tilde(reader: Reader<'_>, text: &str) -> Result<Spans, Error> {
    let pieces = pieces(reader, text)?;
    let place = pieces.numbers.len() + usize::from(pieces.branch);
    let high = pieces.bound(place.saturating_sub(1).max(1), true, reader)?;
    Ok(between(&pieces.low(text, reader)?, &high))
}

fn caret(reader: Reader<'_>, text: &str) -> Result<Spans, Error> {
    let pieces = pieces(reader, text)?;
    let place = match pieces.numbers.as_slice() {
        ["0"] => 1,
        ["0", "0"] | ["0", "0", _, ..] => pieces.numbers.len().min(3),
        ["0", ..] => 2,
        _ => 1,
    };
    Ok(between(&pieces.low(text, reader)?, &pieces.bound(place, true, reader)?))
}

/// `1.2.*`: the numbers before the first star.
fn wildcard(reader: Reader<'_>, text: &str) -> Result<Option<Spans>, Error> {
    let (numbers, rest) = semver::numbers(text.strip_prefix('v').unwrap_or(text));
    let stars = rest.strip_prefix('.').unwrap_or("");
    let all_stars = stars.split('.').all(|part| matches!(part, "x" | "X" | "*"));
    if !all_stars || !(1..=3).contains(&numbers.len()) {
        return Ok(None);
    }
    let kept = numbers.len();
    let pieces = Pieces { numbers, stability: false, branch: false };
    let high = pieces.bound(kept, true, reader)?;
    let low = pieces.bound(kept, false, reader)?;
    if low.as_str() == "0.0.0.0-dev" {
        return Ok(Some(versions().intersection(&Op::Less.spans(&high))));
    }
    Ok(Some(between(&low, &high)))
}

/// `1.0 - 2.0`: both included, and all that the latter begins.
fn hyphen(reader: Reader<'_>, low: &str, high: &str) -> Result<Spans, Error> {
    let from = pieces(reader, low)?.low(low, reader)?;
    let to = pieces(reader, high)?;
    if to.numbers.len() > 2 || to.stability {
        let to = reader.version(high)?;
        return Ok(all_of([Op::GreaterOrEqual.spans(&from), Op::LessOrEqual.spans(&to)]));
    }
    Ok(between(&from, &to.bound(to.numbers.len(), true, reader)?))
}

fn basic(reader: Reader<'_>, text: &str, stability: Option<&str>) -> Result<Spans, Error> {
    let (op, version) = Op::leading(text);
    let op = op.unwrap_or(Op::Equal);
    let branch = || version.strip_suffix("-dev").and_then(|name| normalize(&format!("dev-{name}")));
    let normal = normalize(version).or_else(branch);
    match normal.ok_or_else(|| reader.error(text, EXPECTED))? {
        Normal::Branch(name) => {
            let branch = reader.version(&format!("dev-{name}"))?;
            let comparable = matches!(op, Op::Equal | Op::Unequal);
            Ok(if comparable { op.spans(&branch) } else { Spans::NONE })
        }
        Normal::Version(mut normal) => {
            normal += &suffix(op, version, &normal, stability);
            let spans = op.spans(&reader.version(&normal)?);
            Ok(if op == Op::Unequal { spans } else { versions().intersection(&spans) })
        }
    }
}

/// What a bound gets behind it: the stability of the flag, or `-dev` if it has none of its own.
fn suffix(op: Op, text: &str, normal: &str, stability: Option<&str>) -> String {
    let equal = matches!(op, Op::Equal);
    let stable = normal.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let own =
        text.rmatch_indices('-').any(|(at, _)| modifier(text.get(at..).unwrap_or("")).is_some());
    match stability {
        Some(flag) if !equal && stable => format!("-{flag}"),
        _ if matches!(op, Op::Less | Op::GreaterOrEqual) && !own => "-dev".to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{no_ranges, range, spans},
    };

    #[test]
    fn bounds_are_those_of_development() {
        spans(
            Scheme::Composer,
            &[
                ("^1.2.3", ">= 1.2.3-dev, < 2.0.0.0-dev"),
                ("^0.3", ">= 0.3-dev, < 0.4.0.0-dev"),
                ("^0.0.3", ">= 0.0.3-dev, < 0.0.4.0-dev"),
                ("~1.2", ">= 1.2-dev, < 2.0.0.0-dev"),
                ("~1.2.3-beta1", ">= 1.2.3-beta1, < 1.3.0.0-dev"),
                ("1.2.*", ">= 1.2.0.0-dev, < 1.3.0.0-dev"),
                ("1.0 - 2.0", ">= 1.0-dev, < 2.1.0.0-dev"),
                ("1.0 - 2.0.0", ">= 1.0-dev, <= 2.0.0"),
                (">=1.0@beta", ">= 1.0.0.0-beta"),
                (
                    ">=1.0 <2.0 | 3.*",
                    ">= 1.0.0.0-dev, < 2.0.0.0-dev || >= 3.0.0.0-dev, < 4.0.0.0-dev",
                ),
            ],
        );
    }

    #[test]
    fn branches_are_only_themselves() {
        range(Scheme::Composer, "dev-main", &["dev-main"], &["dev-foo", "1.0"]);
        range(Scheme::Composer, "<2.0", &["1.0"], &["dev-main", "2.0-beta1"]);
        range(Scheme::Composer, "!=1.0", &["dev-main", "1.1"], &["1.0.0"]);
        range(Scheme::Composer, "*", &["dev-main", "1.0"], &[]);
    }

    #[test]
    fn what_is_no_constraint_is_named() {
        no_ranges(
            Scheme::Composer,
            &[("^foo", "foo"), (">=1.0 bar baz", "bar"), ("1.0 ||| 2", "''")],
        );
    }
}
