//! The ecosystems and distributions that advisories are of: one row each.

use std::borrow::Cow;

use scan::Kind;
use versions::Scheme;

/// An ecosystem, or a distribution.
#[derive(Debug)]
pub(crate) struct Ecosystem {
    /// Its name, as OSV records have it where they have one.
    pub(crate) name: &'static str,
    /// How its versions are ordered; none where nobody says.
    pub(crate) scheme: Option<Scheme>,
    /// What its packages are.
    pub(crate) kind: Kind,
    /// Which names of packages are the same.
    pub(crate) names: Names,
    /// What `os-release` calls a distribution, and what is its twin in all that counts; none for others.
    pub(crate) distros: &'static [&'static str],
    /// What of a distribution's version tells releases apart.
    pub(crate) release: Release,
    /// Which packages its advisories name.
    pub(crate) by: By,
}

/// Which names of packages are the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Names {
    /// Those that are the same to the byte.
    Exact,
    /// Whatever the case of letters.
    AnyCase,
    /// As PyPI has it: whatever the case, and which of `-`, `_` and `.` stands there (PEP 503).
    Pep503,
    /// Without what is behind a slash: pods come in parts.
    Pod,
    /// Addresses of repositories, with or without what is around them.
    Address,
}

/// What of a distribution's version tells releases apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Release {
    /// Nothing: there are none.
    None,
    /// The first number.
    Major,
    /// The first two numbers.
    Minor,
    /// `v` and the first two numbers, else `edge`.
    Alpine,
    /// A name and two numbers: `Leap 15.6`.
    Named(&'static str),
    /// The first number, or year, but for the first of all.
    Amazon,
    /// Always this.
    Only(&'static str),
}

/// Which packages a distribution's advisories name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum By {
    /// What packages are built from.
    Source,
    /// What is installed.
    Binary,
    /// Either.
    Both,
}

const fn language(name: &'static str, scheme: Scheme, kind: Kind, names: Names) -> Ecosystem {
    let (distros, release, by) = (&[], Release::None, By::Binary);
    Ecosystem { name, scheme: Some(scheme), kind, names, distros, release, by }
}

const fn distribution(
    name: &'static str,
    scheme: Scheme,
    kind: Kind,
    distros: &'static [&'static str],
    release: Release,
    by: By,
) -> Ecosystem {
    Ecosystem { name, scheme: Some(scheme), kind, names: Names::Exact, distros, release, by }
}

