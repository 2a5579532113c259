//! `watchkeeper inuse import`.

use std::{path::PathBuf, rc::Rc};

use clap::Parser;
use inuse::Scope;
use state::{Engines, Limits, State};
use store::Access;

use crate::{
    error::{Error, Outcome},
    in_use::Uses,
    incidents,
    input::{Input, Next},
    output::{Verbosity, plural},
};

/// Reads recordings, and keeps in a store what was in use when they were made.
///
/// A recording that was read before adds nothing. Whether it has all of its host or some processes alone,
/// as traces have, its list of processes tells.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper inuse import --store uses/ host.scap
  watchkeeper inuse import --store uses/ --part nginx-only.scap.gz
  watchkeeper inuse import --store uses/ recordings/*.scap && watchkeeper inuse status --store uses/")]
pub(crate) struct Args {
    /// Capture files (.scap; plain, gzip or zstd); - reads stdin.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// They have only part of what happened, as those have that were filtered: of what is not in them nothing
    /// follows.
    #[arg(long)]
    part: bool,
    /// Name of the host, in place of the one that the recordings tell.
    #[arg(long, value_name = "NAME")]
    hostname: Option<String>,
    /// Container engines, as in replay.
    #[arg(long, value_name = "LIST")]
    engines: Option<Engines>,
    #[command(flatten)]
    place: incidents::Place,
}

/// Runs the command.
pub(super) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let store = incidents::open(&args.place.folder()?, Access::Write, verbosity)?;
    let scope = if args.part { Scope::Part } else { Scope::AsTold };
    let mut uses = Uses::start(Rc::new(store), scope)?;
    let mut outcome = Outcome::Done;
    for path in &args.files {
        let mut input = Input::open(path, verbosity)?;
        if let Some(name) = &args.hostname {
            input.rename_host(name);
        }
        let mut state = State::new(Limits::default());
        state.set_engines(args.engines.unwrap_or_default());
        uses.begin(scope);
        let read = input.contexts(&mut state, |context| {
            uses.event(context);
            Ok(Next::Continue)
        })?;
        uses.end(&state);
        outcome = outcome.and(read);
    }
    if verbosity != Verbosity::Quiet {
        let index = uses.index();
        let places = plural(index.places().count() as u64, "place");
        say!("{} in use are known, of {places}", plural(index.paths() as u64, "file"));
    }
    Ok(outcome.and(uses.finish()))
}
