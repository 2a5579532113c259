//! Inputs of Trivy's own tests, by the advisories that these have: its goldens.
//!
//! - `fixtures`: these advisories.

mod fixtures;

use std::{collections::BTreeMap, fs, path::Path};

use advisories::{
    Affected, Level, Space, Status,
    matching::Finding,
    report::{self, Form, Report},
    vex,
};
use image::{Bounds, Folder};
use scan::{
    Collector, Distro, Inventory, Kind, Package, Purpose, Setting, Source, Subject, extractors,
};
use serde_json::Value;

use self::fixtures::database;
use super::{data, differences, find, json, list, text};

fn walk(root: &Path, settings: &[Setting], skip: &[&str]) -> Inventory {
    let mut collector = Collector::new(extractors::of(settings));
    collector.skip(skip.iter().map(|path| path.as_bytes().to_vec()));
    Folder::open(root, Bounds::Everywhere).unwrap().walk(&mut collector).unwrap();
    collector.finish()
}

/// Package, version, flaw and state of each finding, with the file that it is in.
fn ours(
    findings: &[Finding],
    inventory: &Inventory,
    files: Files,
) -> BTreeMap<String, Option<String>> {
    let mut lines = BTreeMap::new();
    for finding in findings {
        let package = &inventory.packages[finding.package];
        for location in &package.locations {
            let file = if files == Files::Told { location.path.as_str() } else { "" };
            let level = finding.severity.level.map_or("unknown", Level::name);
            let state = format!("{} {level}", finding.state.name());
            let line = line(file, &package.name, &package.version, &finding.id, &state);
            lines.insert(line, finding.fixed_version.clone());
        }
    }
    lines
}

#[derive(Clone, Copy, PartialEq)]
enum Files {
    Told,
    Left,
}

fn line(file: &str, name: &str, version: &str, id: &str, state: &str) -> String {
    format!("{file} {name} {version} {id} {state}").trim_start().to_owned()
}

fn theirs(golden: &Value, files: Files) -> BTreeMap<String, String> {
    let mut lines = BTreeMap::new();
    for result in list(golden, "Results") {
        let file = if files == Files::Told { text(result, "Target") } else { "" };
        for it in list(result, "Vulnerabilities") {
            // What mends a flaw of Red Hat's is told beside its name, as here.
            let (name, version) = (text(it, "PkgName"), text(it, "InstalledVersion"));
            // Old goldens have no status.
            let state = if text(it, "Status").is_empty() { "fixed" } else { text(it, "Status") };
            let state = format!("{state} {}", text(it, "Severity").to_lowercase());
            let line = line(file, name, version, text(it, "VulnerabilityID"), &state);
            lines.insert(line, text(it, "FixedVersion").to_owned());
        }
    }
    lines
}

/// How many findings both have; all others fail.
fn compare(
    ours: &BTreeMap<String, Option<String>>,
    theirs: &BTreeMap<String, String>,
    what: &str,
    known: &[&str],
) -> usize {
    let keys = (ours.keys().cloned().collect(), theirs.keys().cloned().collect());
    assert_eq!(differences(&keys.0, &keys.1), known, "{what}");
    for (line, fixed) in ours {
        // Trivy tells all versions that mend a flaw in any line of versions.
        let Some(all) = theirs.get(line) else { continue };
        let fixed = fixed.as_deref().unwrap_or_default();
        assert!(
            all.split(", ")
                .any(|it| it.trim_start_matches("0:").trim_start_matches(">= ") == fixed),
            "{what}: {line}: {fixed}, not {all}"
        );
    }
    ours.len()
}

