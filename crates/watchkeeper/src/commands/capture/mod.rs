//! `watchkeeper capture`: what a capture file holds, and writing it anew.

mod convert;
mod info;

use clap::Subcommand;

use crate::{
    error::{Error, Outcome},
    output::Verbosity,
};

/// Looks into capture files and writes them anew.
#[derive(Subcommand)]
pub(crate) enum Command {
    Info(info::Args),
    Convert(convert::Args),
}

/// Runs the command.
pub(crate) fn run(command: &Command, verbosity: Verbosity) -> Result<Outcome, Error> {
    match command {
        Command::Info(args) => info::run(args, verbosity),
        Command::Convert(args) => convert::run(args, verbosity),
    }
}
