//! Real records of OSV, read as its specification says how, one after the other, without any index: what is found has
//! to be the same.
//!
//! Source: the OSV schema, "Evaluation".

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
};

use scan::{Distro, Inventory, Kind, Package};
use serde_json::Value;
use versions::{Scheme, Version};

use super::{data, database, find, list, text};

/// Records of an archive that were not taken back, as they stand there.
fn records(archive: &Path) -> Vec<Value> {
    let mut all = Vec::new();
    let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
    let file = fs::File::open(archive).unwrap();
    let archive = rawzip::ZipArchive::from_file(file, &mut buffer).unwrap();
    let mut entries = archive.entries(&mut buffer);
    while let Some(record) = entries.next_entry().unwrap() {
        let entry = archive.get_entry(record.wayfinder()).unwrap();
        let unpacked = flate2::read::DeflateDecoder::new(entry.reader());
        let value: Value = serde_json::from_reader(unpacked).unwrap();
        if !value["withdrawn"].is_string() {
            all.push(value);
        }
    }
    all
}

fn is_vulnerable(version: &Version, affected: &Value) -> bool {
    let scheme = version.scheme();
    let parse = |text: &str| Version::parse(scheme, text).ok();
    let is_listed = list(affected, "versions")
        .filter_map(Value::as_str)
        .any(|it| it == version.as_str() || parse(it).is_some_and(|it| it == *version));
    is_listed
        || list(affected, "ranges").filter(|it| text(it, "type") != "GIT").any(|range| {
            let mut events: Vec<(Option<Version>, u8)> = Vec::new();
            for event in list(range, "events") {
                // What ends where the next begins is one.
                for (rank, key) in ["fixed", "introduced", "last_affected"].into_iter().enumerate()
                {
                    match event.get(key).and_then(Value::as_str) {
                        Some("0") => events.push((None, rank as u8)),
                        Some(it) => events.extend(parse(it).map(|it| (Some(it), rank as u8))),
                        None => {}
                    }
                }
            }
            events.sort();
            let mut is_in = false;
            for (at, rank) in &events {
                let is_at = at.as_ref().is_none_or(|at| version >= at);
                match rank {
                    0 if is_at => is_in = false,
                    1 if is_at => is_in = true,
                    2 if at.as_ref().is_some_and(|at| version > at) => is_in = false,
                    _ => {}
                }
            }
            is_in
        })
}

/// Packages by the names that records have, with versions at, before and behind what they tell.
fn packages(records: &[Value], space: &str, kind: Kind, scheme: Scheme) -> Vec<Package> {
    let mut all: BTreeSet<(String, String)> = BTreeSet::new();
    for affected in records.iter().flat_map(|it| list(it, "affected")) {
        let package = &affected["package"];
        if text(package, "ecosystem") != space {
            continue;
        }
        let name = text(package, "name");
        let events = list(affected, "ranges").flat_map(|range| list(range, "events"));
        let told =
            events.flat_map(|it| ["introduced", "fixed", "last_affected"].map(|key| text(it, key)));
        let listed = list(affected, "versions").filter_map(Value::as_str).take(2);
        for version in told.chain(listed).filter(|it| !it.is_empty()) {
            all.insert((name.to_owned(), version.to_owned()));
            all.insert((name.to_owned(), format!("{version}.1")));
        }
    }
    let is_version = |(_, version): &(String, String)| Version::parse(scheme, version).is_ok();
    // Some of them, so that it does not take long.
    all.into_iter()
        .filter(is_version)
        .step_by(3)
        .map(|(name, version)| Package::new(kind, name, version))
        .collect()
}

/// Compares; returns how many pairs of a package and a record there are.
fn compare(
    archive: &str,
    space: &str,
    kind: Kind,
    scheme: Scheme,
    distro: Option<Distro>,
) -> Option<usize> {
    let path = data("advisories/osv")?.join(archive);
    let records = records(&path);
    let (_folder, database) = database(&[path]);
    let packages = packages(&records, space, kind, scheme);
    let mut by_name: HashMap<&str, Vec<(&str, &Value)>> = HashMap::new();
    for record in &records {
        for affected in
            list(record, "affected").filter(|it| text(&it["package"], "ecosystem") == space)
        {
            let id = text(record, "id");
            by_name.entry(text(&affected["package"], "name")).or_default().push((id, affected));
        }
    }
    let mut expected: BTreeSet<(usize, String)> = BTreeSet::new();
    for (at, package) in packages.iter().enumerate() {
        let version = Version::parse(scheme, &package.version).unwrap();
        let of = by_name.get(package.name.as_str()).into_iter().flatten();
        expected.extend(
            of.filter(|(_, it)| is_vulnerable(&version, it)).map(|(id, _)| (at, (*id).to_owned())),
        );
    }
    let inventory = Inventory { distro, packages, ..Inventory::default() };
    let mut found: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for it in find(&database, &inventory).findings {
        let names: BTreeSet<String> = std::iter::once(it.id).chain(it.aliases).collect();
        let is_told = names.iter().any(|name| expected.contains(&(it.package, name.clone())));
        assert!(is_told, "{:?}: {names:?}", inventory.packages[it.package]);
        found.entry(it.package).or_default().extend(names);
    }
    for (at, id) in &expected {
        let is_found = found.get(at).is_some_and(|names| names.contains(id));
        assert!(is_found, "{:?}: {id}", inventory.packages[*at]);
    }
    Some(expected.len())
}

#[test]
fn what_is_found_is_what_every_record_says_by_itself() {
    for (archive, space, kind, scheme) in [
        ("PyPI/all.zip", "PyPI", Kind::Pypi, Scheme::Pep440),
        ("Go/all.zip", "Go", Kind::Golang, Scheme::Go),
    ] {
        let Some(pairs) = compare(archive, space, kind, scheme, None) else { return };
        assert!(pairs > 2_000, "{space}: {pairs}");
    }
}
