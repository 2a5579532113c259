//! What is found about an event, as text and as JSON.

use std::io::Write;

use rules::{
    explain::{Kind, Reason, Shown, Trace, safe},
    load::{Definitions, Rule},
};
use serde_json::{Value, json};

use super::{Found, note, subject};
use crate::{
    error::Error,
    output::{self, Out},
};

/// Longest line about the event, characters.
const LINE: usize = 200;

/// Longest value in text, characters.
const VALUE: usize = 160;

/// Most reasons in the last line.
const REASONS: usize = 4;

pub(super) fn print(
    definitions: &Definitions,
    rule: &Rule,
    found: &Found,
    format: output::Format,
) -> Result<(), Error> {
    let mut out = Out::new();
    match format {
        output::Format::Text => text(&mut out, definitions, rule, found)?,
        output::Format::Json => writeln!(out, "{}", json(definitions, rule, found))?,
    }
    out.flush()?;
    Ok(())
}

fn text(out: &mut Out, definitions: &Definitions, rule: &Rule, found: &Found) -> Result<(), Error> {
    let place = subject::place(definitions, rule.span);
    writeln!(out, "rule '{}' ({}) at {place}", safe(&rule.name), rule.priority)?;
    writeln!(out, "{}\n", cut(&String::from_utf8_lossy(&found.event.0), LINE))?;
    tree(out, &found.trace, 0)?;
    writeln!(out, "\n* decides\n")?;
    if found.is_nearest && !found.trace.holds {
        writeln!(out, "no event matches; this one comes nearest")?;
    }
    writeln!(out, "{}", verdict(&found.trace))?;
    if let Some(note) = note(rule, found) {
        writeln!(out, "{note}")?;
    }
    Ok(())
}

fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// One line for each part; `not` and the names of macros stand before what they are about.
fn tree(out: &mut Out, outer: &Trace, depth: usize) -> Result<(), Error> {
    let mut lead = String::new();
    let mut part = outer;
    while let (Kind::Not | Kind::Macro, [inner]) = (part.kind, &part.children[..]) {
        match part.kind {
            Kind::Not => lead.push_str("not "),
            _ => lead.push_str(&format!("{}: ", part.text)),
        }
        part = inner;
    }
    let what = match part.kind {
        Kind::And => "all of".to_owned(),
        Kind::Or => "any of".to_owned(),
        _ => format!("{}{}", part.short, values(&part.values)),
    };
    let mark = if outer.decides { '*' } else { ' ' };
    writeln!(out, "{mark} {:<6} {:indent$}{lead}{what}", outer.holds, "", indent = depth * 2)?;
    part.children.iter().try_for_each(|child| tree(out, child, depth + 1))
}

/// `: proc.name is 'cat', proc.pname is 'sh'`
fn values(values: &[Shown]) -> String {
    let sentences: Vec<_> = values.iter().map(|value| value.sentence(VALUE)).collect();
    if sentences.is_empty() { String::new() } else { format!(": {}", sentences.join(", ")) }
}

/// Why, in a line.
fn verdict(trace: &Trace) -> String {
    let mut reasons = trace.reasons();
    // What is there says more than what is not.
    reasons.sort_by_key(|reason| trace.holds && reason.text.starts_with("not "));
    let more = reasons.len().saturating_sub(REASONS);
    let shown: Vec<_> = reasons.iter().take(REASONS).map(reason).collect();
    let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
    let what = if trace.holds { "matches" } else { "does not match" };
    format!("{what} because {}{rest}", shown.join("; "))
}

fn reason(reason: &Reason) -> String {
    let within = match &reason.within[..] {
        [] => String::new(),
        names => format!(" [{}]", names.join(" > ")),
    };
    format!("{}{within}{}", reason.text, values(&reason.values))
}

fn json(definitions: &Definitions, rule: &Rule, found: &Found) -> Value {
    let reasons: Vec<Value> = found
        .trace
        .reasons()
        .iter()
        .map(|reason| {
            json!({
                "text": reason.text,
                "macros": reason.within,
                "place": subject::place_json(definitions, reason.span),
                "values": values_json(&reason.values),
            })
        })
        .collect();
    json!({
        "rule": &*rule.name,
        "priority": rule.priority.to_string(),
        "enabled": rule.enabled,
        "place": subject::place_json(definitions, rule.span),
        "event": parsed(&found.event.1),
        "matches": found.trace.holds,
        "is_nearest": found.is_nearest,
        "reasons": reasons,
        "earlier_rule": found.earlier,
        "condition": trace_json(definitions, &found.trace),
    })
}

fn trace_json(definitions: &Definitions, trace: &Trace) -> Value {
    let mut object = json!({
        "kind": trace.kind.name(),
        "holds": trace.holds,
        "decides": trace.decides,
    });
    if !trace.text.is_empty() {
        object["text"] = json!(trace.text);
        object["place"] = subject::place_json(definitions, trace.span);
    }
    if trace.kind == Kind::Check {
        object["values"] = values_json(&trace.values);
    } else {
        let parts = trace.children.iter().map(|part| trace_json(definitions, part));
        object["parts"] = parts.collect();
    }
    object
}

fn values_json(values: &[Shown]) -> Value {
    values
        .iter()
        .map(|value| json!({ "operand": value.operand, "value": parsed(value.json.as_bytes()) }))
        .collect()
}

fn parsed(json: &[u8]) -> Value {
    serde_json::from_slice(json).unwrap_or_default()
}
