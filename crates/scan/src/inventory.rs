//! What is installed: what layers leave of files, put together.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use crate::{
    Distro, EndOfLife, Found, Location, Owners, Package, Setting, collector::Kept,
    extractors::finish_projects,
};

/// A layer of an image.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LayerInfo {
    /// What names its bytes when they are unwrapped (`diff_id`).
    pub diff_id: String,
    /// What names its bytes as they are stored, where that is told.
    pub digest: Option<String>,
    /// The instruction that made it, where its makers say.
    pub instruction: Option<String>,
    /// Whether its bytes can't be compared with what names them: it lies there unpacked, and nothing
    /// tells of what.
    pub is_unchecked: bool,
}

/// The image that another was built on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Base {
    /// Its name; empty where that is not told.
    pub name: String,
    /// What names its manifest; empty where that is not told.
    pub digest: String,
    /// How many of the lowest layers are its own; `None` where that is not known.
    pub layers: Option<usize>,
    /// How that is known.
    pub how: How,
}

/// How it is known which layers are of the base.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum How {
    /// It is not.
    #[default]
    Unknown,
    /// By the instructions that made the image: a guess.
    Guessed,
    /// By what the image says of its base, which was looked at.
    Annotated,
    /// By the base that was named, which was looked at.
    Named,
}

impl How {
    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Guessed => "guessed",
            Self::Annotated => "annotated",
            Self::Named => "named",
        }
    }
}

/// Whose a package is, in an image whose base is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Origin {
    /// The base's.
    Base,
    /// That of who built on it.
    Own,
}

impl Origin {
    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Own => "own",
        }
    }
}

/// A file that may be executed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Executable {
    /// Its size in bytes.
    pub size_bytes: u64,
    /// The layer that it is of.
    pub layer: Option<usize>,
}

/// Something that could not be read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Trouble {
    /// Which file, from the root of the tree; empty for all of a layer.
    pub path: String,
    /// The layer that it is of.
    pub layer: Option<usize>,
    /// What is wrong with it.
    pub reason: String,
}

/// What is installed in a tree.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Inventory {
    /// The distribution.
    pub distro: Option<Distro>,
    /// Until when that is supported; `None` where nobody knows, or asked.
    pub end_of_life: Option<EndOfLife>,
    /// Packages, in the order of their kinds, names and versions.
    pub packages: Vec<Package>,
    /// Executables that no package owns, where packages are known to own files.
    pub unowned: Vec<(String, Executable)>,
    /// The layers of an image, the lowest first.
    pub layers: Vec<LayerInfo>,
    /// The image that it was built on, where anything is known of that.
    pub base: Option<Base>,
    /// What could not be read.
    pub troubles: Vec<Trouble>,
    /// Whose files the paths are that were asked for; `None` where nobody asked.
    pub owners: Option<Owners>,
}

impl Inventory {
    /// Whose a package is, with the layer that makes it so; `None` where the base's layers are not known. What an own
    /// layer brings anew, or in another version, is own, wherever else it is.
    pub fn origin(&self, package: &Package) -> Option<(Origin, usize)> {
        let base = self.base.as_ref()?.layers?;
        let layers = || package.locations.iter().filter_map(|it| it.layer);
        match layers().filter(|layer| *layer >= base).min() {
            Some(own) => Some((Origin::Own, own)),
            None => Some((Origin::Base, layers().min()?)),
        }
    }
}

pub(crate) type Files = BTreeMap<(Vec<u8>, usize), Kept>;

/// Puts together what is left of files.
pub(crate) fn of(
    files: &Files,
    executables: &BTreeMap<Vec<u8>, Executable>,
    links: &BTreeMap<Vec<u8>, Vec<u8>>,
    layers: Vec<LayerInfo>,
    mut troubles: Vec<Trouble>,
) -> Inventory {
    let owned: HashSet<Cow<'_, [u8]>> = files
        .values()
        .flat_map(|kept| &kept.found.owned)
        .map(|path| followed(path, links))
        .collect();
    let licences: HashMap<&str, &[String]> = files
        .values()
        .flat_map(|kept| &kept.found.licences)
        .map(|(name, licences)| (name.as_str(), licences.as_slice()))
        .collect();
    let mut packages = Packages::default();
    for ((path, _), kept) in files {
        // What a distribution's packages bring is the distribution's to mend.
        if kept.setting == Setting::System || !owned.contains(path.as_slice()) {
            packages.add(path, kept, !layers.is_empty(), &licences);
        }
    }
    let mut owned = owned;
    let others = files.values().flat_map(|kept| &kept.found.owned_by_others);
    owned.extend(others.map(|path| followed(path, links)));
    let unowned = executables.iter().filter(|(path, _)| !owned.contains(path.as_slice()));
    let unowned = unowned.map(|(path, it)| (String::from_utf8_lossy(path).into_owned(), *it));
    let unowned = if owned.is_empty() { Vec::new() } else { unowned.collect() };
    troubles.sort();
    Inventory {
        distro: distro(files),
        end_of_life: None,
        packages: packages.finish(),
        unowned,
        layers,
        base: None,
        troubles,
        owners: None,
    }
}

