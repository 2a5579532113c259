//! A finished draft becomes an incident: one renaming, which readers see whole or not at all.

use std::io::ErrorKind;

use rustix::fs::RenameFlags;

use super::journal;
use crate::{Error, Id, dir::Dir, error::found, store::Shared};

/// How often a draft is put in a place that changes meanwhile.
const MOST_TRIES: u32 = 100;

/// Puts the draft of `id` in the folder `dir`, which is on the disk, in the place of the incident.
///
/// Where there is an incident of this id, both change places at once, and the old one goes from
/// among the drafts. It has no journal, and so the next writer can tell it from a draft, should we
/// be killed between the two steps.
pub(crate) fn publish(shared: &Shared, dir: &Dir, id: Id) -> Result<(), Error> {
    put_in_place(shared, &id.to_string())?;
    shared.incidents.sync()?;
    // A journal in an incident's place does no harm, so it need not be gone from the disk yet.
    dir.discard(journal::FILE)
}

fn put_in_place(shared: &Shared, name: &str) -> Result<(), Error> {
    let (open, incidents) = (&shared.writing()?.open, &shared.incidents);
    for _ in 0..MOST_TRIES {
        let put = open.rename_with(name, incidents, name, RenameFlags::NOREPLACE);
        let Err(error) = put else { return Ok(()) };
        let replaced = match error.io_kind() {
            Some(ErrorKind::AlreadyExists) => replace(shared, name),
            _ if is_unsupported(&error) => return replace_in_two_steps(shared, name),
            _ => return Err(error),
        };
        // Another thread may have removed just now what was to be replaced.
        if let Some(()) = found(replaced)? {
            return Ok(());
        }
    }
    Err(incidents.io_error("replace", name, ErrorKind::ResourceBusy.into()))
}

/// Puts the draft in the place of an incident and removes that. [`ErrorKind::NotFound`] if there is
/// none.
fn replace(shared: &Shared, name: &str) -> Result<(), Error> {
    let writing = shared.writing()?;
    match exchange(shared, name) {
        Err(error) if is_unsupported(&error) => return replace_in_two_steps(shared, name),
        other => other?,
    }
    shared.incidents.sync()?;
    // What cannot be taken away now, the next writer removes.
    let _ = writing.trash.throw(&writing.open, name);
    Ok(())
}

/// Lets the draft and the incident change places.
fn exchange(shared: &Shared, name: &str) -> Result<(), Error> {
    drop_journal_for_good(&shared.incidents, name)?;

    shared.writing()?.open.rename_with(name, &shared.incidents, name, RenameFlags::EXCHANGE)
}

/// For systems that cannot exchange: for an instant, readers see neither.
fn replace_in_two_steps(shared: &Shared, name: &str) -> Result<(), Error> {
    let writing = shared.writing()?;
    let taken = found(writing.trash.take(&shared.incidents, name))?;
    let put = writing.open.rename(name, &shared.incidents, name);
    if let Some(taken) = taken {
        match &put {
            Ok(()) => writing.trash.remove(&taken),
            Err(_) => writing.trash.give_back(&taken, &shared.incidents, name),
        }
    }
    put
}

/// Filters of system calls that do not know `renameat2` say that it is not permitted; where that is
/// true, the other way fails as well.
fn is_unsupported(error: &Error) -> bool {
    use ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    matches!(error.io_kind(), Some(Unsupported | InvalidInput | PermissionDenied))
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{Access, Store};

    fn writer(path: &Path) -> Store {
        Store::open(path, Access::Write).expect("a store")
    }

    #[test]
    fn a_journal_that_a_crash_left_in_an_incident_does_not_bring_it_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, id) = (writer(folder.path()), Id::of(&[b"one"]));
        let name = id.to_string();
        store.draft(id).expect("a draft").close().expect("an incident");
        let journal = folder.path().join("incidents").join(&name).join(journal::FILE);
        std::fs::write(journal, "{}\n").expect("a journal");
        drop(store.draft(id).expect("a draft"));
        let draft = store.shared.writing().expect("a writer").open.look(&name).expect("it");
        // Killed right after they changed places.
        exchange(&store.shared, &name).expect("exchanged");
        drop(store);
        let store = writer(folder.path());
        assert_eq!(store.recovered(), []);
        assert_eq!(store.shared.incidents.look(&name).expect("it").ino, draft.ino);
    }

    #[test]
    fn where_nothing_can_be_exchanged_the_earlier_incident_goes_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, id) = (writer(folder.path()), Id::of(&[b"one"]));
        let name = id.to_string();
        for _ in 0..2 {
            drop(store.draft(id).expect("a draft"));
            let draft = store.shared.writing().expect("a writer").open.look(&name).expect("it");
            replace_in_two_steps(&store.shared, &name).expect("replaced");
            assert_eq!(store.shared.incidents.look(&name).expect("it").ino, draft.ino);
        }
        // Without a draft to take its place, the incident stays.
        assert!(replace_in_two_steps(&store.shared, &name).is_err());
        assert!(store.shared.incidents.look(&name).is_ok());
        let left =
            |of: &str| std::fs::read_dir(folder.path().join("incidents").join(of)).expect("names");
        assert_eq!((left(".open").count(), left(".trash").count()), (0, 0));
    }
}
