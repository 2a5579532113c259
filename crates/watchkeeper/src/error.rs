//! What can go wrong at the edge, in words for the person who typed the command.

use std::{io, path::PathBuf};

use thiserror::Error;

/// How a command ended when it did not fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// All of it.
    Done,
    /// All of it, and what was asked about was found.
    Found,
    /// The input is wrong, and why has been said.
    Wrong,
    /// Some of it; what was left out was said on stderr.
    InPart,
}

impl Outcome {
    /// The worse of both.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Wrong, _) | (_, Self::Wrong) => Self::Wrong,
            (Self::InPart, _) | (_, Self::InPart) => Self::InPart,
            (Self::Found, _) | (_, Self::Found) => Self::Found,
            (Self::Done, Self::Done) => Self::Done,
        }
    }
}

/// Why a command failed.
#[derive(Debug, Error)]
pub(crate) enum Error {
    /// A file that cannot be opened or read.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A capture that cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Capture {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: capture::Error,
    },
    /// A store that does not do what it was asked for.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A mistake in what was asked, already worded.
    #[error("{0}")]
    Usage(String),
    /// Output that cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl Error {
    /// Whether the reader of the output went away, which is no fault of ours.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(e) if e.kind() == io::ErrorKind::BrokenPipe)
    }
}
