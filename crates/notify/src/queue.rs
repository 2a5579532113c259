//! The bounded queue between whoever sends and the thread of one output.
//!
//! The alert that is being delivered stays at the front until its fate is known, so that what
//! waits, and what is left at the end, is counted exactly.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use event::alert::Alert;

use crate::settings::{Bounds, Overflow};

/// What happened to the alerts of one output. Each alert that was sent is, at any time, in one of
/// `delivered`, `not_delivered`, `dropped` and `waiting`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Delivered.
    pub delivered: u64,
    /// Attempts that came after a failed one.
    pub retried: u64,
    /// For which the queue had no room.
    pub dropped: u64,
    /// Which were refused, or given up after the last attempt.
    pub not_delivered: u64,
    /// Still to be delivered.
    pub waiting: u64,
}

/// What became of the alert at the front of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Delivered,
    NotDelivered,
}

/// What became of an alert that was sent.
#[derive(Debug)]
pub(crate) enum Pushed {
    /// It waits.
    Queued,
    /// It was dropped; the first one since there was room.
    DroppedFirst,
    /// It was dropped, as the one before it.
    Dropped,
}

/// See the module.
pub(crate) struct Queue {
    bounds: Bounds,
    overflow: Overflow,
    inner: Mutex<Inner>,
    /// For the worker: there is something to do, or it is time to end.
    work: Condvar,
    /// For whoever sends or waits for the end.
    progress: Condvar,
}

struct Inner {
    waiting: VecDeque<(Arc<Alert>, usize)>,
    bytes: usize,
    counters: Counters,
    /// When something was last got done, or first waited for.
    progress_at: Instant,
    full: bool,
    stuck: bool,
    phase: Phase,
    ended: Option<io::Error>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// Nothing comes any more; what waits is delivered up to this time.
    Closing {
        until: Option<Instant>,
        patience: Duration,
    },
    /// The worker delivers nothing any more.
    Finishing,
    Finished,
}

impl Queue {
    pub(crate) fn new(bounds: Bounds, overflow: Overflow) -> Self {
        let inner = Inner {
            waiting: VecDeque::new(),
            bytes: 0,
            counters: Counters::default(),
            progress_at: Instant::now(),
            full: false,
            stuck: false,
            phase: Phase::Open,
            ended: None,
        };
        let (work, progress) = (Condvar::new(), Condvar::new());
        Self { bounds, overflow, inner: Mutex::new(inner), work, progress }
    }

    /// Adds an alert, or drops it, as the overflow policy says.
    ///
    /// # Errors
    /// Why the output ended, if it did.
    pub(crate) fn push(&self, alert: &Arc<Alert>) -> Result<Pushed, io::Error> {
        let bytes = size(alert);
        let mut inner = self.lock();
        while inner.ended.is_none() && !inner.has_room(self.bounds, bytes) {
            let patience = match self.overflow {
                Overflow::Block => None,
                Overflow::Wait(patience) => Some(patience),
                Overflow::Drop => Some(Duration::ZERO),
            };
            let left = patience.map(|p| p.saturating_sub(inner.progress_at.elapsed()));
            if inner.stuck || left == Some(Duration::ZERO) {
                inner.stuck = true;
                inner.counters.dropped += 1;
                let before = std::mem::replace(&mut inner.full, true);
                return Ok(if before { Pushed::Dropped } else { Pushed::DroppedFirst });
            }
            inner = wait(&self.progress, inner, left);
        }
        if let Some(error) = inner.ended.as_ref().map(copy) {
            inner.counters.not_delivered += 1;
            return Err(error);
        }
        if inner.waiting.is_empty() {
            inner.progress_at = Instant::now();
            self.work.notify_one();
        }
        inner.waiting.push_back((Arc::clone(alert), bytes));
        inner.bytes += bytes;
        Ok(Pushed::Queued)
    }

    /// The alert at the front, when there is one; none when it is time to end.
    pub(crate) fn front(&self) -> Option<Arc<Alert>> {
        let mut inner = self.lock();
        while inner.waiting.is_empty() && inner.phase == Phase::Open {
            inner = wait(&self.work, inner, None);
        }
        match inner.gives_up_in() {
            Some(Duration::ZERO) => None,
            _ => inner.waiting.front().map(|(alert, _)| Arc::clone(alert)),
        }
    }

