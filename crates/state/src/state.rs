//! The state machine: records in, contexts out.

use event::{Event, snapshot::Record};

use crate::{
    Context, Thread, containers::Containers, cpu_time::CpuTime, interfaces::Interfaces,
    users::Users,
};

/// Bounds on what is remembered.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Threads.
    pub threads: usize,
    /// Open fds of one process.
    pub fds_per_process: usize,
    /// Containers.
    pub containers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { threads: 131_072, fds_per_process: 16_384, containers: 16_384 }
    }
}

/// What was lost to [`Limits`], and other figures about the state itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Threads dropped because there were too many.
    pub threads_evicted: u64,
    /// Fds dropped because there were too many.
    pub fds_evicted: u64,
    /// Containers dropped because there were too many.
    pub containers_evicted: u64,
}

/// Everything known so far.
#[derive(Debug, Default)]
pub struct State {
    limits: Limits,
    counters: Counters,
    pub(crate) interfaces: Interfaces,
    pub(crate) cpu: CpuTime,
    pub(crate) users: Users,
    pub(crate) containers: Containers,
}

impl State {
    /// Knows nothing yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, containers: Containers::new(limits.containers), ..Self::default() }
    }

    /// Takes in an entry of the snapshot. Events belong into [`State::event`].
    pub fn record(&mut self, record: &Record<'_>) {
        self.users.record(record);
        if let Record::Interface(interface) = record {
            self.interfaces.add(interface);
        }
    }

    /// Takes in an event and says all that is known about it.
    pub fn event<'a>(&'a mut self, event: Event<'a>) -> Context<'a> {
        let _ = event;
        unreachable!("skeleton")
    }

    /// The thread with this id on the host.
    pub fn thread(&self, tid: i64) -> Option<&Thread> {
        let _ = tid;
        None
    }

    /// What was lost to the limits.
    pub fn counters(&self) -> Counters {
        self.counters
    }
}
