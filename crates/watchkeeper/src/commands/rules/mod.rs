//! `watchkeeper rules`: for those who write rules.

mod check;
mod fmt;
mod list;
mod score;

use clap::Subcommand;

use crate::{
    error::{Error, Outcome},
    output::Verbosity,
};

/// Checks, lists, explains and tests rules.
#[derive(Subcommand)]
#[command(arg_required_else_help = true)]
pub(crate) enum Command {
    Check(check::Args),
    List(list::Args),
    Fmt(fmt::Args),
    Score(score::Args),
}

/// Runs the command.
pub(crate) fn run(command: &Command, _verbosity: Verbosity) -> Result<Outcome, Error> {
    match command {
        Command::Check(args) => check::run(args),
        Command::List(args) => list::run(args),
        Command::Fmt(args) => fmt::run(args),
        Command::Score(args) => score::run(args),
    }
}
