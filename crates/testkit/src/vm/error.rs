//! What can go wrong with a guest.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;
use thiserror::Error;

/// Why there is no outcome.
#[derive(Debug, Error)]
pub enum Error {
    /// Something is not installed: tests skip, see [`Error::is_missing`].
    #[error("{what} is missing; run: {mend}")]
    Missing {
        /// What it is.
        what: String,
        /// The command that installs it.
        mend: &'static str,
    },
    /// A file or folder of this machine.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Not a kernel image that can be unpacked.
    #[error("{}: not a kernel that can be unpacked: {why}", path.display())]
    Image {
        /// The image.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The kernel has no such module.
    #[error("kernel {kernel} has no module '{module}'")]
    NoModule {
        /// The kernel's version.
        kernel: String,
        /// The module that was asked for.
        module: String,
    },
    /// A program of this machine did not do its work.
    #[error("{program}: {why}")]
    Program {
        /// Its name.
        program: String,
        /// Its complaint.
        why: String,
    },
    /// The guest ran longer than it may.
    #[error("the guest was stopped after {} s; it printed:\n{text}\nits kernel's last words:\n{log}", limit.as_secs())]
    TimeLimit {
        /// How long it could run.
        limit: Duration,
        /// The end of what the script printed.
        text: String,
        /// The end of the kernel's log.
        log: String,
    },
    /// The guest ended before its script did: its kernel panicked, or QEMU could not start it.
    #[error(
        "the guest ended early: {why}; its script printed:\n{text}\nits kernel's last words:\n{log}"
    )]
    Died {
        /// What is known of it.
        why: String,
        /// The end of what the script printed.
        text: String,
        /// The end of the kernel's log.
        log: String,
    },
    /// The script ended otherwise than it should.
    #[error("the guest's script ended with code {code}; it printed:\n{text}")]
    Failed {
        /// The script's exit code.
        code: i32,
        /// The end of what it printed.
        text: String,
    },
}

impl Error {
    /// Whether what is missing can be installed: a reason to skip a test, saying so.
    pub fn is_missing(&self) -> bool {
        matches!(self, Error::Missing { .. })
    }

    pub(super) fn file(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Error {
        let path = path.as_ref().to_path_buf();
        move |source| Error::File { path, source }
    }

    pub(super) fn program(program: &str, why: impl ToString) -> Error {
        Error::Program { program: program.to_owned(), why: why.to_string() }
    }
}

/// Lines of text that a message quotes.
const TAIL_LINES: usize = 40;

/// The end of a text, for a message.
pub(super) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

/// A folder of this machine that goes when it is dropped.
pub(super) fn temporary(prefix: &str) -> Result<TempDir, Error> {
    TempDir::with_prefix(prefix).map_err(Error::file(std::env::temp_dir()))
}
