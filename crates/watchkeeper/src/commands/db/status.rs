//! `watchkeeper db status`.

use std::{collections::BTreeSet, io::Write, path::Path};

use advisories::{
    db::{Database, Header, Part},
    update::{State, States},
};
use clap::Parser;
use event::visible::visible;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::DatabaseArgs;
use crate::{
    error::{Error, Outcome},
    output::{Format, Out},
};

const HOUR_SECONDS: i64 = 3600;
const DAY_HOURS: i64 = 24;

/// Tells of each feed of the database how much it has, how old its newest word is, when it was imported, where it is
/// from, and how its last update went.
///
/// All of it is read and checked.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper db status
  watchkeeper db status --db /var/lib/watchkeeper/advisories --format json | jq .feeds

Exit code: 0 all parts can be used; 2 there is no database; 3 some parts are damaged.")]
pub(crate) struct Args {
    /// Form of the output; json: one object.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Outcome, Error> {
    let folder = args.database.folder()?;
    let states = States::read(&folder).unwrap_or_else(|error| {
        say!("{error}; how updates went is not known");
        States::default()
    });
    let (mut database, none) = match args.database.there("") {
        Ok(database) => (database, None),
        // Where nothing could be fetched yet, how that went is told all the same.
        Err(none) if states.feeds().next().is_some() => (Database::default(), Some(none)),
        Err(none) => return Err(none),
    };
    database.check();
    let mut out = Out::beside_code();
    match args.format {
        Format::Text => text(&mut out, &folder, &database, &states)?,
        Format::Json => writeln!(out, "{}", object(&folder, &database, &states))?,
    }
    out.flush()?;
    for damaged in database.damaged() {
        say!("{damaged}");
    }
    if let Some(none) = none {
        return Err(none);
    }
    Ok(if database.damaged().is_empty() { Outcome::Done } else { Outcome::InPart })
}

fn text(out: &mut Out, folder: &Path, database: &Database, states: &States) -> Result<(), Error> {
    writeln!(out, "{}", folder.display())?;
    writeln!(
        out,
        "{:24} {:>10} {:>10} {:>10}  {:12} {:12} SOURCE",
        "FEED", "ADVISORIES", "ENTRIES", "KIB", "NEWEST", "IMPORTED"
    )?;
    let now = Timestamp::now();
    for part in database.parts() {
        let Header { feed, source, imported, advisories, entries, .. } = part.header();
        // Not all feeds tell it.
        let newest = part.header().newest().map_or_else(|| "-".to_owned(), |it| age(it, now));
        let kib = size(part).div_ceil(1024);
        let shown = |text: &str| visible(text.as_bytes()).to_string();
        let line = format!(
            "{:24} {advisories:>10} {entries:>10} {kib:>10}  {newest:12} {:12} {}",
            shown(feed),
            age(imported, now),
            shown(source)
        );
        out.line(line.as_bytes())?;
    }
    updates(out, states)
}

/// How the last update of each feed went.
fn updates(out: &mut Out, states: &States) -> Result<(), Error> {
    let now = Timestamp::now();
    let asked = states.feeds().filter(|(_, state)| !state.tried.is_empty());
    for (at, (feed, State { tried, succeeded, failed, .. })) in asked.enumerate() {
        if at == 0 {
            writeln!(out, "\n{:24} {:12} {:12} FAILED", "UPDATE", "TRIED", "SUCCEEDED")?;
        }
        let succeeded = if succeeded.is_empty() { "never".to_owned() } else { age(succeeded, now) };
        let (tried, failed) = (age(tried, now), failed.join("; "));
        let line = format!("{feed:24} {tried:12} {succeeded:12} {}", visible(failed.as_bytes()));
        out.line(line.trim_end().as_bytes())?;
    }
    for (at, (feed, why)) in missing(states).enumerate() {
        if at == 0 {
            writeln!(out, "\n{:24} MISSING", "UPDATE")?;
        }
        out.line(format!("{feed:24} {}", visible(why.as_bytes())).as_bytes())?;
    }
    Ok(())
}

/// What publishers list, and do not have.
fn missing(states: &States) -> impl Iterator<Item = (&str, String)> {
    states.feeds().flat_map(|(feed, state)| state.missing().into_iter().map(move |it| (feed, it)))
}

/// How long ago, in words.
fn age(time: &str, now: Timestamp) -> String {
    // Some feeds have days alone.
    let day = || format!("{time}T00:00:00Z").parse::<Timestamp>();
    let Ok(time) = time.parse::<Timestamp>().or_else(|_| day()) else {
        return "unknown".to_owned();
    };
    let hours = (now.as_second() - time.as_second()) / HOUR_SECONDS;
    match hours {
        ..1 => "just now".to_owned(),
        1..48 => format!("{hours} h ago"),
        _ => format!("{} days ago", hours / DAY_HOURS),
    }
}

fn size(part: &Part) -> u64 {
    part.size_bytes().unwrap_or_default()
}

fn object(folder: &Path, database: &Database, states: &States) -> Value {
    let feeds = database.parts().iter().map(|part| {
        let Header { feed, source, imported, advisories, entries, .. } = part.header();
        let Header { spaces, whole, gathered, .. } = part.header();
        let covered: BTreeSet<&String> = whole.iter().chain(gathered).collect();
        json!({
            "name": feed, "source": source, "newest": part.header().newest(), "imported": imported,
            "checked": states.checked(feed),
            "advisories": advisories, "entries": entries, "spaces": spaces, "covered": covered,
            "bytes": size(part),
        })
    });
    let updates = states.feeds().map(|(feed, state)| {
        let State { tried, succeeded, failed, .. } = state;
        let [tried, succeeded] = [tried, succeeded].map(|it| Some(it).filter(|it| !it.is_empty()));
        json!({
            "name": feed, "tried": tried, "succeeded": succeeded, "failed": failed,
            "missing": state.missing(),
        })
    });
    json!({
        "db": folder.to_string_lossy(),
        "feeds": feeds.collect::<Vec<_>>(),
        "updates": updates.collect::<Vec<_>>(),
        "damaged": database.damaged().iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_words() {
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
        for (time, expected) in [
            ("2026-03-10T11:30:00Z", "just now"),
            ("2026-03-09T12:00:00Z", "24 h ago"),
            ("2026-03-01T12:00:00Z", "9 days ago"),
            ("2026-03-11T12:00:00Z", "just now"),
            ("2026-03-01", "9 days ago"),
            ("", "unknown"),
        ] {
            assert_eq!(age(time, now), expected, "{time}");
        }
    }
}
