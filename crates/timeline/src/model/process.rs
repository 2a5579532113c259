//! Processes: from fork to exit, and what each did.

use serde::Serialize;

use super::{
    AlertId, Command, Connection, FileActivity, Moment, PrivilegeChange, ProcessId, SessionId,
    TerminalLine,
};

/// A process, and all that it did in the window.
#[derive(Clone, Debug, Serialize)]
pub struct Process {
    /// Process id on the host.
    pub pid: i64,
    /// Process id in its innermost pid namespace, if that is another.
    pub vpid: Option<i64>,
    /// Its parent, if known; of one whose parent exited, the parent that it had.
    pub parent: Option<ProcessId>,
    /// Its children in the order in which they began.
    pub children: Vec<ProcessId>,
    /// The session that it belongs to.
    pub session: SessionId,
    /// When it was forked; `None`: before the window.
    pub start: Option<Moment>,
    /// How it ended; `None`: it was still running when the window ended.
    pub end: Option<End>,
    /// What it ran, in order; there is at least one. The first is what it was forked as, or what it
    /// ran when the window began.
    pub commands: Vec<Command>,
    /// Files that it touched, by first touch.
    pub files: Vec<FileActivity>,
    /// Its connections, by first use.
    pub network: Vec<Connection>,
    /// What it did to its own or others' rights, by time.
    pub privileges: Vec<PrivilegeChange>,
    /// What it showed on terminals, and what was typed into them for it, by time; only where the
    /// recorder was asked for that.
    pub terminal: Vec<TerminalLine>,
    /// Alerts that it caused.
    pub alerts: Vec<AlertId>,
    /// What it has to do with the alerts.
    pub relevance: Relevance,
    /// How many events it caused.
    pub events: u64,
}

impl Process {
    /// What it ran last.
    pub fn command(&self) -> Option<&Command> {
        self.commands.last()
    }

    /// Whether it never called exec in the window nor before: it is its parent's copy.
    pub fn is_fork(&self) -> bool {
        self.start.is_some() && self.commands.iter().all(|c| c.origin == super::Origin::Forked)
    }
}

/// How a process ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct End {
    /// When.
    #[serde(flatten)]
    pub at: Moment,
    /// How.
    #[serde(flatten)]
    pub how: How,
}

/// Exit or death.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum How {
    /// It ended by itself.
    Exited {
        /// Exit code, 0 to 255.
        code: i64,
    },
    /// A signal ended it.
    Killed {
        /// Number of the signal.
        signal: i64,
        /// Whether it left a core dump.
        core: bool,
    },
    /// The recording does not say.
    Unknown,
}

/// What a process has to do with the alerts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Relevance {
    /// It caused one.
    Alerted,
    /// It is an ancestor or a descendant of one that did, or shares a pipeline, a connection or a
    /// file that one wrote.
    Related,
    /// It ran at the same time.
    #[default]
    Background,
}
