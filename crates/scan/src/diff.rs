//! What changed from one inventory to another.
//!
//! Packages are the same where their kind and name are, and their processor where both tell one. One name
//! may have several versions at once (npm), so versions are compared as sets: what both have stays, the
//! rest was added, removed, or went from some to others. Which way that went, their order says.

use std::collections::{BTreeMap, BTreeSet};

use versions::{Scheme, Version};

use crate::{Distro, Inventory, Kind, Package};

/// Whether packages are told that have other places only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Places {
    /// They are.
    Compared,
    /// They are not.
    Ignored,
}

/// What happened to a package. In the order in which they are told: what is rarely meant comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum What {
    /// It has a lower version.
    Downgraded,
    /// It, or one of its versions, is no longer there.
    Removed,
    /// It, or another version of it, is new.
    Added,
    /// It has another version, and nobody can say which is higher; or some are higher and some lower.
    Changed,
    /// It has a higher version.
    Upgraded,
    /// It is in other files or layers.
    Moved,
}

impl What {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Downgraded, Self::Removed, Self::Added, Self::Changed, Self::Upgraded, Self::Moved];

    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Downgraded => "downgraded",
            Self::Removed => "removed",
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Upgraded => "upgraded",
            Self::Moved => "moved",
        }
    }
}

/// A package that is not as it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What happened.
    pub what: What,
    /// What it is of.
    pub kind: Kind,
    /// Its name, as it is now, or was.
    pub name: String,
    /// For which processor, where that tells it apart.
    pub architecture: String,
    /// Versions that are no longer there, the lowest first.
    pub from: Vec<String>,
    /// Versions that are new, the lowest first.
    pub to: Vec<String>,
    /// Versions that stay.
    pub kept: Vec<String>,
    /// Where it was, if it moved: files, with the layers that brought them.
    pub places_from: Vec<Place>,
    /// Where it is.
    pub places_to: Vec<Place>,
}

/// A file, and what names the layer that brought it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The file.
    pub path: String,
    /// The layer.
    pub layer: Option<String>,
}

/// What changed.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Diff {
    /// The distribution before and after, where it is another, or another version.
    pub distro: Option<(Option<Distro>, Option<Distro>)>,
    /// Packages, by what happened, then by kind and name.
    pub changes: Vec<Change>,
    /// How many versions of packages are in both.
    pub unchanged: usize,
}

impl Diff {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.distro.is_none() && self.changes.is_empty()
    }

    /// How many of a kind of change there are.
    pub fn count(&self, what: What) -> usize {
        self.changes.iter().filter(|change| change.what == what).count()
    }
}

/// What changed from `from` to `to`.
pub fn diff(from: &Inventory, to: &Inventory, places: Places) -> Diff {
    let mut names: BTreeMap<(Kind, String), [Vec<&Package>; 2]> = BTreeMap::new();
    for (side, inventory) in [from, to].into_iter().enumerate() {
        for package in &inventory.packages {
            let sides = names.entry((package.kind, key(package))).or_default();
            sides.get_mut(side).into_iter().for_each(|side| side.push(package));
        }
    }
    let mut diff = Diff { distro: distro(from, to), ..Diff::default() };
    for sides in names.into_values() {
        for sides in by_architecture(sides) {
            let mut group = Group::new(sides);
            diff.unchanged += group.kept.len();
            match group.change() {
                Some(change) => diff.changes.push(change),
                None if places == Places::Compared => {
                    diff.changes.extend(group.moved([from, to]));
                }
                None => {}
            }
        }
    }
    diff.changes.sort_by(|a, b| {
        (a.what, a.kind, &a.name, &a.architecture).cmp(&(b.what, b.kind, &b.name, &b.architecture))
    });
    diff
}

fn distro(from: &Inventory, to: &Inventory) -> Option<(Option<Distro>, Option<Distro>)> {
    let told =
        |it: &Inventory| it.distro.as_ref().map(|it| (it.id.clone(), it.full_version().to_owned()));
    (told(from) != told(to)).then(|| (from.distro.clone(), to.distro.clone()))
}

/// A name, without what kinds of packages do not tell apart (the types of the purl specification).
fn key(package: &Package) -> String {
    let name = package.name.as_str();
    match package.kind {
        Kind::Pypi => name.to_lowercase().replace(['_', '.'], "-"),
        Kind::Composer | Kind::Golang | Kind::Hex | Kind::Npm | Kind::Pub => name.to_lowercase(),
        _ => name.to_owned(),
    }
}

/// Packages of one name, apart for each processor, unless a side does not tell processors.
fn by_architecture(sides: [Vec<&Package>; 2]) -> Vec<[Vec<&Package>; 2]> {
    let is_told = |side: &Vec<&Package>| side.iter().all(|it| !it.architecture.is_empty());
    if !sides.iter().all(is_told) {
        return vec![sides];
    }
    let mut apart: BTreeMap<&str, [Vec<&Package>; 2]> = BTreeMap::new();
    for (at, side) in sides.into_iter().enumerate() {
        for package in side {
            let sides = apart.entry(&package.architecture).or_default();
            sides.get_mut(at).into_iter().for_each(|side| side.push(package));
        }
    }
    apart.into_values().collect()
}

