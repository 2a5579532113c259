//! What becomes of findings from one inventory to another: which go, which come, which stay.

use std::collections::BTreeMap;

use scan::{Inventory, Kind, Package};

use super::{Finding, Matches, Reason};
use crate::Space;

/// One of two inventories, with what is wrong with it.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// What is installed.
    pub inventory: &'a Inventory,
    /// What is wrong with it, and what would be, but for what others say.
    pub matches: &'a Matches,
}

/// What becomes of findings. A flaw in packages of one name is one, however many of them there are.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Compared<'a> {
    /// Those that are gone.
    pub fixed: Vec<Gone<'a>>,
    /// Those of which nobody knows any more.
    pub lost: Vec<&'a Finding>,
    /// Those that were not there.
    pub new: Vec<New<'a>>,
    /// Those that are told otherwise, as they were and as they are.
    pub changed: Vec<(&'a Finding, &'a Finding)>,
    /// Those that stay as they were, as they are.
    pub unchanged: Vec<&'a Finding>,
}

/// A finding that is gone.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gone<'a> {
    /// As it was.
    pub finding: &'a Finding,
    /// Why it is gone.
    pub why: Why,
}

/// A finding that was not there.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct New<'a> {
    /// As it is.
    pub finding: &'a Finding,
    /// Why it was not there.
    pub why: Why,
}

/// Why something is a finding on one side alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Why {
    /// The other side has no package of that name.
    Package,
    /// The other side has another version of it, or is another release.
    Version,
    /// On the other side it is suppressed.
    Suppressed,
    /// On the other side nothing is known of the package.
    Unscanned,
}

impl Why {
    /// Its name in documents, of what is gone.
    pub const fn of_gone(self) -> &'static str {
        match self {
            Self::Package => "removed",
            Self::Version => "upgraded",
            Self::Suppressed => "suppressed",
            Self::Unscanned => "unscanned",
        }
    }

    /// Its name in documents, of what is new.
    pub const fn of_new(self) -> &'static str {
        match self {
            Self::Package => "added",
            Self::Version => "changed",
            Self::Suppressed => "no_longer_suppressed",
            Self::Unscanned => "unscanned_before",
        }
    }
}

/// Packages of one name: their kind, and the name as their ecosystem has it.
type Key = (Kind, String);
/// Findings by packages, then by the names of the flaws.
type ByPackage<'a> = BTreeMap<Key, Vec<&'a Finding>>;

/// Compares what is found, by packages and by the names of flaws.
pub fn compare<'a>(from: Side<'a>, to: Side<'a>) -> Compared<'a> {
    let (before, after) = (by_package(from), by_package(to));
    let (gone, come) = (Index::new(from), Index::new(to));
    let mut compared = Compared::default();
    for (key, findings) in &before {
        for finding in distinct(findings) {
            if after.get(key).is_some_and(|others| others.iter().any(|it| is_same(it, finding))) {
                continue;
            }
            match come.why(key, finding) {
                Why::Unscanned => compared.lost.push(finding),
                why => compared.fixed.push(Gone { finding, why }),
            }
        }
    }
    for (key, findings) in &after {
        for finding in distinct(findings) {
            let was = before.get(key).into_iter().flatten().copied();
            let was: Vec<&Finding> = was.filter(|it| is_same(it, finding)).collect();
            match was.first() {
                None => compared.new.push(New { finding, why: gone.why(key, finding) }),
                // Of several versions, one may stay as it was.
                Some(_) if was.iter().any(|it| says(it) == says(finding)) => {
                    compared.unchanged.push(finding);
                }
                Some(first) => compared.changed.push((first, finding)),
            }
        }
    }
    compared.sort();
    compared
}

