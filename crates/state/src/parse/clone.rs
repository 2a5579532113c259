//! `clone`, `clone3`, `fork`, `vfork`.
//!
//! Both parent and child record the call's return, in either order. Whichever comes first adds the
//! child, except where only the child can know its own ids: in a pid namespace of its own, the
//! parent is told an id of that namespace.

use event::{Event, syscalls::VFORK_20_X};

use super::{At, entry, memory, params};
use crate::{CloneFlags, State, Text, Thread, text::list, threads::Key};

const EXE: usize = 1;
const ARGS: usize = 2;
const PID: usize = 4;
const PTID: usize = 5;
const FD_LIMIT: usize = 7;
const COMM: usize = 13;
const CGROUPS: usize = 14;
const FLAGS: usize = 15;
const UID: usize = 16;
const GID: usize = 17;
const VTID: usize = 18;
const VPID: usize = 19;
const PIDNS_START: usize = 20;

/// A thread that was cloned longer ago than this when its clone returns is another one whose exit
/// was not seen, ns.
const STALE_NS: u64 = 2_000_000_000;

pub(super) fn clone(state: &mut State, at: &mut At<'_>) -> Option<()> {
    match params::success(&at.event)? {
        0 => child(state, at),
        child_tid => parent(state, at, child_tid),
    }
}

/// The parent's side.
fn parent(state: &mut State, at: &mut At<'_>, child_tid: i64) -> Option<()> {
    let event = at.event;
    let caller = state.known_or_unknown(event.tid, event.ts_ns)?;
    let known = !state.threads.get(caller)?.is_unknown();
    if !known {
        learn_caller(state, caller, &event)?;
    }
    at.thread = Some(caller);
    if !parent_adds_child(state, caller, &event) {
        return None;
    }
    if let Some(old) = state.threads.find(child_tid) {
        if state.threads.get(old)?.flags.contains(CloneFlags::INVERTED) {
            return None;
        }
        state.threads.remove(child_tid);
    }
    let names = Names::of(&event, state);
    if !known {
        names.give_to(state.threads.get_mut(caller)?);
    }
    let mut child = started(&event, names, state);
    child.tid = child_tid;
    relate_to_caller(&mut child, state.threads.get(caller)?);
    child.vtid = child.tid;
    child.vpid = child.pid;
    child.pidns_init_start_ts_ns = state.machine.boot_ts_ns;
    if known {
        inherit(&mut child, state.threads.get(caller)?);
        take_process_over(state, &mut child, caller);
    }
    state.add_thread(child);
    // Removing a thread of the same id may have removed the caller.
    at.thread = state.active(event.tid, event.ts_ns);
    Some(())
}

/// What the event tells of a caller that was not known.
fn learn_caller(state: &mut State, caller: Key, event: &Event<'_>) -> Option<()> {
    let thread = state.threads.get_mut(caller)?;
    thread.pid = event.int(PID).unwrap_or(-1);
    thread.ptid = event.int(PTID).unwrap_or(-1);
    (thread.vtid, thread.vpid) = virtual_ids(event);
    state.threads.relate(caller);
    Some(())
}

/// Whether the parent's return is the one that adds the child.
fn parent_adds_child(state: &State, caller: Key, event: &Event<'_>) -> bool {
    let flags = flags(event);
    let in_namespace = CloneFlags::CHILD_IN_PIDNS | CloneFlags::NEWPID | CloneFlags::PARENT;
    // A parent that called vfork returns when its child is long past its own return.
    let vfork = flags.contains(CloneFlags::VFORK) || event.kind == VFORK_20_X;
    let caller_in_namespace =
        state.threads.get(caller).is_none_or(|thread| thread.vtid != event.tid);
    let child_tid = params::result(event).unwrap_or(-1);
    !flags.intersects(in_namespace)
        && !vfork
        && !caller_in_namespace
        && !state.exits.contains(child_tid, event.tid, event.ts_ns)
}

/// Ids that depend on whether the child is a thread of the caller's process.
fn relate_to_caller(child: &mut Thread, caller: &Thread) {
    if child.flags.contains(CloneFlags::THREAD) {
        child.pid = caller.pid;
        child.ptid = caller.ptid;
        child.flags |= CloneFlags::FILES;
        child.lastexec_ts_ns = caller.lastexec_ts_ns;
    } else {
        child.pid = child.tid;
        child.ptid = caller.tid;
    }
}

/// The child's side.
fn child(state: &mut State, at: &mut At<'_>) -> Option<()> {
    let event = at.event;
    if let Some(thread) = at.thread.and_then(|key| state.threads.get(key))
        && thread.clone_ts_ns != 0
    {
        if event.ts_ns.wrapping_sub(thread.clone_ts_ns) < STALE_NS {
            return None;
        }
        state.threads.remove(event.tid);
        at.thread = None;
    }
    let flags = flags(&event);
    let is_thread = flags.contains(CloneFlags::THREAD);
    let (pid, ptid) = (event.int(PID).unwrap_or(-1), event.int(PTID).unwrap_or(-1));
    let origin = if is_thread { pid } else { ptid };
    let origin = state.known_or_unknown(origin, event.ts_ns)?;
    let known = !state.threads.get(origin)?.is_unknown();
    let names = Names::of(&event, state);
    if !known && is_thread {
        learn_leader(state, origin, &event, &names)?;
    }
    let mut child = started(&event, names, state);
    (child.tid, child.pid, child.ptid) = (event.tid, pid, ptid);
    (child.vtid, child.vpid) = virtual_ids(&event);
    child.flags |= CloneFlags::INVERTED;
    if is_thread {
        child.flags |= CloneFlags::FILES;
    }
    if known {
        inherit(&mut child, state.threads.get(origin)?);
        take_process_over(state, &mut child, origin);
        if is_thread {
            child.lastexec_ts_ns = state.threads.get(origin)?.lastexec_ts_ns;
        }
    }
    child.pidns_init_start_ts_ns = namespace_start(state, &child, &event);
    at.thread = state.add_thread(child);
    Some(())
}

