//! What can go wrong.

use std::{io, time::Duration};

use thiserror::Error;

/// Why a part could not be played to its end.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    /// The arguments make no sense.
    #[error("usage: {0}")]
    Usage(&'static str),
    /// The system refused something.
    #[error("{doing}: {why}")]
    Refused {
        /// What was tried.
        doing: String,
        /// The system's reason.
        why: io::Error,
    },
    /// Another part did not do what the story says.
    #[error("{0}")]
    Astray(String),
    /// The story took too long.
    #[error("not at an end after {0:?}, stopped")]
    Late(Duration),
    /// A signal asked to stop.
    #[error("stopped by a signal")]
    Stopped,
}

/// Names what was being done when a call failed.
pub(crate) trait Doing<T> {
    /// The error with what was tried in front.
    fn doing(self, what: impl Into<String>) -> Result<T, Fault>;
}

impl<T, E: Into<io::Error>> Doing<T> for Result<T, E> {
    fn doing(self, what: impl Into<String>) -> Result<T, Fault> {
        self.map_err(|why| Fault::Refused { doing: what.into(), why: why.into() })
    }
}
