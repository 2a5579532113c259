//! What to upgrade, so that most is mended first.

use std::collections::BTreeMap;

use scan::Inventory;
use versions::Version;

use super::Finding;
use crate::Level;

/// A package of one version, and the version that mends all in it that a version mends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Upgrade<'a> {
    /// The package's name.
    pub name: &'a str,
    /// Its version.
    pub from: &'a str,
    /// The lowest version that mends all.
    pub to: &'a str,
    /// How many flaws that are.
    pub count: usize,
    /// How bad the worst of them is; `None` where nobody says.
    pub worst: Option<Level>,
}

/// Upgrades that mend these findings: the worst first, then those that mend most.
pub fn upgrades<'a>(findings: &'a [Finding], inventory: &'a Inventory) -> Vec<Upgrade<'a>> {
    let mut all: BTreeMap<(&str, &str, &str), (Upgrade<'a>, Version)> = BTreeMap::new();
    for finding in findings {
        let Some(package) = inventory.packages.get(finding.package) else { continue };
        let Some(to) = finding.fixed_version.as_deref() else { continue };
        let parsed = finding.space.scheme().and_then(|scheme| Version::parse(scheme, to).ok());
        let Some(version) = parsed else { continue };
        let (name, from) = (package.name.as_str(), package.version.as_str());
        let new = (Upgrade { name, from, to, count: 0, worst: None }, version.clone());
        let (upgrade, highest) = all.entry((package.kind.name(), name, from)).or_insert(new);
        upgrade.count += 1;
        upgrade.worst = upgrade.worst.max(finding.severity.level);
        if version > *highest {
            (upgrade.to, *highest) = (to, version);
        }
    }
    let mut upgrades: Vec<Upgrade<'a>> = all.into_values().map(|(upgrade, _)| upgrade).collect();
    upgrades.sort_by_key(|it| std::cmp::Reverse((it.worst, it.count)));
    upgrades
}

#[cfg(test)]
mod tests {
    use scan::{Kind, Package};

    use super::*;
    use crate::{
        Space,
        matching::{Severity, State},
    };

    fn finding(package: usize, fixed: Option<&str>, level: Level) -> Finding {
        Finding {
            package,
            space: Space::named("npm"),
            fixed_version: fixed.map(str::to_owned),
            state: State::Fixed,
            severity: Severity { level: Some(level), ..Severity::default() },
            ..Finding::default()
        }
    }

    #[test]
    fn an_upgrade_mends_all_that_can_be_mended() {
        let packages =
            vec![Package::new(Kind::Npm, "a", "1.0.0"), Package::new(Kind::Npm, "b", "1.0.0")];
        let inventory = Inventory { packages, ..Inventory::default() };
        let findings = [
            finding(0, Some("1.10.0"), Level::Low),
            finding(0, Some("1.9.0"), Level::High),
            finding(0, None, Level::Critical),
            finding(1, Some("2.0.0"), Level::High),
        ];
        let told: Vec<_> =
            upgrades(&findings, &inventory).iter().map(|it| (it.name, it.to, it.count)).collect();
        assert_eq!(told, [("a", "1.10.0", 2), ("b", "2.0.0", 1)]);
    }
}
