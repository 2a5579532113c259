//! `watchkeeper rules explain`: what a rule says, and what it costs.

mod cost;
mod origin;

use std::{collections::BTreeSet, io::Write, path::PathBuf};

use clap::Parser;
use event::EventType;
use rules::{
    engine::{Engine, Matching},
    explain::{drawn_in, fields, inlined, safe},
    load::{Definitions, Rule},
};
use serde_json::{Value, json};
use state::Engines;

use self::cost::Cost;
use super::subject;
use crate::{
    error::{Error, Outcome},
    output::{self, Out, Verbosity},
    rule_files,
};

/// Explains a rule: its condition with macros and lists drawn in, the events and fields that it
/// needs, its compiled form, and what it costs on a capture.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper rules explain 'Shell in container' --rules rules/
  watchkeeper rules explain shell -r rules/ --full
  watchkeeper rules explain shell -r rules/ --capture incident.scap")]
pub(crate) struct Args {
    #[command(flatten)]
    subject: subject::Subject,
    /// Capture file on which to count and time; - reads stdin.
    #[arg(short, long, value_name = "FILE")]
    capture: Option<PathBuf>,
    /// Show lists whole.
    #[arg(long)]
    full: bool,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: output::Format,
    /// Container engines, as in replay.
    #[arg(long, value_name = "LIST")]
    engines: Option<Engines>,
}

/// Items of a list that are shown, unless --full is given.
const ITEMS: usize = 12;

/// Longest line of the compiled form, characters, unless --full is given.
const LINE: usize = 120;

/// Runs the command.
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let definitions = rule_files::load(&args.subject.rules)?.definitions;
    let index = subject::find(&definitions, &args.subject.rule)?;
    let rule = &definitions.rules[index];
    let engine = match subject::inactive(rule) {
        Some(_) => None,
        None => Some(Engine::new([rule], Matching::First).map_err(subject::broken(rule))?),
    };
    let (outcome, cost) = match &args.capture {
        Some(_) if engine.is_none() => {
            let name = safe(&rule.name);
            let why = subject::inactive(rule).unwrap_or_default();
            return Err(Error::Usage(format!("rule '{name}' can match nothing: {why}")));
        }
        Some(path) => {
            let (outcome, cost) = cost::measure(rule, path, args.engines, verbosity)?;
            (outcome, Some(cost))
        }
        None => (Outcome::Done, None),
    };
    let explained = Explained { definitions: &definitions, rule, engine, cost };
    let mut out = Out::new();
    match args.format {
        output::Format::Text => explained.text(&mut out, args)?,
        output::Format::Json => writeln!(out, "{}", explained.json())?,
    }
    out.flush()?;
    Ok(outcome)
}

/// Names of the events that a rule needs, with commas between; `any` if all will do.
pub(super) fn event_names(engine: &Engine) -> String {
    engine.event_names().map_or_else(|| "any".to_owned(), |names| names.join(", "))
}

struct Explained<'d> {
    definitions: &'d Definitions,
    rule: &'d Rule,
    /// `None` if the rule is inactive.
    engine: Option<Engine>,
    cost: Option<Cost>,
}

