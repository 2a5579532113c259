//! `watchkeeper incident verify`.

use std::io::Write;

use clap::Parser;
use serde_json::json;
use store::{Access, Scope, Verified};

use crate::{
    error::{Error, Outcome},
    incidents::Place,
    output::{Format, Out, Verbosity},
};

/// Looks whether incidents are what was written: sizes, digests, and every event of their windows.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper incident verify --store /var/lib/watchkeeper
  watchkeeper incident verify 7f3c9a12b4d0 --format json

Exit code: 0 all are whole; 2 something is wrong, and what it is was printed.")]
pub(crate) struct Args {
    /// Ids, or their beginnings, or latest; all incidents, if none is given.
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Form of the output; json: one object.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    place: Place,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Outcome, Error> {
    let store = args.place.open(Access::Read, Verbosity::Quiet)?;
    let mut verified = Verified::default();
    if args.ids.is_empty() {
        verified = store.verify(Scope::All)?;
    }
    for id in &args.ids {
        let id = if id == super::LATEST {
            super::find(&store, id)?.manifest.id
        } else {
            store.resolve(id)?
        };
        let one = store.verify(Scope::One(id))?;
        verified.incidents += one.incidents;
        verified.bytes += one.bytes;
        verified.faults.extend(one.faults);
    }
    print(&verified, args.format)?;
    Ok(if verified.faults.is_empty() { Outcome::Done } else { Outcome::Wrong })
}

fn print(verified: &Verified, format: Format) -> Result<(), Error> {
    let mut out = Out::beside_code();
    let Verified { incidents, bytes, faults } = verified;
    match format {
        Format::Json => {
            let faults: Vec<_> = faults
                .iter()
                .map(|fault| json!({"incident": &*fault.name, "fault": fault.fault.to_string()}))
                .collect();
            writeln!(out, "{}", json!({"incidents": incidents, "bytes": bytes, "faults": faults}))?;
        }
        Format::Text => {
            for fault in faults {
                writeln!(out, "{}: {}", fault.name, fault.fault)?;
            }
            if faults.is_empty() {
                writeln!(out, "all whole: {incidents} incidents, {bytes} bytes of events")?;
            }
        }
    }
    Ok(out.flush()?)
}
