//! What the default rules look for, a trace records.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

use std::{collections::BTreeSet, fs, path::Path};

use rules::{
    engine::{Engine, Matching},
    load::{RuleFile, load},
};

/// Events of rules that no call makes: the end of a process, and what is told of containers.
const NO_CALLS: [&str; 2] = ["procexit", "container"];

#[test]
fn each_event_that_a_default_rule_looks_for_has_a_call_that_is_traced() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut files: Vec<RuleFile> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| RuleFile {
            name: path.display().to_string(),
            text: fs::read_to_string(path).unwrap(),
        })
        .collect();
    files.sort_by(|one, next| one.name.cmp(&next.name));
    let loaded = load(files).unwrap_or_else(|problems| panic!("{problems}"));
    let traced: BTreeSet<&str> =
        capture::ptrace::recorded_calls().into_iter().map(|call| call.name).collect();
    let mut missing = Vec::new();
    for rule in &loaded.definitions.rules {
        let engine = Engine::new([rule], Matching::All).unwrap();
        let Some(names) = engine.event_names() else {
            panic!("{}: looks at every event", rule.name);
        };
        let untraced = names.iter().filter(|name| !traced.contains(*name));
        let untraced: Vec<_> = untraced.filter(|name| !NO_CALLS.contains(name)).collect();
        if !untraced.is_empty() {
            missing.push(format!("{}: {untraced:?}", rule.name));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
