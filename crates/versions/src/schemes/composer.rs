//! PHP's versions as Composer orders them.
//!
//! Source: `VersionParser::normalize` of composer/semver, and `version_compare` of PHP for what comes
//! out of it: four numbers, a name of stability with its numbers, `-dev`. Composer calls branches
//! `dev-NAME` and holds them to be comparable with nothing; here they are below all else, by name.
//!
//! What Composer refuses is ordered all the same, as `packagist` does it.

use super::packagist;
use crate::{
    key::Writer,
    text::{self, strip_prefix_any_case},
    version::Parsed,
};

/// Ranks of what it is.
const BRANCH: u8 = 0;
const VERSION: u8 = 1;
/// What the keys of all that are no branches are not below.
pub(crate) const FIRST_VERSION: &[u8] = &[VERSION];
/// What a branch's `x` is replaced with.
const ANY: &str = "9999999";
/// Names of stability, as Composer tries them, and what it calls them.
const STABILITIES: [(&str, &str); 9] = [
    ("stable", ""),
    ("beta", "beta"),
    ("b", "beta"),
    ("rc", "RC"),
    ("alpha", "alpha"),
    ("a", "alpha"),
    ("patch", "patch"),
    ("pl", "patch"),
    ("p", "patch"),
];

/// What Composer makes of a version.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Normal {
    /// Numbers with a stability behind them, such as `1.2.0.0-RC1-dev`.
    Version(String),
    /// A branch, by name.
    Branch(String),
}

pub(super) fn read(text: &str) -> Parsed {
    let mut key = Writer::default();
    let mut prerelease = false;
    match normalize(text) {
        Some(Normal::Branch(name)) => {
            key.rank(BRANCH).text(name);
        }
        Some(Normal::Version(text)) => {
            prerelease = ["alpha", "beta", "RC", "dev"].iter().any(|name| text.contains(name));
            packagist::write(&text, key.rank(VERSION));
        }
        None => packagist::write(text.strip_prefix(['v', 'V']).unwrap_or(text), key.rank(VERSION)),
    }
    Parsed { family: key.len(), key: key.finish(), prerelease }
}

/// What Composer makes of a version, if it does not refuse it.
pub(crate) fn normalize(text: &str) -> Option<Normal> {
    let text = without_flag(without_alias(text.trim()));
    if matches!(text, "master" | "trunk" | "default") {
        return Some(Normal::Branch(text.to_owned()));
    }
    if let Some(branch) = strip_prefix_any_case(text, "dev-") {
        return Some(Normal::Branch(branch.to_owned()));
    }
    let text = without_build(text);
    classical(text).or_else(|| dated(text)).or_else(|| numeric_branch(text)).map(Normal::Version)
}

/// `1.0 as 2.0` is 1.0.
fn without_alias(text: &str) -> &str {
    match text.split_once(" as ") {
        Some((version, alias)) if !alias.trim().contains([' ', ',']) => version.trim_end(),
        _ => text,
    }
}

/// Without a flag of stability, such as `@dev`.
fn without_flag(text: &str) -> &str {
    match text.rsplit_once('@') {
        Some((version, flag)) if is_stability(flag) => version,
        _ => text,
    }
}

/// Whether it is the name of a stability, as flags have it.
pub(crate) fn is_stability(name: &str) -> bool {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    ["stable", "rc", "beta", "alpha", "dev"].into_iter().any(is)
}

fn without_build(text: &str) -> &str {
    match text.split_once('+') {
        Some((version, build)) if !version.is_empty() && !build.is_empty() => version,
        _ => text,
    }
}

fn without_v(text: &str) -> &str {
    text.strip_prefix(['v', 'V']).unwrap_or(text)
}

/// One to four numbers, the first of at most five digits, and a stability.
fn classical(text: &str) -> Option<String> {
    let (mut numbers, _) = super::semver::numbers(without_v(text));
    numbers.truncate(4);
    let length = numbers.iter().map(|number| number.len() + 1).sum::<usize>().checked_sub(1)?;
    if numbers.first()?.len() > 5 {
        return None;
    }
    let modifier = modifier(without_v(text).get(length..)?)?;
    numbers.resize(4, "0");
    Some(numbers.join(".") + &modifier)
}

/// A year and further digits, in pairs, with separators between them, and a stability.
fn dated(text: &str) -> Option<String> {
    let text = without_v(text);
    let (year, mut rest) = text.split_at_checked(4).filter(|(year, _)| text::is_number(year))?;
    let mut numbers = year.to_owned();
    let mut pairs = 0;
    while let Some((separator, pair, behind)) = some_digits(rest, 2).filter(|_| pairs < 6) {
        numbers = numbers + separator + pair;
        (rest, pairs) = (behind, pairs + 1);
    }
    // The rest may have digits of its own, which are not in pairs.
    let tail = (1..=3).rev().filter_map(|count| some_digits(rest, count));
    let ends = tail.map(|(separator, digits, behind)| (format!("{separator}{digits}"), behind));
    let mut ends = ends.chain([(String::new(), rest)]);
    if pairs == 0 {
        return None;
    }
    ends.find_map(|(end, behind)| Some(numbers.clone() + &end + &modifier(behind)?))
}

