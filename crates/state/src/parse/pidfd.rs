//! `pidfd_open`, `pidfd_getfd`.

use event::snapshot::FdKind;

use super::{At, params};
use crate::{Fd, State, fds::O_CLOEXEC};

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

/// Copies an fd of another process; for the event itself also if the call failed.
pub(super) fn getfd(state: &mut State, at: &mut At<'_>) -> Option<()> {
    let num = params::result(&at.event)?;
    let key = at.thread?;
    let pidfd = state.peek_fd(key, at.event.int(1)?).filter(|fd| fd.kind == FdKind::PidFd)?;
    let other = state.threads.find(pidfd.pid)?;
    let mut copy = Fd { num, ..state.peek_fd(other, at.event.int(2)?)?.clone() };
    copy.old_name = copy.name.clone();
    copy.clear_close_on_exec();
    copy.open_flags |= O_CLOEXEC;
    at.fd = state.open_fd(key, copy);
    Some(())
}
