//! Fds of their own kind: pipes, event, signal and timer fds, inotify, epoll, memfd and others.

use event::{snapshot::FdKind, syscalls::PIPE2_X};

use super::{At, params};
use crate::{Fd, State, fds::O_CLOEXEC};

/// `EPOLL_CLOEXEC` in the schema's numbering.
const EPOLL_CLOEXEC: u32 = 1;

/// An fd that the call returned, of which nothing but its kind is known.
pub(super) fn plain(state: &mut State, at: &mut At<'_>, kind: FdKind) -> Option<()> {
    returned(state, at, Fd::of_kind(kind))
}

/// An fd that the call returned, with the open flags in this parameter.
pub(super) fn with_flags(
    state: &mut State,
    at: &mut At<'_>,
    kind: FdKind,
    flags: usize,
) -> Option<()> {
    let open_flags = params::u32(&at.event, flags).unwrap_or(0);
    returned(state, at, Fd { open_flags, ..Fd::of_kind(kind) })
}

pub(super) fn epoll_create1(state: &mut State, at: &mut At<'_>) -> Option<()> {
    let cloexec = params::u32(&at.event, 1).unwrap_or(0) & EPOLL_CLOEXEC != 0;
    let open_flags = if cloexec { O_CLOEXEC } else { 0 };
    returned(state, at, Fd { open_flags, ..Fd::of_kind(FdKind::EventPoll) })
}

/// A failed call leaves an fd that is nothing under the error's number, which nobody finds but who
/// counts fds.
pub(super) fn memfd(state: &mut State, at: &mut At<'_>) -> Option<()> {
    let num = params::result(&at.event)?;
    if num < 0 {
        at.fd = state.open_fd(at.thread?, Fd { num, ..Fd::of_kind(FdKind::Nothing) });
        return Some(());
    }
    let name = state.pool.get(params::text(&at.event, 1));
    let open_flags = params::u32(&at.event, 2).unwrap_or(0);
    returned(state, at, Fd { name, open_flags, ..Fd::of_kind(FdKind::Memfd) })
}

fn returned(state: &mut State, at: &mut At<'_>, fd: Fd) -> Option<()> {
    let num = params::success(&at.event)?;
    at.fd = state.open_fd(at.thread?, Fd { num, ..fd });
    Some(())
}

/// `pipe`, `pipe2`: the event's fd is the write end.
pub(super) fn pipe(state: &mut State, at: &mut At<'_>) -> Option<()> {
    params::success(&at.event)?;
    let key = at.thread?;
    let ino = params::u64(&at.event, 3).unwrap_or(0);
    let open_flags =
        if at.event.kind == PIPE2_X { params::u32(&at.event, 4).unwrap_or(0) } else { 0 };
    for end in [1, 2] {
        let num = at.event.int(end)?;
        at.fd = state.open_fd(key, Fd { num, ino, open_flags, ..Fd::of_kind(FdKind::Fifo) });
    }
    Some(())
}
