//! Extractors: one file each.
//!
//! - Of distributions: `os_release`, `dpkg`, `apk`.

mod apk;
mod dpkg;
mod os_release;
#[cfg(test)]
mod testing;

use crate::{Extractor, Setting};
#[cfg(test)]
pub(crate) use testing::{found, input, listed};

/// All of them, in the order in which they read a file.
pub const ALL: [&Extractor; 6] = [
    &os_release::OS_RELEASE,
    &os_release::VERSION,
    &dpkg::STATUS,
    &dpkg::FILES,
    &dpkg::COPYRIGHT,
    &apk::INSTALLED,
];

/// Those of these settings.
pub fn of(settings: &[Setting]) -> Vec<&'static Extractor> {
    ALL.into_iter().filter(|extractor| settings.contains(&extractor.setting)).collect()
}
