//! `uv.lock` (docs.astral.sh/uv).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{
    Error, Extractor, Found, Graph, Input, Kind, Package, Pattern, Scope, Setting,
    project::reached,
    text::formats::{Loose, toml},
};

/// Lock files.
pub(in super::super) const LOCK: Extractor = Extractor {
    name: "uv-lock",
    about: "lock files of uv",
    setting: Setting::Declared,
    files: &[Pattern::Name("uv.lock")],
    extract: lock,
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lock {
    manifest: Loose<Workspace>,
    package: Vec<Loose<Entry>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Workspace {
    members: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    name: String,
    version: Loose<String>,
    source: Loose<Source>,
    dependencies: Loose<Vec<Loose<Need>>>,
    #[serde(rename = "optional-dependencies")]
    optional: Loose<BTreeMap<String, Loose<Vec<Loose<Need>>>>>,
}

/// Where a package comes from; a project of the lock file's own is in a folder.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Source {
    editable: Loose<String>,
    #[serde(rename = "virtual")]
    none: Loose<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Need {
    name: String,
    /// Where there are several.
    version: Loose<String>,
}

fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let lock: Lock = toml(input)?;
    let entries: Vec<&Entry> =
        lock.package.iter().map(|entry| &entry.0).filter(|it| !it.name.is_empty()).collect();
    let needs = needs(&entries);
    let members: BTreeSet<&str> = lock.manifest.members.iter().map(String::as_str).collect();
    let own: Vec<usize> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.is_root() || members.contains(entry.name.as_str()))
        .map(|(place, _)| place)
        .collect();
    let wanted = if own.is_empty() { vec![true; entries.len()] } else { reached(&needs, own) };
    for (entry, wanted) in entries.iter().zip(wanted) {
        let mut package = Package::new(Kind::Pypi, &*entry.name, &**entry.version);
        package.is_dev = !wanted;
        found.packages.push(package);
    }
    Ok(())
}

/// What packages need, without what their developers do. Behind the packages stand requests, by a name alone
/// or with a version.
fn needs(entries: &[&Entry]) -> Vec<Vec<usize>> {
    let mut graph = Graph::new("pyproject.toml", Scope::Beside, Vec::new());
    for (place, entry) in entries.iter().enumerate() {
        graph.answer(&*entry.name, place);
        graph.answer(format!("{}@{}", entry.name, *entry.version), place);
    }
    let requests = graph.requests(entries.len());
    let place = |need: &Loose<Need>| match need.version.as_str() {
        "" => requests.get(need.name.as_str()).copied(),
        version => requests.get(format!("{}@{version}", need.name).as_str()).copied(),
    };
    let needs = |entry: &&Entry| {
        let optional = entry.optional.values().flat_map(|group| group.iter());
        entry.dependencies.iter().chain(optional).filter_map(place).collect()
    };
    entries.iter().map(needs).chain(graph.answers.values().cloned()).collect()
}

impl Entry {
    fn is_root(&self) -> bool {
        *self.source.editable == "." || *self.source.none == "."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{listed, survives};

    const LOCKED: &str = r#"
version = 1
requires-python = ">=3.12"

[manifest]
members = ["member", "shop"]

[[package]]
name = "shop"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "a" }, { name = "twice", version = "1.0" }]

[package.optional-dependencies]
extra = [{ name = "b" }]

[package.dev-dependencies]
dev = [{ name = "pytest" }]

[[package]]
name = "member"
source = { editable = "packages/member" }
dependencies = [{ name = "c" }]

[[package]]
name = "a"
version = "1.0"
dependencies = [{ name = "shop" }, { name = "gone" }]

[[package]]
name = "b"
version = "2.0"

[[package]]
name = "c"
version = "3.0"

[[package]]
name = "pytest"
version = "8.0"

[[package]]
name = "twice"
version = "1.0"

[[package]]
name = "twice"
version = "2.0"
"#;

    #[test]
    fn packages_are_listed_with_who_needs_them() {
        let expected = [
            "shop 0.1.0",
            "member ",
            "a 1.0",
            "b 2.0",
            "c 3.0",
            "pytest 8.0 dev",
            "twice 1.0",
            "twice 2.0 dev",
        ];
        assert_eq!(listed(&LOCK, "uv.lock", LOCKED), expected);
        let without = "[[package]]\nname = \"a\"\nversion = \"1\"\n";
        assert_eq!(listed(&LOCK, "uv.lock", without), ["a 1"]);
        survives(&LOCK, "uv.lock", LOCKED);
    }
}
