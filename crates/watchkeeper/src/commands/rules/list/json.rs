//! The list for programs: one object.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{
    Listed,
    entry::{Entry, Events},
};

/// Version of the form; it grows when a key goes or changes its meaning.
const VERSION: u32 = 1;

/// Prints the list.
pub(super) fn print(listed: &Listed<'_>, out: &mut impl Write) -> io::Result<()> {
    let place = |span| match listed.definitions.sources.place(span) {
        Some((file, place)) => (file.name.as_str(), place.line),
        None => ("", 0),
    };
    let mut object = json!({
        "version": VERSION,
        "rules": listed.rules.iter().map(rule).collect::<Vec<_>>(),
    });
    if let Some(macros) = &listed.macros {
        let of = |of: &&rules::load::Macro| {
            let (file, line) = place(of.span);
            json!({ "name": &*of.name, "used": of.used, "file": file, "line": line })
        };
        object["macros"] = macros.iter().map(of).collect();
    }
    if let Some(lists) = &listed.lists {
        let of = |of: &&rules::load::List| {
            let (file, line) = place(of.span);
            json!({ "name": &*of.name, "items": of.items, "used": of.used, "file": file, "line": line })
        };
        object["lists"] = lists.iter().map(of).collect();
    }
    writeln!(out, "{object}")
}

fn rule(entry: &Entry<'_>) -> Value {
    let rule = entry.rule;
    let events = match &entry.events {
        Events::These(names) => Some(names),
        Events::All | Events::Unknown => None,
    };
    json!({
        "name": &*rule.name,
        "desc": rule.desc.trim(),
        "priority": rule.priority.name(),
        "source": &*rule.source,
        "state": entry.state(),
        "enabled": rule.enabled,
        "tags": rule.tags.iter().map(|tag| &**tag).collect::<Vec<_>>(),
        "all_events": matches!(entry.events, Events::All),
        "events": events,
        "techniques": entry.techniques,
        "tactics": entry.tactics,
        "exceptions": exceptions(rule),
        "file": entry.file,
        "line": entry.line,
    })
}

fn exceptions(rule: &rules::load::Rule) -> Vec<&str> {
    rule.exceptions.iter().map(|exception| exception.name.as_str()).collect()
}
