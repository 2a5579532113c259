//! What is known of a traced thread.

use super::{
    calls::{Call, Saved, process},
    engine::Change,
    sys::Until,
};

/// A traced thread.
#[derive(Debug)]
pub(super) struct Thread {
    pub(super) tid: i32,
    /// Its process.
    pub(super) pid: i32,
    /// The call that it is in, if that is one to record.
    pub(super) call: Option<Call>,
    /// What was read before that call.
    pub(super) saved: Saved,
    /// Where it stops outside of calls that are recorded.
    pub(super) until: Until,
    /// Whether the tracer asked it to stop, and it has not yet.
    pub(super) interrupted: bool,
    /// What was changed of the call that it is in.
    pub(super) change: Option<Change>,
    /// The call that made it, and its flags, until it begins.
    pub(super) birth: Option<(Call, u64)>,
}

impl Thread {
    pub(super) fn new(tid: i32, pid: i32, until: Until) -> Self {
        Self {
            tid,
            pid,
            call: None,
            saved: Saved::default(),
            until,
            interrupted: false,
            change: None,
            birth: None,
        }
    }

    /// The call in which it makes a thread or a process, and that one's flags.
    pub(super) fn birth_it_gives(&self) -> Option<(Call, u64)> {
        let call = self.call.filter(process::makes_child)?;
        Some((call, process::clone_flags(&self.saved)))
    }

    /// How far it may run now.
    pub(super) fn next_stop(&self) -> Until {
        if self.call.is_some() { Until::Call } else { self.until }
    }
}
