//! A store, opened.

use std::{
    collections::BTreeSet,
    fs::DirBuilder,
    io::ErrorKind,
    os::unix::fs::DirBuilderExt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    Error, Id, Recovered, dir::Dir, error::found, format, index::Index, lock::Lock, recover,
    trash::Trash,
};

const INCIDENTS: &str = "incidents";
const OPEN: &str = ".open";

/// What a store is opened for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Any number of readers at a time, beside a writer; they need no right to write.
    Read,
    /// One writer at a time. A store that is not there is made, and what a crashed writer left is
    /// completed.
    Write,
}

/// A store of incidents.
///
/// ```
/// use event::{EventBuilder, snapshot::Record, syscalls::CLOSE_X};
/// use store::{Access, Id, Query, Store};
///
/// let folder = tempfile::tempdir()?;
/// let store = Store::open(folder.path(), Access::Write)?;
/// let id = Id::of(&[b"what identifies the first alert"]);
/// let mut draft = store.draft(id)?;
/// let mut builder = EventBuilder::default();
/// builder.start(CLOSE_X, 1_000, 42, 0).i64(0).i64(3);
/// draft.record(&Record::Event(builder.event()?))?;
/// draft.close()?;
///
/// let reader = Store::open(folder.path(), Access::Read)?;
/// assert_eq!(reader.list(&Query::default())?.incidents[0].id, id);
/// assert_eq!(reader.get(&id.to_string()[..4])?.manifest.window.events, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Store {
    pub(crate) shared: Arc<Shared>,
    recovered: Vec<Recovered>,
}

/// What a store and its drafts have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) root: Dir,
    pub(crate) incidents: Dir,
    writing: Option<Writing>,
}

/// What a writer has beside that.
#[derive(Debug)]
pub(crate) struct Writing {
    /// Drafts.
    pub(crate) open: Dir,
    pub(crate) trash: Trash,
    index: Mutex<Index>,
    /// Drafts that are being written.
    busy: Mutex<BTreeSet<Id>>,
    _lock: Lock,
}

impl Store {
    /// Opens the store in the folder `path`.
    ///
    /// # Errors
    /// [`Error`] if there is none (for reading), if the folder holds something else, if the format is
    /// newer, if somebody else writes to it (for writing), or if the system refuses.
    pub fn open(path: &Path, access: Access) -> Result<Self, Error> {
        match access {
            Access::Read => Self::open_to_read(path),
            Access::Write => Self::open_to_write(path),
        }
    }

    fn open_to_read(path: &Path) -> Result<Self, Error> {
        let root = open_root(path)?;
        format::check(&root)?;
        let incidents = root.sub(INCIDENTS)?;
        let shared = Arc::new(Shared { root, incidents, writing: None });
        Ok(Self { shared, recovered: Vec::new() })
    }

    fn open_to_write(path: &Path) -> Result<Self, Error> {
        make_root(path)?;
        let root = open_root(path)?;
        let is_new = !format::is_there(&root)?;
        if is_new { format::may_become(&root) } else { format::check(&root) }?;
        let lock = Lock::take(&root)?;
        let incidents = root.make(INCIDENTS)?;
        let open = incidents.make(OPEN)?;
        let trash = Trash::open(&incidents)?;
        incidents.sync()?;
        // Whoever made it before may have been killed before this.
        root.sync()?;
        if is_new {
            root.close_to_others()?;
            format::write(&root)?;
        }
        let index = Mutex::new(Index::new(root.path()));
        let writing = Writing { open, trash, index, busy: Mutex::default(), _lock: lock };
        let shared = Arc::new(Shared { root, incidents, writing: Some(writing) });
        let recovered = recover::drafts(&shared)?;
        let store = Self { shared, recovered };
        store.refresh_index()?;
        Ok(store)
    }

    /// What became of the drafts that a crashed writer had left; empty for a reader.
    pub fn recovered(&self) -> &[Recovered] {
        &self.recovered
    }

    /// How many drafts there are: being written, or left by a writer that crashed.
    ///
    /// # Errors
    /// [`Error::Io`] if their folder cannot be read.
    pub fn drafts(&self) -> Result<u64, Error> {
        self.shared.drafts()
    }

    /// The store's folder.
    pub fn path(&self) -> &Path {
        self.shared.root.path()
    }
}

impl Shared {
    /// How many drafts there are.
    pub(crate) fn drafts(&self) -> Result<u64, Error> {
        Ok(found(self.incidents.sub(OPEN))?.map_or(Ok(0), |open| open.names().map(|it| it.len()))?
            as u64)
    }

    /// What only a writer has.
    pub(crate) fn writing(&self) -> Result<&Writing, Error> {
        self.writing.as_ref().ok_or_else(|| Error::ReadOnly(self.root.path().to_owned()))
    }
}

impl Writing {
    pub(crate) fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn busy(&self) -> MutexGuard<'_, BTreeSet<Id>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the folder of a store and those on the way to it, and waits until their names are on the
/// disk.
fn make_root(path: &Path) -> Result<(), Error> {
    let missing: Vec<_> = path.ancestors().take_while(|path| !is_there(path)).collect();
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => Error::NotAFolder(path.to_owned()),
        _ => Error::Io { doing: "make", path: path.to_owned(), source },
    })?;
    for parent in missing.iter().filter_map(|path| path.parent()) {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        // A folder that may not be listed cannot be synced either, and is no reason to give up.
        if let Ok(dir) = Dir::open(parent) {
            dir.sync()?;
        }
    }
    Ok(())
}

/// The empty path stands for the current folder.
fn is_there(path: &Path) -> bool {
    path.as_os_str().is_empty() || path.exists()
}

/// Opens the folder of a store under its real name: links on the way there are not the store's.
fn open_root(path: &Path) -> Result<Dir, Error> {
    let real = path.canonicalize().map_err(|source| match source.kind() {
        ErrorKind::NotFound => Error::NotAStore(path.to_owned()),
        _ => Error::Io { doing: "open", path: path.to_owned(), source },
    })?;
    Dir::open(&real).map_err(|error| match error.io_kind() {
        Some(ErrorKind::NotADirectory) => Error::NotAFolder(path.to_owned()),
        _ => error,
    })
}
