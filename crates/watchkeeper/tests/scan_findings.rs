//! `watchkeeper db` and the findings of `watchkeeper scan`, as a person meets them.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::{Value, json};
use tempfile::TempDir;

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with a database of three feeds, and a list of packages.
struct Fixture {
    folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        fixture.write("feeds/npm/GHSA-1.json", &osv("GHSA-1", "npm", "left", "1.10.0", "CRITICAL"));
        fixture.write("feeds/npm/GHSA-2.json", &osv("GHSA-2", "npm", "left", "1.9.0", "LOW"));
        let tracker = json!({"bash": {"CVE-2026-7": {"releases": {"bookworm":
            {"status": "open", "urgency": "unimportant", "repositories": {}}}}}});
        fixture.write("feeds/debian.json", &tracker);
        let kev = json!({"catalogVersion": "1", "dateReleased": "2026-01-01T00:00:00Z", "vulnerabilities":
            [{"cveID": "CVE-GHSA-1", "dateAdded": "2026-01-01", "dueDate": "2026-02-01"}]});
        fixture.write("feeds/kev.json", &kev);
        let purls = [
            "pkg:deb/debian/bash@5.2-1?distro=debian-12",
            "pkg:npm/left@1.2.0",
            "pkg:npm/right@1.0.0",
        ];
        let components = purls.map(|purl| json!({"type": "library", "name": "x", "purl": purl}));
        let list =
            json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components});
        fixture.write("app.json", &list);
        fixture
    }

    fn write(&self, name: &str, document: &Value) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, document.to_string()).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
        command.current_dir(self.folder.path()).env("WATCHKEEPER_DB", self.path("db"));
        command.args(arguments).output().unwrap()
    }

    fn imported(self) -> Self {
        let output = self.run(&["db", "import", "feeds"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        self
    }

    fn scan(&self, more: &[&str]) -> Output {
        self.run(&[&["scan", "sbom", "app.json"], more].concat())
    }
}

fn osv(id: &str, ecosystem: &str, package: &str, fixed: &str, severity: &str) -> Value {
    json!({
        "id": id,
        "modified": "2026-01-01T00:00:00Z",
        "aliases": [format!("CVE-{id}")],
        "summary": format!("of {package}\u{1b}[31m"),
        "database_specific": {"severity": severity},
        "affected": [{
            "package": {"ecosystem": ecosystem, "name": package},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
        }],
    })
}

#[test]
fn findings_are_told_for_programs() {
    let fixture = Fixture::new().imported();
    let output = fixture.scan(&["--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = document["findings"].as_array().unwrap();
    let told: Vec<_> = findings
        .iter()
        .map(|it| (it["package"]["name"].as_str(), it["id"].as_str(), it["status"].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Some("bash"), Some("CVE-2026-7"), Some("affected")),
            (Some("left"), Some("CVE-GHSA-1"), Some("fixed")),
            (Some("left"), Some("CVE-GHSA-2"), Some("fixed")),
        ]
    );
    assert_eq!(findings[1]["aliases"], json!(["GHSA-1"]));
    assert_eq!(findings[1]["fixed_version"], "1.10.0");
    assert_eq!(findings[1]["severity"], "critical");
    assert_eq!(findings[1]["kev"]["since"], "2026-01-01");
    assert_eq!(findings[0]["severity"], "negligible");
    assert_eq!(document["unscanned"], json!([]));
    assert_eq!(document["feeds"].as_array().unwrap().len(), 3);
}

#[test]
fn findings_are_told_for_people_with_what_to_upgrade_first() {
    let fixture = Fixture::new().imported();
    let output = fixture.scan(&[]);
    let table = stdout(&output);
    assert!(table.starts_with("Debian 12"), "{table}");
    assert!(table.contains("3 findings: 1 critical, 1 low, 1 negligible"), "{table}");
    assert!(table.contains("left 1.2.0 to 1.10.0 mends 2, critical at worst"), "{table}");
    let worst = table.lines().find(|line| line.starts_with("left")).unwrap();
    assert!(worst.contains("CVE-GHSA-1") && worst.contains("EXPLOITED"), "{table}");
    assert!(!table.contains('\u{1b}'), "what comes from outside is escaped: {table}");
}

#[test]
fn what_is_asked_for_fails() {
    let fixture = Fixture::new().imported();
    for (gates, code) in [
        (&["critical"][..], 1),
        (&["kev"], 1),
        (&["low,kev"], 1),
        (&["malicious"], 0),
        (&["malicious", "any"], 1),
        (&["epss=0.5"], 0),
        (&["unscanned"], 0),
        (&["grave"], 2),
    ] {
        let gates = gates.iter().flat_map(|gate| ["--fail-on", gate]).collect::<Vec<_>>();
        let output = fixture.scan(&gates);
        assert_eq!(output.status.code(), Some(code), "{gates:?}: {}", stderr(&output));
    }
}

#[test]
fn packages_that_nothing_is_known_of_are_unscanned_and_not_clean() {
    let fixture = Fixture::new();
    let output = fixture.run(&["db", "import", "feeds/npm", "feeds/kev.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let output = fixture.scan(&["--format", "json"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = json!([{"type": "deb", "space": "Debian:12", "packages": 1,
        "reason": "the database has nothing of that"}]);
    assert_eq!(document["unscanned"], expected);
    assert!(stderr(&output).contains("1 unscanned package"), "{}", stderr(&output));
    assert_eq!(fixture.scan(&["--fail-on", "unscanned"]).status.code(), Some(1));
}

#[test]
fn without_a_database_a_scan_says_how_to_make_one() {
    let fixture = Fixture::new();
    let output = fixture.scan(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("watchkeeper db import"), "{}", stderr(&output));
    assert_eq!(fixture.scan(&["--list-packages"]).status.code(), Some(0));
    let output = fixture.imported().scan(&["--format", "spdx"]);
    assert!(stderr(&output).contains("--list-packages"), "{}", stderr(&output));
}

#[test]
fn a_feed_that_is_not_whole_leaves_what_was_there() {
    let fixture = Fixture::new().imported();
    fs::write(fixture.path("feeds/debian.json"), r#"{"bash": {"CVE-1": {"releases": {}, "urgency"#)
        .unwrap();
    let output = fixture.run(&["db", "import", "feeds/debian.json", "feeds/npm"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("feeds/debian.json"), "{}", stderr(&output));
    let output = fixture.run(&["db", "status", "--format", "json"]);
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    let debian = &status["feeds"][0];
    assert_eq!((debian["name"].as_str(), debian["entries"].as_u64()), (Some("debian"), Some(1)));
    assert!(stdout(&fixture.run(&["db", "status"])).contains("just now"));
    let output = fixture.run(&["db", "import", "app.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("app.json: is of no feed that is known"),
        "{}",
        stderr(&output)
    );
}
