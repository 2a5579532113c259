//! `rules score`: which recorded attacks rules see.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

const RULES: &str = "
- rule: Read shadow
  desc: somebody reads the password hashes
  condition: evt.type = open and fd.name = /etc/shadow
  output: read by %proc.name
  priority: WARNING
  tags: [T1003.008, host]
- rule: Program
  desc: a program begins
  condition: evt.type = execve
  output: '%proc.cmdline'
  priority: NOTICE
";

/// An attack whose second step an alert is about, and ordinary work that reads the hashes too.
fn scenarios() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("rules.yaml", RULES);
    write(
        "cases.yaml",
        "rules: [rules.yaml]
cases:
  - name: h01
    events:
      - {process: init, exec: /usr/bin/cat, args: [/etc/shadow]}
      - {open: /etc/shadow, flags: O_RDONLY}
    expect: [{at_least: 0}]
  - name: b01
    events:
      - {process: init, exec: /usr/sbin/cron}
      - {open: /etc/shadow, flags: O_RDONLY}
      - {open: /etc/shadow, flags: O_RDONLY}
    expect: [{at_least: 0}]
  - name: h02
    events:
      - {process: init, exec: /usr/bin/id}
    expect: [{at_least: 0}]
",
    );
    write(
        "truth/h01.json",
        r#"{"kind": "attack", "title": "hashes are read", "techniques": ["T1003"], "steps": [
            {"description": "look around", "commands": [["id"]]},
            {"description": "read", "commands": [["cat", "/etc/shadow"]]}]}"#,
    );
    let made = Command::new(env!("CARGO_BIN_EXE_watchkeeper"))
        .current_dir(dir.path())
        .args(["rules", "test", "cases.yaml", "--captures", "captures"])
        .output()
        .unwrap();
    assert_eq!(made.status.code(), Some(0), "{}", String::from_utf8_lossy(&made.stderr));
    dir
}

fn score(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_watchkeeper"))
        .current_dir(dir)
        .args(["rules", "score", ".", "--rules", "rules.yaml"])
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn attacks_steps_and_false_alarms_are_counted() {
    let dir = scenarios();
    let out = score(dir.path(), &["--steps"]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    for line in [
        "b01  FALSE ALARM\n",
        "h01  seen         1 of 2 steps  hashes are read (T1003)\n",
        "     1 Warning Read shadow (T1003.008)\n",
        "       first on event 4: read by cat\n",
        "     1 Notice Program, does not count\n",
        "       step 1: look around: no alert\n",
        "       step 2: read: Read shadow\n",
        "h02  MISSED\n",
        "seen 1 of 2 attacks (0 beside what was done), 1 of their 2 steps; 2 false alarms in 1 \
         benign recordings; alerts at Warning or worse\n",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn exit_is_1_under_what_is_asked_for() {
    let dir = scenarios();
    let cases: [(&[&str], i32); 6] = [
        (&["--fail-under", "1"], 1),
        (&["--fail-under", "1", "--allow-false-alarms", "2"], 0),
        (&["--fail-under", "2", "--allow-false-alarms", "2"], 1),
        (&["--fail-under", "2", "--allow-false-alarms", "9", "--at-least", "notice"], 0),
        (&["--at-least", "bad"], 2),
        (&["--benign", "nowhere"], 2),
    ];
    for (arguments, code) in cases {
        let out = score(dir.path(), arguments);
        let said = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(code), "{arguments:?}: {said}");
    }
}

/// Alerts of Falco on recorded attacks, by rule: ours are the same.
#[test]
fn counts_are_falcos_on_recorded_attacks() {
    let Some(data) = testkit::data() else { return };
    let file = |name: &str| data.join(format!("falco/rules/{name}_rules.yaml"));
    let stable = vec![file("falco")];
    let default = vec![file("falco"), file("falco-incubating"), file("falco-sandbox")];
    for recorder in ["sysdig-0.29.3", "sysdig-0.41.4"] {
        let root = data.join("scap/attacks").join(recorder);
        check(&root, "stable-first", &stable, "first");
        check(&root, "default-first", &default, "first");
        check(&root, "default-all", &default, "all");
    }
}

fn check(root: &Path, mode: &str, rules: &[PathBuf], matching: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
    command.args(["rules", "score", "--at-least", "debug", "--format", "json"]).arg(root);
    command.args(["--rule-matching", matching]);
    for path in rules {
        command.arg("--rules").arg(path);
    }
    let out = command.output().unwrap();
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    for scenario in json["scenarios"].as_array().unwrap() {
        let name = scenario["name"].as_str().unwrap();
        let mut expected = rules_of(&root.join(format!("golden/alerts/{mode}/{name}.jsonl")));
        let mut found: Vec<String> = Vec::new();
        for rule in scenario["rules"].as_array().unwrap() {
            let count = rule["alerts"].as_u64().unwrap() as usize;
            found.extend(vec![rule["rule"].as_str().unwrap().to_owned(); count]);
        }
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "{mode} {name}");
    }
    assert_eq!((json["false_alarms"].as_u64(), json["benign"].as_u64()), (Some(0), Some(2)));
}

/// The rule of each alert in a file of them.
fn rules_of(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let rule = |line: &str| -> String {
        let alert: Value = serde_json::from_str(line).unwrap();
        alert["rule"].as_str().unwrap().to_owned()
    };
    text.lines().map(rule).collect()
}
