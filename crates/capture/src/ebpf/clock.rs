//! The kernel's clock and the world's.

use rustix::time::{ClockId, clock_gettime};

const NS_PER_SECOND: i64 = 1_000_000_000;
/// A step of the world's clock that is followed; less is the clock being set right bit by bit.
const STEP_NS: i64 = 20_000_000;

/// Turns times of events, which programs in the kernel tell since boot, into times since the epoch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// When the machine booted, ns since the epoch.
    boot_ns: i64,
}

/// Whether the world's clock was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Set {
    No,
    Yes,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { boot_ns: boot_ns() }
    }

    /// The world's clock may have been set: looks whether it was, and follows it.
    pub(super) fn follow(&mut self) -> Set {
        let boot_ns = boot_ns();
        if (boot_ns - self.boot_ns).abs() <= STEP_NS {
            return Set::No;
        }
        self.boot_ns = boot_ns;
        Set::Yes
    }

    /// Time since the epoch, ns.
    pub(super) fn since_epoch_ns(&self, since_boot_ns: u64) -> u64 {
        since_boot_ns.saturating_add_signed(self.boot_ns)
    }
}

/// Time since boot, ns, with the time that the machine slept.
pub(super) fn since_boot_ns() -> u64 {
    u64::try_from(read(ClockId::Boottime)).unwrap_or(0)
}

fn boot_ns() -> i64 {
    read(ClockId::Realtime) - read(ClockId::Boottime)
}

fn read(clock: ClockId) -> i64 {
    let now = clock_gettime(clock);
    now.tv_sec.saturating_mul(NS_PER_SECOND).saturating_add(now.tv_nsec)
}
