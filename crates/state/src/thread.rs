//! One thread, and the process that it is part of.

use std::sync::Arc;

use crate::{cpu_time::CpuTicks, fd::FdTable};

/// Bytes shared between threads: names, paths, argument lists.
pub type Text = Arc<[u8]>;

/// The strings of a list in which a NUL stands after each.
pub fn strings(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.strip_suffix(b"\0").map(|l| l.split(|&b| b == 0)).into_iter().flatten()
}

bitflags::bitflags! {
    /// How a thread came to be and what it is (`PPM_CL_*` of the schema).
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct CloneFlags: u32 {
        /// Shares its fds with its parent.
        const FILES = 1 << 0;
        /// Shares root, cwd and umask.
        const FS = 1 << 1;
        /// I/O context.
        const IO = 1 << 2;
        /// New IPC namespace.
        const NEWIPC = 1 << 3;
        /// New network namespace.
        const NEWNET = 1 << 4;
        /// New mount namespace.
        const NEWNS = 1 << 5;
        /// New pid namespace.
        const NEWPID = 1 << 6;
        /// New UTS namespace.
        const NEWUTS = 1 << 7;
        /// Sets the child's tid in its parent.
        const PARENT_SETTID = 1 << 8;
        /// Has its parent's parent.
        const PARENT = 1 << 9;
        /// Traced as its parent is.
        const PTRACE = 1 << 10;
        /// Shares signal handlers.
        const SIGHAND = 1 << 11;
        /// Shares System V semaphore undo.
        const SYSVSEM = 1 << 12;
        /// A thread of the same process.
        const THREAD = 1 << 13;
        /// May not be traced.
        const UNTRACED = 1 << 14;
        /// Shares memory.
        const VM = 1 << 15;
        /// Made while the state was inverted (internal to other tools).
        const INVERTED = 1 << 16;
        /// Name changed since.
        const NAME_CHANGED = 1 << 17;
        /// Has exited.
        const CLOSED = 1 << 18;
        /// Known from activity only.
        const ACTIVE = 1 << 19;
        /// New user namespace.
        const NEWUSER = 1 << 20;
        /// Its pipe's write end.
        const PIPE_SRC = 1 << 21;
        /// Its pipe's read end.
        const PIPE_DST = 1 << 22;
        /// Clears the child's tid.
        const CHILD_CLEARTID = 1 << 23;
        /// Sets the child's tid.
        const CHILD_SETTID = 1 << 24;
        /// Sets thread-local storage.
        const SETTLS = 1 << 25;
        /// Made by vfork.
        const VFORK = 1 << 26;
        /// New control group namespace.
        const NEWCGROUP = 1 << 27;
        /// The child is in a pid namespace of its own.
        const CHILD_IN_PIDNS = 1 << 28;
        /// Leads its process.
        const IS_MAIN_THREAD = 1 << 29;
    }
}

/// What is known of one thread. Ids are those of the host unless they begin with `v`.
///
/// A process is its main thread (`tid == pid`); what threads of a process share (fds, cwd,
/// environment) is read through [`crate::State`], which finds the thread that holds it.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the names are those of event::snapshot::ThreadEntry")]
pub struct Thread {
    pub tid: i64,
    pub pid: i64,
    pub ptid: i64,
    /// Who takes over this thread's children; -1 if not known.
    pub reaper_tid: i64,
    pub sid: i64,
    pub vtid: i64,
    pub vpid: i64,
    pub vpgid: i64,
    pub pgid: i64,
    pub comm: Text,
    pub exe: Text,
    pub exepath: Text,
    /// Arguments after the first, a NUL after each.
    pub args: Text,
    /// Environment, a NUL after each.
    pub env: Text,
    /// `subsystem=path`, a NUL after each.
    pub cgroups: Text,
    pub cwd: Text,
    pub root: Text,
    pub flags: CloneFlags,
    pub fd_limit: i64,
    pub uid: u32,
    pub gid: u32,
    pub loginuid: u32,
    pub tty: u32,
    pub cap_permitted: u64,
    pub cap_effective: u64,
    pub cap_inheritable: u64,
    pub exe_writable: bool,
    pub exe_upper_layer: bool,
    pub exe_lower_layer: bool,
    pub exe_from_memfd: bool,
    pub exe_ino: u64,
    pub exe_ino_ctime_ns: u64,
    pub exe_ino_mtime_ns: u64,
    /// Time between the executable's change and the clone, ns.
    pub exe_ino_ctime_duration_clone_ns: u64,
    /// Time between the executable's change and the pid namespace's start, ns.
    pub exe_ino_ctime_duration_pidns_start_ns: u64,
    pub vmsize_kb: u32,
    pub vmrss_kb: u32,
    pub vmswap_kb: u32,
    pub pfmajor: u64,
    pub pfminor: u64,
    pub pidns_init_start_ts_ns: u64,
    /// When it was cloned, ns since the epoch; 0: before the recording.
    pub clone_ts_ns: u64,
    /// When it last called exec; 0: not while recorded.
    pub lastexec_ts_ns: u64,
    /// Time of its latest event.
    pub lastevent_ts_ns: u64,
    /// Time of the event before that.
    pub prevevent_ts_ns: u64,
    /// Type of its latest event.
    pub lastevent_type: u16,
    /// fd of its latest event; -1: none.
    pub lastevent_fd: i64,
    /// Children still alive.
    pub children: u64,
    /// Threads of the process still alive; counted on its main thread only.
    pub threads: u64,
    /// How long it has run, counted from the switch events of the recording, ns.
    pub run_time_ns: u64,
    /// CPU time that it had used at the last `procinfo` event.
    pub cpu_ticks: Option<CpuTicks>,
    /// fds of its own; empty for threads that share their main thread's.
    pub fds: FdTable,
    /// Which container it is in; empty: the host.
    pub container_id: Text,
}
