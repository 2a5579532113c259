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
        // What cannot be removed now does no harm there.
        let _ = dir.remove_all_but(&[]);
        Ok(Self { dir, next: AtomicU64::new(0) })
    }

    /// Takes `name` out of `from` at once, and then removes it. After a loss of power it may be there
    /// again, unless `from` is synced.
    pub(crate) fn throw(&self, from: &Dir, name: &str) -> Result<(), Error> {
        let taken = self.take(from, name)?;
        self.remove(&taken);
        Ok(())
    }

    /// Removes what was taken. Nobody sees it any more, so what cannot be removed now, the next
    /// writer removes.
    pub(crate) fn remove(&self, taken: &str) {
        let _ = self.dir.remove(taken);
    }

    /// Gives back what was taken, if that can be done: the message that counts is why it is needed.
    pub(crate) fn give_back(&self, taken: &str, to: &Dir, name: &str) {
        let _ = self.dir.rename(taken, to, name);
    }

    /// Takes `name` out of `from`; says what it is called here.
    pub(crate) fn take(&self, from: &Dir, name: &str) -> Result<String, Error> {
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
