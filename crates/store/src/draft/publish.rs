//! A finished draft becomes an incident: one renaming, which readers see whole or not at all.

use std::io::ErrorKind;

use rustix::fs::RenameFlags;

use super::journal;
use crate::{Error, Id, dir::Dir, error::found, store::Shared};

/// Puts the draft of `id`, which is on the disk, in the place of the incident.
///
/// Where there is an incident of this id, both change places at once, and the old one goes from
/// among the drafts. It has no journal, and so the next writer can tell it from a draft, should we
/// be killed between the two steps.
pub(crate) fn publish(shared: &Shared, id: Id) -> Result<(), Error> {
    let writing = shared.writing()?;
    let (open, incidents, name) = (&writing.open, &shared.incidents, id.to_string());
    let (is_first, unsupported) = match open.rename_with(&name, incidents, &name, NOREPLACE) {
        Ok(()) => (true, false),
        Err(error) if error.io_kind() == Some(ErrorKind::AlreadyExists) => (false, false),
        Err(error) if is_unsupported(&error) => (false, true),
        Err(error) => return Err(error),
    };
    if !is_first {
        match unsupported {
            false => replace(shared, &name)?,
            true => replace_in_two_steps(shared, &name)?,
        }
    }
    incidents.sync()?;
    open.sync()?;
    drop_journal(incidents, &name)
}

const NOREPLACE: RenameFlags = RenameFlags::NOREPLACE;

fn replace(shared: &Shared, name: &str) -> Result<(), Error> {
    let writing = shared.writing()?;
    drop_journal_for_good(&shared.incidents, name)?;
    match writing.open.rename_with(name, &shared.incidents, name, RenameFlags::EXCHANGE) {
        Ok(()) => {}
        Err(error) if is_unsupported(&error) => return replace_in_two_steps(shared, name),
        Err(error) => return Err(error),
    }
    shared.incidents.sync()?;
    writing.trash.throw(&writing.open, name)
}

/// For file systems that cannot exchange: for an instant, readers see neither.
fn replace_in_two_steps(shared: &Shared, name: &str) -> Result<(), Error> {
    let writing = shared.writing()?;
    if found(shared.incidents.look(name))?.is_some() {
        writing.trash.throw(&shared.incidents, name)?;
    }
    writing.open.rename(name, &shared.incidents, name)
}

fn is_unsupported(error: &Error) -> bool {
    matches!(error.io_kind(), Some(ErrorKind::Unsupported | ErrorKind::InvalidInput))
}

/// A journal in an incident's place does no harm, so it need not be gone from the disk yet.
fn drop_journal(incidents: &Dir, name: &str) -> Result<(), Error> {
    incidents.sub(name)?.discard(journal::FILE)
}

/// A journal that a crash left in an incident would make a draft of it once they change places.
fn drop_journal_for_good(incidents: &Dir, name: &str) -> Result<(), Error> {
    let Ok(dir) = incidents.sub(name) else { return Ok(()) };
    if found(dir.look(journal::FILE))?.is_some() {
        dir.discard(journal::FILE)?;
        dir.sync()?;
    }
    Ok(())
}
