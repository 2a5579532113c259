//! An event and all that is known about it.

use event::Event;

use crate::{Fd, State, Thread};

/// Whom an event is for. Every event counts in [`Context::num`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Audience {
    /// Everyone: filters, rules, listings.
    #[default]
    Readers,
    /// The state alone: what stands in the recording only to bring the state up to date. These are
    /// the notices of containers, users and groups before the first other event, which belong to
    /// the snapshot, the enter halves of syscalls whose exit tells all (recorded where a path could
    /// be changed while the syscall runs), and what a recording that was cut or filtered has for
    /// the state alone ([`Event::state_only`]).
    State,
}

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
    /// Whether it is for readers at all; see [`Audience`].
    pub audience: Audience,
    /// Everything known.
    pub state: &'a State,
    /// The thread that caused it.
    pub thread: Option<&'a Thread>,
    /// The fd it works on.
    pub fd: Option<&'a Fd>,
}
