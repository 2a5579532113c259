//! The database: a folder with a part for each feed. Each is replaced as a whole, so that a reader has the old
//! one or the new one, and a feed that fails leaves what was there.
//!
//! - `build`: a part in the making; `part`: one on disk.
//! - `rows`: what it keeps; `table`: how; `codec`: numbers and texts as bytes.

mod build;
mod codec;
mod part;
mod rows;
mod table;
#[cfg(test)]
mod tests;

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

pub use build::{Builder, Repeats};
pub use part::{Header, Part};
pub use rows::{Details, Entry};

use crate::{Error, Space};

/// How names of parts end.
const SUFFIX: &str = ".advisories";

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
    /// If the folder can't be read.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let mut database = Self::default();
        for path in paths(folder)? {
            match Part::open(&path) {
                Ok(part) => database.parts.push(part),
                // It was taken away since.
                Err(Error::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                Err(error) => database.damaged.push(error),
            }
        }
        Ok(database)
    }

    /// Its parts, by the names of their feeds.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Why parts can't be used.
    pub fn damaged(&self) -> &[Error] {
        &self.damaged
    }

    /// Whether any part tells of a space.
    pub fn has(&self, space: &Space) -> bool {
        self.parts.iter().any(|part| part.has(space))
    }
}

/// Files of parts, in the order of their names.
fn paths(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let listed = fs::read_dir(folder).map_err(Error::file(folder))?;
    let mut paths = Vec::new();
    for entry in listed {
        let name = entry.map_err(Error::file(folder))?.file_name();
        if name.to_str().is_some_and(|name| name.ends_with(SUFFIX) && !name.starts_with('.')) {
            paths.push(folder.join(name));
        }
    }
    paths.sort();
    Ok(paths)
}

/// Puts a part in the place of the one of the same feed, or of none. Whatever happens, there is one or the
/// other.
///
/// # Errors
/// If it can't be written; what was there still is.
pub fn replace(folder: &Path, builder: Builder, header: Header) -> Result<Part, Error> {
    fs::create_dir_all(folder).map_err(Error::file(folder))?;
    let path = folder.join(format!("{}{SUFFIX}", header.feed));
    let mut draft = tempfile::Builder::new();
    // Whoever may scan may read it.
    draft.prefix(".").permissions(fs::Permissions::from_mode(0o644));
    let written = draft.tempfile_in(folder).and_then(|draft| {
        let (file, draft) = draft.into_parts();
        let file = builder.write(header, file)?;
        file.sync_all()?;
        draft.persist(&path).map_err(|error| error.error)?;
        fs::File::open(folder)?.sync_all()
    });
    written.map_err(Error::file(&path))?;
    Part::open(&path)
}
