//! Which database is meant.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use advisories::db::Database;
use clap::{Parser, builder::OsStringValueParser};
use event::visible::visible;

use crate::error::Error;

/// Where the database of whoever asks is, from where what is kept for him is.
const WITHIN: &str = "watchkeeper/advisories";

/// Names a database of advisories.
#[derive(Parser)]
#[group(skip)]
pub(crate) struct DatabaseArgs {
    /// Folder of the database of advisories; where not given, watchkeeper/advisories in XDG_CACHE_HOME or
    /// ~/.cache.
    #[arg(long = "db", value_name = "DIR", env = "WATCHKEEPER_DB", value_parser = OsStringValueParser::new())]
    db: Option<OsString>,
}

impl DatabaseArgs {
    /// The folder.
    ///
    /// # Errors
    /// If nothing names one, or what is there is no folder.
    pub(crate) fn folder(&self) -> Result<PathBuf, Error> {
        let named = self.db.clone().filter(|db| !db.is_empty()).map(PathBuf::from);
        let folder = named.or_else(of_user).ok_or_else(|| {
            Error::Usage(
                "no database is named, and there is no home folder; give --db DIR".to_owned(),
            )
        })?;
        is_folder(&folder).map(|()| folder)
    }

    /// Whether one is named, or this user has one.
    pub(crate) fn is_there(&self) -> bool {
        let is_named = self.db.as_ref().is_some_and(|db| !db.is_empty());
        is_named || of_user().is_some_and(|folder| folder.exists())
    }

    /// Opens the database to match packages with it.
    ///
    /// # Errors
    /// If there is none, or nothing of it can be used.
    pub(crate) fn open(&self) -> Result<Database, Error> {
        let database = self.there(", or list packages alone with --list-packages")?;
        match (database.parts(), database.damaged()) {
            ([], [damaged, ..]) => Err(Error::Usage(damaged.to_string())),
            _ => Ok(database),
        }
    }

    /// Opens the database, which has to have something, be it damaged. What else can be done without one stands
    /// behind how to make one.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn there(&self, or: &str) -> Result<Database, Error> {
        let folder = self.folder()?;
        let none = |why: &str| {
            Error::Usage(format!(
                "{}: {why} of advisories; make one with watchkeeper db update, where feeds can be reached, db pull \
                 or db import{or}",
                folder.display()
            ))
        };
        let database = match Database::open(&folder) {
            Err(_) if !folder.exists() => return Err(none("no database")),
            opened => opened.map_err(|error| Error::Usage(error.to_string()))?,
        };
        match (database.parts(), database.damaged()) {
            ([], []) => Err(none("an empty database")),
            _ => Ok(database),
        }
    }
}

/// That nothing else lies where a database is, or is to be.
fn is_folder(path: &Path) -> Result<(), Error> {
    let is_other = fs::metadata(path).is_ok_and(|it| !it.is_dir());
    if !is_other {
        return Ok(());
    }
    let is_archive = path.extension().is_some_and(|it| it == "tar");
    let how = match is_archive {
        true => "an archive that db export wrote is taken over with watchkeeper db pull",
        false => "name a folder with --db",
    };
    let path = path.display().to_string();
    let path = visible(path.as_bytes());
    Err(Error::Usage(format!("{path}: a database is a folder, and this is none; {how}")))
}

fn of_user() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?;
    Some(cache.join(WITHIN))
}
