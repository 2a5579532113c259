//! `watchkeeper inuse list`.

use std::io::Write;

use clap::{Parser, ValueEnum};
use event::visible::visible;
use inuse::{Key, Kind, Place, Seen};
use serde_json::{Value, json};

use super::select::Places;
use crate::{
    error::{Error, Outcome},
    in_use::words,
    output::{Format, Out},
};

/// Lists files that are in use, in the strongest way in which each is.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper inuse list --store /var/lib/watchkeeper
  watchkeeper inuse list --kind listening --kind executed
  watchkeeper inuse list --image nginx:1.25 --format json | jq -r .path
  watchkeeper inuse list --host web-1 --under /usr/lib")]
pub(crate) struct Args {
    #[command(flatten)]
    places: Places,
    /// Only those that are used in this way, at the strongest. May be given several times.
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Vec<KindArg>,
    /// Only those in this folder.
    #[arg(long, value_name = "FOLDER")]
    under: Option<String>,
    /// Form of the output; json: one object for each file.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// A way in which a file is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum KindArg {
    /// By a process that listens on the network.
    Listening,
    /// As a program or a script.
    Executed,
    /// As a library.
    Loaded,
    /// Opened for reading.
    Read,
}

impl KindArg {
    fn kind(self) -> Kind {
        match self {
            Self::Listening => Kind::Listening,
            Self::Executed => Kind::Executed,
            Self::Loaded => Kind::Loaded,
            Self::Read => Kind::Read,
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Outcome, Error> {
    let index = args.places.index()?;
    let mut out = Out::new();
    for (key, place) in args.places.of(&index)? {
        let mut files: Vec<(&[u8], &Seen)> =
            place.files().filter(|(path, seen)| args.asks_for(path, seen)).collect();
        files.sort_by_key(|(path, seen)| (std::cmp::Reverse(seen.strongest()), *path));
        if args.format == Format::Text && !files.is_empty() {
            out.line(words::place(key, place).as_bytes())?;
        }
        for (path, seen) in files {
            match args.format {
                Format::Text => out.line(line(path, seen).as_bytes())?,
                Format::Json => writeln!(out, "{}", object(key, place, path, seen))?,
            }
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}

impl Args {
    fn asks_for(&self, path: &[u8], seen: &Seen) -> bool {
        let is_asked = |kind: &KindArg| seen.strongest() == Some(kind.kind());
        let folder = self.under.as_deref().map(|folder| folder.trim_end_matches('/').as_bytes());
        let is_within = |folder: &[u8]| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        };
        (self.kind.is_empty() || self.kind.iter().any(is_asked)) && folder.is_none_or(is_within)
    }
}

fn line(path: &[u8], seen: &Seen) -> String {
    let strongest = seen.strongest().map_or("", Kind::name);
    let last = seen.bounds().map_or_else(String::new, |it| words::time(it.to_s));
    let mut line = format!("  {strongest:9}  {last:20}  {}", visible(path));
    let ports: Vec<String> = seen.ports().iter().map(|port| words::port(*port)).collect();
    if !ports.is_empty() {
        line.push_str(&format!("  {}", ports.join(", ")));
    }
    if seen.facts.is_memfd {
        line.push_str("  (in memory alone)");
    } else if seen.facts.is_deleted {
        line.push_str("  (deleted)");
    }
    line
}

/// All that is known of a file.
pub(super) fn object(key: &Key, place: &Place, path: &[u8], seen: &Seen) -> Value {
    let uses = Kind::ALL.into_iter().rev().filter_map(|kind| {
        let it = seen.times(kind)?;
        Some((
            kind.name().to_owned(),
            json!({"first": words::time(it.from_s), "last": words::time(it.to_s)}),
        ))
    });
    let ports = seen.ports().iter().map(|port| {
        let is_loopback = port.reach == inuse::Reach::Loopback;
        json!({"port": port.number, "protocol": port.protocol.name(), "loopback": is_loopback})
    });
    json!({
        "place": words::place(key, place),
        "host": visible(&key.host),
        "path": visible(path),
        "state": seen.strongest().map_or("", Kind::name),
        "uses": uses.collect::<serde_json::Map<_, _>>(),
        "ports": ports.collect::<Vec<_>>(),
        "memfd": seen.facts.is_memfd,
        "deleted": seen.facts.is_deleted,
    })
}