impl Compared<'_> {
    /// Whether nothing is otherwise.
    pub fn is_empty(&self) -> bool {
        self.fixed.is_empty()
            && self.lost.is_empty()
            && self.new.is_empty()
            && self.changed.is_empty()
    }

    /// The worst first.
    fn sort(&mut self) {
        let rank = |it: &Finding| std::cmp::Reverse(it.severity.level);
        self.fixed.sort_by_key(|it| rank(it.finding));
        self.lost.sort_by_key(|it| rank(it));
        self.new.sort_by_key(|it| rank(it.finding));
        self.changed.sort_by_key(|(_, it)| rank(it));
        self.unchanged.sort_by_key(|it| rank(it));
    }
}

/// What of a finding may change while it stays.
fn says(finding: &Finding) -> (Option<crate::Level>, super::State, Option<&str>) {
    (finding.severity.level, finding.state, finding.fixed_version.as_deref())
}

fn by_package(side: Side<'_>) -> ByPackage<'_> {
    let mut all = ByPackage::new();
    for finding in &side.matches.findings {
        if let Some(package) = side.inventory.packages.get(finding.package) {
            all.entry(key(package)).or_default().push(finding);
        }
    }
    all
}

fn key(package: &Package) -> Key {
    let space = Space::of_kind(package.kind);
    let name = match &space {
        Some(space) => space.tidy(&package.name).into_owned(),
        None => package.name.clone(),
    };
    (package.kind, name)
}

/// One of those that are the same flaw: in several versions of a package, or for several processors.
fn distinct<'a>(findings: &[&'a Finding]) -> Vec<&'a Finding> {
    let mut distinct: Vec<&Finding> = Vec::new();
    for finding in findings {
        if !distinct.iter().any(|it| is_same(it, finding)) {
            distinct.push(finding);
        }
    }
    distinct
}

/// Whether both are one flaw: one of them is known by the name of the other.
fn is_same(a: &Finding, b: &Finding) -> bool {
    a.id == b.id || a.aliases.contains(&b.id) || b.aliases.contains(&a.id)
}

/// What a side has of a name where it has no finding.
struct Index<'a> {
    side: Side<'a>,
    packages: BTreeMap<Key, Vec<&'a Package>>,
}

impl<'a> Index<'a> {
    fn new(side: Side<'a>) -> Self {
        let mut packages: BTreeMap<Key, Vec<&Package>> = BTreeMap::new();
        for package in &side.inventory.packages {
            packages.entry(key(package)).or_default().push(package);
        }
        Self { side, packages }
    }

