//! The list for people and for the manual: tables.

use std::io::{self, Write};

use rules::filter::error::safe;

use super::{
    Listed,
    entry::{Entry, Events},
};
use crate::columns;

/// Most event types that are named in a line.
const MOST_EVENTS: usize = 4;

/// A table: what its columns are called, and its lines.
struct Table<const COLUMNS: usize> {
    head: [&'static str; COLUMNS],
    lines: Vec<[String; COLUMNS]>,
}

/// Prints tables with aligned columns, cut to the width of the terminal if it goes to one.
pub(super) fn text(listed: &Listed<'_>, out: &mut impl Write) -> io::Result<()> {
    rules(listed).print(out)?;
    if let Some(macros) = macros(listed) {
        writeln!(out)?;
        macros.print(out)?;
    }
    if let Some(lists) = lists(listed) {
        writeln!(out)?;
        lists.print(out)?;
    }
    out.flush()
}

/// Prints tables in Markdown.
pub(super) fn markdown(listed: &Listed<'_>, out: &mut impl Write) -> io::Result<()> {
    rules(listed).print_markdown(out)?;
    if let Some(macros) = macros(listed) {
        writeln!(out)?;
        macros.print_markdown(out)?;
    }
    if let Some(lists) = lists(listed) {
        writeln!(out)?;
        lists.print_markdown(out)?;
    }
    out.flush()
}

fn rules(listed: &Listed<'_>) -> Table<7> {
    let head = ["PRIORITY", "STATE", "RULE", "EVENTS", "ATT&CK", "SOURCE", "TAGS"];
    Table { head, lines: listed.rules.iter().map(line).collect() }
}

fn line(entry: &Entry<'_>) -> [String; 7] {
    let rule = entry.rule;
    let is_other = |tag: &&str| !rules::attack::is_technique(tag);
    let tags: Vec<&str> = rule.tags.iter().map(|tag| &**tag).filter(is_other).collect();
    let attack: Vec<&str> =
        entry.techniques.iter().copied().chain(entry.tactics.iter().copied()).collect();
    [
        rule.priority.name().to_owned(),
        entry.state().to_owned(),
        safe(&rule.name),
        events(&entry.events),
        attack.join(" "),
        safe(&rule.source),
        safe(&tags.join(" ")),
    ]
}

fn events(of: &Events) -> String {
    match of {
        Events::All => "all".to_owned(),
        Events::Unknown => "-".to_owned(),
        Events::These(names) if names.is_empty() => "none".to_owned(),
        Events::These(names) => {
            let more = names.len().saturating_sub(MOST_EVENTS);
            let shown = names[..names.len() - more].join(" ");
            if more > 0 { format!("{shown} +{more}") } else { shown }
        }
    }
}

fn macros(listed: &Listed<'_>) -> Option<Table<3>> {
    let line = |of: &&rules::load::Macro| [safe(&of.name), used(of.used), place(listed, of.span)];
    let lines = listed.macros.as_ref()?.iter().map(line).collect();
    Some(Table { head: ["MACRO", "USED", "PLACE"], lines })
}

fn lists(listed: &Listed<'_>) -> Option<Table<4>> {
    let line = |of: &&rules::load::List| {
        [safe(&of.name), of.items.len().to_string(), used(of.used), place(listed, of.span)]
    };
    let lines = listed.lists.as_ref()?.iter().map(line).collect();
    Some(Table { head: ["LIST", "ITEMS", "USED", "PLACE"], lines })
}

fn used(used: bool) -> String {
    (if used { "yes" } else { "no" }).to_owned()
}

fn place(listed: &Listed<'_>, span: rules::filter::Span) -> String {
    let place = listed.definitions.sources.place(span);
    place.map_or_else(String::new, |(file, place)| format!("{}:{}", safe(&file.name), place.line))
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let head = self.head.map(str::to_owned);
        let rows: Vec<&[String; COLUMNS]> = std::iter::once(&head).chain(&self.lines).collect();
        columns::print(&rows, usize::MAX, columns::terminal_width(), out)
    }

    fn print_markdown(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "| {} |", self.head.join(" | "))?;
        writeln!(out, "|{}", "---|".repeat(COLUMNS))?;
        for line in &self.lines {
            let cells: Vec<String> = line.iter().map(|cell| markdown_safe(cell)).collect();
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
        Ok(())
    }
}

fn markdown_safe(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len());
    for c in cell.chars() {
        if "\\|`*_<>[]&".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
