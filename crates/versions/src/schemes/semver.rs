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

/// What schemes differ in that have such versions.
pub(super) struct Rules {
    /// How many numbers there are before the prerelease.
    pub(super) numbers: usize,
    /// Writes one identifier.
    pub(super) identifier: fn(&str, &mut Writer),
    /// Whether what is built has a place in the order.
    pub(super) build: Build,
}

/// Whether what is built has a place in the order.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Build {
    Ignored,
    Ordered,
}

/// Those of Semver.
pub(super) const SEMVER: Rules = Rules { numbers: 3, identifier, build: Build::Ignored };
/// Those of pub and Julia.
pub(super) const WITH_BUILD: Rules = Rules { build: Build::Ordered, ..SEMVER };

/// Ranks of prereleases.
const PRERELEASE: u8 = 1;
const RELEASE: u8 = 2;
/// Ranks of builds, where they are ordered.
const NO_BUILD: u8 = 1;
const BUILD: u8 = 2;
/// Ranks of identifiers.
const END: u8 = 0;
pub(super) const NUMBER: u8 = 1;
pub(super) const TEXT: u8 = 2;

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

pub(super) fn read(text: &str, rules: &Rules) -> Option<Parsed> {
    let parts = Parts::of(text)?;
    let mut key = Writer::default();
    for index in 0..rules.numbers {
        key.number(parts.number(index));
    }
    let family = key.len();
    let more = parts.numbers.get(rules.numbers..).unwrap_or_default();
    let prerelease = parts.prerelease.is_some() || !more.is_empty();
    if prerelease {
        let own = parts.prerelease.unwrap_or("").split('.');
        identifiers(own.chain(more.iter().copied()), rules, key.rank(PRERELEASE));
    } else {
        key.rank(RELEASE);
    }
    match parts.build.filter(|_| rules.build == Build::Ordered) {
        Some(build) => identifiers(build.split('.'), rules, key.rank(BUILD)),
        None => _ = key.rank(NO_BUILD),
    }
    Some(Parsed { key: key.finish(), family, prerelease })
}

fn identifiers<'a>(texts: impl Iterator<Item = &'a str>, rules: &Rules, key: &mut Writer) {
    texts.for_each(|text| (rules.identifier)(text, key));
    key.rank(END);
}

fn identifier(text: &str, key: &mut Writer) {
    if text::is_number(text) {
        key.rank(NUMBER).number(text);
    } else {
        key.rank(TEXT).text(text);
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Scheme,
        testing::{ascending, equal, refused},
    };

    #[test]
    fn a_prerelease_is_below_its_release() {
        for scheme in
            [Scheme::Semver, Scheme::Npm, Scheme::Cargo, Scheme::Go, Scheme::Hex, Scheme::Swift]
        {
            ascending(
                scheme,
                &[
                    "1.0.0-0",
                    "1.0.0-2",
                    "1.0.0-10",
                    "1.0.0-A",
                    "1.0.0-a",
                    "1.0.0-a.1",
                    "1.0.0-a.b",
                    "1.0.0-rc.1",
                    "1.0.0",
                    "1.0.1-0",
                ],
            );
            equal(
                scheme,
                &[&["1.0.0", "v1.0.0", "=1.0.0", "1", "1.0", "01.0.0", "1.0.0+b", "1.0.0+c.1"]],
            );
        }
    }

    #[test]
    fn what_is_built_counts_where_the_scheme_says_so() {
        for scheme in [Scheme::Pub, Scheme::Julia] {
            ascending(
                scheme,
                &["1.2.3-rc+1", "1.2.3", "1.2.3+1", "1.2.3+9", "1.2.3+a", "1.2.3+a.1"],
            );
        }
    }

    #[test]
    fn go_needs_no_rules_of_its_own() {
        ascending(
            Scheme::Go,
            &[
                "v0.0.0-20180101000000-abcdefabcdef",
                "v0.0.0-20200101000000-012345678901",
                "v1.2.3-pre.0.20200101000000-abcdefabcdef",
                "v1.2.3",
                "v1.2.4-0.20200101000000-abcdefabcdef",
                "v2.0.0+incompatible",
                "v2.0.1",
            ],
        );
        equal(
            Scheme::Go,
            &[&["go1.20", "1.20.0", "v1.20.0+incompatible"], &["go1.21rc2", "1.21.0-rc2"]],
        );
    }

    #[test]
    fn further_numbers_are_of_the_prerelease() {
        ascending(Scheme::Semver, &["1.2.3-a", "1.2.3"]);
        ascending(Scheme::Semver, &["1.2.3.4", "1.2.3.5", "1.2.3"]);
    }

    #[test]
    fn what_begins_with_no_number_is_refused() {
        refused(Scheme::Semver, &["latest", "vx.1", ".1", "-1", "+1", "v"]);
    }
}
