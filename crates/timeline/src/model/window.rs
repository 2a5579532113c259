//! The window itself: where, when, how much, and what is missing.

use serde::Serialize;

use super::{ProcessId, Recorded};

/// Where it happened.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Host {
    /// Name; empty if unknown.
    pub name: Recorded,
    /// Number of CPUs.
    pub cpus: u32,
    /// Time of boot, ns since 1970; 0 if unknown.
    pub boot_ns: u64,
}

/// When, and how much was seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Window {
    /// Time of the first alert, or of the first event if there is none; ns since 1970. Relative
    /// times count from here.
    pub zero_ns: u64,
    /// Time of the first event.
    pub first_ns: u64,
    /// Time of the last event.
    pub last_ns: u64,
    /// How many events.
    pub events: u64,
    /// How many are known to be missing.
    pub lost: u64,
}

/// Where the record is known to be incomplete.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Gap {
    /// Beginning, ns since 1970.
    pub from_ns: u64,
    /// End.
    pub to_ns: u64,
    /// Why.
    #[serde(flatten)]
    pub kind: GapKind,
}

/// Why something is missing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GapKind {
    /// The recorder lost events.
    Lost {
        /// How many; 0 if it did not say.
        events: u64,
    },
    /// Less was kept of the time before the alert than was asked for.
    LookBack {
        /// How much is missing, ns.
        missing_ns: u64,
    },
    /// The recording begins or ends within the window that was asked for.
    Clipped,
    /// The clock was set back.
    ClockStep {
        /// By how much, ns.
        back_ns: u64,
    },
    /// More threads or fds than are remembered, so that names may be missing.
    Forgotten {
        /// Threads, fds and containers.
        count: u64,
    },
}

/// How much happened when: counts of events in equal steps from the first event on.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Density {
    /// Time of a step, ns.
    pub step_ns: u64,
    /// For each step: events of processes (fork, exec, exit), files, network, and all others.
    pub steps: Vec<[u32; 4]>,
}

/// What was left out because there was too much of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Cuts {
    pub processes: u64,
    pub commands: u64,
    pub files: u64,
    pub connections: u64,
    pub privileges: u64,
    pub terminal: u64,
    pub alerts: u64,
}

/// A sentence of the summary.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Sentence {
    /// What it is about.
    pub topic: Topic,
    /// The sentence, with what came from the host already in the form of [`Recorded::shown`].
    pub text: String,
    /// Numbers of the events that say so, at least one.
    pub events: Vec<u64>,
    /// The processes that it is about.
    pub processes: Vec<ProcessId>,
}

/// What a sentence is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Who, and from where.
    Who,
    /// What was run.
    Ran,
    /// Who they became.
    Became,
    /// What was read that matters.
    Read,
    /// What was written.
    Wrote,
    /// To whom they spoke.
    Spoke,
    /// What was left behind: running, listening, connected, lasting.
    Left,
    /// What is missing in the record.
    Missing,
}
