//! What to upgrade, so that what matters most is mended first.

use std::{cmp::Reverse, collections::BTreeMap};

use scan::Inventory;
use versions::Version;

use super::Finding;
use crate::Level;

/// A package of one version, or several that were built from the same source, and the version that mends all in
/// them that a version mends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Upgrade<'a> {
    /// The package's name.
    pub name: &'a str,
    /// Others of that source and version, which go to the same version.
    pub others: Vec<&'a str>,
    /// Its version.
    pub from: &'a str,
    /// The lowest version that mends all.
    pub to: &'a str,
    /// How many findings that are, in all of them.
    pub count: usize,
    /// How many of them are known to be exploited.
    pub exploited: usize,
    /// How many of them are notices.
    pub notices: usize,
    /// How bad the worst of them is; `None` where nobody says.
    pub worst: Option<Level>,
}

impl Upgrade<'_> {
    /// The packages for people: `openssl (and openssl-libs)`, `perl (and 3 more)`.
    pub fn packages(&self) -> String {
        match self.others.as_slice() {
            [] => self.name.to_owned(),
            [other] => format!("{} (and {other})", self.name),
            _ => self.counted(),
        }
    }

    /// As [`packages`](Self::packages), but others are never named: `openssl (and 1 more)`.
    pub fn counted(&self) -> String {
        match self.others.len() {
            0 => self.name.to_owned(),
            more => format!("{} (and {more} more)", self.name),
        }
    }

    /// What it mends, for people: `130, 2 exploited, high at worst`; `3, severity unknown`; `1 notice`.
    pub fn mends(&self) -> String {
        let mut parts = vec![self.count.to_string()];
        if self.exploited > 0 {
            parts.push(format!("{} exploited", self.exploited));
        }
        match self.worst {
            Some(worst) => parts.push(format!("{} at worst", worst.name())),
            None if self.notices == self.count => {
                return format!("{} notice{}", self.count, if self.count == 1 { "" } else { "s" });
            }
            None => parts.push("severity unknown".to_owned()),
        }
        parts.join(", ")
    }
}

/// Upgrades that mend these findings: what is exploited first, then the worst, then those that mend most.
pub fn upgrades<'a>(findings: &'a [Finding], inventory: &'a Inventory) -> Vec<Upgrade<'a>> {
    let mut upgrades = grouped(findings, inventory);
    upgrades.sort_by_key(|it| {
        let is_flaw = it.notices < it.count;
        Reverse((it.exploited > 0, it.worst, is_flaw, it.count))
    });
    upgrades
}

/// One for all packages of a source that go from one version to another, by their names.
fn grouped<'a>(findings: &'a [Finding], inventory: &'a Inventory) -> Vec<Upgrade<'a>> {
    let mut groups: BTreeMap<(&str, &str, &str, &str), Upgrade<'a>> = BTreeMap::new();
    for ((kind, source), one) in each(findings, inventory) {
        let key = (kind, source, one.from, one.to);
        let Some(group) = groups.get_mut(&key) else {
            groups.insert(key, one);
            continue;
        };
        group.count += one.count;
        group.exploited += one.exploited;
        group.notices += one.notices;
        group.worst = group.worst.max(one.worst);
        // The package that has the name of its source is the one that people know.
        let is_known = one.name == source;
        let other = if is_known { std::mem::replace(&mut group.name, one.name) } else { one.name };
        group.others.push(other);
    }
    groups.into_values().collect()
}

/// Of what kind a package is, and what it was built from.
type Of<'a> = (&'a str, &'a str);

/// One for each package, by kind and name.
fn each<'a>(findings: &'a [Finding], inventory: &'a Inventory) -> Vec<(Of<'a>, Upgrade<'a>)> {
    let mut all: BTreeMap<(&str, &str, &str), (Of<'a>, Upgrade<'a>, Version)> = BTreeMap::new();
    for finding in findings {
        let Some(package) = inventory.packages.get(finding.package) else { continue };
        let Some(to) = finding.fixed_version.as_deref() else { continue };
        let parsed = finding.space.scheme().and_then(|scheme| Version::parse(scheme, to).ok());
        let Some(version) = parsed else { continue };
        let (kind, name, from) =
            (package.kind.name(), package.name.as_str(), package.version.as_str());
        let source = package.source.as_ref().map_or(name, |it| &it.name);
        let new = || ((kind, source), Upgrade::of(name, from, to), version.clone());
        let (_, upgrade, highest) = all.entry((kind, name, from)).or_insert_with(new);
        upgrade.count += 1;
        upgrade.exploited += usize::from(finding.exploited.is_some());
        upgrade.notices += usize::from(finding.is_notice());
        upgrade.worst = upgrade.worst.max(finding.severity.level);
        if version > *highest {
            (upgrade.to, *highest) = (to, version);
        }
    }
    all.into_values().map(|(of, upgrade, _)| (of, upgrade)).collect()
}

