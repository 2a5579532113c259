//! Extractors: one file each.
//!
//! - Of distributions: `os_release`, `dpkg`, `apk`.
//! - Of languages: `npm`.

mod apk;
mod dpkg;
mod npm;
mod os_release;
#[cfg(test)]
mod testing;

use crate::{Extractor, Setting};
#[cfg(test)]
pub(crate) use testing::{found, input, joined, listed, survives};

/// All of them, in the order in which they read a file.
pub const ALL: [&Extractor; 13] = [
    &os_release::OS_RELEASE,
    &os_release::VERSION,
    &dpkg::STATUS,
    &dpkg::FILES,
    &dpkg::COPYRIGHT,
    &apk::INSTALLED,
    &npm::package_lock::LOCK,
    &npm::package_lock::INSTALLED,
    &npm::package_json::INSTALLED,
    &npm::package_json::MANIFEST,
    &npm::yarn::LOCK,
    &npm::pnpm::LOCK,
    &npm::bun::LOCK,
];

/// Those of these settings.
pub fn of(settings: &[Setting]) -> Vec<&'static Extractor> {
    ALL.into_iter().filter(|extractor| settings.contains(&extractor.setting)).collect()
}
