//! What is in use: kept by traces and of recordings, told, and joined to findings, as a person meets it.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A root file system of Debian, a program of which is the true `cat`, and a database that has a flaw in each
/// of its packages.
struct Fixture {
    folder: TempDir,
}

/// Packages with their files from the root.
const PACKAGES: [(&str, &[&str]); 5] = [
    ("runs", &["/usr/bin/runs"]),
    ("reads", &["/etc/reads.conf", "/bin/never"]),
    ("rests", &["/usr/share/rests/data"]),
    ("loader", &["/lib64/ld-linux-x86-64.so.2"]),
    ("listless", &[]),
];

impl Fixture {
    fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        let mut status = String::new();
        let mut tracker = serde_json::Map::new();
        for (at, (name, files)) in PACKAGES.into_iter().enumerate() {
            status += &format!(
                "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n"
            );
            if !files.is_empty() {
                fixture.write(&format!("root/var/lib/dpkg/info/{name}.list"), &files.join("\n"));
            }
            let flaw = json!({"releases": {"bookworm":
                {"status": "open", "urgency": "high", "repositories": {}}}});
            tracker.insert(name.to_owned(), json!({format!("CVE-2026-{at}"): flaw}));
        }
        fixture.write("root/var/lib/dpkg/status", &status);
        fixture.write(
            "root/etc/os-release",
            "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n",
        );
        fixture.write("root/etc/reads.conf", "x\n");
        fs::create_dir_all(fixture.path("root/usr/bin")).unwrap();
        symlink("usr/bin", fixture.path("root/bin")).unwrap();
        fs::copy("/bin/cat", fixture.path("root/usr/bin/runs")).unwrap();
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(fixture.path("root/usr/bin/runs"), mode).unwrap();
        fixture.write("feeds/debian.json", &Value::Object(tracker).to_string());
        let output = fixture.run(&["db", "import", "feeds"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        fixture
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
        command.current_dir(self.folder.path()).env("WATCHKEEPER_DB", self.path("db"));
        command.env_remove("WATCHKEEPER_STORE").args(arguments).output().unwrap()
    }

    /// Runs the program of the root file system by a name that leads over a link, and has it read a file.
    fn traced(&self) -> Output {
        let (program, file) = (self.path("root/bin/runs"), self.path("root/etc/reads.conf"));
        let (program, file) = (program.to_str().unwrap(), file.to_str().unwrap());
        let output = self.run(&["trace", "-q", "--store", "store", "--", program, file]);
        assert_eq!(stdout(&output), "x\n", "{}", stderr(&output));
        output
    }

    /// What is told of each package of the root file system.
    fn uses(&self, more: &[&str]) -> Vec<(String, Value)> {
        let scan = ["scan", "rootfs", "root", "--in-use", "store", "--format", "json"];
        let output = self.run(&[&scan, more].concat());
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = document["findings"].as_array().unwrap();
        assert_eq!(findings.len(), PACKAGES.len());
        let name = |it: &Value| it["package"]["name"].as_str().unwrap().to_owned();
        findings.iter().map(|it| (name(it), it["in_use"].clone())).collect()
    }

    fn of<'u>(uses: &'u [(String, Value)], name: &str) -> &'u Value {
        &uses.iter().find(|(it, _)| it == name).unwrap().1
    }
}

/// A recording of a real host.
fn capture(name: &str) -> Option<PathBuf> {
    Some(testkit::data()?.join("scap/captures").join(name))
}

#[test]
fn findings_say_whether_what_was_traced_is_in_use() {
    let fixture = Fixture::new();
    fixture.traced();
    let uses = fixture.uses(&[]);
    let runs = Fixture::of(&uses, "runs");
    assert_eq!(runs["state"], "executed");
    assert_eq!(runs["paths"], json!([fixture.path("root/usr/bin/runs").to_str().unwrap()]));
    assert!(runs["last_seen"].as_str().unwrap().ends_with('Z'));
    let reads = Fixture::of(&uses, "reads");
    assert_eq!(reads["state"], "read");
    // A trace tells nothing of what others do.
    for name in ["rests", "loader", "listless"] {
        let it = Fixture::of(&uses, name);
        assert_eq!(
            (&it["state"], &it["last_seen"]),
            (&json!("not_watched"), &Value::Null),
            "{name}"
        );
        assert!(!it["reason"].as_str().unwrap().is_empty(), "{name}");
    }
    let why = Fixture::of(&uses, "rests")["reason"].as_str().unwrap();
    assert!(why.contains("only some"), "{why}");
    let why = Fixture::of(&uses, "listless")["reason"].as_str().unwrap();
    assert!(why.contains("which files"), "{why}");
}

