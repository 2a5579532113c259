//! Files that the databases of package managers tell of.

use std::borrow::Cow;

use foldhash::{HashMap, HashMapExt};

use super::{Found, Links};
use crate::{Inventory, Kind, Package, inventory::Files};

/// Folders of dpkg's lists of files; the second one has descriptions of packages, too.
const DPKG: &str = "var/lib/dpkg/info/";
const STATUS_D: &str = "var/lib/dpkg/status.d/";

/// What is the same for a package in its database and in the inventory.
type Name<'a> = (Kind, &'a str, &'a str);

/// The places of packages by their names.
struct Places<'a> {
    inventory: &'a Inventory,
    by_name: HashMap<Name<'a>, Vec<usize>>,
    by_deb: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Places<'a> {
    fn new(inventory: &'a Inventory) -> Self {
        let mut by_name: HashMap<Name<'_>, Vec<usize>> = HashMap::new();
        let mut by_deb: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, it) in inventory.packages.iter().enumerate() {
            by_name.entry((it.kind, &it.name, &it.version)).or_default().push(at);
            if it.kind == Kind::Deb {
                by_deb.entry(&it.name).or_default().push(at);
            }
        }
        Self { inventory, by_name, by_deb }
    }

    fn of(&self, package: &Package) -> Vec<usize> {
        let named = self.by_name.get(&(package.kind, &*package.name, &*package.version));
        self.of_architecture(named.map_or(&[], Vec::as_slice), &package.architecture)
    }

    /// `NAME`, or `NAME:ARCHITECTURE` of what may be installed for several.
    fn of_deb(&self, file: &str) -> Vec<usize> {
        let (name, architecture) = file.split_once(':').unwrap_or((file, ""));
        self.of_architecture(self.by_deb.get(name).map_or(&[], Vec::as_slice), architecture)
    }

    fn of_architecture(&self, places: &[usize], architecture: &str) -> Vec<usize> {
        let is_of = |at: &usize| {
            let package = self.inventory.packages.get(*at);
            architecture.is_empty() || package.is_some_and(|it| it.architecture == architecture)
        };
        places.iter().copied().filter(is_of).collect()
    }
}

/// Where folders lead, each looked up once.
struct Folders<'a> {
    links: &'a Links,
    led: HashMap<&'a [u8], Option<Vec<u8>>>,
}

impl<'a> Folders<'a> {
    /// Where a file is by the name that a package knows it by, whose folders may be links. It may be a link
    /// itself, and stays one.
    fn follow(&mut self, path: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(slash) = path.iter().rposition(|byte| *byte == b'/') else { return path.into() };
        let (folder, name) = path.split_at(slash);
        let led = self.led.entry(folder).or_insert_with(|| {
            let led = self.links.follow(folder);
            (*led != *folder).then(|| led.into_owned())
        });
        led.as_ref().map_or(path.into(), |led| [led, name].concat().into())
    }
}

pub(super) fn add(inventory: &Inventory, files: &Files, links: &Links, found: &mut Found<'_>) {
    let places = Places::new(inventory);
    let mut folders = Folders { links, led: HashMap::new() };
    for ((path, _), kept) in files {
        let had = &kept.found;
        if had.owned.is_empty() && had.owned_by_others.is_empty() {
            continue;
        }
        if had.ranges.is_empty() {
            let packages = whose(path, files, &places);
            for file in had.owned.iter().chain(&had.owned_by_others) {
                found.owns(&packages, &folders.follow(file));
            }
            continue;
        }
        for range in &had.ranges {
            let Some(package) = had.packages.get(range.package) else { continue };
            let packages = places.of(package);
            let owned = had.owned.get(range.owned.clone()).unwrap_or_default();
            let others = had.owned_by_others.get(range.others.clone()).unwrap_or_default();
            for file in owned.iter().chain(others) {
                found.owns(&packages, &folders.follow(file));
            }
        }
    }
}

/// Whose files a list has that is of one package.
fn whose(path: &[u8], files: &Files, places: &Places<'_>) -> Vec<usize> {
    let Ok(path) = str::from_utf8(path) else { return Vec::new() };
    if let Some(name) = path.strip_prefix(DPKG) {
        return name.strip_suffix(".list").map_or_else(Vec::new, |name| places.of_deb(name));
    }
    let sibling = if path.starts_with(STATUS_D) {
        path.strip_suffix(".md5sums").map(str::to_owned)
    } else {
        // Of pacman and Portage, which have a folder for each package.
        let beside =
            |name: &str, other: &str| path.strip_suffix(name).map(|it| format!("{it}{other}"));
        beside("/files", "/desc").or_else(|| beside("/CONTENTS", "/PF"))
    };
    let Some(sibling) = sibling else { return Vec::new() };
    let of = files.range((sibling.clone().into_bytes(), 0)..=(sibling.into_bytes(), usize::MAX));
    of.flat_map(|(_, kept)| &kept.found.packages).flat_map(|it| places.of(it)).collect()
}
