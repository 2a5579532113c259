//! Threads, read anew from `/proc` after beginnings of threads or programs were lost.
//!
//! It is done by a thread of its own, for whoever reads the rings may not stop meanwhile. What was read
//! is told when all events that were made before are told: none of them knows it better.

use std::{
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use event::snapshot::{Record, ThreadEntry};

use super::{clock, everyone};
use crate::proc::{Limits, Snapshot};

/// After a reading comes a rest of so many times its length, and of a second at least.
const REST: u32 = 10;
const SHORTEST_REST: Duration = Duration::from_secs(1);

/// What was read.
#[derive(Debug)]
struct Reading {
    /// Since when, ns since boot.
    as_of_ns: u64,
    took: Duration,
    snapshot: Snapshot,
    /// How many of its entries were looked at.
    told: usize,
}

/// Reads what runs when it is wanted.
#[derive(Debug, Default)]
pub(super) struct Finder {
    is_wanted: bool,
    at_work: Option<JoinHandle<Reading>>,
    found: Option<Reading>,
    rests_until: Option<Instant>,
}

impl Finder {
    /// Something began that nobody was told of.
    pub(super) fn want(&mut self) {
        self.is_wanted = true;
    }

    /// Begins to read if that is wanted, and takes what was read.
    pub(super) fn look(&mut self) {
        if let Some(at_work) = self.at_work.take_if(|at_work| at_work.is_finished())
            && let Ok(found) = at_work.join()
        {
            self.rests_until = Some(Instant::now() + (found.took * REST).max(SHORTEST_REST));
            self.found = Some(found);
        }
        let is_free = self.at_work.is_none() && self.found.is_none();
        let has_rested = self.rests_until.is_none_or(|until| Instant::now() >= until);
        if self.is_wanted && is_free && has_rested {
            let reading = thread::Builder::new().name("found".into()).spawn(read);
            self.is_wanted = reading.is_err();
            self.at_work = reading.ok();
        }
    }

    /// Whether something was found that comes before an event of this time, ns since boot; `None`: before
    /// those that are yet to be made.
    pub(super) fn is_due(&self, event_ns: Option<u64>) -> bool {
        let found = self.found.as_ref();
        found.is_some_and(|found| event_ns.is_none_or(|event_ns| event_ns > found.as_of_ns))
    }

    /// What comes next of what was found, if it is a thread of a program, and since when it was read, ns
    /// since boot.
    pub(super) fn next(&mut self) -> Option<(u64, ThreadEntry<'_>)> {
        self.found.take_if(|found| found.told == found.snapshot.len());
        let found = self.found.as_mut()?;
        found.told += 1;
        match found.snapshot.record(found.told - 1)? {
            Record::Thread(thread) if !is_of_kernel(&thread) => Some((found.as_of_ns, thread)),
            _ => None,
        }
    }
}

fn read() -> Reading {
    let (as_of_ns, begins) = (clock::since_boot_ns(), Instant::now());
    let snapshot = Snapshot::of_threads(&everyone(), Limits::default());
    Reading { as_of_ns, took: begins.elapsed(), snapshot, told: 0 }
}

/// Threads of the kernel's own have no memory.
fn is_of_kernel(thread: &ThreadEntry<'_>) -> bool {
    thread.exepath.is_empty() && thread.args.is_empty() && thread.vmsize_kb == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits until something was found.
    fn find(finder: &mut Finder) {
        while finder.found.is_none() {
            finder.look();
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn what_runs_is_found_behind_what_was_made_before() {
        let mut finder = Finder::default();
        finder.look();
        assert!(finder.at_work.is_none(), "nobody wants it");
        let before_ns = clock::since_boot_ns();
        finder.want();
        find(&mut finder);
        assert!(!finder.is_due(Some(before_ns)));
        assert!(finder.is_due(Some(clock::since_boot_ns())) && finder.is_due(None));
        let own = i64::from(std::process::id());
        let mut is_found = false;
        while finder.is_due(None) {
            if let Some((as_of_ns, thread)) = finder.next() {
                assert!(as_of_ns >= before_ns);
                is_found |= thread.pid == own && !thread.comm.is_empty();
            }
        }
        assert!(is_found && finder.next().is_none());
        finder.want();
        finder.look();
        assert!(finder.at_work.is_none(), "it rests");
    }
}
