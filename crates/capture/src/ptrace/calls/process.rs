//! Processes: made, given another program, ended.
//!
//! What an exec runs is read from `/proc` when the program is in place and has not begun: nothing
//! can change it there. A call that failed tells the arguments that it was given. The parent's and
//! the child's side of a clone each have an event, as from other recorders.

use event::{
    EventBuilder, EventType,
    symbols::CLONE_FLAGS,
    syscalls::{
        CLONE_20_X, CLONE3_X, EXECVE_19_X, EXECVEAT_X, FORK_20_X, PROCEXIT_1_E, VFORK_20_X,
    },
};

use super::{Call, Emit, Enter, Exit, Row, Saved, When, nothing, number};
use crate::{
    proc::{Extent, Facts, parse::list},
    ptrace::{ExitStatus, memory::Memory, numbers},
};

pub(super) const TABLE: &[Row] = &[
    Row {
        number: number(libc::SYS_clone),
        name: "clone",
        when: When::Always,
        enter: enter_clone,
        exit: made,
    },
    Row {
        number: number(numbers::SYS_fork),
        name: "fork",
        when: When::Always,
        enter: nothing,
        exit: made,
    },
    Row {
        number: number(numbers::SYS_vfork),
        name: "vfork",
        when: When::Always,
        enter: nothing,
        exit: made,
    },
    Row {
        number: number(libc::SYS_clone3),
        name: "clone3",
        when: When::Always,
        enter: enter_clone3,
        exit: made,
    },
    Row {
        number: number(libc::SYS_execve),
        name: "execve",
        when: When::Always,
        enter: enter_execve,
        exit: refused,
    },
    Row {
        number: number(libc::SYS_execveat),
        name: "execveat",
        when: When::Always,
        enter: enter_execveat,
        exit: refused,
    },
];

/// Most bytes that an event keeps of arguments, and of the first of them and the environment, for which
/// other readers take no more than this.
const ARGS_BYTES: usize = 32 * 1024;
const EXE_BYTES: usize = 4096;
const ENV_BYTES: usize = 4096;
/// Most words of a failed exec's arguments that are looked at.
const MAX_WORDS: usize = 512;

/// `CLONE_THREAD` of linux/sched.h.
const CLONE_THREAD: u64 = 0x1_0000;
/// Where a clone keeps its flags among the numbers saved.
const FLAGS: usize = 0;
/// The schema's bit for a child in a pid namespace of its own.
const CHILD_IN_PIDNS: u32 = 1 << 29;

fn enter_clone(enter: &Enter<'_>, saved: &mut Saved) {
    saved.numbers[FLAGS] = enter.call.arg(0);
}

fn enter_clone3(enter: &Enter<'_>, saved: &mut Saved) {
    saved.numbers[FLAGS] = enter.memory.u64(enter.call.arg(0)).unwrap_or(0);
}

fn enter_execve(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(0, saved);
}

fn enter_execveat(enter: &Enter<'_>, saved: &mut Saved) {
    enter.save_path(1, saved);
}

/// The flags that a clone was given, as the kernel has them.
pub(in crate::ptrace) fn clone_flags(saved: &Saved) -> u64 {
    saved.numbers[FLAGS]
}

/// Bits of linux/sched.h, by the schema's name for them.
const KERNEL_FLAGS: [(&str, u64); 22] = [
    ("CLONE_VM", 0x100),
    ("CLONE_FS", 0x200),
    ("CLONE_FILES", 0x400),
    ("CLONE_SIGHAND", 0x800),
    ("CLONE_PTRACE", 0x2000),
    ("CLONE_VFORK", 0x4000),
    ("CLONE_PARENT", 0x8000),
    ("CLONE_THREAD", 0x1_0000),
    ("CLONE_NEWNS", 0x2_0000),
    ("CLONE_SYSVSEM", 0x4_0000),
    ("CLONE_SETTLS", 0x8_0000),
    ("CLONE_PARENT_SETTID", 0x10_0000),
    ("CLONE_CHILD_CLEARTID", 0x20_0000),
    ("CLONE_UNTRACED", 0x80_0000),
    ("CLONE_CHILD_SETTID", 0x100_0000),
    ("CLONE_NEWCGROUP", 0x200_0000),
    ("CLONE_NEWUTS", 0x400_0000),
    ("CLONE_NEWIPC", 0x800_0000),
    ("CLONE_NEWUSER", 0x1000_0000),
    ("CLONE_NEWPID", 0x2000_0000),
    ("CLONE_NEWNET", 0x4000_0000),
    ("CLONE_IO", 0x8000_0000),
];

