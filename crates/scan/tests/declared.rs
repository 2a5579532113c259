//! What source trees ask for, beside what Trivy and cargo-audit list of the same files.

#![expect(clippy::expect_used, reason = "for tests")]

use std::{
    collections::BTreeSet,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

use image::{Bounds, Entry, Folder, Kind, Part, Visitor};
use scan::{Collector, Inventory, Package, Setting, extractors, purl};
use serde_json::Value;

/// Kinds of files, as Trivy names them, that are compared.
const TYPES: [&str; 10] =
    ["bun", "cargo", "cocoapods", "gomod", "npm", "pip", "pipenv", "poetry", "pylock", "yarn"];

/// A package of a file: its name, version and package URL.
type Listed = String;

fn listed(target: &str, name: &str, version: &str, purl: &str) -> Listed {
    format!("{target}: {name} {version} {purl}")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn texts<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

/// A folder of the data, or `None` after saying that there is none.
fn data(name: &str) -> Option<PathBuf> {
    let folder = testkit::data()?.join("scan").join(name);
    if !folder.is_dir() {
        eprintln!("skipped: no {}", folder.display());
        return None;
    }
    Some(folder)
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("readable")).expect("JSON")
}

/// What is declared in a folder, without files and folders that a case leaves out.
fn inventory(folder: &Path, case: &Value) -> Inventory {
    let mut collector = Collector::new(extractors::of(&[Setting::Declared]));
    let prefix = format!("{}/", text(case, "input"));
    let skipped = texts(case, "skipfiles").chain(texts(case, "skipdirs"));
    let skipped = skipped.filter_map(|path| path.as_str()?.strip_prefix(&prefix));
    collector.skip(skipped.map(|path| path.as_bytes().to_vec()));
    let folder = Folder::open(folder, Bounds::Everywhere).expect("a folder");
    folder.walk(&mut collector).expect("a walk");
    collector.finish()
}

fn is_at(package: &Package, target: &str) -> bool {
    package.locations.iter().any(|location| location.path == target)
}

#[test]
fn packages_are_those_that_trivy_lists() {
    let Some(data) = data("trivy-fs") else { return };
    let (mut compared, mut vulnerable) = (0, 0);
    for case in read(&data.join("cases.json")).as_array().expect("cases") {
        let (name, input) = (text(case, "name"), text(case, "input"));
        let folder = data.join("input").join(input.rsplit('/').next().unwrap_or_default());
        let golden = text(case, "golden").rsplit('/').next().unwrap_or_default();
        let golden = data.join("expected").join(golden);
        if !folder.is_dir() || !golden.is_file() {
            continue;
        }
        let inventory = inventory(&folder, case);
        let results = read(&golden);
        for result in texts(&results, "Results").filter(|it| TYPES.contains(&text(it, "Type"))) {
            let target = text(result, "Target");
            for found in texts(result, "Vulnerabilities") {
                let (package, version) = (text(found, "PkgName"), text(found, "InstalledVersion"));
                let is_found = inventory.packages.iter().any(|it| {
                    it.name == package && it.version == version && is_at(it, target) && !it.is_dev
                });
                assert!(is_found, "{name}: {target} lacks {package} {version}");
                vulnerable += 1;
            }
            let theirs: BTreeSet<Listed> = texts(result, "Packages")
                .map(|it| {
                    listed(
                        target,
                        text(it, "Name"),
                        text(it, "Version"),
                        text(&it["Identifier"], "PURL"),
                    )
                })
                .collect();
            if theirs.is_empty() {
                continue;
            }
            let has_dev = case["dev"].as_bool().unwrap_or_default();
            let ours: BTreeSet<Listed> = inventory
                .packages
                .iter()
                .filter(|it| is_at(it, target) && (has_dev || !it.is_dev))
                .map(|it| listed(target, &it.name, &it.version, &purl(it, None)))
                .collect();
            compared += theirs.len();
            assert_eq!(ours, theirs, "{name}: {target}");
        }
        // What has no lock file is told; Trivy says nothing of it.
        let troubles = inventory.troubles.iter().filter(|it| !it.reason.contains("no lock file"));
        assert_eq!(troubles.count(), 0, "{name}: {:?}", inventory.troubles);
    }
    assert!(compared > 0 && vulnerable > 0, "nothing was compared");
    eprintln!("{compared} packages and {vulnerable} vulnerable ones are the same");
}

/// Licences of what is installed beside a lock file are told where Trivy tells them.
#[test]
fn licences_are_those_that_trivy_lists() {
    let Some(data) = data("trivy-fs") else { return };
    for (input, golden) in [("npm", "npm-with-dev"), ("yarn", "yarn")] {
        let inventory = inventory(&data.join("input").join(input), &Value::Null);
        let results = read(&data.join(format!("expected/{golden}.json.golden")));
        for expected in texts(&results, "Results").flat_map(|result| texts(result, "Packages")) {
            let is_this = |it: &&Package| {
                it.name == text(expected, "Name") && it.version == text(expected, "Version")
            };
            let package = inventory.packages.iter().find(is_this).expect("listed");
            let licences: Vec<&str> =
                texts(expected, "Licenses").filter_map(Value::as_str).collect();
            assert_eq!(package.licences, licences, "{}", package.name);
        }
    }
}

/// Lock files of large projects: as many packages as cargo-audit counts, and those that it warns of.
#[test]
fn lock_files_have_as_many_packages_as_cargo_audit_counts() {
    let Some(data) = data("cargo-audit") else { return };
    let files = fs::read_dir(&data).into_iter().flatten().flatten();
    let locks = files.filter_map(|file| {
        let name = file.file_name().into_string().ok()?;
        Some((name.strip_suffix(".Cargo.lock")?.to_owned(), fs::read_to_string(file.path()).ok()?))
    });
    for (name, lock) in locks {
        let entries = named(&lock);
        let ours = declared("Cargo.lock", lock.into_bytes());
        let expected = read(&data.join(format!("{name}.expected.json")));
        let count = expected["lockfile"]["dependency-count"].as_u64();
        assert_eq!(Some(entries.len() as u64), count, "{name}");
        // One version of a package may come from two places.
        assert_eq!(ours, entries.into_iter().collect(), "{name}");
        let warnings = expected["warnings"].as_object().into_iter().flatten();
        let warnings = warnings.flat_map(|(_, warnings)| warnings.as_array().into_iter().flatten());
        for told in texts(&expected["vulnerabilities"], "list").chain(warnings) {
            let told = &told["package"];
            let told = (text(told, "name").to_owned(), text(told, "version").to_owned());
            assert!(ours.contains(&told), "{name} lacks {told:?}");
        }
    }
}

/// Names and versions of a file's packages.
fn declared(path: &str, text: Vec<u8>) -> BTreeSet<(String, String)> {
    let mut collector = Collector::new(extractors::of(&[Setting::Declared]));
    let size_bytes = text.len() as u64;
    let entry = Entry { path: path.as_bytes(), kind: Kind::File, mode: 0o644, size_bytes };
    collector.entry(&entry);
    collector.content(&entry, &mut Part::whole(Cursor::new(text)).expect("a file"));
    let packages = collector.finish().packages;
    packages.into_iter().map(|package| (package.name, package.version)).collect()
}

/// The same as its lines have them: a name, and a version in the line that follows.
fn named(lock: &str) -> Vec<(String, String)> {
    let value = |line: &str, key: &str| {
        Some(line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')?.to_owned())
    };
    let lines = lock.lines().zip(lock.lines().skip(1));
    lines.filter_map(|(a, b)| Some((value(a, "name")?, value(b, "version")?))).collect()
}
