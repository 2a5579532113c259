//! Findings as documents, the same to the byte each time.

mod json;

use std::io::{self, Write};

use scan::{Inventory, Subject};

use crate::{db::Database, matching::Matches};

/// What a document tells.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What was looked at.
    pub subject: &'a Subject,
    /// What is installed.
    pub inventory: &'a Inventory,
    /// What is wrong with it.
    pub matches: &'a Matches,
    /// By which database.
    pub database: &'a Database,
    /// Whether the distribution gets no updates any more; `None` where that is not known.
    pub ended: Option<bool>,
}

/// Writes a document in the form of this program: an object with `findings` and what else is known.
///
/// # Errors
/// If it can't be written.
pub fn json(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &json::document(report))?;
    out.write_all(b"\n")
}
