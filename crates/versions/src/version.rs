//! One version of one scheme.

use std::{cmp::Ordering, fmt, hash};

use crate::{Error, Scheme, schemes};

/// The longest text that is read, in bytes. No registry has versions nearly as long.
pub const MAX_BYTES: usize = 1024;

/// A version: its text as it was read, and its place in the order of its scheme.
///
/// Two versions are equal where the ecosystem says so, whatever their texts: 1.0 and 1.0.0 of PyPI
/// are, `as_str` tells them apart. Versions of different schemes are ordered too, by scheme, which
/// means nothing but lets them stand in one sorted collection.
#[derive(Clone, Debug)]
pub struct Version {
    scheme: Scheme,
    text: Box<str>,
    key: Box<[u8]>,
    family: usize,
    prerelease: bool,
}

/// What the rules of a scheme make of a text.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The place in the order.
    pub(crate) key: Vec<u8>,
    /// How much of the key is shared by what the scheme holds to be variants of one release.
    pub(crate) family: usize,
    /// Whether it is one before a release.
    pub(crate) prerelease: bool,
}

impl Parsed {
    /// Of a scheme that has no notion of variants or prereleases.
    pub(crate) fn plain(key: Vec<u8>) -> Self {
        Self { family: key.len(), key, prerelease: false }
    }
}

impl Version {
    /// Reads a version by the rules of `scheme`. White space around it does not count.
    ///
    /// What the ecosystem's own tools would refuse is read all the same where the text has an
    /// evident place in the order; the file of the scheme says which.
    ///
    /// # Errors
    /// If it is empty, longer than [`MAX_BYTES`], or has no place in the order.
    pub fn parse(scheme: Scheme, text: &str) -> Result<Self, Error> {
        if text.len() > MAX_BYTES {
            return Err(Error::TooLong { scheme, bytes: text.len(), limit: MAX_BYTES });
        }
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(Error::Empty { scheme });
        }
        let Parsed { key, family, prerelease } =
            schemes::read(scheme, trimmed).ok_or_else(|| {
                let expected = schemes::expected(scheme);
                Error::Version { scheme, text: text.into(), expected }
            })?;
        Ok(Self { scheme, text: text.into(), key: key.into(), family, prerelease })
    }

    /// Whose rules it was read by.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The text as it was read.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its place in the order of the scheme: the order of keys as byte strings is the order of
    /// versions, and equal versions have equal keys. For indexes; not for keeping beyond one version
    /// of this program.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// Whether the scheme counts it as one before a release; never where it has no such notion.
    pub fn is_prerelease(&self) -> bool {
        self.prerelease
    }

    /// The part of the key that variants of one release share: of semver `major.minor.patch`, of
    /// RPM epoch and version.
    pub(crate) fn family(&self) -> &[u8] {
        self.key.get(..self.family).unwrap_or(&self.key)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.scheme.cmp(&other.scheme).then_with(|| self.key.cmp(&other.key))
    }
}

impl hash::Hash for Version {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.scheme.hash(state);
        self.key.hash(state);
    }
}
