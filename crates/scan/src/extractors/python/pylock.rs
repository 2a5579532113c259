//! `pylock.toml`, and `pylock.NAME.toml` (PEP 751).

use serde::Deserialize;

use super::normal;
use crate::{
    Error, Extractor, Found, Input, Kind, Package, Pattern, Setting,
    text::formats::{Loose, toml},
};

/// Lock files.
pub(in super::super) const LOCK: Extractor = Extractor {
    name: "pylock",
    about: "lock files of Python as PEP 751 has them",
    setting: Setting::Declared,
    files: &[Pattern::Affixes("pylock.", ".toml")],
    extract: lock,
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lock {
    packages: Vec<Loose<Entry>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    name: String,
    version: Loose<String>,
    marker: Loose<String>,
}

fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let lock: Lock = toml(input)?;
    for entry in lock.packages.iter().filter(|entry| !entry.name.is_empty()) {
        let mut package = Package::new(Kind::Pypi, normal(&entry.name), &**entry.version);
        // Groups are for developers, and extras for users.
        package.is_dev =
            entry.marker.contains("dependency_groups") && !entry.marker.contains("extras");
        found.packages.push(package);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{listed, survives};

    const LOCKED: &str = r#"
lock-version = "1.0"
created-by = "pip"

[[packages]]
name = "Zope.Interface"
version = "8.1.3"

[[packages.wheels]]
name = "x.whl"

[[packages]]
name = "pytest"
version = "8.0"
marker = "'dev' in dependency_groups"

[[packages]]
name = "own"
directory = {path = "."}
"#;

    #[test]
    fn packages_are_listed_with_who_needs_them() {
        let expected = ["zope-interface 8.1.3", "pytest 8.0 dev", "own "];
        assert_eq!(listed(&LOCK, "pylock.toml", LOCKED), expected);
        survives(&LOCK, "pylock.toml", LOCKED);
    }
}
