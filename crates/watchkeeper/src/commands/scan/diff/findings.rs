//! What of findings goes, comes and stays.

use std::io::{self, Write};

use advisories::{
    Level,
    matching::{Compared, Finding, Matches, Side, State, urgency},
    report::{self, finding_object, unscanned_objects},
};
use event::visible::visible;
use scan::Inventory;
use serde::Serialize;

use super::Judgement;
use crate::{
    columns::{
        self,
        fitted::{Column, Gives, Layout, write_wrapped},
    },
    commands::scan::findings::severity,
    output::Out,
};

const COLUMNS: [Column; 4] = [
    Column { heading: "", gives: Gives::Nothing },
    Column { heading: "", gives: Gives::Nothing },
    Column { heading: "", gives: Gives::Width(20) },
    Column { heading: "", gives: Gives::Nothing },
];
/// Columns that are wider do not push others aside.
const WIDEST: usize = 40;

/// A line with counts, and one for what nothing is known of on either side.
pub(super) fn write_summary(judgement: &Judgement<'_>, out: &mut Out) -> io::Result<()> {
    writeln!(out, "findings: {}", summary(&judgement.compared))?;
    for (mark, side) in ["---", "+++"].into_iter().zip(&judgement.sides) {
        for unscanned in &side.matches.unscanned {
            let line =
                format!("{mark} unscanned: {}", report::unscanned(unscanned, side.inventory));
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

/// What is new first; then what changed, what is gone, and what stays, where that is asked for. On a terminal the other
/// way round.
pub(super) fn write(
    judgement: &Judgement<'_>,
    width: Option<usize>,
    out: &mut Out,
) -> io::Result<()> {
    let mut sections = sections(judgement);
    if width.is_some() {
        sections.reverse();
    }
    for (heading, rows) in sections.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        writeln!(out, "\n{heading}")?;
        section(rows, width, out)?;
    }
    Ok(())
}

/// Rows below headings.
type Section = (&'static str, Vec<Vec<String>>);

fn sections(judgement: &Judgement<'_>) -> Vec<Section> {
    let Judgement { sides: [from, to], compared, .. } = judgement;
    let row = |side: &Side<'_>, it: &Finding, rest: String| row(side.inventory, it, rest).to_vec();
    let mut new: Vec<_> = compared.new.iter().collect();
    new.sort_by_key(|it| urgency(it.finding));
    let new = new.into_iter().map(|it| {
        row(to, it.finding, format!("{}; {}", mends(it.finding), it.why.of_new().replace('_', " ")))
    });
    let changed = compared.changed.iter().map(|(was, is)| row(to, is, changes(was, is)));
    let lost = compared.lost.iter().map(|it| row(from, it, "unscanned".to_owned()));
    let fixed = compared.fixed.iter();
    let fixed = fixed.map(|it| row(from, it.finding, it.why.of_gone().to_owned()));
    let stay = compared.unchanged.iter().filter(|_| judgement.lists_unchanged);
    let stay = stay.map(|it| row(to, it, mends(it)));
    vec![
        ("NEW FINDINGS", new.collect()),
        ("CHANGED FINDINGS", changed.collect()),
        ("FINDINGS NO LONGER KNOWN", lost.collect()),
        ("FIXED FINDINGS", fixed.collect()),
        ("FINDINGS THAT STAY", stay.collect()),
    ]
}

fn section(rows: Vec<Vec<String>>, width: Option<usize>, out: &mut Out) -> io::Result<()> {
    let Some(width) = width else { return columns::print(&rows, WIDEST, None, out) };
    if let Some(layout) = Layout::of(&COLUMNS, &rows, width) {
        return layout.write(&COLUMNS, &rows, out);
    }
    for row in rows {
        let [head @ .., package, rest] = row.as_slice() else { continue };
        write_wrapped("", &head.join("  "), width, out)?;
        write_wrapped("    ", &format!("{package}: {rest}"), width, out)?;
    }
    Ok(())
}

fn row(inventory: &Inventory, finding: &Finding, rest: String) -> [String; 4] {
    let shown = |text: &str| visible(text.as_bytes()).to_string();
    let package = inventory.packages.get(finding.package);
    let package = package.map(|it| format!("{} {}", it.name, it.version)).unwrap_or_default();
    [format!("  {}", severity(finding)), shown(&finding.id), shown(package.trim()), shown(&rest)]
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
        from: SideOut::of(from.matches, unscanned_objects(from.matches, before)),
        to: SideOut::of(to.matches, unscanned_objects(to.matches, after)),
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