/// Flags of a clone in the schema's numbering.
pub(super) fn schema_flags(kernel: u64) -> u32 {
    KERNEL_FLAGS
        .iter()
        .filter(|(_, bit)| kernel & bit != 0)
        .filter_map(|(name, _)| CLONE_FLAGS.iter().find(|symbol| symbol.name == *name))
        .fold(0, |flags, symbol| flags | symbol.value)
}

/// The event type of the call that makes a child.
fn kind_of(call: &Call) -> EventType {
    match i64::from(call.row.number) {
        numbers::SYS_fork => FORK_20_X,
        numbers::SYS_vfork => VFORK_20_X,
        libc::SYS_clone3 => CLONE3_X,
        _ => CLONE_20_X,
    }
}

/// The parent's side.
fn made(exit: &mut Exit<'_>) {
    let kind = kind_of(exit.call);
    let flags = schema_flags(clone_flags(exit.saved));
    clone_event(exit.emit, kind, (exit.pid, exit.tid), exit.result, flags);
}

/// The child's side, at its first stop.
pub(in crate::ptrace) fn began(emit: &mut Emit, call: &Call, flags: u64, id: (i32, i32)) {
    clone_event(emit, kind_of(call), id, 0, schema_flags(flags));
}

/// Whether the call makes a thread or a process.
pub(in crate::ptrace) fn makes_child(call: &Call) -> bool {
    matches!(
        i64::from(call.row.number),
        libc::SYS_clone | libc::SYS_clone3 | numbers::SYS_fork | numbers::SYS_vfork
    )
}

/// The side of a child whose maker did not live to tell how it was made.
pub(in crate::ptrace) fn adopted(emit: &mut Emit, (pid, tid): (i32, i32)) {
    let flags = if pid == tid { 0 } else { schema_flags(CLONE_THREAD) };
    clone_event(emit, CLONE_20_X, (pid, tid), 0, flags);
}

fn clone_event(emit: &mut Emit, kind: EventType, id: (i32, i32), result: i64, flags: u32) {
    let Some(facts) = read(emit, id, Extent::Clone) else { return };
    let in_namespace = if facts.status.pidns_depth > 1 { CHILD_IN_PIDNS } else { 0 };
    let event = emit.builder.start(kind, emit.ts_ns, i64::from(id.1), 0);
    event.i64(result).text(exe(facts.exe())).raw(facts.args());
    ids_and_memory(event, &facts);
    event
        .text(facts.comm())
        .raw(facts.cgroups())
        .u32(flags | in_namespace)
        .u32(facts.status.uid[1])
        .u32(facts.status.gid[1])
        .i64(facts.status.vtid)
        .i64(facts.status.vpid)
        .u64(facts.pidns_init_start_ns);
    emit.facts = Some(facts);
    emit.end();
}

/// What stands at the same place in the events of clone and of exec: from `tid` to `vm_swap`. The
/// working directory is left to readers, who know it from chdir, as other recorders do.
fn ids_and_memory(event: &mut EventBuilder, facts: &Facts) {
    event
        .i64(facts.status.tid)
        .i64(facts.status.tgid)
        .i64(facts.status.ppid)
        .text(b"")
        .i64(facts.fd_limit)
        .u64(facts.majflt)
        .u64(facts.minflt)
        .u32(facts.status.vmsize_kb)
        .u32(facts.status.vmrss_kb)
        .u32(facts.status.vmswap_kb);
}

/// Reads the facts of a thread; a thread that is gone is counted.
fn read(emit: &mut Emit, (pid, tid): (i32, i32), extent: Extent) -> Option<Facts> {
    let mut facts = emit.facts.take().unwrap_or_else(|| Facts::new(ARGS_BYTES));
    match facts.read(pid, tid, extent) {
        Ok(()) => Some(facts),
        Err(_) => {
            emit.facts = Some(facts);
            emit.counts.unreadable += 1;
            None
        }
    }
}

impl Emit {
    /// Process and parent of a thread.
    pub(in crate::ptrace) fn ids(&mut self, tid: i32) -> Option<(i32, i32)> {
        let facts = read(self, (tid, tid), Extent::Clone)?;
        let ids = (facts.status.tgid as i32, facts.status.ppid as i32);
        self.facts = Some(facts);
        Some(ids)
    }
}

