//! How often and how long to wait for what is passing.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{Observer, Progress};

/// How often and how long to wait for what is passing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// How often one thing is asked for without anything coming of it.
    pub attempts: u32,
    /// Pause behind the first attempt; each following one is twice as long.
    pub pause: Duration,
    /// Longest pause that a server may ask for.
    pub longest: Duration,
    /// Time without a byte.
    pub silence: Duration,
    /// Time in which a file has to come, whatever it is waited for. What came until then is kept, and gone on with
    /// another time.
    pub whole: Duration,
}

/// Until when a file, or all records that changed, have to come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    start: Instant,
    whole: Duration,
}

impl Deadline {
    /// In so much time from now on.
    pub(super) fn within(whole: Duration) -> Self {
        Self { start: Instant::now(), whole }
    }

    pub(super) fn whole(&self) -> Duration {
        self.whole
    }

    pub(super) fn is_over(&self) -> bool {
        self.start.elapsed() > self.whole
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 5,
            pause: Duration::from_millis(500),
            longest: Duration::from_secs(120),
            silence: Duration::from_secs(60),
            whole: Duration::from_secs(6 * 3600),
        }
    }
}

/// Pauses between attempts.
#[derive(Clone, Debug)]
pub(super) struct Waits {
    patience: Patience,
    made: u32,
    observer: Observer,
}

impl Waits {
    pub(super) fn new(patience: Patience, observer: &Observer) -> Self {
        Self { patience, made: 0, observer: observer.clone() }
    }

    /// Waits for the next attempt; gives back why there is none.
    pub(super) fn next(
        &mut self,
        after: Option<Duration>,
        why: String,
        deadline: Deadline,
    ) -> Result<(), String> {
        self.made += 1;
        let pause = self.patience.pause.saturating_mul(1 << self.made.min(16) >> 1);
        let pause = after.unwrap_or(pause.min(self.patience.longest));
        if self.made >= self.patience.attempts
            || pause > self.patience.longest
            || deadline.is_over()
        {
            return Err(why);
        }
        self.observer.tell(&Progress::Waits { why: &why, pause });
        thread::sleep(pause);
        Ok(())
    }

    /// There was progress: begins anew.
    pub(super) fn reset(&mut self) {
        self.made = 0;
    }
}