impl Explained<'_> {
    fn compiled(&self) -> Option<String> {
        self.engine.as_ref().map(|engine| engine.compiled(0).to_string())
    }

    fn printed(&self) -> Vec<&str> {
        self.rule.output.iter().flat_map(|output| output.names()).collect()
    }

    fn status(&self) -> String {
        match subject::inactive(self.rule) {
            Some(why) => format!("inactive: {why}"),
            None if self.rule.enabled => "enabled".to_owned(),
            None => "disabled".to_owned(),
        }
    }

    fn text(&self, out: &mut Out, args: &Args) -> Result<(), Error> {
        let rule = self.rule;
        writeln!(out, "{}", safe(&rule.name))?;
        let description: Vec<_> = rule.desc.split_whitespace().map(safe).collect();
        writeln!(out, "{}\n", description.join(" "))?;
        self.table(out)?;
        let items = if args.full { usize::MAX } else { ITEMS };
        writeln!(out, "\ncondition, with macros and lists drawn in:")?;
        indented(out, &drawn_in(&rule.condition, items))?;
        if let Some(compiled) = self.compiled() {
            writeln!(out, "\ncompiled:")?;
            for line in compiled.lines() {
                let line = safe(line);
                indented(out, &if args.full { line } else { shortened(&line) })?;
            }
        }
        self.cost.as_ref().map_or(Ok(()), |cost| cost.text(out))
    }

    fn table(&self, out: &mut Out) -> Result<(), Error> {
        let rule = self.rule;
        let tags: Vec<_> = rule.tags.iter().map(|tag| safe(tag)).collect();
        let fields: Vec<_> = fields(&rule.condition).into_iter().collect();
        let mut rows = vec![
            ("priority", rule.priority.to_string()),
            ("tags", tags.join(", ")),
            ("source", safe(&rule.source)),
            ("defined at", subject::place(self.definitions, rule.span)),
            ("changed at", self.changed().join(", ")),
            ("status", self.status()),
            ("exceptions", safe(&self.exceptions().join(", "))),
            ("compares", fields.join(", ")),
            ("prints", self.printed().join(", ")),
        ];
        if let Some(engine) = &self.engine {
            rows.push(("event types", event_names(engine)));
        }
        for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
            writeln!(out, "  {name:<12} {value}")?;
        }
        Ok(())
    }

    /// `rules/local.yaml:14:14 (condition, priority)`
    fn changed(&self) -> Vec<String> {
        let text = |change: &origin::Change| {
            let place = subject::place(self.definitions, change.span);
            format!("{place} ({})", change.parts.join(", "))
        };
        origin::changes(self.definitions, self.rule).iter().map(text).collect()
    }

    fn exceptions(&self) -> Vec<&str> {
        self.rule.exceptions.iter().map(|exception| exception.name.as_str()).collect()
    }

    fn json(&self) -> Value {
        let rule = self.rule;
        let types = self.engine.as_ref().map_or(Some(Vec::new()), Engine::event_names);
        let changes: Vec<Value> = origin::changes(self.definitions, rule)
            .iter()
            .map(|change| {
                let place = subject::place_json(self.definitions, change.span);
                json!({ "place": place, "parts": change.parts })
            })
            .collect();
        let compiled = self.compiled();
        let compiled: Option<Vec<&str>> = compiled.as_deref().map(|text| text.lines().collect());
        json!({
            "rule": &*rule.name,
            "desc": rule.desc,
            "priority": rule.priority.to_string(),
            "tags": rule.tags.iter().map(|tag| &**tag).collect::<Vec<_>>(),
            "source": &*rule.source,
            "place": subject::place_json(self.definitions, rule.span),
            "changes": changes,
            "enabled": rule.enabled,
            "active": self.engine.is_some(),
            "exceptions": self.exceptions(),
            "condition": rule.condition_text,
            "drawn_in": inlined(&rule.condition).to_string(),
            "fields": fields(&rule.condition),
            "output": rule.output_text,
            "output_fields": self.printed(),
            "event_types": types.unwrap_or_else(all_names),
            "compiled": compiled,
            "cost": self.cost.as_ref().map(Cost::json),
        })
    }
}

/// The names of all event types.
fn all_names() -> Vec<&'static str> {
    let names: BTreeSet<_> = EventType::all().map(|kind| kind.info().name).collect();
    names.into_iter().collect()
}

fn indented(out: &mut Out, text: &str) -> Result<(), Error> {
    for line in text.lines() {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

/// A line of the compiled form, where it leads to kept.
fn shortened(line: &str) -> String {
    let Some((cut, _)) = line.char_indices().nth(LINE) else { return line.to_owned() };
    let tail = line.rfind("  pass ").map_or("", |at| &line[at..]);
    format!("{}…{tail}", &line[..cut])
}
