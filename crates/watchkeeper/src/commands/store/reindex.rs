//! `watchkeeper store reindex`.

use clap::Parser;
use store::Access;

use crate::{
    error::{Error, Outcome},
    incidents::Place,
    output::{Verbosity, plural},
};

/// Makes the index of a store anew from the incidents that are there.
///
/// The index only makes lists fast: what it does not know is read from the folders. Incidents that a
/// program could not end because it was killed are completed on the way.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper store reindex --store /var/lib/watchkeeper")]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
}

/// Runs the command.
pub(super) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let store = args.place.open_existing(Access::Write, verbosity)?;
    let incidents = store.reindex()?;
    if verbosity != Verbosity::Quiet {
        let are = if incidents == 1 { "is" } else { "are" };
        say!("{} {are} in the index", plural(incidents as u64, "incident"));
    }
    Ok(Outcome::Done)
}
