//! Completes what a crashed writer left.
//!
//! Whoever opens a store for writing holds its lock, so every folder among the drafts is one that
//! nobody writes any more. It is one of these:
//!
//! - without a journal: an incident that was just being replaced, or a draft that had just been
//!   begun; it is removed;
//! - with a manifest that fits to its window: a finished draft; it is put in its place;
//! - with alerts and events: the window is cut behind its last whole block, and the incident ends
//!   there, `interrupted`;
//! - with nothing that could be saved; it is removed.

use std::{fmt, fs::File, io};

use crate::{
    Error, Id, MANIFEST_FILE, Manifest, Shown, WINDOW_FILE,
    dir::Dir,
    draft::{journal, publish::publish},
    error::found,
    kept, scap,
    store::{Shared, Writing},
    worth,
};

/// A draft of a crashed writer, and what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recovered {
    /// Its name, an id if it is one.
    pub name: Shown,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a draft.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It had been finished, and is in its place now.
    Finished,
    /// It is an incident now, interrupted where the writer was.
    Completed {
        /// Its alerts altogether.
        alerts: u64,
        /// Events in its window.
        events: u64,
        /// Bytes of a half block that were cut off.
        cut_bytes: u64,
    },
    /// There is an incident of this id already that tells as much; the draft was removed.
    Superseded,
    /// Nothing of it could be saved; it was removed.
    Removed(String),
    /// It is still there, for this reason.
    Left(String),
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "draft {}: ", self.name)?;
        match &self.outcome {
            Outcome::Finished => f.write_str("was finished, and is in its place now"),
            Outcome::Completed { alerts, events, cut_bytes } => {
                write!(f, "completed with {alerts} alerts and {events} events")?;
                if *cut_bytes > 0 {
                    write!(f, ", {cut_bytes} bytes of a half event cut off")?;
                }
                Ok(())
            }
            Outcome::Superseded => f.write_str("removed: the incident of this id tells as much"),
            Outcome::Removed(reason) => write!(f, "removed: {reason}"),
            Outcome::Left(reason) => write!(f, "left as it is: {reason}"),
        }
    }
}

/// Completes every draft that is there; says what became of each.
pub(crate) fn drafts(shared: &Shared) -> Result<Vec<Recovered>, Error> {
    let writing = shared.writing()?;
    let mut recovered = Vec::new();
    for name in writing.open.names()? {
        let outcome = match name.parse() {
            Ok(id) => draft(shared, writing, id).unwrap_or_else(|e| Some(left(e))),
            Err(_) => Some(Outcome::Left("its name is no id".to_owned())),
        };
        let name = Shown::from(name);
        recovered.extend(outcome.map(|outcome| Recovered { name, outcome }));
    }
    Ok(recovered)
}

fn left(error: Error) -> Outcome {
    Outcome::Left(error.to_string())
}

/// Completes a draft. `None` for what is nobody's loss: an incident that was replaced.
fn draft(shared: &Shared, writing: &Writing, id: Id) -> Result<Option<Outcome>, Error> {
    let dir = writing.open.sub(&id.to_string())?;
    let remove = || writing.trash.throw(&writing.open, &id.to_string());
    if found(dir.look(journal::FILE))?.is_none() {
        return remove().map(|()| None);
    }
    tidy(&dir)?;
    if is_finished(&dir, id) {
        publish(shared, &dir, id)?;
        return Ok(Some(Outcome::Finished));
    }
    let outcome = match complete(&dir, id)? {
        Saved::Nothing(reason) => Outcome::Removed(reason.to_owned()),
        Saved::Incident { manifest, .. } if is_superseded(shared, &manifest) => Outcome::Superseded,
        Saved::Incident { manifest, cut_bytes } => {
            dir.write(MANIFEST_FILE, &manifest.to_json()?)?;
            dir.sync()?;
            publish(shared, &dir, id)?;
            let (alerts, events) = (manifest.alerts_total, manifest.window.events);
            return Ok(Some(Outcome::Completed { alerts, events, cut_bytes }));
        }
    };
    remove()?;
    Ok(Some(outcome))
}

/// Removes files that were being written when the writer was killed.
fn tidy(dir: &Dir) -> Result<(), Error> {
    dir.remove_all_but(&[MANIFEST_FILE, WINDOW_FILE, journal::FILE])
}

fn is_finished(dir: &Dir, id: Id) -> bool {
    let said = kept::manifest(dir, id).map(|manifest| manifest.files.window.bytes);
    said.is_ok_and(|said| kept::window_is_there(dir, said).is_ok())
}

/// What can be saved of a draft.
enum Saved {
    Incident {
        manifest: Box<Manifest>,
        cut_bytes: u64,
    },
    /// For this reason.
    Nothing(&'static str),
}

/// Cuts the window where it is whole, and makes its manifest.
fn complete(dir: &Dir, id: Id) -> Result<Saved, Error> {
    let Some(mut manifest) = journal::read(dir)?.filter(|it| !it.alerts().is_empty()) else {
        return Ok(Saved::Nothing("no alert had been written down"));
    };
    let Some(file) = found(dir.edit(WINDOW_FILE))? else {
        return Ok(Saved::Nothing("it has no window"));
    };
    let error = |source| dir.io_error("cut", WINDOW_FILE, source);
    let Cut { held, bytes, cut_bytes } = cut(&file).map_err(error)?;
    if held.window.events == 0 || held.fault.is_some() {
        return Ok(Saved::Nothing("it has no events"));
    }
    let (_, digest) = scap::digest(&file).map_err(error)?;
    manifest.interrupt(&held.window);
    manifest.seal(id, bytes, &digest);
    Ok(Saved::Incident { manifest: Box::new(manifest), cut_bytes })
}

/// A window that was cut where it is whole.
struct Cut {
    held: scap::Held,
    bytes: u64,
    cut_bytes: u64,
}

/// Cuts off what is no whole block; after a loss of power there may be damage before that.
fn cut(file: &File) -> io::Result<Cut> {
    let before = file.metadata()?.len();
    let mut bytes = scap::whole(file, before)?;
    file.set_len(bytes)?;
    let mut held = scap::read(file)?;
    if let Some(fault) = &held.fault {
        bytes = scap::whole(file, scap::damage_offset(fault))?;
        file.set_len(bytes)?;
        held = scap::read(file)?;
    }
    file.sync_all()?;
    Ok(Cut { held, bytes, cut_bytes: before - bytes })
}

/// Whether there is an incident of the same id that tells as much as this one, which was
/// interrupted: the same recording may have been read before, to its end.
fn is_superseded(shared: &Shared, draft: &Manifest) -> bool {
    worth::there(shared, draft).is_some_and(|there| there.tells_as_much(draft))
}