/// So many digits, behind at most one separator, which becomes a dot; and the rest.
fn some_digits(text: &str, count: usize) -> Option<(&'static str, &str, &str)> {
    let bare = text.strip_prefix(['.', ':', '-']).unwrap_or(text);
    let separator = if bare.len() < text.len() { "." } else { "" };
    let (digits, rest) = bare.split_at_checked(count)?;
    text::is_number(digits).then_some((separator, digits, rest))
}

/// What Composer makes of all that is behind the numbers, if it can be that.
pub(crate) fn modifier(text: &str) -> Option<String> {
    let bare = text.strip_prefix(['.', '_', '-']).unwrap_or(text);
    if bare.is_empty() {
        return Some(String::new());
    }
    if dev(text).or_else(|| dev(bare)).is_some() {
        return Some("-dev".to_owned());
    }
    let named = |&(name, full): &(&str, &'static str)| {
        let rest = strip_prefix_any_case(bare, name).filter(|rest| ends(rest))?;
        Some((full, rest))
    };
    let (full, rest) = STABILITIES.iter().find_map(named)?;
    if full.is_empty() {
        return Some(String::new());
    }
    let (numbers, rest) = stability_numbers(rest);
    let dev = if rest.is_empty() { "" } else { "-dev" };
    Some(format!("-{full}{}{dev}", numbers.trim_start_matches(['.', '-'])))
}

/// Whether a name of stability may end before this: numbers and `dev` alone follow.
fn ends(text: &str) -> bool {
    let (_, rest) = stability_numbers(text);
    rest.is_empty() || dev(rest).is_some()
}

/// Numbers, each behind at most one separator.
fn stability_numbers(text: &str) -> (&str, &str) {
    let mut rest = text;
    loop {
        let (digits, behind) = text::digits(rest.strip_prefix(['.', '-']).unwrap_or(rest));
        if digits.is_empty() {
            return text.split_at(text.len() - rest.len());
        }
        rest = behind;
    }
}

/// `dev` and nothing else, behind at most one separator.
fn dev(text: &str) -> Option<()> {
    let text = text.strip_prefix(['.', '-']).unwrap_or(text);
    text.eq_ignore_ascii_case("dev").then_some(())
}

/// A branch that is named as a version: `1.x-dev` is 1.9999999.9999999.9999999-dev.
fn numeric_branch(text: &str) -> Option<String> {
    let end = text.len().checked_sub(3)?;
    let name =
        text.get(..end).filter(|_| text.is_char_boundary(end) && dev(&text[end..]).is_some())?;
    let name = without_v(name.strip_suffix(['.', '-']).unwrap_or(name));
    let mut numbers: Vec<&str> = name.split('.').collect();
    let is_any = |number: &&str| matches!(*number, "x" | "X" | "*");
    let first = numbers.first().is_some_and(|number| text::is_number(number));
    if !first || numbers.len() > 4 || !numbers.iter().all(|n| text::is_number(n) || is_any(n)) {
        return None;
    }
    numbers.resize(4, "x");
    numbers.iter_mut().filter(|number| is_any(number)).for_each(|number| *number = ANY);
    Some(numbers.join(".") + "-dev")
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{ascending, equal},
    };

    #[test]
    fn there_are_four_numbers_and_a_stability() {
        ascending(
            Scheme::Composer,
            &[
                "dev-feature",
                "dev-main",
                "1.0-dev",
                "1.0.0-alpha",
                "1.0a1",
                "1.0-beta2",
                "1.0RC1-dev",
                "1.0RC1",
                "1.0",
                "1.0-p1",
                "1.0.0.1",
                "1.1",
                "1.x-dev",
                "20240101",
            ],
        );
        equal(
            Scheme::Composer,
            &[
                &["1.0", "v1.0.0", "1.0.0.0", "1.0+build", "1.0@dev", "1-stable"],
                &["1.0-beta.2", "1.0b2", "1.0.0_BETA2"],
                &["2.x-dev", "2.9999999.x-dev"],
                &["2024-01-02", "2024:01:02"],
            ],
        );
    }

    #[test]
    fn what_composer_refuses_has_its_place() {
        ascending(Scheme::Composer, &["1.0.0.post1", "1.0.1"]);
    }
}
