//! .NET's versions: `1.2.3.4-rc.1+build`.
//!
//! Source: `VersionComparer` of NuGet.Versioning, and Microsoft's page on NuGet package versioning.
//! As semantic versions, with up to four numbers, the missing ones 0, and a prerelease whose
//! identifiers are compared without regard to case. An identifier is a number only if it is below
//! 2^31. What is built does not count.
//!
//! Read besides: `v` in front. What does not begin with a number, or has more than four, is refused.

use super::semver::Parts;
use crate::{key::Writer, version::Parsed};

/// Ranks of prereleases.
const PRERELEASE: u8 = 1;
const RELEASE: u8 = 2;
/// Ranks of identifiers.
const END: u8 = 0;
const NUMBER: u8 = 1;
const TEXT: u8 = 2;

pub(super) fn read(text: &str) -> Option<Parsed> {
    let parts = Parts::of(text)?;
    if parts.numbers.len() > 4 {
        return None;
    }
    let mut key = Writer::default();
    for index in 0..4 {
        key.number(parts.number(index));
    }
    let family = key.len();
    match parts.prerelease {
        Some(prerelease) => identifiers(prerelease, key.rank(PRERELEASE)),
        None => _ = key.rank(RELEASE),
    }
    Some(Parsed { key: key.finish(), family, prerelease: parts.prerelease.is_some() })
}

fn identifiers(prerelease: &str, key: &mut Writer) {
    for identifier in prerelease.split('.') {
        match identifier.parse::<i32>() {
            Ok(0..) if !identifier.starts_with('+') => key.rank(NUMBER).number(identifier),
            _ => key.rank(TEXT).text(identifier.to_uppercase()),
        };
    }
    key.rank(END);
}
