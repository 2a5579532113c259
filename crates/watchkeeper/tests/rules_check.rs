//! `rules check`, `rules list` and `rules fmt` as a rule author meets them.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use rules::{
    filter::Filter,
    format_rules::format_rules,
    load::{Definitions, RuleFile, load},
};
use serde_json::Value;
use tempfile::TempDir;

const GOOD: &str = "\
- macro: opens
  condition: evt.type in (open, openat)

- rule: Opens
  desc: something opens
  condition: opens and fd.name = /etc/shadow
  output: opened %fd.name
  priority: WARNING
  tags: [host, mitre_credential_access, T1003.008]

- rule: Quiet
  desc: is off
  condition: evt.type = execve
  output: ran %proc.name
  priority: INFO
  enabled: false
";

/// A folder of rule files.
struct Rules(TempDir);

impl Rules {
    fn new(files: &[(&str, &str)]) -> Self {
        let rules = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            fs::write(rules.path(name), text).unwrap();
        }
        rules
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `watchkeeper rules VERB ...` in the folder.
    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
        command.arg("rules").args(arguments).current_dir(self.0.path());
        command
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn check_says_everything_at_once_each_with_its_place() {
    let wrong =
        "- rule: A\n  desc: a\n  condition: proc.nme = a\n  output: x\n  priority: WARNING\n";
    let rules = Rules::new(&[("a.yaml", wrong), ("b.yaml", "- list: [\n"), ("c.yaml", GOOD)]);
    fs::write(rules.path("d.yaml"), b"- list: a\n  items: [\xff]\n").unwrap();
    let output = rules.run(&["check", "a.yaml", "nofile", "b.yaml", "c.yaml", "d.yaml"]);
    let out = text(&output.stdout);
    assert_eq!(code(&output), 2, "{out}");
    let wanted = [
        "a.yaml:3:14: error: unknown field 'proc.nme'; did you mean 'proc.name'?",
        "  |   condition: proc.nme = a\n  |              ^^^^^^^^\n",
        "b.yaml:1:9: error: not YAML",
        "[LOAD_ERR_YAML_PARSE]",
        "nofile: error: No such file or directory",
        "d.yaml:2:11: error: is not UTF-8 text here",
        "[LOAD_ERR_FILE_READ]",
    ];
    for want in wanted {
        assert!(out.contains(want), "{want} in\n{out}");
    }
    assert!(text(&output.stderr).starts_with("4 errors, "), "{}", text(&output.stderr));
}

#[test]
fn check_tells_warnings_from_errors_by_its_exit_code() {
    let warned = format!("{GOOD}\n- list: nobody_uses_it\n  items: [a]\n");
    let rules = Rules::new(&[("good.yaml", GOOD), ("warned.yaml", &warned), ("empty.yaml", "")]);
    let cases: [(&[&str], i32, &str); 6] = [
        (&["check", "good.yaml"], 0, "0 errors, 0 warnings in 1 file, 2 rules (1 disabled)\n"),
        (&["check", "good.yaml", "--strict"], 0, ""),
        (&["check", "warned.yaml"], 0, "0 errors, 1 warning in 1 file, "),
        (&["check", "warned.yaml", "--strict"], 1, ""),
        (&["check", "empty.yaml", "/dev/null"], 0, "0 errors, 0 warnings in 2 files, 0 rules\n"),
        (&["check"], 2, ""),
    ];
    for (arguments, want, summary) in cases {
        let output = rules.run(arguments);
        assert_eq!(code(&output), want, "{arguments:?}: {}", text(&output.stdout));
        assert!(text(&output.stderr).contains(summary), "{}", text(&output.stderr));
    }
}

#[test]
fn check_has_forms_for_programs_and_for_github() {
    let name = "a%,:b.yaml";
    let rules = Rules::new(&[(name, "- rule: A\n  condition: proc.nme = a\n")]);
    let object = json(&rules.run(&["check", name, "--format", "json"]));
    assert_eq!(object["version"], 1);
    assert_eq!(object["files"][0], name);
    let problem = &object["errors"][0];
    for key in ["code", "severity", "item_type", "item_name", "message", "hint", "source"] {
        assert!(problem.get(key).is_some(), "{key}");
    }
    assert_eq!(problem["severity"], "error");
    assert!(problem["line"].as_u64().unwrap() >= 1);
    let output = rules.run(&["check", name, "--format", "github"]);
    let out = text(&output.stdout);
    assert!(out.starts_with("::error file=a%25%2C%3Ab.yaml,line="), "{out}");
    assert!(out.lines().all(|line| line.starts_with("::error ")), "{out}");
}

#[test]
fn nothing_in_a_file_reaches_the_terminal_as_a_command() {
    let hostile = "- rule: \"\\e[2J\\u202e\\n::error::x\"\n  condition: \"\\e[31m = \\x9b2J\"\n";
    let rules = Rules::new(&[("a\u{1b}[2J\n::error::.yaml", hostile)]);
    for form in ["text", "github"] {
        let output = rules.run(&["check", ".", "--format", form]);
        let out = text(&output.stdout);
        assert!(!out.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{out:?}");
        assert!(!out.contains("\n::error::"), "{out:?}");
    }
}

#[test]
fn check_reads_stdin_and_says_when_a_folder_has_no_rules() {
    let rules = Rules::new(&[]);
    let output = testkit::fed(&mut rules.command(&["check", "-"]), GOOD.as_bytes()).unwrap();
    assert!(output.status.success(), "{}", text(&output.stdout));
    let output = rules.run(&["check", "."]);
    assert_eq!(code(&output), 2);
    assert!(text(&output.stdout).contains("has no rule files in it"));
}

#[test]
fn list_shows_events_and_attack_and_keeps_the_order() {
    let rules = Rules::new(&[("good.yaml", GOOD)]);
    let out = text(&rules.run(&["list", "good.yaml", "--macros"]).stdout);
    let lines: Vec<&str> = out.lines().collect();
    assert!(
        lines[1].starts_with("Warning        on        Opens  open openat  T1003.008 TA0006"),
        "{out}"
    );
    assert!(lines[2].starts_with("Informational  disabled  Quiet  execve"), "{out}");
    assert!(out.contains("opens  yes   good.yaml:1"), "{out}");
    let object = json(&rules.run(&["list", "good.yaml", "--format", "json"]));
    let rule = &object["rules"][0];
    assert_eq!(rule["events"], serde_json::json!(["open", "openat"]));
    assert_eq!(rule["techniques"], serde_json::json!(["T1003.008"]));
    assert_eq!(rule["tactics"], serde_json::json!(["TA0006"]));
    assert_eq!((&rule["file"], &rule["line"]), (&"good.yaml".into(), &4.into()));
}

#[test]
fn list_filters_by_tag_priority_source_and_name() {
    let rules = Rules::new(&[("good.yaml", GOOD)]);
    let cases: [(&[&str], &[&str]); 8] = [
        (&[], &["Opens", "Quiet"]),
        (&["--tag", "host"], &["Opens"]),
        (&["--tag", "T1003"], &["Opens"]),
        (&["--tag", "TA0006", "--tag", "none"], &["Opens"]),
        (&["--priority", "warning"], &["Opens"]),
        (&["--source", "k8s_audit"], &[]),
        (&["--name", "q*"], &["Quiet"]),
        (&["--name", "OPEN?"], &["Opens"]),
    ];
    for (arguments, want) in cases {
        let mut all = vec!["list", "good.yaml", "--format", "json"];
        all.extend(arguments);
        let object = json(&rules.run(&all));
        let names: Vec<&str> = object["rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, want, "{arguments:?}");
    }
    let wrong = rules.run(&["list", "good.yaml", "--priority", "high"]);
    assert_eq!(code(&wrong), 2);
    assert!(text(&wrong.stderr).contains("'high' is not a priority"), "{}", text(&wrong.stderr));
}

#[test]
fn fmt_writes_what_changes_and_keeps_mode_and_links() {
    let messy = "- condition: evt.type=open\n  macro:   a\n";
    let rules = Rules::new(&[("a.yaml", messy), ("good.yaml", GOOD)]);
    fs::set_permissions(rules.path("a.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("a.yaml", rules.path("link")).unwrap();
    let check = rules.run(&["fmt", "--check", "."]);
    assert_eq!((code(&check), text(&check.stdout)), (1, "./a.yaml\n".to_owned()));
    assert_eq!(fs::read_to_string(rules.path("a.yaml")).unwrap(), messy);
    let want = "- macro: a\n  condition: evt.type=open\n";
    assert_eq!(text(&rules.run(&["fmt", "--stdout", "link"]).stdout), want);
    assert_eq!(code(&rules.run(&["fmt", "link"])), 0);
    assert!(rules.path("link").is_symlink());
    assert_eq!(fs::read_to_string(rules.path("a.yaml")).unwrap(), want);
    let mode = fs::metadata(rules.path("a.yaml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(code(&rules.run(&["fmt", "--check", "."])), 0);
    assert_eq!(fs::read_dir(rules.0.path()).unwrap().count(), 3, "no file is left beside");
}

#[test]
fn fmt_leaves_alone_what_it_cannot_keep_and_goes_on() {
    let rules = Rules::new(&[
        ("anchor.yaml", "- list: a\n  items: &b [c]\n"),
        ("broken.yaml", "- list: [\n"),
        ("good.yaml", "- list:   a\n"),
    ]);
    let output = rules.run(&["fmt", ".", "nofile"]);
    let said = text(&output.stderr);
    assert_eq!(code(&output), 2);
    assert!(said.contains("./anchor.yaml:2:"), "{said}");
    assert!(said.contains("1 of 4 files changed, 3 left alone"), "{said}");
    assert_eq!(fs::read_to_string(rules.path("good.yaml")).unwrap(), "- list: a\n");
}

/// What rules say, without blanks and places.
fn meaning(definitions: &Definitions) -> Vec<String> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let rule = |rule: &rules::load::Rule| {
        let program = Filter::of_tree(&rule.condition).map(|filter| filter.to_string()).ok();
        format!(
            "{} {} {} {} {:?} {} {:?} {} {:?} {program:?}",
            rule.name,
            rule.desc,
            words(&rule.condition_text),
            rule.output_text,
            rule.priority,
            rule.source,
            rule.tags,
            rule.is_on(),
            rule.exceptions.iter().map(|e| (&e.name, &e.fields, &e.values)).collect::<Vec<_>>(),
        )
    };
    let list = |list: &rules::load::List| format!("{} {:?}", list.name, list.items);
    definitions.rules.iter().map(rule).chain(definitions.lists.iter().map(list)).collect()
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            yaml_files(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "yaml") {
            found.push(path);
        }
    }
}

#[test]
fn formatting_keeps_what_every_rule_file_of_the_field_says() {
    let Some(data) = testkit::data() else { return };
    let mut files = Vec::new();
    yaml_files(&data.join("falco/rules"), &mut files);
    yaml_files(&data.join("falco/legacy/rules"), &mut files);
    let mut compared = 0;
    for path in files {
        let Ok(before) = fs::read_to_string(&path) else { continue };
        let Ok(after) = format_rules(&before) else { continue };
        assert_eq!(format_rules(&after).as_ref(), Ok(&after), "{}", path.display());
        let loaded = |text: String| load(vec![RuleFile { name: String::new(), text }]);
        match (loaded(before), loaded(after)) {
            (Ok(before), Ok(after)) => {
                compared += 1;
                assert_eq!(meaning(&before.definitions), meaning(&after.definitions));
                assert_eq!(before.warnings.list.len(), after.warnings.list.len());
            }
            (before, after) => assert_eq!(before.is_err(), after.is_err(), "{}", path.display()),
        }
    }
    assert!(compared > 50, "{compared}");
}

#[test]
fn check_tells_once_for_each_file_that_a_source_is_not_here() {
    let rule = |name: &str, source: &str| {
        format!(
            "- rule: {name}\n  desc: d\n  condition: ka.verb = get\n  output: o\n  \
             priority: INFO\n  source: {source}\n"
        )
    };
    let one = rule("A", "k8s_audit") + &rule("B", "k8s_audit") + &rule("C", "okta");
    let two = rule("D", "k8s_audit");
    let rules = Rules::new(&[("one.yaml", &one), ("two.yaml", &two)]);
    let out = text(&rules.run(&["check", "one.yaml", "two.yaml"]).stdout);
    let told: Vec<_> = out.lines().filter(|line| line.contains("warning:")).collect();
    let begins = ["one.yaml:1:9: ", "one.yaml:13:9: ", "two.yaml:1:9: "];
    assert_eq!(told.len(), begins.len(), "{out}");
    assert!(told.iter().zip(begins).all(|(line, begin)| line.starts_with(begin)), "{out}");
    assert!(out.contains("\n  = the same for 1 more rule\n"), "{out}");
    let object = json(&rules.run(&["check", "one.yaml", "two.yaml", "--format", "json"]));
    assert_eq!(object["warnings"].as_array().unwrap().len(), 4, "programs hear of every rule");
}
