//! Duplicating and closing fds: `dup`, `fcntl`, `close`, `close_range`.

use event::syscalls::DUP3_X;

use super::{At, params};
use crate::{CloneFlags, Fd, State, fds::O_CLOEXEC, threads::Key};

/// `fcntl` commands in the schema's numbering.
const F_DUPFD: u32 = 1;
const F_SETFD: u32 = 3;
const F_DUPFD_CLOEXEC: u32 = 26;

/// `FD_CLOEXEC` of `fcntl`.
const FD_CLOEXEC: u64 = 1;

/// `CLOSE_RANGE_CLOEXEC` in the schema's numbering.
const CLOSE_RANGE_CLOEXEC: u32 = 1 << 2;

pub(super) fn dup(state: &mut State, at: &mut At<'_>) -> Option<()> {
    let num = params::success(&at.event)?;
    let key = at.thread?;
    let Some(fd) = at.fd.and_then(|place| state.fd_at(place)) else {
        return forget(state, key, num);
    };
    let cloexec =
        at.event.kind == DUP3_X && params::u32(&at.event, 3).unwrap_or(0) & O_CLOEXEC != 0;
    let copy = duplicate(fd, num, cloexec);
    // Standard input or output put in place before an exec: most likely a shell's pipe.
    state.threads.get_mut(key)?.flags |= match num {
        0 => CloneFlags::PIPE_DST,
        1 => CloneFlags::PIPE_SRC,
        _ => CloneFlags::empty(),
    };
    at.fd = state.open_fd(key, copy);
    Some(())
}

/// A copy of something that is not known, as an fd that another process handed over, took the place of
/// what had this number.
fn forget(state: &mut State, key: Key, num: i64) -> Option<()> {
    let owner = state.fd_owner(key)?;
    if state.threads.get(owner)?.fds.get(&num).is_some() {
        state.fds_mut(owner)?.remove(num);
    }
    None
}

fn duplicate(fd: &Fd, num: i64, cloexec: bool) -> Fd {
    let mut copy = Fd { num, ..fd.clone() };
    copy.clear_close_on_exec();
    if cloexec {
        copy.open_flags |= O_CLOEXEC;
    }
    copy
}

pub(super) fn fcntl(state: &mut State, at: &mut At<'_>) -> Option<()> {
    let command = params::u32(&at.event, 2)?;
    if !matches!(command, F_DUPFD | F_DUPFD_CLOEXEC | F_SETFD) {
        return None;
    }
    let num = params::success(&at.event)?;
    if command == F_SETFD {
        let set = params::u64(&at.event, 3).unwrap_or(0) & FD_CLOEXEC != 0;
        let fd = state.fd_mut(at.fd?)?;
        fd.clear_close_on_exec();
        if set {
            fd.open_flags |= O_CLOEXEC;
        }
        return Some(());
    }
    let key = at.thread?;
    let Some(fd) = at.fd.and_then(|place| state.fd_at(place)) else {
        return forget(state, key, num);
    };
    let copy = duplicate(fd, num, command == F_DUPFD_CLOEXEC);
    at.fd = state.open_fd(key, copy);
    Some(())
}

/// The fd goes before the next event.
pub(super) fn close(state: &mut State, at: &At<'_>) -> Option<()> {
    params::success(&at.event)?;
    at.fd?;
    let thread = state.threads.get(at.thread?)?;
    state.deferred.close = Some((thread.tid, thread.lastevent_fd));
    Some(())
}

pub(super) fn close_range(state: &mut State, at: &At<'_>) -> Option<()> {
    params::success(&at.event)?;
    let [first, last] = [1, 2].map(|index| params::u32(&at.event, index));
    let (first, last) = (i64::from(first?), i64::from(last?));
    let cloexec = params::u32(&at.event, 3).unwrap_or(0) & CLOSE_RANGE_CLOEXEC != 0;
    let owner = state.fd_owner(at.thread?)?;
    let fds = state.fds_mut(owner)?;
    let is_in = |fd: &Fd| (first..=last).contains(&fd.num);
    if cloexec {
        fds.update(is_in, |fd| fd.open_flags |= O_CLOEXEC);
    } else {
        fds.retain(|fd| !is_in(fd));
    }
    Some(())
}
