//! `watchkeeper store`: the folder that incidents are kept in.

mod info;
mod prune;
mod reindex;

use clap::Subcommand;

use crate::{
    error::{Error, Outcome},
    output::Verbosity,
};

/// The folder that incidents are kept in: tells what is there, makes room, mends its index.
#[derive(Subcommand)]
pub(crate) enum Command {
    Info(info::Args),
    Prune(prune::Args),
    Reindex(reindex::Args),
}

/// Runs the command.
pub(crate) fn run(command: &Command, verbosity: Verbosity) -> Result<Outcome, Error> {
    match command {
        Command::Info(args) => info::run(args),
        Command::Prune(args) => prune::run(args, verbosity),
        Command::Reindex(args) => reindex::run(args, verbosity),
    }
}