/// Packages of one name, for one processor.
struct Group<'a> {
    sides: [Vec<&'a Package>; 2],
    only_from: Vec<&'a str>,
    only_to: Vec<&'a str>,
    kept: Vec<&'a str>,
}

impl<'a> Group<'a> {
    fn new(sides: [Vec<&'a Package>; 2]) -> Self {
        let versions = |side: &[&'a Package]| {
            side.iter().map(|it| it.version.as_str()).collect::<BTreeSet<_>>()
        };
        let [from, to] = &sides;
        let (from, to) = (versions(from), versions(to));
        Self {
            only_from: from.difference(&to).copied().collect(),
            only_to: to.difference(&from).copied().collect(),
            kept: from.intersection(&to).copied().collect(),
            sides,
        }
    }

    /// The package as it is now, or was.
    fn named(&self) -> Option<&'a Package> {
        let [from, to] = &self.sides;
        to.first().or(from.first()).copied()
    }

    fn change(&mut self) -> Option<Change> {
        let package = self.named()?;
        let scheme = Scheme::of_purl_type(package.kind.name());
        for versions in [&mut self.only_from, &mut self.only_to, &mut self.kept] {
            sort(versions, scheme);
        }
        let what = match (self.only_from.as_slice(), self.only_to.as_slice()) {
            ([], []) => return None,
            ([], _) => What::Added,
            (_, []) => What::Removed,
            (from, to) => scheme.map_or(What::Changed, |scheme| direction(scheme, from, to)),
        };
        Some(self.told(package, what))
    }

    fn told(&self, package: &Package, what: What) -> Change {
        let texts = |versions: &[&str]| versions.iter().map(|it| (*it).to_owned()).collect();
        Change {
            what,
            kind: package.kind,
            name: package.name.clone(),
            architecture: package.architecture.clone(),
            from: texts(&self.only_from),
            to: texts(&self.only_to),
            kept: texts(&self.kept),
            places_from: Vec::new(),
            places_to: Vec::new(),
        }
    }

    /// The same versions in other places, where both sides tell places.
    fn moved(&self, inventories: [&Inventory; 2]) -> Option<Change> {
        let [from, to] = &self.sides;
        let [places_from, places_to] = [(from, inventories[0]), (to, inventories[1])]
            .map(|(side, inventory)| places(side, inventory));
        if places_from == places_to || places_from.is_empty() || places_to.is_empty() {
            return None;
        }
        let change = self.told(self.named()?, What::Moved);
        Some(Change { places_from, places_to, ..change })
    }
}

fn places(side: &[&Package], inventory: &Inventory) -> Vec<Place> {
    let places: BTreeSet<Place> = side
        .iter()
        .flat_map(|package| &package.locations)
        .map(|location| Place {
            path: location.path.clone(),
            layer: location
                .layer
                .and_then(|layer| inventory.layers.get(layer))
                .map(|it| it.diff_id.clone()),
        })
        .collect();
    places.into_iter().collect()
}

/// In the order of versions; those that have none come first, as texts.
fn sort(versions: &mut [&str], scheme: Option<Scheme>) {
    let parsed = |text: &str| scheme.and_then(|scheme| Version::parse(scheme, text).ok());
    versions.sort_by(|a, b| parsed(a).cmp(&parsed(b)).then_with(|| a.cmp(b)));
}