/// A name by which a package knows a file, where it leads: `bin/ls` is `usr/bin/ls` where the root has a
/// link to that folder.
fn followed<'a>(path: &'a [u8], links: &BTreeMap<Vec<u8>, Vec<u8>>) -> Cow<'a, [u8]> {
    let Some(slash) = path.iter().position(|byte| *byte == b'/') else { return path.into() };
    let (first, rest) = path.split_at(slash);
    match links.get(first) {
        Some(target) => [target.as_slice(), rest].concat().into(),
        None => path.into(),
    }
}

/// Lists what can be listed when all files are read.
pub(crate) fn finish(files: &mut Files) {
    let projects = files
        .iter()
        .filter_map(|((path, _), kept)| Some((path.as_slice(), kept.found.pom.as_deref()?)));
    let mut packages = finish_projects(projects);
    for ((path, _), kept) in files.iter_mut().filter(|(_, kept)| kept.found.pom.is_some()) {
        kept.found.packages.extend(packages.remove(path).unwrap_or_default());
    }
}

/// What files say of the distribution, joined.
fn distro(files: &Files) -> Option<Distro> {
    let told = files.values().filter_map(|kept| kept.found.distro.as_ref());
    let mut named = told.clone().filter(|distro| !distro.id.is_empty());
    // `os-release` tells more than files that have a name and a version alone.
    let whole = named.clone().find(|distro| !distro.version.is_empty());
    let mut distro = whole.or_else(|| named.next())?.clone();
    distro.exact_version = told
        .filter(|other| other.id.is_empty() || other.id == distro.id)
        .find_map(|other| other.exact_version.clone());
    Some(distro)
}

/// Packages, those that are alike in all but their places being one.
#[derive(Default)]
pub(crate) struct Packages {
    /// Without licences, which not every file tells.
    by_self: BTreeMap<Package, Told>,
}

/// What several files tell of a package.
struct Told {
    is_dev: bool,
    licences: Vec<String>,
    places: BTreeSet<Location>,
}

impl Packages {
    fn add(
        &mut self,
        path: &[u8],
        kept: &Kept,
        has_layers: bool,
        licences: &HashMap<&str, &[String]>,
    ) {
        let file = String::from_utf8_lossy(path);
        for package in &kept.found.packages {
            let layer = has_layers.then(|| layer_of(package, kept));
            let locate = |inner: &str| format!("{file}{inner}");
            let places: Vec<String> = match package.locations.as_slice() {
                [] => vec![locate("")],
                inner => inner.iter().map(|inner| locate(&inner.path)).collect(),
            };
            let mut package = package.clone();
            package.locations = places.into_iter().map(|path| Location { path, layer }).collect();
            if package.licences.is_empty()
                && kept.setting == Setting::System
                && let Some(licences) = licences.get(package.name.as_str())
            {
                package.licences = licences.to_vec();
            }
            self.put(package);
        }
    }

    /// Adds a package that knows its places from the root of the tree.
    pub(crate) fn put(&mut self, mut package: Package) {
        let places = std::mem::take(&mut package.locations);
        let is_dev = std::mem::take(&mut package.is_dev);
        let licences = std::mem::take(&mut package.licences);
        let new = || Told { is_dev: true, licences: Vec::new(), places: BTreeSet::new() };
        let told = self.by_self.entry(package).or_insert_with(new);
        told.is_dev &= is_dev;
        told.places.extend(places);
        for licence in licences {
            if !told.licences.contains(&licence) {
                told.licences.push(licence);
            }
        }
    }

    /// All, in the order of their kinds, names and versions.
    pub(crate) fn finish(self) -> Vec<Package> {
        let packages = self.by_self.into_iter();
        let mut packages: Vec<Package> = packages
            .map(|(package, told)| Package {
                is_dev: told.is_dev,
                licences: told.licences,
                locations: told.places.into_iter().collect(),
                ..package
            })
            .collect();
        packages.sort_by(|a, b| {
            (a.kind, &a.name, &a.version).cmp(&(b.kind, &b.name, &b.version)).then_with(|| a.cmp(b))
        });
        packages
    }
}

/// The layer that brought a package: a list of packages is written anew by each layer that changes it,
/// so it is the lowest from which on every list has the package.
fn layer_of(package: &Package, kept: &Kept) -> usize {
    let is_same = |other: &Package| {
        (&other.name, &other.version, &other.architecture)
            == (&package.name, &package.version, &package.architecture)
    };
    let had = |found: &Found| found.packages.iter().any(is_same);
    let since = kept.before.iter().rev().take_while(|(_, found)| had(found)).last();
    since.map_or(kept.layer, |(layer, _)| *layer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn a_package_is_of_the_base_unless_an_own_layer_has_it() {
        let package = |layers: &[usize]| {
            let mut package = Package::new(Kind::Npm, "left", "1.0.0");
            let location = |layer: &usize| Location { path: "a".into(), layer: Some(*layer) };
            package.locations = layers.iter().map(location).collect();
            package
        };
        let base = |layers| Some(Base { layers, ..Base::default() });
        for (base, layers, expected) in [
            (base(Some(2)), &[0, 1][..], Some((Origin::Base, 0))),
            (base(Some(2)), &[0, 2, 3], Some((Origin::Own, 2))),
            (base(Some(2)), &[], None),
            (base(None), &[0], None),
            (None, &[0], None),
        ] {
            let inventory = Inventory { base, ..Inventory::default() };
            assert_eq!(inventory.origin(&package(layers)), expected, "{layers:?}");
        }
    }
}
