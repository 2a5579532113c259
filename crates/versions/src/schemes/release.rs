//! `[epoch:]version[-release]`, as pacman and RPM have it: the epoch counts first, then the version, then
//! the release. One without a release is below those with.

use crate::{key::Writer, text, version::Parsed};

/// Ranks of releases.
const NO_RELEASE: u8 = 1;
const RELEASE: u8 = 2;

/// Reads it; `segments` writes a version, and a release.
pub(super) fn read(text: &str, segments: impl Fn(&str, &mut Writer)) -> Parsed {
    let (epoch, rest) = text::epoch(text);
    let (version, release) = text::release(rest);
    let mut key = Writer::default();
    key.number(epoch);
    segments(version, &mut key);
    let family = key.len();
    match release {
        None => _ = key.rank(NO_RELEASE),
        Some(release) => segments(release, key.rank(RELEASE)),
    }
    Parsed { key: key.finish(), family, prerelease: false }
}
