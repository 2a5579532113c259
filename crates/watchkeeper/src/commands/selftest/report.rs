//! What became of the actions, for people and for programs.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::{
    actions::Action,
    findings::{Fate, Finding, Findings},
};
use crate::{
    error::{Error, Outcome},
    output::{Format, plural},
};

const FAINT: Style = Style::new().dimmed();

/// Widths of the columns of names and techniques.
const NAME: usize = 20;
const TECHNIQUE: usize = 10;

/// An action, for programs.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    technique: &'a str,
    what: &'a str,
    rules: &'a [&'a str],
}

/// An action and what became of it, for programs.
#[derive(Serialize)]
struct Judged<'a> {
    #[serde(flatten)]
    row: Row<'a>,
    result: &'a str,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// Other rules that saw it.
    other_rules: Vec<&'a str>,
}

/// All of them, for programs.
#[derive(Serialize)]
struct Report<'a> {
    source: &'a str,
    seen: usize,
    missed: usize,
    skipped: usize,
    actions: Vec<Judged<'a>>,
}

/// Says which actions there are.
pub(super) fn list(actions: &[&'static Action], format: Format) -> Result<(), Error> {
    let mut out = anstream::stdout().lock();
    for action in actions {
        match format {
            Format::Text => {
                line(&mut out, action)?;
                writeln!(out, "{FAINT}{:NAME$} {}{FAINT:#}", "", action.what)?;
            }
            Format::Json => json(&mut out, &row(action))?,
        }
    }
    Ok(())
}

/// Says what became of them.
pub(super) fn print(findings: &Findings, format: Format) -> Result<(), Error> {
    let mut out = anstream::stdout().lock();
    match format {
        Format::Text => table(findings, &mut out)?,
        Format::Json => json(&mut out, &report(findings))?,
    }
    Ok(())
}

fn line(out: &mut impl Write, action: &Action) -> io::Result<()> {
    let Action { name, technique, rules, .. } = action;
    writeln!(out, "{name:NAME$} {technique:TECHNIQUE$} {}", rules.join(", or "))
}

fn json(out: &mut impl Write, what: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, what)?;
    writeln!(out)
}

fn table(findings: &Findings, out: &mut impl Write) -> io::Result<()> {
    for Finding { action, fate, others } in &findings.all {
        let style = style(fate);
        write!(out, "{style}{:8}{style:#} ", fate.word())?;
        line(out, action)?;
        if let Some(why) = fate.reason() {
            writeln!(out, "{:8} {FAINT}{why}{FAINT:#}", "")?;
        }
        if *fate == Fate::Missed {
            writeln!(out, "{:8} {FAINT}{}{FAINT:#}", "", instead(action, others))?;
        }
    }
    writeln!(out, "\n{}", summary(findings))
}

fn style(fate: &Fate) -> Style {
    let colour = match fate {
        Fate::Seen => AnsiColor::Green,
        Fate::Missed => AnsiColor::Red,
        Fate::Open | Fate::Skipped(_) => AnsiColor::Yellow,
    };
    Style::new().fg_color(Some(colour.into()))
}

/// What was done and not seen by its rule, and who saw it.
fn instead(action: &Action, others: &std::collections::BTreeSet<String>) -> String {
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    match others.as_slice() {
        [] => format!("{}: no rule saw it", action.what),
        others => format!("{}: seen only by {}", action.what, others.join(", ")),
    }
}

/// How many were seen, and what to do about others.
fn summary(findings: &Findings) -> String {
    let [seen, missed, skipped] = findings.counts();
    let how = match findings.source {
        "ebpf" => "this host was recorded",
        "trace" => "the actions were traced",
        "store" => "an agent's store was looked into",
        _ => "nothing was recorded",
    };
    let of = plural(findings.all.len() as u64, "action");
    let rest = match findings.outcome() {
        Outcome::Done => String::new(),
        _ => format!("; {missed} missed, {skipped} skipped"),
    };
    let hint = if missed > 0 && findings.source == "ebpf" {
        "\nwhich programs the kernel refuses: watchkeeper doctor --load"
    } else {
        ""
    };
    format!("{seen} of {of} seen ({how}){rest}{hint}")
}

fn report(findings: &Findings) -> Report<'_> {
    let [seen, missed, skipped] = findings.counts();
    let actions = findings.all.iter().map(|Finding { action, fate, others }| Judged {
        row: row(action),
        result: fate.word(),
        reason: fate.reason(),
        other_rules: others.iter().map(String::as_str).collect(),
    });
    Report { source: findings.source, seen, missed, skipped, actions: actions.collect() }
}

fn row(action: &Action) -> Row<'_> {
    let Action { name, technique, what, rules, .. } = action;
    Row { name, technique, what, rules }
}
