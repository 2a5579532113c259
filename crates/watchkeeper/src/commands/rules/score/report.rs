//! Scores as text and as JSON.

use std::io::{self, Write};

use event::alert::Priority;
use serde_json::{Value, json};

use super::{
    Detail, Score,
    scenario::{Kind, Scenario},
    verdict::{Tally, Verdict},
};

/// Writes a line for each scenario, below it the rules that raised alerts, then totals.
pub(super) fn text(score: &Score<'_>, detail: Detail, out: &mut impl Write) -> io::Result<()> {
    let width = score.scenarios.iter().map(|s| s.name.chars().count()).max().unwrap_or(0);
    for (scenario, verdict) in score.rows() {
        let word = verdict.word(scenario, score.at_least);
        let steps = steps_of(scenario, verdict, score.at_least);
        let line = format!("{:width$}  {word:11}  {steps:12}  {}", scenario.name, title(scenario));
        writeln!(out, "{}", line.trim_end())?;
        for tally in &verdict.tallies {
            rule_line(tally, score.at_least, out)?;
            if detail == Detail::Steps {
                writeln!(out, "       first on event {}: {}", tally.event, tally.output)?;
            }
        }
        if detail == Detail::Steps {
            step_lines(scenario, verdict, score.at_least, out)?;
        }
    }
    totals_line(score, out)
}

fn title(scenario: &Scenario) -> String {
    let techniques = scenario.truth.techniques.join(" ");
    match (&*scenario.truth.title, &*techniques) {
        (title, "") => title.to_owned(),
        (title, techniques) => format!("{title} ({techniques})"),
    }
}

fn steps_of(scenario: &Scenario, verdict: &Verdict<'_>, at_least: Priority) -> String {
    let steps = scenario.truth.steps.len();
    if steps == 0 || scenario.kind == Kind::Benign {
        return String::new();
    }
    format!("{} of {steps} steps", verdict.covered(steps, at_least))
}

fn rule_line(tally: &Tally<'_>, at_least: Priority, out: &mut impl Write) -> io::Result<()> {
    let rule = tally.rule;
    let below = if rule.priority > at_least { ", does not count" } else { "" };
    let techniques: Vec<&str> = techniques(tally).collect();
    let techniques =
        if techniques.is_empty() { String::new() } else { format!(" ({})", techniques.join(" ")) };
    writeln!(out, "{:6} {} {}{techniques}{below}", tally.alerts, rule.priority, rule.name)
}

/// Those of the rule's tags that name a technique of ATT&CK: `T1059.004`.
fn techniques<'t>(tally: &'t Tally<'_>) -> impl Iterator<Item = &'t str> {
    let is_technique = |tag: &&str| {
        let rest = tag.strip_prefix('T').unwrap_or_default();
        rest.len() >= 4 && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    tally.rule.tags.iter().map(|tag| &**tag).filter(is_technique)
}

fn step_lines(
    scenario: &Scenario,
    verdict: &Verdict<'_>,
    at_least: Priority,
    out: &mut impl Write,
) -> io::Result<()> {
    for (index, step) in scenario.truth.steps.iter().enumerate() {
        let rules: Vec<&str> = verdict.covering(index, at_least).map(|rule| &*rule.name).collect();
        let rules = if rules.is_empty() { "no alert".to_owned() } else { rules.join(", ") };
        writeln!(out, "       step {}: {}: {rules}", index + 1, step.description)?;
    }
    Ok(())
}

fn totals_line(score: &Score<'_>, out: &mut impl Write) -> io::Result<()> {
    let totals = score.totals();
    writeln!(
        out,
        "seen {} of {} attacks ({} beside what was done), {} of their {} steps; {} false alarms in \
         {} benign recordings; alerts at {} or worse",
        totals.seen,
        totals.attacks,
        totals.seen_beside,
        totals.steps_covered,
        totals.steps,
        totals.false_alarms,
        totals.benign,
        score.at_least
    )
}

/// Everything as one JSON object.
pub(super) fn json(score: &Score<'_>, out: &mut impl Write) -> io::Result<()> {
    let totals = score.totals();
    let scenarios: Vec<Value> =
        score.rows().map(|(scenario, verdict)| row(scenario, verdict, score.at_least)).collect();
    let whole = json!({
        "at_least": score.at_least.name(),
        "attacks": totals.attacks,
        "seen": totals.seen,
        "seen_beside": totals.seen_beside,
        "steps": totals.steps,
        "steps_covered": totals.steps_covered,
        "benign": totals.benign,
        "false_alarms": totals.false_alarms,
        "scenarios": scenarios,
    });
    writeln!(out, "{whole}")
}

fn row(scenario: &Scenario, verdict: &Verdict<'_>, at_least: Priority) -> Value {
    let steps = scenario.truth.steps.iter().enumerate().map(|(index, step)| {
        let rules: Vec<&str> = verdict.covering(index, at_least).map(|rule| &*rule.name).collect();
        json!({ "step": index + 1, "description": step.description, "rules": rules })
    });
    json!({
        "name": scenario.name,
        "capture": scenario.capture.to_string_lossy(),
        "kind": scenario.kind.name(),
        "title": scenario.truth.title,
        "techniques": scenario.truth.techniques,
        "alerts": verdict.alerts(at_least),
        "rules": verdict.tallies.iter().map(|tally| rule(tally, at_least)).collect::<Vec<_>>(),
        "steps": steps.collect::<Vec<_>>(),
    })
}

fn rule(tally: &Tally<'_>, at_least: Priority) -> Value {
    json!({
        "rule": &*tally.rule.name,
        "priority": tally.rule.priority.name(),
        "counts": tally.rule.priority <= at_least,
        "techniques": techniques(tally).collect::<Vec<_>>(),
        "alerts": tally.alerts,
        "first_event": tally.event,
        "first_output": tally.output,
    })
}
