//! What processes do to their own and to others' rights.
//!
//! Calls that the schema knows tell what they did and how it ended; of those that are only recorded
//! by number ([`by_number`]) that they were called is all there is to tell.

use event::{
    names::{capability_name, signal_name},
    schema::{Detail, Symbol},
    syscalls as ev,
};
use state::{CloneFlags, Context, State};

use super::{
    commands::script,
    draft::{Draft, user},
    fds,
    files::failure,
    files::paths,
    limits::{Budget, Row},
};
use crate::model::{Change, Moment, PrivilegeChange, Recorded, User};

/// Equal changes are told once if they are among the latest so many of a process.
const COMPARED: usize = 64;

/// Signals that are no more than a message: none at all, and a child's end.
const NO_SIGNAL: i64 = 0;
const SIGCHLD: i64 = 17;

/// `BPF_PROG_LOAD` in the schema's numbering.
const PROG_LOAD: i64 = 5;

/// Requests of `ptrace(2)` that take hold of a process or change it; the others only follow it.
const HOLDS: [&str; 9] = [
    "PTRACE_TRACEME",
    "PTRACE_ATTACH",
    "PTRACE_SEIZE",
    "PTRACE_POKETEXT",
    "PTRACE_POKEDATA",
    "PTRACE_POKEUSR",
    "PTRACE_SETREGS",
    "PTRACE_SETREGSET",
    "PTRACE_KILL",
];

/// Adds a row.
pub(super) fn push(draft: &mut Draft, change: PrivilegeChange, budget: &mut Budget) {
    let rows = &mut draft.process.privileges;
    let is_told = |row: &PrivilegeChange| row.change == change.change && row.error == change.error;
    if !rows.iter().rev().take(COMPARED).any(is_told)
        && budget.admit(Row::Privilege, text_bytes(&change.change))
    {
        rows.push(change);
    }
}

fn text_bytes(change: &Change) -> usize {
    match change {
        Change::Mount { source, target, kind, .. } => {
            source.bytes().len() + target.bytes().len() + kind.bytes().len()
        }
        Change::Module { name, .. } => name.bytes().len(),
        Change::Chroot { path } => path.bytes().len(),
        _ => 0,
    }
}

/// Takes in an event; what has nothing to do with rights is passed over.
pub(super) fn event(context: &Context<'_>, at: Moment, draft: &mut Draft, budget: &mut Budget) {
    let Some(change) = change(context, draft) else { return };
    // A call that is only told by number does not say how it ended.
    let error = if context.event.kind == ev::GENERIC_X { None } else { failure(context) };
    match change {
        Change::User { ref to, .. } if error.is_none() => draft.facts.uid = to.uid,
        Change::Group { to, .. } if error.is_none() => draft.facts.gid = to,
        _ => {}
    }
    push(draft, PrivilegeChange { at, change, error }, budget);
}

fn change(context: &Context<'_>, draft: &mut Draft) -> Option<Change> {
    let event = &context.event;
    let by = event.kind.info().name;
    match event.kind {
        ev::SETUID_X => become_user(context, draft, 1),
        ev::SETREUID_X | ev::SETRESUID_X => become_user(context, draft, 2),
        ev::SETGID_X => become_member(context, draft, 1),
        ev::SETREGID_X | ev::SETRESGID_X => become_member(context, draft, 2),
        ev::CAPSET_X => capset(context, draft),
        ev::SETSID_X => failure(context).is_none().then_some(Change::Session),
        ev::UNSHARE_X => Some(Change::Namespaces { by, kinds: namespaces(event.int(1)?) }),
        ev::SETNS_X => setns(context),
        ev::CLONE_20_X | ev::CLONE3_X | ev::FORK_20_X | ev::VFORK_20_X => cloned(context),
        ev::PTRACE_X => ptrace(context),
        ev::PROCESS_VM_READV_X | ev::PROCESS_VM_WRITEV_X => {
            Some(Change::Memory { by, pid: event.int(1)? })
        }
        ev::INIT_MODULE_X => Some(Change::Module { by, name: Recorded::default() }),
        ev::FINIT_MODULE_X => {
            let path = context.fd.and_then(fds::path).map(Recorded::from);
            Some(Change::Module { by, name: path.unwrap_or_default() })
        }
        ev::DELETE_MODULE_X => Some(Change::Module { by, name: text(context, 1) }),
        ev::MOUNT_X => Some(Change::Mount {
            by,
            source: text(context, 1),
            target: paths::of_param(context, 2).map(Recorded::from).unwrap_or_default(),
            kind: text(context, 3),
        }),
        ev::UMOUNT_1_X | ev::UMOUNT2_X => Some(mount(by, paths::of_param(context, 1))),
        ev::CHROOT_X => Some(Change::Chroot { path: paths::of_param(context, 1)?.into() }),
        ev::BPF_2_X if event.int(1)? == PROG_LOAD => {
            Some(Change::Bpf { command: symbol(context, 1)? })
        }
        ev::KILL_X | ev::TKILL_X => signal(context, draft, event.int(1)?, event.int(2)?),
        ev::TGKILL_X => signal(context, draft, event.int(1)?, event.int(3)?),
        ev::GENERIC_X => by_number(event.int(0)?),
        _ => None,
    }
}

