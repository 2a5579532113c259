//! For people.

use std::io::{self, Write};

use event::visible::visible;
use scan::Package;

use super::{Answer, End, Outcome, outcome::because, words};
use crate::{
    matching::{Finding, Known, Line, Means, OfFlaw, OfPackage, Reason, Role, Sought, Spoken},
    report::words as of_findings,
};

/// Most packages that are told where nothing is said of those that were asked about; JSON has all.
const MOST_SPOKEN: usize = 12;
/// Most places of a package that are told; JSON has all.
const MOST_PLACES: usize = 4;

/// What was asked, for each package what was read and what became of it, and what is known of the name.
pub(super) fn write(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (at, end) in answer.ends().iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        package(answer, end, out)?;
    }
    if !answer.explanation.known.is_empty() {
        writeln!(out, "\nknown as such:")?;
    }
    for it in &answer.explanation.known {
        line(out, 2, &known(it))?;
    }
    if !answer.spoken.is_empty() {
        writeln!(out, "\nsaid of others:")?;
    }
    for it in answer.spoken.iter().take(MOST_SPOKEN) {
        let Spoken { space, package, id, feed } = it;
        line(out, 2, &format!("{package} in {space} ({feed}: {id})"))?;
    }
    match answer.spoken.len().checked_sub(MOST_SPOKEN) {
        Some(more @ 1..) => line(out, 2, &format!("and {more} more")),
        _ => Ok(()),
    }
}

fn package(answer: &Answer<'_>, end: &End<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(package) = answer.inventory.packages.get(end.package.package) else { return Ok(()) };
    for (at, (flaw, outcome)) in end.flaws.iter().enumerate() {
        let id = name(answer, *flaw, outcome);
        let (of, told) = (of_findings::package(package), headline(outcome));
        line(out, 0, &format!("{id} in {of}: {told}"))?;
        if at == 0 {
            about(answer, package, end.package, out)?;
        }
        if let Some(flaw) = flaw {
            lines(flaw, package, out)?;
        }
        line(out, 2, &conclusion(answer, *flaw, outcome, end.package))?;
    }
    Ok(())
}

/// What most know it by, and what was asked for, where that is another name.
fn name(answer: &Answer<'_>, flaw: Option<&OfFlaw>, outcome: &Outcome<'_>) -> String {
    let asked = &answer.explanation.id;
    let of_finding = match outcome {
        Outcome::Reported(it) | Outcome::Suppressed(it, _) => Some(&it.id),
        _ => flaw.and_then(|flaw| flaw.ids.iter().find(|id| id.eq_ignore_ascii_case(asked))),
    };
    match of_finding {
        Some(id) if !id.eq_ignore_ascii_case(asked) => format!("{id} ({asked})"),
        Some(id) => id.clone(),
        None => asked.clone(),
    }
}

fn headline(outcome: &Outcome<'_>) -> String {
    match outcome {
        Outcome::Reported(it) => format!("REPORTED, {}", state(it)),
        Outcome::Suppressed(it, _) => format!("NOT REPORTED: suppressed ({})", state(it)),
        Outcome::Fixed => "NOT REPORTED: it has what mends it".to_owned(),
        Outcome::NotAffected => {
            "NOT REPORTED: whoever makes it says that it is not affected".to_owned()
        }
        Outcome::Elsewhere => "NOT REPORTED: what is said is not of this version".to_owned(),
        Outcome::Withdrawn => "NOT REPORTED: it was taken back".to_owned(),
        Outcome::NotTold => "NOT REPORTED: nothing is said of this package".to_owned(),
        Outcome::Unscanned => "UNKNOWN: nothing is known of this package".to_owned(),
    }
}

/// How bad it is, and what mends it.
fn state(finding: &Finding) -> String {
    let severity = of_findings::severity(finding);
    let source = match finding.severity.source.as_str() {
        "" => String::new(),
        source => format!(" (says {source})"),
    };
    format!("{severity}{source}, {}", of_findings::remedy(finding))
}

/// Where the package is from, and where it was looked for.
fn about(
    answer: &Answer<'_>,
    package: &Package,
    told: &OfPackage,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut what = package.kind.name().to_owned();
    if !package.architecture.is_empty() {
        what += &format!(", {}", package.architecture);
    }
    if let Some(source) = &package.source {
        what += &format!(", built from {} {}", source.name, source.version);
    }
    if let Some(module) = package.module.as_deref().filter(|it| !it.is_empty()) {
        what += &format!(", of the stream {module}");
    }
    line(out, 2, &format!("package: {what}"))?;
    for location in package.locations.iter().take(MOST_PLACES).filter(|it| !it.path.is_empty()) {
        let layer = location.layer.map_or_else(String::new, |it| format!(", layer {}", it + 1));
        line(out, 2, &format!("told of by: {}{layer}", location.path))?;
    }
    if let Some(more @ 1..) = package.locations.len().checked_sub(MOST_PLACES) {
        line(out, 2, &format!("told of by: {more} more"))?;
    }
    for sought in &told.sought {
        line(out, 2, &format!("asked: {}", asked(answer, sought)))?;
    }
    Ok(())
}

