//! Why a source did not answer.

use std::{io, time::Duration};

use event::visible::visible;
use thiserror::Error;

/// Why a source did not answer.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("is not there")]
    Absent,
    #[error("can't be opened: {0}")]
    Open(io::Error),
    #[error("can't be connected to: {0}")]
    Connect(io::Error),
    #[error("did not answer in {} s", .0.as_secs_f32())]
    Late(Duration),
    #[error("is still busy with earlier questions")]
    Busy,
    #[error("broke off: {0}")]
    Transport(#[from] hyper::Error),
    #[error(
        "answers more than {most_bytes} bytes; raise the limit if its containers are that large"
    )]
    TooLong { most_bytes: usize },
    #[error("answers {status}, '{message}'")]
    Status { status: u16, message: String },
    #[error("has no such interface: it is another program's socket, or switched off there")]
    NoInterface,
    #[error("answers what is not understood: {0}")]
    Garbage(String),
}

impl Failure {
    /// An error of opening or connecting.
    pub(crate) fn of_opening(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Absent,
            _ => Self::Open(error),
        }
    }

    /// What is not understood.
    pub(crate) fn garbage(what: impl ToString) -> Self {
        Self::Garbage(shown(&what.to_string()))
    }

    /// A message that the other side chose.
    pub(crate) fn status(status: u16, message: &str) -> Self {
        Self::Status { status, message: shown(message) }
    }
}

/// A text that the other side may have had a hand in, so that it does nothing to a terminal.
fn shown(text: &str) -> String {
    const MOST_BYTES: usize = 200;
    visible(&text.as_bytes()[..text.floor_char_boundary(MOST_BYTES)]).into_owned()
}

/// What a source says: the thing asked for, or that it has no such thing.
pub(crate) type Said<T> = Result<Option<T>, Failure>;
