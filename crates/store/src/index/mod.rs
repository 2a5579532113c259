//! `index.sqlite`: a row for each incident, with what its manifest says and to which file that
//! belongs. It can be made anew from the folders at any time, and is believed only where it fits to
//! them.
//!
//! It has a rollback journal, for readers who may not write cannot read a database with a log; and
//! whoever reads it takes it for hostile: it must consist of our one table alone, and what it
//! yields is bounded by the size of its file.

mod row;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig, limits::Limit};

use crate::{Error, Id, dir::Dir, error::found, summary::Row};

pub(crate) const FILE: &str = "index.sqlite";
/// Journals that SQLite leaves beside it after a crash.
const JOURNAL: &str = "index.sqlite-journal";
/// The whole schema.
const TABLE: &str = "CREATE TABLE incidents (id TEXT PRIMARY KEY NOT NULL, ino INTEGER NOT NULL, \
    mtime_ns INTEGER NOT NULL, manifest_bytes INTEGER NOT NULL, host TEXT NOT NULL, \
    title TEXT NOT NULL, priority INTEGER NOT NULL, ended TEXT NOT NULL, \
    first_alert_ns INTEGER NOT NULL, last_alert_ns INTEGER NOT NULL, alerts INTEGER NOT NULL, \
    events INTEGER NOT NULL, window_bytes INTEGER NOT NULL, rules TEXT NOT NULL, \
    processes TEXT NOT NULL, users TEXT NOT NULL, containers TEXT NOT NULL, digest TEXT NOT NULL) \
    STRICT, WITHOUT ROWID";
/// Most bytes of a row. An incident with more is read from its folder.
const MAX_ROW_BYTES: i32 = 1 << 20;
/// How long a reader waits for a writer to end a transaction, and the other way round.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the index tells.
#[derive(Debug)]
pub(crate) enum Loaded {
    Rows(HashMap<Id, Row>),
    Missing,
    Unusable(String),
}

/// The index of a writer.
#[derive(Debug)]
pub(crate) struct Index {
    path: PathBuf,
    connection: Option<Connection>,
}

/// Reads the index of a store that holds so many incidents.
pub(crate) fn load(root: &Dir, held: usize) -> Loaded {
    let bytes = match found(root.look(FILE)) {
        Ok(Some(meta)) if meta.is_file() => meta.bytes,
        Ok(Some(_)) => return Loaded::Unusable("it is not a file".to_owned()),
        Ok(None) => return Loaded::Missing,
        Err(error) => return Loaded::Unusable(error.to_string()),
    };
    let rows = connect(&root.path().join(FILE), OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(|error| error.to_string())
        .and_then(|connection| row::all(&connection, held, bytes));
    rows.map_or_else(Loaded::Unusable, Loaded::Rows)
}

fn connect(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, access | flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_ROW_BYTES)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// Whether the database consists of our table alone: another one, a view or a trigger could do
/// anything.
fn is_ours(connection: &Connection) -> rusqlite::Result<bool> {
    let mut schema = connection.prepare("SELECT sql FROM sqlite_schema LIMIT 2")?;
    let texts = schema.query_map([], |row| row.get::<_, Option<String>>(0))?;
    let texts = texts.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(matches!(&texts[..], [Some(text)] if text == TABLE))
}

impl Index {
    pub(crate) fn new(root: &Path) -> Self {
        Self { path: root.join(FILE), connection: None }
    }

    /// Takes in what became of an incident.
    pub(crate) fn put(&mut self, row: &Row) -> rusqlite::Result<()> {
        row::put(self.connection()?, row)
    }

    /// Forgets incidents that are gone.
    pub(crate) fn remove(&mut self, ids: &[Id]) -> rusqlite::Result<()> {
        let transaction = self.connection()?.transaction()?;
        for id in ids {
            transaction.execute("DELETE FROM incidents WHERE id = ?1", [id.to_string()])?;
        }
        transaction.commit()
    }

    /// Makes it anew. Whoever reads it meanwhile reads the folders.
    pub(crate) fn rebuild(&mut self, root: &Dir, rows: &[Row]) -> Result<(), Error> {
        self.connection = None;
        root.discard(JOURNAL)?;
        root.discard(FILE)?;
        // SQLite would make it readable to others.
        drop(root.create(FILE)?);
        self.fill(rows)
            .map_err(|error| Error::Index { path: self.path.clone(), reason: error.to_string() })
    }

    fn fill(&mut self, rows: &[Row]) -> rusqlite::Result<()> {
        let connection = self.connection.insert(open(&self.path)?);
        let transaction = connection.transaction()?;
        transaction.execute(TABLE, [])?;
        for row in rows {
            match row::put(&transaction, row) {
                // One that is too large is read from its folder.
                Err(error) if is_too_big(&error) => {}
                other => other?,
            }
        }
        transaction.commit()
    }

    /// The connection, which is made at the first use.
    fn connection(&mut self) -> rusqlite::Result<&mut Connection> {
        match &mut self.connection {
            Some(connection) => Ok(connection),
            none => {
                let connection = open(&self.path)?;
                if !is_ours(&connection)? {
                    return Err(rusqlite::Error::InvalidQuery);
                }
                Ok(none.insert(connection))
            }
        }
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    // Waiting for the disk would take longer than all the rest; whatever a loss of power leaves, rows
    // have digests.
    connection.pragma_update(None, "synchronous", "OFF")?;
    Ok(connection)
}

fn is_too_big(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::TooBig)
}
