//! What can be wrong with an incident.

use std::{fmt, io::ErrorKind};

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

/// A sentence: what it is, and why.
impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, fault } = self;
        match fault {
            Fault::Foreign => write!(f, "{name} is {fault}"),
            Fault::Denied(_) => write!(f, "incident {name} cannot be read: {fault}"),
            _ => write!(f, "incident {name} is damaged: {fault}"),
        }
    }
}

/// What is wrong with an incident.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Fault {
    /// Something that the store did not put there.
    #[error("not an incident: its name is no id")]
    Foreign,
    /// The system does not let us read it.
    #[error("{0}")]
    Denied(String),
    /// A file is not there, or is not what it should be, or makes no sense.
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
        match error.io_kind() {
            Some(ErrorKind::PermissionDenied) => Self::Denied(error.to_string()),
            _ => Self::Unreadable(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn what_may_not_be_read_and_what_is_no_incident_are_not_called_damaged() {
        let io = |kind: ErrorKind| StoreError::Io {
            doing: "open",
            path: "x".into(),
            source: io::Error::from(kind),
        };
        let cases = [
            (Fault::Foreign, "foo is not an incident: its name is no id"),
            (
                io(ErrorKind::PermissionDenied).into(),
                "incident foo cannot be read: cannot open x: permission denied",
            ),
            (
                io(ErrorKind::NotFound).into(),
                "incident foo is damaged: cannot open x: entity not found",
            ),
        ];
        for (fault, want) in cases {
            assert_eq!(Damaged { name: "foo".into(), fault }.to_string(), want);
        }
    }
}
