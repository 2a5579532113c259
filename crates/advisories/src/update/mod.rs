//! Feeds, taken from where they are published.
//!
//! ```text
//! feeds: Remote ─► files ─► changed since? ─► fetch: whole, or what changed ─► proof ─► feeds: import ─► db
//! ```
//!
//! Each file is fetched, checked and imported by itself, so that what fails leaves what was there, and the rest
//! goes on. What was fetched in part is kept, and gone on with another time. Servers are hostile: lengths, times
//! and redirects are bounded.
//!
//! - `mirror`: a server of one's own; `http`: requests, answers and redirects; `patience`: how often and how long to wait.
//! - `room`: where files lie while they come; `download`: a file, gone on with where it broke off; `proof`: whether it is whole.
//! - `changes`: records that changed since all was fetched.
//! - `state`: what is known of each file, and how the last try ended.
//! - `asked`: which feeds and files are meant; `feed`: one feed, from its files to the database.

mod asked;
mod changes;
mod download;
mod feed;
mod http;
mod mirror;
mod patience;
mod proof;
mod room;
mod state;

use std::{
    fmt,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    rc::Rc,
    time::Duration,
};

use client::Tls;

use self::{asked::Asked, feed::Work, http::Http};
pub use self::{
    mirror::Mirror,
    patience::Patience,
    state::{State, States, absent},
};
use crate::{Error, feeds::REMOTES};

/// Where updates keep what they need, within the database's folder.
const FOLDER: &str = ".update";
/// Held by who updates.
const LOCK: &str = "lock";

/// How to update.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Feeds, or files of one (`osv:PyPI`); all where there are none.
    pub only: Vec<String>,
    /// Where everything is taken from in the place of its own address.
    pub mirror: Option<Mirror>,
    /// Whom to trust.
    pub tls: Tls,
    /// How long to wait for what is passing.
    pub patience: Patience,
    /// Who is told how it goes.
    pub observer: Observer,
    /// The time (RFC 3339), as it is kept with what was taken.
    pub now: String,
}

/// How it goes.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A file is asked for.
    Asks(&'a str),
    /// So many bytes will come.
    Length(u64),
    /// So many more bytes have come.
    Bytes(u64),
    /// Something failed that may pass: it is waited for, and asked for again.
    Waits {
        /// What failed.
        why: &'a str,
        /// How long.
        pause: Duration,
    },
    /// Something is not as it should be, and is gone on without.
    Trouble(&'a str),
}

/// Who is told how it goes, each time that it goes on.
#[derive(Clone, Default)]
pub struct Observer(Option<Rc<Tell>>);

type Tell = dyn Fn(&Progress<'_>);

impl Observer {
    /// Is told.
    pub fn new(tell: impl Fn(&Progress<'_>) + 'static) -> Self {
        Self(Some(Rc::new(tell)))
    }

    pub(crate) fn tell(&self, progress: &Progress<'_>) {
        if let Some(tell) = &self.0 {
            tell(progress);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// How it went with one feed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Updated {
    /// Which: its name, with the file of it that was asked for alone, `osv:PyPI`.
    pub feed: String,
    /// How many of its files had something new, and how many had not.
    pub changed: usize,
    /// How many of its files are as they were.
    pub unchanged: usize,
    /// Why it is not, or not all of it, as it is published.
    pub failed: Vec<String>,
    /// What of it is not in the database, though the rest was taken over.
    pub left_out: Vec<String>,
    /// Which of its files are not there; not all that may have one do.
    pub absent: Vec<String>,
}

/// An update, while no other is made of the same database.
#[derive(Debug)]
pub struct Update {
    folder: PathBuf,
    settings: Settings,
    _lock: File,
}

impl Update {
    /// Begins one; none where another is made of the same database just now.
    ///
    /// # Errors
    /// If a feed or a file of one is asked for that there is not, or the folder can't be written.
    pub fn begin(folder: &Path, settings: Settings) -> Result<Option<Self>, Error> {
        // Before anything is written.
        asked::of(&settings.only)?;
        let own = folder.join(FOLDER);
        fs::create_dir_all(&own).map_err(Error::not_writable(folder))?;
        let path = own.join(LOCK);
        let mut options = File::options();
        let lock = options.write(true).create(true).truncate(false).open(&path);
        let lock = lock.map_err(Error::not_writable(folder))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { folder: folder.to_owned(), settings, _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::file(path)(error)),
        }
    }

    /// Updates the feeds that are asked for, and tells of each how it went.
    ///
    /// # Errors
    /// If certificates can't be used, or it can't be kept how it went.
    pub fn run(&self, told: &mut dyn FnMut(&Updated)) -> Result<(), Error> {
        let asked = asked::of(&self.settings.only)?;
        let http = Http::new(&self.settings)?;
        let mut states = States::read(&self.folder).unwrap_or_else(|error| {
            let why =
                format!("{error}; what was fetched before is not known, so that all is again");
            self.settings.observer.tell(&Progress::Trouble(&why));
            States::default()
        });
        room::tidy(&self.folder, &REMOTES.map(|remote| remote.name));
        let work = Work::new(&self.folder, &self.settings, &http);
        for Asked { remote, file } in &asked {
            let updated = work.update(remote, file.as_deref(), &mut states);
            states.write(&self.folder)?;
            told(&updated);
        }
        Ok(())
    }
}
