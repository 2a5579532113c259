//! `pidfd_open`, `pidfd_getfd`.

use event::{Event, snapshot::FdKind};

use super::{At, params};
use crate::{Fd, State, fds::O_CLOEXEC, threads::Key};

pub(super) fn open(state: &mut State, at: &mut At<'_>) -> Option<()> {
    let num = params::success(&at.event)?;
    let pid = at.event.int(1)?;
    let fd = Fd {
        num,
        name: state.pool.get(format!("/proc/{pid}").as_bytes()),
        open_flags: params::u32(&at.event, 2).unwrap_or(0),
        pid,
        ..Fd::of_kind(FdKind::PidFd)
    };
    at.fd = state.open_fd(at.thread?, fd);
    Some(())
}

/// Copies an fd of another process; for the event itself also if the call failed. Of one that is not known
/// the recorder may have told.
pub(super) fn getfd(state: &mut State, at: &mut At<'_>) -> Option<()> {
    let num = params::result(&at.event)?;
    let key = at.thread?;
    at.fd = match original(state, key, &at.event) {
        Some(fd) => {
            let mut copy = Fd { num, ..fd.clone() };
            copy.old_name = copy.name.clone();
            copy.clear_close_on_exec();
            copy.open_flags |= O_CLOEXEC;
            state.open_fd(key, copy)
        }
        None => state.look_at_fd(key, num),
    };
    Some(())
}

/// The fd that is copied.
fn original<'s>(state: &'s State, key: Key, event: &Event<'_>) -> Option<&'s Fd> {
    let pidfd = state.peek_fd(key, event.int(1)?).filter(|fd| fd.kind == FdKind::PidFd)?;
    state.peek_fd(state.threads.find(pidfd.pid)?, event.int(2)?)
}
