//! Why a thread's facts are not there.

use std::io;

use thiserror::Error;

/// Why a thread cannot be told of.
#[derive(Debug, Error)]
pub enum Error {
    /// There is no such thread, or not any more.
    #[error("thread {tid} is gone")]
    Gone {
        /// Its id.
        tid: i32,
    },
    /// The kernel does not let this program read what it needs.
    #[error("/proc/{pid}/task/{tid}/{file}: {source}")]
    Read {
        /// The process.
        pid: i32,
        /// The thread.
        tid: i32,
        /// Name of the file.
        file: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A text is not as the kernel writes it.
    #[error("/proc/{pid}/task/{tid}/{file}: not as Linux writes it")]
    Malformed {
        /// The process.
        pid: i32,
        /// The thread.
        tid: i32,
        /// Name of the file.
        file: &'static str,
    },
}