#[test]
fn findings_of_source_trees_are_those_that_trivy_has() {
    let Some((_folder, database)) = database() else { return };
    let data = data("scan/trivy-fs").unwrap();
    let mut found = 0;
    for (input, golden, skip) in [
        ("gomod", "gomod", &[][..]),
        ("gomod", "gomod-skip", &["submod2"]),
        ("gomod", "gomod-skip", &["submod2/go.mod"]),
        ("npm", "npm", &[]),
        ("npm", "npm-with-dev", &[]),
        ("yarn", "yarn", &[]),
        ("bun", "bun", &[]),
        ("pip", "pip", &[]),
        ("pipenv", "pipenv", &[]),
        ("poetry", "poetry", &[]),
        ("pylock", "pylock", &[]),
        ("pom", "pom", &[]),
        ("sbt", "sbt", &[]),
        ("nuget", "nuget", &[]),
        ("packagesprops", "packagesprops", &[]),
        ("cocoapods", "cocoapods", &[]),
        ("cargo", "cargo.lock", &[]),
    ] {
        let inventory = walk(&data.join("input").join(input), &[Setting::Declared], skip);
        let golden = json(&data.join(format!("expected/{golden}.json.golden")));
        let matches = find(&database, &inventory);
        let ours = ours(&matches.findings, &inventory, Files::Told);
        found += compare(&ours, &theirs(&golden, Files::Told), input, &[]);
    }
    assert!(found > 20, "{found}");
}

/// Flaws, what they are in, and what to upgrade that to, of a document of CycloneDX; references are followed.
fn told_by_cyclonedx(document: &Value) -> BTreeMap<(String, String), String> {
    let purls: BTreeMap<&str, &str> =
        list(document, "components").map(|it| (text(it, "bom-ref"), text(it, "purl"))).collect();
    let mut told = BTreeMap::new();
    for flaw in list(document, "vulnerabilities") {
        for affected in list(flaw, "affects") {
            let at =
                purls.get(text(affected, "ref")).expect("what is affected is among the components");
            let advice = text(flaw, "recommendation").to_owned();
            told.insert((text(flaw, "id").to_owned(), (*at).to_owned()), advice);
        }
    }
    told
}

#[test]
fn findings_in_cyclonedx_are_those_that_trivy_writes() {
    let Some((_folder, database)) = database() else { return };
    let data = data("scan/trivy-fs").unwrap();
    let inventory = walk(&data.join("input/pom"), &[Setting::Declared], &[]);
    let subject = Subject {
        name: "pom".into(),
        purpose: Purpose::Source,
        version: None,
        ids: vec![],
        created: None,
        tool_version: String::new(),
    };
    let report = Report {
        subject: &subject,
        inventory: &inventory,
        matches: &find(&database, &inventory),
        database: &database,
        ended: None,
        remarks: &[],
    };
    let mut document = Vec::new();
    report::write(Form::CycloneDx, &report, &mut document).unwrap();
    let ours = told_by_cyclonedx(&serde_json::from_slice(&document).unwrap());
    let golden = json(&data.join("expected/pom-cyclonedx.json.golden"));
    let theirs = told_by_cyclonedx(&golden);
    assert!(theirs.len() > 1 && ours.keys().eq(theirs.keys()), "{ours:?} {theirs:?}");
    for (key, advice) in &ours {
        let version = advice.rsplit(' ').next().filter(|version| !version.is_empty()).unwrap();
        assert!(theirs[key].contains(version), "{key:?}: {advice}, not {}", theirs[key]);
    }
}

/// Its case of a document of VEX: a module of Go as the product, and what it asks for as a part.
#[test]
fn findings_that_a_document_of_vex_denies_are_none_as_for_trivy() {
    let Some((_folder, database)) = database() else { return };
    let data = data("scan/trivy-fs").unwrap();
    let inventory = walk(&data.join("input/gomod"), &[Setting::Declared], &[]);
    let golden = json(&data.join("expected/gomod-vex.json.golden"));
    let mut matches = find(&database, &inventory);
    let path = data.join("vex/file/openvex.json");
    let document = vex::read(&path, &fs::read(&path).unwrap()).unwrap();
    assert_eq!(document.troubles, [""; 0]);
    let subject = Subject {
        name: "gomod".into(),
        purpose: Purpose::Source,
        version: None,
        ids: vec![],
        created: None,
        tool_version: String::new(),
    };
    let applied = vex::apply(&[document], &inventory, &subject, &mut matches);
    assert_eq!((applied.used, matches.suppressed.len()), (vec![1], 1));
    let ours = ours(&matches.findings, &inventory, Files::Told);
    compare(&ours, &theirs(&golden, Files::Told), "gomod-vex", &[]);
}

