//! What belongs together, and what has to do with the alerts: made in the end, when all is known.
//!
//! - `sessions`: the processes of a container, of a login, of a service; `cgroups`: what control
//!   groups say of that;
//! - `sources`: where a session was reached from;
//! - `relevance`: what each process has to do with the alerts.

pub(super) mod cgroups;
pub(super) mod relevance;
pub(super) mod sessions;
pub(super) mod sources;
