//! Extractors: one file each.
//!
//! - Of distributions: `os_release`, `redhat_release`, `dpkg`, `apk`, `rpm`, `pacman`, `portage`.
//! - Of other package managers and of makers of images: `nix`, `snap`, `flatpak`, `bitnami`, `wordpress`.
//! - Of programs: `executables`.
//! - Of languages: `npm`, `python`, `cargo`, `go`, `composer`, `ruby`, `java`, `dotnet`, `dart`, `hex`, `swift`,
//!   `conan`, `julia`, `r`, `haskell`.

mod apk;
mod bitnami;
mod cargo;
mod composer;
mod conan;
mod dart;
mod dotnet;
mod dpkg;
mod executables;
mod flatpak;
mod go;
mod haskell;
mod hex;
mod java;
mod julia;
mod nix;
mod npm;
mod os_release;
mod pacman;
mod portage;
mod python;
mod r;
mod redhat_release;
mod rpm;
mod ruby;
mod snap;
mod swift;
#[cfg(test)]
mod testing;
mod wordpress;
mod zip;

use crate::{Extractor, Setting};
pub(crate) use java::pom::{Project, finish as finish_projects};
pub(crate) use rpm::source as source_of_rpm;
#[cfg(test)]
pub(crate) use testing::{found, input, joined, listed, survives};

/// All of them, in the order in which they read a file.
pub const ALL: [&Extractor; 69] = [
    &os_release::OS_RELEASE,
    &os_release::VERSION,
    &redhat_release::RELEASE,
    &dpkg::STATUS,
    &dpkg::FILES,
    &dpkg::COPYRIGHT,
    &apk::INSTALLED,
    &rpm::DATABASE,
    &pacman::DESCRIPTION,
    &pacman::FILES,
    &portage::PACKAGE,
    &portage::FILES,
    &nix::STORE,
    &snap::SNAP,
    &flatpak::APPLICATION,
    &flatpak::RUNTIME,
    &bitnami::COMPONENT,
    &wordpress::CORE,
    &wordpress::EXTENSION,
    &executables::go::BINARY,
    &executables::rust::BINARY,
    &java::jar::ARCHIVE,
    &java::pom::PROJECT,
    &java::locks::GRADLE,
    &java::locks::SBT,
    &dotnet::LOCK,
    &dotnet::CONFIG,
    &dotnet::PROPS,
    &dotnet::DEPS,
    &npm::package_lock::LOCK,
    &npm::package_lock::INSTALLED,
    &npm::package_json::INSTALLED,
    &npm::package_json::MANIFEST,
    &npm::yarn::LOCK,
    &npm::pnpm::LOCK,
    &npm::bun::LOCK,
    &npm::bun::BINARY,
    &python::requirements::REQUIREMENTS,
    &python::pipenv::LOCK,
    &python::poetry::LOCK,
    &python::pdm::LOCK,
    &python::uv::LOCK,
    &python::pylock::LOCK,
    &python::pyproject::MANIFEST,
    &python::installed::INSTALLED,
    &python::installed::EGG,
    &python::installed::FILES,
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

/// Those of these settings; with what is installed or declared comes what is both.
pub fn of(settings: &[Setting]) -> Vec<&'static Extractor> {
    let is_asked = |extractor: &&Extractor| match extractor.setting {
        Setting::Shipped => {
            settings.contains(&Setting::Installed) || settings.contains(&Setting::Declared)
        }
        setting => settings.contains(&setting),
    };
    ALL.into_iter().filter(is_asked).collect()
}
