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
    assert!(table.contains("3 findings, 1 exploited: 1 critical, 1 low, 1 negligible"), "{table}");
    let upgrade = "left           1.2.0      1.10.0  2, 1 exploited, critical at worst\n";
    assert!(table.contains(upgrade), "{table}");
    let worst = "\nSEVERITY            ID          PACKAGE  INSTALLED  FIXED IN  ABOUT\n\
                 critical EXPLOITED  CVE-GHSA-1  left     1.2.0      1.10.0    of left";
    assert!(table.contains(worst), "{table}");
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
        (&["unscanned"], 0),
        (&["grave"], 2),
    ] {
        let gates = gates.iter().flat_map(|gate| ["--fail-on", gate]).collect::<Vec<_>>();
        let output = fixture.scan(&gates);
        assert_eq!(output.status.code(), Some(code), "{gates:?}: {}", stderr(&output));
    }
}

#[test]
fn what_cannot_be_answered_does_not_pass() {
    let fixture = Fixture::new();
    fixture.write("feeds/npm/GHSA-3.json", &osv("GHSA-3", "npm", "right", "2.0.0", ""));
    let fixture = fixture.imported();
    let output = fixture.scan(&["--fail-on", "epss=0.1"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("db update --only epss"), "{}", stderr(&output));
    fs::remove_file(fixture.path("feeds/kev.json")).unwrap();
    let without = fixture.run(&["db", "import", "feeds", "--db", "without"]);
    assert_eq!(without.status.code(), Some(0), "{}", stderr(&without));
    let output = fixture.scan(&["--fail-on", "high,kev", "--db", "without"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("known to be exploited"), "{}", stderr(&output));
    // How bad one is nobody says.
    for (gate, code) in [("unknown", 1), ("unknown,kev", 0), ("CRITICAL", 1)] {
        let output = fixture.scan(&["--fail-on", gate]);
        assert_eq!(output.status.code(), Some(code), "{gate}: {}", stderr(&output));
    }
}

#[test]
fn where_nothing_is_found_nothing_is_clean() {
    let fixture = Fixture::new().imported();
    fs::create_dir_all(fixture.path("empty")).unwrap();
    fixture.write("none.json", &json!({"bomFormat": "CycloneDX", "specVersion": "1.5"}));
    fixture.write("tree/package.json", &json!({"dependencies": {"left": "^1.0.0"}}));
    for (target, expected) in [
        (["rootfs", "empty"], "empty: no package was found: nothing in it says what is installed"),
        (["sbom", "none.json"], "none.json: no package was found: the list is empty"),
        (["repo", "tree"], "package.json: asks for a package, and no lock file says"),
    ] {
        let output = fixture.run(&[&["scan"], &target[..]].concat());
        assert_eq!(output.status.code(), Some(3), "{target:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{target:?}: {}", stderr(&output));
        let gated = fixture.run(&[&["scan"], &target[..], &["--fail-on", "unscanned"]].concat());
        assert_eq!(gated.status.code(), Some(1), "{target:?}: {}", stderr(&gated));
    }
    let listed = fixture.run(&["scan", "rootfs", "empty", "--list-packages"]);
    assert_eq!(listed.status.code(), Some(0), "{}", stderr(&listed));
    assert!(stderr(&listed).contains("no package was found"), "{}", stderr(&listed));
}

#[test]
fn the_module_of_a_source_tree_needs_no_version() {
    let fixture = Fixture::new();
    fixture.write("feeds/Go/GO-1.json", &osv("GO-1", "Go", "example.org/used", "1.2.0", "HIGH"));
    let fixture = fixture.imported();
    let text = "module example.org/own\n\ngo 1.22\n\nrequire example.org/used v1.3.0\n";
    fs::create_dir_all(fixture.path("tree")).unwrap();
    fs::write(fixture.path("tree/go.mod"), text).unwrap();
    let output = fixture.run(&["scan", "repo", "tree"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
}

#[test]
fn the_exit_code_is_the_same_when_nobody_reads_to_the_end() {
    let fixture = Fixture::new().imported();
    for (more, code) in [(&["--fail-on", "critical"][..], 1), (&[], 0)] {
        for format in ["table", "json", "sarif", "junit", "html"] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
            command.current_dir(fixture.folder.path()).env("WATCHKEEPER_DB", fixture.path("db"));
            command.args(["scan", "sbom", "app.json", "--format", format]).args(more);
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let output = command.stdout(writer).output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{format}: {}", stderr(&output));
            assert!(!stderr(&output).contains("pipe"), "{format}: {}", stderr(&output));
        }
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
        "reason": "the database has nothing of that", "which": [{"name": "bash", "version": "5.2-1",
        "purl": "pkg:deb/debian/bash@5.2-1?distro=debian-12"}]}]);
    assert_eq!(document["unscanned"], expected);
    let table = stdout(&fixture.scan(&[]));
    let told = "unscanned: 1 package of deb (Debian:12), bash: the database has nothing of that";
    assert!(table.contains(told), "{table}");
    assert!(stderr(&output).contains("1 unscanned package"), "{}", stderr(&output));
    assert_eq!(fixture.scan(&["--fail-on", "unscanned"]).status.code(), Some(1));
}

#[test]
fn without_a_database_a_scan_says_how_to_make_one() {
    let fixture = Fixture::new();
    let output = fixture.scan(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("watchkeeper db update"), "{}", stderr(&output));
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
        stderr(&output).contains("app.json: is a list of packages (SBOM), and of no feed"),
        "{}",
        stderr(&output)
    );
}

