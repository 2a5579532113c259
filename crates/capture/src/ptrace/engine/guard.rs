//! Calls with which a program could slip out of the trace, or that would end otherwise than without
//! a tracer.

use super::{
    super::{
        Note,
        calls::{Abi, Call, Row, process},
        filter::{self, Marks},
        numbers,
        sys::{self, Until},
        thread::Thread,
        waits,
    },
    Engine, Said,
};

/// `CLONE_UNTRACED` of linux/sched.h: the child would not be traced.
const CLONE_UNTRACED: u64 = 0x80_0000;
/// `SECCOMP_SET_MODE_STRICT` and `SECCOMP_SET_MODE_FILTER` as `seccomp(2)` has them, and
/// `SECCOMP_FILTER_FLAG_NEW_LISTENER`.
const SET_MODE_FILTER: u64 = 1;
const NEW_LISTENER: u64 = 1 << 3;
/// `SECCOMP_FILTER_FLAG_TSYNC`: the filter is for all threads of the process.
const ALL_THREADS: u64 = 1;
/// `SECCOMP_MODE_STRICT` and `SECCOMP_MODE_FILTER` as `prctl(2)` has them.
const MODE_STRICT: u64 = 1;
const MODE_FILTER: u64 = 2;
/// Bytes below the stack pointer that a function may use, and room for what is laid below.
const RED_ZONE_BYTES: u64 = 128;
const STRICT_BYTES: u64 = 256;
/// `PTRACE_TRACEME`, `PTRACE_ATTACH`, `PTRACE_SEIZE`.
const TRACE_REQUESTS: [u64; 3] = [0, 16, 0x4206];

/// What was changed of a call, to be put back behind it.
#[derive(Clone, Copy, Debug)]
pub(in crate::ptrace) enum Change {
    /// The first arguments, in registers.
    Arguments([u64; 3]),
    /// The first argument of a 32-bit call, in its register.
    Argument32(u64),
    /// 64 bits of memory.
    Memory { address: u64, value: u64 },
}

/// Whether the tracer has to see the call though it is not to be recorded.
pub(super) fn needs(row: &Row) -> bool {
    matches!(
        i64::from(row.number),
        libc::SYS_clone
            | libc::SYS_clone3
            | numbers::SYS_fork
            | numbers::SYS_vfork
            | libc::SYS_execve
            | libc::SYS_execveat
            | libc::SYS_prctl
            | libc::SYS_ptrace
            | libc::SYS_seccomp
    )
}

impl Engine {
    /// Before a call.
    pub(super) fn guard(&mut self, tid: i32, call: &Call) {
        let native = call.abi == Abi::Bits64;
        let change = match i64::from(call.row.number) {
            libc::SYS_clone if call.arg(0) & CLONE_UNTRACED != 0 => traced_clone(tid, call),
            libc::SYS_clone3 => self.traced_clone3(tid, call),
            libc::SYS_prctl
                if native
                    && call.arg(0) == libc::PR_SET_SECCOMP as u64
                    && call.arg(1) == MODE_STRICT
                    && self.until == Until::Filter =>
            {
                strict_by_filter(tid, call, self.marks)
            }
            _ => return,
        };
        if let Some(thread) = self.threads.get_mut(&tid) {
            thread.change = change;
        }
    }

    /// Behind a call.
    pub(super) fn unguard(&mut self, tid: i32, call: &Call, result: i64) {
        self.put_back(tid);
        let Some(pid) = self.threads.get(&tid).map(|thread| thread.pid) else { return };
        match i64::from(call.row.number) {
            libc::SYS_seccomp
                if result >= 0
                    && call.arg(0) == SET_MODE_FILTER
                    && call.arg(1) & NEW_LISTENER != 0 =>
            {
                self.watch_every_call((pid, tid), call.arg(1) & ALL_THREADS != 0);
            }
            libc::SYS_mount | libc::SYS_move_mount | libc::SYS_setns | libc::SYS_unshare => {
                waits::mounts_changed();
            }
            libc::SYS_ptrace
                if result == -i64::from(libc::EPERM)
                    && TRACE_REQUESTS.contains(&call.arg(0))
                    && self.told.insert((pid, Said::TracerRefused)) =>
            {
                self.queue.note(Note::TracerRefused { pid });
            }
            libc::SYS_prctl if result == 0 && call.int(0) == libc::PR_SET_CHILD_SUBREAPER => {
                if let Some(process) = self.processes.get_mut(pid) {
                    process.subreaper = call.arg(1) != 0;
                }
            }
            _ => {}
        }
    }

