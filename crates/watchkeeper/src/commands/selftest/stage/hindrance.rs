//! Why an action could not be done.

use std::io;

use thiserror::Error;

/// Why an action could not be done; nothing is known of the rule then.
#[derive(Debug, Error)]
pub(in super::super) enum Hindrance {
    /// Something that it makes use of.
    #[error("{what}: {source}")]
    Refused {
        /// What.
        what: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// A folder that is to be covered is not there.
    #[error("this host has no {0}")]
    NoFolder(&'static str),
    /// A program that every system has.
    #[error("this host has no {0}")]
    NoProgram(&'static str),
    /// The child that was to be attached to is.
    #[error("a process has one tracer at a time, and the recording is it")]
    Attached,
}

impl Hindrance {
    /// What the system would not do.
    pub(in super::super) fn of(what: &'static str) -> impl Fn(io::Error) -> Self + Copy {
        move |source| Self::Refused { what, source }
    }
}
