//! Counting what is remembered now and then, and letting go of what was idle longest.
//!
//! Exact counts would cost something at every event; these are taken each time that so much was
//! added that a limit may be exceeded.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use foldhash::fast::RandomState;

use crate::{FdTable, State, Text, Thread};

/// A count is taken when this share of a limit was added since the last one; as much is let go
/// beyond the limit, so that the next count is not due at once.
const SHARE: usize = 16;

/// Weights are counted in these parts of an fd or a byte, so that a small share of one is not lost.
pub(crate) const UNIT: usize = 4096;

/// What was added since the last counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Census {
    fds: usize,
    text_bytes: usize,
}

impl Census {
    pub(crate) fn add_fds(&mut self, count: usize) {
        self.fds = self.fds.saturating_add(count);
    }

    pub(crate) fn add_text(&mut self, thread: &Thread) {
        let bytes: usize = texts(thread).iter().map(|text| text.len()).sum();
        self.text_bytes = self.text_bytes.saturating_add(bytes);
    }
}

/// The texts of a thread; what comes from a recording may make any of them long.
fn texts(thread: &Thread) -> [&Text; 9] {
    let Thread { comm, exe, exepath, args, env, cgroups, cwd, root, container_id, .. } = thread;
    [comm, exe, exepath, args, env, cgroups, cwd, root, container_id]
}

/// Something of a thread that it may have in common with others.
#[derive(Clone, Copy)]
enum Part<'t> {
    Text(&'t Text),
    Fds(&'t FdTable),
}

impl Part<'_> {
    /// Where it is in memory: equal for threads that share it.
    fn address(self) -> usize {
        match self {
            Self::Text(text) => Arc::as_ptr(text).addr(),
            Self::Fds(fds) => fds.address(),
        }
    }

    /// Bytes of a text, or weight of the fds.
    fn weight(self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Fds(fds) => fds.weight(),
        }
    }
}

/// How many threads have each part. Counted here, for the counts of the parts themselves tell also
/// of copies of the state, which have limits of their own.
#[derive(Default)]
struct Shares {
    by_address: HashMap<usize, usize, RandomState>,
}

impl Shares {
    /// Notes that another thread has this part. Returns whether it is the first.
    fn add(&mut self, part: Part<'_>) -> bool {
        let count = self.by_address.entry(part.address()).or_default();
        *count += 1;
        *count == 1
    }

    /// A thread's share of a part, in units of 1/[`UNIT`].
    fn weigh(&self, part: Part<'_>) -> usize {
        let count = self.by_address.get(&part.address()).copied().unwrap_or(1);
        part.weight().saturating_mul(UNIT) / count.max(1)
    }
}

impl State {
    /// About how many bytes of memory this state takes. What it shares with copies of itself counts
    /// in part: by as many as share it at this moment.
    pub fn approx_bytes(&self) -> usize {
        /// What a thread takes in the tables that it is found by.
        const PLACES: usize = 128;
        let thread = |thread: &Thread| {
            let texts = texts(thread).map(|text| text.len() / Arc::strong_count(text));
            let kids = thread.kids.capacity() * size_of::<crate::threads::Key>();
            let own = size_of::<Thread>() + PLACES + kids;
            own + texts.iter().sum::<usize>() + thread.fds.approx_bytes()
        };
        size_of::<Self>()
            + self.threads.iter().map(thread).sum::<usize>()
            + self.containers.approx_bytes()
            + self.users.approx_bytes()
            + self.exits.approx_bytes()
            + self.holders.capacity() * size_of::<(i64, Option<i64>)>()
    }

    /// Lets go of the threads that were idle longest if there are too many for another one.
    pub(crate) fn make_room(&mut self) {
        let limit = self.limits.threads.max(1);
        if self.threads.len() >= limit {
            let excess = self.threads.len() + 1 - limit;
            let count = excess.max(limit / SHARE).min(self.threads.len());
            let mut idle = self.idle_threads(|_| 1);
            if count < idle.len() {
                idle.select_nth_unstable(count);
                idle.truncate(count);
            }
            idle.into_iter().for_each(|idle| self.evict_thread(idle.tid.0));
        }
    }

    /// Counts the texts of all threads if there may be too many.
    pub(crate) fn count_texts(&mut self) {
        let limit = self.limits.text_bytes;
        if self.census.text_bytes <= limit / SHARE {
            return;
        }
        self.census.text_bytes = 0;
        self.let_go(limit, |thread| texts(thread).map(Part::Text), Self::evict_thread);
    }

    /// Counts the fds of all processes if there may be too many.
    #[inline]
    pub(crate) fn count_fds(&mut self) {
        if self.census.fds > self.limits.fds / SHARE {
            self.count_all_fds();
        }
    }

    #[cold]
    fn count_all_fds(&mut self) {
        self.census.fds = 0;
        self.let_go(self.limits.fds, |thread| [Part::Fds(&thread.fds)], Self::drop_fds);
    }

    /// Lets go of what idle threads have until all of it weighs less than the limit.
    fn let_go<const N: usize>(
        &mut self,
        limit: usize,
        parts: for<'t> fn(&'t Thread) -> [Part<'t>; N],
        drop: fn(&mut Self, i64),
    ) {
        let mut shares = Shares::default();
        let all = self.threads.iter().flat_map(parts);
        let total: usize = all.filter(|&p| shares.add(p)).map(Part::weight).sum();
        let (mut total, target) = (total.saturating_mul(UNIT), limit - limit / SHARE);
        let target = target.saturating_mul(UNIT);
        if total <= target {
            return;
        }
        let weigh = |thread: &Thread| parts(thread).into_iter().map(|p| shares.weigh(p)).sum();
        let mut idle = self.idle_threads(weigh);
        idle.sort_unstable();
        for idle in idle.into_iter().filter(|idle| idle.weight > 0) {
            if total <= target {
                break;
            }
            total = total.saturating_sub(idle.weight);
            drop(self, idle.tid.0);
        }
    }

    fn idle_threads(&self, weigh: impl Fn(&Thread) -> usize) -> Vec<Idle> {
        let idle = |thread: &Thread| Idle {
            lastaccess_ts_ns: thread.lastaccess_ts_ns,
            tid: Reverse(thread.tid),
            weight: weigh(thread),
        };
        self.threads.iter().map(idle).collect()
    }

    fn evict_thread(&mut self, tid: i64) {
        let before = self.threads.len();
        self.threads.evict(tid);
        let gone = before.saturating_sub(self.threads.len()) as u64;
        self.counters.threads_evicted = self.counters.threads_evicted.saturating_add(gone);
    }

    fn drop_fds(&mut self, tid: i64) {
        if let Some(thread) = self.threads.find(tid).and_then(|key| self.threads.get_mut(key)) {
            let gone = thread.fds.len() as u64;
            self.counters.fds_evicted = self.counters.fds_evicted.saturating_add(gone);
            thread.fds = crate::FdTable::new();
        }
    }
}

/// A thread, in the order of letting go: idle longest first, and of those idle since the snapshot
/// the youngest, for older processes are the ancestors of others.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Idle {
    lastaccess_ts_ns: u64,
    tid: Reverse<i64>,
    weight: usize,
}
