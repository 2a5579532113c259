//! Sessions: what belongs together because somebody logged in, or because it is one container or
//! one service.

use serde::Serialize;

use super::{Endpoint, Moment, ProcessId, Recorded, Relevance, User};

/// Processes that belong together.
#[derive(Clone, Debug, Serialize)]
pub struct Session {
    /// What holds them together.
    #[serde(flatten)]
    pub kind: SessionKind,
    /// Its topmost processes, by start.
    pub roots: Vec<ProcessId>,
    /// Where it was reached from.
    pub source: Option<Source>,
    /// The most that one of its processes has to do with the alerts.
    pub relevance: Relevance,
    /// How many processes it has.
    pub processes: u64,
    /// How many events they caused.
    pub events: u64,
}

/// What holds processes together.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SessionKind {
    /// They are in one container.
    Container(ContainerFacts),
    /// Somebody logged in.
    Login {
        /// Who.
        user: User,
        /// Id of the kernel's session.
        sid: i64,
        /// Terminal's device number; 0: none.
        tty: u32,
    },
    /// They are one service of the system.
    Service {
        /// Name of its unit or of its first program: `nginx.service`, `nginx`.
        name: Recorded,
    },
}

/// A container and its pod, as far as the record tells. Empty where it does not.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ContainerFacts {
    /// The id's first 12 characters.
    pub id: Recorded,
    pub name: Recorded,
    pub engine: &'static str,
    pub image: Recorded,
    pub image_digest: Recorded,
    pub privileged: bool,
    pub pod: Recorded,
    pub pod_namespace: Recorded,
}

/// Where a session was reached from: the connection that its first process, or an ancestor of it,
/// had accepted.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    /// The other end.
    pub remote: Endpoint,
    /// Name that a DNS answer gave it.
    pub name: Option<Recorded>,
    /// The process that accepted.
    pub by: ProcessId,
    /// When, if within the window.
    pub at: Option<Moment>,
}
