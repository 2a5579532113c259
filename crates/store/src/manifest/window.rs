//! When it was, how much was seen, and what is missing.

use serde::{Deserialize, Serialize};

use super::{AskedFor, Seen};
use crate::Shown;

/// Where it happened.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Host {
    /// Name; empty if unknown.
    pub name: Shown,
}

/// The window of an incident.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Window {
    /// What was asked for: the first alert less `before_ns` to the last alert and `after_ns`.
    #[serde(flatten)]
    pub asked: AskedFor,
    /// What there is.
    #[serde(flatten)]
    pub seen: Seen,
    /// How much was asked for before the first alert, ns.
    pub before_ns: u64,
    /// How much was asked for after the last alert, ns.
    pub after_ns: u64,
    /// Events in it.
    pub events: u64,
    /// Bytes of its file.
    pub bytes: u64,
    /// Where the recording begins or ends within it.
    pub clipped: Clipped,
    /// How much is missing before the first alert as the look-back was full, ns.
    pub look_back_missing_ns: u64,
    /// Events that the recorder is known to have lost.
    pub lost_events: u64,
    /// How often the clock was set, back or ahead.
    pub clock_steps: u64,
}

impl Window {
    /// Counts an event.
    pub(crate) fn count(&mut self, ts_ns: u64) {
        let Seen { first_ns, last_ns } = self.seen;
        let first_ns = if self.events == 0 { ts_ns } else { first_ns.min(ts_ns) };
        self.seen = Seen { first_ns, last_ns: last_ns.max(ts_ns) };
        self.events = self.events.saturating_add(1);
    }
}

/// Where the recording begins or ends within the window that was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Clipped {
    /// It begins later.
    pub start: bool,
    /// It ends earlier.
    pub end: bool,
}

/// How an incident ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// No further alert came until the end of its window.
    Quiet,
    /// It had grown to its limit.
    Limit,
    /// The recording ended.
    EndOfRecording,
    /// The program that wrote it was killed, or could not write any more.
    Interrupted,
}

impl Ended {
    /// Every way to end.
    pub const ALL: [Self; 4] = [Self::Quiet, Self::Limit, Self::EndOfRecording, Self::Interrupted];

    /// The one of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// As `incident.json` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Limit => "limit",
            Self::EndOfRecording => "end_of_recording",
            Self::Interrupted => "interrupted",
        }
    }
}

/// The files beside `incident.json`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Files {
    /// The events.
    pub window: WindowFile,
}

/// The file with the events.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct WindowFile {
    /// Its name, always `window.scap`.
    pub name: Shown,
    /// Its size.
    pub bytes: u64,
    /// Its digest, as hexadecimal digits.
    pub blake3: Shown,
}
