//! Alpine's versions: `1.2.3b_rc1_p2~c0ffee-r4`.
//!
//! Source: `apk_version_compare` of apk-tools 3 (`src/version.c`), and the package(5) manual. Tokens
//! in this order: numbers, a letter, suffixes with numbers, a hash, a revision. Where tokens differ in
//! kind, a suffix of a prerelease is lowest, and else the kind that could stand earlier is higher:
//! 1.0_rc1 < 1.0 < 1.0-r0 < 1.0_p1 < 1.0a < 1.0.1. Numbers behind the first are compared as texts if
//! one has a leading zero.
//!
//! Nothing is refused: what breaks the pattern is lower than the version's end there. apk takes all
//! that is broken at one place for equal; here what follows breaks the tie, unless it is in the place
//! of a revision.

use crate::{key::Writer, text, version::Parsed};

/// Ranks of tokens, where suffixes of prereleases have those below and others the one named.
const BROKEN: u8 = 5;
const END: u8 = 6;
const REVISION: u8 = 7;
const HASH: u8 = 8;
const SUFFIX_NUMBER: u8 = 9;
const SUFFIX: u8 = 10;
const LETTER: u8 = 11;
const NUMBER: u8 = 12;
/// Ranks of the numbers behind the first.
const ZERO_FIRST: u8 = 1;
const ZERO_ELSEWHERE: u8 = 2;
/// The suffixes of prereleases, by rank from 1 on.
const BEFORE: [&str; 4] = ["alpha", "beta", "pre", "rc"];
/// The other suffixes, in order.
const BEHIND: [&str; 5] = ["cvs", "svn", "git", "hg", "p"];

/// What was read last. A token may only follow one of a lower kind, but for numbers and suffixes.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Last {
    Number,
    Letter,
    Suffix,
    SuffixNumber,
    Hash,
    Revision,
}

pub(super) fn read(text: &str) -> Parsed {
    let mut key = Writer::default();
    let (first, rest) = text::digits(text);
    if first.is_empty() {
        key.rank(BROKEN).text(text);
        return Parsed::plain(key.finish());
    }
    key.rank(NUMBER).number(first);
    let mut state = (Last::Number, rest);
    while !state.1.is_empty() {
        match token(state.0, state.1, &mut key) {
            Some(next) => state = next,
            None => {
                let tie = if state.1.starts_with('-') { "" } else { state.1 };
                key.rank(BROKEN).text(tie);
                return Parsed::plain(key.finish());
            }
        }
    }
    key.rank(END);
    Parsed::plain(key.finish())
}

/// Reads one token; gives its kind and what is behind it, or nothing where the pattern is broken.
fn token<'a>(last: Last, text: &'a str, key: &mut Writer) -> Option<(Last, &'a str)> {
    let behind = text.get(1..).unwrap_or("");
    match text.bytes().next()? {
        b'.' if last == Last::Number => number(behind, key),
        first @ b'a'..=b'z' if last == Last::Number => {
            key.rank(LETTER).rank(first);
            Some((Last::Letter, behind))
        }
        b'_' if last <= Last::SuffixNumber => suffix(behind, key),
        b'0'..=b'9' if last == Last::Suffix => {
            let (number, rest) = text::digits(text);
            key.rank(SUFFIX_NUMBER).number(number);
            Some((Last::SuffixNumber, rest))
        }
        b'~' if last < Last::Hash => hash(behind, key),
        b'-' if last < Last::Revision => revision(behind, key),
        _ => None,
    }
}

fn number<'a>(text: &'a str, key: &mut Writer) -> Option<(Last, &'a str)> {
    let (number, rest) = text::digits(text);
    match number.bytes().next()? {
        b'0' => key.rank(NUMBER).rank(ZERO_FIRST).text(number),
        _ => key.rank(NUMBER).rank(ZERO_ELSEWHERE).number(number),
    };
    Some((Last::Number, rest))
}

fn suffix<'a>(text: &'a str, key: &mut Writer) -> Option<(Last, &'a str)> {
    let (name, rest) = text::leading(text, |byte| byte.is_ascii_lowercase());
    let place = |names: &[&str]| names.iter().position(|&known| known == name);
    if let Some(place) = place(&BEFORE) {
        key.rank(1 + place as u8);
    } else {
        let place = place(&BEHIND)?;
        key.rank(SUFFIX).rank(place as u8);
    }
    Some((Last::Suffix, rest))
}

fn hash<'a>(text: &'a str, key: &mut Writer) -> Option<(Last, &'a str)> {
    let (hash, rest) = text::leading(text, |byte| byte.is_ascii_hexdigit());
    if hash.is_empty() {
        return None;
    }
    key.rank(HASH).text(hash);
    Some((Last::Hash, rest))
}

/// A revision; one that has no number at the end of the text is 0.
fn revision<'a>(text: &'a str, key: &mut Writer) -> Option<(Last, &'a str)> {
    let (number, rest) = text::digits(text.strip_prefix('r')?);
    if number.is_empty() && !rest.is_empty() {
        return None;
    }
    key.rank(REVISION).number(number);
    Some((Last::Revision, rest))
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{ascending, equal},
    };

    #[test]
    fn kinds_of_tokens_stand_around_the_end() {
        ascending(
            Scheme::Apk,
            &[
                "1.0_alpha",
                "1.0_alpha2",
                "1.0_beta",
                "1.0_pre",
                "1.0_rc1",
                "1.0",
                "1.0-r0",
                "1.0-r10",
                "1.0~c0ffee",
                "1.0_cvs",
                "1.0_git1",
                "1.0_hg",
                "1.0_p1_rc1-r1",
                "1.0_p1",
                "1.0a",
                "1.0b",
                "1.0.1",
            ],
        );
    }

    #[test]
    fn a_leading_zero_makes_a_number_a_text() {
        ascending(Scheme::Apk, &["1.0", "1.00", "1.01", "1.02", "1.1", "1.10"]);
        equal(Scheme::Apk, &[&["1-r1", "1-r01"], &["01.1", "1.1"], &["1-r", "1-r0"]]);
    }

    #[test]
    fn what_breaks_the_pattern_is_below_the_end() {
        ascending(Scheme::Apk, &["edge", "latest", "1..1", "1_foo", "1", "1-r0-1", "1-r0"]);
        equal(Scheme::Apk, &[&["1-r0-1", "1-r0-2"], &["1-1", "1-foo"]]);
    }
}
