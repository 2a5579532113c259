//! Problems for programs: one object.

use std::io::{self, Write};

use rules::{
    filter::error::safe,
    load::{Problem, Severity},
};
use serde_json::{Value, json};

use super::found::{Found, severity};

/// Version of the form; it grows when a key goes or changes its meaning.
const VERSION: u32 = 1;
/// Most problems that are listed.
const MOST: usize = 1000;

/// Prints what was found.
pub(super) fn print(found: &Found, out: &mut impl Write) -> io::Result<()> {
    let of = |wanted| {
        let wanted = found.shown(MOST).filter(move |p| p.severity() == wanted);
        wanted.map(|problem| one(found, problem)).collect::<Vec<_>>()
    };
    let files: Vec<&str> =
        found.problems.sources.files().map(|(_, file)| file.name.as_str()).collect();
    let object = json!({
        "version": VERSION,
        "files": files,
        "errors": of(Severity::Error),
        "warnings": of(Severity::Warning),
        "left_out": found.problems.list.len().saturating_sub(MOST),
        "rules": found.rules.map(|rules| rules.all),
        "inactive": found.rules.map(|rules| rules.inactive),
        "disabled": found.rules.map(|rules| rules.disabled),
    });
    writeln!(out, "{object}")
}

fn one(found: &Found, problem: &Problem) -> Value {
    let place = found.place(problem.diagnostic.span, problem.code);
    let (start, end) = place.lines.unzip();
    let related = problem.related.iter().map(|(span, what)| {
        let place = found.place(*span, problem.code);
        let start = place.lines.map(|(start, _)| start);
        json!({
            "message": safe(what),
            "file": place.file,
            "line": start.map(|start| start.line),
            "column": start.map(|start| start.column),
        })
    });
    json!({
        "code": problem.code.name(),
        "severity": severity(problem),
        "item_type": problem.item.kind,
        "item_name": problem.item.name,
        "message": safe(&problem.diagnostic.message),
        "hint": problem.diagnostic.hint.as_deref().map(safe),
        "file": place.file,
        "line": start.map(|start| start.line),
        "column": start.map(|start| start.column),
        "end_line": end.map(|end| end.line),
        "end_column": end.map(|end| end.column),
        "source": start.map(|_| place.excerpt.line),
        "related": related.collect::<Vec<_>>(),
    })
}
