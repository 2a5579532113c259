//! `replay --rules` as a person meets it, over the made-up intrusion: what is printed, what is refused,
//! how it ends.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

mod intrusion;

use std::{
    fs,
    io::Read,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use intrusion::{INTRUSION, first};

/// Three rules that the intrusion matches, and one that is off.
const RULES: &str = r#"
- rule: Read shadow
  desc: Somebody reads the hashes of passwords.
  condition: evt.type = openat and fd.name = /etc/shadow and evt.rawres >= 0
  output: shadow opened (command=%proc.cmdline)
  priority: WARNING
  tags: [files, secrets]
- rule: Program begins
  desc: Any program.
  condition: evt.type = execve
  output: "program (exe=%proc.exepath user=%user.name)"
  priority: INFO
  tags: [process]
- rule: Page served
  desc: The server reads a page.
  condition: evt.type = openat and proc.name = nginx
  output: "page %fd.name"
  priority: DEBUG
  tags: [files]
- rule: Any open
  desc: Off, for there are many.
  condition: evt.type = openat
  output: "open %fd.name"
  priority: NOTICE
  enabled: false
"#;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("rules.yaml", RULES);
        folder
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.0.path().join(name), text).unwrap();
        self.path(name)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// Runs replay over the intrusion with the rules and these options.
    fn replay(&self, options: &[&str]) -> Output {
        let rules = self.path("rules.yaml");
        watchkeeper(&[&["replay", INTRUSION, "--rules", &rules], options].concat())
    }
}

fn watchkeeper(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_watchkeeper")).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The intrusion's one alert about secrets on the host itself.
const ON_THE_HOST: [&str; 4] = ["--tag", "secrets", "--filter", "container.id = host"];

/// The event behind it.
const READ: &str = "evt.type = openat and fd.name = /etc/shadow and container.id = host";

/// How many alerts of each rule.
fn counts(output: &Output) -> Vec<(String, u64)> {
    let row = |line: &str| {
        let (count, rest) = line.trim().split_once("  ").unwrap();
        (rest.split_once("  ").unwrap().1.trim().to_owned(), count.parse().unwrap())
    };
    stdout(output).lines().map(row).collect()
}

#[test]
fn an_alert_is_a_line_of_text_and_a_summary_follows_on_stderr() {
    let output = Folder::new().replay(&ON_THE_HOST);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        stdout(&output),
        first(READ, "%evt.time")
            + ": Warning shadow opened (command=grep deploy /etc/shadow) container_id=host \
               container_name=host container_image_repository= container_image_tag= \
               k8s_pod_name=<NA> k8s_ns_name=<NA>\n"
    );
    assert!(stderr(&output).contains("1 alert from "), "{}", stderr(&output));
    let quiet = Folder::new().replay(&[&ON_THE_HOST[..], &["--quiet"]].concat());
    assert_eq!((stdout(&quiet), stderr(&quiet)), (stdout(&output), String::new()));
}

#[test]
fn json_lines_have_falcos_keys_and_the_recorded_host() {
    let folder = Folder::new();
    let output = folder.replay(&["--format", "json"]);
    let lines: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() > 3);
    for line in &lines {
        let keys: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        let falcos =
            ["hostname", "output", "output_fields", "priority", "rule", "source", "tags", "time"];
        assert_eq!(keys, falcos);
        assert_eq!(line["hostname"], "web-1");
        assert!(line["output_fields"]["evt.time"].is_u64());
    }
    let options =
        ["--format", "json", "--hostname", "other", "--append-output", "on %evt.hostname"];
    let renamed = stdout(&folder.replay(&options));
    let line: Value = serde_json::from_str(renamed.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&line["hostname"], &line["output_fields"]["evt.hostname"]),
        (&"other".into(), &"other".into())
    );
    assert!(line["output"].as_str().unwrap().contains(" on other "));
}

#[test]
fn options_say_which_rules_take_part() {
    let folder = Folder::new();
    let (shadow, program, page, open) =
        ("Read shadow", "Program begins", "Page served", "Any open");
    let cases: [(&[&str], &[&str]); 11] = [
        (&[], &[shadow, program, page]),
        (&["--rule-matching", "all", "--enable-rule", "Any"], &[shadow, program, page, open]),
        (&["--min-priority", "info"], &[shadow, program]),
        (&["--tag", "files"], &[shadow, page]),
        (&["--tag", "secrets", "--tag", "process"], &[shadow, program]),
        (&["--disable-tag", "files"], &[program]),
        (&["--disable-rule", "a"], &[]),
        (&["--disable-rule", "*a*", "--enable-rule", "Any*"], &[open]),
        (&["--tag", "process", "--enable-rule", "Any open"], &[program, open]),
        (&["--filter", "proc.name = nginx"], &[page]),
        (&["--from", "40s", "--disable-rule", "Program"], &[shadow, page]),
    ];
    for (options, expected) in cases {
        let output = folder.replay(&[options, &["--count"]].concat());
        let met: Vec<String> = counts(&output).into_iter().map(|(rule, _)| rule).collect();
        assert_eq!(met, expected, "{options:?} {}", stderr(&output));
    }
}

