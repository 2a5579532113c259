//! Why an image can't be had.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why an image can't be had.
#[derive(Debug, Error)]
pub enum Error {
    /// A file of this machine that can't be read.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of this machine that is not as its format has it.
    #[error("{path}: {why}", path = path.display())]
    Config {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A program that keeps credentials, and does not hand them out.
    #[error("{program}: {why}")]
    Helper {
        /// Which.
        program: String,
        /// Why.
        why: String,
    },
    /// A name that leads nowhere.
    #[error(transparent)]
    Reference(#[from] image::BadReference),
    /// Certificates that can't be used.
    #[error(transparent)]
    Certificates(#[from] client::Error),
    /// Nobody is to be asked.
    #[error("{name} is blocked by {path}", path = path.display())]
    Blocked {
        /// What.
        name: String,
        /// By which file.
        path: PathBuf,
    },
    /// A host that does not answer, or not as registries do.
    #[error("{host}: {why}")]
    Host {
        /// Which.
        host: String,
        /// What is wrong.
        why: String,
    },
    /// Something that a registry does not have.
    #[error("{host} has no {what}")]
    NotFound {
        /// Which.
        host: String,
        /// What.
        what: String,
    },
    /// A registry that wants to know who asks, or does not let them.
    #[error("{host}: {why}")]
    Unauthorized {
        /// Which.
        host: String,
        /// What is wrong, and how to mend it.
        why: String,
    },
    /// None of several that were asked had it.
    #[error("{}", all.iter().map(Self::to_string).collect::<Vec<_>>().join("; "))]
    All {
        /// Why each did not.
        all: Vec<Self>,
    },
    /// What is there is no image.
    #[error(transparent)]
    Image(#[from] image::Error),
}

impl Error {
    pub(crate) fn host(host: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Host { host: host.into(), why: why.into() }
    }

    /// Whether somebody answered, and does not have it, or not for us.
    pub(crate) fn is_answer(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::Unauthorized { .. })
    }
}

impl From<Error> for image::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Image(error) => error,
            error => Self::Refused(error.to_string()),
        }
    }
}