    fn put_back(&mut self, tid: i32) {
        let change = self.threads.get_mut(&tid).and_then(|thread| thread.change.take());
        let done = match change {
            None => return,
            Some(Change::Arguments(args)) => sys::change_registers(tid, |registers| {
                registers.args = args;
            }),
            Some(Change::Argument32(arg)) => {
                sys::change_registers(tid, |registers| registers.arg_32 = arg)
            }
            Some(Change::Memory { address, value }) => {
                sys::write_memory(tid, address, &value.to_le_bytes())
            }
        };
        // If it was killed meanwhile there is nothing to put back.
        drop(done);
    }

    fn traced_clone3(&mut self, tid: i32, call: &Call) -> Option<Change> {
        let flags = self.threads.get(&tid).map(|thread| process::clone_flags(&thread.saved))?;
        if flags & CLONE_UNTRACED == 0 {
            return None;
        }
        let (address, value) = (call.arg(0), flags);
        let written = sys::write_memory(tid, address, &(flags & !CLONE_UNTRACED).to_le_bytes());
        if written.is_err() {
            // Memory that only is read. As where there is no such call, the program may use others.
            super::call::as_without_tracer(tid);
            return None;
        }
        Some(Change::Memory { address, value })
    }

    /// A listener may let calls through that the filter then does not stop: from here on every call
    /// of the thread stops before any filter is asked.
    fn watch_every_call(&mut self, (pid, tid): (i32, i32), all: bool) {
        let has_it = |thread: &&mut Thread| thread.tid == tid || (all && thread.pid == pid);
        let mut others = Vec::new();
        for thread in self.threads.values_mut().filter(has_it) {
            thread.until = Until::Call;
            others.push(thread.tid);
        }
        // Those that run are let go anew, the one at hand is anyway.
        for other in others.into_iter().filter(|other| *other != tid) {
            self.interrupt(other);
        }
        self.queue.note(Note::Listener { pid });
    }

    /// The program asked for strict mode, and made a call that strict mode forbids.
    pub(super) fn kill_as_strict(&mut self, tid: i32) {
        let Some(thread) = self.threads.get(&tid) else { return };
        let _ = sys::kill(thread.pid, libc::SIGKILL);
    }
}

fn traced_clone(tid: i32, call: &Call) -> Option<Change> {
    if call.abi == Abi::Bits32 {
        let changed = sys::change_registers(tid, |registers| registers.arg_32 &= !CLONE_UNTRACED);
        return changed.ok().map(|()| Change::Argument32(call.arg(0)));
    }
    let changed = sys::change_registers(tid, |registers| registers.args[0] &= !CLONE_UNTRACED);
    changed.ok()?;
    Some(Change::Arguments([call.arg(0), call.arg(1), call.arg(2)]))
}

/// Strict mode cannot be had beside a filter. A filter that allows the same is set in its place, laid
/// out below the thread's stack for the time of the call.
fn strict_by_filter(tid: i32, call: &Call, marks: Marks) -> Option<Change> {
    let mut below = 0;
    sys::change_registers(tid, |registers| {
        below = registers.stack_pointer.wrapping_sub(RED_ZONE_BYTES + STRICT_BYTES) & !0xf;
    })
    .ok()?;
    let program = marks.put_into(filter::strict());
    let mut bytes = Vec::new();
    // struct sock_fprog: a length of 16 bits, padding, a pointer to what stands right behind it.
    bytes.extend_from_slice(&(program.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&(below + 16).to_le_bytes());
    program.iter().for_each(|instruction| bytes.extend_from_slice(&instruction.bytes()));
    sys::write_memory(tid, below, &bytes).ok()?;
    sys::change_registers(tid, |registers| {
        (registers.args[1], registers.args[2]) = (MODE_FILTER, below);
    })
    .ok()?;
    Some(Change::Arguments([call.arg(0), call.arg(1), call.arg(2)]))
}