/// `Debian:12: debian`; what has nothing is told as well.
fn asked(answer: &Answer<'_>, sought: &Sought) -> String {
    let parts = answer.database.parts().iter().filter(|part| part.has(&sought.space));
    let feeds: Vec<&str> = parts.map(|part| part.header().feed.as_str()).collect();
    let feeds = match (feeds.is_empty(), sought.is_whole) {
        (true, _) => "the database has nothing of it".to_owned(),
        (false, true) => feeds.join(", "),
        (false, false) => format!("{}, single records alone", feeds.join(", ")),
    };
    let role =
        if sought.role == Role::Backport { " (for fixes that the package may have)" } else { "" };
    format!("{}{role}: {feeds}", sought.space)
}

fn lines(flaw: &OfFlaw, package: &Package, out: &mut dyn Write) -> io::Result<()> {
    for (at, it) in flaw.lines.iter().enumerate() {
        line(out, 2, &format!("{}. {}", at + 1, heading(it)))?;
        line(out, 5, &words::says(&it.affected))?;
        line(out, 5, &words::reading(it, &package.architecture))?;
        line(out, 5, &words::weight(it, flaw))?;
    }
    Ok(())
}

/// Who says it, by which name, of what.
fn heading(line: &Line) -> String {
    const MOST_NAMES: usize = 6;
    let mut names = line.names.iter().take(MOST_NAMES).cloned().collect::<Vec<_>>().join(", ");
    if let Some(more @ 1..) = line.names.len().checked_sub(MOST_NAMES) {
        names += &format!(" and {more} more");
    }
    let names = match (names.as_str(), line.is_erratum) {
        ("", _) => String::new(),
        (_, true) => format!(", which mends {names},"),
        (_, false) => format!(" ({names})"),
    };
    let Line { feed, advisory, package, version, space, .. } = line;
    format!("{feed}: {advisory}{names} of {package} {version} in {space}")
}

/// What the end is, and by which line.
fn conclusion(
    answer: &Answer<'_>,
    flaw: Option<&OfFlaw>,
    outcome: &Outcome<'_>,
    package: &OfPackage,
) -> String {
    let by = flaw.map(because).unwrap_or_default();
    let by = by.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match outcome {
        Outcome::Reported(it) => match &it.notes.vex {
            None => format!("reported because of {by}"),
            Some(note) => format!(
                "reported because of {by}; {} ({}) says: {}",
                note.source,
                note.place,
                note.status.name().replace('_', " ")
            ),
        },
        Outcome::Suppressed(_, means) => {
            format!("would be reported because of {by}, but is suppressed: {}", suppressed(means))
        }
        Outcome::Fixed | Outcome::NotAffected | Outcome::Elsewhere => {
            format!("not reported because of {by}")
        }
        Outcome::Withdrawn => {
            format!("not reported: {} was taken back, see below", answer.explanation.id)
        }
        Outcome::NotTold => format!(
            "not reported: no record of {} is of this package where it was asked for",
            answer.explanation.id
        ),
        Outcome::Unscanned => {
            let reason = package.unscanned.map_or("", Reason::text);
            format!("neither reported nor clean: unscanned, {reason}")
        }
    }
}

fn suppressed(means: &Means) -> String {
    match means {
        Means::Vex(note) => {
            let status = note.status.name().replace('_', " ");
            let reason = note.reason();
            let colon = if reason.is_empty() { "" } else { ": " };
            format!("{} ({}) says {status}{colon}{reason}", note.source, note.place)
        }
        Means::Ignored(note) => {
            format!("ignored by {}:{}: {}", note.source, note.place, note.reason)
        }
    }
}

/// What a feed says of the name, whatever it is in.
fn known(known: &Known) -> String {
    let Known { feed, id, withdrawn, summary, .. } = known;
    let mut told = format!("{feed}: {id}");
    if !withdrawn.is_empty() {
        told += &format!(", taken back {withdrawn}: it says nothing any more");
    }
    if known.is_exploited {
        told += ", known to be exploited";
    }
    if known.is_disputed {
        told += ", disputed";
    }
    if !known.covers.is_empty() {
        told += &format!(", mends {}", known.covers.join(", "));
    }
    if !known.aliases.is_empty() {
        told += &format!(", also {}", known.aliases.join(", "));
    }
    if !summary.is_empty() {
        told += &format!(": {summary}");
    }
    told
}

/// What comes from outside is escaped.
fn line(out: &mut dyn Write, indent: usize, text: &str) -> io::Result<()> {
    writeln!(out, "{:indent$}{}", "", visible(text.trim().as_bytes()))
}
