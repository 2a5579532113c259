//! Incidents: made while alerts come, kept in a store, shown as timelines.
//!
//! - `plan`: how much is kept of which alert, and where.
//! - `keeper`: what the recorder has kept goes to the store.
//! - `late`: what is learned of a container when its alerts were given already.
//! - `part`: which part of a timeline is asked for.
//! - `place`: which store is meant.
//! - `story`: the timeline of an incident.
//! - `show`: timelines in every form.

mod keeper;
mod late;
mod part;
mod place;
mod plan;
pub(crate) mod show;
mod story;

pub(crate) use keeper::Keeping;
pub(crate) use part::{Part, Span};
pub(crate) use place::{Place, open};
pub(crate) use plan::{Args, Plan};
pub(crate) use story::{Story, of_incident};
