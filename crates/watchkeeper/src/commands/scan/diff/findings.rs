//! What of findings goes, comes and stays.

use std::io::{self, Write};

use advisories::{
    Level,
    matching::{Compared, Finding, Matches, Side, State},
    report::{self, finding_object, unscanned_objects},
};
use event::visible::visible;
use scan::Inventory;
use serde::Serialize;

use super::Judgement;
use crate::{columns, output::Out};

/// Columns that are wider do not push others aside.
const WIDEST: usize = 40;

/// A line with counts, and one for what nothing is known of on either side.
pub(super) fn write_summary(judgement: &Judgement<'_>, out: &mut Out) -> io::Result<()> {
    writeln!(out, "findings: {}", summary(&judgement.compared))?;
    for (mark, side) in ["---", "+++"].into_iter().zip(&judgement.sides) {
        for unscanned in &side.matches.unscanned {
            let line = format!("{mark} unscanned: {}", report::unscanned(unscanned));
            writeln!(out, "{}", visible(line.as_bytes()))?;
        }
        if !side.matches.suppressed.is_empty() {
            writeln!(out, "{mark} {} suppressed", side.matches.suppressed.len())?;
        }
    }
    Ok(())
}

fn summary(compared: &Compared<'_>) -> String {
    let counts = [
        (compared.new.len(), "new"),
        (compared.fixed.len(), "fixed"),
        (compared.changed.len(), "changed"),
        (compared.lost.len(), "no longer known"),
    ];
    let told = counts.into_iter().filter(|(count, _)| *count > 0);
    let mut told: Vec<String> = told.map(|(count, what)| format!("{count} {what}")).collect();
    let stay = compared.unchanged.len();
    told.push(format!("{stay} {}", if stay == 1 { "stays" } else { "stay" }));
    told.join(", ")
}

/// What is worst first: what is new; then what changed, what is gone, and what stays, where that is asked for.
pub(super) fn write(judgement: &Judgement<'_>, out: &mut Out) -> io::Result<()> {
    let Judgement { sides: [from, to], compared, .. } = judgement;
    let row = |side: &Side<'_>, it: &Finding, rest: String| row(side.inventory, it, rest);
    let new = compared.new.iter();
    let new = new.map(|it| {
        row(to, it.finding, format!("{}; {}", mends(it.finding), it.why.of_new().replace('_', " ")))
    });
    section("NEW FINDINGS", new.collect(), out)?;
    let changed = compared.changed.iter().map(|(was, is)| row(to, is, changes(was, is)));
    section("CHANGED FINDINGS", changed.collect(), out)?;
    let lost = compared.lost.iter().map(|it| row(from, it, "unscanned".to_owned()));
    section("FINDINGS NO LONGER KNOWN", lost.collect(), out)?;
    let fixed = compared.fixed.iter();
    let fixed = fixed.map(|it| row(from, it.finding, it.why.of_gone().to_owned()));
    section("FIXED FINDINGS", fixed.collect(), out)?;
    if !judgement.lists_unchanged {
        return Ok(());
    }
    let stay = compared.unchanged.iter().map(|it| row(to, it, mends(it)));
    section("FINDINGS THAT STAY", stay.collect(), out)
}

type Row = [String; 4];

fn row(inventory: &Inventory, finding: &Finding, rest: String) -> Row {
    let shown = |text: &str| visible(text.as_bytes()).to_string();
    let package = inventory.packages.get(finding.package);
    let package = package.map(|it| format!("{} {}", it.name, it.version)).unwrap_or_default();
    [shown(package.trim()), shown(&finding.id), level(finding).to_owned(), shown(&rest)]
}

fn level(finding: &Finding) -> &'static str {
    finding.severity.level.map_or("unknown", Level::name)
}

fn mends(finding: &Finding) -> String {
    match (&finding.fixed_version, finding.state) {
        (Some(version), _) => format!("fixed in {version}"),
        (None, State::Affected) => "no fix".to_owned(),
        (None, state) => state.name().replace('_', " "),
    }
}

/// What is told otherwise: `low → high; no fix → fixed in 1.2`.
fn changes(was: &Finding, is: &Finding) -> String {
    let pairs = [(level(was).to_owned(), level(is).to_owned()), (mends(was), mends(is))];
    let pairs = pairs.into_iter().filter(|(was, is)| was != is);
    pairs.map(|(was, is)| format!("{was} → {is}")).collect::<Vec<_>>().join("; ")
}

fn section(heading: &str, mut rows: Vec<Row>, out: &mut Out) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{heading}")?;
    for row in &mut rows {
        if let Some(first) = row.first_mut() {
            first.insert_str(0, "  ");
        }
    }
    columns::print(&rows, WIDEST, columns::terminal_width(), out)
}

/// For programs.
pub(super) fn object<'a>(judgement: &'a Judgement<'a>) -> impl Serialize + 'a {
    let Judgement { sides: [from, to], compared, lists_unchanged } = judgement;
    let [before, after] = [from.inventory, to.inventory];
    let unchanged = || compared.unchanged.iter().filter_map(|it| finding_object(it, after));
    FindingsOut {
        summary: SummaryOut {
            new: compared.new.len(),
            fixed: compared.fixed.len(),
            changed: compared.changed.len(),
            lost: compared.lost.len(),
            unchanged: compared.unchanged.len(),
        },
        new: compared
            .new
            .iter()
            .filter_map(|it| {
                let finding = finding_object(it.finding, after)?;
                Some(OneOut { why: it.why.of_new(), finding })
            })
            .collect(),
        fixed: compared
            .fixed
            .iter()
            .filter_map(|it| {
                let finding = finding_object(it.finding, before)?;
                Some(OneOut { why: it.why.of_gone(), finding })
            })
            .collect(),
        changed: compared
            .changed
            .iter()
            .filter_map(|(was, is)| {
                let (from, to) = (finding_object(was, before)?, finding_object(is, after)?);
                Some(ChangedOut { from, to })
            })
            .collect(),
        lost: compared.lost.iter().filter_map(|it| finding_object(it, before)).collect(),
        unchanged: lists_unchanged.then(|| unchanged().collect()),
        from: SideOut::of(from.matches, unscanned_objects(from.matches)),
        to: SideOut::of(to.matches, unscanned_objects(to.matches)),
    }
}

#[derive(Serialize)]
struct FindingsOut<F: Serialize, U: Serialize> {
    summary: SummaryOut,
    new: Vec<OneOut<F>>,
    fixed: Vec<OneOut<F>>,
    changed: Vec<ChangedOut<F>>,
    /// Of packages that the other side has, and of which nothing is known there.
    lost: Vec<F>,
    /// Only where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    unchanged: Option<Vec<F>>,
    from: SideOut<U>,
    to: SideOut<U>,
}

#[derive(Serialize)]
struct SummaryOut {
    new: usize,
    fixed: usize,
    changed: usize,
    lost: usize,
    unchanged: usize,
}

/// Why it is on one side alone, and what it is.
#[derive(Serialize)]
struct OneOut<F: Serialize> {
    why: &'static str,
    #[serde(flatten)]
    finding: F,
}

#[derive(Serialize)]
struct ChangedOut<F: Serialize> {
    from: F,
    to: F,
}

#[derive(Serialize)]
struct SideOut<U: Serialize> {
    findings: usize,
    suppressed: usize,
    unscanned: U,
}

impl<U: Serialize> SideOut<U> {
    fn of(matches: &Matches, unscanned: U) -> Self {
        let (findings, suppressed) = (matches.findings.len(), matches.suppressed.len());
        Self { findings, suppressed, unscanned }
    }
}
