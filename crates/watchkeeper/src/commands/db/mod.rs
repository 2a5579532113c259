//! `watchkeeper db`: the database of advisories.

mod import;
mod place;
mod status;

use clap::Subcommand;

pub(crate) use self::place::DatabaseArgs;
use crate::{
    error::{Error, Outcome},
    output::Verbosity,
};

/// The database of advisories that scan matches packages with: what is known to be wrong with them.
#[derive(Subcommand)]
pub(crate) enum Command {
    Import(import::Args),
    Status(status::Args),
}

/// Runs the command.
pub(crate) fn run(command: &Command, verbosity: Verbosity) -> Result<Outcome, Error> {
    match command {
        Command::Import(args) => import::run(args, verbosity),
        Command::Status(args) => status::run(args),
    }
}
