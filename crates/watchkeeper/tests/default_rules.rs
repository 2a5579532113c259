//! The default rules: whole, documented, tested, quiet on ordinary work, and awake to attacks.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use event::alert::Priority;
use rules::load::{Loaded, Rule, RuleFile, Status, load};
use serde_json::Value;
use testkit::data;

/// Tactics as tags name them.
const TACTIC: &str = "mitre_";
/// What an output has to say of who did it.
const WHO: [&str; 2] = ["%user.name", "%container.id"];
/// An output says what was done by at least one of these.
const WHAT: [&str; 2] = ["%proc.cmdline", "%container.mounts"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths.filter(|p| p.extension().is_some_and(|e| e == "yaml")).collect();
    files.sort();
    files
}

fn loaded() -> Loaded {
    let read = |path: &PathBuf| RuleFile {
        name: path.display().to_string(),
        text: fs::read_to_string(path).unwrap(),
    };
    load(files("rules").iter().map(read).collect()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn watchkeeper(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_watchkeeper"))
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap()
}

fn techniques(rule: &Rule) -> Vec<&str> {
    let is_technique = |tag: &&str| {
        tag.strip_prefix('T').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    rule.tags.iter().map(|tag| &**tag).filter(is_technique).collect()
}

#[test]
fn they_load_without_a_warning_and_all_can_match() {
    let loaded = loaded();
    assert_eq!(loaded.warnings.list, []);
    for rule in &loaded.definitions.rules {
        assert_eq!(rule.status, Status::Active, "{}", rule.name);
        assert!(rule.enabled, "{} is off", rule.name);
    }
}

#[test]
fn each_says_what_it_sees_and_who_did_what() {
    for rule in loaded().definitions.rules {
        let name = &rule.name;
        assert!(rule.desc.len() > 20, "{name} has no description");
        assert!(rule.tags.iter().any(|tag| tag.starts_with(TACTIC)), "{name} has no tactic");
        assert!(!techniques(&rule).is_empty(), "{name} has no technique");
        let output = &rule.output_text;
        assert!(WHO.iter().all(|field| output.contains(field)), "{name} does not say who");
        assert!(WHAT.iter().any(|field| output.contains(field)), "{name} does not say what");
    }
}

#[test]
fn what_is_worse_stands_before_what_is_not() {
    let rules = loaded().definitions.rules;
    let first_notice = rules.iter().position(|rule| rule.priority > Priority::Warning).unwrap();
    for rule in &rules[first_notice..] {
        assert!(rule.priority > Priority::Warning, "{} may be hidden by a notice", rule.name);
    }
}

#[test]
fn each_has_a_case_that_it_sees_and_one_that_it_leaves_alone() {
    let texts = files("rules/tests").into_iter().map(|path| fs::read_to_string(path).unwrap());
    let cases = texts.collect::<Vec<_>>().concat();
    for rule in loaded().definitions.rules {
        for end in ["sees", "leaves alone"] {
            let case = format!("- name: \"{} {end}\"\n", rule.name);
            assert!(cases.contains(&case), "rules/tests: no case '{} {end}'", rule.name);
        }
    }
}

#[test]
fn their_cases_pass() {
    let output = watchkeeper(&["rules", "test", "rules/tests"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_page_about_them_is_up_to_date() {
    let page = fs::read_to_string(root().join("docs/default-rules.md")).unwrap();
    let rules = loaded().definitions.rules;
    for rule in &rules {
        let row = row(rule);
        assert!(page.contains(&row), "docs/default-rules.md: write\n{row}");
    }
    let rows = page.lines().filter(|line| line.contains("| T")).count();
    assert_eq!(rows, rules.len(), "docs/default-rules.md has rows of rules that are gone");
}

fn row(rule: &Rule) -> String {
    let desc = rule.desc.trim().replace('|', "\\|");
    let techniques = techniques(rule).join(" ");
    format!("| {} | {} | {techniques} | {desc} |\n", rule.name, rule.priority)
}

#[test]
fn they_see_every_recorded_attack_and_are_quiet_on_ordinary_work() {
    let Some(data) = data() else { return };
    for recorder in ["sysdig-0.41.4", "sysdig-0.29.3"] {
        for matching in ["first", "all"] {
            check_score(&data.join("scap/attacks").join(recorder), &data, matching);
        }
    }
}

fn check_score(attacks: &Path, data: &Path, matching: &str) {
    let captures = data.join("scap/captures");
    let (attacks, captures) = (attacks.to_str().unwrap(), captures.to_str().unwrap());
    let common = ["rules", "score", attacks, "--benign", captures, "--format", "json"];
    let output =
        watchkeeper(&[&common[..], &["--rules", "rules", "--rule-matching", matching]].concat());
    let score: Value = serde_json::from_slice(&output.stdout).unwrap();
    let count = |key: &str| score[key].as_u64().unwrap();
    assert_eq!(count("false_alarms"), 0, "{attacks}");
    assert_eq!(count("seen"), count("attacks"), "{attacks}");
    assert_eq!(count("seen_beside"), 0, "{attacks}: seen, but not by what was done");
}
