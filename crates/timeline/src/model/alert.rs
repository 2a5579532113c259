//! Alerts in their places.

use event::alert::Priority;
use serde::{Serialize, Serializer};

use super::{Moment, ProcessId};

/// An alert.
#[derive(Clone, Debug, Serialize)]
pub struct Alert {
    /// The event that caused it.
    #[serde(flatten)]
    pub at: Moment,
    /// The rule's name.
    pub rule: String,
    /// How bad it is.
    #[serde(serialize_with = "name")]
    pub priority: Priority,
    /// What the rule says of it; safe to print.
    pub output: String,
    /// The rule's tags.
    pub tags: Vec<String>,
    /// The process that caused it.
    pub process: Option<ProcessId>,
    /// How many equal ones it stands for, itself included.
    pub count: u64,
    /// Time of the last of them, ns since 1970.
    pub last_ns: u64,
}

fn name<S: Serializer>(priority: &Priority, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(priority.name())
}
