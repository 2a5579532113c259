//! Who a thread acts as: users, groups, sessions, capabilities, user namespaces.

use super::{At, params};
use crate::{CloneFlags, State};

/// Number of capabilities that there are; a new user namespace gives all of them.
const CAPABILITIES: u32 = 41;

/// The effective user becomes the one in this parameter.
pub(super) fn set_user(state: &mut State, at: &At<'_>, param: usize) -> Option<()> {
    params::result(&at.event).filter(|&result| result == 0)?;
    let uid = params::u32(&at.event, param)?;
    let thread = state.threads.get_mut(at.thread?)?;
    thread.uid = uid;
    Some(())
}

/// The effective group becomes the one in this parameter.
pub(super) fn set_group(state: &mut State, at: &At<'_>, param: usize) -> Option<()> {
    params::result(&at.event).filter(|&result| result == 0)?;
    let gid = params::u32(&at.event, param)?;
    let thread = state.threads.get_mut(at.thread?)?;
    thread.gid = gid;
    Some(())
}

pub(super) fn setsid(state: &mut State, at: &At<'_>) -> Option<()> {
    let sid = params::success(&at.event)?;
    state.threads.get_mut(at.thread?)?.sid = sid;
    Some(())
}

pub(super) fn capset(state: &mut State, at: &At<'_>) -> Option<()> {
    params::success(&at.event)?;
    let sets = [1, 2, 3].map(|index| params::u64(&at.event, index).unwrap_or(0));
    let thread = state.threads.get_mut(at.thread?)?;
    [thread.cap_inheritable, thread.cap_permitted, thread.cap_effective] = sets;
    Some(())
}

/// `unshare`, `setns`: the flags in this parameter say which namespaces are new.
pub(super) fn new_namespaces(state: &mut State, at: &At<'_>, param: usize) -> Option<()> {
    params::success(&at.event)?;
    let flags = CloneFlags::from_bits_retain(params::u32(&at.event, param)?);
    if flags.contains(CloneFlags::NEWUSER) {
        let all = (1 << CAPABILITIES) - 1;
        let thread = state.threads.get_mut(at.thread?)?;
        [thread.cap_inheritable, thread.cap_permitted, thread.cap_effective] = [all; 3];
    }
    Some(())
}
