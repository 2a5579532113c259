//! `watchkeeper db`: the database of advisories.

mod artifact;
mod export;
mod import;
mod place;
mod pull;
mod status;
mod update;

use clap::Subcommand;

pub(crate) use self::{artifact::is_artifact, place::DatabaseArgs};
use crate::{
    error::{Error, Outcome},
    output::Verbosity,
};

/// The database of advisories that scan matches packages with: what is known to be wrong with them.
#[derive(Subcommand)]
pub(crate) enum Command {
    Export(export::Args),
    Import(import::Args),
    Pull(pull::Args),
    Status(status::Args),
    Update(update::Args),
}

/// Runs the command.
pub(crate) fn run(command: &Command, verbosity: Verbosity) -> Result<Outcome, Error> {
    match command {
        Command::Export(args) => export::run(args, verbosity),
        Command::Import(args) => import::run(args, verbosity),
        Command::Pull(args) => pull::run(args, verbosity),
        Command::Status(args) => status::run(args),
        Command::Update(args) => update::run(args, verbosity),
    }
}
