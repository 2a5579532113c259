//! Packages of fresh systems of Debian, and the flaws that Debian's own changelogs say later versions mend.

use std::{collections::BTreeSet, fs};

use scan::{Distro, Inventory, Kind, Package, Source};
use serde_json::{Map, Value, json};

use super::{data, database, differences, explain::agrees, find, json as read, list, text};

/// What the tracker says if the changelogs are right.
fn tracker(truth: &Value, release: &str) -> Value {
    let mut packages = Map::new();
    for package in truth.as_array().unwrap() {
        let of = packages.entry(text(package, "source")).or_insert_with(|| json!({}));
        for flaw in list(package, "cves") {
            of[text(flaw, "id")] = json!({"releases": {release: {
                "status": "resolved", "fixed_version": text(flaw, "fixed"), "urgency": "not yet assigned"}}});
        }
    }
    packages.into()
}

fn inventory(truth: &Value, version: &str, which: &str) -> Inventory {
    let package = |of: &Value| {
        let mut package = Package::new(Kind::Deb, text(of, "package"), text(of, which));
        let (name, version) = (text(of, "source").to_owned(), text(of, which).to_owned());
        package.source = Some(Source { name, version });
        package
    };
    let packages = truth.as_array().unwrap().iter().map(package).collect();
    let distro = Distro { id: "debian".into(), version: version.into(), ..Distro::default() };
    Inventory { distro: Some(distro), packages, ..Inventory::default() }
}

#[test]
fn findings_are_those_of_debians_changelogs() {
    let Some(folder) = data("scan/debian-truth") else { return };
    for (name, release, version) in
        [("bookworm-minbase", "bookworm", "12"), ("trixie-minbase", "trixie", "13")]
    {
        let truth = read(&folder.join(format!("{name}.json")));
        let feed = tempfile::tempdir().unwrap();
        let path = feed.path().join("debian.json");
        fs::write(&path, tracker(&truth, release).to_string()).unwrap();
        let (_folder, database) = database(&[path]);
        let installed = inventory(&truth, version, "installed");
        let found = find(&database, &installed);
        let ours = found.findings.iter().map(|it| {
            let fixed = it.fixed_version.as_deref().unwrap();
            format!("{} {} {fixed}", installed.packages[it.package].name, it.id)
        });
        let theirs: BTreeSet<String> = truth
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|of| {
                list(of, "cves").map(|flaw| {
                    format!("{} {} {}", text(of, "package"), text(flaw, "id"), text(flaw, "fixed"))
                })
            })
            .collect();
        assert!(theirs.len() > 10, "{}", theirs.len());
        assert_eq!(differences(&ours.collect(), &theirs), [""; 0], "{name}");
        let mended = inventory(&truth, version, "security");
        let found = find(&database, &mended);
        assert_eq!(found.findings, [], "{name}");
        assert!(agrees(&database, &mended, &found).1 > 5, "{name}");
    }
}
