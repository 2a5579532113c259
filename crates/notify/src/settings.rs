//! What an output is and how it behaves.

use std::time::Duration;

use event::alert::Priority;

use crate::{Form, file, http, program, syslog};

/// One output.
#[derive(Clone, Debug)]
pub struct Output {
    /// Where alerts go.
    pub to: Target,
    /// In which form.
    pub form: Form,
    /// Alerts of a lesser priority are left out.
    pub min_priority: Priority,
    /// What may wait.
    pub bounds: Bounds,
    /// What happens when more comes than may wait.
    pub overflow: Overflow,
    /// How often and when delivery is tried again.
    pub retry: Retry,
}

impl Output {
    /// An output with the defaults of its kind.
    pub fn to(to: Target) -> Self {
        let form = to.usual_form();
        let min_priority = Priority::Debug;
        let (bounds, retry) = (Bounds::default(), Retry::default());
        Self { to, form, min_priority, bounds, overflow: Overflow::Drop, retry }
    }
}

/// Where alerts go.
#[derive(Clone, Debug)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// A file.
    File(file::Settings),
    /// A syslog daemon.
    Syslog(syslog::Settings),
    /// A server that takes HTTP POST.
    Http(http::Settings),
    /// The standard input of a program.
    Program(program::Settings),
}

impl Target {
    /// As messages name it. Secrets that may be in it are left out.
    pub fn name(&self) -> String {
        match self {
            Self::Stdout => "stdout".to_owned(),
            Self::File(file) => format!("file:{}", file.path.display()),
            Self::Syslog(syslog) => syslog.to.to_string(),
            Self::Http(http) => http.url.origin(),
            Self::Program(program) => format!("program:{}", program.short_name()),
        }
    }

    /// What reads files and requests is a program; what reads the others is mostly a person.
    fn usual_form(&self) -> Form {
        match self {
            Self::Stdout | Self::Syslog(_) => Form::Text,
            Self::File(_) | Self::Http(_) | Self::Program(_) => Form::Json,
        }
    }
}

/// What may wait in an output's queue. One alert always may, however large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Alerts.
    pub alerts: usize,
    /// Their bytes in memory.
    pub bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { alerts: 10_000, bytes: 16 << 20 }
    }
}

/// What happens to an alert for which the queue has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// Whoever sends waits for room, as long as it takes.
    Block,
    /// Whoever sends waits for room, as long as the output gets something done in each such time;
    /// when it does not, as [`Overflow::Drop`] until it does again.
    Wait(Duration),
    /// The alert is dropped, and counted.
    Drop,
}

/// When delivery is tried again: after `first`, then after twice the time before, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Time before the second attempt.
    pub first: Duration,
    /// Most time between two attempts, also if a server asks for more.
    pub most: Duration,
    /// Attempts for one alert, the first included.
    pub attempts: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Self { first: Duration::from_millis(500), most: Duration::from_secs(30), attempts: 10 }
    }
}

impl Retry {
    /// Time to wait after so many attempts.
    pub(crate) fn pause(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        self.first.saturating_mul(1 << doublings).min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_most() {
        let retry = Retry::default();
        let pauses: Vec<u128> = (1..=9).map(|n| retry.pause(n).as_millis()).collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(retry.pause(u32::MAX), retry.most);
    }
}
