//! Processes: clone, exec, ptrace, prctl, limits, keys, modules, BPF.

use crate::schema::Symbol;

/// How a process was made, and more that is known of it.
pub static CLONE_FLAGS: &[Symbol] = &[
    Symbol::new("CLONE_FILES", 1),
    Symbol::new("CLONE_FS", 2),
    Symbol::new("CLONE_IO", 4),
    Symbol::new("CLONE_NEWIPC", 8),
    Symbol::new("CLONE_NEWNET", 0x10),
    Symbol::new("CLONE_NEWNS", 0x20),
    Symbol::new("CLONE_NEWPID", 0x40),
    Symbol::new("CLONE_NEWUTS", 0x80),
    Symbol::new("CLONE_PARENT", 0x100),
    Symbol::new("CLONE_PARENT_SETTID", 0x200),
    Symbol::new("CLONE_PTRACE", 0x400),
    Symbol::new("CLONE_SIGHAND", 0x800),
    Symbol::new("CLONE_SYSVSEM", 0x1000),
    Symbol::new("CLONE_THREAD", 0x2000),
    Symbol::new("CLONE_UNTRACED", 0x4000),
    Symbol::new("CLONE_VM", 0x8000),
    Symbol::new("CLONE_INVERTED", 0x10000),
    Symbol::new("NAME_CHANGED", 0x20000),
    Symbol::new("CLOSED", 0x40000),
    Symbol::new("CLONE_NEWUSER", 0x100000),
    Symbol::new("CLONE_CHILD_CLEARTID", 0x800000),
    Symbol::new("CLONE_CHILD_SETTID", 0x1000000),
    Symbol::new("CLONE_SETTLS", 0x2000000),
    Symbol::new("CLONE_STOPPED", 0x4000000),
    Symbol::new("CLONE_VFORK", 0x8000000),
    Symbol::new("CLONE_NEWCGROUP", 0x10000000),
    Symbol::new("CLONE_CHILD_IN_PIDNS", 0x20000000),
];

/// Limited resources.
pub static RLIMIT_RESOURCES: &[Symbol] = &[
    Symbol::new("RLIMIT_UNKNOWN", 0xff),
    Symbol::new("RLIMIT_RTTIME", 0xf),
    Symbol::new("RLIMIT_RTPRIO", 0xe),
    Symbol::new("RLIMIT_NICE", 0xd),
    Symbol::new("RLIMIT_MSGQUEUE", 0xc),
    Symbol::new("RLIMIT_SIGPENDING", 0xb),
    Symbol::new("RLIMIT_LOCKS", 0xa),
    Symbol::new("RLIMIT_AS", 9),
    Symbol::new("RLIMIT_MEMLOCK", 8),
    Symbol::new("RLIMIT_NOFILE", 7),
    Symbol::new("RLIMIT_NPROC", 6),
    Symbol::new("RLIMIT_RSS", 5),
    Symbol::new("RLIMIT_CORE", 4),
    Symbol::new("RLIMIT_STACK", 3),
    Symbol::new("RLIMIT_DATA", 2),
    Symbol::new("RLIMIT_FSIZE", 1),
    Symbol::new("RLIMIT_CPU", 0),
];

/// Requests of `ptrace(2)`.
pub static PTRACE_REQUESTS: &[Symbol] = &[
    Symbol::new("PTRACE_SINGLEBLOCK", 0x26),
    Symbol::new("PTRACE_SYSEMU_SINGLESTEP", 0x25),
    Symbol::new("PTRACE_SYSEMU", 0x24),
    Symbol::new("PTRACE_ARCH_PRCTL", 0x23),
    Symbol::new("PTRACE_SET_THREAD_AREA", 0x22),
    Symbol::new("PTRACE_GET_THREAD_AREA", 0x21),
    Symbol::new("PTRACE_OLDSETOPTIONS", 0x20),
    Symbol::new("PTRACE_SETFPXREGS", 0x1f),
    Symbol::new("PTRACE_GETFPXREGS", 0x1e),
    Symbol::new("PTRACE_SETFPREGS", 0x1d),
    Symbol::new("PTRACE_GETFPREGS", 0x1c),
    Symbol::new("PTRACE_SETREGS", 0x1b),
    Symbol::new("PTRACE_GETREGS", 0x1a),
    Symbol::new("PTRACE_SETSIGMASK", 0x19),
    Symbol::new("PTRACE_GETSIGMASK", 0x18),
    Symbol::new("PTRACE_PEEKSIGINFO", 0x17),
    Symbol::new("PTRACE_LISTEN", 0x16),
    Symbol::new("PTRACE_INTERRUPT", 0x15),
    Symbol::new("PTRACE_SEIZE", 0x14),
    Symbol::new("PTRACE_SETREGSET", 0x13),
    Symbol::new("PTRACE_GETREGSET", 0x12),
    Symbol::new("PTRACE_SETSIGINFO", 0x11),
    Symbol::new("PTRACE_GETSIGINFO", 0x10),
    Symbol::new("PTRACE_GETEVENTMSG", 0xf),
    Symbol::new("PTRACE_SETOPTIONS", 0xe),
    Symbol::new("PTRACE_SYSCALL", 0xd),
    Symbol::new("PTRACE_DETACH", 0xc),
    Symbol::new("PTRACE_ATTACH", 0xb),
    Symbol::new("PTRACE_SINGLESTEP", 0xa),
    Symbol::new("PTRACE_KILL", 9),
    Symbol::new("PTRACE_CONT", 8),
    Symbol::new("PTRACE_POKEUSR", 7),
    Symbol::new("PTRACE_POKEDATA", 6),
    Symbol::new("PTRACE_POKETEXT", 5),
    Symbol::new("PTRACE_PEEKUSR", 4),
    Symbol::new("PTRACE_PEEKDATA", 3),
    Symbol::new("PTRACE_PEEKTEXT", 2),
    Symbol::new("PTRACE_TRACEME", 1),
    Symbol::new("PTRACE_UNKNOWN", 0),
];

