//! What changed, for people.

use std::io::{self, Write};

use event::visible::visible;
use scan::{Change, Diff, Place, What};

use super::{Judgement, Side, findings};
use crate::{columns, commands::scan::shown, output::Out};

/// Names that are longer do not push versions aside.
const WIDEST: usize = 40;
/// Versions of one name that are shown; JSON has all.
const MOST_VERSIONS: usize = 4;

/// Counts first, then findings, then packages; on a terminal, where what stands last is seen, the other way round.
pub(super) fn write(
    diff: &Diff,
    sides: [&Side; 2],
    judgement: Option<&Judgement<'_>>,
    out: &mut Out,
) -> io::Result<()> {
    let width = columns::terminal_width();
    let findings = |out: &mut Out| match judgement {
        Some(judgement) => findings::write(judgement, width, out),
        None => Ok(()),
    };
    if width.is_some() {
        write_changes(diff, out)?;
        findings(out)?;
        writeln!(out)?;
        return write_summary(diff, sides, judgement, out);
    }
    write_summary(diff, sides, judgement, out)?;
    findings(out)?;
    write_changes(diff, out)
}

fn write_summary(
    diff: &Diff,
    sides: [&Side; 2],
    judgement: Option<&Judgement<'_>>,
    out: &mut Out,
) -> io::Result<()> {
    for (mark, (inventory, subject)) in ["---", "+++"].into_iter().zip(sides) {
        let distro =
            inventory.distro.as_ref().map_or_else(String::new, |it| format!(" ({})", shown(it)));
        writeln!(out, "{mark} {}{distro}", visible(subject.name.as_bytes()))?;
    }
    writeln!(out, "{}", summary(diff))?;
    match judgement {
        Some(judgement) => findings::write_summary(judgement, out),
        None => Ok(()),
    }
}

/// What is rarely meant first, and what is most of it last.
fn write_changes(diff: &Diff, out: &mut Out) -> io::Result<()> {
    let width = diff.changes.iter().map(|it| label(it).chars().count()).max();
    let width = width.unwrap_or_default().min(WIDEST);
    for what in What::ALL {
        let mut changes = diff.changes.iter().filter(|change| change.what == what).peekable();
        if changes.peek().is_some() {
            writeln!(out, "\n{}", what.name().to_uppercase())?;
        }
        for change in changes {
            let kind = change.kind.name();
            writeln!(out, "  {:width$}  {kind:9} {}", label(change), versions(change))?;
        }
    }
    Ok(())
}

fn summary(diff: &Diff) -> String {
    let counts = What::ALL.into_iter().map(|what| (diff.count(what), what.name()));
    let mut parts: Vec<String> = counts
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    parts.push(format!("{} unchanged", diff.unchanged));
    match &diff.distro {
        Some(_) => format!("{}; another distribution", parts.join(", ")),
        None => parts.join(", "),
    }
}

fn label(change: &Change) -> String {
    let architecture = match change.architecture.as_str() {
        "" => String::new(),
        other => format!(":{other}"),
    };
    visible(format!("{}{architecture}", change.name).as_bytes()).to_string()
}

fn versions(change: &Change) -> String {
    let kept = match change.kept.as_slice() {
        [] => String::new(),
        kept => format!("  ({} stays)", some(kept)),
    };
    let text = match change.what {
        What::Added => some(&change.to),
        What::Removed => some(&change.from),
        What::Moved => {
            format!(
                "{}  {} → {}",
                some(&change.kept),
                place(&change.places_from),
                place(&change.places_to)
            )
        }
        _ => format!("{} → {}", some(&change.from), some(&change.to)),
    };
    let kept = if change.what == What::Moved { String::new() } else { kept };
    visible(format!("{text}{kept}").as_bytes()).to_string()
}

fn some(versions: &[String]) -> String {
    let shown = versions.get(..versions.len().min(MOST_VERSIONS)).unwrap_or_default().join(", ");
    match versions.len().checked_sub(MOST_VERSIONS) {
        Some(more @ 1..) => format!("{shown} and {more} more"),
        _ if shown.is_empty() => "no version".to_owned(),
        _ => shown,
    }
}

fn place(places: &[Place]) -> String {
    let Some(first) = places.first() else { return String::new() };
    let layer = first.layer.as_deref().map_or_else(String::new, |layer| {
        let layer = layer.strip_prefix("sha256:").unwrap_or(layer);
        format!(" (layer {})", layer.get(..12).unwrap_or(layer))
    });
    let more =
        if places.len() > 1 { format!(" and {} more", places.len() - 1) } else { String::new() };
    format!("{}{layer}{more}", first.path)
}
