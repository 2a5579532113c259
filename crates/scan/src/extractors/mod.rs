//! Extractors: one file each.
//!
//! - Of distributions: `os_release`, `redhat_release`, `dpkg`, `apk`, `rpm`.
//! - Of programs: `executables`.

mod apk;
mod dpkg;
mod executables;
mod os_release;
mod redhat_release;
mod rpm;
#[cfg(test)]
mod testing;

use crate::{Extractor, Setting};
#[cfg(test)]
pub(crate) use testing::{found, input, listed};

/// All of them, in the order in which they read a file.
pub const ALL: [&Extractor; 10] = [
    &os_release::OS_RELEASE,
    &os_release::VERSION,
    &redhat_release::RELEASE,
    &dpkg::STATUS,
    &dpkg::FILES,
    &dpkg::COPYRIGHT,
    &apk::INSTALLED,
    &rpm::DATABASE,
    &executables::go::BINARY,
    &executables::rust::BINARY,
];

/// Those of these settings.
pub fn of(settings: &[Setting]) -> Vec<&'static Extractor> {
    ALL.into_iter().filter(|extractor| settings.contains(&extractor.setting)).collect()
}
