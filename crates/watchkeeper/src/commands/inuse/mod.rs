//! `watchkeeper inuse`: which files are in use, as far as anybody watched.
//!
//! - `select`: which places and files are asked for.

mod import;
mod list;
mod select;
mod show;
mod status;

use clap::Subcommand;

use crate::{
    error::{Error, Outcome},
    output::Verbosity,
};

/// Tells which files programs execute, load and read, and which programs listen, as far as they were watched;
/// scan --in-use joins that to what is known to be wrong with packages.
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  watchkeeper inuse status --store /var/lib/watchkeeper
  watchkeeper inuse list --store /var/lib/watchkeeper --kind listening
  watchkeeper inuse show /usr/lib/x86_64-linux-gnu/libssl.so.3
  watchkeeper inuse import --store uses/ host.scap")]
pub(crate) enum Command {
    List(list::Args),
    Show(show::Args),
    Status(status::Args),
    Import(import::Args),
}

/// Runs the command.
pub(crate) fn run(command: &Command, verbosity: Verbosity) -> Result<Outcome, Error> {
    match command {
        Command::List(args) => list::run(args),
        Command::Show(args) => show::run(args),
        Command::Status(args) => status::run(args),
        Command::Import(args) => import::run(args, verbosity),
    }
}