/// Kinds of page faults.
pub static PF_FLAGS: &[Symbol] = &[
    Symbol::new("PROTECTION_VIOLATION", 1),
    Symbol::new("PAGE_NOT_PRESENT", 2),
    Symbol::new("WRITE_ACCESS", 4),
    Symbol::new("READ_ACCESS", 8),
    Symbol::new("USER_FAULT", 0x10),
    Symbol::new("SUPERVISOR_FAULT", 0x20),
    Symbol::new("RESERVED_PAGE", 0x40),
    Symbol::new("INSTRUCTION_FETCH", 0x80),
];

/// Facts about what was executed (`EXE_*`).
pub static EXECVE_FLAGS: &[Symbol] = &[
    Symbol::new("EXE_WRITABLE", 1),
    Symbol::new("EXE_UPPER_LAYER", 2),
    Symbol::new("EXE_FROM_MEMFD", 4),
    Symbol::new("EXE_LOWER_LAYER", 8),
];

/// Flags of `execveat(2)`.
pub static EXECVEAT_FLAGS: &[Symbol] =
    &[Symbol::new("AT_EMPTY_PATH", 1), Symbol::new("AT_SYMLINK_NOFOLLOW", 2)];

/// Options of `prctl(2)`.
pub static PRCTL_OPTIONS: &[Symbol] = &[
    Symbol::new("PR_GET_DUMPABLE", 3),
    Symbol::new("PR_SET_DUMPABLE", 4),
    Symbol::new("PR_GET_KEEPCAPS", 7),
    Symbol::new("PR_SET_KEEPCAPS", 8),
    Symbol::new("PR_SET_NAME", 0xf),
    Symbol::new("PR_GET_NAME", 0x10),
    Symbol::new("PR_GET_SECCOMP", 0x15),
    Symbol::new("PR_SET_SECCOMP", 0x16),
    Symbol::new("PR_CAPBSET_READ", 0x17),
    Symbol::new("PR_CAPBSET_DROP", 0x18),
    Symbol::new("PR_GET_SECUREBITS", 0x1b),
    Symbol::new("PR_SET_SECUREBITS", 0x1c),
    Symbol::new("PR_MCE_KILL", 0x21),
    Symbol::new("PR_MCE_KILL", 0x21),
    Symbol::new("PR_SET_MM", 0x23),
    Symbol::new("PR_SET_CHILD_SUBREAPER", 0x24),
    Symbol::new("PR_GET_CHILD_SUBREAPER", 0x25),
    Symbol::new("PR_SET_NO_NEW_PRIVS", 0x26),
    Symbol::new("PR_GET_NO_NEW_PRIVS", 0x27),
    Symbol::new("PR_GET_TID_ADDRESS", 0x28),
    Symbol::new("PR_SET_THP_DISABLE", 0x29),
    Symbol::new("PR_GET_THP_DISABLE", 0x2a),
    Symbol::new("PR_CAP_AMBIENT", 0x2f),
];