/// All that are known. Those that share a kind are told apart by the distribution.
#[rustfmt::skip]
pub(crate) const ALL: [Ecosystem; 45] = [
    language("npm", Scheme::Npm, Kind::Npm, Names::Exact),
    language("PyPI", Scheme::Pep440, Kind::Pypi, Names::Pep503),
    language("Go", Scheme::Go, Kind::Golang, Names::Exact),
    language("crates.io", Scheme::Cargo, Kind::Cargo, Names::Exact),
    language("Maven", Scheme::Maven, Kind::Maven, Names::Exact),
    language("NuGet", Scheme::Nuget, Kind::Nuget, Names::AnyCase),
    language("RubyGems", Scheme::Gem, Kind::Gem, Names::Exact),
    language("Packagist", Scheme::Composer, Kind::Composer, Names::AnyCase),
    language("Pub", Scheme::Pub, Kind::Pub, Names::Exact),
    language("Hex", Scheme::Hex, Kind::Hex, Names::AnyCase),
    language("CRAN", Scheme::Cran, Kind::Cran, Names::Exact),
    language("Hackage", Scheme::Hackage, Kind::Hackage, Names::Exact),
    language("ConanCenter", Scheme::Conan, Kind::Conan, Names::Exact),
    language("SwiftURL", Scheme::Swift, Kind::Swift, Names::Address),
    language("CocoaPods", Scheme::Gem, Kind::Cocoapods, Names::Pod),
    language("Julia", Scheme::Julia, Kind::Julia, Names::Exact),
    language("Bitnami", Scheme::Semver, Kind::Bitnami, Names::Exact),
    distribution("Debian", Scheme::Dpkg, Kind::Deb, &["debian"], Release::Major, By::Source),
    distribution("Ubuntu", Scheme::Dpkg, Kind::Deb, &["ubuntu"], Release::Minor, By::Source),
    distribution("Ubuntu Pro", Scheme::Dpkg, Kind::Deb, &[], Release::Minor, By::Source),
    distribution("Echo", Scheme::Dpkg, Kind::Deb, &["echo"], Release::None, By::Source),
    distribution("Alpine", Scheme::Apk, Kind::Apk, &["alpine"], Release::Alpine, By::Source),
    distribution("Wolfi", Scheme::Apk, Kind::Apk, &["wolfi"], Release::None, By::Source),
    distribution("Chainguard", Scheme::Apk, Kind::Apk, &["chainguard"], Release::None, By::Source),
    distribution("MinimOS", Scheme::Apk, Kind::Apk, &["minimos"], Release::None, By::Source),
    distribution("SecureOS", Scheme::Apk, Kind::Apk, &["secureos"], Release::None, By::Source),
    distribution("AlmaLinux", Scheme::Rpm, Kind::Rpm, &["almalinux"], Release::Major, By::Binary),
    distribution("Rocky Linux", Scheme::Rpm, Kind::Rpm, &["rocky"], Release::Major, By::Both),
    distribution("Red Hat", Scheme::Rpm, Kind::Rpm, &["rhel", "centos"], Release::Major, By::Both),
    distribution("Oracle Linux", Scheme::Rpm, Kind::Rpm, &["ol"], Release::Major, By::Binary),
    distribution("Amazon Linux", Scheme::Rpm, Kind::Rpm, &["amzn"], Release::Amazon, By::Both),
    distribution("SUSE", Scheme::Rpm, Kind::Rpm, &["sles", "sles_sap", "sled", "sle_hpc"], Release::Minor, By::Both),
    distribution("openSUSE", Scheme::Rpm, Kind::Rpm, &["opensuse-leap"], Release::Named("Leap"), By::Both),
    distribution("openSUSE", Scheme::Rpm, Kind::Rpm, &["opensuse-tumbleweed", "opensuse-microos"], Release::Only("Tumbleweed"), By::Both),
    distribution("Fedora", Scheme::Rpm, Kind::Rpm, &["fedora"], Release::Major, By::Both),
    distribution("openSUSE", Scheme::Rpm, Kind::Rpm, &["opensuse-leap-micro"], Release::Named("Leap Micro"), By::Both),
    distribution("SUSE", Scheme::Rpm, Kind::Rpm, &["sle-micro", "suse-microos"], Release::Named("Linux Enterprise Micro"), By::Both),
    distribution("SUSE", Scheme::Rpm, Kind::Rpm, &["sl-micro"], Release::Named("Linux Micro"), By::Both),
    distribution("EPEL", Scheme::Rpm, Kind::Rpm, &[], Release::Major, By::Both),
    distribution("Hummingbird", Scheme::Rpm, Kind::Rpm, &["hummingbird"], Release::Only("1"), By::Both),
    distribution("Photon OS", Scheme::Rpm, Kind::Rpm, &["photon"], Release::Minor, By::Both),
    distribution("Azure Linux", Scheme::Rpm, Kind::Rpm, &["mariner", "azurelinux"], Release::Minor, By::Both),
    distribution("Mageia", Scheme::Rpm, Kind::Rpm, &["mageia"], Release::Major, By::Both),
    distribution("Arch Linux", Scheme::Pacman, Kind::Alpm, &["arch", "archarm"], Release::None, By::Binary),
    distribution("Gentoo", Scheme::Portage, Kind::Portage, &["gentoo"], Release::None, By::Binary),
];

impl Ecosystem {
    /// The one of this name, which may be followed by a release behind a colon.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        let name = name.split_once(':').map_or(name, |(name, _)| name);
        ALL.iter().find(|it| it.name == name)
    }
}

impl Names {
    /// The name that stands for all that are the same.
    pub(crate) fn tidy(self, name: &str) -> Cow<'_, str> {
        match self {
            Self::Exact => name.into(),
            Self::AnyCase => lower(name),
            Self::Pod => name.split_once('/').map_or(name, |(pod, _)| pod).into(),
            Self::Pep503 => pep503(name),
            Self::Address => address(name),
        }
    }
}

fn lower(name: &str) -> Cow<'_, str> {
    match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => name.to_ascii_lowercase().into(),
        false => name.into(),
    }
}

fn pep503(name: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if name.bytes().all(is_plain) {
        return name.into();
    }
    let mut out = String::with_capacity(name.len());
    for char in name.chars() {
        match char {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            char => out.push(char.to_ascii_lowercase()),
        }
    }
    out.into()
}

fn address(name: &str) -> Cow<'_, str> {
    let name = name.split_once("://").map_or(name, |(_, rest)| rest);
    lower(name.trim_end_matches('/').trim_end_matches(".git"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_the_same_have_one_form() {
        for (names, name, tidy) in [
            (Names::Exact, "JSONStream", "JSONStream"),
            (Names::AnyCase, "Newtonsoft.Json", "newtonsoft.json"),
            (Names::Pep503, "Zope.Interface__x", "zope-interface-x"),
            (Names::Pod, "Firebase/Core", "Firebase"),
            (
                Names::Address,
                "https://github.com/Apple/swift-nio.git",
                "github.com/apple/swift-nio",
            ),
        ] {
            assert_eq!(names.tidy(name), tidy);
            assert_eq!(names.tidy(&names.tidy(name)), tidy, "stays as it is");
        }
    }

    #[test]
    fn schemes_are_those_that_osv_records_have() {
        for it in &ALL {
            // PHP's packages are ordered as those who install them do.
            if let Some(scheme) = Scheme::of_ecosystem(it.name).filter(|_| it.name != "Packagist") {
                assert_eq!(it.scheme, Some(scheme), "{}", it.name);
            }
        }
    }
}
