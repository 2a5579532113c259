//! `poetry.lock` (python-poetry.org). Early ones tell who needs a package by its category, late ones by its
//! groups; those between leave it to `pyproject.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::normal;
use crate::{
    Error, Extractor, Found, Graph, Input, Kind, Package, Pattern, Role, Scope, Setting,
    text::formats::{Loose, toml},
};

/// Lock files.
pub(in super::super) const LOCK: Extractor = Extractor {
    name: "poetry-lock",
    about: "lock files of poetry",
    setting: Setting::Declared,
    files: &[Pattern::Name("poetry.lock")],
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
    category: Loose<String>,
    groups: Loose<Vec<String>>,
    dependencies: Loose<BTreeMap<String, Value>>,
}

fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let lock: Lock = toml(input)?;
    let entries: Vec<&Entry> =
        lock.package.iter().map(|entry| &entry.0).filter(|it| !it.name.is_empty()).collect();
    let mut graph = Graph::new("pyproject.toml", Scope::Beside, Vec::new());
    for (place, entry) in entries.iter().enumerate() {
        graph.answer(normal(&entry.name), place);
        let mut package = Package::new(Kind::Pypi, &*entry.name, &*entry.version);
        let is_in_other = !entry.groups.is_empty() && !entry.groups.iter().any(|it| it == "main");
        package.is_dev = entry.category.as_str() == "dev" || is_in_other;
        found.packages.push(package);
    }
    let requests = graph.requests(entries.len());
    let places = |entry: &&Entry| {
        let places =
            entry.dependencies.keys().filter_map(|name| requests.get(normal(name).as_str()));
        places.copied().collect()
    };
    graph.needs = entries.iter().map(places).collect();
    if !found.packages.is_empty() {
        found.role = Some(Role::Lock(graph));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{joined, listed, python::pyproject, survives};

    const LOCKED: &str = r#"
[[package]]
name = "click"
version = "8.1.3"
optional = false

[package.dependencies]
Colour_ama = {version = "*", markers = "platform_system == \"Windows\""}

[[package]]
name = "colour-ama"
version = "0.4.6"
category = "main"

[[package]]
name = "pytest"
version = "7.0.0"
groups = ["dev", "test"]

[[package]]
name = "mypy"
version = "1.0.0"
category = "dev"

[[package]]
name = "left"
version = "1.0"
groups = ["main", "dev"]

[metadata]
lock-version = "2.0"
"#;

    #[test]
    fn packages_are_listed_with_who_needs_them() {
        let expected =
            ["click 8.1.3", "colour-ama 0.4.6", "pytest 7.0.0 dev", "mypy 1.0.0 dev", "left 1.0"];
        assert_eq!(listed(&LOCK, "poetry.lock", LOCKED), expected);
        let files = [
            ("poetry.lock", LOCKED),
            ("pyproject.toml", "[tool.poetry.dependencies]\nClick = \"8\"\n"),
        ];
        let expected = [
            "click 8.1.3",
            "colour-ama 0.4.6",
            "left 1.0 dev",
            "mypy 1.0.0 dev",
            "pytest 7.0.0 dev",
        ];
        assert_eq!(joined(&[&LOCK, &pyproject::MANIFEST], &files), expected);
        survives(&LOCK, "poetry.lock", LOCKED);
    }
}
