//! What to upgrade first.

use std::io::{self, Write};

use advisories::matching::{Matches, Upgrade, upgrades};
use event::visible::visible;
use scan::Inventory;

use super::NARROW;
use crate::columns::fitted::{Column, Gives, Layout, write_wrapped};

const HEADING: &str = "UPGRADE FIRST";
const COLUMNS: [Column; 4] = [
    Column { heading: HEADING, gives: Gives::Width(16) },
    Column { heading: "INSTALLED", gives: Gives::Way(9) },
    Column { heading: "TO", gives: Gives::Nothing },
    Column { heading: "MENDS", gives: Gives::Nothing },
];
/// Most that are told.
const MOST: usize = 10;

/// Writes a line for each of the first; whether there are any.
pub(super) fn write(
    matches: &Matches,
    inventory: &Inventory,
    width: Option<usize>,
    out: &mut impl Write,
) -> io::Result<bool> {
    let upgrades = upgrades(&matches.findings, inventory);
    if upgrades.is_empty() {
        return Ok(false);
    }
    let first = upgrades.get(..upgrades.len().min(MOST)).unwrap_or_default();
    match width {
        Some(width) if width < NARROW => write_wrapped_all(first, width, out)?,
        _ => write_table(first, width.unwrap_or(usize::MAX), out)?,
    }
    if let Some(more @ 1..) = upgrades.len().checked_sub(MOST) {
        writeln!(out, "and {more} more")?;
    }
    Ok(true)
}

/// Names all packages where there is room, else says how many.
fn write_table(upgrades: &[Upgrade<'_>], width: usize, out: &mut impl Write) -> io::Result<()> {
    let named: Vec<_> = upgrades.iter().map(|it| row(it, it.packages())).collect();
    let named = Layout::of(&COLUMNS, &named, width).map(|layout| (named, layout));
    if let Some((rows, layout)) = named.filter(|(_, layout)| layout.is_whole()) {
        return layout.write(&COLUMNS, &rows, out);
    }
    let counted: Vec<_> = upgrades.iter().map(|it| row(it, it.counted())).collect();
    match Layout::of(&COLUMNS, &counted, width) {
        Some(layout) => layout.write(&COLUMNS, &counted, out),
        None => write_wrapped_all(upgrades, width, out),
    }
}

fn row(upgrade: &Upgrade<'_>, packages: String) -> Vec<String> {
    let cells = [&packages, upgrade.from, upgrade.to, &upgrade.mends()];
    cells.map(|cell| visible(cell.as_bytes()).into_owned()).to_vec()
}

fn write_wrapped_all(
    upgrades: &[Upgrade<'_>],
    width: usize,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "{HEADING}")?;
    for upgrade in upgrades {
        let (packages, from, to) = (upgrade.packages(), upgrade.from, upgrade.to);
        let text = format!("{packages} {from} to {to} mends {}", upgrade.mends());
        write_wrapped("", &visible(text.as_bytes()), width, out)?;
    }
    Ok(())
}
