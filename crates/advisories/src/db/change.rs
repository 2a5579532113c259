//! A change of a database: parts are written beside those that are there, and count all at once, or not at
//! all. Changes come one after another; readers wait for none.

use std::{
    collections::BTreeSet,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use super::{
    build::Builder,
    list::{self, DRAFT, List, Listed, SUFFIX},
    part::{Header, Part},
};
use crate::Error;

/// Held by who changes the database.
const LOCK: &str = ".lock";

/// A change of a database. What is not committed never was.
#[derive(Debug)]
pub struct Change {
    folder: PathBuf,
    list: List,
    /// Files that were written, and are on no list yet.
    written: Vec<PathBuf>,
    /// Others wait until it goes.
    _lock: File,
}

impl Change {
    /// Begins a change, behind whoever changes the database just now. The folder is made where there is none.
    ///
    /// # Errors
    /// If the folder can't be written, or has a database of another version.
    pub fn begin(folder: &Path) -> Result<Self, Error> {
        let lock = lock(folder)?;
        lock.lock().map_err(Error::file(folder.join(LOCK)))?;
        Self::locked(folder, lock)
    }

    /// Begins a change; none where somebody else changes the database just now.
    ///
    /// # Errors
    /// As [`Change::begin`].
    pub fn try_begin(folder: &Path) -> Result<Option<Self>, Error> {
        let lock = lock(folder)?;
        match lock.try_lock() {
            Ok(()) => Self::locked(folder, lock).map(Some),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::file(folder.join(LOCK))(error)),
        }
    }

    fn locked(folder: &Path, lock: File) -> Result<Self, Error> {
        let list = List::read(folder)?.unwrap_or_default();
        Ok(Self { folder: folder.to_owned(), list, written: Vec::new(), _lock: lock })
    }

    /// Puts what was gathered in the place of the part of that feed, or together with it.
    ///
    /// # Errors
    /// If it can't be written, or what was there is to be kept and can't be read.
    pub fn put(&mut self, builder: Builder, header: Header) -> Result<Part, Error> {
        let old = match builder.extent() {
            // What stays of it are records that came alone; they are no reason to stop.
            super::Extent::All => self.part(&header.feed).ok().flatten(),
            super::Extent::Records => self.part(&header.feed)?,
        };
        self.write(builder, header, old.as_ref())
    }

    /// Puts what was gathered in the place of the part of that feed, whatever that has.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn put_anew(&mut self, builder: Builder, header: Header) -> Result<Part, Error> {
        self.write(builder, header, None)
    }

    fn write(
        &mut self,
        builder: Builder,
        header: Header,
        old: Option<&Part>,
    ) -> Result<Part, Error> {
        let feed = header.feed.clone();
        is_named(&feed).map_err(|why| Error::Asked { why })?;
        let draft = list::draft(&self.folder)?;
        let (file, draft) = draft.into_parts();
        let path = self.folder.join(self.name(&feed));
        let written = builder.write(header, old, file).and_then(|file| {
            file.sync_all()?;
            draft.persist(&path).map_err(|error| error.error)
        });
        // Whether the one or the other could not be read or written, its own message tells.
        let of_old = |error| match old.map(Part::check) {
            Some(Err(damaged)) => damaged,
            _ => Error::file(&path)(error),
        };
        written.map_err(of_old)?;
        self.list(feed, path, None)
    }

    /// Takes over a file that is a part, and remembers by which name it was pulled.
    ///
    /// # Errors
    /// If it is none, or none of this version.
    pub fn take(&mut self, draft: tempfile::NamedTempFile, pulled: String) -> Result<Part, Error> {
        // Where it lies meanwhile is nobody's business.
        let file = File::open(draft.path()).map_err(Error::file(&*pulled))?;
        let part = Part::of(file, Path::new(&pulled))?;
        part.check()?;
        let feed = part.header().feed.clone();
        is_named(&feed).map_err(|why| Error::Asked { why: format!("{pulled}: {why}") })?;
        let path = self.folder.join(self.name(&feed));
        draft.as_file().sync_all().map_err(Error::file(&path))?;
        draft.persist(&path).map_err(|error| Error::file(&path)(error.error))?;
        self.list(feed, path, Some(pulled))
    }

    /// A file that is to be taken over when it is written.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn draft(&self) -> Result<tempfile::NamedTempFile, Error> {
        list::draft(&self.folder)
    }

    /// The feed of the part that was pulled by this name, where that is still there.
    pub fn pulled(&self, name: &str) -> Option<String> {
        let of = |part: &&Listed| part.pulled.as_deref() == Some(name);
        let part = self.list.parts.iter().find(of)?;
        Part::open(&self.folder.join(&part.file)).ok()?;
        Some(part.feed.clone())
    }

    /// Leaves no parts but those of these feeds.
    pub fn keep_only(&mut self, feeds: &BTreeSet<String>) {
        self.list.parts.retain(|part| feeds.contains(&part.feed));
    }

    /// Takes the part of a feed away; whether there was one.
    pub fn remove(&mut self, feed: &str) -> bool {
        let before = self.list.parts.len();
        self.list.parts.retain(|part| part.feed != feed);
        self.list.parts.len() < before
    }

    /// Which version of the part of a feed counts, another one behind each change of it, with the part; none where
    /// there is none that opens.
    pub(crate) fn version(&self, feed: &str) -> Option<(String, Part)> {
        let listed = self.list.parts.iter().find(|part| part.feed == feed)?;
        let part = Part::open(&self.folder.join(&listed.file)).ok()?;
        // A database that was made anew counts its files anew.
        Some((format!("{} of {}", listed.file, part.header().imported), part))
    }

    /// Why the part of a feed can't be read to its end, where there is one that can't.
    pub fn damage(&self, feed: &str) -> Option<Error> {
        match self.part(feed) {
            Ok(None) => None,
            Ok(Some(part)) => part.check().err(),
            Err(error) => Some(error),
        }
    }

    /// Takes the part of a feed away if it can't be read, and tells why.
    pub fn remove_damaged(&mut self, feed: &str) -> Option<Error> {
        let damaged = self.damage(feed)?;
        self.remove(feed);
        Some(damaged)
    }

    /// The part of a feed, as it is.
    fn part(&self, feed: &str) -> Result<Option<Part>, Error> {
        let found = self.list.parts.iter().find(|part| part.feed == feed);
        found.map(|part| list::open(&self.folder.join(&part.file))).transpose()
    }

    /// The name of a new file.
    fn name(&self, feed: &str) -> String {
        let (next, many) = (self.list.generation + 1, self.written.len());
        match many {
            0 => format!("{feed}.{next}{SUFFIX}"),
            _ => format!("{feed}.{next}-{many}{SUFFIX}"),
        }
    }

    fn list(&mut self, feed: String, path: PathBuf, pulled: Option<String>) -> Result<Part, Error> {
        self.written.push(path.clone());
        let part = Part::open(&path)?;
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let file = file.unwrap_or_default();
        self.remove(&feed);
        self.list.parts.push(Listed { feed, file, pulled });
        self.list.parts.sort_by(|a, b| a.feed.cmp(&b.feed));
        Ok(part)
    }

    /// What was put counts from now on; what nobody needs any more goes. Others may be put behind it.
    ///
    /// # Errors
    /// If the list can't be written; the one that was there still counts.
    pub fn commit(&mut self) -> Result<(), Error> {
        self.list.generation += 1;
        if let Err(error) = self.list.write(&self.folder) {
            self.list = List::read(&self.folder)?.unwrap_or_default();
            self.discard();
            return Err(error);
        }
        self.written.clear();
        self.tidy();
        Ok(())
    }

    /// What was put since the last commit never was.
    ///
    /// # Errors
    /// If the list that counts can't be read any more.
    pub fn roll_back(&mut self) -> Result<(), Error> {
        self.list = List::read(&self.folder)?.unwrap_or_default();
        self.discard();
        Ok(())
    }

    fn discard(&mut self) {
        for path in self.written.drain(..) {
            // It is tidied up another time.
            _ = fs::remove_file(path);
        }
    }

    /// Takes away what is on no list. That some of it can't be is told by nothing but its size.
    fn tidy(&self) {
        let listed: BTreeSet<PathBuf> =
            self.list.parts.iter().map(|part| self.folder.join(&part.file)).collect();
        let parts = list::files(&self.folder).unwrap_or_default();
        for path in parts.into_iter().filter(|path| !listed.contains(path)) {
            _ = fs::remove_file(path);
        }
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            // Whoever made them has gone: there is one change at a time.
            if entry.file_name().to_string_lossy().starts_with(DRAFT) {
                _ = fs::remove_file(entry.path());
            }
        }
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        self.discard();
    }
}

/// Longest name of a feed, bytes.
const LONGEST_NAME: usize = 100;

/// Whether a feed may be called so: its name is that of a file, and told on terminals.
fn is_named(feed: &str) -> Result<(), String> {
    let may = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b"._:-".contains(&it);
    let is_first = |it: &u8| it.is_ascii_lowercase() || it.is_ascii_digit();
    match feed.bytes().all(may)
        && feed.as_bytes().first().is_some_and(is_first)
        && feed.len() <= LONGEST_NAME
    {
        true => Ok(()),
        false => Err(format!("is of a feed with a name that none has: '{}'", feed.escape_debug())),
    }
}

fn lock(folder: &Path) -> Result<File, Error> {
    fs::create_dir_all(folder).map_err(Error::not_writable(folder))?;
    let path = folder.join(LOCK);
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    options.open(&path).map_err(Error::not_writable(folder))
}
