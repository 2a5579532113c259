//! Extractors: one file each.
//!
//! - Of distributions: `os_release`, `redhat_release`, `dpkg`, `apk`, `rpm`, `pacman`, `portage`.
//! - Of other package managers and of makers of images: `nix`, `snap`, `flatpak`, `bitnami`, `wordpress`.
//! - Of programs: `executables`.
//! - Of languages: `dotnet`, `java`.

mod apk;
mod bitnami;
mod dotnet;
mod dpkg;
mod executables;
mod flatpak;
mod java;
mod nix;
mod os_release;
mod pacman;
mod portage;
mod redhat_release;
mod rpm;
mod snap;
#[cfg(test)]
mod testing;
mod wordpress;

use crate::{Extractor, Setting};
pub(crate) use java::pom::{Project, finish as finish_projects};
#[cfg(test)]
pub(crate) use testing::{found, input, listed};

/// All of them, in the order in which they read a file.
pub const ALL: [&Extractor; 29] = [
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
