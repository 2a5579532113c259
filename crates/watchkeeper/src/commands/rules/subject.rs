//! The one rule that a command is about, and how it is introduced.

use std::path::PathBuf;

use rules::{
    explain::safe,
    fields::nearest,
    filter::{Diagnostic, Span},
    load::{Definitions, Rule, Status},
};
use serde_json::{Value, json};

use crate::error::Error;

/// Which rule.
#[derive(clap::Args)]
pub(super) struct Subject {
    /// Name of the rule, or a part of it that no other rule's name has, in either case.
    #[arg(value_name = "RULE")]
    pub(super) rule: String,
    /// Rule files and folders of such, in the order in which they are loaded.
    #[arg(short, long = "rules", required = true, value_name = "PATH")]
    pub(super) rules: Vec<PathBuf>,
}

/// Most names that a message lists.
const MOST_NAMES: usize = 10;

/// The place in `definitions` of the rule of this name: exactly it, else the only one that has it
/// in its name.
pub(super) fn find(definitions: &Definitions, wanted: &str) -> Result<usize, Error> {
    let rules = &definitions.rules;
    if let Some(exact) = rules.iter().position(|rule| *rule.name == *wanted) {
        return Ok(exact);
    }
    let part = wanted.to_lowercase();
    let similar: Vec<usize> = (0..rules.len())
        .filter(|&index| rules[index].name.to_lowercase().contains(&part))
        .collect();
    match similar[..] {
        [only] => Ok(only),
        [] => Err(unknown(definitions, wanted)),
        _ => {
            let names = similar.iter().map(|&index| &*rules[index].name);
            let message = format!(
                "'{}' is in the names of {} rules: {}; name one of them",
                safe(wanted),
                similar.len(),
                quoted(names, MOST_NAMES)
            );
            Err(Error::Usage(message))
        }
    }
}

fn unknown(definitions: &Definitions, wanted: &str) -> Error {
    let lower = wanted.to_lowercase();
    let names: Vec<(String, &str)> =
        definitions.rules.iter().map(|rule| (rule.name.to_lowercase(), &*rule.name)).collect();
    // Names are long: a word of one is near enough.
    let words = names.iter().flat_map(|(lower, _)| lower.split(' ').chain([lower.as_str()]));
    let near: Vec<&str> = match nearest(&lower, words) {
        Some(word) => {
            let with = names.iter().filter(|(lower, _)| lower.contains(word));
            with.map(|(_, name)| *name).collect()
        }
        None => Vec::new(),
    };
    let hint = match near[..] {
        [] if names.is_empty() => "the files define none".to_owned(),
        [] => format!("there are {}", quoted(names.iter().map(|(_, name)| *name), MOST_NAMES)),
        [only] => format!("did you mean '{}'?", safe(only)),
        _ => format!("did you mean one of {}?", quoted(near.into_iter(), MOST_NAMES)),
    };
    Error::Usage(format!("no rule '{}'; {hint}", safe(wanted)))
}

/// Names in quotes, with commas between; what is more than `most` is counted.
pub(super) fn quoted<'n>(names: impl Iterator<Item = &'n str>, most: usize) -> String {
    let all: Vec<_> = names.map(|name| format!("'{}'", safe(name))).collect();
    let more = all.len().saturating_sub(most);
    let mut list = all[..all.len() - more].join(", ");
    if more > 0 {
        list.push_str(&format!(" and {more} more"));
    }
    list
}

/// Why a rule can match nothing here, if so.
pub(super) fn inactive(rule: &Rule) -> Option<String> {
    match rule.status {
        Status::Active => None,
        Status::UnknownSource => {
            Some(format!("it is for events of the source '{}'", safe(&rule.source)))
        }
        Status::UnknownFilter => {
            Some("it names a field or an event type that is not known here".to_owned())
        }
    }
}

/// `file:line:column` of a place in the rule files.
pub(super) fn place(definitions: &Definitions, span: Span) -> String {
    match definitions.sources.place(span) {
        Some((file, place)) => format!("{}:{}:{}", safe(&file.name), place.line, place.column),
        None => "an unknown place".to_owned(),
    }
}

/// The same for programs.
pub(super) fn place_json(definitions: &Definitions, span: Span) -> Value {
    match definitions.sources.place(span) {
        Some((file, place)) => {
            json!({ "file": file.name, "line": place.line, "column": place.column })
        }
        None => Value::Null,
    }
}

/// Mistakes in a condition that loading should have found.
pub(super) fn broken(rule: &Rule) -> impl Fn(Vec<Diagnostic>) -> Error {
    let name = safe(&rule.name);
    move |mistakes| {
        let first = mistakes.first().map_or("its condition is wrong", |first| &first.message);
        Error::Usage(format!("rule '{name}': {first}"))
    }
}
