//! The alerts of an incident and who caused them.

use event::alert::{self, Priority};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{AlertTimes, priority};
use crate::Shown;

/// An alert.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Alert {
    /// The rule's name.
    pub rule: Shown,
    /// The rule's priority.
    #[serde(with = "priority")]
    pub priority: Priority,
    /// When it was.
    #[serde(flatten)]
    pub times: AlertTimes,
    /// Number of its event in the window, from 1; 0 if the window does not have it.
    pub event: u64,
    /// Number of its event in the recording that the window was taken from, from 1.
    pub source_event: u64,
    /// How many equal ones it stands for, itself included.
    pub count: u64,
    /// What the rule says of it, on one line.
    pub output: Shown,
    /// The rule's tags.
    pub tags: Vec<Shown>,
    /// The process that caused it.
    pub actor: Actor,
    /// The fields of the output and their values, as the alert has them: what is in there is not
    /// safe to print.
    pub fields: Map<String, Value>,
}

/// A process that caused an alert, as it was then.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Actor {
    /// Its id on the host; -1 if unknown.
    pub pid: i64,
    /// When it started, ns since 1970, for ids are used again; 0 if unknown.
    pub start_ns: u64,
    /// Its short name.
    pub comm: Shown,
    /// The path of its program.
    pub exe: Shown,
    /// Its program and arguments.
    pub cmdline: Shown,
    /// The id of its user, if known.
    pub uid: Option<u32>,
    /// The name of its user; empty if unknown.
    pub user: Shown,
    /// The id of the user who logged in, if somebody did.
    pub login_uid: Option<u32>,
    /// The id of its container; empty if it is in none.
    pub container_id: Shown,
    /// The name of its container; empty if unknown.
    pub container_name: Shown,
}

impl Alert {
    /// An alert, caused by `actor` at the window's event number `event`.
    pub fn new(alert: &alert::Alert, event: u64, actor: Actor) -> Self {
        let repeats = alert.repeats.as_ref();
        Self {
            rule: (*alert.rule).into(),
            priority: alert.priority,
            times: AlertTimes {
                ts_ns: alert.ts_ns,
                last_ns: repeats.map_or(alert.ts_ns, |repeats| repeats.last_ns),
            },
            event,
            source_event: alert.event_num,
            count: repeats.map_or(1, |repeats| repeats.count),
            output: Shown::line(&alert.output),
            tags: alert.tags.iter().map(|tag| (**tag).into()).collect(),
            actor,
            fields: serde_json::from_str(&alert.fields).unwrap_or_default(),
        }
    }
}
