//! `store.json`: that a folder is a store, and of which format.

use serde::{Deserialize, Serialize};

use crate::{Error, dir::Dir, error::found, index, lock};

/// Version of the layout of a store. It changes when programs that know the earlier one alone would
/// do harm.
pub const FORMAT: u32 = 1;

const FILE: &str = "store.json";
const MAX_BYTES: u64 = 64 * 1024;
/// What may stand in a folder that was about to become a store, or is the root of a file system.
const NOTHING: [&str; 4] = [lock::FILE, ".store.json.new", "incidents", "lost+found"];

#[derive(Serialize, Deserialize)]
struct Format {
    format: u32,
}

/// Sees to it that `root` is a store that this program can use.
pub(crate) fn check(root: &Dir) -> Result<(), Error> {
    let Some(text) = found(root.bytes(FILE, MAX_BYTES))? else {
        return Err(gone(root).unwrap_or_else(|| Error::NotAStore(root.path().to_owned())));
    };
    let parsed = text.ok_or_else(|| format!("larger than {MAX_BYTES} bytes"));
    match parsed.and_then(|text| parse(&text)) {
        Ok(FORMAT) => Ok(()),
        Ok(found) if found > FORMAT => Err(Error::Newer { path: root.path().to_owned(), found }),
        Ok(found) => Err(unreadable(root, format!("there is no format {found}"))),
        Err(reason) => Err(unreadable(root, reason)),
    }
}

/// Whether `root` is a store, readable or not.
pub(crate) fn is_there(root: &Dir) -> Result<bool, Error> {
    found(root.look(FILE)).map(|meta| meta.is_some())
}

/// Sees to it that nothing is lost when `root`, which is none, becomes a store.
pub(crate) fn may_become(root: &Dir) -> Result<(), Error> {
    if is_free(root)? {
        return Ok(());
    }
    Err(gone(root).unwrap_or_else(|| Error::NotEmpty(root.path().to_owned())))
}

/// What is wrong with a store that has lost its `store.json`; `None` if it is something else.
fn gone(root: &Dir) -> Option<Error> {
    let has = |name| root.look(name).is_ok();
    (has("incidents") && has(index::FILE)).then(|| Error::FormatGone(root.path().to_owned()))
}

fn is_free(root: &Dir) -> Result<bool, Error> {
    let names = root.names()?;
    let is_begun = names.iter().any(|name| name == lock::FILE);
    Ok(names.iter().all(|name| name == "lost+found" || is_begun && NOTHING.contains(&&**name)))
}

/// Makes `root` a store.
pub(crate) fn write(root: &Dir) -> Result<(), Error> {
    root.put(FILE, format!("{{\"format\":{FORMAT}}}\n").as_bytes())?;
    root.sync()
}

fn parse(text: &[u8]) -> Result<u32, String> {
    let format: Format = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    Ok(format.format)
}

fn unreadable(root: &Dir, reason: String) -> Error {
    Error::Format { path: root.path().join(FILE), reason }
}
