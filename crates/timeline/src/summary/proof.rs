//! A sentence in the making: its events and its processes.

use std::collections::BTreeSet;

use crate::model::{Moment, ProcessId, Sentence, Topic};

/// Events and processes that a sentence names at most; the first ones say enough.
const MOST: usize = 50;

/// What proves a sentence.
#[derive(Clone, Default)]
pub(super) struct Proof {
    events: BTreeSet<u64>,
    processes: BTreeSet<ProcessId>,
}

impl Proof {
    /// That this happened then.
    pub(super) fn at(&mut self, moment: Moment) {
        if moment.event > 0 {
            self.events.insert(moment.event);
        }
    }

    /// That this process did it.
    pub(super) fn by(&mut self, id: ProcessId) {
        self.processes.insert(id);
    }

    /// Adds all of another proof.
    pub(super) fn merge(&mut self, other: Self) {
        self.events.extend(other.events);
        self.processes.extend(other.processes);
    }

    /// Who did it, by start.
    pub(super) fn processes(&self) -> impl Iterator<Item = ProcessId> + '_ {
        self.processes.iter().copied()
    }

    /// The sentence, if there is an event that says so.
    pub(super) fn say(self, topic: Topic, text: String) -> Option<Sentence> {
        (!self.events.is_empty()).then(|| Sentence {
            topic,
            text,
            events: self.events.into_iter().take(MOST).collect(),
            processes: self.processes.into_iter().take(MOST).collect(),
        })
    }
}
