//! Problems for people: a line for each, the source line, other places that explain it.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use rules::{
    filter::error::safe,
    load::{Problem, Severity},
};

use super::found::{Found, severity};

/// Most problems that are shown: nobody reads more.
const MOST: usize = 50;

const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// Prints what was found, with colours; `out` takes them away where they don't belong.
pub(super) fn print(found: &Found, out: &mut impl Write) -> io::Result<()> {
    for problem in found.shown(MOST) {
        one(found, problem, out)?;
    }
    let all = found.problems.list.len();
    if all > MOST {
        writeln!(out, "{} more are not shown", all - MOST)?;
    }
    out.flush()
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
