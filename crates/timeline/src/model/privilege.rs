//! What a process did to its own or to others' rights.

use serde::Serialize;

use super::{Moment, Recorded, User};

/// A change of rights, or an attempt at one.
#[derive(Clone, Debug, Serialize)]
pub struct PrivilegeChange {
    /// When.
    #[serde(flatten)]
    pub at: Moment,
    /// What.
    #[serde(flatten)]
    pub change: Change,
    /// The error's number, positive, if it failed.
    pub error: Option<i64>,
}

/// What changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// It became another user: by a call, or by running a setuid program.
    User {
        /// Who it was.
        from: User,
        /// Who it became.
        to: User,
        /// The call: `setresuid`, `execve`.
        by: &'static str,
    },
    /// It became a member of another group.
    Group {
        /// Group id before.
        from: u32,
        /// Group id after.
        to: u32,
    },
    /// Capabilities came or went, by name: `CAP_SYS_ADMIN`.
    Capabilities {
        /// Those that came.
        gained: Vec<&'static str>,
        /// Those that went.
        lost: Vec<&'static str>,
    },
    /// New namespaces, or those of another process: `mnt`, `pid`, `net`.
    Namespaces {
        /// The call: `unshare`, `setns`, `clone`.
        by: &'static str,
        /// Kinds of namespaces; empty if not known.
        kinds: Vec<&'static str>,
    },
    /// It took hold of another process.
    Ptrace {
        /// The request: `PTRACE_ATTACH`.
        request: String,
        /// Process id of the other.
        pid: i64,
    },
    /// It read or wrote another process's memory.
    Memory {
        /// The call: `process_vm_writev`.
        by: &'static str,
        /// Process id of the other.
        pid: i64,
    },
    /// It loaded or removed a kernel module.
    Module {
        /// The call: `init_module`, `delete_module`.
        by: &'static str,
        /// The module, as far as the record tells.
        name: Recorded,
    },
    /// It mounted or unmounted.
    Mount {
        /// The call: `mount`, `umount2`, `pivot_root`, `move_mount`.
        by: &'static str,
        /// What.
        source: Recorded,
        /// Where.
        target: Recorded,
        /// Kind of file system; empty if not told.
        kind: Recorded,
    },
    /// It took another root directory.
    Chroot {
        /// The new root.
        path: Recorded,
    },
    /// It loaded a program into the kernel.
    Bpf {
        /// The command: `BPF_PROG_LOAD`.
        command: String,
    },
    /// It sent a signal to another process.
    Signal {
        /// Name of the signal: `SIGKILL`.
        signal: String,
        /// Process id of the other.
        pid: i64,
    },
    /// It began a session of its own, away from its terminal.
    Session,
}
