//! Why a file gives no packages, or not all.

use std::io;

use thiserror::Error;

/// Why a file gives no packages, or not all.
#[derive(Debug, Error)]
pub enum Error {
    /// It can't be read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Something is not as its format has it.
    #[error("line {line}: {why}")]
    Line {
        /// Which line, the first being 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// It is not as its format has it.
    #[error("is no {format}: {why}")]
    Malformed {
        /// Its format.
        format: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// It is larger than anything of its kind may be.
    #[error("{what} has more than {limit} {unit}, which is the limit")]
    Limit {
        /// What.
        what: &'static str,
        /// How much it may have.
        limit: u64,
        /// Of what.
        unit: &'static str,
    },
    /// There is no reader for this kind of it.
    #[error("{0}")]
    Unsupported(String),
}

impl Error {
    /// It is not as its format has it.
    pub(crate) fn malformed(format: &'static str, why: impl ToString) -> Self {
        Self::Malformed { format, why: why.to_string() }
    }
}
