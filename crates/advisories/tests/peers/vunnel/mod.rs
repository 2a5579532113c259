//! Samples of what feeds publish, and the records that anchore's vunnel makes of them.
//!
//! Compared are packages with the versions that mend each flaw, in each release, and how bad it is. Differences are
//! listed, and have to be there: those with a plus are what we have more.

mod flaws;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::{data, database, differences, json, list, text};
use advisories::{
    Affected, Level, Says, Status,
    db::{Database, Entry},
};

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
            let (package, severity) = (text(fixed, "Name"), text(flaw, "Severity"));
            let module = text(fixed, "Module");
            lines.insert(line([&space, id, package, version, module, severity]));
        }
    }
    lines
}

fn line(parts: [&str; 6]) -> String {
    let told: Vec<&str> = parts.into_iter().filter(|it| !["", "Unknown"].contains(it)).collect();
    told.join(" ")
}

/// How many names an erratum stands for.
#[derive(Clone, Copy, PartialEq)]
enum Errata {
    /// Its own.
    One,
    /// Those of the flaws that it mends.
    Each,
}

/// What parts that tell of flaws alone say of one.
fn word(database: &Database, id: &str) -> Option<Level> {
    let parts = database.parts().iter().filter(|part| part.header().spaces.is_empty());
    let details = parts.filter_map(|part| part.details(std::iter::once(id)).unwrap().remove(0));
    let ratings: Vec<_> = details.flat_map(|it| it.ratings).collect();
    ratings.iter().find_map(|it| if let Says::Level(level) = it.says { Some(level) } else { None })
}

fn ours(database: &Database, errata: Errata) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for part in database.parts() {
        let mut entries = Vec::new();
        part.each_entry(|entry| entries.push(entry)).unwrap();
        for Entry { id, affected } in entries {
            let version = affected.intervals.first().and_then(|it| it.fixed());
            let version = match affected.status {
                Status::NotAffected => "0",
                _ => version.map_or("", |it| it.strip_prefix("0:").unwrap_or(it)),
            };
            let Affected { space, package, module, level, .. } = &affected;
            let level = level.or_else(|| word(database, &id)).map_or("", |level| level.name());
            let level = [
                level.get(..1).unwrap_or_default().to_uppercase(),
                level.get(1..).unwrap_or_default().to_owned(),
            ]
            .concat();
            let ids = match errata {
                Errata::One => vec![id],
                Errata::Each => {
                    part.details(std::iter::once(id.as_str())).unwrap().remove(0).unwrap().covers
                }
            };
            for id in ids {
                lines.insert(line([space.as_str(), &id, package, version, module, &level]));
            }
        }
    }
    lines
}

/// Differences of a provider: those with a plus are of what its snapshots leave out.
fn compare(provider: &str, inputs: &[&str], snapshots: &str, known: &[&str]) {
    compare_errata(provider, inputs, snapshots, Errata::One, known);
}

fn compare_errata(
    provider: &str,
    inputs: &[&str],
    snapshots: &str,
    errata: Errata,
    known: &[&str],
) {
    let Some(folder) = data(&format!("scan/vunnel-feeds/{provider}/test-fixtures")) else { return };
    let inputs: Vec<PathBuf> = inputs.iter().map(|input| folder.join(input)).collect();
    let (_folder, database) = database(&inputs);
    let mut ours = ours(&database, errata);
    // What is for other who pay for longer, and other products, is not kept there.
    ours.retain(|line| !line.starts_with("Red Hat:rhel_") || line.starts_with("Red Hat:rhel_eus:"));
    let found = differences(&ours, &theirs(&folder.join(snapshots)));
    assert_eq!(found, known, "{provider}");
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
        compare(provider, &["input/secdb"], snapshots, &[]);
    }
}

#[test]
fn lists_of_distributions_become_the_records_expected() {
    for (provider, input, known) in [
        // A record of an old database of vunnel's own, and of no list.
        (
            "debian",
            "input/debian.json",
            &["- Debian:10 CVE-2012-0833 389_directory_server 1.2.1 Negligible"][..],
        ),
        ("echo", "input/echo-advisories", &[]),
        ("arch", "input/arch-advisories", &[]),
        // Flaws with no name of CVE count here, and so does that a package has not got one.
        (
            "photon",
            "input",
            &[
                "+ Photon OS:4.0 BDSA-2025-0719 krb5-devel 1.17-15.ph4",
                "+ Photon OS:4.0 CVE-2023-44487 httpd 0 High",
            ],
        ),
    ] {
        compare(provider, &[input], "snapshots", known);
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
                "+ SUSE:15 CVE-1999-0524 kernel-default 0 Medium",
                "+ SUSE:15 CVE-1999-0524 kernel-source 0 Medium",
            ],
        ),
    ] {
        compare(provider, &[input], "snapshots", known);
    }
}

#[test]
fn records_of_red_hat_become_the_records_expected() {
    compare("rhel", &["oval/input/cve/full"], "snapshots", &[]);
}

