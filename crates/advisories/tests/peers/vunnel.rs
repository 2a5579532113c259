//! Samples of what feeds publish, and the records that anchore's vunnel makes of them.
//!
//! Compared are packages with the versions that mend each flaw, in each release.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use advisories::{
    Affected, Says, Space, Status,
    db::{Database, Details, Entry},
};
use serde_json::Value;

use super::{data, database, differences, json, list, text};

/// What vunnel calls spaces.
fn space(namespace: &str) -> String {
    let (name, release) = namespace.split_once(':').unwrap_or((namespace, ""));
    match name {
        "alpine" => format!("Alpine:v{release}"),
        "amzn" => format!("Amazon Linux:{release}"),
        "arch" => "Arch Linux".to_owned(),
        "chainguard" => "Chainguard".to_owned(),
        // EPEL is taken for Fedora there.
        "fedora" if release == "7" => "EPEL:7".to_owned(),
        "fedora" => format!("Fedora:{release}"),
        "rhel" => match release.split_once("+eus") {
            Some((release, _)) => format!("Red Hat:rhel_eus:{release}"),
            None => format!("Red Hat:{release}"),
        },
        "ubuntu" => format!("Ubuntu:{release}"),
        "debian" if release == "unstable" => "Debian:sid".to_owned(),
        "debian" => format!("Debian:{release}"),
        "echo" => "Echo".to_owned(),
        "mariner" => format!("Azure Linux:{release}"),
        "minimos" => "MinimOS".to_owned(),
        "ol" => format!("Oracle Linux:{release}"),
        "photon" => format!("Photon OS:{release}"),
        "secureos" => "SecureOS".to_owned(),
        "sles" => format!("SUSE:{release}"),
        "wolfi" => "Wolfi".to_owned(),
        _ => namespace.to_owned(),
    }
}

fn snapshots(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { snapshots(&path, found) } else { found.push(path) }
    }
}

/// `Debian:12 CVE-2022-0456 chromium 98.0.4758.80-1` of each record.
fn theirs(folder: &Path) -> BTreeSet<String> {
    let mut paths = Vec::new();
    snapshots(folder, &mut paths);
    assert!(!paths.is_empty());
    let mut lines = BTreeSet::new();
    for path in paths {
        let record = json(&path);
        let flaw = &record["item"]["Vulnerability"];
        for fixed in list(flaw, "FixedIn") {
            let version = text(fixed, "Version");
            let version = if version == "None" { "" } else { version };
            // An epoch of zero says nothing.
            let version = version.strip_prefix("0:").unwrap_or(version);
            let (space, id) = (space(text(fixed, "NamespaceName")), text(flaw, "Name"));
            let module = text(fixed, "Module");
            lines.insert(format!("{space} {id} {} {version} {module}", text(fixed, "Name")).trim_end().to_owned());
        }
    }
    lines
}

fn ours(database: &Database) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for part in database.parts() {
        part.each_entry(|Entry { id, affected }| {
            let version = affected.intervals.first().and_then(|it| it.fixed());
            let version = match affected.status {
                Status::NotAffected => "0",
                _ => version.map_or("", |it| it.strip_prefix("0:").unwrap_or(it)),
            };
            let Affected { space, package, module, .. } = &affected;
            lines.insert(format!("{space} {id} {package} {version} {module}").trim_end().to_owned());
        })
        .unwrap();
    }
    lines
}

/// Differences of a provider: those with a plus are of what its snapshots leave out.
fn compare(provider: &str, inputs: &[&str], snapshots: &str) -> Vec<String> {
    let Some(folder) = data(&format!("scan/vunnel-feeds/{provider}/test-fixtures")) else {
        return Vec::new();
    };
    let inputs: Vec<PathBuf> = inputs.iter().map(|input| folder.join(input)).collect();
    let (_folder, database) = database(&inputs);
    differences(&ours(&database), &theirs(&folder.join(snapshots)))
}

