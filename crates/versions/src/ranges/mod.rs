//! Ranges: which versions an ecosystem's notation, or an advisory, means.
//!
//! A file for each notation, which names its source. All lower what is written to `spans`: sorted
//! intervals between cuts. What is not about order stands beside them: whether prereleases count,
//! and the few notations that look at a version's text.

mod cargo;
mod comparators;
mod composer;
mod conan;
mod gem;
mod hex;
mod intervals;
mod npm;
mod op;
mod osv;
mod partial;
mod pep440;
mod pubspec;
mod spans;

use std::fmt;

pub use osv::Event;
pub use spans::{Cut, Side, Span, Spans};

use crate::{Error, Scheme, Version};

/// The longest range that is read, in bytes.
pub const MAX_RANGE_BYTES: usize = 8192;

/// A set of versions of one scheme, as some notation has it.
#[derive(Clone, Debug)]
pub struct Range {
    scheme: Scheme,
    text: Box<str>,
    alternatives: Vec<Alternative>,
}

/// One of the ways for a version to be in a range.
#[derive(Clone, Debug)]
struct Alternative {
    spans: Spans,
    prereleases: Prereleases,
    texts: Vec<Wanted>,
}

/// Which prereleases count.
#[derive(Clone, Debug)]
enum Prereleases {
    All,
    Never,
    /// Those whose keys begin with one of these.
    Of(Vec<Box<[u8]>>),
}

/// What the text of a version has to be.
#[derive(Clone, Debug)]
enum Wanted {
    /// This, whatever the case of letters.
    Exactly(Box<str>),
    /// Something that begins so.
    Beginning(Box<str>),
}

impl Range {
    /// Reads a range in the notation of the scheme's ecosystem: what stands in its manifests and in
    /// advisories on its packages. Schemes that have no notation of their own read comparators.
    ///
    /// # Errors
    /// If it is not written so, or longer than [`MAX_RANGE_BYTES`].
    pub fn parse(scheme: Scheme, text: &str) -> Result<Self, Error> {
        Self::read(
            scheme,
            text,
            match scheme {
                Scheme::Npm => npm::read,
                Scheme::Cargo => cargo::read,
                Scheme::Pep440 => pep440::read,
                Scheme::Maven => intervals::maven,
                Scheme::Nuget => intervals::nuget,
                Scheme::Gem => gem::read,
                Scheme::Composer => composer::read,
                Scheme::Pub => pubspec::read,
                Scheme::Hex => hex::read,
                Scheme::Conan => conan::read,
                _ => comparators::read,
            },
        )
    }

    /// Reads comparators, whatever the scheme's own notation is: `>= 1.0, < 2.0 || = 3.0`, as
    /// advisories have them that are written alike for all ecosystems. Prereleases count as any
    /// other version.
    ///
    /// # Errors
    /// If it is not written so, or longer than [`MAX_RANGE_BYTES`].
    pub fn comparators(scheme: Scheme, text: &str) -> Result<Self, Error> {
        Self::read(scheme, text, comparators::read)
    }

    fn read(scheme: Scheme, text: &str, read: Reading) -> Result<Self, Error> {
        if text.len() > MAX_RANGE_BYTES {
            return Err(Error::TooLong { scheme, bytes: text.len(), limit: MAX_RANGE_BYTES });
        }
        let alternatives = read(Reader { scheme, whole: text })?;
        Ok(Self { scheme, text: text.into(), alternatives })
    }

    /// Whose versions it is of.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The text as it was read.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the ecosystem's tool, asked about this version alone, would say that it is in the
    /// range. A version of another scheme is in none.
    pub fn contains(&self, version: &Version) -> bool {
        version.scheme() == self.scheme
            && self.alternatives.iter().any(|alternative| alternative.contains(version))
    }

    /// The versions that lie in it by order alone: with all prereleases, and whatever their texts.
    pub fn spans(&self) -> Spans {
        let all = self.alternatives.iter().flat_map(|alternative| alternative.spans.iter());
        all.cloned().collect()
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Alternative {
    fn contains(&self, version: &Version) -> bool {
        let counts = !version.is_prerelease()
            || match &self.prereleases {
                Prereleases::All => true,
                Prereleases::Never => false,
                Prereleases::Of(releases) => releases.iter().any(|r| **r == *version.family()),
            };
        counts && self.has_texts(version) && self.spans.contains(version)
    }

    fn has_texts(&self, version: &Version) -> bool {
        let text = version.as_str().trim();
        self.texts.iter().all(|wanted| match wanted {
            Wanted::Exactly(wanted) => text.eq_ignore_ascii_case(wanted),
            Wanted::Beginning(wanted) => text.starts_with(&**wanted),
        })
    }
}

impl From<Spans> for Alternative {
    fn from(spans: Spans) -> Self {
        Self { spans, prereleases: Prereleases::All, texts: Vec::new() }
    }
}

/// How a notation is read.
type Reading = fn(Reader<'_>) -> Result<Vec<Alternative>, Error>;

/// What the readers of all notations need: whose versions, and the whole text for messages.
#[derive(Clone, Copy)]
struct Reader<'a> {
    scheme: Scheme,
    whole: &'a str,
}

impl<'a> Reader<'a> {
    /// A version within the range.
    fn version(self, text: &str) -> Result<Version, Error> {
        Version::parse(self.scheme, text)
            .map_err(|_| self.error(text, crate::schemes::expected(self.scheme)))
    }

    /// What stands at `part` is none of the `expected`.
    fn error(self, part: &str, expected: &'static str) -> Error {
        Error::Range { scheme: self.scheme, text: self.whole.into(), part: part.into(), expected }
    }

    /// What stands between `||`.
    fn alternatives(self) -> impl Iterator<Item = &'a str> {
        self.whole.split("||").map(str::trim)
    }
}

/// Where all comparisons hold: what all of `spans` have.
fn all_of(spans: impl IntoIterator<Item = Spans>) -> Spans {
    // By way of all else, so that any number of them is put in order once.
    let others = spans.into_iter().flat_map(|spans| spans.complement());
    others.collect::<Spans>().complement()
}
