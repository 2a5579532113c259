//! What is known of a traced thread.

use super::{
    calls::{Call, Saved},
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
    /// The child that the call made.
    pub(super) child: Option<i32>,
}

impl Thread {
    pub(super) fn new(tid: i32, pid: i32, until: Until) -> Self {
        Self { tid, pid, call: None, saved: Saved::default(), until, child: None }
    }

    /// How far it may run now.
    pub(super) fn next_stop(&self) -> Until {
        if self.call.is_some() { Until::Call } else { self.until }
    }
}
