//! What can be wrong with an incident.

use thiserror::Error;

use crate::{Error as StoreError, Shown};

/// Something among the incidents that is not whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Damaged {
    /// Its name among the incidents, an id if it is one.
    pub name: Shown,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with an incident.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Fault {
    /// Something that the store did not put there.
    #[error("not an incident: its name is no id")]
    Foreign,
    /// A file is not there, or is not what it should be, or cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// The window has another size than the manifest says.
    #[error("window.scap has {is} bytes; {said} were written")]
    Size {
        /// According to the manifest.
        said: u64,
        /// In fact.
        is: u64,
    },
    /// The window has other bytes than were written.
    #[error("window.scap was changed: its digest is {is}, not {said}")]
    Digest {
        /// According to the manifest.
        said: Shown,
        /// In fact.
        is: String,
    },
    /// The window is no capture up to its end.
    #[error("window.scap cannot be read to its end: {0}")]
    Capture(String),
    /// The window has other events than the manifest says.
    #[error("window.scap has {is} events, not {said}, or they are of other times")]
    Events {
        /// According to the manifest.
        said: u64,
        /// In fact.
        is: u64,
    },
    /// An alert's event is not in the window.
    #[error("an alert of '{rule}' is of event {event}, which is not in the window")]
    Alert {
        /// The alert's rule.
        rule: Shown,
        /// Number of its event.
        event: u64,
    },
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Unreadable(error.to_string())
    }
}
