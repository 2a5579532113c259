//! Gentoo's versions: `1.2.3b_rc1_p2-r4`.
//!
//! Source: Package Manager Specification, chapter 3 (version specifications, and their comparison).
//! The first number is compared as one. Those behind it are too, unless one has a leading zero: then
//! both are compared as texts, without the zeros at their ends. More numbers are above fewer. Then
//! the letter; then suffixes, `_alpha < _beta < _pre < _rc` below the end and `_p` above it, each with
//! a number that is 0 if missing; then the revision.
//!
//! What is not written so is refused, as Gentoo has no package with such a version.

use crate::{key::Writer, text, version::Parsed};

/// Ranks of the numbers behind the first.
const NO_NUMBER: u8 = 0;
const ZERO_FIRST: u8 = 1;
const NUMBER: u8 = 2;
/// Rank of the end of the suffixes.
const NO_SUFFIX: u8 = 5;
/// Suffixes with their ranks; `pre` before `p`, as it begins with that.
const SUFFIXES: [(&str, u8); 5] =
    [("alpha", 1), ("beta", 2), ("pre", 3), ("rc", 4), ("p", NO_SUFFIX + 1)];

pub(super) fn read(text: &str) -> Option<Parsed> {
    let mut key = Writer::default();
    let rest = numbers(text, &mut key)?;
    let rest = letter(rest, &mut key);
    let (rest, prerelease) = suffixes(rest, &mut key)?;
    let family = key.len();
    let revision = if rest.is_empty() { "0" } else { rest.strip_prefix("-r")? };
    key.number(text::is_number(revision).then_some(revision)?);
    Some(Parsed { key: key.finish(), family, prerelease })
}

fn numbers<'a>(text: &'a str, key: &mut Writer) -> Option<&'a str> {
    let (first, mut rest) = text::digits(text);
    if first.is_empty() {
        return None;
    }
    key.number(first);
    while let Some(behind) = rest.strip_prefix('.') {
        let (number, behind) = text::digits(behind);
        match number.bytes().next() {
            None => return None,
            Some(b'0') => key.rank(ZERO_FIRST).text(number.trim_end_matches('0')),
            Some(_) => key.rank(NUMBER).number(number),
        };
        rest = behind;
    }
    key.rank(NO_NUMBER);
    Some(rest)
}

fn letter<'a>(text: &'a str, key: &mut Writer) -> &'a str {
    match text.bytes().next() {
        Some(letter @ b'a'..=b'z') => {
            key.rank(letter);
            &text[1..]
        }
        _ => {
            key.rank(0);
            text
        }
    }
}

/// The suffixes; what is behind them, and whether the first makes it a prerelease.
fn suffixes<'a>(mut text: &'a str, key: &mut Writer) -> Option<(&'a str, bool)> {
    let mut prerelease = None;
    while let Some(suffix) = text.strip_prefix('_') {
        let named = |&(name, rank): &(&str, u8)| Some((suffix.strip_prefix(name)?, rank));
        let (rest, rank) = SUFFIXES.iter().find_map(named)?;
        let (number, rest) = text::digits(rest);
        key.rank(rank).number(number);
        prerelease.get_or_insert(rank < NO_SUFFIX);
        text = rest;
    }
    key.rank(NO_SUFFIX);
    Some((text, prerelease.unwrap_or(false)))
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{ascending, equal, refused},
    };

    #[test]
    fn suffixes_stand_around_the_end() {
        ascending(
            Scheme::Portage,
            &[
                "1_alpha", "1_alpha1", "1_beta", "1_pre", "1_rc", "1_rc_p", "1", "1-r1", "1_p",
                "1_p1_rc", "1_p1", "1a", "1.0", "1.0.0",
            ],
        );
    }

    #[test]
    fn a_leading_zero_makes_a_number_a_text() {
        ascending(Scheme::Portage, &["1.0", "1.002", "1.01", "1.02", "1.1", "1.9", "1.10"]);
        equal(
            Scheme::Portage,
            &[&["1.010", "1.01", "1.0100"], &["01.1", "1.1", "1.1-r0", "1.1-r00"]],
        );
    }

    #[test]
    fn what_is_not_written_so_is_refused() {
        refused(
            Scheme::Portage,
            &["a", ".1", "1.", "1..2", "1ab", "1_foo", "1-1", "1-r", "1-r1a", "1_p-"],
        );
    }
}