#[test]
fn findings_of_root_file_systems_are_those_that_trivy_has() {
    let Some((_folder, database)) = database() else { return };
    let data = data("scan/trivy-os").unwrap();
    for name in ["alpine-310", "debian-buster"] {
        let inventory = walk(&data.join("rootfs").join(name), &[Setting::System], &[]);
        let golden = json(&data.join(format!("expected/{name}.json.golden")));
        let matches = find(&database, &inventory);
        let ours = ours(&matches.findings, &inventory, Files::Left);
        assert!(compare(&ours, &theirs(&golden, Files::Left), name, &[]) > 0);
    }
}

fn package(of: &Value) -> Package {
    let version = |version: &str, release: &str, epoch: &str| {
        let epoch = of.get(epoch).and_then(Value::as_u64).filter(|epoch| *epoch > 0);
        let epoch = epoch.map_or_else(String::new, |epoch| format!("{epoch}:"));
        format!("{epoch}{}-{}", text(of, version), text(of, release))
    };
    let own = version("Version", "Release", "Epoch");
    let mut package = Package::new(Kind::Rpm, text(of, "Name"), own);
    package.locations.push(scan::Location { path: String::new(), layer: None });
    package.source = Some(Source {
        name: text(of, "SrcName").to_owned(),
        version: version("SrcVersion", "SrcRelease", "SrcEpoch"),
    });
    package
}

#[test]
fn findings_of_whole_inventories_are_those_that_trivy_has() {
    let Some((_folder, database)) = database() else { return };
    let data = data("scan/trivy-os").unwrap();
    for (packages, name, id, version, known) in [
        // What Red Hat does not mend it tells by the names of what packages are built from.
        (
            "centos-6",
            "centos-6",
            "centos",
            "6.10",
            &["+ glibc-common 2.12-1.212.el6 CVE-2020-29573 end_of_life medium"][..],
        ),
        ("ubi-7", "ubi-7", "rhel", "7.7", &[]),
        ("oraclelinux-8-slim", "oraclelinux-8", "ol", "8.0", &[]),
        ("opensuse-tumbleweed", "opensuse-tumbleweed", "opensuse-tumbleweed", "20240607", &[]),
    ] {
        let golden = json(&data.join(format!("packages/{packages}.json.golden")));
        let packages = golden.as_array().unwrap().iter().map(package).collect();
        let distro = Distro { id: id.into(), version: version.into(), ..Distro::default() };
        let inventory = Inventory { distro: Some(distro), packages, ..Inventory::default() };
        let golden = json(&data.join(format!("expected/{name}.json.golden")));
        let matches = find(&database, &inventory);
        let ours = ours(&matches.findings, &inventory, Files::Left);
        compare(&ours, &theirs(&golden, Files::Left), name, known);
    }
}

/// Where the tree itself is not at hand: of the packages that Trivy finds something in, and from whichever source
/// it takes severities.
#[test]
fn findings_of_packages_are_those_that_trivy_has() {
    let Some((_folder, database)) = database() else { return };
    let expected = data("scan/trivy-fs").unwrap().join("expected");
    let kinds = [("cargo", Kind::Cargo), ("npm", Kind::Npm), ("gomod", Kind::Golang)];
    for (name, known) in [
        ("test-repo", &[][..]),
        // Trivy was asked for severities of Ubuntu.
        (
            "npm-ubuntu-severity",
            &[
                "+ package-lock.json jquery 3.3.9 CVE-2019-11358 fixed medium",
                "- package-lock.json jquery 3.3.9 CVE-2019-11358 fixed low",
            ],
        ),
        ("gomod", &[]),
    ] {
        let golden = json(&expected.join(format!("{name}.json.golden")));
        let mut packages: Vec<Package> = Vec::new();
        for result in list(&golden, "Results") {
            for it in list(result, "Vulnerabilities") {
                let (_, kind) =
                    kinds.iter().find(|(kind, _)| *kind == text(result, "Type")).unwrap();
                let mut package =
                    Package::new(*kind, text(it, "PkgName"), text(it, "InstalledVersion"));
                let path = text(result, "Target").to_owned();
                package.locations.push(scan::Location { path, layer: None });
                if !packages.contains(&package) {
                    packages.push(package);
                }
            }
        }
        let inventory = Inventory { packages, ..Inventory::default() };
        let matches = find(&database, &inventory);
        let ours = ours(&matches.findings, &inventory, Files::Told);
        compare(&ours, &theirs(&golden, Files::Told), name, known);
    }
}

