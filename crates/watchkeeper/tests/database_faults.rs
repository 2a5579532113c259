//! What happens to a database of advisories on a disk that is full, or may not be written, and where whoever
//! changes it is killed: what was there is there, or what came, and nothing between.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_watchkeeper");
/// Packages that feeds tell of: so many that an import takes a while.
const PACKAGES: usize = 2_000;

/// A folder with two editions of two feeds, and a list of packages of both.
struct Fixture {
    folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        ["1.0.0", "2.0.0"].into_iter().for_each(|fixed| fixture.edition(fixed));
        let purls = (0..PACKAGES).step_by(PACKAGES / 20).flat_map(|at| {
            [format!("pkg:npm/p{at}@0.1.0"), format!("pkg:deb/debian/p{at}@0.1.0?distro=debian-12")]
        });
        let components: Vec<Value> =
            purls.map(|purl| json!({"type": "library", "name": "x", "purl": purl})).collect();
        let list =
            json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components});
        fs::write(fixture.path("app.json"), list.to_string()).unwrap();
        fixture
    }

    /// Feeds that say that all packages are mended in this version.
    fn edition(&self, fixed: &str) {
        let folder = self.path(fixed).join("npm");
        fs::create_dir_all(&folder).unwrap();
        let mut tracker = serde_json::Map::new();
        for at in 0..PACKAGES {
            let record = json!({"id": format!("GHSA-{at}"), "modified": format!("2026-01-01T00:00:0{}Z", &fixed[..1]),
                "summary": format!("{at} {}", "of many words ".repeat(at % 9)), "affected": [{
                "package": {"ecosystem": "npm", "name": format!("p{at}")},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]});
            fs::write(folder.join(format!("GHSA-{at}.json")), record.to_string()).unwrap();
            let flaw = json!({"releases": {"bookworm":
                {"status": "resolved", "fixed_version": fixed, "urgency": "low", "repositories": {}}}});
            tracker.insert(format!("p{at}"), json!({format!("CVE-2026-{at}"): flaw}));
        }
        let tracker = Value::Object(tracker).to_string();
        fs::write(self.path(fixed).join("debian.json"), tracker).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.current_dir(self.folder.path()).env("WATCHKEEPER_DB", self.path("db"));
        command.args(arguments);
        command
    }

    fn import(&self, edition: &str) {
        let output = self.command(&["db", "import", edition]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    }

    /// The versions that mend what is found, which are of one edition.
    fn edition_that_counts(&self) -> String {
        let scan = ["scan", "sbom", "app.json", "--format", "json"];
        let output = self.command(&scan).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = found["findings"].as_array().unwrap();
        assert_eq!(found.len(), 40);
        let versions: BTreeSet<&str> =
            found.iter().map(|it| it["fixed_version"].as_str().unwrap()).collect();
        let [only] = Vec::from_iter(versions)[..] else { panic!("two editions at once") };
        only.to_owned()
    }

    /// Runs a script in namespaces of its own, in which it may mount; none where that cannot be.
    fn apart(&self, script: &str) -> Option<Output> {
        let apart = |script: &str| {
            let mut command = Command::new("unshare");
            command.args(["-Urm", "sh", "-euc", script]).current_dir(self.folder.path());
            command.env("WATCHKEEPER_DB", self.path("db")).env("WATCHKEEPER", PROGRAM);
            command.output().ok()
        };
        let may =
            apart("mkdir -p db; mount -t tmpfs none db").is_some_and(|it| it.status.success());
        if !may {
            println!("skipped: nothing can be mounted here in namespaces of one's own");
            return None;
        }
        apart(script)
    }
}

fn told(output: &Output) -> String {
    [&output.stderr[..], &output.stdout[..]].map(String::from_utf8_lossy).concat()
}

#[test]
fn on_a_disk_that_is_full_what_was_there_counts() {
    let fixture = Fixture::new();
    let script = r#"
        mkdir -p db; mount -t tmpfs -o size=1M none db
        "$WATCHKEEPER" db import 1.0.0
        dd if=/dev/zero of=db/ballast bs=4k 2>/dev/null || true
        "$WATCHKEEPER" db import 2.0.0 && exit 9 || echo "ended with $?"
        ls db | grep -c draft && exit 9 || true
        "$WATCHKEEPER" scan sbom app.json --format json >found.json
        rm db/ballast
        "$WATCHKEEPER" db import 2.0.0
        "$WATCHKEEPER" scan sbom app.json --format json >after.json
    "#;
    let Some(output) = fixture.apart(script) else { return };
    assert!(output.status.success(), "{}", told(&output));
    let told = told(&output);
    assert!(told.contains("ended with 2") && told.contains("No space left on device"), "{told}");
    let found = |name: &str| fs::read_to_string(fixture.path(name)).unwrap();
    let (before, after) = (found("found.json"), found("after.json"));
    assert!(before.contains("\"1.0.0\"") && !before.contains("\"2.0.0\""), "{before}");
    assert!(after.contains("\"2.0.0\"") && !after.contains("\"1.0.0\""), "{after}");
}

#[test]
fn a_database_that_may_not_be_written_is_read() {
    let fixture = Fixture::new();
    let script = r#"
        mkdir -p db; mount -t tmpfs none db
        "$WATCHKEEPER" db import 1.0.0
        mount -o remount,ro db
        "$WATCHKEEPER" db import 2.0.0 && exit 9 || echo "ended with $?"
        "$WATCHKEEPER" db status
        "$WATCHKEEPER" scan sbom app.json --format json >found.json
    "#;
    let Some(output) = fixture.apart(script) else { return };
    assert!(output.status.success(), "{}", told(&output));
    let told = told(&output);
    assert!(
        told.contains("ended with 2") && told.contains("is on a disk that can only be read"),
        "{told}"
    );
    let found = fs::read_to_string(fixture.path("found.json")).unwrap();
    assert!(found.contains("\"1.0.0\""), "{found}");
}

#[test]
fn an_import_that_is_killed_leaves_what_was_or_what_came() {
    let fixture = Fixture::new();
    fixture.import("1.0.0");
    let (mut before, mut changes) = ("1.0.0".to_owned(), 0);
    for step in 0..24 {
        let coming = if before == "1.0.0" { "2.0.0" } else { "1.0.0" };
        // Of records, those that were changed last count.
        if coming == "1.0.0" {
            fs::remove_dir_all(fixture.path("db")).unwrap();
            fixture.import("1.0.0");
            before = "1.0.0".to_owned();
        }
        let mut command = fixture.command(&["db", "import", "2.0.0"]);
        let mut import = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(10 * step));
        import.kill().unwrap();
        import.wait().unwrap();
        let counts = fixture.edition_that_counts();
        assert!(counts == before || counts == "2.0.0", "{counts} after {before}");
        changes += u32::from(counts != before);
        before = counts;
    }
    // Whoever comes next is not in its way, and tidies up.
    fixture.import("2.0.0");
    assert_eq!(fixture.edition_that_counts(), "2.0.0");
    let files = fs::read_dir(fixture.path("db")).unwrap().count();
    assert!(files <= 4, "{files} files after {changes} changes");
}

