//! The packages of a real image (UBI 9), in a database of rpm that is made of its manifest, against what
//! Trivy lists of it.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeSet, fs, path::Path};

use image::{Bounds, Folder};
use rusqlite::Connection;
use scan::{Collector, Inventory, Setting, extractors};
use serde_json::Value;

const OS_RELEASE: &str = "ID=almalinux\nVERSION_ID=9.0\nNAME=AlmaLinux\n";

/// Tags of headers, and types of what they have (rpm's list of them).
const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
const VENDOR: u32 = 1011;
const ARCH: u32 = 1022;
const SOURCERPM: u32 = 1044;
const INT32: u32 = 4;
const STRING: u32 = 6;

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// A package's header, as databases keep it.
fn header(rpm: &Value) -> Vec<u8> {
    let source = text(rpm, "srpm_nevra");
    // The manifest tells the source with its epoch; rpm's own database without.
    let (before, after) = source.split_once(':').unwrap_or(("-0", source));
    let (name, epoch) = before.rsplit_once('-').unwrap();
    // The database that Trivy listed had none of these.
    let epoch = if text(rpm, "name").starts_with("device-mapper") { "0" } else { epoch };
    let source = format!("{name}-{after}.rpm");
    let (mut index, mut data) = (Vec::new(), Vec::new());
    let mut add = |tag: u32, kind: u32, bytes: &[u8]| {
        for number in [tag, kind, u32::try_from(data.len()).unwrap(), 1] {
            index.extend(number.to_be_bytes());
        }
        data.extend_from_slice(bytes);
    };
    add(EPOCH, INT32, &epoch.parse::<u32>().unwrap().to_be_bytes());
    for (tag, text) in [
        (NAME, text(rpm, "name")),
        (VERSION, text(rpm, "version")),
        (RELEASE, text(rpm, "release")),
        (VENDOR, "Red Hat, Inc."),
        (ARCH, text(rpm, "architecture")),
        (SOURCERPM, &source),
    ] {
        add(tag, STRING, format!("{text}\0").as_bytes());
    }
    let lengths = [index.len() / 16, data.len()].map(|length| u32::try_from(length).unwrap());
    [lengths.map(u32::to_be_bytes).concat(), index, data].concat()
}

/// A root with a database of these packages.
fn root(manifest: &Value, root: &Path) {
    fs::create_dir_all(root.join("etc")).unwrap();
    fs::create_dir_all(root.join("var/lib/rpm")).unwrap();
    fs::write(root.join("etc/os-release"), OS_RELEASE).unwrap();
    let mut database = Connection::open(root.join("var/lib/rpm/rpmdb.sqlite")).unwrap();
    let change = database.transaction().unwrap();
    change
        .execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)", ())
        .unwrap();
    for rpm in manifest["rpms"].as_array().unwrap() {
        change.execute("INSERT INTO Packages (blob) VALUES (?)", [header(rpm)]).unwrap();
    }
    change.commit().unwrap();
}

/// Name, version, processor, and the source's name and version.
type Line = [String; 5];

fn ours(inventory: &Inventory) -> BTreeSet<Line> {
    let packages = inventory.packages.iter().map(|package| {
        let source = package.source.clone().unwrap();
        let (name, version) = (package.name.clone(), package.version.clone());
        [name, version, package.architecture.clone(), source.name, source.version]
    });
    packages.collect()
}

fn theirs(expected: &Value) -> BTreeSet<Line> {
    let version = |package: &Value, [epoch, version, release]: [&str; 3]| {
        let epoch = package[epoch].as_u64().map_or_else(String::new, |epoch| format!("{epoch}:"));
        format!("{epoch}{}-{}", text(package, version), text(package, release))
    };
    let packages = expected["Results"][0]["Packages"].as_array().unwrap().iter().map(|package| {
        [
            text(package, "Name").to_owned(),
            version(package, ["Epoch", "Version", "Release"]),
            text(package, "Arch").to_owned(),
            text(package, "SrcName").to_owned(),
            version(package, ["SrcEpoch", "SrcVersion", "SrcRelease"]),
        ]
    });
    packages.collect()
}

#[test]
fn packages_of_a_real_image_are_those_that_trivy_lists() {
    let Some(folder) = testkit::data().map(|data| data.join("scan/alma9")).filter(|it| it.exists())
    else {
        println!("skipped: no shared data");
        return;
    };
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
    };
    let work = tempfile::tempdir().unwrap();
    root(&read("ubi9-rpm-manifest.json"), work.path());
    let mut collector = Collector::new(extractors::of(&[Setting::System]));
    Folder::open(work.path(), Bounds::Everywhere).unwrap().walk(&mut collector).unwrap();
    let inventory = collector.finish();
    assert_eq!(inventory.troubles, []);
    let (ours, theirs) = (ours(&inventory), theirs(&read("trivy-0.59.1-expected.json")));
    let differ: Vec<&Line> = ours.symmetric_difference(&theirs).collect();
    assert!(differ.is_empty(), "{differ:#?}");
    assert_eq!(ours.len(), 179);
}
