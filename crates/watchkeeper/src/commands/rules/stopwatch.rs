//! Times of things that are about as short as reading the clock.

use std::time::Instant;

/// Reads the clock between one thing and the next, so that each reading ends one time and begins
/// another, and each time has the cost of exactly one reading in it. What that costs is measured
/// all along, by times with nothing in them.
#[derive(Debug)]
pub(super) struct Stopwatch {
    last: Instant,
    empty_ns: u64,
    empty: u64,
}

impl Stopwatch {
    pub(super) fn new() -> Self {
        Self { last: Instant::now(), empty_ns: 0, empty: 0 }
    }

    /// Begins a chain of times with an empty one.
    pub(super) fn begin(&mut self) {
        self.last = Instant::now();
        self.empty_ns += self.lap();
        self.empty += 1;
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
        let cost = u128::from(self.empty_ns) * u128::from(laps) / u128::from(self.empty.max(1));
        ns.saturating_sub(u64::try_from(cost).unwrap_or(u64::MAX))
    }
}
