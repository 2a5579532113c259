//! The schemes, and what they are called.

use std::{fmt, str::FromStr};

/// Whose rules order versions, and whose notation ranges are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// Debian's packages, and those of what is derived from it.
    Dpkg,
    /// RPM packages.
    Rpm,
    /// Alpine's packages, and those of other systems with apk.
    Apk,
    /// Arch's packages.
    Pacman,
    /// Gentoo's packages.
    Portage,
    /// Semantic Versioning 2.0.0, and nothing else known of the ecosystem.
    Semver,
    /// JavaScript's packages.
    Npm,
    /// Rust's crates.
    Cargo,
    /// Python's packages.
    Pep440,
    /// Java's packages.
    Maven,
    /// .NET's packages.
    Nuget,
    /// Ruby's packages.
    Gem,
    /// Go's modules, and Go itself.
    Go,
    /// PHP's packages as OSV's own tools order them: by PHP's `version_compare` on the text, where
    /// 1.0 is below 1.0.0. For what Composer makes of a version there is [`Scheme::Composer`].
    Packagist,
    /// PHP's packages as Composer orders them: normalised to four numbers first.
    Composer,
    /// Dart's packages.
    Pub,
    /// Erlang's and Elixir's packages.
    Hex,
    /// R's packages.
    Cran,
    /// Haskell's packages.
    Hackage,
    /// Conan's packages of C and C++.
    Conan,
    /// Swift's packages.
    Swift,
    /// Julia's packages.
    Julia,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 22] = [
        Self::Dpkg,
        Self::Rpm,
        Self::Apk,
        Self::Pacman,
        Self::Portage,
        Self::Semver,
        Self::Npm,
        Self::Cargo,
        Self::Pep440,
        Self::Maven,
        Self::Nuget,
        Self::Gem,
        Self::Go,
        Self::Packagist,
        Self::Composer,
        Self::Pub,
        Self::Hex,
        Self::Cran,
        Self::Hackage,
        Self::Conan,
        Self::Swift,
        Self::Julia,
    ];

    /// Its name, which [`Scheme::from_str`] reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dpkg => "dpkg",
            Self::Rpm => "rpm",
            Self::Apk => "apk",
            Self::Pacman => "pacman",
            Self::Portage => "portage",
            Self::Semver => "semver",
            Self::Npm => "npm",
            Self::Cargo => "cargo",
            Self::Pep440 => "pep440",
            Self::Maven => "maven",
            Self::Nuget => "nuget",
            Self::Gem => "gem",
            Self::Go => "go",
            Self::Packagist => "packagist",
            Self::Composer => "composer",
            Self::Pub => "pub",
            Self::Hex => "hex",
            Self::Cran => "cran",
            Self::Hackage => "hackage",
            Self::Conan => "conan",
            Self::Swift => "swift",
            Self::Julia => "julia",
        }
    }
}

impl Scheme {
    /// The scheme of an ecosystem, by its name in OSV records; what is behind a colon, as in
    /// `Debian:12`, does not count. None where versions have no order, or one that is not known.
    pub fn of_ecosystem(name: &str) -> Option<Self> {
        let name = name.split_once(':').map_or(name, |(name, _)| name);
        let found = ECOSYSTEMS.iter().find(|(_, names)| names.contains(&name));
        found.map(|&(scheme, _)| scheme)
    }
}

impl Scheme {
    /// The scheme of packages whose package URLs are of this type, in small letters. Distributions with
    /// one package manager share one order, so that what a URL tells beside does not count. None where
    /// versions have no order, or one that is not known.
    pub fn of_purl_type(name: &str) -> Option<Self> {
        let found = PURL_TYPES.iter().find(|(_, names)| names.contains(&name));
        found.map(|&(scheme, _)| scheme)
    }
}

