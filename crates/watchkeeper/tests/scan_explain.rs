//! `watchkeeper scan explain`, as a person meets it.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    fs,
    process::{Command, Output},
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder with a database of npm and Debian 12, and a list of packages.
struct Fixture(TempDir);

impl Fixture {
    fn new() -> Self {
        let fixture = Self(tempfile::tempdir().unwrap());
        fixture
            .write("feeds/npm/GHSA-aaaa.json", &osv("GHSA-aaaa", "CVE-2026-1", "left", "1.10.0"));
        fixture.write("feeds/npm/GHSA-bbbb.json", &osv("GHSA-bbbb", "CVE-2026-2", "left", "1.1.0"));
        fixture
            .write("feeds/npm/GHSA-cccc.json", &osv("GHSA-cccc", "CVE-2026-3", "other", "2.0.0"));
        let mut withdrawn = osv("GHSA-dddd", "CVE-2026-4", "right", "2.0.0");
        withdrawn["withdrawn"] = json!("2026-02-03T00:00:00Z");
        fixture.write("feeds/npm/GHSA-dddd.json", &withdrawn);
        let of = |status: &str, fixed: &str| {
            json!({"releases": {"bookworm":
            {"status": status, "fixed_version": fixed, "urgency": "low", "repositories": {}}}})
        };
        let tracker = json!({"openssl": {
            "CVE-2026-7": of("resolved", "3.0.15-1"),
            "CVE-2026-8": of("resolved", "3.0.11-1"),
            "CVE-2026-9": of("open", ""),
            "CVE-2026-10": of("resolved", "0"),
        }});
        fixture.write("feeds/debian.json", &tracker);
        let purls = [
            "pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12&upstream=openssl",
            "pkg:npm/left@1.2.0",
            "pkg:npm/right@1.0.0",
            "pkg:pypi/django@4.0",
        ];
        let components = purls.map(|purl| json!({"type": "library", "name": "x", "purl": purl}));
        let list =
            json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components});
        fixture.write("app.json", &list);
        let output = fixture.run(&["db", "import", "feeds"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        fixture
    }

    fn write(&self, name: &str, document: &Value) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, document.to_string()).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
        command.current_dir(self.0.path()).env("WATCHKEEPER_DB", self.0.path().join("db"));
        command.args(arguments).output().unwrap()
    }

    fn explain(&self, id: &str, package: &str, more: &[&str]) -> Output {
        self.run(&[&["scan", "explain", id, package, "--target", "app.json"], more].concat())
    }

    /// The text of an answer that ends with this code.
    fn text(&self, id: &str, package: &str, more: &[&str], code: i32) -> String {
        let output = self.explain(id, package, more);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn osv(id: &str, alias: &str, package: &str, fixed: &str) -> Value {
    json!({
        "id": id,
        "modified": "2026-01-01T00:00:00Z",
        "aliases": [alias],
        "summary": format!("of {package}\u{1b}[31m"),
        "database_specific": {"severity": "HIGH"},
        "affected": [{
            "package": {"ecosystem": "npm", "name": package},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
        }],
    })
}

#[test]
fn a_finding_is_explained_by_the_line_and_the_comparison_that_give_it() {
    let fixture = Fixture::new();
    let expected = "\
CVE-2026-7 in libssl3 3.0.11-1: REPORTED, low (says Debian), upgrade to 3.0.15-1
  package: deb, amd64, built from openssl 3.0.11-1
  asked: Debian:12: debian
  1. debian: CVE-2026-7 of openssl 3.0.11-1 in Debian:12
     affected: < 3.0.15-1; low
     3.0.11-1 < 3.0.15-1 by the order of dpkg: it has the flaw, and 3.0.15-1 mends it
     counts: the finding is made of it
  reported because of 1

known as such:
  debian: CVE-2026-7
";
    for package in ["libssl3", "openssl", "libssl3@3.0.11-1", "pkg:deb/debian/libssl3"] {
        assert_eq!(fixture.text("CVE-2026-7", package, &[], 0), expected, "{package}");
    }
    // Any name of it will do, in any letters, and what comes from outside is escaped.
    for id in ["CVE-2026-1", "GHSA-aaaa", "ghsa-AAAA", "cve-2026-1"] {
        let text = fixture.text(id, "left", &[], 0);
        assert!(text.starts_with("CVE-2026-1"), "{id}: {text}");
        assert!(text.contains("in left 1.2.0: REPORTED, high"), "{id}: {text}");
        assert!(text.contains("1.2.0 < 1.10.0 by the order of npm"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}

#[test]
fn what_is_no_finding_is_explained_as_well() {
    let fixture = Fixture::new();
    for (id, package, code, expected) in [
        (
            "CVE-2026-8",
            "libssl3",
            0,
            &["NOT REPORTED: it has what mends it", "3.0.11-1 = 3.0.11-1"][..],
        ),
        ("GHSA-bbbb", "left", 0, &["it has what mends it", "1.2.0 > 1.1.0 by the order of npm"]),
        (
            "CVE-2026-10",
            "libssl3",
            0,
            &["NOT REPORTED: whoever makes it says that it is not affected"],
        ),
        ("CVE-2026-9", "libssl3", 0, &["REPORTED, low", "no version mends it yet"]),
        (
            "CVE-2026-3",
            "left",
            0,
            &["nothing is said of this package", "other in npm (osv-npm: GHSA-cccc)"],
        ),
        ("GHSA-cccc", "left", 0, &["nothing is said of this package", "known as such"]),
        ("GHSA-dddd", "right", 0, &["it was taken back", "taken back 2026-02-03"]),
        (
            "CVE-2026-1",
            "django",
            3,
            &[
                "UNKNOWN: nothing is known of this package",
                "PyPI: the database has nothing of it",
                "neither reported nor clean",
            ],
        ),
    ] {
        let text = fixture.text(id, package, &[], code);
        for part in expected {
            assert!(text.contains(part), "{id} {package}: {part}: {text}");
        }
    }
}

#[test]
fn what_cannot_be_answered_is_told_with_what_may_have_been_meant() {
    let fixture = Fixture::new();
    for (id, package, expected) in [
        ("CVE-1999-1", "left", "CVE-1999-1: no feed of the database knows that name"),
        ("CVE-2026-1", "lefft", "no such package in app.json; did you mean left?"),
        ("CVE-2026-1", "left@9", "installed is left 1.2.0"),
        ("CVE-2026-1", "zzz", "--list-packages lists what is installed"),
        ("CVE-2026-1", "pkg:npm", "is no package URL"),
        (" ", "left", "the name of the flaw is empty"),
    ] {
        let output = fixture.explain(id, package, &[]);
        assert_eq!(output.status.code(), Some(2), "{id} {package}");
        assert!(stderr(&output).contains(expected), "{id} {package}: {}", stderr(&output));
    }
    let output = fixture.explain("CVE-2026-1", "left", &["--db", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no database of advisories"), "{}", stderr(&output));
}

#[test]
fn what_others_say_of_it_is_part_of_the_answer() {
    let fixture = Fixture::new();
    let vex = |status: &str| {
        json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:x", "author": "Acme",
        "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [{
            "vulnerability": {"name": "CVE-2026-1"}, "products": [{"@id": "pkg:npm/left@1.2.0"}],
            "status": status, "justification": "vulnerable_code_not_present",
            "action_statement": "wait"}]})
    };
    fixture.write("not.json", &vex("not_affected"));
    fixture.write("is.json", &vex("affected"));
    let text = fixture.text("CVE-2026-1", "left", &["--vex", "not.json"], 0);
    assert!(text.contains("NOT REPORTED: suppressed"), "{text}");
    assert!(text.contains("not.json (statements[0]) says not affected"), "{text}");
    let text = fixture.text("CVE-2026-1", "left", &["--vex", "is.json"], 0);
    assert!(text.contains("REPORTED, high") && text.contains("says: affected"), "{text}");
    fs::write(
        fixture.0.path().join(".watchkeeper.yaml"),
        "ignore:\n  - id: GHSA-aaaa\n    reason: tests alone\n  - id: CVE-9\n    reason: of others\n",
    )
    .unwrap();
    let output = fixture.explain("CVE-2026-1", "left", &[]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("ignored by .watchkeeper.yaml:2:5: tests alone"), "{text}");
    // That other entries are of nothing that was asked about is no news.
    assert!(!stderr(&output).contains("CVE-9"), "{}", stderr(&output));
}

#[test]
fn an_answer_is_told_for_programs() {
    let fixture = Fixture::new();
    let text = fixture.text("GHSA-aaaa", "left", &["--format", "json"], 0);
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&document["format"], &document["id"]), (&json!("1.0"), &json!("GHSA-aaaa")));
    let package = &document["packages"][0];
    assert_eq!(package["package"]["name"], "left");
    assert_eq!(
        package["asked"],
        json!([{"space": "npm", "role": "own", "known": true, "whole": true}])
    );
    let answer = &package["answers"][0];
    assert_eq!((&answer["outcome"], &answer["because"]), (&json!("reported"), &json!([1])));
    let line = &answer["lines"][0];
    let comparison = json!([{"installed": "1.2.0", "sign": "<", "told": "1.10.0", "within": true}]);
    assert_eq!(line["comparisons"], comparison);
    assert_eq!((&line["reading"], &line["weight"]), (&json!("within"), &json!("counts")));
    // The finding is the one that a scan of the same has.
    let scan = fixture.run(&["scan", "sbom", "app.json", "--format", "json"]);
    let scan: Value = serde_json::from_slice(&scan.stdout).unwrap();
    let found = scan["findings"].as_array().unwrap();
    assert!(found.contains(&answer["finding"]), "{answer}");
    let silent = fixture.text("CVE-2026-3", "left", &["--format", "json"], 0);
    let silent: Value = serde_json::from_str(&silent).unwrap();
    assert_eq!(silent["packages"][0]["answers"][0]["outcome"], "not_told");
    assert_eq!(silent["said_of_others"][0]["package"], "other");
}
