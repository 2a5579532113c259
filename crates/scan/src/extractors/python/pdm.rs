//! `pdm.lock` (pdm-project.org).

use serde::Deserialize;

use super::is_for_developers;
use crate::{
    Error, Extractor, Found, Input, Kind, Package, Pattern, Setting,
    text::formats::{Loose, toml},
};

/// Lock files.
pub(in super::super) const LOCK: Extractor = Extractor {
    name: "pdm-lock",
    about: "lock files of pdm",
    setting: Setting::Declared,
    files: &[Pattern::Name("pdm.lock")],
    extract: lock,
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lock {
    package: Vec<Loose<Entry>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    name: String,
    version: String,
    groups: Loose<Vec<String>>,
}

fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let lock: Lock = toml(input)?;
    for Loose(entry) in lock.package.into_iter().filter(|entry| !entry.name.is_empty()) {
        let mut package = Package::new(Kind::Pypi, entry.name, entry.version);
        // Groups that users may choose stand beside those for developers.
        package.is_dev =
            !entry.groups.is_empty() && entry.groups.iter().all(|it| is_for_developers(it));
        found.packages.push(package);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{listed, survives};

    const LOCKED: &str = r#"
[metadata]
groups = ["default", "dev", "socks"]

[[package]]
name = "requests"
version = "2.31.0"
groups = ["default", "dev"]

[[package]]
name = "pysocks"
version = "1.7.1"
groups = ["socks"]

[[package]]
name = "pytest"
version = "7.4.0"
groups = ["dev", "test"]

[[package]]
name = 7
"#;

    #[test]
    fn packages_are_listed_with_who_needs_them() {
        let expected = ["requests 2.31.0", "pysocks 1.7.1", "pytest 7.4.0 dev"];
        assert_eq!(listed(&LOCK, "pdm.lock", LOCKED), expected);
        survives(&LOCK, "pdm.lock", LOCKED);
    }
}
