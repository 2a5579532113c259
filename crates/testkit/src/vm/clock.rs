//! How fast this machine's processors count time. A guest reads their counter, and a kernel that is
//! told how fast that is need not measure it. When the machine is busy it measures badly, and then
//! its seconds may be half as long as others'.

use std::{
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

/// Time between two looks, long beside the microsecond that a look may be wrong.
const BETWEEN: Duration = Duration::from_millis(20);
/// How often to look for a time at which nothing comes between counter and clock.
const TRIES: usize = 200;

/// The frequency of the time stamp counter in kHz; `None` on processors without one.
pub(super) fn counter_khz() -> Option<u64> {
    static KHZ: OnceLock<Option<u64>> = OnceLock::new();
    *KHZ.get_or_init(measure)
}

fn measure() -> Option<u64> {
    let (first, started) = look()?;
    thread::sleep(BETWEEN);
    let (second, ended) = look()?;
    let elapsed_ns = u64::try_from((ended - started).as_nanos()).ok()?;
    second.checked_sub(first)?.checked_mul(1_000_000)?.checked_div(elapsed_ns)
}

/// The counter and the clock at one time, as nearly as can be.
fn look() -> Option<(u64, Instant)> {
    let looks = std::iter::repeat_with(look_once).take(TRIES).flatten();
    looks.min_by_key(|(between, ..)| *between).map(|(_, count, at)| (count, at))
}

/// The counter, the clock before it, and how much later the clock was behind it.
fn look_once() -> Option<(Duration, u64, Instant)> {
    let at = Instant::now();
    let count = counter()?;
    Some((at.elapsed(), count, at))
}

#[cfg(target_arch = "x86_64")]
fn counter() -> Option<u64> {
    // SAFETY: reads a register that every x86-64 processor has.
    Some(unsafe { std::arch::x86_64::_rdtsc() })
}

#[cfg(not(target_arch = "x86_64"))]
fn counter() -> Option<u64> {
    None
}
