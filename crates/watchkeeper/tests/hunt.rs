//! Rules over recordings, long after the fact.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use capture::file::{Compression, Writer};
use event::{
    EventBuilder,
    snapshot::{Machine, Record, ThreadEntry},
    syscalls::OPEN_X,
};
use tempfile::TempDir;

const START: u64 = 1_795_392_000_000_000_000;

/// A folder with two captures of a shell that opens files, and rules in two versions.
struct Fixture(TempDir);

impl Fixture {
    fn new() -> Self {
        let fixture = Self(tempfile::tempdir().unwrap());
        fs::create_dir(fixture.path("captures")).unwrap();
        fs::write(fixture.path("captures/a.scap"), capture(&["/etc/a", "/etc/b"])).unwrap();
        fs::write(fixture.path("captures/b.scap"), capture(&["/etc/b", "/srv/c"])).unwrap();
        fs::write(fixture.path("captures/notes.txt"), "no capture").unwrap();
        let old = [rule("A", "WARNING", "/etc/a"), rule("C", "ERROR", "/srv/c")].concat();
        fs::write(fixture.path("old.yaml"), old).unwrap();
        let new = [rule("A", "CRITICAL", "/etc/a"), rule("B", "NOTICE", "/etc/b")].concat();
        fs::write(fixture.path("new.yaml"), new).unwrap();
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn hunt(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
        command.current_dir(self.0.path()).arg("--quiet").arg("hunt").args(arguments);
        command.output().unwrap()
    }

    fn lines(&self, arguments: &[&str]) -> Vec<String> {
        let output = self.hunt(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }
}

fn rule(name: &str, priority: &str, path: &str) -> String {
    format!(
        "- rule: {name}\n  desc: d\n  condition: evt.type = open and fd.name = {path}\n  \
         output: opened %fd.name\n  priority: {priority}\n"
    )
}

fn capture(paths: &[&str]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), Compression::None).unwrap();
    let machine = Machine { cpus: 1, hostname: b"shop-1", ..Machine::default() };
    writer.write(&Record::Machine(machine)).unwrap();
    let shell = ThreadEntry { tid: 42, pid: 42, ptid: 1, comm: b"sh", ..ThreadEntry::default() };
    writer.write(&Record::Thread(shell)).unwrap();
    let mut builder = EventBuilder::default();
    for (number, path) in paths.iter().enumerate() {
        builder.start(OPEN_X, START + number as u64, 42, 1);
        builder.i64(3).text(path).u32(1).u32(0).u32(0).u64(0);
        writer.write(&Record::Event(builder.event().unwrap())).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn a_folder_stands_for_its_captures() {
    let fixture = Fixture::new();
    let lines = fixture.lines(&["new.yaml", "captures"]);
    let found: Vec<&str> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(found, ["captures/a.scap:", "captures/a.scap:", "captures/b.scap:"]);
    assert!(lines[0].contains("Critical opened /etc/a"), "{lines:?}");
}

#[test]
fn one_recording_needs_no_label() {
    let fixture = Fixture::new();
    let lines = fixture.lines(&["old.yaml", "captures/b.scap"]);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("00:00:00.000000001: Error opened /srv/c"), "{lines:?}");
}

#[test]
fn a_change_of_rules_shows_what_it_adds_and_loses() {
    let fixture = Fixture::new();
    let lines = fixture.lines(&["--diff", "old.yaml", "new.yaml", "captures"]);
    let marks: Vec<&str> = lines.iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(marks, ["+ captures/a.scap", "+ captures/b.scap", "- captures/b.scap"]);
    assert!(lines[2].contains("opened /srv/c"), "{lines:?}");
    let counts = fixture.lines(&["--diff", "old.yaml", "new.yaml", "captures", "--count"]);
    let words: Vec<Vec<&str>> = counts.iter().map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(words, [["+2", "-0", "Notice", "B"], ["+0", "-1", "Error", "C"]]);
}

#[test]
fn the_same_rules_differ_in_nothing() {
    let fixture = Fixture::new();
    let lines = fixture.lines(&["--diff", "old.yaml", "old.yaml", "captures"]);
    assert!(lines.is_empty(), "{lines:?}");
}

#[test]
fn json_names_the_recording_and_the_change() {
    let fixture = Fixture::new();
    let lines =
        fixture.lines(&["--diff", "old.yaml", "new.yaml", "captures/b.scap", "--format", "json"]);
    let values: Vec<serde_json::Value> =
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = values.iter().map(|v| (v["change"].as_str(), v["alert"]["rule"].as_str()));
    assert_eq!(told.collect::<Vec<_>>(), [(Some("added"), Some("B")), (Some("lost"), Some("C"))]);
    assert_eq!(values[0]["recording"], "captures/b.scap");
}

#[test]
fn rules_that_stand_alone_get_their_macros_from_another_file() {
    let fixture = Fixture::new();
    fs::write(fixture.path("macros.yaml"), "- macro: opened\n  condition: evt.type = open\n")
        .unwrap();
    let alone = "- rule: R\n  desc: d\n  condition: opened\n  output: o\n  priority: NOTICE\n";
    fs::write(fixture.path("alone.yaml"), alone).unwrap();
    assert_eq!(fixture.hunt(&["alone.yaml", "captures"]).status.code(), Some(2));
    assert_eq!(fixture.lines(&["alone.yaml", "--with", "macros.yaml", "captures"]).len(), 4);
}

#[test]
fn wrong_requests_are_refused_with_one_clear_message() {
    let fixture = Fixture::new();
    fs::create_dir(fixture.path("empty")).unwrap();
    let cases: [(&[&str], &str); 4] = [
        (&["old.yaml"], "nothing to look through; give captures or a store after the rules"),
        (&["old.yaml", "nowhere.scap"], "nowhere.scap: No such file"),
        (&["old.yaml", "empty"], "empty: is no store of incidents and has no captures in it"),
        (&["--diff", "old.yaml", "gone.yaml", "captures"], "gone.yaml: No such file"),
    ];
    for (arguments, want) in cases {
        let output = fixture.hunt(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(want), "{arguments:?}: {said}");
    }
}

#[test]
fn fail_on_asks_for_a_priority() {
    let fixture = Fixture::new();
    let code = |arguments: &[&str]| fixture.hunt(arguments).status.code();
    assert_eq!(code(&["old.yaml", "captures", "--fail-on", "error"]), Some(1));
    assert_eq!(code(&["old.yaml", "captures", "--fail-on", "critical"]), Some(0));
    assert_eq!(
        code(&["--diff", "old.yaml", "old.yaml", "captures", "--fail-on", "debug"]),
        Some(0)
    );
}
