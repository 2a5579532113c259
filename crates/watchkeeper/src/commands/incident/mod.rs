//! `watchkeeper incident`: what is kept around alerts.

mod delete;
mod export;
mod list;
mod show;
mod verify;

use clap::Subcommand;
use store::{Kept, Query, Store};

use crate::{
    error::{Error, Outcome},
    output::Verbosity,
};

/// Incidents that are kept: lists, shows, exports, deletes and verifies them.
#[derive(Subcommand)]
pub(crate) enum Command {
    List(Box<list::Args>),
    Show(Box<show::Args>),
    Export(Box<export::Args>),
    Delete(delete::Args),
    Verify(verify::Args),
}

/// Runs the command.
pub(crate) fn run(command: &Command, verbosity: Verbosity) -> Result<Outcome, Error> {
    match command {
        Command::List(args) => list::run(args, verbosity),
        Command::Show(args) => show::run(args, verbosity),
        Command::Export(args) => export::run(args, verbosity),
        Command::Delete(args) => delete::run(args, verbosity),
        Command::Verify(args) => verify::run(args),
    }
}

/// Stands for the newest incident.
const LATEST: &str = "latest";

/// The incident that is meant: by its id, or the newest.
fn find(store: &Store, id: &str) -> Result<Kept, Error> {
    if id != LATEST {
        return Ok(store.get(id)?);
    }
    let newest = store.list(&Query { limit: Some(1), ..Query::default() })?;
    let newest = newest.incidents.first().ok_or_else(|| {
        Error::Usage(format!("{}: there are no incidents", store.path().display()))
    })?;
    Ok(store.get(&newest.id.to_string())?)
}
