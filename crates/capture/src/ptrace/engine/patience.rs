//! Waits for the next stop: first awake, then asleep.
//!
//! Where a processor is idle, the thread that was let go runs there, and its next stop comes within
//! microseconds. To sleep meanwhile and be woken takes longer than that, the more so in a virtual
//! machine. So the tracer looks for a short while before it sleeps; where that is in vain, for
//! threads compute or sleep themselves, it looks less and less often.

use std::{
    io,
    thread::available_parallelism,
    time::{Duration, Instant},
};

use super::super::sys::{self, Status};

/// How long to look before sleeping: about what waking up takes.
const AWAKE: Duration = Duration::from_micros(40);
/// Most waits that are slept through at once after looking was in vain.
const MOST_ASLEEP: u32 = 255;

/// How the tracer waits.
#[derive(Debug)]
pub(super) struct Patience {
    /// Whether a thread can run while the tracer looks.
    may_look: bool,
    /// Waits to sleep through before looking again, and how many there were last time.
    asleep: u32,
    last_asleep: u32,
}

impl Patience {
    pub(super) fn new() -> Self {
        let may_look = available_parallelism().is_ok_and(|count| count.get() > 1);
        Self { may_look, asleep: 0, last_asleep: 0 }
    }

    /// The next stop, as [`sys::wait`] has it.
    pub(super) fn wait(&mut self) -> io::Result<Option<(i32, Status)>> {
        if self.may_look && self.asleep == 0 {
            let until = Instant::now() + AWAKE;
            loop {
                match sys::look()? {
                    Some((0, _)) if Instant::now() < until => std::hint::spin_loop(),
                    Some((0, _)) => break,
                    found => {
                        self.last_asleep = 0;
                        return Ok(found);
                    }
                }
            }
            self.last_asleep = (2 * self.last_asleep + 1).min(MOST_ASLEEP);
            self.asleep = self.last_asleep;
        }
        self.asleep = self.asleep.saturating_sub(1);
        sys::wait()
    }
}
