//! The cases of Falco's old regression suite of which we have the recording, through the program
//! itself: alerts as Falco 0.44.1 gives them today, and rule files that are refused.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use testkit::data;

/// Cases in which we do as the suite expected, not as Falco does today: its options for tags and
/// parts of names are gone, and what replaced them means something else.
const AS_IT_WAS: [&str; 2] = ["disabled_and_enabled_rules_1", "disabled_rules_using_substring"];

#[test]
fn cases_of_the_old_suite_end_as_in_falco() {
    let Some(data) = data() else { return };
    let legacy = data.join("falco/legacy");
    let text = fs::read_to_string(legacy.join("expected.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let (mut compared, mut wrong) = (0, Vec::new());
    for case in cases.iter().filter(|case| case["trace_available"] == true) {
        compared += 1;
        if let Err(difference) = check(case, &data) {
            wrong.push(format!("{}: {difference}", name(case)));
        }
    }
    println!("{compared} cases compared");
    for line in &wrong {
        println!("{line}");
    }
    assert!(compared > 0, "nothing was compared");
    assert!(wrong.is_empty(), "{} cases differ", wrong.len());
}

fn name(case: &Value) -> &str {
    case["name"].as_str().unwrap()
}

fn check(case: &Value, data: &Path) -> Result<(), String> {
    let output = replay(case, data);
    let code = output.status.code().unwrap();
    let is_refused = case.get("validate_errors").is_some() || has_both_kinds_of_tags(case);
    if is_refused {
        return match (code, output.stdout.is_empty()) {
            (2, true) => Ok(()),
            (code, _) => Err(format!("not refused, but ended with {code}")),
        };
    }
    if code != 0 {
        return Err(format!("ended with {code}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    if case.get("validate_rules_file").is_some() {
        // The suite only asks whether the rules load.
        return Ok(());
    }
    let alerts = lines(&output.stdout);
    let levels: Vec<&Value> = alerts.iter().map(|alert| &alert["priority"]).collect();
    for level in words(&case["detect_level"]).filter(|_| case["detect"] == true) {
        let is_there = levels.iter().any(|l| is_level(l.as_str().unwrap(), level));
        is_there.then_some(()).ok_or_else(|| format!("no alert of level {level}"))?;
    }
    match today(case, data) {
        Some(expected) => same(&alerts, &expected),
        None if case["detect"] == false && !alerts.is_empty() => Err("alerts".to_owned()),
        None => Ok(()),
    }
}

fn has_both_kinds_of_tags(case: &Value) -> bool {
    case.get("run_tags").is_some() && case.get("disable_tags").is_some()
}

fn is_level(priority: &str, level: &str) -> bool {
    priority.to_lowercase().starts_with(&level.to_lowercase())
}

fn replay(case: &Value, data: &Path) -> Output {
    let trace = case["trace_file"].as_str().unwrap().replace("trace_files/", "falco-");
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
    command.arg("replay").arg(data.join("scap/captures").join(trace));
    command.args(["--format", "json", "--hostname", "golden", "--quiet"]);
    command.args(["--engines", "lxc,libvirt-lxc,bpm"]);
    for path in rule_files(case, data) {
        command.arg("--rules").arg(path);
    }
    for (key, option) in [
        ("run_tags", "--tag"),
        ("disable_tags", "--disable-tag"),
        ("disabled_rules", "--disable-rule"),
        ("priority", "--min-priority"),
    ] {
        for word in words(&case[key]) {
            command.args([option, word]);
        }
    }
    command.output().unwrap()
}

fn rule_files(case: &Value, data: &Path) -> Vec<PathBuf> {
    let named: Vec<PathBuf> = words(&case["rules_file"])
        .chain(words(&case["validate_rules_file"]))
        .map(|path| data.join("falco/legacy").join(path))
        .collect();
    if named.is_empty() { vec![data.join("falco/rules/falco_rules.yaml")] } else { named }
}

/// One word or a list of such; none if there is nothing.
fn words(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().filter_map(Value::as_str)
}

/// The alerts that Falco gives today.
fn today(case: &Value, data: &Path) -> Option<Vec<Value>> {
    let suite = case["suite"].as_str().unwrap().trim_end_matches(".yaml");
    let file = format!("falco/legacy/falco-0.44.1/{suite}__{}.jsonl", name(case));
    let text = fs::read(data.join(file)).ok()?;
    (!AS_IT_WAS.contains(&name(case))).then(|| lines(&text))
}

fn lines(text: &[u8]) -> Vec<Value> {
    text.split(|&b| b == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

fn same(got: &[Value], want: &[Value]) -> Result<(), String> {
    if got.len() != want.len() {
        return Err(format!("{} alerts, not {}", got.len(), want.len()));
    }
    match got.iter().zip(want).find(|(got, want)| got != want) {
        Some((got, want)) => Err(format!("\n  {got} not\n  {want}")),
        None => Ok(()),
    }
}
