//! What is being removed: out of sight by one renaming, then taken apart.

use std::{
    io::ErrorKind,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::{Error, dir::Dir};

const FOLDER: &str = ".trash";
/// Names that are tried, should earlier removals have failed.
const MOST_TRIES: u32 = 1000;

/// The folder for what is being removed.
#[derive(Debug)]
pub(crate) struct Trash {
    dir: Dir,
    next: AtomicU64,
}

impl Trash {
    /// Opens the folder among the incidents, and removes what a crash left there.
    pub(crate) fn open(incidents: &Dir) -> Result<Self, Error> {
        let dir = incidents.make(FOLDER)?;
        for name in dir.names()? {
            // What cannot be removed now does no harm there.
            let _ = dir.remove(&name);
        }
        Ok(Self { dir, next: AtomicU64::new(0) })
    }

    /// Takes `name` out of `from` at once, and then removes it. After a loss of power it may be there
    /// again, unless `from` is synced.
    pub(crate) fn throw(&self, from: &Dir, name: &str) -> Result<(), Error> {
        let thrown = self.take(from, name)?;
        self.dir.remove(&thrown)
    }

    fn take(&self, from: &Dir, name: &str) -> Result<String, Error> {
        for _ in 0..MOST_TRIES {
            let thrown = format!("{name}.{}", self.next.fetch_add(1, Ordering::Relaxed));
            match from.rename(name, &self.dir, &thrown) {
                Ok(()) => return Ok(thrown),
                Err(error) if is_taken(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(self.dir.io_error("empty", "", ErrorKind::DirectoryNotEmpty.into()))
    }
}

fn is_taken(error: &Error) -> bool {
    matches!(error.io_kind(), Some(ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists))
}
