//! Working directory and root: `chdir`, `fchdir`, `getcwd`, `chroot`.

use super::{At, entry, params};
use crate::{State, Text, path, threads::Key};

/// `chdir`, and `getcwd`, which tells what a missed `chdir` did.
pub(super) fn chdir(state: &mut State, at: &At<'_>) -> Option<()> {
    params::success(&at.event)?;
    change(state, at.thread?, params::text(&at.event, 1))
}

pub(super) fn fchdir(state: &mut State, at: &At<'_>) -> Option<()> {
    params::success(&at.event)?;
    let directory = state.fd_at(at.fd?)?.name.clone();
    change(state, at.thread?, &directory)
}

/// A relative path begins at the thread's own directory; only main threads have one.
fn change(state: &mut State, key: Key, to: &[u8]) -> Option<()> {
    let main = state.threads.main_of(key)?;
    let base = state.threads.get(key)?.cwd.clone();
    let mut scratch = std::mem::take(&mut state.scratch);
    let cwd = entry::working_directory(&base, to, &mut scratch, &mut state.pool);
    state.scratch = scratch;
    state.threads.get_mut(main)?.cwd = cwd;
    Some(())
}

pub(super) fn chroot(state: &mut State, at: &At<'_>) -> Option<()> {
    params::success(&at.event).filter(|&result| result == 0)?;
    let key = at.thread?;
    let given = params::text(&at.event, 1);
    let root: Text = if given.first() == Some(&b'/') || given.is_empty() || given == b"<NA>" {
        state.pool.get(given)
    } else {
        let mut scratch = std::mem::take(&mut state.scratch);
        path::join(state.cwd(state.threads.get(key)?), given, &mut scratch);
        let root = state.pool.get(&scratch);
        state.scratch = scratch;
        root
    };
    state.threads.get_mut(key)?.root = root;
    Some(())
}
