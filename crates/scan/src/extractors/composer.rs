//! Packages of PHP: `composer.lock`, and `installed.json` beside what Composer installed (getcomposer.org).

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    Error, Extractor, Found, Input, Kind, Package, Pattern, Setting,
    text::formats::{Loose, json},
};

/// Lock files.
pub(super) const LOCK: Extractor = Extractor {
    name: "composer-lock",
    about: "lock files of Composer",
    setting: Setting::Declared,
    files: &[Pattern::Name("composer.lock")],
    extract: lock,
};

/// Installed packages.
pub(super) const INSTALLED: Extractor = Extractor {
    name: "composer",
    about: "packages that Composer installed",
    setting: Setting::Installed,
    files: &[Pattern::PathEnd("composer/installed.json")],
    extract: installed,
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lock {
    packages: Loose<Vec<Loose<Entry>>>,
    #[serde(rename = "packages-dev")]
    dev: Loose<Vec<Loose<Entry>>>,
    /// Names of those of an installation that are for developers.
    #[serde(rename = "dev-package-names")]
    dev_names: Loose<BTreeSet<String>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    name: String,
    version: String,
    license: Value,
}

impl Entry {
    fn package(&self, is_dev: bool) -> Option<Package> {
        let mut package = Package::new(Kind::Composer, &*self.name, &*self.version);
        package.is_dev = is_dev;
        let several = self.license.as_array().into_iter().flatten();
        let licences = several.chain([&self.license]).filter_map(Value::as_str);
        package.licences = licences.filter(|it| !it.is_empty()).map(str::to_owned).collect();
        Some(package).filter(|package| !package.name.is_empty())
    }
}

fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    // A package may bring its own, which does not count.
    if input.entry.path.split(|byte| *byte == b'/').any(|part| part == b"vendor") {
        return Ok(());
    }
    let lock: Lock = json(input)?;
    found.packages.extend(lock.packages.iter().filter_map(|entry| entry.package(false)));
    found.packages.extend(lock.dev.iter().filter_map(|entry| entry.package(true)));
    Ok(())
}

fn installed(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let value: Value = json(input)?;
    // Until version 2 there is the list alone.
    let lock = match value {
        Value::Array(_) => {
            Lock { packages: Loose::deserialize(value).unwrap_or_default(), ..Lock::default() }
        }
        value => Lock::deserialize(value).unwrap_or_default(),
    };
    let package = |entry: &Loose<Entry>| entry.package(lock.dev_names.contains(&entry.name));
    found.packages.extend(lock.packages.iter().filter_map(package));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed, survives};

    const LOCKED: &str = r#"{
    "packages": [
        {"name": "guzzlehttp/guzzle", "version": "7.4.4", "require": {"php": "^7"}, "license": ["MIT", "ISC"]},
        {"name": "a/b", "version": "v1.0", "license": "BSD"}, 3
    ],
    "packages-dev": [{"name": "phpunit/phpunit", "version": "9.5.0"}],
    "dev-package-names": ["a/b"]}"#;

    #[test]
    fn packages_are_listed_with_who_needs_them() {
        let expected = ["guzzlehttp/guzzle 7.4.4", "a/b v1.0", "phpunit/phpunit 9.5.0 dev"];
        assert_eq!(listed(&LOCK, "composer.lock", LOCKED), expected);
        let packages = found(&LOCK, "composer.lock", LOCKED).unwrap().packages;
        assert_eq!(packages[0].licences, ["MIT", "ISC"]);
        assert_eq!(packages[1].licences, ["BSD"]);
        assert!(listed(&LOCK, "vendor/a/composer.lock", LOCKED).is_empty());
        survives(&LOCK, "composer.lock", LOCKED);
    }

    #[test]
    fn installed_packages_are_read_in_both_forms() {
        let path = "srv/vendor/composer/installed.json";
        assert_eq!(listed(&INSTALLED, path, LOCKED), ["guzzlehttp/guzzle 7.4.4", "a/b v1.0 dev"]);
        assert_eq!(listed(&INSTALLED, path, r#"[{"name": "a/b", "version": "1"}, {}]"#), ["a/b 1"]);
        assert!(listed(&INSTALLED, path, "7").is_empty());
    }
}
