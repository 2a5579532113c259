//! What is known of a traced thread.

use super::{
    calls::{Call, Saved},
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
    /// What was changed of the call that it is in.
    pub(super) change: Option<Change>,
    /// The call that made it, and its flags, until it begins.
    pub(super) birth: Option<(Call, u64)>,
}

impl Thread {
    pub(super) fn new(tid: i32, pid: i32, until: Until) -> Self {
        Self { tid, pid, call: None, saved: Saved::default(), until, change: None, birth: None }
    }

    /// How far it may run now.
    pub(super) fn next_stop(&self) -> Until {
        if self.call.is_some() { Until::Call } else { self.until }
    }
}
