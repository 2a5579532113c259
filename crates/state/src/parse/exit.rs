//! The end of threads, and who takes care of those they leave.

use super::{At, params};
use crate::State;

/// `prctl` options in the schema's numbering.
const SET_CHILD_SUBREAPER: u32 = 36;
const GET_CHILD_SUBREAPER: u32 = 37;

/// The thread exits; it goes before the next event.
pub(super) fn exit(state: &mut State, at: &At<'_>) -> Option<()> {
    let key = at.thread?;
    state.threads.mark_dead(key);
    state.deferred.exit = Some(at.event.tid);
    if !state.threads.has_children(key) {
        return None;
    }
    let thread = state.threads.get_mut(key)?;
    if at.event.param_count() > 4 {
        thread.reaper_tid = at.event.int(4)?;
    } else {
        thread.reaper_tid = -1;
    }
    Some(())
}

/// `prctl`: a process declares that it takes the children of its dying descendants.
pub(super) fn prctl(state: &mut State, at: &At<'_>) -> Option<()> {
    params::success(&at.event)?;
    let key = at.thread?;
    if state.threads.get(key)?.is_unknown() {
        return None;
    }
    let option = params::u32(&at.event, 1)?;
    if !matches!(option, SET_CHILD_SUBREAPER | GET_CHILD_SUBREAPER) {
        return None;
    }
    let reaper = at.event.int(3).is_some_and(|value| value != 0);
    state.threads.set_reaper(key, reaper);
    Some(())
}
