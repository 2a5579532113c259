//! The rules of each scheme, a file each: from the text to the key.
//!
//! A file writes down what the order is, where that is said, and what is done with texts that the
//! ecosystem itself refuses. Its `read` gets text that is not empty, not too long, and has no white
//! space around it; it gives `None` where no place in the order is evident.

mod apk;
pub(crate) mod composer;
mod conan;
mod dotted;
mod dpkg;
pub(crate) mod gem;
mod maven;
mod nuget;
mod packagist;
mod pacman;
pub(crate) mod pep440;
mod portage;
mod release;
mod rpm;
pub(crate) mod semver;

use crate::{Scheme, version::Parsed};

/// What `text` is by the rules of `scheme`.
pub(crate) fn read(scheme: Scheme, text: &str) -> Option<Parsed> {
    match scheme {
        Scheme::Dpkg => Some(dpkg::read(text)),
        Scheme::Rpm => Some(rpm::read(text)),
        Scheme::Apk => Some(apk::read(text)),
        Scheme::Pacman => Some(pacman::read(text)),
        Scheme::Portage => portage::read(text),
        Scheme::Semver | Scheme::Npm | Scheme::Cargo | Scheme::Go | Scheme::Hex | Scheme::Swift => {
            semver::read(text, &semver::SEMVER)
        }
        Scheme::Pub | Scheme::Julia => semver::read(text, &semver::WITH_BUILD),
        Scheme::Pep440 => Some(pep440::read(text)),
        Scheme::Maven => Some(maven::read(text)),
        Scheme::Nuget => semver::read(text, &nuget::RULES),
        Scheme::Gem => gem::read(text),
        Scheme::Packagist => Some(packagist::read(text)),
        Scheme::Composer => Some(composer::read(text)),
        Scheme::Cran => dotted::read(text, &['.', '-']),
        Scheme::Hackage => dotted::read(text, &['.']),
        Scheme::Conan => Some(conan::read(text)),
    }
}

/// What a version of the scheme looks like, for messages.
pub(crate) fn expected(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Portage => "numbers, a letter, suffixes and a revision, such as 1.2.3b_rc1-r2",
        Scheme::Gem => "numbers and letters with dots between them, such as 1.2.0.rc1",
        Scheme::Cran => "numbers with dots or hyphens between them, such as 1.2-3",
        Scheme::Hackage => "numbers with dots between them, such as 1.2.0.1",
        Scheme::Nuget => "four numbers and a prerelease, such as 1.2.3.4-rc.1",
        _ => "three numbers and a prerelease, such as 1.2.3-rc.1",
    }
}