impl<'a> Upgrade<'a> {
    /// One that mends nothing yet.
    fn of(name: &'a str, from: &'a str, to: &'a str) -> Self {
        let others = Vec::new();
        Self { name, others, from, to, count: 0, exploited: 0, notices: 0, worst: None }
    }
}

#[cfg(test)]
mod tests {
    use scan::{Kind, Package, Source};

    use super::*;
    use crate::{
        Exploited, Nature, Space,
        matching::{Severity, State},
    };

    fn finding(package: usize, fixed: Option<&str>, level: Option<Level>) -> Finding {
        Finding {
            package,
            space: Space::named("npm"),
            fixed_version: fixed.map(str::to_owned),
            state: State::Fixed,
            severity: Severity { level, ..Severity::default() },
            ..Finding::default()
        }
    }

    fn inventory(packages: Vec<Package>) -> Inventory {
        Inventory { packages, ..Inventory::default() }
    }

    fn told(findings: &[Finding], inventory: &Inventory) -> Vec<(String, String, String)> {
        let upgrades = upgrades(findings, inventory);
        upgrades.iter().map(|it| (it.packages(), it.to.to_owned(), it.mends())).collect()
    }

    fn line(packages: &str, to: &str, mends: &str) -> (String, String, String) {
        (packages.to_owned(), to.to_owned(), mends.to_owned())
    }

    #[test]
    fn an_upgrade_mends_all_that_can_be_mended() {
        let inventory = inventory(vec![
            Package::new(Kind::Npm, "a", "1.0.0"),
            Package::new(Kind::Npm, "b", "1.0.0"),
        ]);
        let findings = [
            finding(0, Some("1.10.0"), Some(Level::Low)),
            finding(0, Some("1.9.0"), Some(Level::High)),
            finding(0, None, Some(Level::Critical)),
            finding(1, Some("2.0.0"), Some(Level::High)),
        ];
        assert_eq!(
            told(&findings, &inventory),
            [line("a", "1.10.0", "2, high at worst"), line("b", "2.0.0", "1, high at worst")]
        );
    }

    #[test]
    fn what_is_exploited_is_mended_first_and_notices_last() {
        let names = ["notice", "unknown", "critical", "exploited"];
        let inventory = inventory(names.map(|it| Package::new(Kind::Npm, it, "1.0.0")).to_vec());
        let mut findings = [
            finding(0, Some("2.0.0"), None),
            finding(1, Some("2.0.0"), None),
            finding(2, Some("2.0.0"), Some(Level::Critical)),
            finding(3, Some("2.0.0"), Some(Level::Medium)),
        ];
        findings[0].nature = Nature::Unsound;
        findings[3].exploited = Some(Exploited::default());
        assert_eq!(
            told(&findings, &inventory),
            [
                line("exploited", "2.0.0", "1, 1 exploited, medium at worst"),
                line("critical", "2.0.0", "1, critical at worst"),
                line("unknown", "2.0.0", "1, severity unknown"),
                line("notice", "2.0.0", "1 notice"),
            ]
        );
    }

    #[test]
    fn packages_of_one_source_are_one_upgrade_where_they_go_to_the_same_version() {
        let of = |name: &str, version: &str, source: &str| Package {
            source: Some(Source { name: source.to_owned(), version: "1".to_owned() }),
            ..Package::new(Kind::Deb, name, version)
        };
        let inventory = inventory(vec![
            of("libperl", "1", "perl"),
            of("perl", "1", "perl"),
            of("perl-base", "1", "perl"),
            of("openssl-libs", "1", "openssl"),
            of("openssl", "1", "openssl"),
            of("openssl-old", "0", "openssl"),
        ]);
        let findings = [0, 1, 2, 3, 4, 5].map(|at| finding(at, Some("2"), Some(Level::High)));
        let findings = findings.map(|it| Finding { space: Space::named("Debian:12"), ..it });
        assert_eq!(
            told(&findings, &inventory),
            [
                line("perl (and 2 more)", "2", "3, high at worst"),
                line("openssl (and openssl-libs)", "2", "2, high at worst"),
                line("openssl-old", "2", "1, high at worst"),
            ]
        );
    }
}
