//! One thread, and the process that it is part of.

use crate::{
    CpuTicks, FdTable, Text,
    text::NOT_AVAILABLE,
    threads::{GroupKey, Key},
};

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
        /// Has its parent's parent.
        const PARENT = 1 << 8;
        /// Sets the child's tid in its parent.
        const PARENT_SETTID = 1 << 9;
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
        /// Begins stopped.
        const STOPPED = 1 << 26;
        /// Made by vfork.
        const VFORK = 1 << 27;
        /// New control group namespace.
        const NEWCGROUP = 1 << 28;
        /// Is in a pid namespace other than the host's.
        const CHILD_IN_PIDNS = 1 << 29;
        /// Leads its process though its id is another.
        const IS_MAIN_THREAD = 1 << 30;
    }
}

/// What is known of one thread. Ids are those of the host unless they begin with `v`.
///
/// A process is its main thread (`tid == pid`); what threads of a process share (fds, cwd,
/// environment) is read through [`crate::State`], which finds the thread that holds it.
#[derive(Clone, Debug)]
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
    /// How long it has run, counted from the switch events of the recording, ns.
    pub run_time_ns: u64,
    /// CPU time that it had used at the last `procinfo` event.
    pub cpu_ticks: Option<CpuTicks>,
    /// fds of its own; empty for threads that share their main thread's.
    pub fds: FdTable,
    /// Which container it is in; empty: the host.
    pub container_id: Text,
    /// When it was last looked at for an event of its own; decides who goes when there are too many.
    pub(crate) lastaccess_ts_ns: u64,
    /// Children, those gone among them until they are swept out.
    pub(crate) kids: Vec<Key>,
    /// How many of them left since the last sweep.
    pub(crate) kids_left: u32,
    /// The threads of its process.
    pub(crate) group: Option<GroupKey>,
    /// The syscall that it is in, if its entry was recorded and matters at the exit.
    pub(crate) enter: Option<Box<Enter>>,
    /// Whether `enter` belongs to the exit at hand.
    pub(crate) enter_valid: bool,
}

/// Longest path or address of a syscall in flight that is kept.
pub(crate) const MOST_ENTER_BYTES: usize = 4096;

/// What the entry into a syscall said; some recordings say it there more reliably than at the exit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Enter {
    /// Type of the event.
    pub(crate) kind: u16,
    /// Directory fd of the path.
    pub(crate) dirfd: i64,
    /// Open or `*at` flags.
    pub(crate) flags: u32,
    /// Path, or address as encoded.
    pub(crate) bytes: Vec<u8>,
}

/// Buffers of syscalls in flight, to be used again. A copy begins without.
#[derive(Debug, Default)]
pub(crate) struct SpareEnters {
    #[expect(clippy::vec_box, reason = "they move between here and the threads as they are")]
    spare: Vec<Box<Enter>>,
}

impl Clone for SpareEnters {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl SpareEnters {
    /// Most that are kept.
    const MOST: usize = 256;

    /// One to be filled.
    pub(crate) fn take(&mut self) -> Box<Enter> {
        self.spare.pop().unwrap_or_default()
    }

    /// Takes one back.
    pub(crate) fn give(&mut self, enter: Box<Enter>) {
        if self.spare.len() < Self::MOST {
            self.spare.push(enter);
        }
    }
}

impl Default for Thread {
    /// A thread of which nothing is known.
    fn default() -> Self {
        let text = Text::default();
        Self {
            tid: 0,
            pid: -1,
            ptid: -1,
            reaper_tid: -1,
            sid: -1,
            vtid: -1,
            vpid: -1,
            vpgid: -1,
            pgid: -1,
            comm: text.clone(),
            exe: text.clone(),
            exepath: text.clone(),
            args: text.clone(),
            env: text.clone(),
            cgroups: text.clone(),
            cwd: text.clone(),
            root: text.clone(),
            flags: CloneFlags::NAME_CHANGED,
            fd_limit: -1,
            uid: u32::MAX,
            gid: u32::MAX,
            loginuid: u32::MAX,
            tty: 0,
            cap_permitted: 0,
            cap_effective: 0,
            cap_inheritable: 0,
            exe_writable: false,
            exe_upper_layer: false,
            exe_lower_layer: false,
            exe_from_memfd: false,
            exe_ino: 0,
            exe_ino_ctime_ns: 0,
            exe_ino_mtime_ns: 0,
            exe_ino_ctime_duration_clone_ns: 0,
            exe_ino_ctime_duration_pidns_start_ns: 0,
            vmsize_kb: 0,
            vmrss_kb: 0,
            vmswap_kb: 0,
            pfmajor: 0,
            pfminor: 0,
            pidns_init_start_ts_ns: 0,
            clone_ts_ns: 0,
            lastexec_ts_ns: 0,
            lastevent_ts_ns: 0,
            prevevent_ts_ns: 0,
            lastevent_type: u16::MAX,
            lastevent_fd: 0,
            children: 0,
            run_time_ns: 0,
            cpu_ticks: None,
            fds: FdTable::default(),
            container_id: text,
            lastaccess_ts_ns: 0,
            kids: Vec::new(),
            kids_left: 0,
            group: None,
            enter: None,
            enter_valid: false,
        }
    }
}

impl Thread {
    /// What stands in for a thread that acts without having been seen to begin.
    pub(crate) fn unknown(tid: i64) -> Self {
        let name = Text::from(NOT_AVAILABLE);
        Self { tid, comm: name.clone(), exe: name, ..Self::default() }
    }

    /// Whether only its id is known.
    pub fn is_unknown(&self) -> bool {
        self.tid < 0 || self.pid < 0 || self.ptid < 0
    }

    /// Whether its exit was seen.
    pub fn is_dead(&self) -> bool {
        self.flags.contains(CloneFlags::CLOSED)
    }

    /// Whether its fds are those of its main thread.
    pub(crate) fn shares_fds(&self) -> bool {
        self.flags.contains(CloneFlags::FILES)
    }

    /// Sets the path of the executable; the kernel's note that the file is gone is left out.
    pub(crate) fn set_exepath(&mut self, path: Text) {
        self.exepath = match path.strip_suffix(b" (deleted)") {
            Some(kept) if !kept.is_empty() => Text::from(kept),
            _ => path,
        };
    }
}
