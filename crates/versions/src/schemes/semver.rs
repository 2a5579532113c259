//! Semantic versions: `1.2.3-rc.1+build`. The order of Semver itself and of npm, Cargo, Go, Hex,
//! Swift, pub and Julia.
//!
//! Source: Semantic Versioning 2.0.0, item 11. Three numbers; then a prerelease, which is below none,
//! by identifiers: numbers below others, those by bytes, more above fewer. What is built does not
//! count, but for `pub` (`Version.compareTo` of `pub_semver`) and Julia (`isless` of `VersionNumber`
//! in base/version.jl), where it is compared as a prerelease is, with none below any.
//!
//! Read besides, as registries and tags have it: `v` or `=` in front, the name `go` in front of Go's
//! own; leading zeros; fewer than three numbers, the rest 0; a prerelease with no hyphen before it
//! (`1.20rc1`). Numbers behind the third are more identifiers of the prerelease, behind an empty one
//! if there is none. What does not begin with a number is refused.
//!
//! Go's `+incompatible` is a build, and its pseudo-versions are prereleases by their dates, so both
//! need no rule.

use crate::{key::Writer, text, version::Parsed};

/// Whether what is built has a place in the order.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Build {
    Ignored,
    Ordered,
}

/// Ranks of prereleases.
const PRERELEASE: u8 = 1;
const RELEASE: u8 = 2;
/// Ranks of builds, where they are ordered.
const NO_BUILD: u8 = 1;
const BUILD: u8 = 2;
/// Ranks of identifiers.
const END: u8 = 0;
const NUMBER: u8 = 1;
const TEXT: u8 = 2;

/// The parts of a semantic version.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parts<'a> {
    /// Major, minor, patch and further ones, as far as they are there: one or more.
    pub(crate) numbers: Vec<&'a str>,
    /// The prerelease, with no hyphen before it.
    pub(crate) prerelease: Option<&'a str>,
    /// What was built, with no plus before it.
    pub(crate) build: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// Takes a text apart, if it begins with a number.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let text = text.trim_start_matches(['=', ' ']);
        let text = text.strip_prefix("go").unwrap_or(text);
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let (text, build) = match text.split_once('+') {
            Some((text, build)) => (text, Some(build)),
            None => (text, None),
        };
        let (numbers, rest) = numbers(text);
        let prerelease = rest.strip_prefix(['-', '.']).unwrap_or(rest);
        let prerelease = (!rest.is_empty()).then_some(prerelease);
        (!numbers.is_empty()).then_some(Self { numbers, prerelease, build })
    }

    /// The number at a place; 0 if it is not there.
    pub(crate) fn number(&self, index: usize) -> &'a str {
        self.numbers.get(index).copied().unwrap_or("0")
    }
}

/// Numbers with dots between them, and what is behind them.
pub(crate) fn numbers(text: &str) -> (Vec<&str>, &str) {
    let mut numbers = Vec::new();
    let (mut number, mut rest) = text::digits(text);
    while !number.is_empty() {
        numbers.push(number);
        let Some(behind) = rest.strip_prefix('.') else { break };
        let next = text::digits(behind);
        if next.0.is_empty() {
            break;
        }
        (number, rest) = next;
    }
    (numbers, rest)
}

pub(super) fn read(text: &str, build: Build) -> Option<Parsed> {
    let parts = Parts::of(text)?;
    let mut key = Writer::default();
    for index in 0..3 {
        key.number(parts.number(index));
    }
    let family = key.len();
    let more = parts.numbers.get(3..).unwrap_or_default();
    let prerelease = parts.prerelease.is_some() || !more.is_empty();
    if prerelease {
        let own = parts.prerelease.unwrap_or("").split('.');
        identifiers(own.chain(more.iter().copied()), key.rank(PRERELEASE));
    } else {
        key.rank(RELEASE);
    }
    if build == Build::Ordered {
        match parts.build {
            Some(build) => identifiers(build.split('.'), key.rank(BUILD)),
            None => _ = key.rank(NO_BUILD),
        }
    }
    Some(Parsed { key: key.finish(), family, prerelease })
}

fn identifiers<'a>(identifiers: impl Iterator<Item = &'a str>, key: &mut Writer) {
    for identifier in identifiers {
        if text::is_number(identifier) {
            key.rank(NUMBER).number(identifier);
        } else {
            key.rank(TEXT).text(identifier);
        }
    }
    key.rank(END);
}
