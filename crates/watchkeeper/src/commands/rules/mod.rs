//! `watchkeeper rules`: for those who write rules.

mod check;
mod explain;
mod fmt;
mod list;
mod profile;
mod score;
mod stopwatch;
mod subject;
mod test;
mod why;

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
    Test(test::Args),
    Score(score::Args),
    Explain(explain::Args),
    Why(why::Args),
    Profile(profile::Args),
}

/// Runs the command.
pub(crate) fn run(command: &Command, verbosity: Verbosity) -> Result<Outcome, Error> {
    match command {
        Command::Check(args) => check::run(args, verbosity),
        Command::List(args) => list::run(args),
        Command::Fmt(args) => fmt::run(args, verbosity),
        Command::Test(args) => test::run(args),
        Command::Score(args) => score::run(args),
        Command::Explain(args) => explain::run(args, verbosity),
        Command::Why(args) => why::run(args, verbosity),
        Command::Profile(args) => profile::run(args, verbosity),
    }
}
