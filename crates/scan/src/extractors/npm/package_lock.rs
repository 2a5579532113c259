//! Lock files of npm: `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3, and the hidden one of
//! what it installed (package-lock.json of npm's documentation).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{alias, is_in_modules, licences};
use crate::{
    Error, Extractor, Found, Input, Kind, Package, Pattern, Setting,
    text::formats::{Loose, json},
};

/// Lock files.
pub(in super::super) const LOCK: Extractor = Extractor {
    name: "npm-lock",
    about: "lock files of npm",
    setting: Setting::Declared,
    files: &[Pattern::Name("package-lock.json"), Pattern::Name("npm-shrinkwrap.json")],
    // Packages bring their own along, which say nothing of what is installed for them.
    extract: |input, found| {
        if is_in_modules(input.entry.path) { Ok(()) } else { lock(input, found) }
    },
};

/// What npm installed.
pub(in super::super) const INSTALLED: Extractor = Extractor {
    name: "npm-installed",
    about: "packages that npm installed",
    setting: Setting::Installed,
    files: &[Pattern::PathEnd("node_modules/.package-lock.json")],
    extract: lock,
};

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Lock {
    /// From version 2 on.
    packages: Loose<BTreeMap<String, Loose<Entry>>>,
    /// In version 1, and in version 2 for the sake of readers of that.
    dependencies: Loose<BTreeMap<String, Loose<Old>>>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(default)]
struct Entry {
    name: String,
    version: String,
    resolved: Loose<String>,
    dev: Loose<bool>,
    link: Loose<bool>,
    license: Value,
}

#[derive(Deserialize, Clone, Default)]
#[serde(default)]
struct Old {
    version: String,
    dev: Loose<bool>,
    dependencies: Loose<BTreeMap<String, Loose<Old>>>,
}

fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let lock: Lock = json(input)?;
    if lock.packages.is_empty() {
        old(&lock.dependencies, found);
        return Ok(());
    }
    let links: BTreeMap<&str, &str> = lock
        .packages
        .iter()
        .filter(|(_, entry)| *entry.link)
        .map(|(path, entry)| (entry.resolved.as_str(), path.as_str()))
        .collect();
    for (path, entry) in lock.packages.iter() {
        if let Some(name) = name(path, entry, &links) {
            let mut package = Package::new(Kind::Npm, name, &*entry.version);
            package.is_dev = *entry.dev;
            package.licences = licences(&entry.license);
            found.packages.push(package);
        }
    }
    Ok(())
}

/// The name of what is at a path: its own, or that of its folder. What is linked to is a package by the
/// name of the link.
fn name<'a>(path: &'a str, entry: &'a Entry, links: &BTreeMap<&str, &'a str>) -> Option<&'a str> {
    if *entry.link {
        return None;
    }
    let path = links.get(path).copied().unwrap_or(path);
    let (_, folder) = path.rsplit_once("node_modules/")?;
    Some(if entry.name.is_empty() { folder } else { &entry.name }).filter(|name| !name.is_empty())
}

fn old(entries: &BTreeMap<String, Loose<Old>>, found: &mut Found) {
    for (name, entry) in entries {
        let (name, version) = alias(&entry.version).unwrap_or((name, &entry.version));
        if !name.is_empty() && !version.is_empty() {
            let mut package = Package::new(Kind::Npm, name, version);
            package.is_dev = *entry.dev;
            found.packages.push(package);
        }
        old(&entry.dependencies, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, joined, listed, npm::package_json, survives};

    const FIRST: &str = r#"{
  "name": "shop", "version": "1.0.0", "lockfileVersion": 1, "requires": true,
  "dependencies": {
    "accepts": {"version": "1.3.7", "requires": {"mime-types": "~2.1.24"}},
    "eslint": {"version": "8.0.0", "dev": true, "dependencies": {
      "debug": {"version": "4.3.4", "dev": true},
      "odd": 7
    }},
    "sum": {"version": "npm:object-hash@1.3.1"}
  }
}"#;

    const THIRD: &str = r#"{
  "name": "shop", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": {"name": "shop", "version": "1.0.0", "workspaces": ["packages/*"]},
    "node_modules/@scope/a": {"version": "2.0.0", "license": "MIT"},
    "node_modules/@scope/a/node_modules/b": {"version": "0.1.0", "dev": true, "license": {"type": "ISC"}},
    "node_modules/other": {"name": "real", "version": "3.0.0", "licenses": []},
    "node_modules/tool": {"resolved": "packages/tool", "link": true},
    "node_modules/gone": {"resolved": "packages/gone", "link": true},
    "packages/tool": {"version": "0.0.1"},
    "packages/tool/node_modules/c": {"version": "5.0.0"},
    "packages/lone": {"version": "9.0.0"}
  },
  "dependencies": {"unseen": {"version": "1.0.0"}}
}"#;

    #[test]
    fn all_versions_are_read() {
        let first = ["accepts 1.3.7", "eslint 8.0.0 dev", "debug 4.3.4 dev", "object-hash 1.3.1"];
        assert_eq!(listed(&LOCK, "package-lock.json", FIRST), first);
        let third = ["@scope/a 2.0.0", "b 0.1.0 dev", "real 3.0.0", "tool 0.0.1", "c 5.0.0"];
        assert_eq!(listed(&LOCK, "a/npm-shrinkwrap.json", THIRD), third);
        assert_eq!(listed(&INSTALLED, "node_modules/.package-lock.json", THIRD), third);
        let packages = found(&LOCK, "package-lock.json", THIRD).unwrap().packages;
        assert_eq!(
            (&packages[0].licences[..], &packages[1].licences[..]),
            (&["MIT".to_owned()][..], &["ISC".to_owned()][..])
        );
    }

    #[test]
    fn lock_files_that_packages_bring_are_not_read() {
        assert!(listed(&LOCK, "node_modules/a/package-lock.json", FIRST).is_empty());
    }

    #[test]
    fn licences_are_those_of_what_is_installed() {
        let files = [
            (
                "app/node_modules/accepts/package.json",
                r#"{"name": "accepts", "version": "1.3.7", "license": "MIT"}"#,
            ),
            (
                "app/node_modules/eslint/node_modules/debug/package.json",
                r#"{"name": "debug", "version": "4.3.3", "license": "MIT"}"#,
            ),
            ("app/package-lock.json", FIRST),
            (
                "node_modules/eslint/package.json",
                r#"{"name": "eslint", "version": "8.0.0", "license": "MIT"}"#,
            ),
        ];
        let expected =
            ["accepts 1.3.7 MIT", "debug 4.3.4 dev", "eslint 8.0.0 dev", "object-hash 1.3.1"];
        assert_eq!(joined(&[&LOCK, &package_json::MANIFEST], &files), expected);
    }

    #[test]
    fn damaged_files_do_no_harm() {
        survives(&LOCK, "package-lock.json", FIRST);
        survives(&LOCK, "package-lock.json", THIRD);
        let deep = "{\"dependencies\":{\"a\":".repeat(1000);
        found(&LOCK, "package-lock.json", deep).unwrap_err();
    }
}
