//! `watchkeeper scan` of lists of packages, and `scan diff`, as a person meets them.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::{Value, json};
use tempfile::TempDir;

fn watchkeeper(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
    // Whoever runs this may have a database of advisories.
    command.env_remove("WATCHKEEPER_DB").env("XDG_CACHE_HOME", "/no/such/folder");
    testkit::fed(command.args(arguments), input.as_bytes()).unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A list of packages in CycloneDX.
fn document(name: &str, purls: &[&str]) -> String {
    let components = purls.iter().map(|purl| {
        let name = purl.split('@').next().unwrap_or_default().rsplit('/').next();
        json!({"type": "library", "name": name, "purl": purl})
    });
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "metadata": {"component": {"type": "container", "name": name}},
        "components": components.collect::<Vec<_>>(),
    })
    .to_string()
}

const BEFORE: [&str; 6] = [
    "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12.4",
    "pkg:deb/debian/perl@5.36.0-7?arch=amd64&distro=debian-12.4",
    "pkg:npm/lodash@4.17.20",
    "pkg:npm/lodash@3.10.1",
    "pkg:npm/left-pad@1.3.0",
    "pkg:npm/same@1.0.0",
];
const AFTER: [&str; 6] = [
    "pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12.5",
    "pkg:deb/debian/perl@5.34.0-5?arch=amd64&distro=debian-12.5",
    "pkg:npm/lodash@4.17.21",
    "pkg:npm/lodash@3.10.1",
    "pkg:npm/new@0.1.0",
    "pkg:npm/same@1.0.0",
];

struct Fixture {
    folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(fixture.path("before"), document("app:1.2", &BEFORE)).unwrap();
        fs::write(fixture.path("after"), document("app:1.3", &AFTER)).unwrap();
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

#[test]
fn lists_of_packages_are_scanned_from_stdin() {
    let text = document("app:1.2", &BEFORE);
    let output = watchkeeper(&["scan", "sbom", "-", "--list-packages", "--format", "json"], &text);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["target"], "app:1.2");
    assert_eq!(document["packages"].as_array().unwrap().len(), 6);
    assert!(stderr(&output).contains("6 packages, debian 12.4"), "{}", stderr(&output));
}

#[test]
fn the_end_of_life_of_a_distribution_is_told() {
    let text = document("app:1.2", &BEFORE);
    let list = ["scan", "sbom", "-", "--list-packages"];
    let output = watchkeeper(&list, &text);
    let table = stdout(&output);
    let line = table.lines().next().unwrap();
    assert!(line.starts_with("Debian 12.4 (bookworm): "), "{line}");
    assert!(line.contains("2026-07-11; LTS "), "{line}");
    let fixture = Fixture::new();
    let known = json!({"format": "1.0", "date": "2020-01-01", "distributions": {
        "debian": {"name": "Debian", "releases": {"12": {"until": "2001-02-03"}}}}});
    fs::write(fixture.path("eol.json"), known.to_string()).unwrap();
    let eol = fixture.name("eol.json");
    let output = watchkeeper(&[&list[..], &["--eol", &eol]].concat(), &text);
    let line = "Debian 12.4: END OF LIFE, support ended 2001-02-03\n\nNAME";
    assert!(stdout(&output).starts_with(line), "{}", stdout(&output));
    let output = watchkeeper(&[&list[..], &["--eol", &eol, "--format", "json"]].concat(), &text);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = json!({"until": "2001-02-03", "extended": []});
    assert_eq!(document["distro"]["end_of_life"], expected);
    fs::write(fixture.path("eol.json"), "{}").unwrap();
    let output = watchkeeper(&[&list[..], &["--eol", &eol]].concat(), &text);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("eol.json: is no list of ends of life: "),
        "{}",
        stderr(&output)
    );
}

#[test]
fn what_cannot_be_listed_is_told_with_its_place() {
    let text = document("app:1.2", &["pkg:npm/a@1", "odd"]);
    let output = watchkeeper(&["scan", "sbom", "-", "--list-packages"], &text);
    assert_eq!(output.status.code(), Some(3));
    let expected = "components[1]: 'odd': 'odd' is no package URL: it does not begin with pkg:";
    assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    let output = watchkeeper(&["scan", "sbom", "-", "--list-packages"], "{\"a\": 1}");
    assert_eq!(output.status.code(), Some(2));
    let expected = "stdin: is no list of packages that is known: it has none of their marks";
    assert!(stderr(&output).contains(expected), "{}", stderr(&output));
}