/// Types of package URLs (the types of the purl specification).
const PURL_TYPES: [(Scheme, &[&str]); 21] = [
    (Scheme::Dpkg, &["deb"]),
    (Scheme::Rpm, &["rpm"]),
    (Scheme::Apk, &["alpine", "apk"]),
    (Scheme::Pacman, &["alpm"]),
    (Scheme::Portage, &["ebuild", "portage"]),
    (Scheme::Semver, &["bitnami", "k8s"]),
    (Scheme::Npm, &["npm"]),
    (Scheme::Cargo, &["cargo"]),
    (Scheme::Pep440, &["pypi"]),
    (Scheme::Maven, &["maven"]),
    (Scheme::Nuget, &["nuget"]),
    (Scheme::Gem, &["cocoapods", "gem"]),
    (Scheme::Go, &["golang"]),
    (Scheme::Composer, &["composer"]),
    (Scheme::Pub, &["pub"]),
    (Scheme::Hex, &["hex"]),
    (Scheme::Cran, &["bioconductor", "cran"]),
    (Scheme::Hackage, &["hackage"]),
    (Scheme::Conan, &["conan"]),
    (Scheme::Swift, &["swift"]),
    (Scheme::Julia, &["julia"]),
];

/// Names of ecosystems in OSV records.
const ECOSYSTEMS: [(Scheme, &[&str]); 19] = [
    (Scheme::Dpkg, &["Debian", "Echo", "Ubuntu"]),
    (
        Scheme::Rpm,
        &[
            "AlmaLinux",
            "Mageia",
            "Photon OS",
            "Red Hat",
            "Rocky Linux",
            "SUSE",
            "openEuler",
            "openSUSE",
        ],
    ),
    (
        Scheme::Apk,
        &["Alpaquita", "Alpine", "BellSoft Hardened Containers", "Chainguard", "MinimOS", "Wolfi"],
    ),
    (Scheme::Semver, &["Bitnami", "GitHub Actions", "Kubernetes", "VSCode"]),
    (Scheme::Npm, &["npm"]),
    (Scheme::Cargo, &["crates.io"]),
    (Scheme::Pep440, &["PyPI"]),
    (Scheme::Maven, &["Maven"]),
    (Scheme::Nuget, &["NuGet"]),
    (Scheme::Gem, &["CocoaPods", "RubyGems"]),
    (Scheme::Go, &["Go"]),
    (Scheme::Composer, &["Packagist"]),
    (Scheme::Pub, &["Pub"]),
    (Scheme::Hex, &["Hex"]),
    (Scheme::Cran, &["Bioconductor", "CRAN"]),
    (Scheme::Hackage, &["GHC", "Hackage"]),
    (Scheme::Conan, &["ConanCenter"]),
    (Scheme::Swift, &["SwiftURL"]),
    (Scheme::Julia, &["Julia"]),
];

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// No scheme is called so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown version scheme '{}'; one of dpkg, rpm, apk, npm, pep440, … is expected",
    .0.escape_debug())]
pub struct UnknownScheme(pub Box<str>);

impl FromStr for Scheme {
    type Err = UnknownScheme;

    fn from_str(name: &str) -> Result<Self, UnknownScheme> {
        let found = Self::ALL.into_iter().find(|scheme| scheme.name() == name);
        found.ok_or_else(|| UnknownScheme(name.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for scheme in Scheme::ALL {
            assert_eq!(scheme.name().parse(), Ok(scheme));
        }
        assert!("debian".parse::<Scheme>().is_err());
    }

    #[test]
    fn an_ecosystem_may_name_a_release() {
        let known =
            [("Debian:12", Scheme::Dpkg), ("npm", Scheme::Npm), ("Alpine:v3.20", Scheme::Apk)];
        for (name, scheme) in known {
            assert_eq!(Scheme::of_ecosystem(name), Some(scheme));
        }
        assert_eq!(Scheme::of_ecosystem("OSS-Fuzz"), None);
    }

    #[test]
    fn every_scheme_but_one_is_of_a_type_of_package_urls() {
        let is_of = |scheme| PURL_TYPES.iter().any(|(other, _)| *other == scheme);
        let others: Vec<Scheme> = Scheme::ALL.into_iter().filter(|it| !is_of(*it)).collect();
        assert_eq!(others, [Scheme::Packagist]);
        assert_eq!(Scheme::of_purl_type("deb"), Some(Scheme::Dpkg));
        assert_eq!(Scheme::of_purl_type("generic"), None);
    }

    #[test]
    fn all_lists_each_scheme_once_in_order() {
        assert!(Scheme::ALL.is_sorted_by(|a, b| a < b));
    }
}
