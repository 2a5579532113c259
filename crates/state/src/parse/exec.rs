//! `execve`, `execveat`.

use event::{
    Event,
    syscalls::{EXECVE_19_E, EXECVEAT_E},
};

use super::{At, entry, memory, params};
use crate::{CloneFlags, State, Text, Thread, path, text::NOT_AVAILABLE, text::list, threads::Key};

/// `AT_EMPTY_PATH` of `execveat` in the schema's numbering.
const AT_EMPTY_PATH: u32 = 1;

/// Bits of the event's flags.
const WRITABLE: u32 = 1;
const UPPER_LAYER: u32 = 1 << 1;
const FROM_MEMFD: u32 = 1 << 2;
const LOWER_LAYER: u32 = 1 << 3;

/// The call begins: old recorders name the file only here.
pub(super) fn enter(state: &mut State, at: &At<'_>) -> Option<()> {
    let event = &at.event;
    let (dirfd, name, flags) = if event.kind == EXECVEAT_E {
        (event.int(0).unwrap_or(0), params::text(event, 1), params::u32(event, 2).unwrap_or(0))
    } else {
        (0, params::text_if_any(event, 0)?, 0)
    };
    state.store_enter(at, dirfd, flags, name)
}

/// The call succeeded: the thread runs another program now, and its process has no other thread.
pub(super) fn exec(state: &mut State, at: &mut At<'_>) -> Option<()> {
    params::success(&at.event)?;
    let key = at.thread?;
    let event = at.event;
    state.threads.resurrect(key);
    take_names(state, key, &event)?;
    learn_ids(state, key, &event)?;
    take_process(state, key, &event)?;
    let exepath = match params::text_if_any(&event, 27) {
        Some(path) => Some(state.pool.get(path)),
        None => path_from_enter(state, at, key),
    };
    let thread = state.threads.get_mut(key)?;
    if let Some(path) = exepath {
        thread.set_exepath(path);
    }
    take_credentials(thread, &event);
    take_exe_facts(thread, &event);
    let kept = CloneFlags::PIPE_SRC
        | CloneFlags::PIPE_DST
        | CloneFlags::IS_MAIN_THREAD
        | CloneFlags::INVERTED;
    let owner = state.fd_owner(key);
    if let Some(fds) = owner.and_then(|owner| state.fds_mut(owner)) {
        fds.retain(|fd| !fd.close_on_exec());
    }
    let thread = state.threads.get_mut(key)?;
    thread.flags = (thread.flags & kept) | CloneFlags::ACTIVE | CloneFlags::NAME_CHANGED;
    end_other_threads(state, key);
    state.census.add_text(state.threads.get(key)?);
    state.count_texts();
    Some(())
}

fn take_names(state: &mut State, key: Key, event: &Event<'_>) -> Option<()> {
    let exe = state.pool.get(params::text(event, 1));
    let comm = match params::text_if_any(event, 13) {
        Some(comm) => state.pool.get(comm),
        None => exe.clone(),
    };
    let args = list(event.bytes(2).unwrap_or_default(), &mut state.pool);
    let thread = state.threads.get_mut(key)?;
    (thread.exe, thread.comm, thread.args) = (exe, comm, args);
    thread.lastexec_ts_ns = event.ts_ns;
    Some(())
}

/// The event tells the process, and, of a thread of which nothing else was known, the parent.
fn learn_ids(state: &mut State, key: Key, event: &Event<'_>) -> Option<()> {
    let thread = state.threads.get_mut(key)?;
    thread.pid = event.int(4).unwrap_or(thread.pid);
    if thread.is_unknown() {
        thread.ptid = event.int(5).unwrap_or(-1);
        if !thread.flags.contains(CloneFlags::CHILD_IN_PIDNS) {
            thread.vtid = thread.tid;
            thread.vpid = thread.pid;
        }
        state.threads.relate(key);
    }
    Some(())
}

fn take_process(state: &mut State, key: Key, event: &Event<'_>) -> Option<()> {
    let env = params::bytes(event, 15).map(|env| list(env, &mut state.pool));
    let cgroups = params::bytes(event, 14).and_then(|c| entry::cgroups(c, &mut state.pool));
    let thread = state.threads.get_mut(key)?;
    thread.fd_limit = event.int(7).unwrap_or(thread.fd_limit);
    memory::process_figures(thread, event);
    if let Some(env) = env {
        thread.env = env;
    }
    if let Some(cgroups) = cgroups {
        thread.container_id = state.containers.of_cgroups(&cgroups);
        thread.cgroups = cgroups;
    }
    if let Some(tty) = params::u32(event, 16) {
        thread.tty = tty;
    }
    if let Some(vpgid) = event.int(17) {
        thread.vpgid = vpgid;
    }
    thread.pgid = event.int(28).unwrap_or(-1);
    Some(())
}