    fn why(&self, key: &Key, finding: &Finding) -> Why {
        let Some(packages) = self.packages.get(key) else { return Why::Package };
        let mut suppressed = self.side.matches.suppressed.iter().filter(|it| {
            let package = self.side.inventory.packages.get(it.finding.package);
            package.is_some_and(|package| packages.contains(&package))
        });
        if suppressed.any(|it| is_same(&it.finding, finding)) {
            return Why::Suppressed;
        }
        let (kind, _) = key;
        let unscanned = &self.side.matches.unscanned;
        let is_unscanned = |package: &&Package| {
            unscanned.iter().any(|it| match it.reason {
                Reason::NoFeed | Reason::NotInDatabase => it.kind == *kind,
                Reason::NoVersion => it.kind == *kind && package.version.is_empty(),
                Reason::Brings => false,
            })
        };
        match packages.iter().all(is_unscanned) {
            true => Why::Unscanned,
            false => Why::Version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Level,
        matching::{IgnoreNote, Means, Severity, State, Suppressed, Unscanned},
    };

    fn inventory(packages: &[(&str, &str)]) -> Inventory {
        let packages = packages.iter().map(|(name, it)| Package::new(Kind::Pypi, *name, *it));
        Inventory { packages: packages.collect(), ..Inventory::default() }
    }

    fn finding(package: usize, id: &str, aliases: &[&str], level: Level) -> Finding {
        Finding {
            id: id.to_owned(),
            aliases: aliases.iter().copied().map(str::to_owned).collect(),
            package,
            space: Space::named("PyPI"),
            fixed_version: Some("2".to_owned()),
            state: State::Fixed,
            severity: Severity { level: Some(level), ..Severity::default() },
            ..Finding::default()
        }
    }

    fn matches(findings: Vec<Finding>) -> Matches {
        Matches { findings, ..Matches::default() }
    }

    #[test]
    fn findings_go_come_change_and_stay() {
        let (old, new) = (
            inventory(&[("a.b", "1"), ("gone", "1"), ("stays", "1"), ("stays", "2")]),
            inventory(&[("A-B", "2"), ("stays", "2"), ("comes", "1")]),
        );
        let before = matches(vec![
            finding(0, "CVE-1", &[], Level::Low),
            finding(0, "GHSA-2", &[], Level::High),
            finding(1, "CVE-3", &[], Level::High),
            finding(2, "CVE-4", &[], Level::High),
            finding(3, "CVE-4", &[], Level::High),
        ]);
        let after = matches(vec![
            finding(0, "CVE-2", &["GHSA-2"], Level::Critical),
            finding(1, "CVE-4", &[], Level::High),
            finding(2, "CVE-5", &[], Level::Low),
        ]);
        let compared = compare(
            Side { inventory: &old, matches: &before },
            Side { inventory: &new, matches: &after },
        );
        let fixed: Vec<_> =
            compared.fixed.iter().map(|it| (it.finding.id.as_str(), it.why)).collect();
        assert_eq!(fixed, [("CVE-3", Why::Package), ("CVE-1", Why::Version)]);
        let new: Vec<_> = compared.new.iter().map(|it| (it.finding.id.as_str(), it.why)).collect();
        assert_eq!(new, [("CVE-5", Why::Package)]);
        let changed: Vec<_> =
            compared.changed.iter().map(|(a, b)| (a.id.as_str(), b.id.as_str())).collect();
        assert_eq!(changed, [("GHSA-2", "CVE-2")]);
        let stays: Vec<_> = compared.unchanged.iter().map(|it| it.id.as_str()).collect();
        assert_eq!((stays, compared.lost.len()), (vec!["CVE-4"], 0));
    }

    #[test]
    fn what_nobody_knows_or_somebody_settled_is_not_mended() {
        let (old, new) =
            (inventory(&[("a", "1"), ("b", "1")]), inventory(&[("a", "2"), ("b", "1")]));
        let before = matches(vec![
            finding(0, "CVE-1", &[], Level::Low),
            finding(1, "CVE-2", &[], Level::Low),
        ]);
        let unscanned = Unscanned {
            kind: Kind::Pypi,
            space: None,
            reason: Reason::NotInDatabase,
            packages: vec![0],
        };
        let by = Means::Ignored(IgnoreNote {
            source: String::new(),
            place: String::new(),
            reason: String::new(),
            expires: String::new(),
        });
        let suppressed = vec![Suppressed { finding: finding(1, "CVE-2", &[], Level::Low), by }];
        let after = Matches { suppressed, unscanned: vec![unscanned], ..Matches::default() };
        let (from, to) =
            (Side { inventory: &old, matches: &before }, Side { inventory: &new, matches: &after });
        let compared = compare(from, to);
        assert_eq!(compared.lost.len(), 1);
        assert_eq!(compared.fixed[0].why, Why::Suppressed);
        let back = compare(to, from);
        let why: Vec<_> = back.new.iter().map(|it| (it.finding.id.as_str(), it.why)).collect();
        assert_eq!(why, [("CVE-1", Why::Unscanned), ("CVE-2", Why::Suppressed)]);
    }

    #[test]
    fn from_a_target_to_itself_nothing_changes() {
        let all = inventory(&[("a", "1"), ("b", "1")]);
        let found = matches(vec![
            finding(0, "CVE-1", &[], Level::Low),
            finding(1, "CVE-1", &[], Level::Low),
        ]);
        let side = Side { inventory: &all, matches: &found };
        let compared = compare(side, side);
        assert!(compared.is_empty());
        assert_eq!(compared.unchanged.len(), 2);
    }
}
