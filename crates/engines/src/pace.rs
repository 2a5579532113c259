//! How fast is asked: a burst, then so many each second, so that whoever can make up containers can't
//! keep an engine busy.

use std::time::{Duration, Instant};

/// Attempts that may come at once.
const BURST: u32 = 64;
/// Time between attempts in the long run.
const INTERVAL: Duration = Duration::from_millis(10);

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    /// When the attempts made up to now would be over at one in each interval.
    paid_until: Instant,
}

impl Pace {
    pub(crate) fn new(now: Instant) -> Self {
        Self { paid_until: now }
    }

    /// Counts an attempt. Time to wait before it.
    pub(crate) fn wait(&mut self, now: Instant) -> Duration {
        self.paid_until = self.paid_until.max(now) + INTERVAL;
        self.paid_until.saturating_duration_since(now + INTERVAL * BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_at_once_and_the_rest_one_by_one() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert!((0..BURST).all(|_| pace.wait(start).is_zero()));
        assert_eq!([pace.wait(start), pace.wait(start)], [INTERVAL, INTERVAL * 2]);

        let later = start + Duration::from_secs(60);
        assert!((0..BURST).all(|_| pace.wait(later).is_zero()));
        assert_eq!(pace.wait(later), INTERVAL);
    }
}
