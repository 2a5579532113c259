//! What was done in a scenario, as its truth file tells.

use std::{fs, path::Path};

use serde::Deserialize;

use crate::error::Error;

/// Largest truth file that is read, bytes.
const LARGEST: u64 = 16 << 20;

/// What was done. Keys that are not named here are not read.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Truth {
    /// In a line.
    #[serde(default)]
    pub(super) title: String,
    /// `benign`; anything else is an attack.
    #[serde(default)]
    pub(super) kind: String,
    /// Techniques of ATT&CK.
    #[serde(default)]
    pub(super) techniques: Vec<String>,
    /// In order.
    #[serde(default)]
    pub(super) steps: Vec<Step>,
}

/// One thing that was done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Step {
    /// In a line.
    pub(super) description: String,
    /// What a shell was told.
    pub(super) shell: String,
    /// Programs with their arguments; `...` and the word `PID` stand for anything.
    pub(super) commands: Vec<Vec<String>>,
    pub(super) files_written: Vec<String>,
    pub(super) files_renamed: Vec<Vec<String>>,
    pub(super) files_deleted: Vec<String>,
    pub(super) files_read: Vec<String>,
    /// Addresses with ports.
    pub(super) network: Vec<String>,
}

impl Truth {
    /// Reads a truth file.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let at = |source| Error::File { path: path.to_owned(), source };
        if path.metadata().map_err(at)?.len() > LARGEST {
            let message = "is larger than 16 MiB, which no truth file is";
            return Err(at(std::io::Error::other(message)));
        }
        let bytes = fs::read(path).map_err(at)?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let text = error.to_string();
            let text = text.strip_suffix(&format!(" at line {line} column {column}"));
            let text = text.map_or_else(|| error.to_string(), str::to_owned);
            Error::Usage(format!("{}:{line}:{column}: not a truth file: {text}", path.display()))
        })
    }

    /// Whether nothing bad was done.
    pub(super) fn is_benign(&self) -> bool {
        self.kind.eq_ignore_ascii_case("benign")
    }
}

impl Step {
    /// Every file that the step touched; what stands in brackets behind a path is a remark.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        let renamed = self.files_renamed.iter().flatten();
        let all = self.files_written.iter().chain(renamed);
        let all = all.chain(&self.files_deleted).chain(&self.files_read);
        all.map(|path| path.split(" (").next().unwrap_or(path))
    }
}
