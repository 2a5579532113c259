//! What processes do to files.
//!
//! Calls that name paths stand in a table ([`named`]); opening, reading and writing go through the
//! fd. A row is one process and one path, with the other path where there is one. Calls that are
//! only recorded by number (`truncate`, `ftruncate`, `utimensat`) name no file, so that nothing can
//! be told of them.
//!
//! - `paths`: paths in events; `changed`: which were made or written within the window;
//! - `judge`: what matters of it, in the end: `sensitivity` by well-known places, `routine`; `places`:
//!   how places are written.

pub(super) mod changed;
pub(super) mod judge;
pub(super) mod paths;
mod places;
mod routine;
mod sensitivity;

use event::{EventType, syscalls as ev};
use state::{Context, Fd, Text};

use self::changed::Changed;
use crate::{
    build::{
        draft::Draft,
        fds,
        limits::{Budget, Row},
    },
    model::{Acts, FileActivity, Moment, Recorded},
};

/// Open flags in the schema's numbering.
const O_RDWR: u32 = 3;
const O_WRONLY: u32 = 2;
const O_CREAT: u32 = 4;
const O_EXCL: u32 = 0x20;
const O_TRUNC: u32 = 0x100;
const O_CREATED: u32 = 0x4000;

/// There is no such file.
const ENOENT: i64 = 2;

/// `PROT_EXEC` in the schema's numbering.
const PROT_EXEC: i64 = 4;

/// Where a call has its path.
#[derive(Clone, Copy)]
enum Place {
    Path(usize),
    Fd,
}

/// A call that does something to a file whose path it names, or whose fd it is given.
struct Named {
    acts: Acts,
    path: Place,
    /// The other path.
    other: Option<usize>,
    mode: Option<usize>,
    /// User, and behind it the group.
    owner: Option<usize>,
}

impl Named {
    const fn new(acts: Acts, path: usize) -> Self {
        Self { acts, path: Place::Path(path), other: None, mode: None, owner: None }
    }

    const fn two(acts: Acts, path: usize, other: usize) -> Self {
        Self { other: Some(other), ..Self::new(acts, path) }
    }
}

fn named(kind: EventType) -> Option<Named> {
    use Named as N;
    let (mode, owner) = (Acts::MODE, Acts::OWNER);
    Some(match kind {
        ev::MKDIR_2_X => N::new(Acts::FOLDER, 1),
        ev::MKDIRAT_X => N::new(Acts::FOLDER, 2),
        ev::RMDIR_2_X | ev::UNLINK_2_X => N::new(Acts::DELETED, 1),
        ev::UNLINKAT_2_X => N::new(Acts::DELETED, 2),
        ev::MKNOD_X => N::new(Acts::CREATED, 1),
        ev::MKNODAT_X => N::new(Acts::CREATED, 2),
        ev::RENAME_X => N::two(Acts::RENAMED, 1, 2),
        ev::RENAMEAT_X | ev::RENAMEAT2_X => N::two(Acts::RENAMED, 2, 4),
        ev::LINK_2_X => N::two(Acts::LINKED, 1, 2),
        ev::LINKAT_2_X => N::two(Acts::LINKED, 2, 4),
        ev::SYMLINK_X => N::two(Acts::SYMLINKED, 2, 1),
        ev::SYMLINKAT_X => N::two(Acts::SYMLINKED, 3, 1),
        ev::CHMOD_X => N { mode: Some(2), ..N::new(mode, 1) },
        ev::FCHMODAT_X => N { mode: Some(3), ..N::new(mode, 2) },
        ev::FCHMOD_X => N { mode: Some(2), path: Place::Fd, ..N::new(mode, 0) },
        ev::CHOWN_X | ev::LCHOWN_X => N { owner: Some(2), ..N::new(owner, 1) },
        ev::FCHOWNAT_X => N { owner: Some(3), ..N::new(owner, 2) },
        ev::FCHOWN_X => N { owner: Some(2), path: Place::Fd, ..N::new(owner, 0) },
        ev::GETDENTS_X | ev::GETDENTS64_X => N { path: Place::Fd, ..N::new(Acts::LISTED, 0) },
        _ => return None,
    })
}

