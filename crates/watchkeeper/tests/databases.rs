//! `watchkeeper db update`, `export` and `pull`, as a person meets them: with feeds of a server on this machine.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use advisories::{db::Header, feeds::Gathered};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::http::{Fault, Server};

const KEV: &str = "/www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";
const TRACKER: &str = "/security-tracker.debian.org/tracker/data/json";

/// A folder, and a server that has two feeds.
struct Fixture {
    folder: TempDir,
    server: Server,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap(), server: Server::start() };
        fixture.publish("CVE-2026-7");
        let kev = json!({"catalogVersion": "1", "dateReleased": "2026-01-01T00:00:00Z", "vulnerabilities":
            [{"cveID": "CVE-2026-7", "dateAdded": "2026-01-01", "dueDate": "2026-02-01"}]});
        fixture.server.publish(KEV, kev.to_string());
        let list = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components":
            [{"type": "library", "name": "x", "purl": "pkg:deb/debian/bash@5.2-1?distro=debian-12"}]});
        fs::write(fixture.path("app.json"), list.to_string()).unwrap();
        fixture
    }

    /// Debian's tracker says that bash has this.
    fn publish(&self, flaw: &str) {
        let tracker = json!({"bash": {flaw: {"releases": {"bookworm":
            {"status": "resolved", "fixed_version": "5.2-2", "urgency": "high", "repositories": {}}}}}});
        self.server.publish(TRACKER, tracker.to_string());
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, database: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
        command.current_dir(self.folder.path()).env("WATCHKEEPER_DB", self.path(database));
        command.env("WATCHKEEPER_MIRROR", format!("http://{}", self.server.host));
        command.args(arguments).output().unwrap()
    }

    fn update(&self) -> Output {
        self.run("db", &["db", "update", "--only", "kev", "--only", "debian"])
    }

    fn findings(&self, database: &str) -> Value {
        let output = self.run(database, &["scan", "sbom", "app.json", "--format", "json"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["findings"].take()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn code(output: &Output, expected: i32) -> String {
    let told = stderr(output) + &String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(expected), "{told}");
    told
}

#[test]
fn an_update_takes_what_changed_and_what_fails_leaves_what_was_there() {
    let fixture = Fixture::new();
    code(&fixture.update(), 0);
    let findings = fixture.findings("db");
    assert_eq!(findings[0]["id"], "CVE-2026-7");
    assert_eq!(findings[0]["fixed_version"], "5.2-2");
    assert_eq!(findings[0]["kev"]["since"], "2026-01-01");

    fixture.publish("CVE-2026-8");
    let gone = Fault::Status(404, vec![]);
    fixture.server.fail(KEV, vec![gone; 9]);
    let told = code(&fixture.update(), 3);
    assert!(told.contains("kev") && told.contains("404"), "{told}");
    assert_eq!(fixture.findings("db")[0]["id"], "CVE-2026-8");
    let status = code(&fixture.run("db", &["db", "status"]), 0);
    assert!(status.contains("404"), "what failed stands there: {status}");

    fixture.server.publish(TRACKER, "{\"bash\": 7");
    fixture.server.fail(KEV, []);
    code(&fixture.update(), 3);
    assert_eq!(fixture.findings("db")[0]["id"], "CVE-2026-8", "what was there stays");
}

#[test]
fn what_is_asked_for_wrongly_is_told() {
    let fixture = Fixture::new();
    let told = code(&fixture.run("db", &["db", "update", "--only", "debain"]), 2);
    assert!(told.contains("debain"), "{told}");
    let told =
        code(&fixture.run("db", &["db", "update", "--mirror", "ftp://x", "--only", "kev"]), 2);
    assert!(told.contains("'ftp://x', is none of http or https"), "{told}");
    let told = code(&fixture.run("none", &["db", "export", "a.tar"]), 2);
    assert!(!fixture.path("a.tar").exists() && told.contains("none"), "{told}");
    for from in ["nothing.tar", "oci:nothing", "app.json", "."] {
        let told = code(&fixture.run("db", &["db", "pull", from]), 2);
        assert!(told.contains(from), "{told}");
    }
}

#[test]
fn an_artifact_has_the_whole_database() {
    let fixture = Fixture::new();
    code(&fixture.update(), 0);
    for (to, from) in [("oci:layout", "oci:layout"), ("whole.tar", "oci-archive:whole.tar")] {
        code(&fixture.run("db", &["db", "export", to]), 0);
        let other = to.replace([':', '.'], "-");
        code(&fixture.run(&other, &["db", "pull", from]), 0);
        assert_eq!(fixture.findings(&other), fixture.findings("db"));
        let told = code(&fixture.run(&other, &["db", "pull", from]), 0);
        assert!(told.contains("0 feeds taken over, 2 unchanged"), "{told}");
    }
    let told = code(&fixture.run("db", &["db", "export", "oci:layout"]), 2);
    assert!(told.contains("layout"), "it is there already: {told}");
}

#[test]
fn a_damaged_artifact_leaves_what_was_there() {
    let fixture = Fixture::new();
    code(&fixture.update(), 0);
    code(&fixture.run("db", &["db", "export", "oci:layout"]), 0);
    fixture.publish("CVE-2026-8");
    code(&fixture.update(), 0);
    let blobs = fs::read_dir(fixture.path("layout/blobs/sha256")).unwrap();
    let longest =
        blobs.map(|it| it.unwrap().path()).max_by_key(|it| fs::metadata(it).unwrap().len());
    let longest = longest.unwrap();
    let mut bytes = fs::read(&longest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&longest, bytes).unwrap();
    code(&fixture.run("db", &["db", "pull", "oci:layout"]), 2);
    assert_eq!(fixture.findings("db")[0]["id"], "CVE-2026-8");
    code(&fixture.run("db", &["db", "status"]), 0);
}

#[test]
fn who_asks_a_mirror_is_told_to_it_and_kept_nowhere() {
    let fixture = Fixture::new();
    let mirror = format!("http://bob:sekret@{}", fixture.server.host);
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
        command.current_dir(fixture.folder.path()).env("WATCHKEEPER_DB", fixture.path("db"));
        command.env("WATCHKEEPER_MIRROR", &mirror).args(arguments).output().unwrap()
    };
    let failure = |status| Fault::Status(status, vec![]);
    fixture.server.fail(TRACKER, [failure(401)]);
    let told = code(&run(&["db", "update", "--only", "kev", "--only", "debian"]), 3);
    assert!(told.contains("answers 401; who asks a mirror stands in its address"), "{told}");
    let requests = fixture.server.requests();
    assert!(requests.len() > 1, "{requests:?}");
    for request in requests {
        assert_eq!(request.header("authorization"), Some("Basic Ym9iOnNla3JldA=="));
    }
    let mut all = told;
    for arguments in [
        &["db", "status"][..],
        &["db", "status", "--format", "json"],
        &["db", "update", "--help"],
        &["scan", "sbom", "app.json", "--format", "json"],
    ] {
        all += &String::from_utf8_lossy(&run(arguments).stdout);
    }
    all += &fs::read_to_string(fixture.path("db/.update/state.json")).unwrap();
    assert!(all.contains(&format!("http://{}{KEV}", fixture.server.host)), "{all}");
    for secret in ["sekret", "Ym9iOnNla3JldA", "bob"] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
}

#[test]
fn what_is_no_database_is_told_with_a_way_to_one() {
    let fixture = Fixture::new();
    fs::create_dir(fixture.path("empty")).unwrap();
    for (database, why) in [("none", "no database"), ("empty", "an empty database")] {
        let told = code(&fixture.run(database, &["db", "status"]), 2);
        assert!(told.contains(why) && told.contains("watchkeeper db update"), "{told}");
    }
    // What went wrong with the first update is told all the same.
    fixture.server.fail(KEV, vec![Fault::Status(404, vec![]); 9]);
    code(&fixture.run("first", &["db", "update", "--only", "kev"]), 2);
    let told = code(&fixture.run("first", &["db", "status"]), 2);
    assert!(told.contains("answers 404") && told.contains("an empty database"), "{told}");
}

#[test]
fn an_import_of_nothing_says_so() {
    let fixture = Fixture::new();
    fs::create_dir(fixture.path("nothing")).unwrap();
    let suse = r#"<updates><update type="security"><id>openSUSE-2026-1</id><references>
        <reference id="CVE-2026-1" type="cve"/></references><pkglist><collection><package name="a" version="1"
        release="1.1" arch="noarch"/></collection></pkglist></update></updates>"#;
    fs::write(fixture.path("updateinfo.xml"), suse).unwrap();
    for (name, text) in [("empty.json", ""), ("empty.zip", ""), ("page.html", "<html>")] {
        fs::write(fixture.path(name), text).unwrap();
    }
    for (path, why) in [
        ("nothing", "nothing: has no files"),
        ("updateinfo.xml", "updateinfo.xml: tells nothing of a distribution or an ecosystem"),
        ("app.json", "app.json: is a list of packages (SBOM), and of no feed; what is known"),
        ("empty.json", "empty.json: is empty; get it again"),
        ("empty.zip", "empty.zip: is empty; get it again"),
        ("page.html", "page.html: is of no feed that is known"),
    ] {
        let told = code(&fixture.run("db", &["db", "import", path]), 2);
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn how_updates_went_need_not_be_known() {
    let fixture = Fixture::new();
    code(&fixture.update(), 0);
    let state = fixture.path("db/.update/state.json");
    fs::remove_file(&state).unwrap();
    fs::create_dir(&state).unwrap();
    let told = code(&fixture.run("db", &["db", "status"]), 0);
    assert!(told.contains("how updates went is not known") && told.contains("debian"), "{told}");
}

#[test]
fn a_scan_remarks_on_feeds_that_are_old() {
    let fixture = Fixture::new();
    let tracker = json!({"bash": {"CVE-2026-7": {"releases": {"bookworm":
        {"status": "resolved", "fixed_version": "5.2-2", "urgency": "high", "repositories": {}}}}}});
    fs::write(fixture.path("debian.json"), tracker.to_string()).unwrap();
    let mut import = advisories::feeds::import(&[fixture.path("debian.json")]);
    let Gathered { builder, header } = import.gathered.remove(0);
    let header = Header { imported: "2020-01-01T00:00:00Z".to_owned(), ..header };
    advisories::db::replace(&fixture.path("db"), builder, header).unwrap();
    let scan = ["scan", "sbom", "app.json"];
    let old = "debian was brought up to date last up to ";
    for form in ["table", "json", "html"] {
        let output = fixture.run("db", &[&scan[..], &["--format", form]].concat());
        assert!(stderr(&output).contains(old), "{}", code(&output, 0));
        let is_told = String::from_utf8_lossy(&output.stdout).contains(old);
        assert_eq!(is_told, form != "table", "{}", code(&output, 0));
    }
    // An update that finds nothing new looked, too.
    code(&fixture.run("db", &["db", "update", "--only", "debian"]), 0);
    let young = code(&fixture.run("db", &scan), 0);
    assert!(!young.contains(old), "{young}");
    let status = fixture.run("db", &["db", "status", "--format", "json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(
        (&status["feeds"][0]["newest"], &status["updates"][0]["missing"]),
        (&Value::Null, &json!([]))
    );
    assert!(status["feeds"][0]["checked"].is_string(), "{status}");
}

#[test]
fn what_is_no_place_for_a_database_is_told() {
    let fixture = Fixture::new();
    code(&fixture.update(), 0);
    for (arguments, why) in [
        (
            &["scan", "sbom", "app.json", "--db", "app.json"][..],
            "app.json: a database is a folder, and this is none",
        ),
        (
            &["db", "import", "--db", "/dev/null", "app.json"],
            "/dev/null: a database is a folder, and this is none",
        ),
        (
            &["db", "export", "no/such/x.tar"],
            "no/such/x.tar: there is no folder no/such; make it first",
        ),
        (&["db", "export", "x.zip"], "x.zip: is written as a folder (oci:PATH) or a tar archive"),
        (&["db", "export", "app.json"], "app.json: is written as a folder"),
        (&["db", "update", "--only", "osv:Nope"], "'osv' has no 'Nope'; there are AlmaLinux, "),
        (&["scan", "sbom", "app.json", "--in-use", "nope"], "--in-use nope: no store is there"),
    ] {
        let told = code(&fixture.run("db", arguments), 2);
        assert!(told.contains(why) && !told.contains("os error"), "{told}");
    }
    for to in ["x.tar", "oci:x"] {
        code(&fixture.run("db", &["db", "export", to]), 0);
        let told = code(&fixture.run("db", &["db", "export", to]), 2);
        assert!(told.contains("is there already; name another, or remove it"), "{told}");
        let told = code(&fixture.run("db", &["scan", "image", to]), 2);
        assert!(told.contains("is a database of advisories, and no image"), "{told}");
    }
}
