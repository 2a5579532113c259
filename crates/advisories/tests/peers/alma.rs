//! Packages of a real image of UBI 9, as if they were AlmaLinux's, by AlmaLinux's feed: Trivy 0.59.1.

use std::collections::BTreeMap;

use scan::{Distro, Inventory, Kind, Package};
use serde_json::Value;
use versions::{Scheme, Version};

use super::{data, database, differences, explain::agrees, find, json, list, text};

fn package(of: &Value) -> Package {
    let epoch = of.get("Epoch").and_then(Value::as_u64).filter(|epoch| *epoch > 0);
    let prefix = epoch.map_or_else(String::new, |epoch| format!("{epoch}:"));
    let version = format!("{prefix}{}-{}", text(of, "Version"), text(of, "Release"));
    let mut package = Package::new(Kind::Rpm, text(of, "Name"), version);
    package.module = of.get("Modularitylabel").and_then(Value::as_str).map(str::to_owned);
    package
}

#[test]
fn findings_of_almalinux_are_those_that_trivy_has() {
    let Some(folder) = data("scan/alma9") else { return };
    let golden = json(&folder.join("trivy-0.59.1-expected.json"));
    let result = &golden["Results"][0];
    let packages: Vec<Package> = list(result, "Packages").map(package).collect();
    let distro = Distro { id: "almalinux".into(), version: "9.0".into(), ..Distro::default() };
    let inventory = Inventory { distro: Some(distro), packages, ..Inventory::default() };
    let (_folder, database) = database(&[data("advisories/osv/AlmaLinux").unwrap()]);
    let found = find(&database, &inventory);
    assert_eq!(found.unscanned, []);
    assert!(agrees(&database, &inventory, &found).0 > 100);
    let ours: BTreeMap<String, String> = found
        .findings
        .iter()
        .map(|it| {
            let package = &inventory.packages[it.package];
            let fixed = it.fixed_version.clone().unwrap_or_default();
            (format!("{} {} {}", package.name, package.version, it.id), fixed)
        })
        .collect();
    let theirs: BTreeMap<String, String> = list(result, "Vulnerabilities")
        .map(|it| {
            let (name, version) = (text(it, "PkgName"), text(it, "InstalledVersion"));
            let fixed = text(it, "FixedVersion").to_owned();
            (format!("{name} {version} {}", text(it, "VulnerabilityID")), fixed)
        })
        .collect();
    assert_eq!(theirs.len(), 580);
    // Trivy had no severities for this run; AlmaLinux tells them in the titles of errata.
    assert!(found.findings.iter().all(|it| it.severity.level.is_some()));
    let keys = |of: &BTreeMap<String, String>| of.keys().cloned().collect();
    assert_eq!(differences(&keys(&ours), &keys(&theirs)), [""; 0]);
    // Where several errata mend the same, Trivy tells the last of its list, and we the lowest version that has it
    // mended, of all that are of its line.
    let others: Vec<(&String, &String)> =
        ours.iter().filter(|(key, fixed)| **fixed != theirs[*key]).collect();
    let version = |text: &str| Version::parse(Scheme::Rpm, text).unwrap();
    let later: Vec<String> = others
        .iter()
        .filter(|(key, fixed)| version(fixed) > version(&theirs[*key]))
        .map(|(key, fixed)| format!("{key} {fixed}, not {}", theirs[*key]))
        .collect();
    // An erratum of the same branch names the flaw again.
    assert_eq!(later, ["pam 1.5.1-9.el9 CVE-2025-6020 1.5.1-26.el9_6, not 1.5.1-25.el9_6"]);
    assert_eq!(others.len(), 15);
}
