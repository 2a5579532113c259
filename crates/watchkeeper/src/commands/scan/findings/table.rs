//! A line for each finding. How bad it is, its name and what mends it are told at any width; what it is about is
//! the first to make room.

use std::io::{self, Write};

use advisories::{
    Nature,
    matching::{Finding, Matches, State, urgency},
    report,
};
use event::visible::visible;
use scan::{Inventory, Origin};

use super::NARROW;
use crate::columns::{
    self,
    fitted::{Column, Gives, Layout, write_wrapped},
};

const SEVERITY: Column = Column { heading: "SEVERITY", gives: Gives::Nothing };
const ID: Column = Column { heading: "ID", gives: Gives::Nothing };
const PACKAGE: Column = Column { heading: "PACKAGE", gives: Gives::Width(12) };
const INSTALLED: Column = Column { heading: "INSTALLED", gives: Gives::Way(9) };
const FIXED: Column = Column { heading: "FIXED IN", gives: Gives::Nothing };
/// Where somebody asked what is in use.
const IN_USE: Column = Column { heading: "IN USE", gives: Gives::Nothing };
const ABOUT: Column = Column { heading: "ABOUT", gives: Gives::First(20) };
/// Most characters of a column in a pipe, but for cells that are longer themselves.
const WIDEST: usize = 40;

/// How much is said of the use of something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Words {
    /// `listening on 443/tcp`.
    All,
    /// `listening`.
    Short,
}

/// Writes the findings, the most urgent first; whether there are any.
pub(super) fn write(
    matches: &Matches,
    inventory: &Inventory,
    width: Option<usize>,
    out: &mut impl Write,
) -> io::Result<bool> {
    let mut findings: Vec<&Finding> = matches.findings.iter().collect();
    if findings.is_empty() {
        return Ok(false);
    }
    findings.sort_by_key(|finding| urgency(finding));
    let table = Table::of(&findings, inventory);
    match width {
        None => table.write_whole(out)?,
        Some(width) => table.write_fitted(width, out)?,
    }
    Ok(true)
}

struct Table<'a> {
    findings: &'a [&'a Finding],
    inventory: &'a Inventory,
    columns: Vec<Column>,
    tells_use: bool,
}

impl<'a> Table<'a> {
    fn of(findings: &'a [&'a Finding], inventory: &'a Inventory) -> Self {
        let tells_use = findings.iter().any(|finding| finding.notes.in_use.is_some());
        let beside = tells_use.then_some(IN_USE);
        let columns = [SEVERITY, ID, PACKAGE, INSTALLED, FIXED];
        let columns = columns.into_iter().chain(beside).chain([ABOUT]).collect();
        Self { findings, inventory, columns, tells_use }
    }

    fn write_whole(&self, out: &mut impl Write) -> io::Result<()> {
        let headings = self.columns.iter().map(|it| it.heading.to_owned()).collect();
        let mut rows: Vec<Vec<String>> = vec![headings];
        rows.extend(self.rows(Words::All));
        columns::print(&rows, WIDEST, None, out)
    }

    /// All of it, else without long words on use, else without the installed version, else on several lines.
    fn write_fitted(&self, width: usize, out: &mut impl Write) -> io::Result<()> {
        for words in [Words::All, Words::Short] {
            let rows = self.rows(words);
            let layout = Layout::of(&self.columns, &rows, width);
            let can_be_bare = words == Words::Short && width >= NARROW;
            let Some(layout) = layout.filter(|it| can_be_bare || !it.is_bare(&self.columns)) else {
                continue;
            };
            layout.write(&self.columns, &rows, out)?;
            return match layout.is_whole() && (words == Words::All || !self.tells_use) {
                true => Ok(()),
                false => is_cut(width, out),
            };
        }
        for finding in self.findings {
            self.write_wrapped(finding, width, out)?;
        }
        is_cut(width, out)
    }

    /// What a line would have, but for what it is about.
    fn write_wrapped(
        &self,
        finding: &Finding,
        width: usize,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let row = Row::of(finding, self.inventory, Words::All);
        let mends = match &finding.fixed_version {
            Some(_) => format!("fixed in {}", row.fixed),
            None if finding.state == State::Affected => "no fix".to_owned(),
            None => row.fixed,
        };
        let head = format!("{}  {}  {}", row.severity, row.id, row.in_use);
        write_wrapped("", head.trim_end(), width, out)?;
        let package = format!("{} {}", row.package, row.installed);
        write_wrapped("  ", &format!("{}: {mends}", package.trim()), width, out)
    }

    fn rows(&self, words: Words) -> Vec<Vec<String>> {
        let rows = self.findings.iter().map(|it| Row::of(it, self.inventory, words));
        rows.map(|row| {
            let in_use = self.tells_use.then_some(row.in_use);
            let cells = [row.severity, row.id, row.package, row.installed, row.fixed];
            cells.into_iter().chain(in_use).chain([row.about]).collect()
        })
        .collect()
    }
}

/// Says that there is more than what is seen.
fn is_cut(width: usize, out: &mut impl Write) -> io::Result<()> {
    let text = format!("cut to {width} columns: a wider terminal shows more, a pipe all of it");
    write_wrapped("", &text, width, out)
}

/// What is told of a finding.
struct Row {
    severity: String,
    id: String,
    package: String,
    installed: String,
    fixed: String,
    in_use: String,
    about: String,
}

impl Row {
    fn of(finding: &Finding, inventory: &Inventory, words: Words) -> Self {
        let shown = |text: &str| visible(text.as_bytes()).into_owned();
        let package = inventory.packages.get(finding.package);
        let in_use = finding.notes.in_use.as_ref().map(|it| match words {
            Words::All => it.words(),
            Words::Short => it.state.name().replace('_', " "),
        });
        Self {
            severity: severity(finding),
            id: shown(&finding.id),
            package: shown(package.map_or("", |package| &package.name)),
            installed: shown(package.map_or("", |package| &package.version)),
            fixed: match (&finding.fixed_version, finding.state) {
                (Some(version), _) => shown(version),
                (None, State::Affected) => "-".to_owned(),
                (None, state) => state.name().replace('_', " "),
            },
            in_use: shown(&in_use.unwrap_or_default()),
            about: about(finding, package.and_then(|it| inventory.origin(it)).map(|(it, _)| it)),
        }
    }
}

/// How bad it is, and whether that is more than a danger: `high EXPLOITED`.
pub(in crate::commands::scan) fn severity(finding: &Finding) -> String {
    let mut words = vec![report::told_severity(finding)];
    if finding.nature == Nature::Malicious {
        words.push("MALICIOUS");
    }
    if finding.exploited.is_some() {
        words.push("EXPLOITED");
    }
    words.join(" ")
}

/// What should be known first, then one line on it.
fn about(finding: &Finding, origin: Option<Origin>) -> String {
    let mut parts: Vec<String> = origin.map(|it| it.name().to_owned()).into_iter().collect();
    // The severity of a notice says it.
    if finding.nature.is_informational() && !finding.is_notice() {
        parts.push(finding.nature.name().to_uppercase());
    }
    if finding.is_disputed {
        parts.push("disputed".to_owned());
    }
    if !finding.summary.is_empty() {
        parts.push(visible(finding.summary.as_bytes()).to_string());
    }
    parts.join(": ")
}
