//! Much at once, while the agent judges it and keeps incidents: short processes, a fork bomb, arguments
//! and names as long and odd as can be, an agent that is stopped for a while, killed, begun again, and
//! told to end in the middle of a storm.
//!
//! Sizes are what an emulated machine bears in short; `WATCHKEEPER_STRESS=1` makes them larger.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Left, Step};

pub(super) const STEP: Step = Step { name: "storms", script: include_str!("storms.sh"), check };

fn check(left: &Left<'_>) {
    accounted(left);
    left.has("alerts", &["storm-odd", "storm-so-far", "storm-since"]);
    // Its beginning was lost; it was found running.
    left.has("alerts", &["command=busybox-hidden"]);
    unharmed(left, "alerts");
    assert!(bombed(left) > 0, "the bomb came to its bounds");
    left.has("code", &["code 137"]);
    assert!(drafts(left) > 0, "its incidents were open");
    begun_again(left);
    for said in ["said", "again/said"] {
        assert!(!left.text(said).contains("panicked"), "{said}: {}", left.text(said));
    }
}

/// Each program is in the recording, or it tells that something is missing.
fn accounted(left: &Left<'_>) {
    let made = figures(left, "made", |line| line.split_once(' '));
    let recorded = figures(left, "recorded", |line| {
        let (count, name) = line.trim_start().split_once(" storm-")?;
        Some((name, count))
    });
    let lost = lost(left);
    let mut missing = 0;
    // What was made right before it was killed may have been on its way.
    for (name, made) in made.into_iter().filter(|(name, _)| name != "killed") {
        let recorded = recorded.get(&name).copied().unwrap_or_default();
        assert!(recorded <= made, "{}: {recorded} of {made} {name}", left.kernel);
        missing += made - recorded;
    }
    assert!(missing <= lost, "{}: {missing} are missing, {lost} told", left.kernel);
    assert!(missing > 0, "{}: the agent was stopped for too short", left.kernel);
}

/// Numbers by their names.
fn figures(
    left: &Left<'_>,
    file: &str,
    parse: impl Fn(&str) -> Option<(&str, &str)>,
) -> BTreeMap<String, u64> {
    let text = left.text(file);
    let parsed = text.lines().filter_map(parse);
    parsed.map(|(name, count)| (name.to_owned(), count.parse().unwrap())).collect()
}

/// How many events the recording tells that it lacks.
fn lost(left: &Left<'_>) -> u64 {
    let timeline: Value = serde_json::from_str(&left.text("timeline")).unwrap();
    let gaps = timeline["gaps"].as_array().unwrap();
    gaps.iter().filter_map(|gap| gap["events"].as_u64()).sum()
}

/// Lines are text, whatever was in them.
fn unharmed(left: &Left<'_>, name: &str) {
    let text = left.text(name);
    let odd = text.chars().find(|&it| it.is_control() && it != '\n');
    assert_eq!(odd, None, "{}: {name}:\n{text}", left.kernel);
    for line in text.lines() {
        assert!(line.contains(" | "), "{}: {name}: part of a line: {line}", left.kernel);
    }
}

/// How many incidents had not come to their end.
fn drafts(left: &Left<'_>) -> u64 {
    let info = left.text("info");
    let line = info.lines().find_map(|line| line.trim_start().strip_prefix("drafts"));
    let count = line.and_then(|line| line.trim_start().split(':').next());
    count.and_then(|count| count.parse().ok()).unwrap_or_default()
}

/// How often the control group had no room for a process.
fn bombed(left: &Left<'_>) -> u64 {
    figures(left, "bombed", |line| line.split_once(' '))["max"]
}

/// What the killed one left is completed; the next one alerts, and ends in order.
fn begun_again(left: &Left<'_>) {
    left.has("again/said", &["completed with", "recording this host", "kept; to see the last"]);
    left.has("again/alerts", &["storm-again"]);
    left.has("again/code", &["code 0"]);
    left.has("again/verified", &["all whole"]);
    left.has("again/info", &["knows every incident"]);
    assert!(!left.text("again/info").contains("drafts"));
    let kept: Vec<String> = left.text("again/list").lines().map(str::to_owned).collect();
    assert!(kept.len() >= 2, "{kept:?}");
}
