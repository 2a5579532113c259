//! The list of the parts that a database has: what is not on it does not count. One list takes the place of
//! another in one step, so that a reader has all parts as they were, or all as they are.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::part::Part;
use crate::Error;

/// The name of the list in the database's folder.
const NAME: &str = "database.json";
/// The version of the form of a database; it changes with that of its parts.
pub const FORMAT: u32 = 3;
/// Longest list, bytes.
const LONGEST: u64 = 16 << 20;
/// How names of parts end.
pub(super) const SUFFIX: &str = ".advisories";

/// The parts of a database.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct List {
    format: u32,
    /// How often it was changed.
    pub(super) generation: u64,
    /// In the order of the names of their feeds.
    pub(super) parts: Vec<Listed>,
}

/// A part on a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Listed {
    pub(super) feed: String,
    /// The name of its file in the folder.
    pub(super) file: String,
    /// By which name it was pulled, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pulled: Option<String>,
}

/// No more than is needed to know that it is of another version.
#[derive(Deserialize)]
struct Versioned {
    format: u32,
}

impl Default for List {
    fn default() -> Self {
        Self { format: FORMAT, generation: 0, parts: Vec::new() }
    }
}

impl List {
    /// The list of a folder; none where it has none.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(NAME);
        let damaged = |why: String| Error::Database { path: path.clone(), why };
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(Error::file(&path))?,
        };
        let mut json = Vec::new();
        file.take(LONGEST).read_to_end(&mut json).map_err(Error::file(&path))?;
        let versioned: Versioned = serde_json::from_slice(&json)
            .map_err(|error| damaged(format!("is damaged: {error}")))?;
        if versioned.format != FORMAT {
            let format = versioned.format;
            return Err(damaged(format!("is of format {format}, and this program has {FORMAT}")));
        }
        let list: Self = serde_json::from_slice(&json)
            .map_err(|error| damaged(format!("is damaged: {error}")))?;
        match list.parts.iter().find(|part| part.file.contains('/')) {
            Some(part) => Err(damaged(format!("is damaged: names {:?}", part.file))),
            None => Ok(Some(list)),
        }
    }

    /// Puts it in the place of the one of a folder.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(NAME);
        let mut draft = draft(folder)?;
        let written = serde_json::to_vec_pretty(self)
            .map_err(io::Error::from)
            .and_then(|json| draft.write_all(&json))
            .and_then(|()| draft.as_file().sync_all())
            .and_then(|()| draft.persist(&path).map_err(|error| error.error))
            .and_then(|_| File::open(folder)?.sync_all());
        written.map_err(Error::file(&path))
    }
}

/// Opens a part that is on the list.
pub(super) fn open(path: &Path) -> Result<Part, Error> {
    match Part::open(path) {
        Err(Error::File { path, source }) if source.kind() == io::ErrorKind::NotFound => {
            Err(Error::Damaged {
                path,
                why: "is on the list of parts, and is not there".to_owned(),
            })
        }
        opened => opened,
    }
}

/// A file in the making, which goes where it is not kept.
pub(super) fn draft(folder: &Path) -> Result<tempfile::NamedTempFile, Error> {
    let mut draft = tempfile::Builder::new();
    // Whoever may scan may read it.
    draft.prefix(DRAFT).permissions(fs::Permissions::from_mode(0o644));
    draft.tempfile_in(folder).map_err(Error::file(folder))
}

/// How names of files in the making begin.
pub(super) const DRAFT: &str = ".draft-";

/// Files of parts, in the order of their names, whether or not they are on the list.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
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