#[test]
fn lists_of_apk_become_the_records_expected() {
    for (provider, snapshots) in [
        ("wolfi", "snapshots"),
        ("minimos", "snapshots"),
        ("secureos", "snapshots"),
        ("chainguard", "snapshots/secdb"),
        ("alpine", "snapshots"),
    ] {
        let differences = compare(provider, &["input/secdb"], snapshots);
        assert_eq!(differences, [""; 0], "{provider}");
    }
}

#[test]
fn lists_of_distributions_become_the_records_expected() {
    for (provider, input, known) in [
        // A record of an old database of vunnel's own, and of no list.
        (
            "debian",
            "input/debian.json",
            &["- Debian:10 CVE-2012-0833 389_directory_server 1.2.1"][..],
        ),
        ("echo", "input/echo-advisories", &[]),
        ("arch", "input/arch-advisories", &[]),
        // Flaws with no name of CVE count here, and so does that a package has not got one.
        (
            "photon",
            "input",
            &[
                "+ Photon OS:4.0 BDSA-2025-0719 krb5-devel 1.17-15.ph4",
                "+ Photon OS:4.0 CVE-2023-44487 httpd 0",
            ],
        ),
    ] {
        assert_eq!(compare(provider, &[input], "snapshots"), known, "{provider}");
    }
}

/// What a part says of each flaw that a folder of snapshots has a record of.
fn of_flaws(provider: &str, input: &str, snapshots_of: &str) -> Vec<(Value, Details)> {
    let Some(folder) = data(&format!("scan/vunnel-feeds/{provider}/test-fixtures")) else {
        return Vec::new();
    };
    let (_folder, database) = database(&[folder.join(input)]);
    let [part] = database.parts() else { panic!("{database:?}") };
    let mut paths = Vec::new();
    snapshots(&folder.join("snapshots").join(snapshots_of), &mut paths);
    let told = paths.iter().map(|path| {
        let record = json(path);
        let id = text(&record, "identifier").rsplit(['/', ':']).next().unwrap().to_uppercase();
        let details = part.details(std::iter::once(id.as_str())).unwrap().remove(0);
        (record["item"].clone(), details.unwrap_or_else(|| panic!("{id}")))
    });
    told.collect()
}

#[test]
fn catalogues_of_flaws_become_the_records_expected() {
    for (item, details) in of_flaws("kev", "valid-catalog-1.json", "valid-catalog-1") {
        let exploited = details.exploited.unwrap();
        assert_eq!(exploited.since, text(&item, "dateAdded"));
        assert_eq!(exploited.due, text(&item, "dueDate"));
        let by_ransomware = text(&item, "knownRansomwareCampaignUse") == "Known";
        assert_eq!(exploited.by_ransomware, by_ransomware, "{item}");
    }
    for (item, details) in of_flaws("epss", "example-1.csv", "example-1") {
        let likelihood = details.likelihood.unwrap();
        let e5 = |key: &str| (item[key].as_f64().unwrap() * 1e5).round() as u32;
        assert_eq!((likelihood.score_e5, likelihood.percentile_e5), (e5("epss"), e5("percentile")));
    }
}

#[test]
fn scores_of_the_national_database_are_those_that_it_tells() {
    let mut compared = 0;
    for (item, details) in of_flaws("nvd", "full-page.json", "full-page") {
        for metric in list(&item["cve"]["metrics"], "cvssMetricV31") {
            let data = &metric["cvssData"];
            let vector = text(data, "vectorString");
            let told = data["baseScore"].as_f64().unwrap();
            let found = details.ratings.iter().find(|it| it.says == Says::Vector(vector.into()));
            assert_eq!(found.unwrap().score().unwrap().value, told, "{vector}");
            compared += 1;
        }
    }
    assert!(compared > 30 || data("scan/vunnel-feeds").is_none(), "{compared}");
}