/// Which way versions went: up if neither the lowest nor the highest is lower than it was.
fn direction(scheme: Scheme, from: &[&str], to: &[&str]) -> What {
    let all = |texts: &[&str]| {
        texts.iter().map(|text| Version::parse(scheme, text).ok()).collect::<Option<Vec<_>>>()
    };
    let (Some(from), Some(to)) = (all(from), all(to)) else { return What::Changed };
    let (ends_from, ends_to) = ((from.first(), from.last()), (to.first(), to.last()));
    let is_up = ends_to.0 >= ends_from.0 && ends_to.1 >= ends_from.1;
    let is_down = ends_to.0 <= ends_from.0 && ends_to.1 <= ends_from.1;
    match (is_up, is_down) {
        (true, false) => What::Upgraded,
        (false, true) => What::Downgraded,
        // Written in another way, or pulled apart, or together.
        _ => What::Changed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LayerInfo, Location};

    fn inventory(packages: &[(Kind, &str, &str)]) -> Inventory {
        let packages = packages.iter();
        let packages = packages.map(|(kind, name, version)| Package::new(*kind, *name, *version));
        Inventory { packages: packages.collect(), ..Inventory::default() }
    }

    fn lines(from: &Inventory, to: &Inventory) -> Vec<String> {
        let line = |it: &Change| {
            let kept = if it.kept.is_empty() { String::new() } else { format!(" + {:?}", it.kept) };
            format!("{} {} {:?} {:?}{kept}", it.what.name(), it.name, it.from, it.to)
        };
        diff(from, to, Places::Ignored).changes.iter().map(line).collect()
    }

    #[test]
    fn versions_go_up_and_down_by_the_rules_of_their_kind() {
        for (kind, from, to, expected) in [
            (Kind::Deb, "1.0~rc1", "1.0", What::Upgraded),
            (Kind::Deb, "9.1", "1:2", What::Upgraded),
            (Kind::Rpm, "1.0-10.el8", "1.0-9.el8", What::Downgraded),
            (Kind::Apk, "1.2_rc1", "1.2", What::Upgraded),
            (Kind::Npm, "1.10.0", "1.9.0", What::Downgraded),
            (Kind::Pypi, "1.0", "1.0.0", What::Changed),
            (Kind::Maven, "1.0-alpha", "1.0", What::Upgraded),
            (Kind::Golang, "v1.9.0", "v1.10.0", What::Upgraded),
            (Kind::Flatpak, "1", "2", What::Changed),
            (Kind::Npm, "file:a", "1.0.0", What::Changed),
        ] {
            let diff = diff(
                &inventory(&[(kind, "a", from)]),
                &inventory(&[(kind, "a", to)]),
                Places::Ignored,
            );
            assert_eq!(diff.changes[0].what, expected, "{} {from} {to}", kind.name());
        }
    }

    #[test]
    fn several_versions_of_a_name_are_a_set() {
        let from = inventory(&[
            (Kind::Npm, "a", "1.0.0"),
            (Kind::Npm, "a", "2.0.0"),
            (Kind::Npm, "b", "1.0.0"),
            (Kind::Npm, "b", "2.0.0"),
            (Kind::Npm, "c", "1.0.0"),
            (Kind::Npm, "d", "2.0.0"),
            (Kind::Npm, "d", "10.0.0"),
            (Kind::Npm, "e", "2.0.0"),
        ]);
        let to = inventory(&[
            (Kind::Npm, "a", "1.0.1"),
            (Kind::Npm, "a", "2.0.1"),
            (Kind::Npm, "b", "2.0.0"),
            (Kind::Npm, "c", "1.0.0"),
            (Kind::Npm, "c", "1.1.0"),
            (Kind::Npm, "d", "3.0.0"),
            (Kind::Npm, "f", "1.0.0"),
        ]);
        assert_eq!(
            lines(&from, &to),
            [
                "removed b [\"1.0.0\"] [] + [\"2.0.0\"]",
                "removed e [\"2.0.0\"] []",
                "added c [] [\"1.1.0\"] + [\"1.0.0\"]",
                "added f [] [\"1.0.0\"]",
                "changed d [\"2.0.0\", \"10.0.0\"] [\"3.0.0\"]",
                "upgraded a [\"1.0.0\", \"2.0.0\"] [\"1.0.1\", \"2.0.1\"]",
            ]
        );
        assert_eq!(diff(&from, &to, Places::Ignored).unchanged, 2);
        assert!(diff(&to, &to, Places::Compared).is_empty());
    }

    #[test]
    fn processors_tell_packages_apart_where_both_sides_tell_them() {
        let with = |versions: &[(&str, &str)]| {
            let mut inventory = Inventory::default();
            for (version, architecture) in versions {
                let mut package = Package::new(Kind::Deb, "libc6", *version);
                package.architecture = (*architecture).to_owned();
                inventory.packages.push(package);
            }
            inventory
        };
        let both = with(&[("1", "amd64"), ("1", "i386")]);
        let newer = with(&[("2", "amd64"), ("1", "i386")]);
        let diff_of = diff(&both, &newer, Places::Ignored);
        assert_eq!((diff_of.changes.len(), diff_of.changes[0].architecture.as_str()), (1, "amd64"));
        assert!(diff(&both, &with(&[("1", "")]), Places::Ignored).is_empty());
    }

    #[test]
    fn names_that_are_the_same_to_their_kind_are_the_same() {
        let from =
            inventory(&[(Kind::Pypi, "Django_Own.X", "1"), (Kind::Golang, "github.com/A/b", "v1")]);
        let to =
            inventory(&[(Kind::Pypi, "django-own-x", "1"), (Kind::Golang, "github.com/a/b", "v1")]);
        assert!(diff(&from, &to, Places::Compared).is_empty());
    }

    #[test]
    fn places_and_distributions_are_compared() {
        let at = |layer: &str, distro: &str| {
            let mut inventory = inventory(&[(Kind::Npm, "a", "1")]);
            inventory.packages[0].locations =
                vec![Location { path: "x".to_owned(), layer: Some(0) }];
            inventory.layers =
                vec![LayerInfo { diff_id: layer.to_owned(), ..LayerInfo::default() }];
            inventory.distro = Some(Distro::of_qualifier(distro));
            inventory
        };
        let (from, to) = (at("sha256:1", "debian-12"), at("sha256:2", "debian-13"));
        let told = diff(&from, &to, Places::Compared);
        assert_eq!(told.changes[0].what, What::Moved);
        assert_eq!(told.changes[0].places_to[0].layer.as_deref(), Some("sha256:2"));
        assert!(told.distro.is_some());
        assert_eq!(diff(&from, &to, Places::Ignored).changes, []);
    }
}