#[test]
fn a_diff_tells_first_what_is_rarely_meant() {
    let fixture = Fixture::new();
    let (before, after) = (fixture.name("before"), fixture.name("after"));
    let output = watchkeeper(&["scan", "diff", &before, &format!("sbom:{after}")], "");
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let expected = "\
--- app:1.2 (debian 12.4)
+++ app:1.3 (debian 12.5)
1 downgraded, 1 removed, 1 added, 2 upgraded, 2 unchanged; another distribution

DOWNGRADED
  perl:amd64   deb       5.36.0-7 → 5.34.0-5

REMOVED
  left-pad     npm       1.3.0

ADDED
  new          npm       0.1.0

UPGRADED
  libc6:amd64  deb       2.36-9 → 2.36-9+deb12u4
  lodash       npm       4.17.20 → 4.17.21  (3.10.1 stays)
";
    assert_eq!(stdout(&output), expected);
}

#[test]
fn a_diff_is_for_programs_too() {
    let fixture = Fixture::new();
    let (before, after) = (fixture.name("before"), fixture.name("after"));
    let output = watchkeeper(&["scan", "diff", &before, &after, "--format", "json"], "");
    assert_eq!(output.status.code(), Some(1));
    let diff: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(diff["format"], "1.0");
    assert_eq!(diff["summary"]["upgraded"], 2);
    assert_eq!(
        (&diff["distro_changed"], &diff["to"]["distro"]["version"]),
        (&json!(true), &json!("12.5"))
    );
    let lodash = json!({"change": "upgraded", "name": "lodash", "type": "npm", "from": ["4.17.20"],
        "to": ["4.17.21"], "kept": ["3.10.1"]});
    assert_eq!(diff["changes"][4], lodash);
}

#[test]
fn inventories_of_this_program_are_compared_as_what_they_were_made_of() {
    let fixture = Fixture::new();
    let before = fixture.name("before");
    for format in ["json", "cyclonedx", "spdx", "spdx3"] {
        let listed =
            watchkeeper(&["scan", "sbom", &before, "--list-packages", "--format", format], "");
        let output = watchkeeper(&["scan", "diff", &before, "-", "--places"], &stdout(&listed));
        assert_eq!(output.status.code(), Some(0), "{format}: {}", stdout(&output));
    }
}

#[test]
fn what_is_meant_otherwise_is_told_with_how_to_mend_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe"), 0o600.into()).unwrap();
    fs::write(path("two.tar"), archive("[{'Config': 'a', 'Layers': [], 'RepoTags': ['a:\u{1b}[2J']}, {'Config': 'b', 'Layers': []}]")).unwrap();
    for (arguments, why) in [
        (vec!["image", ""], "the name of the image is empty"),
        (vec!["image", "docker:"], "there is no name of an image behind the colon"),
        (vec!["image", &path("pipe")], "pipe: it is neither a file nor a folder; write the image"),
        (vec!["vm", &path("pipe")], "pipe: it is neither a file nor a block device; write the"),
        (vec!["image", &path("two.tar")], r"choose one with --image: a:\x1b[2J"),
    ] {
        let output = watchkeeper(&[&["scan"], &arguments[..], &["--list-packages"]].concat(), "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(why), "{arguments:?}: {}", stderr(&output));
    }
    for (arguments, why) in [
        (["-", "-"], "both targets are '-', and stdin comes only once"),
        (
            ["app:1", "app:2"],
            "app:1: No such file or directory (os error 2); if it is an image, write image:app:1",
        ),
    ] {
        let output = watchkeeper(&[&["scan", "diff"], &arguments[..]].concat(), "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(why), "{arguments:?}: {}", stderr(&output));
    }
}

/// An archive with this list of images.
fn archive(manifest: &str) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let manifest = manifest.replace('\'', "\"").replace('\u{1b}', "\\u001b");
    let mut header = tar::Header::new_ustar();
    header.set_size(manifest.len() as u64);
    archive.append_data(&mut header, "manifest.json", manifest.as_bytes()).unwrap();
    archive.into_inner().unwrap()
}

#[test]
fn a_diff_in_part_is_told() {
    let fixture = Fixture::new();
    let (before, folder) = (fixture.name("before"), fixture.folder.path().to_str().unwrap());
    let broken = document("app:1.2", &["odd"]);
    let output = watchkeeper(&["scan", "diff", &before, "-"], &broken);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let output = watchkeeper(&["scan", "diff", &before, folder], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("is a folder; say what it is of: rootfs:"),
        "{}",
        stderr(&output)
    );
    let output = watchkeeper(&["scan", "diff", &before, &format!("rootfs:{folder}")], "");
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
}
