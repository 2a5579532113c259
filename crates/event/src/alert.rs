//! An alert: that an event matched a rule, in words and in fields.
//!
//! Made from an event and a rule, read by every output. The keys of its JSON form are those of
//! Falco's alerts, so that what reads Falco's reads these too.

use std::{fmt, str::FromStr, sync::Arc};

use thiserror::Error;

/// How bad it is, from the worst to the least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Priority {
    /// The system cannot be used.
    Emergency,
    /// Somebody has to act at once.
    Alert,
    /// Somebody has to act soon.
    Critical,
    /// Something went wrong.
    Error,
    /// Something is likely wrong.
    Warning,
    /// Unusual, yet in order.
    Notice,
    /// Good to know.
    Informational,
    /// For whoever looks for a mistake.
    Debug,
}

impl Priority {
    /// Every priority, the worst first.
    pub const ALL: [Self; 8] = [
        Self::Emergency,
        Self::Alert,
        Self::Critical,
        Self::Error,
        Self::Warning,
        Self::Notice,
        Self::Informational,
        Self::Debug,
    ];

    /// As alerts spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Emergency => "Emergency",
            Self::Alert => "Alert",
            Self::Critical => "Critical",
            Self::Error => "Error",
            Self::Warning => "Warning",
            Self::Notice => "Notice",
            Self::Informational => "Informational",
            Self::Debug => "Debug",
        }
    }

    /// The severity of RFC 5424, 0 to 7: the same scale.
    pub fn severity(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that is no priority.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "'{0}' is not a priority; priorities are emergency alert critical error warning notice info debug"
)]
pub struct UnknownPriority(pub String);

impl FromStr for Priority {
    type Err = UnknownPriority;

    /// In any case of letters; `INFO` is short for `INFORMATIONAL`.
    fn from_str(text: &str) -> Result<Self, UnknownPriority> {
        if text.eq_ignore_ascii_case("info") {
            return Ok(Self::Informational);
        }
        let found = Self::ALL.into_iter().find(|p| p.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| UnknownPriority(text.to_owned()))
    }
}

/// An event that matched a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The event's time, ns since 1970.
    pub ts_ns: u64,
    /// The event's number in its recording, from 1.
    pub event_num: u64,
    /// The rule's name.
    pub rule: Arc<str>,
    /// The rule's priority.
    pub priority: Priority,
    /// The source of events that the rule is for: `syscall`.
    pub source: Arc<str>,
    /// The rule's tags, sorted.
    pub tags: Arc<[Box<str>]>,
    /// The host where it happened.
    pub hostname: Arc<str>,
    /// Time, priority and the rule's output with its fields filled in; safe to print.
    pub output: String,
    /// The fields of the output and their values: a JSON object, keys sorted.
    pub fields: String,
    /// Who did it to what: repeats of the same rule with an equal subject are the same alert.
    pub subject: Subject,
    /// If it stands for several: how many and when.
    pub repeats: Option<Repeats>,
}

/// The process that caused an alert, and what it worked on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Subject {
    /// Id of the process; -1 if unknown.
    pub pid: i64,
    /// When it started, ns since 1970, for ids are used again; 0 if unknown.
    pub start_ns: u64,
    /// The file, the address or the program; empty if there is none.
    pub target: Vec<u8>,
}

/// Repeats of an alert that were folded into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    /// How many events, the first included.
    pub count: u64,
    /// Time of the first, ns since 1970.
    pub first_ns: u64,
    /// Time of the last.
    pub last_ns: u64,
}
