//! Incidents being written.
//!
//! A draft is a folder `incidents/.open/ID` with `window.scap`, which grows, and `draft.jsonl`, which
//! says what the manifest would be if the incident ended now. [`Draft::flush`] hands both to the
//! system, after which killing this process takes nothing of them. [`Draft::close`] writes the
//! manifest, waits until all of it is on the disk, and puts the folder in its place.
//!
//! `sink` is the file of the window, written on a thread of its own; `journal` is the other file,
//! `publish` the last step.

pub(crate) mod journal;
pub(crate) mod publish;
mod sink;

use std::sync::Arc;

use capture::{
    Record,
    file::{Compression, Writer},
};

use self::{journal::Journal, sink::Sink};
use crate::{
    Error, Id, MANIFEST_FILE, Manifest, Store, WINDOW_FILE,
    dir::Dir,
    error::found,
    store::{Shared, Writing},
    summary::Summary,
    worth::{self, There},
};

/// An incident being written.
///
/// One that is dropped, or fails, stays where it is, and the next writer completes it.
#[derive(Debug)]
pub struct Draft {
    shared: Arc<Shared>,
    id: Id,
    dir: Dir,
    manifest: Manifest,
    journal: Journal,
    /// Gone once something failed: what would follow would not fit to what is there.
    window: Option<Writer<Sink>>,
}

/// An incident that is in its place.
#[derive(Clone, Debug)]
pub struct Closed {
    /// What a list shows of it.
    pub summary: Summary,
    /// Whether it is an earlier one, which tells more than the draft; the draft was removed.
    pub superseded: bool,
    /// Why it is not in the index, if it is not: readers find it all the same, only slower.
    pub index_fault: Option<String>,
}

impl Store {
    /// Begins an incident.
    ///
    /// # Errors
    /// [`Error::ReadOnly`]; [`Error::Busy`] if one of this id is being written; [`Error::Io`].
    pub fn draft(&self, id: Id) -> Result<Draft, Error> {
        let writing = self.shared.writing()?;
        if !writing.busy().insert(id) {
            return Err(Error::Busy(id));
        }
        let begun = Draft::begin(Arc::clone(&self.shared), writing, id);
        if begun.is_err() {
            writing.busy().remove(&id);
        }
        begun
    }
}

impl Draft {
    fn begin(shared: Arc<Shared>, writing: &Writing, id: Id) -> Result<Self, Error> {
        let name = id.to_string();
        if found(writing.open.look(&name))?.is_some() {
            writing.trash.throw(&writing.open, &name)?;
        }
        let dir = writing.open.make(&name)?;
        let begun = Self::begin_in(dir, shared, id);
        if begun.is_err() {
            // There is nothing in it that the next writer could complete.
            let _ = writing.trash.throw(&writing.open, &name);
        }
        begun
    }

    fn begin_in(dir: Dir, shared: Arc<Shared>, id: Id) -> Result<Self, Error> {
        let file = dir.create(WINDOW_FILE)?;
        let window = Sink::new(file).and_then(|sink| Writer::new(sink, Compression::None));
        let window = window.map_err(|source| dir.io_error("write", WINDOW_FILE, source))?;
        let journal = Journal::create(&dir)?;
        let manifest = Manifest::new(id);
        Ok(Self { shared, id, dir, manifest, journal, window: Some(window) })
    }

    /// Its id.
    pub fn id(&self) -> Id {
        self.id
    }

    /// What is known of it so far; whoever writes it fills it in.
    pub fn manifest(&mut self) -> &mut Manifest {
        &mut self.manifest
    }

    /// Events so far: the number of the last one.
    pub fn events(&self) -> u64 {
        self.manifest.window.events
    }

    /// Writes a record of the window: first those of the snapshot, then events.
    ///
    /// # Errors
    /// [`Error::Io`]; after the first, [`Error::Failed`].
    pub fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        self.write(|window| window.write(record))?;
        if let Record::Event(event) = record {
            self.manifest.window.count(event.ts_ns);
        }
        Ok(())
    }

    /// Hands everything so far to the system, and what the manifest would be if the incident ended
    /// now: killing this process takes nothing of it.
    ///
    /// # Errors
    /// As [`Draft::record`].
    pub fn flush(&mut self) -> Result<(), Error> {
        self.write(Writer::flush)?;
        let told = self.journal.tell(&self.dir, &mut self.manifest);
        self.window.take_if(|_| told.is_err());
        told
    }

    /// Ends the incident and puts it in its place, instead of one of the same id if there is one.
    /// Afterwards it is on the disk, whatever happens.
    ///
    /// Where one of the same id, for which the same was asked for, tells more, that one stays, and
    /// the draft goes.
    ///
    /// # Errors
    /// As [`Draft::record`]; [`Error::TooLarge`].
    pub fn close(mut self) -> Result<Closed, Error> {
        let window = self.window.take().ok_or(Error::Failed(self.id))?;
        let error = |source| self.dir.io_error("write", WINDOW_FILE, source);
        let written = window.finish().and_then(Sink::finish).map_err(error)?;
        self.manifest.seal(self.id, written.bytes, &written.digest());
        let there = worth::there(&self.shared, &self.manifest);
        if let Some(there) = there.filter(|there| there.tells_more(&self.manifest)) {
            return self.give_way(&there);
        }
        written.file.sync_all().map_err(error)?;
        let manifest = self.manifest.to_json()?;
        self.dir.write(MANIFEST_FILE, &manifest)?;
        self.dir.sync()?;
        publish::publish(&self.shared, &self.dir, self.id)?;
        let summary = Summary::of(&self.manifest, manifest.len() as u64);
        Ok(Closed { summary, superseded: false, index_fault: self.note() })
    }

    /// Removes what was written for the sake of the incident that is there.
    fn give_way(self, there: &There) -> Result<Closed, Error> {
        let writing = self.shared.writing()?;
        writing.trash.throw(&writing.open, &self.id.to_string())?;
        Ok(Closed { summary: there.summary(), superseded: true, index_fault: self.note() })
    }

    /// Tells the index; says why it cannot be told.
    fn note(&self) -> Option<String> {
        self.shared.note(self.id).err().map(|fault| fault.to_string())
    }

    /// Removes what was written.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn abandon(mut self) -> Result<(), Error> {
        self.window = None;
        let writing = self.shared.writing()?;
        writing.trash.throw(&writing.open, &self.id.to_string())
    }

    fn write(
        &mut self,
        write: impl FnOnce(&mut Writer<Sink>) -> std::io::Result<()>,
    ) -> Result<(), Error> {
        let window = self.window.as_mut().ok_or(Error::Failed(self.id))?;
        write(window).map_err(|source| {
            self.window = None;
            self.dir.io_error("write", WINDOW_FILE, source)
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Ok(writing) = self.shared.writing() {
            writing.busy().remove(&self.id);
        }
    }
}
