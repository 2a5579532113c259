//! Why something can't be read.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::Digest;
pub(crate) use crate::entry::BadName;

/// Why something of a tree can't be read.
#[derive(Debug, Error)]
pub enum Error {
    /// The system refused, or the bytes ended early.
    #[error("cannot be read: {0}")]
    Io(#[source] io::Error),
    /// A file of this machine that can't be read.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An entry whose name is not one within a tree.
    #[error(transparent)]
    Name(#[from] BadName),
    /// Something that is not as its format has it.
    #[error("{what} is malformed: {why}")]
    Malformed {
        /// What.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// Bytes that are not those that were promised.
    #[error("its digest is {found}, not {expected}, as promised: it was damaged or changed")]
    Digest {
        /// What names the bytes that are there.
        found: Digest,
        /// What names those that should be there.
        expected: Digest,
    },
    /// Something that an image names and that is not there.
    #[error("{0} is missing; the image is not whole")]
    Missing(String),
    /// Something that is larger than anything of its kind may be.
    #[error("{what} has more than {limit} {unit}, which is the limit")]
    Limit {
        /// What.
        what: &'static str,
        /// How much it may have.
        limit: u64,
        /// Of what.
        unit: &'static str,
    },
    /// Something that whoever has it does not hand out.
    #[error("{0}")]
    Refused(String),
    /// Something that there is no reader for.
    #[error("{0}")]
    Unsupported(String),
}

impl From<io::Error> for Error {
    /// What a reader of ours found wrong comes through readers that are not ours as an error of the
    /// system.
    fn from(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(Self::Io)
    }
}

impl Error {
    /// Whether it is that there is no such file.
    pub fn is_not_found(&self) -> bool {
        use io::ErrorKind::{NotADirectory, NotFound};
        matches!(self, Self::File { source, .. } if matches!(source.kind(), NotFound | NotADirectory))
    }

    /// Whether it is that there is no such part of an image.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing(_)) || self.is_not_found()
    }

    /// Whether it is that this user may not read a file.
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::File { source, .. } if source.kind() == io::ErrorKind::PermissionDenied)
    }

    /// Something is not as its format has it.
    pub(crate) fn malformed(what: &'static str, why: impl ToString) -> Self {
        Self::Malformed { what, why: why.to_string() }
    }
}
