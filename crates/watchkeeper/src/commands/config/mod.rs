//! `watchkeeper config`: the configuration file.

mod check;
mod keys;

use clap::Subcommand;

use crate::error::{Error, Outcome};

/// Checks a configuration file, and lists what may stand in one.
#[derive(Subcommand)]
#[command(arg_required_else_help = true)]
pub(crate) enum Command {
    Check(check::Args),
    Keys(keys::Args),
}

/// Runs the command.
pub(crate) fn run(command: &Command) -> Result<Outcome, Error> {
    match command {
        Command::Check(args) => check::run(args),
        Command::Keys(args) => keys::run(args),
    }
}
