//! What every kind of output does.

use std::{io, time::Duration};

use event::alert::Alert;

/// Delivers alerts, one after the other.
pub(crate) trait Sink: Send {
    /// Delivers one alert. May take as long as its own timeouts allow.
    fn deliver(&mut self, alert: &Alert) -> Result<(), Failure>;

    /// Nothing comes any more.
    fn finish(&mut self) {}
}

/// Why an alert was not delivered, and what may help.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Trying again may help, if asked for not before some time.
    Retry {
        /// Why.
        reason: String,
        /// When to try again, if that is known.
        after: Option<Duration>,
    },
    /// Trying again does not help this alert.
    Refused(String),
    /// The alert was delivered, but something else is wrong.
    Impaired(String),
    /// Nothing will help this output.
    Ended(io::Error),
}

impl Failure {
    /// Trying again may help.
    pub(crate) fn retry(reason: impl ToString) -> Self {
        Self::Retry { reason: reason.to_string(), after: None }
    }
}
