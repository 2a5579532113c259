//! What others find in real inventories by real feeds, against what is found here by the same.
//!
//! Where we differ and are right, the difference stands in the test with its reason; one that is no longer
//! there fails as well. docs/compatibility.md tells them to users.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests")]

mod alma;
mod brute;
mod cargo_audit;
mod debian;
mod explain;
mod trivy;
mod vunnel;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use advisories::{
    db::{self, Database},
    feeds,
    matching::{self, Matches},
};
use scan::Inventory;
use serde_json::Value;

/// A folder of the data that others made; none where that is not at hand.
fn data(name: &str) -> Option<PathBuf> {
    testkit::data().map(|data| data.join(name)).filter(|folder| folder.exists())
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// A database of these feeds, all of which have to be whole.
fn database(paths: &[PathBuf]) -> (tempfile::TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let import = feeds::import(paths);
    assert!(import.failed.is_empty() && import.troubles.is_empty(), "{import:?}");
    for part in import.gathered {
        db::replace(folder.path(), part.builder, part.header).unwrap();
    }
    let database = Database::open(folder.path()).unwrap();
    assert!(database.damaged().is_empty());
    (folder, database)
}

/// What is found, which what is explained has to agree with.
fn find(database: &Database, inventory: &Inventory) -> Matches {
    let matches = matching::find(database, inventory).unwrap();
    explain::agrees(database, inventory, &matches);
    matches
}

/// Lines that only one has: ours with a plus, theirs with a minus.
fn differences(ours: &BTreeSet<String>, theirs: &BTreeSet<String>) -> Vec<String> {
    let added = ours.difference(theirs).map(|line| format!("+ {line}"));
    added.chain(theirs.difference(ours).map(|line| format!("- {line}"))).collect()
}
