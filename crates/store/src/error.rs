//! Why the store does not do what it was asked for.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::{FORMAT, Id, ManifestError};

/// Why the store does not do what it was asked for.
#[derive(Debug, Error)]
pub enum Error {
    /// The system refused.
    #[error("cannot {doing} {path}: {source}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A symbolic link within the store.
    #[error("{0} is a symbolic link; a store follows none: put there what it points to")]
    Symlink(PathBuf),
    /// Something else than what belongs there.
    #[error("{path} is not {wanted}; move it out of the store")]
    Kind {
        /// What is something else.
        path: PathBuf,
        /// What it should be.
        wanted: &'static str,
    },
    /// There is no store.
    #[error("no store in {0}: it has no store.json; give the folder of a store with --store")]
    NotAStore(PathBuf),
    /// A file is where the folder of a store should be.
    #[error("{0} is a file, not a folder; give the folder of a store with --store")]
    NotAFolder(PathBuf),
    /// The folder is a store but for its `store.json`.
    #[error(
        "{0} has the incidents of a store but no store.json; \
         write {{\"format\":{FORMAT}}} into {0}/store.json"
    )]
    FormatGone(PathBuf),
    /// Something else is where a store was to be made.
    #[error("{0} is not empty and no store; give a new or empty folder")]
    NotEmpty(PathBuf),
    /// The store was made by a later program.
    #[error("the store {path} has format {found}, newer than {FORMAT}; update this program")]
    Newer {
        /// The store.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// `store.json` says nothing that can be read.
    #[error("{path} cannot be read: {reason}; it should be {{\"format\":{FORMAT}}}")]
    Format {
        /// `store.json`.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file is longer than any that is written.
    #[error("{path} is longer than {max} bytes; move it out of the store")]
    TooLong {
        /// The file.
        path: PathBuf,
        /// As long as it may be.
        max: u64,
    },
    /// Somebody else writes to the store.
    #[error("the store {path} is being written by {holder}; wait until it ends, or use another")]
    Locked {
        /// The store.
        path: PathBuf,
        /// Who has the lock.
        holder: String,
    },
    /// The store was opened for reading.
    #[error("the store {0} was opened for reading alone")]
    ReadOnly(PathBuf),
    /// A manifest cannot be read.
    #[error("{path}: {source}")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        source: ManifestError,
    },
    /// No incident has this id.
    #[error("no incident '{prefix}' in {path}, which holds {held}; the list shows their ids")]
    Unknown {
        /// What was asked for.
        prefix: String,
        /// The store.
        path: PathBuf,
        /// How many incidents there are.
        held: usize,
    },
    /// Several incidents have ids that begin so.
    #[error("'{prefix}' is the beginning of {}; give more digits", several(candidates))]
    Ambiguous {
        /// What was asked for.
        prefix: String,
        /// Their ids, in order.
        candidates: Vec<Id>,
    },
    /// Not the beginning of an id.
    #[error("'{}' is not the beginning of an id; ids are 12 hexadecimal digits", .0.escape_debug())]
    NotAPrefix(String),
    /// The draft is being written already.
    #[error("incident {0} is being written already")]
    Busy(Id),
    /// The draft failed before.
    #[error(
        "incident {0} could not be written whole; the next writer completes what there is of it"
    )]
    Failed(Id),
    /// The index cannot be made anew.
    #[error("cannot make {path} anew: {reason}; everything can be found without it, only slower")]
    Index {
        /// The index.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The manifest alone is too large.
    #[error("incident {id}: a manifest of {bytes} bytes without alerts, more than {max}")]
    TooLarge {
        /// The incident.
        id: Id,
        /// Bytes of its manifest.
        bytes: usize,
        /// Most bytes of a manifest.
        max: u64,
    },
}

impl Error {
    /// What the system said, if it was the system.
    pub fn io_kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Io { source, .. } => Some(source.kind()),
            _ => None,
        }
    }
}

/// Names of candidates, the first few.
fn several(candidates: &[Id]) -> String {
    const SHOWN: usize = 8;
    let mut text = candidates.iter().take(SHOWN).map(Id::to_string).collect::<Vec<_>>().join(" ");
    match candidates.len().saturating_sub(SHOWN) {
        0 => {}
        more => text.push_str(&format!(" and {more} others")),
    }
    text
}

/// `None` for what is not there.
pub(crate) fn found<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Err(error) if error.io_kind() == Some(io::ErrorKind::NotFound) => Ok(None),
        other => other.map(Some),
    }
}
