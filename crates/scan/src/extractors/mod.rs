//! Extractors: one file each.
//!
//! - Of distributions: `os_release`, `dpkg`, `apk`.
//! - Of languages: `npm`, `python`, `cargo`, `go`, `composer`, `ruby`, `dart`, `hex`, `swift`, `conan`, `julia`,
//!   `r`, `haskell`.

mod apk;
mod cargo;
mod composer;
mod conan;
mod dart;
mod dpkg;
mod go;
mod haskell;
mod hex;
mod julia;
mod npm;
mod os_release;
mod python;
mod r;
mod ruby;
mod swift;
#[cfg(test)]
mod testing;

use crate::{Extractor, Setting};
#[cfg(test)]
pub(crate) use testing::{found, input, joined, listed, survives};

/// All of them, in the order in which they read a file.
pub const ALL: [&Extractor; 43] = [
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
    &python::requirements::REQUIREMENTS,
    &python::pipenv::LOCK,
    &python::poetry::LOCK,
    &python::pdm::LOCK,
    &python::uv::LOCK,
    &python::pylock::LOCK,
    &python::pyproject::MANIFEST,
    &python::installed::INSTALLED,
    &python::conda::INSTALLED,
    &python::conda::ENVIRONMENT,
    &cargo::LOCK,
    &cargo::MANIFEST,
    &go::MOD,
    &go::SUM,
    &composer::LOCK,
    &composer::INSTALLED,
    &ruby::LOCK,
    &ruby::INSTALLED,
    &dart::LOCK,
    &hex::MIX,
    &hex::REBAR,
    &swift::RESOLVED,
    &swift::PODS,
    &conan::LOCK,
    &julia::MANIFEST,
    &julia::PROJECT,
    &r::LOCK,
    &r::INSTALLED,
    &haskell::STACK,
    &haskell::CABAL,
];

/// Those of these settings.
pub fn of(settings: &[Setting]) -> Vec<&'static Extractor> {
    ALL.into_iter().filter(|extractor| settings.contains(&extractor.setting)).collect()
}