/// What a call does that is only recorded by its number.
fn by_number(code: i64) -> Option<Change> {
    let by = *ev::SYSCALL_NAMES.get(usize::try_from(code).ok()?)?;
    Some(match by {
        "pivot_root" | "move_mount" | "fsmount" | "open_tree" | "mount_setattr" | "mount"
        | "umount" | "umount2" => mount(by, None),
        "init_module" | "finit_module" | "delete_module" | "create_module" | "kexec_load"
        | "kexec_file_load" => Change::Module { by, name: Recorded::default() },
        "process_vm_readv" | "process_vm_writev" => Change::Memory { by, pid: 0 },
        _ => return None,
    })
}

fn mount(by: &'static str, target: Option<state::Text>) -> Change {
    let target = target.map(Recorded::from).unwrap_or_default();
    Change::Mount { by, source: Recorded::default(), target, kind: Recorded::default() }
}

fn text(context: &Context<'_>, index: usize) -> Recorded {
    let text = context.event.text(index).filter(|text| *text != b"<NA>");
    text.map(Recorded::from).unwrap_or_default()
}

/// The call that makes the user in this parameter the effective one; all ones leave it.
fn become_user(context: &Context<'_>, draft: &Draft, param: usize) -> Option<Change> {
    let uid = id(context, param)?;
    if uid == draft.facts.uid || draft.facts.uid == u32::MAX {
        return None;
    }
    let named = |uid| -> User { user(context.state, &draft.facts.container, uid) };
    let by = context.event.kind.info().name;
    Some(Change::User { from: named(draft.facts.uid), to: named(uid), by })
}

fn become_member(context: &Context<'_>, draft: &Draft, param: usize) -> Option<Change> {
    let (from, to) = (draft.facts.gid, id(context, param)?);
    (from != to && from != u32::MAX).then_some(Change::Group { from, to })
}

fn id(context: &Context<'_>, param: usize) -> Option<u32> {
    context.event.int(param).map(|id| id as u32).filter(|&id| id != u32::MAX)
}

fn capset(context: &Context<'_>, draft: &mut Draft) -> Option<Change> {
    let now = context.event.int(3)? as u64;
    let before = draft.facts.capabilities;
    if failure(context).is_none() {
        draft.facts.capabilities = now;
    }
    capabilities(before, now)
}

/// The difference of two sets of capabilities; `None` if there is none.
pub(super) fn capabilities(before: u64, now: u64) -> Option<Change> {
    let names =
        |set: u64| (0..64).filter(move |bit| set >> bit & 1 == 1).filter_map(capability_name);
    let (gained, lost) = (now & !before, before & !now);
    let change =
        Change::Capabilities { gained: names(gained).collect(), lost: names(lost).collect() };
    (gained | lost != 0).then_some(change)
}

/// Kinds of namespaces in flags of clone, unshare and setns.
fn namespaces(flags: i64) -> Vec<&'static str> {
    use CloneFlags as F;
    let flags = F::from_bits_retain(flags as u32);
    let kinds = [
        (F::NEWNS, "mnt"),
        (F::NEWPID, "pid"),
        (F::NEWNET, "net"),
        (F::NEWUSER, "user"),
        (F::NEWIPC, "ipc"),
        (F::NEWUTS, "uts"),
        (F::NEWCGROUP, "cgroup"),
    ];
    kinds.into_iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, kind)| kind).collect()
}

/// Without flags, the kind is that of the file that was opened for it.
fn setns(context: &Context<'_>) -> Option<Change> {
    const KINDS: [&str; 8] = ["mnt", "pid", "net", "user", "ipc", "uts", "cgroup", "time"];
    let mut kinds = namespaces(context.event.int(2)?);
    if kinds.is_empty()
        && let Some(path) = context.fd.and_then(fds::path)
    {
        let last = script::base(&path);
        kinds.extend(KINDS.into_iter().find(|kind| kind.as_bytes() == last));
    }
    Some(Change::Namespaces { by: "setns", kinds })
}

/// Clone with new namespaces is the parent's act.
fn cloned(context: &Context<'_>) -> Option<Change> {
    let kinds = namespaces(context.event.int(15)?);
    let is_parent = context.event.int(0)? > 0;
    (is_parent && !kinds.is_empty()).then_some(Change::Namespaces { by: "clone", kinds })
}

fn ptrace(context: &Context<'_>) -> Option<Change> {
    let request = symbol(context, 3).filter(|request| HOLDS.contains(&request.as_str()))?;
    Some(Change::Ptrace { request, pid: process_of(context.state, context.event.int(4)?) })
}

/// A signal to another process; to a group or to all, the number that says so.
fn signal(context: &Context<'_>, draft: &Draft, pid: i64, signal: i64) -> Option<Change> {
    let pid = process_of(context.state, pid);
    if matches!(signal, NO_SIGNAL | SIGCHLD) || pid == draft.process.pid {
        return None;
    }
    let name = u8::try_from(signal).ok().and_then(signal_name);
    let signal = name.map_or_else(|| format!("SIG{signal}"), str::to_owned);
    Some(Change::Signal { signal, pid })
}

/// The process that a thread's id belongs to.
fn process_of(state: &State, tid: i64) -> i64 {
    state.thread(tid).filter(|thread| thread.pid > 0).map_or(tid, |thread| thread.pid)
}

/// Name of the value of a parameter.
fn symbol(context: &Context<'_>, index: usize) -> Option<String> {
    let param = context.event.param(index)?;
    let value = param.int()?;
    let Detail::Symbols(symbols) = param.info.detail else { return None };
    let found = symbols.iter().find(|symbol: &&Symbol| i64::from(symbol.value) == value)?;
    Some(found.name.to_owned())
}
