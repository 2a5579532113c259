//! Why something is a finding, or is none: for people, and for programs.
//!
//! - `outcome`: what the end of it is; `words`: lines in words.
//! - `text`, `json`: the forms.

mod json;
mod outcome;
mod text;
mod words;

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

pub use outcome::{End, Outcome};
use scan::{Inventory, Subject};

use crate::{
    db::Database,
    matching::{Explanation, Matches, Spoken},
};

/// What an answer tells.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// What was looked at.
    pub subject: &'a Subject,
    /// What is installed.
    pub inventory: &'a Inventory,
    /// By which database.
    pub database: &'a Database,
    /// What was read, and what followed of it.
    pub explanation: &'a Explanation,
    /// What is left of that when others said what they think of it.
    pub matches: &'a Matches,
    /// Where nothing was read of these packages: of which others something is said by that name.
    pub spoken: &'a BTreeSet<Spoken>,
}

impl<'a> Answer<'a> {
    /// What the end is for each package.
    pub fn ends(&self) -> Vec<End<'a>> {
        outcome::ends(self)
    }
}

/// Writes an answer for people.
///
/// # Errors
/// If it can't be written.
pub fn write_text(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    text::write(answer, out)
}

/// Writes an answer for programs.
///
/// # Errors
/// If it can't be written.
pub fn write_json(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    super::print(&json::document(answer), out)
}