fn take_credentials(thread: &mut Thread, event: &Event<'_>) {
    if let Some(loginuid) = params::u32(event, 18) {
        thread.loginuid = loginuid;
    }
    if let Some(effective) = params::u64(event, 22) {
        thread.cap_inheritable = params::u64(event, 20).unwrap_or(0);
        thread.cap_permitted = params::u64(event, 21).unwrap_or(0);
        thread.cap_effective = effective;
    }
    if let Some(uid) = params::u32(event, 26) {
        thread.uid = uid;
    }
    if let Some(gid) = params::u32(event, 29) {
        thread.gid = gid;
    }
}

fn take_exe_facts(thread: &mut Thread, event: &Event<'_>) {
    if let Some(flags) = params::u32(event, 19) {
        thread.exe_writable = flags & WRITABLE != 0;
        thread.exe_upper_layer = flags & UPPER_LAYER != 0;
        thread.exe_from_memfd = flags & FROM_MEMFD != 0;
        thread.exe_lower_layer = flags & LOWER_LAYER != 0;
    }
    let Some(mtime) = params::u64(event, 25) else { return };
    let ctime = params::u64(event, 24).unwrap_or(0);
    thread.exe_ino = params::u64(event, 23).unwrap_or(0);
    thread.exe_ino_ctime_ns = ctime;
    thread.exe_ino_mtime_ns = mtime;
    if thread.clone_ts_ns != 0 {
        thread.exe_ino_ctime_duration_clone_ns = thread.clone_ts_ns.wrapping_sub(ctime);
    }
    let namespace_start = thread.pidns_init_start_ts_ns;
    if namespace_start != 0 && ctime > namespace_start {
        thread.exe_ino_ctime_duration_pidns_start_ns = ctime - namespace_start;
    }
}

/// Path of the executable from what the call was given, for recordings that do not tell it at the
/// return. `None` if the call's beginning is not known.
fn path_from_enter(state: &mut State, at: &mut At<'_>, key: Key) -> Option<Text> {
    let enter = state.threads.get_mut(key)?.enter.take();
    let valid = state.threads.get(key)?.enter_valid;
    let found = enter.as_ref().filter(|_| valid).and_then(|enter| {
        if enter.kind == EXECVE_19_E.number() {
            path_of_execve(state, key, &enter.bytes)
        } else if enter.kind == EXECVEAT_E.number() {
            path_of_execveat(state, at, key, enter)
        } else {
            None
        }
    });
    state.threads.get_mut(key)?.enter = enter;
    found
}

fn path_of_execve(state: &mut State, key: Key, name: &[u8]) -> Option<Text> {
    if name == NOT_AVAILABLE {
        return Some(Text::from(name));
    }
    let mut scratch = std::mem::take(&mut state.scratch);
    path::join(state.cwd(state.threads.get(key)?), name, &mut scratch);
    let path = state.pool.get(&scratch);
    state.scratch = scratch;
    Some(path)
}

fn path_of_execveat(
    state: &mut State,
    at: &mut At<'_>,
    key: Key,
    enter: &crate::thread::Enter,
) -> Option<Text> {
    let name = enter.bytes.as_slice();
    let empty_path = enter.flags & AT_EMPTY_PATH != 0;
    let mut scratch = std::mem::take(&mut state.scratch);
    let thread = state.threads.get(key)?;
    let base = state.directory(thread, enter.dirfd, name);
    let unknown = base.is_unknown();
    if unknown || (!empty_path && name == NOT_AVAILABLE) {
        scratch.clear();
        scratch.extend_from_slice(NOT_AVAILABLE);
    } else if empty_path {
        path::join(b"".as_slice(), &base.to_vec(), &mut scratch);
    } else {
        path::join(base, name, &mut scratch);
    }
    let path = state.pool.get(&scratch);
    state.scratch = scratch;
    if !unknown && name.first() != Some(&b'/') {
        at.fd = state.look_at_fd(key, enter.dirfd);
    }
    Some(path)
}

/// The kernel ends all threads of the process but the main one, in which the new program runs.
fn end_other_threads(state: &mut State, key: Key) {
    let Some(thread) = state.threads.get(key) else { return };
    if state.threads.alive_in_group(thread) <= 1 {
        return;
    }
    let tid = thread.tid;
    let others: Vec<i64> = state
        .threads
        .members(thread)
        .filter(|member| !member.is_main() && member.tid != tid)
        .map(|member| member.tid)
        .collect();
    for other in others {
        state.threads.remove(other);
    }
}
