//! What a store has of what is in use.

use std::path::Path;

use inuse::{Index, MOST_INDEX_BYTES, decode};
use store::{Access, Store};

use crate::error::Error;

/// The index of a store; `None` if there is none.
///
/// # Errors
/// If it can't be read.
pub(crate) fn of_store(store: &Store) -> Result<Option<Index>, Error> {
    let Some(bytes) = store.in_use(MOST_INDEX_BYTES)? else { return Ok(None) };
    let why = |error| Error::Usage(format!("{}: what is in use {error}", store.path().display()));
    decode(&bytes).map(Some).map_err(why)
}

/// The index of the store in a folder.
///
/// # Errors
/// If there is no store, or no index in it that can be read.
pub(crate) fn in_folder(folder: &Path) -> Result<Index, Error> {
    let store = Store::open(folder, Access::Read)?;
    of_store(&store)?.ok_or_else(|| {
        Error::Usage(format!(
            "{0}: nothing is kept there of what is in use; watchkeeper run --store {0} does that, or \
             watchkeeper inuse import",
            folder.display()
        ))
    })
}