/// What the event tells of a main thread that was not known.
fn learn_leader(state: &mut State, leader: Key, event: &Event<'_>, names: &Names) -> Option<()> {
    let thread = state.threads.get_mut(leader)?;
    thread.pid = event.int(PID).unwrap_or(-1);
    thread.ptid = event.int(PTID).unwrap_or(-1);
    thread.vpid = virtual_ids(event).1;
    thread.vtid = thread.vpid;
    names.give_to(thread);
    state.threads.relate(leader);
    Some(())
}

/// When the child's pid namespace began.
fn namespace_start(state: &State, child: &Thread, event: &Event<'_>) -> u64 {
    let inside = child.flags.intersects(CloneFlags::CHILD_IN_PIDNS | CloneFlags::NEWPID)
        || child.tid != child.vtid;
    let boot = state.machine.boot_ts_ns;
    if !inside {
        return boot;
    }
    params::u64(event, PIDNS_START).map_or(0, |since_boot| boot.wrapping_add(since_boot))
}

/// Command, first argument and arguments of the process that called clone.
struct Names {
    comm: Text,
    exe: Text,
    args: Text,
}

impl Names {
    fn of(event: &Event<'_>, state: &mut State) -> Self {
        let exe = state.pool.get(params::text(event, EXE));
        let comm = match params::text_if_any(event, COMM) {
            Some(comm) => state.pool.get(comm),
            None => exe.clone(),
        };
        let args = list(event.bytes(ARGS).unwrap_or_default(), &mut state.pool);
        Self { comm, exe, args }
    }

    fn give_to(&self, thread: &mut Thread) {
        thread.comm = self.comm.clone();
        thread.exe = self.exe.clone();
        thread.args = self.args.clone();
    }
}

/// A thread with what either side's event tells of it.
fn started(event: &Event<'_>, names: Names, state: &mut State) -> Thread {
    let mut child = Thread {
        flags: flags(event),
        comm: names.comm,
        exe: names.exe,
        args: names.args,
        fd_limit: event.int(FD_LIMIT).unwrap_or(-1),
        uid: params::u32(event, UID).unwrap_or(u32::MAX),
        gid: params::u32(event, GID).unwrap_or(u32::MAX),
        clone_ts_ns: event.ts_ns,
        lastaccess_ts_ns: event.ts_ns,
        ..Thread::default()
    };
    memory::process_figures(&mut child, event);
    if let Some(cgroups) = params::bytes(event, CGROUPS) {
        child.cgroups = entry::cgroups(cgroups, &mut state.pool).unwrap_or_default();
        child.container_id = state.containers.of_cgroups(&child.cgroups);
    }
    child
}

/// What a child has from the thread that it was cloned from.
fn inherit(child: &mut Thread, from: &Thread) {
    child.exepath = from.exepath.clone();
    child.exe_writable = from.exe_writable;
    child.exe_upper_layer = from.exe_upper_layer;
    child.exe_lower_layer = from.exe_lower_layer;
    child.exe_from_memfd = from.exe_from_memfd;
    child.root = from.root.clone();
    child.sid = from.sid;
    child.vpgid = from.vpgid;
    child.pgid = from.pgid;
    child.tty = from.tty;
    child.loginuid = from.loginuid;
    child.cap_permitted = from.cap_permitted;
    child.cap_inheritable = from.cap_inheritable;
    child.cap_effective = from.cap_effective;
    child.exe_ino = from.exe_ino;
    child.exe_ino_ctime_ns = from.exe_ino_ctime_ns;
    child.exe_ino_mtime_ns = from.exe_ino_mtime_ns;
    child.exe_ino_ctime_duration_clone_ns = from.exe_ino_ctime_duration_clone_ns;
}

/// What a new process has from the one that it was cloned from; a new thread has its leader for
/// that.
fn take_process_over(state: &State, child: &mut Thread, from: Key) {
    if child.flags.contains(CloneFlags::THREAD) {
        return;
    }
    let Some(thread) = state.threads.get(from) else { return };
    child.fds = state.fds(thread).clone();
    child.cwd = state.cwd_text(thread);
    child.env = thread.env.clone();
}

fn flags(event: &Event<'_>) -> CloneFlags {
    CloneFlags::from_bits_retain(params::u32(event, FLAGS).unwrap_or(0))
}

/// Thread and process id in the innermost namespace.
fn virtual_ids(event: &Event<'_>) -> (i64, i64) {
    match event.int(VPID) {
        Some(vpid) => (event.int(VTID).unwrap_or(event.tid), vpid),
        None => (event.tid, -1),
    }
}
