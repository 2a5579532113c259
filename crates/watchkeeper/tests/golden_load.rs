//! Real rule files load, and bad ones are refused, as Falco 0.44.1 does.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use rules::load::{Loaded, Problem, Problems, RuleFile, Severity, Status, load};
use serde_json::Value;
use testkit::data;

const DEFAULT_FILES: [&str; 3] = ["falco_rules", "falco-incubating_rules", "falco-sandbox_rules"];

fn load_files(paths: &[PathBuf]) -> Result<Loaded, Problems> {
    let read = |path: &PathBuf| RuleFile {
        name: path.display().to_string(),
        text: fs::read_to_string(path).unwrap(),
    };
    load(paths.iter().map(read).collect())
}

fn defaults(data: &Path) -> Vec<PathBuf> {
    DEFAULT_FILES.map(|name| data.join(format!("falco/rules/{name}.yaml"))).into()
}

fn all_active(loaded: &Loaded) -> bool {
    loaded.definitions.rules.iter().all(|rule| rule.status == Status::Active)
}

#[test]
fn the_default_rules_load_unmodified_and_without_a_warning() {
    let Some(data) = data() else { return };
    let loaded = load_files(&defaults(&data)).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(loaded.definitions.rules.len(), 93);
    assert_eq!(loaded.warnings.list, []);
    assert!(all_active(&loaded));
    for path in defaults(&data) {
        assert!(load_files(&[path]).is_ok_and(|loaded| all_active(&loaded)));
    }
}

#[test]
fn everything_in_a_condition_stands_at_its_place() {
    let Some(data) = data() else { return };
    let definitions = load_files(&defaults(&data)).unwrap_or_else(|e| panic!("{e}")).definitions;
    let mut names = 0;
    for rule in &definitions.rules {
        assert_eq!(definitions.sources.text(rule.span), Some(&*rule.name));
        each_field(&rule.condition, &mut |name, span| {
            names += 1;
            let there = definitions.sources.text(span);
            assert_eq!(there, Some(name), "in {}", rule.name);
        });
    }
    assert!(names > 1_000, "{names}");
}

fn each_field(expr: &rules::filter::ast::Expr, found: &mut impl FnMut(&str, rules::filter::Span)) {
    use rules::filter::ast::{Expr, Operand};
    match expr {
        Expr::And(children) | Expr::Or(children) => {
            children.iter().for_each(|child| each_field(child, found));
        }
        Expr::Not(child) => each_field(child, found),
        Expr::Macro(name, condition) => {
            found(&name.text, name.span);
            each_field(condition.as_ref().unwrap(), found);
        }
        Expr::Check(check) => {
            if let Operand::Field { name, .. } = &check.left {
                found(&name.text, name.span);
            }
        }
    }
}

#[test]
fn rules_for_sources_of_plugins_load_and_stay_inactive() {
    let Some(data) = data() else { return };
    let folder = data.join("falco/rules/plugins");
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let mut paths = vec![path.clone()];
        if path.ends_with("k8s_audit_rules_gke.yaml") {
            paths.insert(0, folder.join("k8s_audit_rules.yaml"));
        }
        let loaded = load_files(&paths).unwrap_or_else(|e| panic!("{e}"));
        let rules = &loaded.definitions.rules;
        assert!(!rules.is_empty(), "{}", path.display());
        for rule in rules {
            assert!(!rule.is_on() && rule.status != Status::Active, "{}", rule.name);
            let told = |problem: &Problem| problem.item.name == *rule.name;
            assert!(loaded.warnings.list.iter().any(told), "{} is not told of", rule.name);
        }
    }
}

/// Cases of the old suite that today's Falco judges otherwise: name, and why.
const OTHERWISE: [(&str, &str); 1] =
    [("validate_skip_unknown_noevt", "the code is LOAD_UNKNOWN_FILTER today")];

#[test]
fn the_old_suite_is_judged_as_expected() {
    let Some(data) = data() else { return };
    let legacy = data.join("falco/legacy");
    let text = fs::read_to_string(legacy.join("expected.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut judged = 0;
    for case in &cases {
        let Some(files) = case.get("validate_rules_file") else { continue };
        let paths: Vec<_> = texts(files).iter().map(|file| legacy.join(file)).collect();
        judge(case, &load_files(&paths));
        judged += 1;
    }
    assert!(judged >= 24, "{judged} cases");
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

fn judge(case: &Value, result: &Result<Loaded, Problems>) {
    let name = case["name"].as_str().unwrap();
    let (errors, warnings) = match result {
        Ok(loaded) => (Vec::new(), keys(&loaded.warnings, Severity::Warning)),
        Err(problems) => (keys(problems, Severity::Error), keys(problems, Severity::Warning)),
    };
    let expected = |key: &str| -> Vec<Key> {
        case[key].as_array().into_iter().flatten().map(expected_key).collect()
    };
    let expected_errors = expected("validate_errors");
    assert_eq!(errors.first(), expected_errors.first(), "first error of {name}: {errors:?}");
    if OTHERWISE.iter().all(|(other, _)| *other != name) {
        let of = |key: &Key| warnings.contains(key);
        let missing: Vec<_> =
            expected("validate_warnings").into_iter().filter(|k| !of(k)).collect();
        assert_eq!(missing, [], "warnings of {name}: {warnings:?}");
    }
}

/// Kind and name of an item, and a code.
type Key = (String, String, String);

fn keys(problems: &Problems, severity: Severity) -> Vec<Key> {
    let of = problems.list.iter().filter(|problem| problem.severity() == severity);
    of.map(|p| (p.item.kind.to_owned(), p.item.name.clone(), p.code.name().to_owned())).collect()
}

fn expected_key(value: &Value) -> Key {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    (text("item_type"), text("item_name"), text("code"))
}

#[test]
fn rules_are_warned_of_when_falco_takes_them_for_slow_and_no_others() {
    let Some(data) = data() else { return };
    let legacy = data.join("falco/legacy");
    let loaded = load_files(&[legacy.join("rules/falco_rules_warnings.yaml")]).unwrap();
    let text = fs::read_to_string(legacy.join("expected.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let case = cases.iter().find(|case| case["name"] == "test_warnings").unwrap();
    let expected = case["validate_warnings"].as_array().unwrap().iter().map(expected_key);
    let found = keys(&loaded.warnings, Severity::Warning);
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected.collect::<BTreeSet<_>>());
}

#[test]
fn the_rules_of_the_old_suite_load_where_its_runs_need_them_to() {
    let Some(data) = data() else { return };
    let legacy = data.join("falco/legacy");
    let text = fs::read_to_string(legacy.join("expected.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut tried = 0;
    for case in &cases {
        let Some(files) = case.get("rules_file") else { continue };
        let mut paths = Vec::new();
        for file in texts(files) {
            let path = legacy.join(file);
            match fs::read_dir(&path) {
                Ok(entries) => {
                    let mut inside: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
                    inside.sort();
                    paths.extend(inside);
                }
                Err(_) => paths.push(path),
            }
        }
        if !paths.iter().all(|path| path.exists()) {
            continue;
        }
        let name = case["name"].as_str().unwrap();
        let wrong = load_files(&paths).err().map(|problems| problems.to_string());
        assert_eq!(wrong, None, "{name}");
        tried += 1;
    }
    assert!(tried > 30, "{tried} cases");
}