#[test]
fn updates_of_fedora_and_epel_become_the_records_expected() {
    compare_errata("fedora", &["input"], "snapshots/default", Errata::Each, &[]);
    // Of two updates that mend one flaw, each has the severity that it tells; there, both have that of the first,
    // which tells none.
    let low = ["cross-binutils 2.27-9.el7.1", "cross-gcc 4.8.5-16.el7.1"];
    let flaws = ["CVE-2014-8501", "CVE-2014-8502", "CVE-2014-8503", "CVE-2014-8504"];
    let line = |sign: &'static str, end: &'static str| {
        flaws.iter().flat_map(move |flaw| low.map(|it| format!("{sign} EPEL:7 {flaw} {it}{end}")))
    };
    let known: Vec<String> = line("+", " Low").chain(line("-", "")).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    compare_errata("fedora", &["merge-input"], "snapshots/merge", Errata::Each, &known);
}

#[test]
fn pages_of_amazon_become_the_records_expected() {
    let inputs = ["input/2_html", "input/2022_html", "input/2023_html"];
    compare("amazon", &inputs, "snapshots", &[]);
}

#[test]
fn records_of_ubuntus_tracker_become_the_records_expected() {
    // That a package has not got a flaw counts here.
    let known = ["+ Ubuntu:18.04 CVE-2022-31258 check-mk 0 High"];
    compare("ubuntu", &["normalized-cve-data"], "snapshots", &known);
}

/// Where no records stand beside the samples: how many lines they make, and some of these.
#[test]
fn samples_without_records_say_what_stands_in_them() {
    for (provider, input, count, some) in [
        (
            "hummingbird",
            "input",
            3,
            &[
                "Hummingbird:1 CVE-2026-12345 otherpkg 0 Medium",
                "Hummingbird:1 CVE-2026-12345 testpkg 1.2.3-1.hum1 Medium",
                "Red Hat:9 CVE-2026-12345 otherpkg Medium",
            ][..],
        ),
        (
            "rocky",
            "osv",
            5,
            &[
                "Rocky Linux:8 RLSA-2021:3891 java-11-openjdk 1:11.0.13.0.8-1.el8_4 High",
                "Rocky Linux:9 RLSA-2024:3671 ruby 3.3.1-2.module+el9.4.0+20787+4c237fd3 Medium",
            ],
        ),
        // What mends bugs alone (ALBA) is left out.
        (
            "alma",
            "osv-database",
            16,
            &[
                "AlmaLinux:8 ALSA-2023:4520 python3-requests 2.20.0-3.el8_8 Medium",
                "AlmaLinux:8 ALSA-2023:5259 mariadb 3:10.3.39-1.module_el8.8.0+3609+204d4ab0 Medium",
            ],
        ),
        // An erratum for two processors has other versions for each.
        (
            "oracle",
            "mock_per_arch_data",
            54,
            &[
                "Oracle Linux:10 ELSA-2025-10073 firefox 128.12.0-1.0.1.el10_0 High",
                "Oracle Linux:7 ELSA-2022-4803 rsyslog 8.24.0-57.0.1.el7_9.3 High",
                "Oracle Linux:7 ELSA-2022-4803 rsyslog 8.24.0-57.0.4.el7_9.3 High",
            ],
        ),
        // Only packages of that kind are compared with them; vunnel leaves them out.
        (
            "oracle",
            "mock_ksplice_data",
            6,
            &["Oracle Linux:8 ELSA-2021-9151 openssl 2:1.1.1g-15.ksplice1.el8_3 High"],
        ),
        (
            "rhel",
            "csaf/hydra",
            17,
            &[
                "Red Hat:9 CVE-2024-8088 python3.9 3.9.18-3.el9_4.5 Medium",
                "Red Hat:9 CVE-2024-8088 python3.9 3.9.19-8.el9 Medium",
                "Red Hat:rhel_els:6 CVE-2021-25220 bind 32:9.8.2-0.68.rc1.el6_10.17 Medium",
            ],
        ),
        (
            "rhel",
            "csaf/advisories",
            107,
            &[
                "Red Hat:9 RHSA-2024:6163 python3.9 3.9.18-3.el9_4.5 Medium",
                "Red Hat:8 RHSA-2023:7025 ruby 2.5.9-111.module+el8.9.0+19193+435404ae ruby:2.5 Medium",
                "Red Hat:8 RHSA-2024:1431 ruby 3.1.4-142.module+el8.9.0+21471+7d1e4a35 ruby:3.1 Medium",
                "Red Hat:rhel_els:6 RHSA-2025:23414 bind-libs 32:9.8.2-0.68.rc1.el6_10.17 High",
            ],
        ),
    ] {
        let Some(folder) = data(&format!("scan/vunnel-feeds/{provider}/test-fixtures")) else {
            return;
        };
        let (_folder, database) = database(&[folder.join(input)]);
        let ours = ours(&database, Errata::One);
        let missing: Vec<&&str> = some.iter().filter(|line| !ours.contains(**line)).collect();
        assert!(missing.is_empty(), "{provider}: {missing:?} {ours:#?}");
        assert_eq!(ours.len(), count, "{provider} {input}");
    }
}