#[test]
fn titles_are_those_that_trivy_has() {
    let Some((_folder, database)) = database() else { return };
    let data = data("scan/trivy-fs").unwrap();
    let mut compared = 0;
    for input in ["npm", "pip", "pom", "gomod"] {
        let inventory = walk(&data.join("input").join(input), &[Setting::Declared], &[]);
        let golden = json(&data.join(format!("expected/{input}.json.golden")));
        let all = list(&golden, "Results").flat_map(|result| list(result, "Vulnerabilities"));
        let theirs: BTreeMap<&str, &str> =
            all.map(|it| (text(it, "VulnerabilityID"), text(it, "Title"))).collect();
        for finding in find(&database, &inventory).findings {
            let title = theirs[finding.id.as_str()];
            // Ours are cut where they are long.
            let own = finding.summary.trim_end_matches('…');
            assert!(
                title.starts_with(own) && own.is_empty() == title.is_empty(),
                "{own}, not {title}"
            );
            compared += 1;
        }
    }
    assert!(compared >= 8, "{compared}");
}

/// Systems whose packages are not at hand: of each package that an advisory tells of, one that is older than what mends
/// the flaw, and one that has that.
#[test]
fn every_system_that_trivy_has_advisories_of_is_matched() {
    let Some((_folder, database)) = database() else { return };
    let mut told: BTreeMap<Space, Vec<(String, String, Option<String>)>> = BTreeMap::new();
    for part in database.parts() {
        part.each_entry(|entry| {
            let Affected { space, package, intervals, status, .. } = entry.affected;
            let fixed = intervals.first().and_then(|it| it.fixed()).map(str::to_owned);
            if status != Status::NotAffected {
                told.entry(space).or_default().push((package, entry.id, fixed));
            }
        })
        .unwrap();
    }
    for (id, version, kind) in [
        ("almalinux", "8.5", Kind::Rpm),
        ("alpine", "3.9.4", Kind::Apk),
        ("alpine", "3.10.2", Kind::Apk),
        ("alpine", "edge", Kind::Apk),
        ("amzn", "2018.03", Kind::Rpm),
        ("amzn", "2", Kind::Rpm),
        ("centos", "6.10", Kind::Rpm),
        ("debian", "9", Kind::Deb),
        ("debian", "10.1", Kind::Deb),
        ("mariner", "1.0.20220122", Kind::Rpm),
        ("ol", "8.0", Kind::Rpm),
        ("opensuse-leap", "15.1", Kind::Rpm),
        ("opensuse-tumbleweed", "20240607", Kind::Rpm),
        ("photon", "3.0", Kind::Rpm),
        ("rhel", "7.7", Kind::Rpm),
        ("rocky", "8.5", Kind::Rpm),
        ("sle-micro", "5.3", Kind::Rpm),
        ("sles", "15.3", Kind::Rpm),
        ("ubuntu", "18.04", Kind::Deb),
        ("ubuntu", "22.04", Kind::Deb),
    ] {
        let distro = Distro { id: id.into(), version: version.into(), ..Distro::default() };
        let space = Space::of_distro(&distro).unwrap();
        let of = told.get(&space).unwrap_or_else(|| panic!("{id} {version}: {space}"));
        let has = |name: &str, version: &str, flaw: &str| {
            let packages = vec![Package::new(kind, name, version)];
            let inventory =
                Inventory { distro: Some(distro.clone()), packages, ..Inventory::default() };
            let found = find(&database, &inventory);
            assert_eq!(found.unscanned, [], "{id} {version}");
            let names = |it: &Finding| it.id == flaw || it.aliases.iter().any(|name| name == flaw);
            found.findings.iter().any(names)
        };
        for (package, flaw, fixed) in of {
            assert!(has(package, "0", flaw), "{space} {package} {flaw}");
            if let Some(fixed) = fixed {
                assert!(!has(package, fixed, flaw), "{space} {package} {flaw} {fixed}");
            }
        }
    }
}
