//! Python's versions: `1!1.2.3rc1.post2.dev3+local.4`.
//!
//! Source: the version specifiers of the Python packaging specifications (PEP 440), and
//! `packaging.version`. Epoch; numbers, where zeros at the end do not count; then in the order
//! `.dev < a < b < rc < none < .post`, each with a number; then the local part, whose texts are below
//! numbers, and none below any.
//!
//! Versions that PEP 440 does not know are ordered too, below all others, as `LegacyVersion` of
//! packaging up to 21 did: runs of lower-case letters and of digits, letters below digits, with names
//! of prereleases below the end.

use std::{borrow::Cow, fmt};

use crate::{key::Writer, text, version::Parsed};

/// Ranks of what the version is.
const LEGACY: u8 = 0;
const KNOWN: u8 = 1;
/// Ranks of numbers, and of the pieces of the local part.
const END: u8 = 0;
const TEXT: u8 = 1;
const NUMBER: u8 = 2;
/// Ranks of prereleases. One of a development release alone is below all.
const DEV_ALONE: u8 = 0;
const FINAL: u8 = 4;
/// Ranks of post-releases.
const NO_POST: u8 = 0;
const POST: u8 = 1;
/// Ranks of development releases.
const DEV: u8 = 0;
const NO_DEV: u8 = 1;
/// Ranks of local parts.
const NO_LOCAL: u8 = 0;
const LOCAL: u8 = 1;

/// Names of prereleases with their ranks; longer ones before what they begin with, and of one rank
/// the usual one last.
const PRERELEASES: [(&str, u8); 8] = [
    ("alpha", 1),
    ("a", 1),
    ("beta", 2),
    ("b", 2),
    ("preview", 3),
    ("pre", 3),
    ("c", 3),
    ("rc", 3),
];
const POSTS: [(&str, u8); 3] = [("post", POST), ("rev", POST), ("r", POST)];
const DEVS: [(&str, u8); 1] = [("dev", DEV)];

/// The parts of a version that PEP 440 knows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parts {
    /// Digits; none are 0.
    pub(crate) epoch: String,
    /// One or more numbers.
    pub(crate) release: Vec<String>,
    /// The rank of its name, and its number.
    pub(crate) pre: Option<(u8, String)>,
    /// The number of the post-release.
    pub(crate) post: Option<String>,
    /// The number of the development release.
    pub(crate) dev: Option<String>,
    /// The local part, with no plus before it.
    pub(crate) local: Option<String>,
}

impl Parts {
    /// Takes a text apart, if PEP 440 knows it.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        let (text, local) = match text.split_once('+') {
            Some((text, local)) => (text, Some(local)),
            None => (text, None),
        };
        let (epoch, text) = epoch(text);
        let (release, rest) = super::semver::numbers(text);
        let (pre, rest) = labelled(rest, &PRERELEASES);
        let (post, rest) = post(rest);
        let (dev, rest) = labelled(rest, &DEVS);
        let whole = !release.is_empty() && rest.is_empty() && local.is_none_or(is_local);
        whole.then(|| Self {
            epoch: epoch.to_owned(),
            release: release.into_iter().map(str::to_owned).collect(),
            pre: pre.map(|(rank, number)| (rank, number.to_owned())),
            post: post.map(str::to_owned),
            dev: dev.map(|(_, number)| number.to_owned()),
            local: local.map(str::to_owned),
        })
    }

    /// Whether it is one before a release.
    pub(crate) fn is_prerelease(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }

    /// The key. The family is what post-releases and local versions share.
    pub(crate) fn parsed(&self) -> Parsed {
        let mut key = Writer::default();
        key.rank(KNOWN).number(&self.epoch);
        let last = self.release.iter().rposition(|number| !text::is_zero(number));
        for number in self.release.iter().take(last.map_or(0, |last| last + 1)) {
            key.rank(NUMBER).number(number);
        }
        self.prerelease(key.rank(END));
        let family = key.len();
        match &self.post {
            Some(number) => key.rank(POST).number(number),
            None => key.rank(NO_POST),
        };
        match &self.dev {
            Some(number) => key.rank(DEV).number(number),
            None => key.rank(NO_DEV),
        };
        match &self.local {
            Some(part) => local(part, key.rank(LOCAL)),
            None => _ = key.rank(NO_LOCAL),
        }
        Parsed { key: key.finish(), family, prerelease: self.is_prerelease() }
    }

    fn prerelease(&self, key: &mut Writer) {
        match &self.pre {
            Some((rank, number)) => key.rank(*rank).number(number),
            None if self.post.is_none() && self.dev.is_some() => key.rank(DEV_ALONE),
            None => key.rank(FINAL),
        };
    }
}

