//! Files of packages of languages: in a folder of the package's own, in the file that tells of it, or as a
//! wheel's record has them.

use std::collections::BTreeMap;

use super::Found;
use crate::{Inventory, Kind, Package, inventory::Files};

/// Ends of names of archives of Java.
const ARCHIVES: [&str; 6] = [".jar", ".war", ".ear", ".par", ".jpi", ".hpi"];
/// Ends of names of files that tell what a project is made of, and are no part of it.
const OF_PROJECTS: [&str; 6] =
    ["go.mod", "go.sum", "Cargo.lock", "Cargo.toml", "pom.xml", "gradle.lockfile"];

/// What is a package's.
#[derive(PartialEq, Eq, Debug)]
enum Part {
    File(String),
    /// All in a folder, but for what is in folders of other packages.
    Folder(String),
    /// What the list in this folder has.
    Listed(String),
}

pub(super) fn add(inventory: &Inventory, files: Option<&Files>, found: &mut Found<'_>) {
    let mut folders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, package) in inventory.packages.iter().enumerate() {
        if package.kind.is_of_system() {
            continue;
        }
        for location in &package.locations {
            match part(package, &location.path) {
                Some(Part::File(path)) => found.owns(&[at], path.as_bytes()),
                Some(Part::Folder(path)) => folders.entry(path).or_default().push(at),
                Some(Part::Listed(folder)) => listed(at, &folder, files, found),
                None => {}
            }
        }
    }
    for packages in folders.values() {
        packages.iter().for_each(|at| {
            if let Some(owned) = found.owners.of_packages.get_mut(*at) {
                owned.is_known = true;
            }
        });
    }
    if folders.is_empty() {
        return;
    }
    for (path, asked) in &found.asked.by_path {
        let Ok(path) = str::from_utf8(path) else { continue };
        let mut above =
            path.match_indices('/').rev().map(|(at, _)| path.get(..at).unwrap_or_default());
        let Some(packages) = above.find_map(|folder| folders.get(folder)) else { continue };
        for at in packages {
            if let Some(owned) = found.owners.of_packages.get_mut(*at) {
                owned.asked.extend_from_slice(asked);
            }
        }
    }
}

/// What of a tree is a package's that is told of there.
fn part(package: &Package, told: &str) -> Option<Part> {
    let (path, is_within) = match told.split_once("!/") {
        Some((path, _)) => (path, true),
        None => (told, false),
    };
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let above = folder.rsplit_once('/').map_or("", |(above, _)| above);
    let own = |folder: String| Some(Part::Folder(folder));
    let file = || Some(Part::File(path.to_owned()));
    match package.kind {
        Kind::Maven if is_within || ARCHIVES.iter().any(|end| path.ends_with(end)) => file(),
        Kind::Golang | Kind::Cargo if !OF_PROJECTS.iter().any(|end| path.ends_with(end)) => file(),
        Kind::Npm if name == "package.json" && folder.contains("node_modules/") => {
            own(folder.to_owned())
        }
        Kind::Pypi if name == "METADATA" || folder.ends_with(".egg-info") => {
            Some(Part::Listed(folder.to_owned()))
        }
        Kind::Pypi if name.ends_with(".egg") => file(),
        Kind::Pypi if name == "PKG-INFO" && folder.ends_with(".egg/EGG-INFO") => {
            own(above.to_owned())
        }
        Kind::Gem => gem(folder, name).and_then(own),
        Kind::Composer if path.ends_with("/composer/installed.json") => {
            own(format!("{above}/{}", package.name))
        }
        Kind::Nix => own(path.to_owned()),
        _ => None,
    }
}

/// `gems/NAME-VERSION` stands beside `specifications/NAME-VERSION.gemspec`. Those that Ruby brings along have
/// no folder of their own.
fn gem(folder: &str, name: &str) -> Option<String> {
    let above = folder.strip_suffix("specifications")?;
    Some(format!("{above}gems/{}", name.strip_suffix(".gemspec")?))
}

/// What a package's own list has, which stands in this folder.
fn listed(at: usize, folder: &str, files: Option<&Files>, found: &mut Found<'_>) {
    for name in ["RECORD", "installed-files.txt"] {
        let list = format!("{folder}/{name}").into_bytes();
        let lists = files
            .into_iter()
            .flat_map(|files| files.range((list.clone(), 0)..=(list.clone(), usize::MAX)));
        for (_, kept) in lists {
            kept.found.files.iter().for_each(|path| found.owns(&[at], path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_packages_is_told_by_its_place() {
        let folder = |it: &str| Some(Part::Folder(it.to_owned()));
        let file = |it: &str| Some(Part::File(it.to_owned()));
        for (kind, name, path, expected) in [
            (Kind::Npm, "a", "srv/node_modules/a/package.json", folder("srv/node_modules/a")),
            (Kind::Npm, "a", "srv/package-lock.json", None),
            (Kind::Npm, "a", "srv/package.json", None),
            (Kind::Maven, "g:a", "srv/app.jar!/BOOT-INF/lib/a.jar", file("srv/app.jar")),
            (Kind::Maven, "g:a", "srv/a.jar", file("srv/a.jar")),
            (Kind::Maven, "g:a", "srv/pom.xml", None),
            (Kind::Golang, "m", "usr/bin/app", file("usr/bin/app")),
            (Kind::Golang, "m", "srv/go.mod", None),
            (Kind::Gem, "r", "var/gems/specifications/r-1.gemspec", folder("var/gems/gems/r-1")),
            (Kind::Gem, "r", "var/gems/specifications/default/r-1.gemspec", None),
            (Kind::Composer, "s/c", "srv/vendor/composer/installed.json", folder("srv/vendor/s/c")),
            (
                Kind::Pypi,
                "a",
                "lib/a-1.dist-info/METADATA",
                Some(Part::Listed("lib/a-1.dist-info".to_owned())),
            ),
            (Kind::Pypi, "a", "lib/a-1.egg/EGG-INFO/PKG-INFO", folder("lib/a-1.egg")),
            (Kind::Pypi, "a", "srv/requirements.txt", None),
            (Kind::Nix, "a", "nix/store/x-a-1", folder("nix/store/x-a-1")),
        ] {
            assert_eq!(part(&Package::new(kind, name, "1"), path), expected, "{path}");
        }
    }
}
