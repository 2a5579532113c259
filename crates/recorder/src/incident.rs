//! What is told of an incident.

use event::alert::Alert;
use state::Text;

use crate::Actor;

/// Related alerts, and a window of events around them. Times are ns since 1970.
#[derive(Clone, Debug, Default)]
pub struct Incident {
    /// Its number among the incidents of this recorder, from 1, in the order of their first alerts.
    pub number: u64,
    /// The number of the one that it continues, as that one had reached a limit.
    pub continues: Option<u64>,
    /// Name of the host, as recorded.
    pub hostname: Text,
    /// Beginning of the window that was asked for.
    pub start_ns: u64,
    /// Its end, at most [as late as it may be](crate::Limits::duration_ns).
    pub end_ns: u64,
    /// Up to where the window has been followed: its end, or less, if it ended early or the
    /// recording did. 0 as long as it is open.
    pub reached_ns: u64,
    /// The window ended before its end though the recording went on: it reached a limit other than
    /// that of its duration, which `ending` tells, or the clock went back to before its start.
    pub ended_early: bool,
    /// Time of the earliest event that belongs.
    pub first_event_ns: u64,
    /// Time of the latest one.
    pub last_event_ns: u64,
    /// Events that belong.
    pub events: u64,
    /// Events beside them that are there for the state alone: those between, and the snapshot's
    /// notices.
    pub state_only: u64,
    /// Bytes of all of them, and about those of entries of lists that came among them.
    pub event_bytes: u64,
    /// Its alerts, repeats folded, as they came.
    pub alerts: Vec<Alerted>,
    /// How many alerts there were, repeats and those left out counted.
    pub alerts_total: u64,
    /// How many of them are not told, as there were too many.
    pub alerts_left_out: u64,
    /// How many of them are not known to be related: they are here because no more incidents could
    /// be [open](crate::Limits::open_incidents).
    pub joined_for_lack_of_room: u64,
    /// Time of the latest of all of them, those left out counted.
    pub last_alert_ns: u64,
    /// How much was asked for before the first one, ns.
    pub before_ns: u64,
    /// How much was asked for after the latest one, ns.
    pub after_ns: u64,
    /// Where the recording begins or ends within the window.
    pub clipped: Clipped,
    /// How much of the window's beginning is missing, as the memory for the look-back, or the
    /// [room for an incident's events](crate::Limits::event_bytes), was too small.
    pub look_back_cut_ns: u64,
    /// Events in which the recorder says that it dropped others.
    pub drops: u64,
    /// Steps of the clock within the window, the first ones if there are many.
    pub clock_steps: Vec<ClockStep>,
    /// How it ended; `None` as long as it is open.
    pub ending: Option<Ending>,
}

/// An alert of an incident, with its repeats: of the same rule, process and target.
#[derive(Clone, Debug)]
pub struct Alerted {
    /// The first one. Its [`Alert::event_num`] is that of the recording that it is from.
    pub alert: Alert,
    /// Number of its event in the window, from 1.
    pub window_event: u64,
    /// Who caused it.
    pub actor: Actor,
    /// How many there were.
    pub count: u64,
    /// Time of the latest of them.
    pub last_ns: u64,
    /// How often something was added that was [learned](crate::Recorder::learn) only later.
    pub completions: u32,
}

/// Where the recording begins or ends within the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clipped {
    /// The recording begins after the window's start.
    pub start: bool,
    /// The recording ends before the window's end.
    pub end: bool,
}

/// The clock was set, or there was no event for more than a minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockStep {
    /// The latest time before.
    pub from_ns: u64,
    /// The time after; earlier, if the clock was set back.
    pub to_ns: u64,
}

/// How an incident ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// No related alert came any more.
    Quiet,
    /// It reached one of the [limits](crate::Limits).
    Limit(Limit),
    /// The recording ended.
    EndOfRecording,
}

/// What an incident had too much of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// Time since its first alert: its end is earlier than its latest alerts asked for.
    Duration,
    /// Bytes of events, its own or those of all that were open: it ended before its end.
    EventBytes,
    /// Incidents beside it: it ended before its end.
    OpenIncidents,
}
