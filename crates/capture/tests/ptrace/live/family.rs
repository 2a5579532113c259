//! A command and its descendants, among all the events of a host.

use std::collections::{HashMap, HashSet};

use event::{EventType, syscalls as ev};

use crate::harness::Kept;

/// Who belongs to a command, and what they did.
pub(super) struct Family {
    /// The processes of threads.
    process: HashMap<i64, i64>,
    alive: HashSet<i64>,
    /// Whether the command runs its program yet.
    runs: bool,
    pub(super) events: Vec<Kept>,
}

pub(super) const MAKE: [EventType; 4] =
    [ev::CLONE_20_X, ev::CLONE3_X, ev::FORK_20_X, ev::VFORK_20_X];
const EXEC: [EventType; 2] = [ev::EXECVE_19_X, ev::EXECVEAT_X];

/// Of a thread's or a process's first event, the process that it is born to: a thread to its own, a
/// process to its parent.
pub(super) fn born_to(event: &Kept) -> Option<i64> {
    if !MAKE.contains(&event.kind) || event.int("res") != Some(0) {
        return None;
    }
    let process = event.int("pid");
    if process == Some(event.tid) { event.int("ptid") } else { process }
}

impl Family {
    pub(super) fn new(command: i64) -> Self {
        Self {
            process: HashMap::from([(command, command)]),
            alive: HashSet::from([command]),
            runs: false,
            events: Vec::new(),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.alive.is_empty()
    }

    pub(super) fn alive(&self) -> &HashSet<i64> {
        &self.alive
    }

    /// Keeps the event if it is the family's.
    pub(super) fn take(&mut self, event: Kept) {
        if born_to(&event).is_some_and(|parent| self.process.contains_key(&parent)) {
            self.process.insert(event.tid, event.int("pid").unwrap());
            self.alive.insert(event.tid);
        }
        let Some(process) = self.process.get(&event.tid).copied() else { return };
        if event.kind == ev::PROCEXIT_1_E {
            self.alive.remove(&event.tid);
        } else if EXEC.contains(&event.kind) && event.int("res") == Some(0) {
            // It is the only thread from here on, under the id of the first.
            self.alive.retain(|tid| self.process[tid] != process);
            self.alive.insert(event.tid);
            self.runs = true;
        }
        if self.runs {
            self.events.push(event);
        }
    }
}
