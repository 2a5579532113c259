//! Problems for people: a line for each, the source line, other places that explain it. The rules of
//! a file for a source that is not here are one problem.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};
use rules::{
    filter::error::safe,
    load::{Code, Problem, Severity},
};

use super::found::{Found, counted, severity};

/// Most problems that are shown: nobody reads more.
const MOST: usize = 50;

const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// Prints what was found, with colours; `out` takes them away where they don't belong.
pub(super) fn print(found: &Found, out: &mut impl Write) -> io::Result<()> {
    let folded = folded(found);
    for (problem, others) in folded.iter().take(MOST) {
        one(found, problem, out)?;
        if *others > 0 {
            writeln!(out, "  = the same for {}", counted(*others, "more rule"))?;
        }
    }
    if folded.len() > MOST {
        writeln!(out, "{} more are not shown", folded.len() - MOST)?;
    }
    out.flush()
}

/// The problems, and how many others each stands for.
fn folded(found: &Found) -> Vec<(&Problem, usize)> {
    let mut folded: Vec<(&Problem, usize)> = Vec::new();
    let mut first = HashMap::new();
    for problem in found.shown(usize::MAX) {
        if problem.code == Code::UnknownSource {
            let file = found.problems.sources.file(problem.diagnostic.span.start);
            let key = (file.map(|(file, _)| &file.name), &problem.diagnostic.message);
            let at = *first.entry(key).or_insert(folded.len());
            if let Some((_, others)) = folded.get_mut(at) {
                *others += 1;
                continue;
            }
        }
        folded.push((problem, 0));
    }
    folded
}

fn one(found: &Found, problem: &Problem, out: &mut impl Write) -> io::Result<()> {
    let colour = match problem.severity() {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
    };
    let colour = Style::new().bold().fg_color(Some(colour.into()));
    let place = found.place(problem.diagnostic.span, problem.code);
    write!(out, "{BOLD}{}", safe(place.file))?;
    if let Some((start, _)) = place.lines {
        write!(out, ":{}:{}", start.line, start.column)?;
    }
    write!(
        out,
        ": {BOLD:#}{colour}{}:{colour:#} {}",
        severity(problem),
        problem.diagnostic.text()
    )?;
    writeln!(out, " {FAINT}[{}]{FAINT:#}", problem.code.name())?;
    if place.lines.is_some() {
        writeln!(
            out,
            "  | {}\n  | {colour}{}{colour:#}",
            place.excerpt.line, place.excerpt.carets
        )?;
    }
    for (span, what) in &problem.related {
        let place = found.place(*span, problem.code);
        let (line, column) = place.lines.map_or((1, 1), |(start, _)| (start.line, start.column));
        writeln!(out, "  = {}:{line}:{column}: {}", safe(place.file), safe(what))?;
    }
    Ok(())
}