fn openvex(status: &str) -> Value {
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:x", "author": "Acme",
        "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [{
            "vulnerability": {"name": "CVE-GHSA-1"}, "products": [{"@id": "pkg:npm/left@1.2.0"}],
            "status": status, "justification": "vulnerable_code_not_present",
            "action_statement": "wait"}]})
}

#[test]
fn what_documents_of_vex_settle_is_no_finding_and_is_counted() {
    let fixture = Fixture::new().imported();
    fixture.write("vex.json", &openvex("not_affected"));
    let output = fixture.scan(&["--vex", "vex.json", "--format", "json", "--fail-on", "critical"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["findings"].as_array().unwrap().len(), 2);
    let by = json!({"means": "vex", "source": "vex.json", "place": "statements[0]", "author": "Acme",
        "status": "not_affected", "justification": "vulnerable_code_not_present", "reason": "wait",
        "time": "2026-01-01T00:00:00Z"});
    assert_eq!(document["suppressed"][0]["by"], by);
    assert_eq!(document["suppressed"][0]["id"], "CVE-GHSA-1");
    assert!(stderr(&output).contains("1 of 1 statement is of something"), "{}", stderr(&output));
    assert!(stdout(&fixture.scan(&["--vex", "vex.json"])).contains("1 negligible; 1 suppressed"));
    fixture.write("affected.json", &openvex("affected"));
    let output = fixture.scan(&["--vex", "vex.json", "--vex", "affected.json", "--fail-on", "kev"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("at the same time that it is not_affected"));
}

#[test]
fn what_is_written_as_openvex_says_the_same_when_it_is_read() {
    let fixture = Fixture::new().imported();
    fixture.write("vex.json", &openvex("not_affected"));
    let output = fixture.scan(&["--vex", "vex.json", "--format", "openvex"]);
    fs::write(fixture.path("written.json"), &output.stdout).unwrap();
    let findings = |vex: &str| stdout(&fixture.scan(&["--vex", vex, "--format", "json"]));
    let (first, again) = (findings("vex.json"), findings("written.json"));
    let ids = |text: &str| -> Vec<Value> {
        let document: Value = serde_json::from_str(text).unwrap();
        document["findings"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect()
    };
    assert_eq!(ids(&first), ids(&again));
}

#[test]
fn what_cannot_be_read_as_vex_or_as_ignores_is_told() {
    let fixture = Fixture::new().imported();
    fs::write(fixture.path("empty"), "").unwrap();
    fs::write(fixture.path("broken"), "{\"@context\": ").unwrap();
    fs::write(fixture.path("ignore.yaml"), "ignore:\n  - id: A\n    resaon: x\n").unwrap();
    for (option, file, expected) in [
        ("--vex", "no-such", "no-such: No such file"),
        ("--vex", "feeds", "feeds: Is a directory"),
        ("--vex", "empty", "empty: it is empty"),
        ("--vex", "broken", "broken: is no JSON"),
        ("--vex", "app.json", ""),
        ("--vex", "feeds/kev.json", "is no document of VEX that is known"),
        ("--ignore-file", "no-such", "no-such: No such file"),
        ("--ignore-file", "feeds", "feeds: Is a directory"),
        (
            "--ignore-file",
            "ignore.yaml",
            "ignore.yaml:3:5: unknown key 'resaon'; did you mean 'reason'?",
        ),
    ] {
        let output = fixture.scan(&[option, file]);
        let code = if expected.is_empty() { 0 } else { 2 };
        assert_eq!(output.status.code(), Some(code), "{file}: {}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}

#[test]
fn what_is_ignored_is_counted_and_what_expired_or_is_unused_is_told() {
    let fixture = Fixture::new().imported();
    let text = "ignore:\n  - {id: GHSA-1, package: left, reason: mitigated, expires: 2999-01-01}\n  - {id: \
                CVE-GHSA-2, reason: old, expires: 2020-01-01}\n  - {purl: 'pkg:npm/none', reason: x}\n";
    fs::write(fixture.path(".watchkeeper.yaml"), text).unwrap();
    let output = fixture.scan(&["--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["findings"].as_array().unwrap().len(), 2);
    let by = json!({"means": "ignore", "source": ".watchkeeper.yaml", "place": "2:5",
        "reason": "mitigated", "expires": "2999-01-01"});
    assert_eq!(document["suppressed"][0]["by"], by);
    let told = stderr(&output);
    assert!(told.contains(".watchkeeper.yaml:3:5: CVE-GHSA-2 expired 2020-01-01"), "{told}");
    assert!(
        told.contains(".watchkeeper.yaml:4:5: pkg:npm/none is of nothing that was found"),
        "{told}"
    );
    let all = fixture.scan(&["--ignore-file", "/dev/null", "--format", "json"]);
    let document: Value = serde_json::from_slice(&all.stdout).unwrap();
    assert_eq!(document["findings"].as_array().unwrap().len(), 3);
}

#[test]
fn every_form_tells_findings_what_is_unscanned_and_what_ended_the_same_each_time() {
    let fixture = Fixture::new();
    let old = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
        {"type": "library", "name": "x", "purl": "pkg:deb/debian/bash@4.3-1?distro=debian-8"},
        {"type": "library", "name": "x", "purl": "pkg:npm/left@1.2.0"}]});
    fixture.write("old.json", &old);
    let output = fixture.run(&["db", "import", "feeds/npm", "feeds/kev.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for format in ["table", "json", "sarif", "cyclonedx", "junit", "github", "html", "openvex"] {
        let scan = || fixture.run(&["scan", "sbom", "old.json", "--format", format]);
        let (first, again) = (scan(), scan());
        assert_eq!(first.status.code(), Some(3), "{format}: {}", stderr(&first));
        assert_eq!(first.stdout, again.stdout, "{format}");
        let text = stdout(&first);
        assert!(text.contains("CVE-GHSA-1"), "{format}: {text}");
        assert!(!text.contains('\u{1b}'), "{format}");
        let ended = ["END OF LIFE", "\"ended\": true", "watchkeeper:ended"];
        assert!(ended.iter().any(|it| text.contains(it)), "{format}: {text}");
        assert!(text.contains("Debian:8"), "{format}: {text}");
    }
}

#[test]
fn a_page_folds_what_to_upgrade_behind_the_first() {
    let fixture = Fixture::new();
    let names: Vec<String> = (0..13).map(|at| format!("p{at:02}")).collect();
    for name in &names {
        let record = osv(&format!("GHSA-{name}"), "npm", name, "2.0.0", "HIGH");
        fixture.write(&format!("feeds/npm/GHSA-{name}.json"), &record);
    }
    let components: Vec<Value> = names
        .iter()
        .map(|it| json!({"type": "library", "name": "x", "purl": format!("pkg:npm/{it}@1.0.0")}))
        .collect();
    let list = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components});
    fixture.write("app.json", &list);
    let page = stdout(&fixture.imported().scan(&["--format", "html"]));
    let (first, rest) = page.split_once("<details><summary>and 3 more</summary>").unwrap();
    let (others, _) = rest.split_once("</details>").unwrap();
    let rows = |text: &str| text.matches("<td class=\"v\">2.0.0<td>").count();
    assert_eq!((rows(first), rows(others)), (10, 3), "{page}");
}

#[test]
fn a_page_tells_notices_apart_from_what_nobody_rated() {
    let fixture = Fixture::new();
    for (id, informational) in [("RUSTSEC-1", "unmaintained"), ("RUSTSEC-2", "")] {
        let mut record = osv(id, "crates.io", "crab", "2.0.0", "");
        if !informational.is_empty() {
            record["affected"][0]["database_specific"] = json!({"informational": informational});
        }
        fixture.write(&format!("feeds/crates/{id}.json"), &record);
    }
    let components = [json!({"type": "library", "name": "x", "purl": "pkg:cargo/crab@1.0.0"})];
    let list = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components});
    fixture.write("app.json", &list);
    let page = stdout(&fixture.imported().scan(&["--format", "html"]));
    for expected in [
        "<li data-level=\"unknown\"><b>1</b> unknown</li>",
        "<li data-level=\"notice\"><b>1</b> notice</li>",
        "<tr data-level=\"notice\"><td><span class=\"badge\" data-level=\"notice\">unmaintained</span>",
        "<tr data-level=\"unknown\"><td><span class=\"badge\" data-level=\"unknown\">unknown</span>",
    ] {
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
}

#[test]
fn sarif_has_what_code_scanning_asks_for() {
    let fixture = Fixture::new().imported();
    let output = fixture.scan(&["--format", "sarif"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["version"], "2.1.0");
    let run = &document["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        let severity = rule["properties"]["security-severity"].as_str().unwrap();
        assert!((0.1..=10.0).contains(&severity.parse::<f64>().unwrap()), "{severity}");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["region"]["startLine"], 1);
        assert!(!place["artifactLocation"]["uri"].as_str().unwrap().is_empty());
        let fingerprint = result["partialFingerprints"]["watchkeeperFinding/v1"].as_str().unwrap();
        assert_eq!(fingerprint.len(), 32);
    }
}

#[test]
fn annotations_of_github_stay_on_one_line() {
    let fixture = Fixture::new().imported();
    let text = stdout(&fixture.scan(&["--format", "github"]));
    let first = text.lines().next().unwrap();
    assert!(first.starts_with("::error file="), "{text}");
    assert!(
        first.contains("title=CVE-GHSA-1 in left 1.2.0::CVE-GHSA-1 in left 1.2.0 (npm), critical")
    );
    assert!(text.ends_with(
        "::notice title=watchkeeper::3 findings, 1 exploited: 1 critical, 1 low, 1 negligible\n"
    ));
}

/// An image of one layer, as `docker save` writes it, with its id.
fn image_with_left(name: &str) -> (Vec<u8>, String) {
    let tar = |files: &[(&str, &[u8])]| {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, path, *bytes).unwrap();
        }
        archive.into_inner().unwrap()
    };
    let package = json!({"name": "left", "version": "1.2.0"}).to_string();
    let layer = tar(&[("srv/node_modules/left/package.json", package.as_bytes())]);
    let config = json!({"architecture": "amd64", "os": "linux", "config": {}, "rootfs":
        {"type": "layers", "diff_ids": [image::Digest::of(&layer).to_string()]}});
    let config = config.to_string();
    let manifest =
        json!([{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]).to_string();
    let id = image::Digest::of(config.as_bytes()).to_string();
    let files = [
        ("manifest.json", manifest.as_bytes()),
        ("config.json", config.as_bytes()),
        ("layer.tar", &layer),
    ];
    (tar(&files), id)
}

#[test]
fn documents_of_vex_tell_of_an_image_by_its_repository_and_digest() {
    let fixture = Fixture::new().imported();
    let (image, id) = image_with_left("example.org/team/app:1.2");
    fs::write(fixture.path("app.tar"), image).unwrap();
    let other = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let place = "repository_url=example.org/team/app";
    for (product, is_meant) in [
        (format!("pkg:oci/app@{id}?{place}"), true),
        (format!("pkg:oci/app@{}?{place}&arch=amd64&tag=1.2", id.replace(':', "%3A")), true),
        (format!("pkg:oci/app?{place}"), true),
        ("example.org/team/app:1.2".to_owned(), true),
        (id.clone(), true),
        (format!("pkg:oci/app@{other}?{place}"), false),
        (format!("pkg:oci/app@{id}?repository_url=example.org/others/app"), false),
        (format!("pkg:oci/app@{id}?{place}&arch=arm64"), false),
        ("example.org/team/app:1.3".to_owned(), false),
    ] {
        let statement = json!({"vulnerability": {"name": "CVE-GHSA-1"}, "status": "not_affected",
            "products": [{"@id": product, "subcomponents": [{"@id": "pkg:npm/left"}]}],
            "justification": "component_not_present"});
        fixture.write(
            "vex.json",
            &json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:x",
            "author": "Acme", "timestamp": "2026-01-01T00:00:00Z", "version": 1,
            "statements": [statement]}),
        );
        let output =
            fixture.run(&["scan", "image", "app.tar", "--vex", "vex.json", "--format", "json"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let suppressed = document["suppressed"].as_array().map_or(0, Vec::len);
        assert_eq!(
            (suppressed, document["findings"].as_array().unwrap().len()),
            if is_meant { (1, 1) } else { (0, 2) },
            "{product}"
        );
    }
}
