//! Where packages of one name are: an ecosystem, or a release of a distribution.

use std::{borrow::Cow, fmt};

use scan::{Distro, Kind};
use versions::Scheme;

use crate::{
    codenames,
    ecosystem::{ALL, By, Ecosystem, Release},
};

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

    /// What a CPE names, of Red Hat: `cpe:/a:redhat:enterprise_linux:8::appstream`,
    /// `cpe:/o:redhat:rhel_eus:8.6::baseos`. Channels of one release are one. `None` for what is no system: nobody asks
    /// for it.
    pub(crate) fn of_cpe(cpe: &str) -> Option<Self> {
        let mut parts = cpe.strip_prefix("cpe:/")?.split(':').skip(1);
        let (vendor, product, version) = (parts.next()?, parts.next()?, parts.next()?);
        if vendor != "redhat" {
            return None;
        }
        Some(match product {
            "enterprise_linux" => Self::release("Red Hat", version.split('.').next()?),
            "hummingbird" => Self::release("Hummingbird", version),
            _ if product.starts_with("rhel_") => {
                Self::release("Red Hat", &format!("{product}:{version}"))
            }
            _ => return None,
        })
    }

    /// Whether a source of ratings is who makes the packages: `photon` of Photon OS, `redhat` of Red Hat.
    pub(crate) fn is_of(&self, source: &str) -> bool {
        let name = self.ecosystem();
        let first = name.split(' ').next().unwrap_or_default();
        !source.is_empty()
            && (first.eq_ignore_ascii_case(source)
                || name.replace(' ', "").eq_ignore_ascii_case(source))
    }

    /// Where more packages are that systems of this release may have, beside the distribution's own.
    pub(crate) fn beside(&self) -> Option<Self> {
        let is_enterprise = ["Red Hat", "AlmaLinux", "Rocky Linux", "Oracle Linux"];
        let (name, release) = self.0.split_once(':')?;
        is_enterprise.contains(&name).then(|| Self::release("EPEL", release))
    }

    /// Whose fixes a package of this version may have got, although they are not of this release: those that are
    /// for who pays for longer, and those of what comes after.
    pub(crate) fn backports(&self, version: &str) -> Vec<Self> {
        let Some((name, release)) = self.0.split_once(':') else { return Vec::new() };
        match name {
            "Red Hat" => extended(release, version),
            "Ubuntu" => {
                let certified = ["", "FIPS:", "FIPS-updates:", "FIPS-preview:"];
                let count = if version.contains("ips") { certified.len() } else { 1 };
                let lines = certified.get(..count).unwrap_or_default();
                lines
                    .iter()
                    .map(|it| Self::release("Ubuntu Pro", &format!("{it}{release}")))
                    .collect()
            }
            // A system of what is in the making may be of what comes before that.
            "Debian" if codenames::is_in_the_making(release) => vec![Self::release(name, "sid")],
            _ => Vec::new(),
        }
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

/// Products of Red Hat that get fixes of their own for a second number: `el8_6` marks packages of 8.6.
fn extended(release: &str, version: &str) -> Vec<Space> {
    let of =
        |product: &str, version: &str| Space::release("Red Hat", &format!("{product}:{version}"));
    let mark = format!(".el{release}_");
    let minor = version.split_once(&mark).map(|(_, rest)| {
        let end = rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len());
        rest.split_at(end).0
    });
    let mut spaces = vec![of("rhel_els", release)];
    if let Some(minor) = minor.filter(|minor| !minor.is_empty()) {
        let version = format!("{release}.{minor}");
        let products = ["rhel_eus", "rhel_aus", "rhel_tus", "rhel_e4s", "rhel_eus_long_life"];
        spaces.extend(products.iter().map(|product| of(product, &version)));
    }
    spaces
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
            // What is not released yet has a name and no number: `forky`, and in Debian's own file `forky/sid`.
            Self::Major => numbers(1).or_else(|| {
                let name = match distro.codename.as_str() {
                    "" => version.split('/').next().unwrap_or_default(),
                    name => name,
                };
                Some(codenames::debian(name).to_owned()).filter(|it| !it.is_empty())
            }),
            Self::Minor => numbers(2),
            // The first is called by years and months: `2018.03`.
            Self::Amazon => {
                numbers(1).map(|year| match ("2011".."2019").contains(&year.as_str()) {
                    true => "1".to_owned(),
                    false => year,
                })
            }
            Self::Named(name) => numbers(2).map(|release| format!("{name} {release}")),
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
    fn fixes_of_others_are_those_that_a_version_can_have() {
        let backports = |space: &str, version: &str| {
            let all = Space::named(space).backports(version);
            all.iter().map(|it| it.as_str().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(backports("Red Hat:8", "1-1.el8"), "Red Hat:rhel_els:8");
        let eus = backports("Red Hat:8", "1-1.el8_6.2");
        assert!(eus.contains("Red Hat:rhel_eus:8.6 ") && eus.contains("rhel_e4s:8.6"), "{eus}");
        assert_eq!(backports("Ubuntu:16.04", "1.2-1ubuntu1"), "Ubuntu Pro:16.04");
        assert!(
            backports("Ubuntu:22.04", "3.0-0ubuntu1.10+Fips1").contains("Pro:FIPS-updates:22.04")
        );
        assert_eq!(backports("Debian:14", "1-1"), "Debian:sid");
        assert_eq!(backports("Debian:12", "1-1"), "");
    }

    #[test]
    fn platforms_are_releases() {
        for (cpe, expected) in [
            ("cpe:/a:redhat:enterprise_linux:8::appstream", Some("Red Hat:8")),
            ("cpe:/o:redhat:enterprise_linux:9.2::baseos", Some("Red Hat:9")),
            ("cpe:/o:redhat:rhel_eus:8.6::baseos", Some("Red Hat:rhel_eus:8.6")),
            ("cpe:/a:redhat:hummingbird:1", Some("Hummingbird:1")),
            ("cpe:/a:redhat:openshift:4.5", None),
            ("cpe:/a:redhat", None),
        ] {
            assert_eq!(Space::of_cpe(cpe).as_ref().map(Space::as_str), expected, "{cpe}");
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
            ("opensuse-leap-micro", "5.3", Some("openSUSE:Leap Micro 5.3")),
            ("opensuse-tumbleweed", "20240607", Some("openSUSE:Tumbleweed")),
            ("sle-micro", "5.3", Some("SUSE:Linux Enterprise Micro 5.3")),
            ("sl-micro", "6.1", Some("SUSE:Linux Micro 6.1")),
            ("debian", "forky/sid", Some("Debian:14")),
            ("wolfi", "20230201", Some("Wolfi")),
            ("arch", "", Some("Arch Linux")),
            ("amzn", "2018.03", Some("Amazon Linux:1")),
            ("amzn", "2", Some("Amazon Linux:2")),
            ("amzn", "2023", Some("Amazon Linux:2023")),
            ("ubuntu", "", None),
            ("plan9", "4", None),
        ] {
            let distro = Distro { id: id.into(), version: version.into(), ..Distro::default() };
            assert_eq!(Space::of_distro(&distro).as_ref().map(Space::as_str), space, "{id}");
        }
    }
}