#[test]
fn what_a_process_had_loaded_before_it_was_traced_is_loaded() {
    let fixture = Fixture::new();
    let program = fixture.path("root/usr/bin/runs");
    let mut running =
        Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let pid = running.id().to_string();
    let mut tracer = Command::new(env!("CARGO_BIN_EXE_watchkeeper"))
        .current_dir(fixture.folder.path())
        .args(["trace", "-q", "--store", "store", "--pid", &pid])
        .spawn()
        .unwrap();
    let is_traced = || {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        !status.contains("TracerPid:\t0\n")
    };
    while !is_traced() {
        assert_eq!(tracer.try_wait().unwrap(), None, "it cannot be traced");
        thread::sleep(Duration::from_millis(5));
    }
    // It ends where its input does.
    drop(running.stdin.take());
    running.wait().unwrap();
    assert!(tracer.wait().unwrap().success());
    let output = fixture.run(&["inuse", "list", "--store", "store", "--format", "json"]);
    let of = |name: &str| {
        let objects = stdout(&output);
        let mut objects = objects.lines().map(|it| serde_json::from_str::<Value>(it).unwrap());
        objects.find(|it| it["path"].as_str().unwrap().contains(name)).map(|it| it["state"].clone())
    };
    assert_eq!(of("root/usr/bin/runs"), Some(json!("executed")), "{}", stdout(&output));
    assert_eq!(of("/libc"), Some(json!("loaded")), "{}", stdout(&output));
}

#[test]
fn what_a_whole_host_did_not_use_is_not_seen() {
    let fixture = Fixture::new();
    let Some(capture) = capture("sf-collector-mpm-event-full_capture.scap") else { return };
    let capture = capture.to_str().unwrap();
    let output = fixture.run(&["inuse", "import", "--store", "store", capture]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let of = ["--in-use-of", "canaris"];
    let uses = fixture.uses(&[&of[..], &["--not-seen-after", "1s"]].concat());
    assert_eq!(Fixture::of(&uses, "rests")["state"], "not_seen");
    assert_eq!(Fixture::of(&uses, "loader")["state"], "not_watched");
    assert_eq!(Fixture::of(&uses, "listless")["state"], "not_watched");
    // Some seconds are not enough unless somebody says so.
    let uses = fixture.uses(&of);
    let rests = Fixture::of(&uses, "rests");
    assert_eq!(rests["state"], "not_watched");
    assert!(rests["reason"].as_str().unwrap().contains("less than"), "{rests}");
    let scan = ["scan", "rootfs", "root", "--in-use", "store", "--in-use-of", "nowhere"];
    let refused = fixture.run(&scan);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("canaris image httpd_event"), "{}", stderr(&refused));
}

#[test]
fn a_table_has_what_is_in_use_first_and_gates_ask_for_it() {
    let fixture = Fixture::new();
    fixture.traced();
    let scan = |more: &[&str]| {
        fixture.run(&[&["scan", "rootfs", "root", "--in-use", "store"], more].concat())
    };
    let text = stdout(&scan(&[]));
    assert!(text.contains("\nin use: 1 executed, 1 read, 3 not watched\n"), "{text}");
    let of = |name: &str| text.find(&format!("  {name}  ")).unwrap();
    assert!(of("runs") < of("reads") && of("reads") < of("rests"), "{text}");
    assert!(
        text.lines().any(|line| line.contains("  runs  ") && line.contains("  executed")),
        "{text}"
    );
    for (gate, code) in [
        ("in_use", 1),
        ("high,executed", 1),
        ("listening", 0),
        ("critical,in_use", 0),
        ("may_be_in_use", 1),
    ] {
        let output = scan(&["--fail-on", gate]);
        assert_eq!(output.status.code(), Some(code), "{gate}: {}", stderr(&output));
    }
    let unasked = fixture.run(&["scan", "rootfs", "root", "--fail-on", "in_use"]);
    assert_eq!(unasked.status.code(), Some(2));
    assert!(stderr(&unasked).contains("--in-use STORE"), "{}", stderr(&unasked));
}

#[test]
fn every_form_tells_what_is_in_use_and_none_calls_the_rest_unaffected() {
    let fixture = Fixture::new();
    fixture.traced();
    let scan = |format: &str| {
        let arguments = ["scan", "rootfs", "root", "--in-use", "store", "--format", format];
        stdout(&fixture.run(&arguments))
    };
    for (format, expected) in [
        ("sarif", "\"inUse\": \"executed\""),
        ("cyclonedx", "watchkeeper:in_use"),
        ("junit", "executed; last "),
        ("github", "(executed; last "),
        ("html", "<dt>In use<dd>executed"),
    ] {
        let text = scan(format);
        assert!(text.contains(expected), "{format}: {text}");
        assert!(!text.contains("not_affected"), "{format}");
    }
    let vex: Value = serde_json::from_str(&scan("openvex")).unwrap();
    let statements = vex["statements"].as_array().unwrap();
    assert!(!statements.is_empty());
    assert!(statements.iter().all(|it| it["status"] != "not_affected"), "{vex}");
}

