//! Where packages of one name are: an ecosystem, or a release of a distribution.

use std::{borrow::Cow, fmt};

use scan::{Distro, Kind};
use versions::Scheme;

use crate::ecosystem::{ALL, By, Ecosystem, Release};

/// An ecosystem or a release of a distribution, by its name in OSV records: `PyPI`, `Debian:12`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Space(String);

impl Space {
    /// The one of a name that needs no further reading.
    pub fn named(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// A release of a distribution.
    pub fn release(ecosystem: &str, release: &str) -> Self {
        Self(format!("{ecosystem}:{release}"))
    }

    /// The one that an OSV record names. Several names of one release become one: `Ubuntu:22.04:LTS` is
    /// `Ubuntu:22.04`, and what is of a product of Red Hat or SUSE is of the release that it is for.
    pub fn of_osv(name: &str) -> Self {
        match name.split_once(':') {
            Some(("Ubuntu", release)) => ubuntu(release),
            Some(("Red Hat", product)) => red_hat(product),
            Some(("SUSE", product)) => suse(product),
            _ => Self(name.to_owned()),
        }
    }

    /// Where packages of this kind are that no distribution makes.
    pub fn of_kind(kind: Kind) -> Option<Self> {
        let found = ALL.iter().find(|it| it.kind == kind && !kind.is_of_system());
        found.map(|it| Self(it.name.to_owned()))
    }

    /// Where a distribution's own packages are; none where nothing is known of it.
    pub fn of_distro(distro: &Distro) -> Option<Self> {
        let of = |id: &str| ALL.iter().find(|it| it.distros.contains(&id));
        let found = of(&distro.id)?;
        let name = found.name;
        Some(match found.release.of(distro)? {
            release if release.is_empty() => Self(name.to_owned()),
            release => Self::release(name, &release),
        })
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its ecosystem's name.
    pub fn ecosystem(&self) -> &str {
        self.0.split_once(':').map_or(&self.0, |(name, _)| name)
    }

    /// How versions are ordered there; none where nobody says.
    pub fn scheme(&self) -> Option<Scheme> {
        match Ecosystem::named(&self.0) {
            Some(known) => known.scheme,
            None => Scheme::of_ecosystem(&self.0),
        }
    }

    /// The one name of a package that may be written in several ways.
    pub fn tidy<'a>(&self, package: &'a str) -> Cow<'a, str> {
        Ecosystem::named(&self.0).map_or(package.into(), |known| known.names.tidy(package))
    }

    pub(crate) fn by(&self) -> By {
        Ecosystem::named(&self.0).map_or(By::Both, |known| known.by)
    }
}

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// `22.04:LTS`, `Pro:22.04:LTS`, `Pro:FIPS:22.04:LTS`.
fn ubuntu(release: &str) -> Space {
    let release = release.strip_suffix(":LTS").unwrap_or(release);
    match release.strip_prefix("Pro:") {
        Some(release) => Space::release("Ubuntu Pro", release),
        None => Space::release("Ubuntu", release),
    }
}

/// Products by the names that CPE has for them: `enterprise_linux:8::appstream`.
fn red_hat(product: &str) -> Space {
    let mut parts = product.split(':');
    match (parts.next(), parts.next()) {
        (Some("enterprise_linux"), Some(release)) => {
            Space::release("Red Hat", release.split('.').next().unwrap_or(release))
        }
        _ => Space::release("Red Hat", product),
    }
}

/// Products by their names: `Linux Enterprise Module for Basesystem 15 SP3`, `Linux Enterprise Server 15-LTSS`.
/// Modules, and what is supported for longer, are of the release.
fn suse(product: &str) -> Space {
    let longer = ["-LTSS", "-ESPOS", "-BCL", "-TERADATA"];
    let release = longer.iter().find_map(|end| product.strip_suffix(end)).unwrap_or(product);
    let mut words = release.rsplit(' ');
    let (last, before) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    if !product.starts_with("Linux Enterprise") || product.contains("Micro") {
        return Space::release("SUSE", product);
    }
    match last.strip_prefix("SP") {
        Some(pack) if is_number(pack) => Space::release("SUSE", &format!("{before}.{pack}")),
        _ if is_number(last) => Space::release("SUSE", last),
        _ => Space::release("SUSE", product),
    }
}

