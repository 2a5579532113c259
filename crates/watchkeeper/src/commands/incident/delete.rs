//! `watchkeeper incident delete`.

use clap::Parser;
use store::Access;

use crate::{
    error::{Error, Outcome},
    incidents::Place,
    output::Verbosity,
};

/// Deletes incidents, whole and for good.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper incident delete 7f3c9a12b4d0 --store /var/lib/watchkeeper
  watchkeeper incident delete 7f3c 81d2

For rules on what is kept see: watchkeeper store prune.")]
pub(crate) struct Args {
    /// Ids, or their beginnings where these are not those of another.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    place: Place,
}

/// Runs the command. Nothing is deleted unless every id names an incident.
pub(super) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let store = args.place.open_existing(Access::Write, verbosity)?;
    let mut ids = args.ids.iter().map(|id| store.resolve(id)).collect::<Result<Vec<_>, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        store.delete(id)?;
        if verbosity != Verbosity::Quiet {
            say!("incident {id} is deleted");
        }
    }
    Ok(Outcome::Done)
}
