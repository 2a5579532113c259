//! Real `Cargo.lock` files by the database of RustSec: cargo-audit 0.22.2.

use std::collections::BTreeSet;

use image::{Bounds, Folder};
use scan::{Collector, Inventory, Setting, extractors};
use serde_json::Value;

use super::{data, database, differences, find, json, list, text};

fn inventory(lock: &std::path::Path) -> Inventory {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(lock, folder.path().join("Cargo.lock")).unwrap();
    let mut collector = Collector::new(extractors::of(&[Setting::Declared]));
    Folder::open(folder.path(), Bounds::Everywhere).unwrap().walk(&mut collector).unwrap();
    collector.finish()
}

fn line(of: &Value) -> Option<String> {
    // What was taken back from the registry is no advisory.
    let advisory = of.get("advisory").filter(|it| !it.is_null())?;
    let package = &of["package"];
    Some(format!("{} {} {}", text(package, "name"), text(package, "version"), text(advisory, "id")))
}

#[test]
fn findings_of_lock_files_are_those_that_cargo_audit_has() {
    let Some(folder) = data("scan/cargo-audit") else { return };
    let (_folder, database) = database(&[data("advisories/rustsec-advisory-db.tar.gz").unwrap()]);
    let mut told = 0;
    for name in ["astral-sh+uv", "aya-rs+aya", "quickwit-oss+quickwit", "vectordotdev+vector"] {
        let golden = json(&folder.join(format!("{name}.expected.json")));
        let mut theirs: BTreeSet<String> =
            list(&golden["vulnerabilities"], "list").filter_map(line).collect();
        for warnings in golden["warnings"].as_object().unwrap().values() {
            theirs.extend(warnings.as_array().unwrap().iter().filter_map(line));
        }
        let inventory = inventory(&folder.join(format!("{name}.Cargo.lock")));
        let found = find(&database, &inventory);
        let ours: BTreeSet<String> = found
            .findings
            .iter()
            .map(|it| {
                let id = std::iter::once(&it.id).chain(&it.aliases);
                let mut id = id;
                let id = id.find(|id| id.starts_with("RUSTSEC-")).unwrap();
                let package = &inventory.packages[it.package];
                format!("{} {} {id}", package.name, package.version)
            })
            .collect();
        assert_eq!(differences(&ours, &theirs), [""; 0], "{name}");
        told += theirs.len();
    }
    assert!(told > 20, "{told}");
}