    /// Takes the alert at the front away. Returns how many were dropped in all if there is room
    /// again after some were.
    pub(crate) fn settle(&self, fate: Fate) -> Option<u64> {
        let mut inner = self.lock();
        let (_, bytes) = inner.waiting.pop_front()?;
        inner.bytes -= bytes;
        match fate {
            Fate::Delivered => inner.counters.delivered += 1,
            Fate::NotDelivered => inner.counters.not_delivered += 1,
        }
        inner.got_something_done(self.overflow);
        // Whoever waits is woken for a good deal of room, not for every alert.
        let half = Bounds { alerts: self.bounds.alerts / 2, bytes: self.bounds.bytes / 2 };
        if !inner.has_room(half, 0) {
            return None;
        }
        self.progress.notify_all();
        std::mem::replace(&mut inner.full, false).then_some(inner.counters.dropped)
    }

    /// Counts a further attempt and waits before it. False if it is time to end.
    pub(crate) fn pause(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let mut inner = self.lock();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match inner.gives_up_in() {
                Some(Duration::ZERO) => return false,
                _ if left.is_zero() => {
                    inner.counters.retried += 1;
                    return true;
                }
                gives_up_in => {
                    let least = gives_up_in.map_or(left, |time| time.min(left));
                    inner = wait(&self.work, inner, Some(least));
                }
            }
        }
    }

    /// The output ended: whoever sends or waits is told.
    pub(crate) fn end(&self, error: io::Error) {
        self.lock().ended = Some(error);
        self.progress.notify_all();
    }

    /// Why the output ended, if it did.
    pub(crate) fn ended(&self) -> Option<io::Error> {
        self.lock().ended.as_ref().map(copy)
    }

    /// The worker delivers nothing any more.
    pub(crate) fn finishing(&self) {
        self.lock().phase = Phase::Finishing;
        self.progress.notify_all();
    }

    /// The worker is done.
    pub(crate) fn finished(&self) {
        self.lock().phase = Phase::Finished;
        self.progress.notify_all();
    }

    /// What happened up to now.
    pub(crate) fn counters(&self) -> Counters {
        let inner = self.lock();
        Counters { waiting: inner.waiting.len() as u64, ..inner.counters }
    }

    /// Nothing comes any more. What waits is delivered within `patience`; in each such time one,
    /// if the overflow policy is to wait; however long it takes, if it is to block.
    pub(crate) fn close(&self, patience: Duration) {
        let mut inner = self.lock();
        if inner.phase == Phase::Open {
            let until = (self.overflow != Overflow::Block).then(|| Instant::now() + patience);
            inner.phase = Phase::Closing { until, patience };
        }
        self.work.notify_all();
    }

    /// Waits until the worker is done, or it is too late: when closing took its time and the end
    /// after that took `grace`.
    pub(crate) fn wait_for_end(&self, grace: Duration) {
        let mut inner = self.lock();
        while let Phase::Closing { .. } = inner.phase {
            let left = inner.gives_up_in();
            // The worker hangs in a delivery; it has had its time.
            if left == Some(Duration::ZERO) {
                break;
            }
            inner = wait(&self.progress, inner, left);
        }
        let until = Instant::now() + grace;
        while inner.phase != Phase::Finished {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            inner = wait(&self.progress, inner, Some(left));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn has_room(&self, bounds: Bounds, bytes: usize) -> bool {
        self.waiting.is_empty()
            || (self.waiting.len() < bounds.alerts && self.bytes + bytes <= bounds.bytes)
    }

    fn got_something_done(&mut self, overflow: Overflow) {
        let now = Instant::now();
        self.progress_at = now;
        self.stuck = false;
        if let Phase::Closing { until: Some(until), patience } = &mut self.phase
            && matches!(overflow, Overflow::Wait(_))
        {
            *until = now + *patience;
        }
    }

    /// Time until what waits is given up; none if it is not.
    fn gives_up_in(&self) -> Option<Duration> {
        match self.phase {
            Phase::Closing { until: Some(until), .. } => {
                Some(until.saturating_duration_since(Instant::now()))
            }
            _ => None,
        }
    }
}

fn wait<'a>(
    condition: &Condvar,
    inner: MutexGuard<'a, Inner>,
    most: Option<Duration>,
) -> MutexGuard<'a, Inner> {
    match most {
        None => condition.wait(inner).unwrap_or_else(PoisonError::into_inner),
        Some(most) => condition.wait_timeout(inner, most).unwrap_or_else(PoisonError::into_inner).0,
    }
}

/// Bytes of an alert in memory, roughly.
fn size(alert: &Alert) -> usize {
    let tags: usize = alert.tags.iter().map(|tag| tag.len() + size_of::<Box<str>>()).sum();
    size_of::<Alert>() + alert.output.len() + alert.fields.len() + alert.subject.target.len() + tags
}

fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}