/// Operations of `keyctl(2)`.
pub static KEYCTL_OPERATIONS: &[Symbol] = &[
    Symbol::new("KEYCTL_GET_KEYRING_ID", 0),
    Symbol::new("KEYCTL_JOIN_SESSION_KEYRING", 1),
    Symbol::new("KEYCTL_UPDATE", 2),
    Symbol::new("KEYCTL_REVOKE", 3),
    Symbol::new("KEYCTL_CHOWN", 4),
    Symbol::new("KEYCTL_SETPERM", 5),
    Symbol::new("KEYCTL_DESCRIBE", 6),
    Symbol::new("KEYCTL_CLEAR", 7),
    Symbol::new("KEYCTL_LINK", 8),
    Symbol::new("KEYCTL_UNLINK", 9),
    Symbol::new("KEYCTL_SEARCH", 0xa),
    Symbol::new("KEYCTL_READ", 0xb),
    Symbol::new("KEYCTL_INSTANTIATE", 0xc),
    Symbol::new("KEYCTL_NEGATE", 0xd),
    Symbol::new("KEYCTL_SET_REQKEY_KEYRING", 0xe),
    Symbol::new("KEYCTL_SET_TIMEOUT", 0xf),
    Symbol::new("KEYCTL_ASSUME_AUTHORITY", 0x10),
    Symbol::new("KEYCTL_GET_SECURITY", 0x11),
    Symbol::new("KEYCTL_SESSION_TO_PARENT", 0x12),
    Symbol::new("KEYCTL_REJECT", 0x13),
    Symbol::new("KEYCTL_INSTANTIATE_IOV", 0x14),
    Symbol::new("KEYCTL_INVALIDATE", 0x15),
    Symbol::new("KEYCTL_GET_PERSISTENT", 0x16),
    Symbol::new("KEYCTL_DH_COMPUTE", 0x17),
    Symbol::new("KEYCTL_PKEY_QUERY", 0x18),
    Symbol::new("KEYCTL_PKEY_ENCRYPT", 0x19),
    Symbol::new("KEYCTL_PKEY_DECRYPT", 0x1a),
    Symbol::new("KEYCTL_PKEY_SIGN", 0x1b),
    Symbol::new("KEYCTL_PKEY_VERIFY", 0x1c),
    Symbol::new("KEYCTL_RESTRICT_KEYRING", 0x1d),
    Symbol::new("KEYCTL_MOVE", 0x1e),
    Symbol::new("KEYCTL_CAPABILITIES", 0x1f),
    Symbol::new("KEYCTL_WATCH_KEY", 0x20),
];

/// Flags of `pidfd_open(2)`.
pub static PIDFD_OPEN_FLAGS: &[Symbol] = &[Symbol::new("PIDFD_NONBLOCK", 1)];

/// Commands of `bpf(2)`.
pub static BPF_COMMANDS: &[Symbol] = &[
    Symbol::new("BPF_MAP_CREATE", 0),
    Symbol::new("BPF_MAP_LOOKUP_ELEM", 1),
    Symbol::new("BPF_MAP_UPDATE_ELEM", 2),
    Symbol::new("BPF_MAP_DELETE_ELEM", 3),
    Symbol::new("BPF_MAP_GET_NEXT_KEY", 4),
    Symbol::new("BPF_PROG_LOAD", 5),
    Symbol::new("BPF_OBJ_PIN", 6),
    Symbol::new("BPF_OBJ_GET", 7),
    Symbol::new("BPF_PROG_ATTACH", 8),
    Symbol::new("BPF_PROG_DETACH", 9),
    Symbol::new("BPF_PROG_TEST_RUN", 0xa),
    Symbol::new("BPF_PROG_RUN", 0xa),
    Symbol::new("BPF_PROG_GET_NEXT_ID", 0xb),
    Symbol::new("BPF_MAP_GET_NEXT_ID", 0xc),
    Symbol::new("BPF_PROG_GET_FD_BY_ID", 0xd),
    Symbol::new("BPF_MAP_GET_FD_BY_ID", 0xe),
    Symbol::new("BPF_OBJ_GET_INFO_BY_FD", 0xf),
    Symbol::new("BPF_PROG_QUERY", 0x10),
    Symbol::new("BPF_RAW_TRACEPOINT_OPEN", 0x11),
    Symbol::new("BPF_BTF_LOAD", 0x12),
    Symbol::new("BPF_BTF_GET_FD_BY_ID", 0x13),
    Symbol::new("BPF_TASK_FD_QUERY", 0x14),
    Symbol::new("BPF_MAP_LOOKUP_AND_DELETE_ELEM", 0x15),
    Symbol::new("BPF_MAP_FREEZE", 0x16),
    Symbol::new("BPF_BTF_GET_NEXT_ID", 0x17),
    Symbol::new("BPF_MAP_LOOKUP_BATCH", 0x18),
    Symbol::new("BPF_MAP_LOOKUP_AND_DELETE_BATCH", 0x19),
    Symbol::new("BPF_MAP_UPDATE_BATCH", 0x1a),
    Symbol::new("BPF_MAP_DELETE_BATCH", 0x1b),
    Symbol::new("BPF_LINK_CREATE", 0x1c),
    Symbol::new("BPF_LINK_UPDATE", 0x1d),
    Symbol::new("BPF_LINK_GET_FD_BY_ID", 0x1e),
    Symbol::new("BPF_LINK_GET_NEXT_ID", 0x1f),
    Symbol::new("BPF_ENABLE_STATS", 0x20),
    Symbol::new("BPF_ITER_CREATE", 0x21),
    Symbol::new("BPF_LINK_DETACH", 0x22),
    Symbol::new("BPF_PROG_BIND_MAP", 0x23),
];

/// Flags of `delete_module(2)`.
pub static DELETE_MODULE_FLAGS: &[Symbol] =
    &[Symbol::new("O_NONBLOCK", 2), Symbol::new("O_TRUNC", 1)];

/// Flags of `finit_module(2)`.
pub static FINIT_MODULE_FLAGS: &[Symbol] = &[
    Symbol::new("MODULE_INIT_IGNORE_MODVERSIONS", 1),
    Symbol::new("MODULE_INIT_IGNORE_VERMAGIC", 2),
    Symbol::new("MODULE_INIT_COMPRESSED_FILE", 4),
];
