//! `watchkeeper inuse show`.

use std::io::Write;

use clap::Parser;
use inuse::{Kind, Seen};

use super::{list::object, select::Places};
use crate::{
    error::{Error, Outcome},
    in_use::words,
    output::{Format, Out},
};

/// Tells all that is known of the use of a file, in each place that has it.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper inuse show /usr/sbin/nginx
  watchkeeper inuse show /usr/lib/x86_64-linux-gnu/libssl.so.3 --store /var/lib/watchkeeper --format json

Exit code: 1 if nobody was seen to use it.")]
pub(crate) struct Args {
    /// The file, as it was recorded.
    #[arg(value_name = "PATH")]
    path: String,
    #[command(flatten)]
    places: Places,
    /// Form of the output; json: one object for each place.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Outcome, Error> {
    let index = args.places.index()?;
    let mut out = Out::beside_code();
    let mut is_seen = false;
    for (key, place) in args.places.of(&index)? {
        let path = args.path.as_bytes();
        let Some(seen) = place.file(path) else { continue };
        is_seen = true;
        match args.format {
            Format::Text => text(&words::place(key, place), seen, &mut out)?,
            Format::Json => writeln!(out, "{}", object(key, place, path, seen))?,
        }
    }
    out.flush()?;
    if !is_seen {
        say!(
            "nobody was seen to use it; watchkeeper inuse status tells for how long anybody looked"
        );
        return Ok(Outcome::Found);
    }
    Ok(Outcome::Done)
}

fn text(place: &str, seen: &Seen, out: &mut Out) -> Result<(), Error> {
    writeln!(out, "{place}")?;
    for kind in Kind::ALL.into_iter().rev() {
        if let Some(it) = seen.times(kind) {
            let (first, last) = (words::time(it.from_s), words::time(it.to_s));
            writeln!(out, "  {:9}  first {first}  last {last}", kind.name())?;
        }
    }
    for port in seen.ports() {
        writeln!(out, "  port       {}", words::port(*port))?;
    }
    if seen.facts.is_memfd {
        writeln!(out, "  it was in memory alone")?;
    }
    if seen.facts.is_deleted {
        writeln!(out, "  it was deleted already when it was executed")?;
    }
    Ok(())
}
