//! Why a feed gives no advisories, or a database cannot be used.

use std::{
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

/// Why a feed gives no advisories, or a database cannot be used.
#[derive(Debug, Error)]
pub enum Error {
    /// A file can't be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of a feed can't be read to its end, or is not as its format has it.
    #[error("{}: {why}", path.display())]
    Feed {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A document is not as its form has it.
    #[error("{}: {why}", path.display())]
    Document {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A file of the database is not what this program writes.
    #[error("{}: {why}; import all of its feed again, or update it", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A database that can't be used as a whole.
    #[error("{}: {why}; make it anew in another folder, or remove this one", path.display())]
    Database {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// What was asked for can't be done.
    #[error("{why}")]
    Asked {
        /// Why.
        why: String,
    },
}

impl Error {
    /// What went wrong with a file.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    /// Why a folder can't be written that a database is to be in, or is in.
    pub(crate) fn not_writable(folder: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| {
            let why = match source.kind() {
                io::ErrorKind::PermissionDenied => "may not be written by this user",
                io::ErrorKind::ReadOnlyFilesystem => "is on a disk that can only be read",
                io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                    "is no folder, nor can it be made one"
                }
                _ => return Self::file(folder)(source),
            };
            let folder = folder.display();
            Self::Asked {
                why: format!("{folder}: {why}; name a folder for the database with --db"),
            }
        }
    }
}
