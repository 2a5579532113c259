//! Times of things that are about as short as reading the clock.

use std::time::Instant;

/// Reads the clock between one thing and the next, so that each reading ends one time and begins
/// another, and each time has the cost of exactly one reading in it. What that costs is measured
/// all along, by times with nothing in them.
#[derive(Debug)]
pub(super) struct Stopwatch {
    last: Instant,
    /// How many of the empty times took so many ns; the last counts all that took longer.
    empty: [u64; 512],
}

impl Stopwatch {
    pub(super) fn new() -> Self {
        Self { last: Instant::now(), empty: [0; 512] }
    }

    /// Begins a chain of times with an empty one.
    pub(super) fn begin(&mut self) {
        // The first reading after other work takes longer than those in the chain.
        self.lap();
        self.lap();
        let ns = self.lap() as usize;
        self.empty[ns.min(self.empty.len() - 1)] += 1;
    }

    /// Time since the last reading, ns; the cost of one reading included.
    pub(super) fn lap(&mut self) -> u64 {
        let now = Instant::now();
        let ns = now.duration_since(self.last).as_nanos() as u64;
        self.last = now;
        ns
    }

    /// What is left of `laps` times that took `ns` together when the clock's cost is taken off.
    pub(super) fn net_ns(&self, ns: u64, laps: u64) -> u64 {
        ns.saturating_sub(self.cost_ns().saturating_mul(laps))
    }

    /// What one reading costs: the median, for an interruption is no cost of the clock.
    fn cost_ns(&self) -> u64 {
        let half = self.empty.iter().sum::<u64>() / 2;
        let mut below = 0;
        let median = self.empty.iter().position(|count| {
            below += count;
            below > half
        });
        median.unwrap_or(0) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_of_the_clock_is_taken_off_once_for_each_time() {
        let mut stopwatch = Stopwatch::new();
        stopwatch.empty[20] = 5;
        stopwatch.empty[21] = 2;
        stopwatch.empty[511] = 1;
        assert_eq!(stopwatch.net_ns(1000, 10), 800);
        assert_eq!(stopwatch.net_ns(100, 10), 0);
        assert_eq!(Stopwatch::new().net_ns(100, 10), 100);
    }

    #[test]
    fn times_with_nothing_in_them_come_to_about_nothing() {
        let mut stopwatch = Stopwatch::new();
        let mut shortest = u64::MAX;
        for _ in 0..20 {
            let mut ns = 0;
            for _ in 0..1000 {
                stopwatch.begin();
                ns += stopwatch.lap();
            }
            shortest = shortest.min(ns);
        }
        // Not exactly: the median is whole nanoseconds.
        assert!(stopwatch.net_ns(shortest, 1000) < 20_000, "{shortest}");
    }
}