#[test]
fn the_first_match_counts_unless_all_are_asked_for() {
    let folder = Folder::new();
    let of = |options: &[&str]| {
        counts(&folder.replay(&[options, &["--count", "--enable-rule", "*"]].concat()))
    };
    let (first, all) = (of(&[]), of(&["--rule-matching", "all"]));
    assert_eq!(first[..3], all[..3]);
    assert_eq!(all[3].1, first.iter().map(|(_, count)| count).sum::<u64>() - first[1].1);
}

#[test]
fn the_exit_code_says_whether_an_alert_was_bad_enough() {
    let folder = Folder::new();
    let cases: [(&[&str], i32); 5] = [
        (&[], 0),
        (&["--fail-on", "warning"], 1),
        (&["--fail-on", "debug", "--tag", "process"], 1),
        (&["--fail-on", "ERROR"], 0),
        (&["--fail-on", "info", "--count", "--filter", "proc.name = nginx"], 0),
    ];
    for (options, code) in cases {
        assert_eq!(folder.replay(options).status.code(), Some(code), "{options:?}");
    }
}

#[test]
fn container_fields_can_be_left_out_and_others_added() {
    let fields = ["--append-output", "pid=%proc.pid", "--append-output", "%evt.num"];
    let options = [&ON_THE_HOST[..], &["--no-container-fields"], &fields].concat();
    let text = stdout(&Folder::new().replay(&options));
    let added = first(READ, "pid=%proc.pid %evt.num");
    assert!(text.ends_with(&format!("(command=grep deploy /etc/shadow) {added}\n")), "{text}");
}

#[test]
fn repeats_fold_and_the_limit_counts_alerts() {
    let folder = Folder::new();
    let one_page = ["--tag", "files", "--filter", "fd.name endswith /index.html"];
    let pages = |more: &[&str]| stdout(&folder.replay(&[&one_page[..], more].concat()));
    let all = pages(&[]);
    assert!(all.lines().count() > 2);
    let folded = pages(&["--fold", "1h"]);
    assert_eq!(folded.lines().next(), all.lines().next());
    assert_eq!(folded.lines().count(), 2);
    let count = format!("({} times in ", all.lines().count());
    assert!(folded.contains(&count), "{folded}");
    assert_eq!(pages(&["--limit", "2"]).lines().count(), 2);
}

#[test]
fn what_is_wrong_is_refused_with_code_2_and_nothing_on_stdout() {
    let folder = Folder::new();
    let broken = folder.write("broken.yaml", "- rule: [\n");
    let unknown = folder.write(
        "unknown.yaml",
        "- {rule: r, desc: d, condition: proc.nme = x, output: o, priority: INFO}\n",
    );
    fs::create_dir(folder.path("empty")).unwrap();
    let (rules, empty, none) =
        (folder.path("rules.yaml"), folder.path("empty"), folder.path("none"));
    let cases: [(&[&str], &str); 12] = [
        (&["--rules", &none], "none: "),
        (&["--rules", &empty], "no rule files"),
        (&["--rules", &rules, "--rules", &broken], "broken.yaml:"),
        (&["--rules", &unknown], "proc.nme"),
        (&["--rules", &rules, "--tag", "a", "--disable-tag", "b"], "--disable-tag"),
        (&["--rules", &rules, "--tag", "a", "--disable-rule", "b"], "--disable-rule"),
        (&["--rules", &rules, "--print", "%evt.num"], "--print"),
        (&["--rules", &rules, "--fail-on", "high"], "'high' is not a priority"),
        (&["--rules", &rules, "--append-output", "%proc.nme"], "proc.nme"),
        (&["--rules", &rules, "--fold", "soon"], "'soon' is not a duration"),
        (&["--rules", &rules, "--filter", "proc.nme = x"], "proc.nme"),
        (&["--fail-on", "error"], "--rules"),
    ];
    for (options, message) in cases {
        let output = watchkeeper(&[&["replay", INTRUSION], options].concat());
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert_eq!(stdout(&output), "", "{options:?}");
        assert!(stderr(&output).contains(message), "{options:?}: {}", stderr(&output));
    }
    let rules = folder.path("rules.yaml");
    let output = watchkeeper(&["replay", &folder.path("no.scap"), "--rules", &rules]);
    assert_eq!(output.status.code(), Some(2));
    let output = watchkeeper(&["replay", "-", INTRUSION, "-", "--rules", &rules]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("stdin can be read only once"), "{}", stderr(&output));
}

#[test]
fn rules_that_take_no_part_are_said() {
    let folder = Folder::new();
    let output = folder.replay(&["--disable-rule", "", "--disable-tag", "nosuch"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stderr(&output).contains("no rule takes part"), "{}", stderr(&output));
    assert!(stderr(&output).contains("'nosuch'"), "{}", stderr(&output));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::new();
    let rules = folder.path("rules.yaml");
    let mut child = Command::new(env!("CARGO_BIN_EXE_watchkeeper"))
        .args(["replay"])
        .args([INTRUSION; 300])
        .args(["--rules", &rules, "--rule-matching", "all", "--quiet"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut byte = [0];
    child.stdout.as_mut().unwrap().read_exact(&mut byte).unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
}
