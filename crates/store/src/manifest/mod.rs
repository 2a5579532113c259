//! `incident.json`: what an incident is, when and where it was, and what its window must be.
//!
//! - `alert`: the alerts and who caused them; `size`: that they stay small; `window`: the times, and what is missing;
//! - `times`: how times stand in JSON, for programs and for people; `priority`: how priorities do;
//! - `read`, `write`: bounded, and one for the other.

mod alert;
mod priority;
mod read;
mod size;
mod times;
mod window;
mod write;

pub use alert::{Actor, Alert};
pub use read::ManifestError;
pub use times::{AlertTimes, AskedFor, Seen};
pub use window::{Clipped, Ended, Files, Host, Window, WindowFile};

use event::alert::Priority;
use serde::{Deserialize, Serialize};

use crate::{Id, Shown, WINDOW_FILE};

/// Version of `incident.json`. It changes when a field is renamed, removed or means something else;
/// new fields do not change it.
pub const SCHEMA: u32 = 1;
/// Most bytes that the alerts of a manifest take in memory; further ones are only counted. Their
/// JSON takes about twice as much, and stays below [`MAX_MANIFEST_BYTES`].
pub const MAX_ALERTS_BYTES: usize = 6 << 20;
/// Most bytes of an `incident.json`. What is written keeps to it, what is larger is not read.
pub const MAX_MANIFEST_BYTES: u64 = 16 << 20;

/// An incident, without the events of its window.
///
/// `schema`, `id`, `files` and in `window` what was seen (`seen`, `events`, `bytes`) the store knows
/// better: whoever writes a [`Draft`](crate::Draft) leaves them as they are.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Its name.
    pub id: Id,
    /// The rule of its worst alert, of the first of these.
    pub title: Shown,
    /// The priority of its worst alert.
    #[serde(with = "priority")]
    pub priority: Priority,
    /// Where it happened.
    pub host: Host,
    /// Its window.
    pub window: Window,
    /// How it ended.
    pub ended: Ended,
    /// The incident that it goes on with, if that had grown too large.
    pub continues: Option<Id>,
    /// Alerts altogether, also those that stand not in `alerts`.
    pub alerts_total: u64,
    /// The path or the name of the recording.
    pub source: Shown,
    /// Name and version of the program that wrote it.
    pub made_by: Shown,
    /// The files beside `incident.json`.
    pub files: Files,
    /// Alerts, in the order of the recording; they are only added.
    pub(crate) alerts: Vec<Alert>,
    /// What they take.
    #[serde(skip)]
    alerts_bytes: usize,
    /// Places of those that were completed, until that is written down.
    #[serde(skip)]
    pub(crate) completed: Vec<usize>,
}

impl Manifest {
    /// Of an incident that has only begun.
    pub fn new(id: Id) -> Self {
        Self {
            schema: SCHEMA,
            id,
            title: Shown::default(),
            priority: Priority::Debug,
            host: Host::default(),
            window: Window::default(),
            ended: Ended::Interrupted,
            continues: None,
            alerts_total: 0,
            source: Shown::default(),
            made_by: Shown::default(),
            files: Files::default(),
            alerts: Vec::new(),
            alerts_bytes: 0,
            completed: Vec::new(),
        }
    }

    /// Adds an alert, and keeps title, priority and total in step; says in which place it is. Of one
    /// that is very large, fields and the ends of texts are left out; once there are very many, they
    /// are only counted, and have no place.
    pub fn add(&mut self, mut alert: Alert) -> Option<usize> {
        if self.alerts_total == 0 || alert.priority < self.priority {
            self.title = alert.rule.clone();
            self.priority = alert.priority;
        }
        self.alerts_total = self.alerts_total.saturating_add(1);
        alert.shorten();
        let bytes = self.alerts_bytes.saturating_add(alert.size_bytes());
        if bytes > MAX_ALERTS_BYTES {
            return None;
        }
        self.alerts_bytes = bytes;
        self.alerts.push(alert);
        Some(self.alerts.len() - 1)
    }

    /// Notes that the alert in the place `index` came again: how often altogether, and when last.
    pub fn repeat(&mut self, index: usize, count: u64, last_ns: u64) {
        if let Some(alert) = self.alerts.get_mut(index) {
            (alert.count, alert.times.last_ns) = (count, last_ns);
        }
    }

    /// Replaces fields and actor of the alert in the place `index` by those of `alert`, the same one of
    /// which more is known by now. If that is too much, it stays as it is.
    pub fn complete(&mut self, index: usize, mut alert: Alert) {
        let Some(known) = self.alerts.get_mut(index) else { return };
        alert.shorten();
        let others = self.alerts_bytes.saturating_sub(known.size_bytes());
        let all = others.saturating_add(alert.size_bytes());
        if all <= MAX_ALERTS_BYTES {
            self.alerts_bytes = all;
            (known.fields, known.actor) = (alert.fields, alert.actor);
            self.completed.push(index);
        }
    }

    /// Alerts, in the order of the recording.
    pub fn alerts(&self) -> &[Alert] {
        &self.alerts
    }

    /// Notes what the store knows better than who wrote it.
    pub(crate) fn seal(&mut self, id: Id, bytes: u64, digest: &str) {
        (self.schema, self.id, self.window.bytes) = (SCHEMA, id, bytes);
        self.files.window = WindowFile { name: WINDOW_FILE.into(), bytes, blake3: digest.into() };
    }

    /// Ends it where its window, which is given as it is, was interrupted.
    pub(crate) fn interrupt(&mut self, held: &Window) {
        (self.window.events, self.window.seen) = (held.events, held.seen);
        self.window.clipped.end |= held.seen.last_ns < self.window.asked.end_ns;
        self.ended = Ended::Interrupted;
        for alert in self.alerts.iter_mut().filter(|alert| alert.event > held.events) {
            alert.event = 0;
        }
    }

    /// Time of the first alert, of the first event if there is none.
    pub fn first_alert_ns(&self) -> u64 {
        let times = self.alerts.iter().map(|alert| alert.times.ts_ns);
        times.min().unwrap_or(self.window.seen.first_ns)
    }

    /// Time of the last alert, repeats included; of the last event if there is none.
    pub fn last_alert_ns(&self) -> u64 {
        let times = self.alerts.iter().map(|alert| alert.times.ts_ns.max(alert.times.last_ns));
        times.max().unwrap_or(self.window.seen.last_ns)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn alert(ts_ns: u64, rule: &str) -> Alert {
        Alert::new(
            &event::alert::Alert {
                ts_ns,
                event_num: 7,
                rule: rule.into(),
                priority: Priority::Warning,
                source: "syscall".into(),
                tags: ["a".into()].into(),
                hostname: "h".into(),
                output: "it\nhappened".to_owned(),
                fields: r#"{"evt.time":18446744073709551615,"proc.name":null}"#.to_owned(),
                subject: event::alert::Subject::default(),
                repeats: None,
            },
            1,
            Actor { pid: 42, comm: "sh".into(), ..Actor::default() },
        )
    }
}