/// `Ubuntu:22.04 UBUNTU-CVE-2021-3782 wayland 1.20.0-1ubuntu0.1`, of records in the form of OSV.
fn of_osv(item: &Value) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    // What was taken back says nothing of packages here.
    let is_withdrawn = item.get("withdrawn").is_some_and(Value::is_string);
    for affected in list(item, "affected").filter(|_| !is_withdrawn) {
        let package = &affected["package"];
        let space = Space::of_osv(text(package, "ecosystem"));
        if space.scheme().is_none() {
            continue;
        }
        for range in list(affected, "ranges").filter(|range| text(range, "type") != "GIT") {
            let fixed = list(range, "events").map(|it| text(it, "fixed"));
            let name = space.tidy(text(package, "name"));
            let line = |fixed: &str| format!("{space} {} {name} {fixed}", text(item, "id"));
            lines.extend(fixed.filter(|it| !it.is_empty()).map(line));
        }
    }
    lines
}

#[test]
fn records_in_the_form_of_osv_become_the_records_expected() {
    for (provider, inputs, snapshots_of) in [
        ("chainguard", &["input/osv"][..], "snapshots/osv"),
        ("bitnami", &["vulndb"], "snapshots"),
        ("govulndb", &["vulndb"], "snapshots"),
        ("ubuntu", &["osv", "osv-esm-cases"], "snapshots"),
    ] {
        let Some(folder) = data(&format!("scan/vunnel-feeds/{provider}/test-fixtures")) else {
            return;
        };
        let inputs: Vec<PathBuf> = inputs.iter().map(|input| folder.join(input)).collect();
        let (_folder, database) = database(&inputs);
        let mut paths = Vec::new();
        snapshots(&folder.join(snapshots_of), &mut paths);
        let expected: BTreeSet<String> =
            paths.iter().flat_map(|path| of_osv(&json(path)["item"])).collect();
        let mut found = BTreeSet::new();
        for part in database.parts() {
            part.each_entry(|Entry { id, affected }| {
                let Affected { space, package, intervals, .. } = affected;
                let fixed = intervals.iter().filter_map(|it| it.fixed());
                found.extend(fixed.map(|fixed| format!("{space} {id} {package} {fixed}")));
            })
            .unwrap();
        }
        assert!(!expected.is_empty(), "{provider}");
        let missing: Vec<&String> = expected.difference(&found).collect();
        assert_eq!(missing, [""; 0], "{provider}: {found:#?}");
    }
}

#[test]
fn documents_of_oval_become_the_records_expected() {
    for (provider, input, known) in [
        ("mariner", "mariner-truncated-2.0-oval.xml", &[""; 0][..]),
        ("oracle", "mock_data", &[]),
        // That a package has not got a flaw counts here.
        (
            "sles",
            "suse_truncated.xml",
            &[
                "+ SUSE:15 CVE-1999-0524 kernel-default 0",
                "+ SUSE:15 CVE-1999-0524 kernel-source 0",
            ],
        ),
    ] {
        assert_eq!(compare(provider, &[input], "snapshots"), known, "{provider}");
    }
}

/// What Red Hat's own systems have, as vunnel keeps it; and flaws by their names, where an erratum is told once for each.
#[test]
fn records_of_red_hat_become_the_records_expected() {
    let differences = compare("rhel", &["oval/input/cve/full"], "snapshots");
    assert_eq!(differences, [""; 0]);
}

#[test]
fn updates_of_fedora_and_epel_become_the_records_expected() {
    for (input, snapshots) in [("input", "snapshots/default"), ("merge-input", "snapshots/merge")] {
        assert_eq!(compare("fedora", &[input], snapshots), [""; 0], "{input}");
    }
}

#[test]
fn pages_of_amazon_become_the_records_expected() {
    let inputs = ["input/2_html", "input/2022_html", "input/2023_html"];
    assert_eq!(compare("amazon", &inputs, "snapshots"), [""; 0]);
}

#[test]
fn records_of_ubuntus_tracker_become_the_records_expected() {
    assert_eq!(compare("ubuntu", &["normalized-cve-data"], "snapshots"), [""; 0]);
}
