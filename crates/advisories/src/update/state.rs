//! What is known of each feed: when it was asked for, how that ended, and which versions of its files were
//! taken.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{FOLDER, http::Validators};
use crate::Error;

const NAME: &str = "state.json";
/// The version of its form. What is of another is not known any more: all is fetched anew.
const FORMAT: u32 = 3;

/// What is known of all feeds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct States {
    format: u32,
    feeds: BTreeMap<String, State>,
}

/// What is known of one feed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// When it was asked for last (RFC 3339); empty where files of it were alone.
    pub tried: String,
    /// When it was last known to be as it is published.
    pub succeeded: String,
    /// Why the last try failed, and what was left out; empty where it did not, and nothing was.
    pub failed: Vec<String>,
    /// Which of its files are not there; not all that may have one do.
    pub absent: Vec<String>,
    /// By their addresses.
    pub(super) files: BTreeMap<String, FileState>,
}

/// Which version of a file was taken.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct FileState {
    pub(super) validators: Validators,
    /// The hash that was published of it.
    pub(super) sha256: String,
    /// When it was last known to be as it is published (RFC 3339).
    pub(super) checked: String,
    /// Until when changes of it were taken over.
    pub(super) changes: String,
    /// The parts of the database that it is in, and which version of each: where another counts, others have
    /// changed it, and it is not known what of the file is still there.
    pub(super) parts: BTreeMap<String, String>,
    /// Records that changed and could not be taken over, and why: they are asked for again.
    pub(super) missed: BTreeMap<String, Missed>,
    /// What of it could not be read.
    pub(super) left_out: Vec<String>,
}

/// A record that could not be taken over.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Missed {
    pub(super) why: String,
    /// How many updates one behind another found that it is listed, and not there; none where it is something else.
    pub(super) absent: u32,
}

/// So many updates find that a record is not there for it to be a mistake of the list, and no failure any more.
const MOST_ABSENT: u32 = 3;

impl Missed {
    /// Whether its publisher lists what is not there.
    fn is_missing(&self) -> bool {
        self.absent >= MOST_ABSENT
    }
}

/// A part that an update changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Moved {
    pub(super) part: String,
    /// Which version there was; none where there was none.
    pub(super) from: Option<String>,
    pub(super) to: String,
}

impl FileState {
    /// Goes on with parts that were changed on top of what it knows.
    pub(super) fn follow(&mut self, moved: &[Moved]) {
        for Moved { part, from, to } in moved {
            if let Some(version) =
                self.parts.get_mut(part).filter(|it| Some(&**it) == from.as_ref())
            {
                version.clone_from(to);
            }
        }
    }

    /// What of it is not in the database.
    pub(super) fn is_not_there(&self) -> Vec<String> {
        let mut told = self.left_out.clone();
        let mut failed = self.missed.values().filter(|it| !it.is_missing());
        if let Some(Missed { why, .. }) = failed.next() {
            let count = 1 + failed.count();
            told.push(format!(
                "{why}; of the records that changed {count} could not be taken over, and will be asked for again"
            ));
        }
        told
    }
}

impl State {
    /// What is listed by its publisher, and not there: nobody here can mend it.
    pub fn missing(&self) -> Vec<String> {
        let mut told = Vec::new();
        for file in self.files.values() {
            let mut missing = file.missed.values().filter(|it| it.is_missing());
            let Some(Missed { why, absent }) = missing.next() else { continue };
            let more = match missing.count() {
                0 => String::new(),
                count => format!(", and so do {count} more"),
            };
            told.push(format!("{why} for {absent} updates, though it is listed{more}"));
        }
        told.extend(absent(&self.absent));
        told
    }
}

/// Files that are not there, in a line.
pub fn absent(names: &[String]) -> Option<String> {
    /// Most that are named.
    const MOST: usize = 5;
    let (first, last) = names.split_at_checked(MOST).unwrap_or((names, &[]));
    let more = match last.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!first.is_empty()).then(|| format!("{}{more}: not there", first.join(", ")))
}

impl Default for States {
    fn default() -> Self {
        Self { format: FORMAT, feeds: BTreeMap::new() }
    }
}

impl States {
    /// What is known of the feeds of a database. What can't be understood is not known.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = path(folder);
        let json = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            read => read.map_err(Error::file(path))?,
        };
        let states: Self = serde_json::from_slice(&json).unwrap_or_default();
        Ok(if states.format == FORMAT { states } else { Self::default() })
    }

    /// Each feed that was ever asked for, and each file of one that was asked for by itself (`osv:PyPI`).
    pub fn feeds(&self) -> impl Iterator<Item = (&str, &State)> {
        self.feeds.iter().map(|(name, state)| (name.as_str(), state))
    }

    /// When the files that a part of the database has were last known to be as they are published (RFC 3339): that
    /// of the one for which that is longest ago; none where they were not fetched.
    pub fn checked(&self, part: &str) -> Option<&str> {
        let files = self.feeds.values().flat_map(|state| state.files.values());
        let of_part = files.filter(|it| it.parts.contains_key(part) && !it.checked.is_empty());
        of_part.map(|it| &*it.checked).min()
    }

    /// All of a feed is as it is published: how it went with its files by themselves tells nothing more.
    pub(super) fn forget_files_of(&mut self, feed: &str) {
        let is_of = |name: &str| name.strip_prefix(feed).is_some_and(|it| it.starts_with(':'));
        self.feeds.retain(|name, _| !is_of(name));
    }

    /// Parts were changed on top of what is known.
    pub(super) fn follow(&mut self, moved: &[Moved]) {
        for file in self.feeds.values_mut().flat_map(|state| state.files.values_mut()) {
            file.follow(moved);
        }
    }

    pub(super) fn of(&mut self, feed: &str) -> &mut State {
        self.feeds.entry(feed.to_owned()).or_default()
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = path(folder);
        let own = folder.join(FOLDER);
        let mut draft = tempfile::Builder::new();
        // Whoever may scan may read it.
        draft.permissions(fs::Permissions::from_mode(0o644));
        let written = draft.tempfile_in(&own).and_then(|mut draft| {
            draft.write_all(&serde_json::to_vec_pretty(self)?)?;
            draft.as_file().sync_all()?;
            draft.persist(&path).map_err(|error| error.error)?;
            File::open(&own)?.sync_all()
        });
        written.map_err(Error::file(path))
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FOLDER).join(NAME)
}