impl Release {
    /// The release of a distribution, as feeds call it; empty where there are none; `None` where there are,
    /// and it is not told.
    fn of(self, distro: &Distro) -> Option<String> {
        let version = distro.full_version();
        let numbers = |count: usize| {
            let parts: Vec<&str> = version.split('.').take(count).collect();
            let is_number = version.starts_with(|first: char| first.is_ascii_digit());
            is_number.then(|| parts.join("."))
        };
        match self {
            Self::None => Some(String::new()),
            Self::Only(name) => Some(name.to_owned()),
            // What is not released yet has a name and no number.
            Self::Major => {
                numbers(1).or_else(|| Some(distro.codename.clone()).filter(|it| !it.is_empty()))
            }
            Self::Minor => numbers(2),
            Self::Leap => numbers(2).map(|release| format!("Leap {release}")),
            Self::Alpine if version.contains('_') || version == "edge" => Some("edge".to_owned()),
            Self::Alpine => numbers(2).map(|release| format!("v{release}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_release_become_one() {
        for (name, space) in [
            ("PyPI", "PyPI"),
            ("Debian:12", "Debian:12"),
            ("Ubuntu:22.04:LTS", "Ubuntu:22.04"),
            ("Ubuntu:Pro:16.04:LTS", "Ubuntu Pro:16.04"),
            ("Ubuntu:23.10", "Ubuntu:23.10"),
            ("Red Hat:enterprise_linux:8::appstream", "Red Hat:8"),
            ("Red Hat:rhel_eus:8.6::baseos", "Red Hat:rhel_eus:8.6::baseos"),
            ("SUSE:Linux Enterprise Server 15 SP3", "SUSE:15.3"),
            ("SUSE:Linux Enterprise Module for Basesystem 15 SP5", "SUSE:15.5"),
            ("SUSE:Linux Enterprise Server 12", "SUSE:12"),
            ("SUSE:Linux Enterprise Server 15 SP1-LTSS", "SUSE:15.1"),
            ("SUSE:Manager Server 4.3", "SUSE:Manager Server 4.3"),
            ("SUSE:Linux Enterprise Micro 5.1", "SUSE:Linux Enterprise Micro 5.1"),
        ] {
            assert_eq!(Space::of_osv(name).as_str(), space);
        }
    }

    #[test]
    fn distributions_have_the_space_that_feeds_name() {
        for (id, version, space) in [
            ("debian", "12.4", Some("Debian:12")),
            ("ubuntu", "22.04", Some("Ubuntu:22.04")),
            ("alpine", "3.10.2", Some("Alpine:v3.10")),
            ("alpine", "3.21.0_alpha20240923", Some("Alpine:edge")),
            ("almalinux", "9.0", Some("AlmaLinux:9")),
            ("centos", "6.10", Some("Red Hat:6")),
            ("sles", "15.3", Some("SUSE:15.3")),
            ("opensuse-leap", "15.1", Some("openSUSE:Leap 15.1")),
            ("opensuse-tumbleweed", "20240607", Some("openSUSE:Tumbleweed")),
            ("wolfi", "20230201", Some("Wolfi")),
            ("arch", "", Some("Arch Linux")),
            ("ubuntu", "", None),
            ("plan9", "4", None),
        ] {
            let distro = Distro { id: id.into(), version: version.into(), ..Distro::default() };
            assert_eq!(Space::of_distro(&distro).as_ref().map(Space::as_str), space, "{id}");
        }
    }
}
