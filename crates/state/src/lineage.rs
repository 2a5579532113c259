//! Processes, their ancestors and the leaders of their sessions and groups.

use crate::{CloneFlags, State, Thread};

/// No lineage is followed further than this; only a damaged recording has a longer one.
const MAX_DEPTH: u64 = 65_536;

impl Thread {
    /// Whether this thread leads its process.
    pub fn is_main(&self) -> bool {
        self.tid == self.pid || self.flags.contains(CloneFlags::IS_MAIN_THREAD)
    }

    /// Whether this thread lives in a pid namespace of its own, so that its session and group ids
    /// are not those of the host.
    pub fn is_in_pid_namespace(&self) -> bool {
        self.flags.contains(CloneFlags::CHILD_IN_PIDNS) || (self.vtid >= 0 && self.vtid != self.tid)
    }
}

/// Whose numbers an id is one of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IdSpace {
    /// The host's.
    Host,
    /// The thread's own pid namespace.
    Namespace,
}

impl State {
    /// The thread that leads this one's process, if it is known.
    pub fn main_thread<'a>(&'a self, thread: &'a Thread) -> Option<&'a Thread> {
        if thread.is_main() {
            return Some(thread);
        }
        self.thread(thread.pid).filter(|main| main.is_main())
    }

    /// How many threads of this one's process are alive.
    pub fn thread_count(&self, thread: &Thread) -> u64 {
        self.threads.alive_in_group(thread)
    }

    /// Environment of this thread's process, a NUL after each variable.
    pub fn env<'a>(&'a self, thread: &'a Thread) -> &'a [u8] {
        &self.main_thread(thread).unwrap_or(thread).env
    }

    /// The parent, the parent's parent and so on. Ends where a lineage that bites its own tail
    /// begins to repeat.
    pub fn ancestors<'a>(&'a self, thread: &Thread) -> Ancestors<'a> {
        let next = self.thread(thread.ptid);
        Ancestors { state: self, next, fast: next.and_then(|t| self.thread(t.ptid)) }
    }

    /// The main thread of the `n`th ancestor process; 0 is the thread's own process.
    pub fn ancestor<'a>(&'a self, thread: &'a Thread, n: u64) -> Option<&'a Thread> {
        if n > MAX_DEPTH {
            return None;
        }
        (0..n).try_fold(self.main_thread(thread)?, |process, _| {
            self.main_thread(self.thread(process.ptid)?)
        })
    }

    /// The thread that leads the session or group which `id_of` names: the thread with that id, or
    /// the farthest of the ancestors in an unbroken line that have the same id.
    pub fn group_leader<'a>(
        &'a self,
        thread: &'a Thread,
        space: IdSpace,
        id_of: fn(&Thread) -> i64,
    ) -> Option<&'a Thread> {
        let id = id_of(thread);
        if id == -1 {
            return None;
        }
        let known = match space {
            IdSpace::Namespace if thread.is_in_pid_namespace() => None,
            _ => self.thread(id),
        };
        known.or_else(|| self.ancestors(thread).take_while(|t| id_of(t) == id).last())
    }
}

/// See [`State::ancestors`].
#[derive(Clone, Debug)]
pub struct Ancestors<'a> {
    state: &'a State,
    next: Option<&'a Thread>,
    /// Runs ahead at twice the speed, and meets `next` if there is a loop.
    fast: Option<&'a Thread>,
}

impl<'a> Iterator for Ancestors<'a> {
    type Item = &'a Thread;

    fn next(&mut self) -> Option<&'a Thread> {
        let thread = self.next.filter(|t| t.tid != -1)?;
        self.next = self.state.thread(thread.ptid);
        for _ in 0..2 {
            self.fast = self.fast.and_then(|t| self.state.thread(t.ptid));
            if self.next.is_some_and(|t| self.is_met(t) || t.tid == t.ptid) {
                self.next = None;
            }
        }
        Some(thread)
    }
}

impl Ancestors<'_> {
    fn is_met(&self, thread: &Thread) -> bool {
        self.fast.is_some_and(|fast| fast.tid == thread.tid)
    }
}
