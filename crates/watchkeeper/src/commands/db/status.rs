//! `watchkeeper db status`.

use std::{io::Write, path::Path};

use advisories::db::{Database, Header, Part};
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

/// Tells of each feed of the database how old it is, how much it has, and where it is from.
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
    let database = Database::open(&folder).map_err(|error| Error::Usage(error.to_string()))?;
    let mut out = Out::new();
    match args.format {
        Format::Text => text(&mut out, &folder, &database)?,
        Format::Json => writeln!(out, "{}", object(&folder, &database))?,
    }
    out.flush()?;
    for damaged in database.damaged() {
        say!("{damaged}");
    }
    Ok(if database.damaged().is_empty() { Outcome::Done } else { Outcome::InPart })
}

fn text(out: &mut Out, folder: &Path, database: &Database) -> Result<(), Error> {
    writeln!(out, "{}", folder.display())?;
    writeln!(
        out,
        "{:24} {:>10} {:>10} {:>10}  {:12} SOURCE",
        "FEED", "ADVISORIES", "ENTRIES", "KIB", "IMPORTED"
    )?;
    for part in database.parts() {
        let Header { feed, source, imported, advisories, entries, .. } = part.header();
        let kib = size(part).div_ceil(1024);
        let shown = |text: &str| visible(text.as_bytes()).to_string();
        let line = format!(
            "{:24} {advisories:>10} {entries:>10} {kib:>10}  {:12} {}",
            shown(feed),
            age(imported, Timestamp::now()),
            shown(source)
        );
        out.line(line.as_bytes())?;
    }
    Ok(())
}

/// How long ago, in words.
fn age(time: &str, now: Timestamp) -> String {
    let Ok(time) = time.parse::<Timestamp>() else { return "unknown".to_owned() };
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

fn object(folder: &Path, database: &Database) -> Value {
    let feeds = database.parts().iter().map(|part| {
        let Header { feed, source, newest, imported, advisories, entries, spaces } = part.header();
        json!({
            "name": feed, "source": source, "newest": newest, "imported": imported,
            "advisories": advisories, "entries": entries, "spaces": spaces, "bytes": size(part),
        })
    });
    json!({
        "db": folder.to_string_lossy(),
        "feeds": feeds.collect::<Vec<_>>(),
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
            ("", "unknown"),
        ] {
            assert_eq!(age(time, now), expected, "{time}");
        }
    }
}
