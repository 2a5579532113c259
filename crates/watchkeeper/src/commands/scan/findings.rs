//! What is wrong with packages, for people.

use std::io::{self, Write};

use advisories::{
    Level, Nature,
    matching::{Finding, Matches, State, Upgrade, upgrades, urgency},
    report,
};
use event::visible::visible;
use scan::{Inventory, Origin};

use crate::{columns, output::Out};

const HEADINGS: [&str; 6] = ["PACKAGE", "INSTALLED", "FIXED IN", "ID", "SEVERITY", "ABOUT"];
/// Where somebody asked what is in use, before what it is about.
const IN_USE: &str = "IN USE";
/// Most characters of a column.
const WIDEST: usize = 40;
/// Most upgrades that are told before all findings are.
const MOST_UPGRADES: usize = 10;

/// Prints a line on the distribution, what to upgrade first, and a line for each finding, the worst first.
pub(super) fn print(
    matches: &Matches,
    inventory: &Inventory,
    distro: Option<String>,
    out: &mut Out,
) -> io::Result<()> {
    if let Some(line) = distro {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{}", report::summary(matches))?;
    for line in report::by_origin(matches, inventory) {
        writeln!(out, "{}", visible(line.as_bytes()))?;
    }
    if let Some(uses) = report::uses_summary(matches) {
        writeln!(out, "{uses}")?;
    }
    for unscanned in &matches.unscanned {
        let line = format!("unscanned: {}", report::unscanned(unscanned));
        writeln!(out, "{}", visible(line.as_bytes()))?;
    }
    let upgrades = upgrades(&matches.findings, inventory);
    if !upgrades.is_empty() {
        writeln!(out, "\nUPGRADE FIRST")?;
    }
    for upgrade in upgrades.iter().take(MOST_UPGRADES) {
        writeln!(out, "  {}", visible(line(upgrade).as_bytes()))?;
    }
    if let Some(more @ 1..) = upgrades.len().checked_sub(MOST_UPGRADES) {
        writeln!(out, "  and {more} more")?;
    }
    if matches.findings.is_empty() { Ok(()) } else { table(matches, inventory, out) }
}

fn line(upgrade: &Upgrade<'_>) -> String {
    let worst = upgrade.worst.map_or("unknown", Level::name);
    let (name, from, to) = (upgrade.name, upgrade.from, upgrade.to);
    format!("{name} {from} to {to} mends {}, {worst} at worst", upgrade.count)
}

fn table(matches: &Matches, inventory: &Inventory, out: &mut Out) -> io::Result<()> {
    let mut findings: Vec<&Finding> = matches.findings.iter().collect();
    findings.sort_by_key(|finding| urgency(finding));
    let tells_use = findings.iter().any(|finding| finding.notes.in_use.is_some());
    let mut rows = vec![HEADINGS.map(str::to_owned).to_vec()];
    rows.extend(findings.iter().map(|finding| row(finding, inventory).to_vec()));
    if tells_use {
        let uses = findings.iter().map(|it| in_use(it));
        let uses = std::iter::once(IN_USE.to_owned()).chain(uses);
        rows.iter_mut().zip(uses).for_each(|(row, cell)| row.insert(HEADINGS.len() - 1, cell));
    }
    writeln!(out)?;
    columns::print(&rows, WIDEST, columns::terminal_width(), out)
}

fn row(finding: &Finding, inventory: &Inventory) -> [String; 6] {
    let shown = |text: &str| visible(text.as_bytes()).to_string();
    let package = inventory.packages.get(finding.package);
    let fixed = match (&finding.fixed_version, finding.state) {
        (Some(version), _) => shown(version),
        (None, State::Affected) => "-".to_owned(),
        (None, state) => state.name().replace('_', " "),
    };
    [
        shown(package.map_or("", |package| &package.name)),
        shown(package.map_or("", |package| &package.version)),
        fixed,
        shown(&finding.id),
        finding.severity.level.map_or("unknown", Level::name).to_owned(),
        about(finding, package.and_then(|it| inventory.origin(it)).map(|(origin, _)| origin)),
    ]
}

fn in_use(finding: &Finding) -> String {
    let in_use = finding.notes.in_use.as_ref();
    in_use.map_or_else(String::new, |it| visible(it.words().as_bytes()).into_owned())
}

/// What should be known first, then one line on it.
fn about(finding: &Finding, origin: Option<Origin>) -> String {
    let mut parts: Vec<String> = origin.map(|it| it.name().to_owned()).into_iter().collect();
    if finding.exploited.is_some() {
        parts.push("EXPLOITED".to_owned());
    }
    if finding.nature != Nature::Flaw {
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
