//! What is kept: incidents in folders, and an index that can be made anew from them.
//!
//! ```text
//! STORE/store.json                      format of the store
//! STORE/lock                            held by the one writer
//! STORE/index.sqlite                    what the manifests say, for speed alone
//! STORE/in-use                          which files are in use, as the crate `inuse` writes it
//! STORE/incidents/ID/incident.json      the manifest
//! STORE/incidents/ID/window.scap        the events
//! STORE/incidents/.open/ID/             drafts
//! STORE/incidents/.trash/               what is being removed
//! ```
//!
//! The folders are the truth. An incident comes to be by the renaming of a folder that is whole and
//! on the disk, and ends by being renamed away; so a reader, who takes no lock, sees it whole or not
//! at all, and a crash leaves nothing half. The index only saves reading: each of its rows tells to
//! which very file it belongs, and what it does not tell, or tells of another file, is read from the
//! folders.
//!
//! The parts, from the disk upwards: `dir` (a folder held open), `format` and `lock`, [`Store`];
//! `manifest` and `shown` (texts that are safe to print); `draft` writes incidents and `recover`
//! completes what a crashed writer left, `worth` tells which of two tells more; `summary`, `index` and `list` find incidents, `kept` opens
//! one; `in_use` keeps what is in use; `verify`, `prune` and `stats` look after them.

mod dir;
mod draft;
mod error;
mod fault;
mod format;
mod id;
mod in_use;
mod index;
mod kept;
mod list;
mod lock;
mod manifest;
mod prune;
mod query;
mod recover;
mod scap;
mod shown;
mod stats;
mod store;
mod summary;
mod trash;
mod verify;
mod worth;

pub use draft::{Closed, Draft};
pub use error::Error;
pub use fault::{Damaged, Fault};
pub use format::FORMAT;
pub use id::{Id, NotAnId};
pub use kept::Kept;
pub use list::{IndexUse, Listing};
pub use manifest::{
    Actor, Alert, AlertTimes, AskedFor, Clipped, Ended, Files, Host, MAX_ALERTS_BYTES,
    MAX_MANIFEST_BYTES, Manifest, ManifestError, SCHEMA, Seen, Window, WindowFile,
};
pub use prune::{Gone, Mode, Policy, Pruned, Why};
pub use query::Query;
pub use recover::{Outcome, Recovered};
pub use shown::Shown;
pub use stats::Stats;
pub use store::{Access, Store};
pub use summary::{Container, Summary};
pub use verify::{Scope, Verified};

/// The manifest's file in an incident's folder.
pub const MANIFEST_FILE: &str = "incident.json";
/// The events' file in an incident's folder.
pub const WINDOW_FILE: &str = "window.scap";