/// Damages the part of a feed in the middle of its first block, or takes it away.
fn spoil(fixture: &Fixture, feed: &str, is_taken_away: bool) {
    let listed = fs::read_dir(fixture.path("db")).unwrap().map(|it| it.unwrap().path());
    let of_feed = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(feed);
    let path = listed.filter(|path| path.is_file()).find(of_feed).unwrap();
    if is_taken_away {
        return fs::remove_file(path).unwrap();
    }
    let mut bytes = fs::read(&path).unwrap();
    bytes[200] ^= 0x55;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_part_that_is_damaged_is_mended_by_all_of_its_feed_and_not_by_one_record() {
    let fixture = Fixture::new();
    // A folder that is not all that there is, by its name.
    fs::create_dir(fixture.path("mirror")).unwrap();
    for name in ["GHSA-0.json", "GHSA-100.json"] {
        fs::copy(fixture.path("2.0.0/npm").join(name), fixture.path("mirror").join(name)).unwrap();
    }
    let import = |path: &str, code: i32| {
        let output = fixture.command(&["db", "import", path]).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{path}: {}", told(&output));
        told(&output)
    };
    for is_taken_away in [false, true] {
        for collection in ["1.0.0", "1.0.0/npm", "mirror"] {
            import("1.0.0", 0);
            spoil(&fixture, "osv-npm.", is_taken_away);
            let told = import("mirror/GHSA-0.json", 2);
            assert!(told.contains("osv-npm.") && told.contains("import all of its feed"), "{told}");
            let told = import(collection, 0);
            assert!(told.contains("osv-npm is made anew"), "{told}");
            let told = import("mirror/GHSA-0.json", 0);
            assert!(!told.contains("anew"), "{told}");
        }
    }
}

#[test]
fn a_block_that_is_damaged_is_noticed_by_whoever_reads_it_and_the_rest_counts() {
    let fixture = Fixture::new();
    fixture.import("1.0.0");
    spoil(&fixture, "osv-npm.", false);
    let run = |arguments: &[&str], code: i32| {
        let output = fixture.command(arguments).output().unwrap();
        let told = told(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(told.contains("osv-npm.") && told.contains("import all of its feed"), "{told}");
        String::from_utf8(output.stdout).unwrap()
    };
    let status: Value =
        serde_json::from_str(&run(&["db", "status", "--format", "json"], 3)).unwrap();
    assert_eq!(status["feeds"].as_array().unwrap().len(), 1, "{status}");
    assert_eq!(status["damaged"].as_array().unwrap().len(), 1, "{status}");
    run(&["db", "export", "all.tar"], 2);
    assert!(!fixture.path("all.tar").exists());
    let found: Value =
        serde_json::from_str(&run(&["scan", "sbom", "app.json", "--format", "json"], 3)).unwrap();
    assert_eq!(found["findings"].as_array().unwrap().len(), 20, "those of Debian");
    assert_eq!(found["unscanned"][0]["packages"], 20, "{}", found["unscanned"]);
    run(&["scan", "diff", "app.json", "app.json"], 3);
    run(&["scan", "explain", "GHSA-0", "p0", "--target", "app.json"], 3);
}