pub(super) fn read(text: &str) -> Parsed {
    plain(text)
        .or_else(|| Parts::of(text).map(|parts| parts.parsed()))
        .unwrap_or_else(|| legacy(text))
}

/// Nearly all are numbers and nothing else, and are read without taking them apart first.
fn plain(text: &str) -> Option<Parsed> {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let mut key = Writer::with_capacity(2 * text.len() + 8);
    key.rank(KNOWN).number("");
    // Zeros are written when it is known that they are not at the end.
    let mut zeros = 0;
    for number in text.split('.') {
        if number.is_empty() {
            return None;
        }
        if text::is_zero(number) {
            zeros += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut zeros) {
            key.rank(NUMBER).number("");
        }
        key.rank(NUMBER).number(number);
    }
    key.rank(END).rank(FINAL);
    let family = key.len();
    key.rank(NO_POST).rank(NO_DEV).rank(NO_LOCAL);
    Some(Parsed { key: key.finish(), family, prerelease: false })
}

fn epoch(text: &str) -> (&str, &str) {
    let (number, rest) = text::digits(text);
    match rest.strip_prefix('!') {
        Some(rest) if !number.is_empty() => (number, rest),
        _ => ("", text),
    }
}

/// One of `names` with its number, 0 if there is none, and separators before both; and the rest.
fn labelled<'a>(text: &'a str, names: &[(&str, u8)]) -> (Option<(u8, &'a str)>, &'a str) {
    const SEPARATORS: [char; 3] = ['.', '_', '-'];
    let name = text.strip_prefix(SEPARATORS).unwrap_or(text);
    let named = |&(known, rank): &(&str, u8)| Some((name.strip_prefix(known)?, rank));
    let Some((behind, rank)) = names.iter().find_map(named) else { return (None, text) };
    let (number, rest) = text::digits(behind.strip_prefix(SEPARATORS).unwrap_or(behind));
    (Some((rank, number)), rest)
}

fn post(text: &str) -> (Option<&str>, &str) {
    if let Some(behind) = text.strip_prefix('-') {
        let (number, rest) = text::digits(behind);
        if !number.is_empty() {
            return (Some(number), rest);
        }
    }
    let (found, rest) = labelled(text, &POSTS);
    (found.map(|(_, number)| number), rest)
}

fn is_local(text: &str) -> bool {
    let piece = |piece: &str| !piece.is_empty() && piece.bytes().all(|b| b.is_ascii_alphanumeric());
    text.split(['.', '_', '-']).all(piece)
}

fn local(text: &str, key: &mut Writer) {
    for piece in text.split(['.', '_', '-']) {
        if text::is_number(piece) {
            key.rank(NUMBER).number(piece);
        } else {
            key.rank(TEXT).text(piece);
        }
    }
    key.rank(END);
}

/// A piece of a version that PEP 440 does not know. Derived order: names below numbers.
#[derive(PartialEq)]
enum Piece<'a> {
    Name(Cow<'a, str>),
    Number(&'a str),
}

fn legacy(text: &str) -> Parsed {
    const LAST: &str = "final";
    const HYPHEN: &str = "final-";
    let lower = text.to_lowercase();
    let mut kept: Vec<Piece<'_>> = Vec::new();
    for piece in pieces(&lower).into_iter().chain([Piece::Name(LAST.into())]) {
        if let Piece::Name(name) = &piece {
            if name.as_ref() < LAST {
                trim(&mut kept, |last| *last == Piece::Name(HYPHEN.into()));
            }
            trim(&mut kept, |last| matches!(last, Piece::Number(digits) if text::is_zero(digits)));
        }
        kept.push(piece);
    }
    let mut key = Writer::default();
    key.rank(LEGACY);
    for piece in &kept {
        match piece {
            Piece::Name(name) => key.rank(TEXT).text(name.as_bytes()),
            Piece::Number(digits) => key.rank(NUMBER).number(digits),
        };
    }
    key.rank(END);
    Parsed::plain(key.finish())
}

fn trim<T>(pieces: &mut Vec<T>, unwanted: impl Fn(&T) -> bool) {
    while pieces.last().is_some_and(&unwanted) {
        pieces.pop();
    }
}

/// Runs of digits, of letters, and of neither; dots only separate.
fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some(first) = text.bytes().next() {
        let run = match first {
            b'0'..=b'9' => text::digits(text),
            b'a'..=b'z' => text::letters(text),
            b'.' | b'-' => text.split_at(1),
            _ => text::leading(text, |b| !b.is_ascii_alphanumeric() && b != b'.' && b != b'-'),
        };
        pieces.extend(piece(run.0));
        text = run.1;
    }
    pieces
}

fn piece(run: &str) -> Option<Piece<'_>> {
    let name = match run {
        "." => return None,
        "pre" | "preview" | "rc" => "c",
        "-" => "final-",
        "dev" => "@",
        digits if text::is_number(digits) => return Some(Piece::Number(digits)),
        name => name,
    };
    Some(Piece::Name(name.into()))
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.epoch.is_empty() {
            write!(f, "{}!", self.epoch)?;
        }
        f.write_str(&self.release.join("."))?;
        if let Some((rank, number)) = &self.pre {
            let name = PRERELEASES.iter().rfind(|(_, known)| known == rank);
            write!(f, "{}{number}", name.map_or("", |(name, _)| name))?;
        }
        // A number is always written: a name with none at the end would take what follows.
        let number =
            |digits: &str| if digits.is_empty() { "0".to_owned() } else { digits.to_owned() };
        if let Some(post) = &self.post {
            write!(f, ".post{}", number(post))?;
        }
        if let Some(dev) = &self.dev {
            write!(f, ".dev{}", number(dev))?;
        }
        self.local.as_ref().map_or(Ok(()), |local| write!(f, "+{local}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Scheme,
        testing::{ascending, equal},
    };

    proptest! {
        #[test]
        fn numbers_alone_are_read_as_all_others_are(text in "(0|1|10|007|[0-9]{1,20}|)(\\.(0|00|1|20|[0-9]{1,9}|)){0,6}") {
            let slow = Parts::of(&text).map(|parts| parts.parsed());
            let told = |it: Option<Parsed>| it.map(|it| (it.key, it.family, it.prerelease));
            prop_assert_eq!(told(plain(&text)), told(slow));
        }
    }

    #[test]
    fn parts_stand_as_the_specification_says() {
        ascending(
            Scheme::Pep440,
            &[
                "1.dev0",
                "1a0.dev1",
                "1a0",
                "1a0.post0",
                "1b1",
                "1rc1.dev2",
                "1rc1",
                "1",
                "1+a",
                "1+a.1",
                "1+1",
                "1.post0.dev1",
                "1.post0",
                "1.post1+l",
                "1.0.1",
                "2",
                "1!0",
            ],
        );
    }

    #[test]
    fn many_spellings_are_one_version() {
        equal(
            Scheme::Pep440,
            &[
                &["1", "1.0", "v1.0.0", "0!1", " 1"],
                &["1.0a1", "1.0.alpha-1", "1.0_ALPHA1", "1a01"],
                &["1rc0", "1c", "1-pre", "1.preview0"],
                &["1.post1", "1-1", "1-r1", "1.rev_1"],
                &["1.post0", "1.post", "1.post-"],
                &["1+a.1", "1+A-01"],
            ],
        );
    }

    #[test]
    fn versions_that_are_not_known_are_below_all() {
        ascending(
            Scheme::Pep440,
            &["-rc", "0.1-bulbasaur", "0.1-charmander", "1.0foo", "2.0-x", "0.dev0", "0"],
        );
    }
}
