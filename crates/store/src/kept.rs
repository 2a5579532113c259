//! One incident, opened.

use std::fs::File;

use crate::{
    Error, Fault, Id, MANIFEST_FILE, MAX_MANIFEST_BYTES, Manifest, ManifestError, Store,
    WINDOW_FILE, dir::Dir, error::found, id::DIGITS,
};

/// How often an incident that changes while it is read is read again.
const MOST_TRIES: u32 = 100;

/// An incident, opened: manifest and window belong together, whatever becomes of it meanwhile.
#[derive(Debug)]
pub struct Kept {
    /// Its manifest.
    pub manifest: Manifest,
    /// Its events, a capture file from its beginning.
    pub window: File,
}

impl Store {
    /// The one incident whose id begins with `prefix`.
    ///
    /// # Errors
    /// [`Error::NotAPrefix`], [`Error::Unknown`], [`Error::Ambiguous`]; [`Error::Manifest`] and others
    /// if it is there but damaged.
    pub fn get(&self, prefix: &str) -> Result<Kept, Error> {
        let id = self.resolve(prefix)?;
        let opened = steadily(&self.shared.incidents, id, |dir| {
            Ok(Kept { manifest: manifest(dir, id)?, window: dir.read(WINDOW_FILE)? })
        });
        match opened? {
            Some(kept) => Ok(kept),
            None => Err(self.unknown(prefix, &ids(&self.shared.incidents)?)),
        }
    }

    /// The one id that begins with `prefix`, in letters of either case.
    ///
    /// # Errors
    /// [`Error::NotAPrefix`], [`Error::Unknown`], [`Error::Ambiguous`]; [`Error::Io`].
    pub fn resolve(&self, prefix: &str) -> Result<Id, Error> {
        let digits = prefix.to_ascii_lowercase();
        let is_prefix = (1..=DIGITS).contains(&digits.len())
            && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !is_prefix {
            return Err(Error::NotAPrefix(prefix.to_owned()));
        }
        let ids = ids(&self.shared.incidents)?;
        let mut fitting = ids.iter().copied().filter(|id| id.to_string().starts_with(&digits));
        match (fitting.next(), fitting.next()) {
            (None, _) => Err(self.unknown(prefix, &ids)),
            (Some(id), None) => Ok(id),
            (Some(first), Some(second)) => {
                let candidates = [first, second].into_iter().chain(fitting).collect();
                Err(Error::Ambiguous { prefix: prefix.to_owned(), candidates })
            }
        }
    }

    fn unknown(&self, prefix: &str, ids: &[Id]) -> Error {
        let path = self.path().to_owned();
        Error::Unknown { prefix: prefix.to_owned(), path, held: ids.len() }
    }
}

/// The ids of the incidents, in order.
pub(crate) fn ids(incidents: &Dir) -> Result<Vec<Id>, Error> {
    Ok(incidents.names()?.iter().filter_map(|name| name.parse().ok()).collect())
}

/// The manifest in an incident's folder.
pub(crate) fn manifest(dir: &Dir, id: Id) -> Result<Manifest, Error> {
    let text = dir.bytes(MANIFEST_FILE, MAX_MANIFEST_BYTES)?;
    let parsed = match text.ok_or(ManifestError::TooLarge).and_then(|text| Manifest::parse(&text)) {
        Ok(manifest) if manifest.id != id => Err(ManifestError::OtherId(manifest.id)),
        other => other,
    };
    parsed.map_err(|source| Error::Manifest { path: dir.path().join(MANIFEST_FILE), source })
}

/// Whether the window's file is there and as large as it was.
pub(crate) fn window_is_there(dir: &Dir, said: u64) -> Result<(), Fault> {
    let meta = dir.look(WINDOW_FILE)?;
    match meta.bytes {
        _ if !meta.is_file() => Err(Fault::Unreadable(format!("{WINDOW_FILE} is not a file"))),
        is if is != said => Err(Fault::Size { said, is }),
        _ => Ok(()),
    }
}

/// Reads of an incident's folder what belongs together; `None` if there is no such incident. If the
/// incident is removed or replaced meanwhile, what is there now is read.
pub(crate) fn steadily<T, E: From<Error>>(
    incidents: &Dir,
    id: Id,
    read: impl Fn(&Dir) -> Result<T, E>,
) -> Result<Option<T>, E> {
    let name = id.to_string();
    let mut tries = 0;
    loop {
        let Some(dir) = found(incidents.sub(&name))? else { return Ok(None) };
        tries += 1;
        match read(&dir) {
            Err(_) if tries < MOST_TRIES && !dir.is_still(incidents, &name) => {}
            other => return other.map(Some),
        }
    }
}
