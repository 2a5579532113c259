//! The database: a folder with a part for each feed, and a list of them. Parts are never changed, but written
//! anew, and count with the list that has them: a reader has what was there or what is, and waits for nobody; a
//! feed that fails leaves what was there.
//!
//! - `list`: which parts there are; `change`: puts others in their place.
//! - `build`: a part in the making; `runs`: its rows, put in order; `merge`: together with what was there.
//! - `part`: one on disk; `rows`: what it keeps; `table`: how; `codec`: numbers and texts as bytes; `sample`: what
//!   many texts have in common.

mod build;
mod change;
mod codec;
mod list;
mod merge;
mod part;
mod rows;
mod runs;
mod sample;
mod table;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use build::{Builder, Extent, Repeats};
pub use change::Change;
pub use list::FORMAT;
use list::List;
pub use part::{Header, Part};
pub(crate) use rows::Statement;
pub use rows::{Came, Details, Entry};

use crate::{Error, Space};

/// How often the list is read where parts of it go meanwhile.
const MOST_READS: usize = 100;

/// An open database.
#[derive(Debug, Default)]
pub struct Database {
    parts: Vec<Part>,
    damaged: Vec<Error>,
}

impl Database {
    /// Opens all parts of a folder. Parts that can't be used are told, and the others are.
    ///
    /// # Errors
    /// If the folder can't be read, or has a database of another version.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let mut last = None;
        for _ in 0..MOST_READS {
            let Some(list) = List::read(folder)? else { return Self::without_list(folder) };
            // What is gone, and still on the list, will not come back.
            let is_settled = last == Some(list.generation);
            let paths = list.parts.iter().map(|part| folder.join(&part.file));
            match Self::of(paths, is_settled) {
                Some(database) => return Ok(database),
                None => last = Some(list.generation),
            }
        }
        let why = "is changed faster than it can be read".to_owned();
        Err(Error::Database { path: folder.to_owned(), why })
    }

    /// What lies there is of the first version of this program, or nothing.
    fn without_list(folder: &Path) -> Result<Self, Error> {
        Ok(Self::of(list::files(folder)?.into_iter(), true).unwrap_or_default())
    }

    /// None where a part is gone that may have gone since the list was read.
    fn of(paths: impl Iterator<Item = PathBuf>, is_settled: bool) -> Option<Self> {
        let mut database = Self::default();
        for path in paths {
            match list::open(&path) {
                Ok(part) => database.parts.push(part),
                Err(_) if !is_settled && !path.exists() => return None,
                Err(error) => database.damaged.push(error),
            }
        }
        Some(database)
    }

    /// Asks it. Where a part turns out to be damaged, it is set aside, as those that could not be opened are, and
    /// asked is again: what it alone told of is not known.
    ///
    /// # Errors
    /// As those of the question, but for damaged parts.
    pub fn ask<T>(&mut self, question: impl Fn(&Self) -> Result<T, Error>) -> Result<T, Error> {
        loop {
            match question(self) {
                Err(damaged @ Error::Damaged { .. }) => self.set_aside(damaged)?,
                answer => return answer,
            }
        }
    }

    /// Reads all of it, and sets aside what is damaged.
    pub fn check(&mut self) {
        for part in std::mem::take(&mut self.parts) {
            match part.check() {
                Ok(()) => self.parts.push(part),
                Err(damaged) => self.damaged.push(damaged),
            }
        }
    }

    /// Leaves the part out that this is of.
    fn set_aside(&mut self, damaged: Error) -> Result<(), Error> {
        let is_of =
            |part: &Part| matches!(&damaged, Error::Damaged { path, .. } if part.is_at(path));
        let Some(at) = self.parts.iter().position(is_of) else { return Err(damaged) };
        self.parts.remove(at);
        self.damaged.push(damaged);
        Ok(())
    }

    /// Its parts, by the names of their feeds.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Why parts can't be used.
    pub fn damaged(&self) -> &[Error] {
        &self.damaged
    }

    /// Whether any part tells anything of a space.
    pub fn has(&self, space: &Space) -> bool {
        self.parts.iter().any(|part| part.has(space))
    }

    /// Whether any part tells of a space as a whole, so that what none tells of is not known to be wrong.
    pub fn covers(&self, space: &Space) -> bool {
        self.parts.iter().any(|part| part.covers(space))
    }
}

/// Puts a part in the place of the one of the same feed, or together with it, in a change of its own.
///
/// # Errors
/// If it can't be written; what was there still is.
pub fn replace(folder: &Path, builder: Builder, header: Header) -> Result<Part, Error> {
    let mut change = Change::begin(folder)?;
    let part = change.put(builder, header)?;
    change.commit()?;
    Ok(part)
}