/// What a process does to a file at one event.
#[derive(Clone, Debug, Default)]
struct Touch {
    acts: Acts,
    other: Option<Text>,
    /// The error's number, positive.
    error: Option<i64>,
    read: u64,
    written: u64,
    mode: Option<u32>,
    owner: Option<(u32, u32)>,
}

impl Touch {
    fn of(acts: Acts) -> Self {
        Self { acts, ..Self::default() }
    }
}

/// Where rows go.
pub(crate) struct Files<'a> {
    pub(crate) at: Moment,
    pub(crate) draft: &'a mut Draft,
    pub(crate) changed: &'a mut Changed,
    pub(crate) budget: &'a mut Budget,
}

impl Files<'_> {
    /// Takes in an event; what does nothing to files is passed over.
    pub(crate) fn event(&mut self, context: &Context<'_>) -> Option<()> {
        match context.event.kind {
            ev::STAT_X | ev::LSTAT_X | ev::STAT64_X | ev::LSTAT64_X | ev::ACCESS_X => {
                self.looked_for(context, 1)
            }
            ev::NEWFSTATAT_X => self.looked_for(context, 2),
            ev::OPEN_X | ev::CREAT_X | ev::OPENAT_2_X | ev::OPENAT2_X | ev::OPEN_BY_HANDLE_AT_X => {
                self.open(context)
            }
            ev::MEMFD_CREATE_X => {
                let error = failure(context);
                let path = fds::memfd(context.event.text(1)?);
                self.touch(path, Touch { error, ..Touch::of(Acts::CREATED) })
            }
            ev::MMAP_X | ev::MMAP2_X => self.map(context),
            kind => match named(kind) {
                Some(named) => self.named(context, &named),
                None => self.traffic(context),
            },
        }
    }

    /// A program was run.
    pub(crate) fn executed(&mut self, exe: &[u8]) {
        if let Some(path) = fds::program(exe) {
            self.touch(path.into(), Touch::of(Acts::EXECUTED));
        }
    }

    fn named(&mut self, context: &Context<'_>, named: &Named) -> Option<()> {
        let event = &context.event;
        let path = match named.path {
            Place::Path(index) => paths::of_param(context, index)?,
            Place::Fd => fds::path(context.fd?)?,
        };
        // A symbolic link leads wherever its text says.
        let other = match named.other {
            Some(index) if named.acts == Acts::SYMLINKED => Some(event.text(index)?.into()),
            Some(index) => Some(paths::of_param(context, index)?),
            None => None,
        };
        let number = |index: usize| event.int(index).map(|n| n as u32);
        let touch = Touch {
            acts: named.acts,
            other,
            error: failure(context),
            mode: named.mode.and_then(number),
            owner: named.owner.and_then(|index| Some((number(index)?, number(index + 1)?))),
            ..Touch::default()
        };
        if touch.error.is_some() {
            return self.touch(path, touch);
        }
        match named.acts {
            Acts::RENAMED => self.rename(path, touch),
            Acts::DELETED => self.delete(path, touch),
            _ => self.touch(path, touch),
        }
    }

    /// Renaming what the process itself has just renamed goes on with the same row, so that one that
    /// is wiped under ever new names keeps its own.
    fn rename(&mut self, from: Text, touch: Touch) -> Option<()> {
        let to = touch.other.clone()?;
        self.note_change(&from, &touch);
        let place = match self.draft.moved.remove(&*from) {
            Some(place) => {
                let row = self.draft.process.files.get_mut(place as usize)?;
                let old = pair(row.path.bytes(), &from);
                row.other = Some(Recorded::from(to.clone()));
                (row.last, row.calls) = (row.last.max(self.at), row.calls + 1);
                let new = pair(row.path.bytes(), &to);
                self.draft.files.remove(&*old);
                self.draft.files.insert(new, place);
                place
            }
            None => {
                let key = pair(&from, &to);
                self.touch(from, touch)?;
                *self.draft.files.get(&*key)?
            }
        };
        self.draft.moved.insert(to, place);
        Some(())
    }

    /// Deleting what the process itself has renamed deletes the file that it was.
    fn delete(&mut self, path: Text, touch: Touch) -> Option<()> {
        let moved = self.draft.moved.remove(&*path);
        let Some(row) = moved.and_then(|place| self.draft.process.files.get_mut(place as usize))
        else {
            return self.touch(path, touch);
        };
        row.acts |= Acts::DELETED;
        (row.last, row.calls) = (row.last.max(self.at), row.calls + 1);
        if self.draft.files.contains_key(&*path) {
            self.touch(path, touch);
        }
        Some(())
    }

    /// A path was looked at that this parameter names.
    fn looked_for(&mut self, context: &Context<'_>, param: usize) -> Option<()> {
        if failure(context) == Some(ENOENT) {
            let path = paths::of_param(context, param)?;
            self.changed.is_gone(&self.draft.facts.container, &path);
        }
        None
    }

    fn open(&mut self, context: &Context<'_>) -> Option<()> {
        let error = failure(context);
        let opened = context.fd.filter(|_| error.is_none());
        let path = match opened {
            Some(fd) => fds::path(fd)?,
            None => paths::of_param(context, name_param(context.event.kind))?,
        };
        let flags = opened.map_or_else(|| asked(context), |fd| fd.open_flags | asked(context));
        let made = self.is_made(&path, flags, error);
        self.touch(path, Touch { error, ..Touch::of(acts_of(flags, made)) })
    }

    /// Whether opening a file with these flags made it.
    fn is_made(&mut self, path: &[u8], flags: u32, error: Option<i64>) -> bool {
        let container = &self.draft.facts.container;
        if error == Some(ENOENT) {
            self.changed.is_gone(container, path);
        }
        let exclusive = flags & (O_CREAT | O_EXCL) == O_CREAT | O_EXCL;
        let told = flags & O_CREATED != 0;
        error.is_none()
            && flags & (O_CREAT | O_CREATED) != 0
            && (self.changed.is_made(container, path, told) || exclusive)
    }

    fn map(&mut self, context: &Context<'_>) -> Option<()> {
        let fd = context.fd.filter(|_| failure(context).is_none())?;
        let is_code = context.event.int(6)? & PROT_EXEC != 0;
        let path = fds::path(fd).filter(|_| is_code)?;
        self.touch(path, Touch::of(Acts::MAPPED))
    }

    /// Data came from a file or went into one.
    fn traffic(&mut self, context: &Context<'_>) -> Option<()> {
        let moved = crate::build::traffic::of(context)?;
        if let Some(fd) = moved.from.filter(|fd| fds::is_file(fd)) {
            self.touch(fds::path(fd)?, Touch { read: moved.bytes, ..Touch::of(Acts::READ) });
        }
        if let Some(fd) = moved.to.filter(|fd: &&Fd| fds::is_file(fd)) {
            self.touch(fds::path(fd)?, Touch { written: moved.bytes, ..Touch::of(Acts::WRITTEN) });
        }
        Some(())
    }

    /// A file is closed, and its recorder tells how much was written to it since it was opened. That
    /// counts where the calls that wrote are not recorded.
    pub(crate) fn told(&mut self, fd: &Fd, written: u64) -> Option<()> {
        let path = fds::path(fd).filter(|_| written > 0)?;
        let told = self.draft.told.entry(path.clone()).or_default();
        *told = told.saturating_add(written);
        let told = *told;
        let row = self.mark(path, &Touch::of(Acts::WRITTEN))?;
        row.bytes_written = row.bytes_written.max(told);
        Some(())
    }

    fn touch(&mut self, path: Text, touch: Touch) -> Option<()> {
        self.mark(path, &touch)?.calls += 1;
        Some(())
    }

    /// Writes down what was done to a file.
    fn mark(&mut self, path: Text, touch: &Touch) -> Option<&mut FileActivity> {
        if touch.error.is_none() && touch.acts.change() {
            self.note_change(&path, touch);
        }
        let at = self.at;
        let row = self.row(path, touch)?;
        row.acts |= touch.acts;
        row.last = row.last.max(at);
        row.bytes_read = row.bytes_read.saturating_add(touch.read);
        row.bytes_written = row.bytes_written.saturating_add(touch.written);
        row.mode = touch.mode.or(row.mode);
        row.owner = touch.owner.or(row.owner);
        row.error = row.error.and(touch.error);
        Some(row)
    }

    /// What is at a path now was not there before, or not so.
    fn note_change(&mut self, path: &[u8], touch: &Touch) {
        let container = &self.draft.facts.container;
        if touch.acts.intersects(Acts::DELETED | Acts::RENAMED) {
            self.changed.is_gone(container, path);
        }
        match &touch.other {
            Some(other) if touch.acts != Acts::SYMLINKED => self.changed.insert(container, other),
            _ => self.changed.insert(container, path),
        }
    }

    fn row(&mut self, path: Text, touch: &Touch) -> Option<&mut FileActivity> {
        let key = match &touch.other {
            Some(other) => pair(&path, other),
            None => path.clone(),
        };
        if let Some(&place) = self.draft.files.get(&*key) {
            return self.draft.process.files.get_mut(place as usize);
        }
        if !self.budget.admit(Row::File, key.len() + path.len()) {
            return None;
        }
        let place = u32::try_from(self.draft.process.files.len()).ok()?;
        self.draft.files.insert(key, place);
        self.draft.process.files.push(FileActivity {
            path: path.into(),
            other: touch.other.clone().map(Recorded::from),
            acts: Acts::empty(),
            first: self.at,
            last: self.at,
            calls: 0,
            bytes_read: 0,
            bytes_written: 0,
            mode: None,
            owner: None,
            error: touch.error,
            sensitivity: None,
            routine: false,
        });
        self.draft.process.files.last_mut()
    }
}

