//! What the agent may do once everything is attached: as little as it can do with.
//!
//! It reads what hostile programs write, as root. So it gives up every capability but the few that it
//! goes on needing, can gain none by running a program, and may no longer make the calls that it has no
//! use for. All of it has to be done before there is a second thread: capabilities are each thread's
//! own, and threads inherit them.
//!
//! - `capabilities`: which are needed, to begin with and later on.
//! - `filter`: which calls it never makes.

mod capabilities;
mod filter;

use std::path::PathBuf;

pub(super) use self::capabilities::check;
use crate::error::Error;

/// What the agent was asked to do later on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs {
    /// Files and folders that it writes to.
    pub(crate) writes: Vec<PathBuf>,
    /// Whether alerts go to programs.
    pub(crate) programs: Programs,
    /// Whether calls may have to be attached to later, because rules have changed.
    pub(crate) attaching: Attaching,
}

/// Whether programs are run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Programs {
    #[default]
    None,
    Run,
}

/// Whether more is attached to later.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Attaching {
    #[default]
    Done,
    MayGoOn,
}

/// Gives up what is not needed.
///
/// # Errors
/// If the kernel refuses; then it is not known what has been given up, and nothing should go on.
pub(super) fn enter(needs: &Needs) -> Result<(), Error> {
    let refused = |what: &str, why: String| {
        Error::Usage(format!("{what} cannot be given up, so nothing is recorded: {why}"))
    };
    capabilities::keep(capabilities::needed(needs))
        .map_err(|error| refused("capabilities", error.to_string()))?;
    filter::install(needs).map_err(|error| refused("system calls", error.to_string()))
}
