//! Bounds, and what is asked for.

/// Bounds on what a recorder remembers.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Memory for the look-back: events and checkpoints of the state together. At least one
    /// checkpoint and the events since then are kept, whatever this says; so it holds if it is at
    /// least four times as large as the state.
    pub look_back_bytes: usize,
    /// How far back windows reach at most: the largest [`Ask::before_ns`] that is going to come.
    /// Events that are older by more than a minute are let go though there is room.
    pub before_ns: u64,
    /// Bounds on incidents.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            look_back_bytes: 64 << 20,
            before_ns: Ask::default().before_ns,
            limits: Limits::default(),
        }
    }
}

/// Bounds on incidents. An incident that reaches one of duration, bytes or number ends there, and a
/// related alert that follows begins another one, which says that it continues the first.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Alerts of an incident that are told in full, repeats not counted. Others are only counted.
    pub alerts: usize,
    /// Memory for those alerts.
    pub alert_bytes: usize,
    /// From an incident's first alert to the end of its window, ns.
    pub duration_ns: u64,
    /// Bytes of an incident's events. Those from before its first alert take at most half of it, so
    /// that there is room for what follows.
    pub event_bytes: u64,
    /// Bytes of the events of all open incidents together; when there are more, the one with the
    /// most ends.
    pub open_event_bytes: u64,
    /// Incidents open at a time. When there is no room for another one, by number or by bytes, an
    /// unrelated alert joins the one that was opened last of those whose window has it. Otherwise
    /// each of many alerts would cost a whole look-back.
    pub open_incidents: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            alerts: 1000,
            alert_bytes: 4 << 20,
            duration_ns: 15 * 60 * 1_000_000_000,
            event_bytes: 1 << 30,
            open_event_bytes: 2 << 30,
            open_incidents: 64,
        }
    }
}

impl Limits {
    /// Bytes of the look-back that a window begins with at most.
    pub(crate) fn look_back_bytes(&self) -> u64 {
        self.event_bytes / 2
    }
}

/// How much is wanted around an alert.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ask {
    /// Before it, ns. Of an incident's alerts, the first one's counts.
    pub before_ns: u64,
    /// After it, ns.
    pub after_ns: u64,
}

impl Default for Ask {
    fn default() -> Self {
        Self { before_ns: 30_000_000_000, after_ns: 30_000_000_000 }
    }
}
