//! Packages for people.

use std::io::{self, Write};

use event::visible::visible;
use scan::{Inventory, Package};

use crate::{columns, output::Out};

const HEADINGS: [&str; 5] = ["NAME", "VERSION", "TYPE", "SOURCE", "LOCATION"];
/// Most characters of a column.
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
    let rows = inventory.packages.iter().map(|package| row(package, inventory));
    let rows: Vec<[String; 5]> = std::iter::once(HEADINGS.map(str::to_owned)).chain(rows).collect();
    columns::print(&rows, WIDEST, columns::terminal_width(), out)
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