/// Two paths as one text.
fn pair(path: &[u8], other: &[u8]) -> Text {
    [path, b"\0", other].concat().into()
}

/// The number of the error that the call ended with, positive.
pub(crate) fn failure(context: &Context<'_>) -> Option<i64> {
    context.event.int(0).filter(|&result| result < 0).map(i64::saturating_neg)
}

/// Parameter that holds the name of what is opened.
fn name_param(kind: EventType) -> usize {
    match kind {
        ev::OPEN_X | ev::CREAT_X => 1,
        ev::OPEN_BY_HANDLE_AT_X => 3,
        _ => 2,
    }
}

/// How the caller asked for a file to be opened, and what the recorder found.
fn asked(context: &Context<'_>) -> u32 {
    let flags = |index| context.event.int(index).map_or(0, |flags| flags as u32);
    match context.event.kind {
        ev::CREAT_X => O_CREAT | O_WRONLY | O_TRUNC,
        ev::OPEN_X | ev::OPEN_BY_HANDLE_AT_X => flags(2),
        _ => flags(3),
    }
}

/// What opening with these flags did, or would have done.
fn acts_of(flags: u32, made: bool) -> Acts {
    let access = flags & O_RDWR;
    let writes = access & O_WRONLY != 0;
    let mut acts = Acts::empty();
    acts.set(Acts::READ, access != O_WRONLY);
    acts.set(Acts::WRITTEN, writes);
    acts.set(Acts::CREATED, made);
    acts.set(Acts::TRUNCATED, flags & O_TRUNC != 0 && writes && !made);
    acts
}
