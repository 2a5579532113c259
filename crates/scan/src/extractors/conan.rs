//! `conan.lock` of Conan, versions 1 and 2 (docs.conan.io).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    Error, Extractor, Found, Input, Kind, Package, Pattern, Setting,
    text::formats::{Loose, json},
};

/// Lock files.
pub(super) const LOCK: Extractor = Extractor {
    name: "conan-lock",
    about: "lock files of Conan",
    setting: Setting::Declared,
    files: &[Pattern::Name("conan.lock")],
    extract: lock,
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lock {
    /// In version 1.
    graph_lock: Loose<Graph>,
    requires: Loose<Vec<Loose<String>>>,
    build_requires: Loose<Vec<Loose<String>>>,
    python_requires: Loose<Vec<Loose<String>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Graph {
    nodes: BTreeMap<String, Loose<Node>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Node {
    r#ref: Loose<String>,
}

fn lock(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let lock: Lock = json(input)?;
    let nodes = lock.graph_lock.nodes.values().map(|node| node.r#ref.as_str());
    let used = nodes.chain(lock.requires.iter().map(|it| it.as_str()));
    let building = lock.build_requires.iter().chain(lock.python_requires.iter());
    let building = building.map(|it| it.as_str());
    for (reference, is_dev) in used.map(|it| (it, false)).chain(building.map(|it| (it, true))) {
        if let Some((name, version)) = parse(reference) {
            let mut package = Package::new(Kind::Conan, name, version);
            package.is_dev = is_dev;
            found.packages.push(package);
        }
    }
    Ok(())
}

/// `name/version@user/channel#revision%time`; a project that is no package has another form.
fn parse(reference: &str) -> Option<(&str, &str)> {
    let (name, version) = reference.split(['@', '#', '%']).next()?.split_once('/')?;
    (!name.is_empty() && !version.contains('/')).then_some((name, version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{listed, survives};

    const FIRST: &str = r#"{"graph_lock": {"nodes": {
        "0": {"requires": ["1"], "path": "conanfile.txt"},
        "1": {"ref": "pkga/0.1@user/testing#0", "requires": []},
        "2": {"ref": "conanfile.py (a/b/c)"}
    }, "revisions_enabled": false}, "version": "0.4"}"#;

    const SECOND: &str = r#"{"version": "0.5",
        "requires": ["zlib/1.2.12#87a7211557b6690ef5bf7fc599dd8349%1686305515.987", 1, "sound32/1.0"],
        "build_requires": ["cmake/3.25.3#x"], "python_requires": []}"#;

    #[test]
    fn packages_are_listed() {
        assert_eq!(listed(&LOCK, "conan.lock", FIRST), ["pkga 0.1"]);
        let second = ["zlib 1.2.12", "sound32 1.0", "cmake 3.25.3 dev"];
        assert_eq!(listed(&LOCK, "conan.lock", SECOND), second);
        survives(&LOCK, "conan.lock", FIRST);
        survives(&LOCK, "conan.lock", SECOND);
    }
}