/// A program is in place of the former one.
pub(in crate::ptrace) fn executed(emit: &mut Emit, call: Option<&Call>, saved: &Saved, pid: i32) {
    let Some(facts) = read(emit, (pid, pid), Extent::Exec) else { return };
    let at = call.is_some_and(|call| i64::from(call.row.number) == libc::SYS_execveat);
    let words = Words { exe: facts.exe(), args: facts.args() };
    exec_event(&mut emit.builder, emit.ts_ns, &facts, at, 0, &words, saved);
    emit.facts = Some(facts);
    emit.end();
}

/// An exec failed.
fn refused(exit: &mut Exit<'_>) {
    let Some(facts) = read(exit.emit, (exit.pid, exit.tid), Extent::Exec) else { return };
    let at = i64::from(exit.call.row.number) == libc::SYS_execveat;
    let argv = exit.call.arg(if at { 2 } else { 1 });
    let (mut exe, mut args) = (Vec::new(), Vec::new());
    argument_words(&exit.memory, argv, &mut exe, &mut args);
    let words = Words { exe: &exe, args: &args };
    let Emit { builder, ts_ns, .. } = exit.emit;
    exec_event(builder, *ts_ns, &facts, at, exit.result, &words, exit.saved);
    exit.emit.facts = Some(facts);
    exit.end();
}

/// What an exec was asked to run.
struct Words<'a> {
    exe: &'a [u8],
    args: &'a [u8],
}

/// The first word, and the others with a NUL after each.
fn argument_words(memory: &Memory, argv: u64, exe: &mut Vec<u8>, args: &mut Vec<u8>) {
    for at in 0..MAX_WORDS {
        let place = argv.wrapping_add(at as u64 * memory.word_bytes());
        let Some(word) = memory.word(place).filter(|word| *word != 0) else { return };
        let out = if at == 0 { &mut *exe } else { &mut *args };
        let room = ARGS_BYTES.saturating_sub(out.len());
        if room < 2 || memory.text(word, room - 1, out).is_err() {
            return;
        }
        if at > 0 {
            args.push(0);
        }
    }
}

/// The first argument, with room for its NUL.
fn exe(word: &[u8]) -> &[u8] {
    word.get(..EXE_BYTES - 1).unwrap_or(word)
}

/// A path as it was before its file was removed, which `/proc` marks.
fn path_of(link: &[u8]) -> &[u8] {
    link.strip_suffix(b" (deleted)").unwrap_or(link)
}

fn exec_event(
    event: &mut EventBuilder,
    ts_ns: u64,
    facts: &Facts,
    at: bool,
    result: i64,
    words: &Words<'_>,
    saved: &Saved,
) {
    let kind = if at { EXECVEAT_X } else { EXECVE_19_X };
    event.start(kind, ts_ns, facts.status.tid, 0);
    event.i64(result).text(exe(words.exe)).raw(words.args);
    ids_and_memory(event, facts);
    let mut env = Vec::new();
    list(facts.env(), ENV_BYTES, &mut env);
    event
        .text(facts.comm())
        .raw(facts.cgroups())
        .raw(&env)
        .u32(facts.tty)
        .i64(facts.status.vpgid)
        .u32(facts.loginuid)
        .u32(facts.exe_facts.flags)
        .u64(facts.status.cap_inheritable)
        .u64(facts.status.cap_permitted)
        .u64(facts.status.cap_effective)
        .u64(facts.exe_facts.ino)
        .u64(facts.exe_facts.ctime_ns)
        .u64(facts.exe_facts.mtime_ns)
        .u32(facts.status.uid[1])
        .text(path_of(facts.exepath()))
        .i64(facts.pgid)
        .u32(facts.status.gid[1]);
    if !at {
        match saved.text(0) {
            Some(name) => event.text(name),
            None => event.null(),
        };
    }
}

/// A thread ended. `reaper` is who becomes the parent of its children, if it has any; else 0.
pub(in crate::ptrace) fn ended(
    emit: &mut Emit,
    tid: i32,
    status: ExitStatus,
    core: bool,
    reaper: i32,
) {
    let (raw, code, signal) = match status {
        ExitStatus::Code(code) => (i64::from(code) << 8, i64::from(code), 0),
        ExitStatus::Signal(signal) => (i64::from(signal) | if core { 0x80 } else { 0 }, 0, signal),
    };
    emit.start(PROCEXIT_1_E, i64::from(tid))
        .i64(raw)
        .i64(code)
        .u8(signal as u8)
        .u8(u8::from(core))
        .i64(i64::from(reaper));
    emit.end();
}
