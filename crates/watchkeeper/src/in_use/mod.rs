//! What is in use: kept in a store while things happen, and read from there.
//!
//! - `uses`: from events into a store.
//! - `mapped`: what processes had in memory before anything was recorded.
//! - `kept`: what a store has.
//! - `words`: how it is told.

mod kept;
pub(crate) mod mapped;
mod uses;
pub(crate) mod words;

pub(crate) use self::{
    kept::{in_folder, of_store},
    uses::{KEPT_DAYS, Uses},
};
