//! An event and all that is known about it.

use event::Event;

use crate::{Fd, State, Thread};

/// An event, and the state right after it (right before, for what the event ends: an exiting
/// thread, an fd being closed).
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The event.
    pub event: Event<'a>,
    /// Its number in the recording, from 1.
    pub num: u64,
    /// Time of the first event of the recording, ns since the epoch.
    pub first_ts_ns: u64,
    /// Time of the event before this one; the event's own for the first.
    pub prev_ts_ns: u64,
    /// Everything known.
    pub state: &'a State,
    /// The thread that caused it.
    pub thread: Option<&'a Thread>,
    /// The fd it works on.
    pub fd: Option<&'a Fd>,
}
