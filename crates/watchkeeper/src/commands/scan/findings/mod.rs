//! What is wrong with packages, for people: in a pipe the summary, what to upgrade first, and all findings; on a
//! terminal the other way round, for there what stands last is seen.
//!
//! - `table`: all findings; `upgrades`: what to upgrade first.

mod table;
mod upgrades;

use std::io::{self, Write};

use advisories::{matching::Matches, report};
use event::visible::visible;
use scan::Inventory;

pub(super) use self::table::severity;
use crate::{
    columns::{self, fitted::write_wrapped},
    output::Out,
};

/// On a terminal of fewer columns, several lines for each finding tell more than one.
const NARROW: usize = 72;

/// Prints all, as the terminal has room.
pub(super) fn print(
    matches: &Matches,
    inventory: &Inventory,
    distro: Option<String>,
    out: &mut Out,
) -> io::Result<()> {
    write(matches, inventory, distro, columns::terminal_width(), out)
}

/// Without a width, lines are whole.
fn write(
    matches: &Matches,
    inventory: &Inventory,
    distro: Option<String>,
    width: Option<usize>,
    out: &mut impl Write,
) -> io::Result<()> {
    if width.is_some() {
        if table::write(matches, inventory, width, out)? {
            writeln!(out)?;
        }
        if upgrades::write(matches, inventory, width, out)? {
            writeln!(out)?;
        }
        return summary(matches, inventory, distro, width, out);
    }
    summary(matches, inventory, distro, width, out)?;
    let mut upgrades = Vec::new();
    if upgrades::write(matches, inventory, width, &mut upgrades)? {
        writeln!(out)?;
        out.write_all(&upgrades)?;
    }
    if !matches.findings.is_empty() {
        writeln!(out)?;
        table::write(matches, inventory, width, out)?;
    }
    Ok(())
}

/// The distribution, how many findings there are of what kind, and what nothing is known of.
fn summary(
    matches: &Matches,
    inventory: &Inventory,
    distro: Option<String>,
    width: Option<usize>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut lines: Vec<String> = distro.into_iter().collect();
    lines.push(report::summary(matches));
    lines.extend(report::by_origin(matches, inventory));
    lines.extend(report::uses_summary(matches));
    let unscanned = matches.unscanned.iter();
    lines.extend(unscanned.map(|it| format!("unscanned: {}", report::unscanned(it, inventory))));
    for line in lines {
        write_wrapped("", &visible(line.as_bytes()), width.unwrap_or(usize::MAX), out)?;
    }
    Ok(())
}
