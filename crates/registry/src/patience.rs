//! How often and how long to wait for what is passing.

use std::{thread, time::Duration};

use crate::{Error, Observer, Progress};

/// How often and how long to wait for what is passing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// How often one thing is asked for.
    pub attempts: u32,
    /// Pause behind the first attempt; each following one is twice as long.
    pub pause: Duration,
    /// Longest pause that a registry may ask for.
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let (pause, longest) = (Duration::from_millis(500), Duration::from_secs(120));
        Self { attempts: 5, pause, longest }
    }
}

impl Patience {
    pub(crate) fn begin(self, observer: Observer) -> Waits {
        Waits { patience: self, made: 0, observer }
    }
}

/// Pauses between attempts.
#[derive(Clone, Debug)]
pub(crate) struct Waits {
    patience: Patience,
    made: u32,
    observer: Observer,
}

impl Waits {
    /// Waits for the next attempt; gives the error back where there is none.
    pub(crate) fn next(&mut self, after: Option<Duration>, error: Error) -> Result<(), Error> {
        self.made += 1;
        let pause = self.patience.pause.saturating_mul(1 << self.made.min(16) >> 1);
        let pause = after.unwrap_or(pause.min(self.patience.longest));
        if self.made >= self.patience.attempts || pause > self.patience.longest {
            return Err(error);
        }
        self.observer.tell(&Progress::Waits { why: &error, pause });
        thread::sleep(pause);
        Ok(())
    }

    /// There was progress: begins anew.
    pub(crate) fn reset(&mut self) {
        self.made = 0;
    }
}
