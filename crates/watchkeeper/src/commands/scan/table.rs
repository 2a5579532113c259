//! Packages for people.

use std::io::{self, Write};

use event::visible::visible;
use scan::{Inventory, Package};

use crate::output::Out;

const HEADINGS: [&str; 5] = ["NAME", "VERSION", "TYPE", "SOURCE", "LOCATION"];
/// Columns that are wider are not, so that one long name does not push all others aside.
const WIDEST: usize = 48;

/// Prints a line on the distribution, and one for each package.
pub(super) fn print(
    inventory: &Inventory,
    distro: Option<String>,
    out: &mut Out,
) -> io::Result<()> {
    if let Some(line) = distro {
        writeln!(out, "{line}\n")?;
    }
    let rows: Vec<[String; 5]> =
        inventory.packages.iter().map(|package| row(package, inventory)).collect();
    let heading = HEADINGS.map(str::to_owned);
    let all = || std::iter::once(&heading).chain(&rows);
    let mut widths = [0; 4];
    for row in all() {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().min(WIDEST).max(*width);
        }
    }
    for row in all() {
        for (cell, width) in row.iter().zip(widths) {
            write!(out, "{cell:width$}  ")?;
        }
        out.line(row.last().map_or("", String::as_str).as_bytes())?;
    }
    Ok(())
}

fn row(package: &Package, inventory: &Inventory) -> [String; 5] {
    let shown = |text: &str| visible(text.as_bytes()).to_string();
    let source = package
        .source
        .as_ref()
        .filter(|source| (&source.name, &source.version) != (&package.name, &package.version));
    let source = source.map(|source| match source.version == package.version {
        true => source.name.clone(),
        false => format!("{} {}", source.name, source.version),
    });
    let location = package.locations.first().map_or_else(String::new, |location| {
        let more = package.locations.len() - 1;
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let layer = location.layer.filter(|_| inventory.layers.len() > 1);
        let layer = layer.map_or_else(String::new, |layer| format!(" (layer {})", layer + 1));
        format!("{}{layer}{more}", location.path)
    });
    let version = match package.is_dev {
        true => format!("{} (dev)", package.version),
        false => package.version.clone(),
    };
    [
        shown(&package.name),
        shown(&version),
        package.kind.name().to_owned(),
        shown(&source.unwrap_or_default()),
        shown(&location),
    ]
}
