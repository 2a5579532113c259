//! `Pipfile.lock` (pipenv.pypa.io).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    Error, Extractor, Found, Input, Kind, Package, Pattern, Setting,
    text::formats::{Loose, json},
};

/// Lock files.
pub(in super::super) const LOCK: Extractor = Extractor {
    name: "pipenv-lock",
    about: "lock files of pipenv",
    setting: Setting::Declared,
    files: &[Pattern::Name("Pipfile.lock")],
    extract: lock,
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lock {
    default: BTreeMap<String, Loose<Entry>>,
    develop: BTreeMap<String, Loose<Entry>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    /// With `==` before it; what comes from elsewhere has none.
    version: String,
}

fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let lock: Lock = json(input)?;
    for (entries, is_dev) in [(lock.default, false), (lock.develop, true)] {
        for (name, entry) in entries {
            let mut package = Package::new(Kind::Pypi, name, entry.version.trim_start_matches('='));
            package.is_dev = is_dev;
            found.packages.push(package);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{listed, survives};

    const LOCKED: &str = r#"{"_meta": {"pipfile-spec": 6},
        "default": {"werkzeug": {"hashes": ["sha256:aa"], "version": "==0.11.1"}, "own": {"path": "."}},
        "develop": {"pytest": {"version": "==7.0.0"}, "odd": 1}}"#;

    #[test]
    fn packages_are_listed_with_who_needs_them() {
        let expected = ["own ", "werkzeug 0.11.1", "odd  dev", "pytest 7.0.0 dev"];
        assert_eq!(listed(&LOCK, "Pipfile.lock", LOCKED), expected);
        survives(&LOCK, "Pipfile.lock", LOCKED);
    }
}
