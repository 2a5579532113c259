//! What Trivy 0.59 lists of its own test inputs, against what is listed here of the same.
//!
//! Where we differ and are right, the difference stands below with its reason; one that is no longer
//! there fails as well.

#![allow(clippy::expect_used, reason = "tests")]

use std::{collections::BTreeSet, fs, path::Path};

use image::{Bounds, Folder};
use scan::{Collector, Inventory, Setting, extractors, purl};
use serde_json::Value;

fn walk(root: &Path, settings: &[Setting]) -> Inventory {
    let mut collector = Collector::new(extractors::of(settings));
    let folder = Folder::open(root, Bounds::Everywhere).expect("the folder opens");
    folder.walk(&mut collector).expect("the folder is read");
    let inventory = collector.finish();
    assert_eq!(inventory.troubles, [], "{}", root.display());
    inventory
}

fn json(path: &Path) -> Value {
    let text = fs::read(path).expect("a golden is there");
    serde_json::from_slice(&text).expect("a golden is JSON")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Lines that only one has: ours with a plus, Trivy's with a minus.
fn differences(ours: &BTreeSet<String>, theirs: &BTreeSet<String>) -> Vec<String> {
    let added = ours.difference(theirs).map(|line| format!("+ {line}"));
    added.chain(theirs.difference(ours).map(|line| format!("- {line}"))).collect()
}

/// Name, version, URL and file of each package of a source tree; those that Trivy tells by their
/// vulnerabilities alone are a part of all.
fn declared(name: &str) -> Option<Vec<String>> {
    let data = testkit::data()?.join("scan/trivy-fs");
    let inventory = walk(&data.join("input").join(name), &[Setting::Declared]);
    let line = |it: &scan::Package| {
        let url = purl(it, inventory.distro.as_ref());
        format!("{} {} {url} {}", it.name, it.version, it.locations[0].path)
    };
    let ours: BTreeSet<String> = inventory.packages.iter().map(line).collect();
    let golden = json(&data.join(format!("expected/{name}.json.golden")));
    let mut theirs = BTreeSet::new();
    for result in golden["Results"].as_array().expect("results are a list") {
        let list = |key| result.get(key).and_then(Value::as_array).into_iter().flatten();
        for package in list("Packages") {
            let url = text(&package["Identifier"], "PURL");
            let (name, version) = (text(package, "Name"), text(package, "Version"));
            theirs.insert(format!("{name} {version} {url} {}", text(result, "Target")));
        }
        for package in list("Vulnerabilities") {
            let url = text(&package["PkgIdentifier"], "PURL");
            let (name, version) = (text(package, "PkgName"), text(package, "InstalledVersion"));
            theirs.insert(format!("{name} {version} {url} {}", text(result, "Target")));
        }
    }
    assert!(!theirs.is_empty());
    Some(differences(&ours, &theirs))
}

#[test]
fn packages_of_source_trees_are_those_that_trivy_lists() {
    for (name, expected) in [
        ("nuget", &[][..]),
        ("packagesprops", &[]),
        ("sbt", &[]),
        // Trivy was not asked for packages here: of the project itself it knows no vulnerability.
        (
            "pom",
            &[
                "+ com.example:log4shell 1.0-SNAPSHOT pkg:maven/com.example/log4shell@1.0-SNAPSHOT pom.xml",
            ],
        ),
    ] {
        if let Some(found) = declared(name) {
            assert_eq!(found, expected, "{name}");
        }
    }
}

/// `[epoch:]version[-release]`, as Trivy has the parts of it.
fn version(package: &Value, [epoch, version, release]: [&str; 3]) -> String {
    let epoch = package.get(epoch).and_then(Value::as_u64).filter(|epoch| *epoch != 0);
    let epoch = epoch.map_or_else(String::new, |epoch| format!("{epoch}:"));
    let (version, release) = (text(package, version), text(package, release));
    let dash = if release.is_empty() { "" } else { "-" };
    format!("{epoch}{version}{dash}{release}")
}

fn golden(path: &Path) -> BTreeSet<String> {
    let golden = json(path);
    let line = |it: &Value| {
        let own = version(it, ["Epoch", "Version", "Release"]);
        let source = version(it, ["SrcEpoch", "SrcVersion", "SrcRelease"]);
        format!(
            "{} {own} {} of {} {source}",
            text(it, "Name"),
            text(it, "Arch"),
            text(it, "SrcName")
        )
    };
    golden.as_array().expect("packages are a list").iter().map(line).collect()
}

fn installed(root: &Path) -> BTreeSet<String> {
    let inventory = walk(root, &[Setting::System]);
    let line = |it: &scan::Package| {
        let source = it.source.as_ref().map(|it| format!("{} {}", it.name, it.version));
        let source = source.unwrap_or_default();
        format!("{} {} {} of {source}", it.name, it.version, it.architecture)
    };
    inventory.packages.iter().map(line).collect()
}

#[test]
fn packages_of_distributions_are_those_that_trivy_lists() {
    let Some(data) = testkit::data().map(|data| data.join("scan/trivy-os")) else { return };
    for name in ["alpine-310", "debian-buster"] {
        let theirs = golden(&data.join(format!("packages/{name}.json.golden")));
        let ours = installed(&data.join("rootfs").join(name));
        assert!(ours.len() > 10, "{name}");
        assert_eq!(differences(&ours, &theirs), Vec::<String>::new(), "{name}");
    }
}

/// A source's epoch is not told in an rpm package; that of the package stands for it, as it does here.
#[test]
fn sources_of_rpm_packages_have_the_epochs_of_their_packages() {
    let Some(data) = testkit::data().map(|data| data.join("scan/trivy-os/packages")) else {
        return;
    };
    for name in ["centos-6", "oraclelinux-8-slim", "opensuse-tumbleweed", "suse-15.3_ndb", "ubi-7"]
    {
        let golden = json(&data.join(format!("{name}.json.golden")));
        for package in golden.as_array().expect("packages are a list") {
            let epochs = ["Epoch", "SrcEpoch"].map(|key| package.get(key).and_then(Value::as_u64));
            assert_eq!(epochs[0], epochs[1], "{name}: {package}");
        }
    }
}