#[test]
fn what_is_kept_is_listed_shown_and_told_of() {
    let fixture = Fixture::new();
    fixture.traced();
    let program = fixture.path("root/usr/bin/runs");
    let inuse = |arguments: &[&str]| {
        fixture.run(&[&["inuse", arguments[0], "--store", "store"], &arguments[1..]].concat())
    };
    let listed = stdout(&inuse(&["list", "--kind", "executed"]));
    assert!(
        listed.contains(program.to_str().unwrap()) && !listed.contains("reads.conf"),
        "{listed}"
    );
    let objects = stdout(&inuse(&[
        "list",
        "--format",
        "json",
        "--under",
        program.parent().unwrap().to_str().unwrap(),
    ]));
    let objects: Vec<Value> = objects.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!(objects.len(), 1);
    assert_eq!((&objects[0]["state"], &objects[0]["deleted"]), (&json!("executed"), &json!(false)));
    let shown = inuse(&["show", program.to_str().unwrap()]);
    assert!(shown.status.success() && stdout(&shown).contains("executed   first "), "{shown:?}");
    assert_eq!(inuse(&["show", "/usr/bin/nobody"]).status.code(), Some(1));
    let status: Value =
        serde_json::from_slice(&inuse(&["status", "--format", "json"]).stdout).unwrap();
    assert_eq!(status["places"][0]["watched_s"], 0);
    assert!(!status["places"][0]["watched_in_part"].as_array().unwrap().is_empty());
    assert!(stdout(&inuse(&["status"])).contains("in part"));
    let nowhere = inuse(&["list", "--image", "nginx"]);
    assert_eq!(nowhere.status.code(), Some(2));
}

#[test]
fn a_recording_that_is_read_again_adds_nothing() {
    let fixture = Fixture::new();
    let Some(capture) = capture("sf-collector-alpine-alpine.scap") else { return };
    let capture = capture.to_str().unwrap();
    let import = || {
        let output = fixture.run(&["inuse", "import", "--store", "store", capture]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        fs::read(fixture.path("store/in-use")).unwrap()
    };
    assert_eq!(import(), import());
    // A replay with rules keeps the same.
    fixture.write(
        "rules.yaml",
        "- {rule: r, desc: d, condition: evt.type = chroot, output: o, priority: INFO}\n",
    );
    let replay = ["replay", "-q", "--rules", "rules.yaml", "--store", "other", capture];
    let output = fixture.run(&replay);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(fs::read(fixture.path("other/in-use")).unwrap(), import());
    fixture.write("config.yaml", "in_use: leave_out\n");
    let without = ["--config", "config.yaml", "--store", "third"];
    let output = fixture.run(&[&replay[..4], &without, &[capture]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(fixture.path("third/store.json").exists() && !fixture.path("third/in-use").exists());
}

#[test]
fn an_index_that_cannot_be_read_is_told_and_set_aside_and_nothing_of_it_is_lost() {
    let fixture = Fixture::new();
    fixture.traced();
    let file = fixture.path("store/in-use");
    let whole = fs::read(&file).unwrap();
    let mut newer = whole.clone();
    newer[8] = 9;
    for (bytes, expected) in [
        (&b"not one"[..], "is not an index"),
        (&whole[..whole.len() - 1], "is damaged"),
        (&newer, "has format 9"),
    ] {
        fs::write(&file, bytes).unwrap();
        let scan = fixture.run(&["scan", "rootfs", "root", "--in-use", "store"]);
        assert_eq!(scan.status.code(), Some(2));
        assert!(stderr(&scan).contains(expected), "{}", stderr(&scan));
        let output = fixture.traced();
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
        assert_eq!(fs::read(fixture.path("store/in-use.unreadable")).unwrap(), bytes);
        assert_ne!(fs::read(&file).unwrap(), bytes);
    }
    fs::remove_file(&file).unwrap();
    let scan = fixture.run(&["scan", "rootfs", "root", "--in-use", "store"]);
    assert!(stderr(&scan).contains("nothing is kept there"), "{}", stderr(&scan));
    assert!(Path::new(&file).parent().unwrap().exists());
}
