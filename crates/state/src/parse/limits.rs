//! How many fds a process may open: `getrlimit`, `setrlimit`, `prlimit`.

use super::{At, params};
use crate::{State, threads::Key};

/// `RLIMIT_NOFILE` in the schema's numbering.
const NOFILE: i64 = 7;

pub(super) fn rlimit(state: &mut State, at: &At<'_>) -> Option<()> {
    params::success(&at.event)?;
    at.event.int(3).filter(|&resource| resource == NOFILE)?;
    set(state, at.thread?, at.event.int(1)?)
}

/// `prlimit` may be about another process.
pub(super) fn prlimit(state: &mut State, at: &At<'_>) -> Option<()> {
    params::result(&at.event).filter(|&result| result == 0)?;
    at.event.int(6).filter(|&resource| resource == NOFILE)?;
    let limit = at.event.int(1).filter(|&limit| limit != -1)?;
    let tid = match at.event.int(5)? {
        0 => at.event.tid,
        tid => tid,
    };
    let key = state.known_or_unknown(tid, at.event.ts_ns)?;
    if state.threads.get(key)?.is_unknown() {
        return None;
    }
    set(state, key, limit)
}

fn set(state: &mut State, key: Key, limit: i64) -> Option<()> {
    if limit == -1 {
        return None;
    }
    let main = state.threads.main_of(key)?;
    state.threads.get_mut(main)?.fd_limit = limit;
    Some(())
}
