//! `Manifest.toml` of Julia, and `Project.toml` beside it (pkgdocs.julialang.org).

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;

use crate::{
    Ask, Error, Extractor, Found, Graph, Input, Kind, Manifest, Package, Pattern, Role, Scope,
    Setting,
    text::formats::{Loose, if_well_formed, toml},
};

/// What a project was resolved to.
pub(super) const MANIFEST: Extractor = Extractor {
    name: "julia-manifest",
    about: "resolved packages of Julia",
    setting: Setting::Declared,
    files: &[Pattern::Name("Manifest.toml"), Pattern::Name("JuliaManifest.toml")],
    extract: manifest,
};

/// What projects ask for.
pub(super) const PROJECT: Extractor = Extractor {
    name: "julia-project",
    about: "what projects of Julia ask for",
    setting: Setting::Declared,
    files: &[Pattern::Name("Project.toml")],
    extract: project,
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    uuid: String,
    /// Packages of the standard library have that of Julia.
    version: Loose<String>,
    /// Names, or names with what identifies them.
    deps: Value,
}

fn manifest(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let mut file: BTreeMap<String, Value> = toml(input)?;
    let text = |key: &str| file.get(key).and_then(Value::as_str).map(str::to_owned);
    let julia = text("julia_version");
    // Before version 2 packages stand alone in the file.
    let packages = match text("manifest_format").and_then(|_| file.remove("deps")) {
        Some(packages) => Loose::deserialize(packages).unwrap_or_default(),
        None => Loose(file),
    };
    put(&packages.0, julia.as_deref().unwrap_or("unknown"), found);
    Ok(())
}

fn put(packages: &BTreeMap<String, Value>, julia: &str, found: &mut Found) {
    let entries: Vec<(&str, Entry)> = packages
        .iter()
        .flat_map(|(name, entries)| {
            let entries = entries.as_array().into_iter().flatten();
            entries.filter_map(move |entry| Some((name.as_str(), Entry::deserialize(entry).ok()?)))
        })
        .filter(|(_, entry)| !entry.uuid.is_empty())
        .collect();
    let mut graph = Graph::new("Project.toml", Scope::Beside, Vec::new());
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    for (place, (name, entry)) in entries.iter().enumerate() {
        graph.answer(&*entry.uuid, place);
        by_name.insert(name, place);
        let version = Some(entry.version.as_str()).filter(|it| !it.is_empty()).unwrap_or(julia);
        let mut package = Package::new(Kind::Julia, *name, version);
        package.qualifiers.push(("uuid".into(), entry.uuid.clone()));
        found.packages.push(package);
    }
    let requests = graph.requests(entries.len());
    let places = |entry: &Entry| -> Vec<usize> {
        let names = entry.deps.as_array().into_iter().flatten().filter_map(Value::as_str);
        let names = names.filter_map(|name| by_name.get(name));
        let uuids = entry.deps.as_object().into_iter().flat_map(|deps| deps.values());
        let uuids = uuids.filter_map(|uuid| requests.get(uuid.as_str()?));
        names.chain(uuids).copied().collect()
    };
    graph.needs = entries.iter().map(|(_, entry)| places(entry)).collect();
    if !found.packages.is_empty() {
        found.role = Some(Role::Lock(graph));
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Project {
    name: Loose<String>,
    deps: Loose<BTreeMap<String, Loose<String>>>,
}

fn project(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let Some(project) = if_well_formed(toml::<Project>(input))? else { return Ok(()) };
    let uuids = project.deps.values().map(|uuid| uuid.to_string());
    found.role = Some(Role::Manifest(Manifest {
        name: project.name.to_string(),
        asks: uuids.map(|name| Ask { name, range: String::new() }).collect(),
        ..Manifest::default()
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, joined, listed, survives};

    const SECOND: &str = r#"
julia_version = "1.9.0"
manifest_format = "2.0"

[[deps.Dates]]
deps = ["Printf"]
uuid = "ade2ca70"

[[deps.Printf]]
uuid = "de0858da"

[[deps.A]]
git-tree-sha1 = "x"
uuid = "aaaa"
version = "1.2.0"
    [deps.A.deps]
    B = "bbb2"

[[deps.B]]
uuid = "bbb1"
version = "0.1.0"

[[deps.B]]
uuid = "bbb2"
version = "0.2.0"
"#;

    const FIRST: &str =
        "[[A]]\nuuid = \"aaaa\"\nversion = \"1.2.0\"\n\n[[Dates]]\nuuid = \"ade2ca70\"\n";

    #[test]
    fn packages_are_listed_with_who_needs_them() {
        let second = ["A 1.2.0", "B 0.1.0", "B 0.2.0", "Dates 1.9.0", "Printf 1.9.0"];
        assert_eq!(listed(&MANIFEST, "Manifest.toml", SECOND), second);
        assert_eq!(listed(&MANIFEST, "Manifest.toml", FIRST), ["A 1.2.0", "Dates unknown"]);
        let packages = found(&MANIFEST, "Manifest.toml", FIRST).unwrap().packages;
        assert_eq!(packages[0].qualifiers, [("uuid".into(), "aaaa".to_owned())]);
        let files = [
            ("Manifest.toml", SECOND),
            ("Project.toml", "[deps]\nA = \"aaaa\"\n[extras]\nDates = \"ade2ca70\"\n"),
        ];
        let expected = ["A 1.2.0", "B 0.1.0 dev", "B 0.2.0", "Dates 1.9.0 dev", "Printf 1.9.0 dev"];
        assert_eq!(joined(&[&MANIFEST, &PROJECT], &files), expected);
        survives(&MANIFEST, "Manifest.toml", SECOND);
    }
}
