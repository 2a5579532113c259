//! What happened, as data: the one model that every view reads.
//!
//! Processes, sessions and pipelines stand in lists and name each other by their places in them.
//! Times are ns since 1970; event numbers are those of the recording that the timeline was made
//! of, from 1. The JSON view is this model, field by field; [`SCHEMA`] is its version.

mod alert;
mod command;
mod file;
mod ids;
mod network;
mod privilege;
mod process;
mod recorded;
mod session;
mod terminal;
mod window;

pub use alert::Alert;
pub use command::{Command, ExeFacts, Origin, Pipeline, Redirect, Target, User};
pub use file::{Acts, FileActivity, Sensitivity};
pub use ids::{AlertId, Moment, PipelineId, ProcessId, SessionId};
pub use network::{Connection, Endpoint, Outcome, Protocol, Reach, Role};
pub use privilege::{Change, PrivilegeChange};
pub use process::{End, How, Process, Relevance};
pub use recorded::Recorded;
pub use session::{ContainerFacts, Session, SessionKind, Source};
pub use terminal::TerminalLine;
pub use window::{Cuts, Density, Gap, GapKind, Host, Sentence, Topic, Window};

use serde::Serialize;

/// Version of the model's JSON form. It changes when a field is renamed, removed or means
/// something else; new fields do not change it.
pub const SCHEMA: u32 = 1;

/// The story of a window.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Timeline {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Where it happened.
    pub host: Host,
    /// When, and how much was seen.
    pub window: Window,
    /// The story in plain words.
    pub summary: Vec<Sentence>,
    /// Alerts, by time.
    pub alerts: Vec<Alert>,
    /// Logins, containers and services; those with alerts first.
    pub sessions: Vec<Session>,
    /// Every process that did anything, and their ancestors.
    pub processes: Vec<Process>,
    /// Processes whose output was the next one's input.
    pub pipelines: Vec<Pipeline>,
    /// Where the record is known to be incomplete.
    pub gaps: Vec<Gap>,
    /// How much happened when.
    pub density: Density,
    /// What was left out because there was too much of it.
    pub cuts: Cuts,
}

impl Timeline {
    /// The process with this id.
    pub fn process(&self, id: ProcessId) -> Option<&Process> {
        self.processes.get(id.index())
    }

    /// The session with this id.
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(id.index())
    }

    /// The alert with this id.
    pub fn alert(&self, id: AlertId) -> Option<&Alert> {
        self.alerts.get(id.index())
    }

    /// Time of `ts_ns` relative to the first alert, ns; negative before it.
    pub fn relative_ns(&self, ts_ns: u64) -> i64 {
        i64::try_from(i128::from(ts_ns) - i128::from(self.window.zero_ns)).unwrap_or(i64::MAX)
    }
}
