//! What the tracing thread hands to the thread that reads.
//!
//! The tracer wakes nobody: a wake-up for each stop would cost as much as the stop. The reader
//! looks often enough to be in time for a person, and is woken early only when there is much.
//! When the reader is far behind, the tracer waits, and so does the command: nothing is dropped.

use std::{
    collections::VecDeque,
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use event::batch::Batch;

use super::{Ended, Note};
use crate::proc::Snapshot;

/// The reader is woken when this much waits for it.
const MANY_BYTES: usize = 64 * 1024;
/// The tracer waits when this much does.
const TOO_MANY_BYTES: usize = 16 * 1024 * 1024;
/// How long something may wait before the reader sees it.
const LATENCY: Duration = Duration::from_millis(10);

/// Between the two threads.
#[derive(Debug, Default)]
pub(super) struct Queue {
    shared: Mutex<Shared>,
    /// There is something for the reader.
    filled: Condvar,
    /// There is room for the tracer.
    emptied: Condvar,
}

#[derive(Debug, Default)]
struct Shared {
    batches: VecDeque<Batch>,
    bytes: usize,
    /// Batches that were read, to be filled again.
    spare: Vec<Batch>,
    notes: Vec<Note>,
    snapshot: Option<Snapshot>,
    ended: Option<Ended>,
    /// The reader is gone: nothing needs to be kept.
    unread: bool,
    /// The trace is to end, so that the tracer waits for nobody.
    hurried: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the events in `batch`, and leaves it empty.
    pub(super) fn push(&self, batch: &mut Batch) {
        if batch.is_empty() {
            return;
        }
        let mut shared = self.lock();
        while shared.bytes >= TOO_MANY_BYTES && !shared.unread && !shared.hurried {
            shared = self.emptied.wait(shared).unwrap_or_else(PoisonError::into_inner);
        }
        if shared.unread {
            batch.clear();
            return;
        }
        let spare = shared.spare.pop().unwrap_or_default();
        shared.bytes += batch.len();
        let full = mem::replace(batch, spare);
        shared.batches.push_back(full);
        if shared.bytes >= MANY_BYTES {
            self.filled.notify_one();
        }
    }

    /// What stood before the first event. The last one counts: a command may be started anew.
    pub(super) fn begin(&self, snapshot: Snapshot) {
        self.lock().snapshot = Some(snapshot);
    }

    pub(super) fn take_snapshot(&self) -> Option<Snapshot> {
        self.lock().snapshot.take()
    }

    pub(super) fn note(&self, note: Note) {
        self.lock().notes.push(note);
    }

    pub(super) fn end(&self, ended: Ended) {
        self.lock().ended = Some(ended);
        self.filled.notify_one();
    }

    /// The next batch, in exchange for one that was read; `None` if there is none within the time,
    /// or no more at all.
    pub(super) fn pop(&self, read: &mut Batch, within: Option<Duration>) -> bool {
        let until = within.map(|within| Instant::now() + within);
        let mut shared = self.lock();
        loop {
            if let Some(batch) = shared.batches.pop_front() {
                let was_full = shared.bytes >= TOO_MANY_BYTES;
                shared.bytes -= batch.len();
                let mut old = mem::replace(read, batch);
                old.clear();
                if shared.spare.len() < 4 {
                    shared.spare.push(old);
                }
                if was_full {
                    self.emptied.notify_one();
                }
                return true;
            }
            let late = until.is_some_and(|until| Instant::now() >= until);
            if shared.ended.is_some() || late || !shared.notes.is_empty() {
                return false;
            }
            shared = match self.filled.wait_timeout(shared, LATENCY) {
                Ok((shared, _)) => shared,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    pub(super) fn take_notes(&self) -> Vec<Note> {
        mem::take(&mut self.lock().notes)
    }

    /// How the command ended, if it has, and all events were read.
    pub(super) fn ended(&self) -> Option<Ended> {
        let shared = self.lock();
        shared.ended.clone().filter(|_| shared.batches.is_empty())
    }

    /// The trace is to end: what is still to come is kept, however much it is.
    pub(super) fn hurry(&self) {
        self.lock().hurried = true;
        self.emptied.notify_one();
    }

    /// Nobody reads any longer.
    pub(super) fn abandon(&self) {
        self.lock().unread = true;
        self.emptied.notify_one();
    }
}
