//! Symbol tables: the names of flags, commands and options, as the scap schema numbers them.
//!
//! The order within a table is the order in which set flags are printed.
//! Source of the numbers: the public scap schema 4.5.1.

use crate::schema::Symbol;

pub static SOCKET_FAMILIES: &[Symbol] = &[
    Symbol::new("AF_NFC", 0x27),
    Symbol::new("AF_ALG", 0x26),
    Symbol::new("AF_CAIF", 0x25),
    Symbol::new("AF_IEEE802154", 0x24),
    Symbol::new("AF_PHONET", 0x23),
    Symbol::new("AF_ISDN", 0x22),
    Symbol::new("AF_RXRPC", 0x21),
    Symbol::new("AF_IUCV", 0x20),
    Symbol::new("AF_BLUETOOTH", 0x1f),
    Symbol::new("AF_TIPC", 0x1e),
    Symbol::new("AF_CAN", 0x1d),
    Symbol::new("AF_LLC", 0x1a),
    Symbol::new("AF_WANPIPE", 0x19),
    Symbol::new("AF_PPPOX", 0x18),
    Symbol::new("AF_IRDA", 0x17),
    Symbol::new("AF_SNA", 0x16),
    Symbol::new("AF_RDS", 0x15),
    Symbol::new("AF_ATMSVC", 0x14),
    Symbol::new("AF_ECONET", 0x13),
    Symbol::new("AF_ASH", 0x12),
    Symbol::new("AF_PACKET", 0x11),
    Symbol::new("AF_ROUTE", 0x10),
    Symbol::new("AF_NETLINK", 0x10),
    Symbol::new("AF_KEY", 0xf),
    Symbol::new("AF_SECURITY", 0xe),
    Symbol::new("AF_NETBEUI", 0xd),
    Symbol::new("AF_DECnet", 0xc),
    Symbol::new("AF_ROSE", 0xb),
    Symbol::new("AF_INET6", 0xa),
    Symbol::new("AF_X25", 9),
    Symbol::new("AF_ATMPVC", 8),
    Symbol::new("AF_BRIDGE", 7),
    Symbol::new("AF_NETROM", 6),
    Symbol::new("AF_APPLETALK", 5),
    Symbol::new("AF_IPX", 4),
    Symbol::new("AF_AX25", 3),
    Symbol::new("AF_INET", 2),
    Symbol::new("AF_LOCAL", 1),
    Symbol::new("AF_UNIX", 1),
    Symbol::new("AF_UNSPEC", 0),
];

pub static FILE_FLAGS: &[Symbol] = &[
    Symbol::new("O_LARGEFILE", 0x800),
    Symbol::new("O_DIRECTORY", 0x400),
    Symbol::new("O_DIRECT", 0x200),
    Symbol::new("O_TRUNC", 0x100),
    Symbol::new("O_SYNC", 0x80),
    Symbol::new("O_NONBLOCK", 0x40),
    Symbol::new("O_EXCL", 0x20),
    Symbol::new("O_DSYNC", 0x10),
    Symbol::new("O_APPEND", 8),
    Symbol::new("O_CREAT", 4),
    Symbol::new("O_RDWR", 3),
    Symbol::new("O_WRONLY", 2),
    Symbol::new("O_RDONLY", 1),
    Symbol::new("O_CLOEXEC", 0x1000),
    Symbol::new("O_NONE", 0),
    Symbol::new("O_TMPFILE", 0x2000),
    Symbol::new("O_F_CREATED", 0x4000),
    Symbol::new("FD_UPPER_LAYER", 0x8000),
    Symbol::new("FD_LOWER_LAYER", 0x10000),
];

pub static CREAT_FLAGS: &[Symbol] =
    &[Symbol::new("FD_UPPER_LAYER_CREAT", 1), Symbol::new("FD_LOWER_LAYER_CREAT", 2)];

pub static FLOCK_FLAGS: &[Symbol] = &[
    Symbol::new("LOCK_SH", 1),
    Symbol::new("LOCK_EX", 2),
    Symbol::new("LOCK_NB", 4),
    Symbol::new("LOCK_UN", 8),
    Symbol::new("LOCK_NONE", 0),
];

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

pub static FUTEX_OPERATIONS: &[Symbol] = &[
    Symbol::new("FUTEX_CLOCK_REALTIME", 0x100),
    Symbol::new("FUTEX_PRIVATE_FLAG", 0x80),
    Symbol::new("FUTEX_CMP_REQUEUE_PI", 0xc),
    Symbol::new("FUTEX_WAIT_REQUEUE_PI", 0xb),
    Symbol::new("FUTEX_WAKE_BITSET", 0xa),
    Symbol::new("FUTEX_WAIT_BITSET", 9),
    Symbol::new("FUTEX_TRYLOCK_PI", 8),
    Symbol::new("FUTEX_UNLOCK_PI", 7),
    Symbol::new("FUTEX_LOCK_PI", 6),
    Symbol::new("FUTEX_WAKE_OP", 5),
    Symbol::new("FUTEX_CMP_REQUEUE", 4),
    Symbol::new("FUTEX_REQUEUE", 3),
    Symbol::new("FUTEX_FD", 2),
    Symbol::new("FUTEX_WAKE", 1),
    Symbol::new("FUTEX_WAIT", 0),
];

pub static POLL_FLAGS: &[Symbol] = &[
    Symbol::new("POLLIN", 1),
    Symbol::new("POLLPRI", 2),
    Symbol::new("POLLOUT", 4),
    Symbol::new("POLLRDHUP", 8),
    Symbol::new("POLLERR", 0x10),
    Symbol::new("POLLHUP", 0x20),
    Symbol::new("POLLNVAL", 0x40),
    Symbol::new("POLLRDNORM", 0x80),
    Symbol::new("POLLRDBAND", 0x100),
    Symbol::new("POLLWRNORM", 0x200),
    Symbol::new("POLLWRBAND", 0x400),
];

pub static MOUNT_FLAGS: &[Symbol] = &[
    Symbol::new("RDONLY", 1),
    Symbol::new("NOSUID", 2),
    Symbol::new("NODEV", 4),
    Symbol::new("NOEXEC", 8),
    Symbol::new("SYNCHRONOUS", 0x10),
    Symbol::new("REMOUNT", 0x20),
    Symbol::new("MANDLOCK", 0x40),
    Symbol::new("DIRSYNC", 0x80),
    Symbol::new("NOATIME", 0x400),
    Symbol::new("NODIRATIME", 0x800),
    Symbol::new("BIND", 0x1000),
    Symbol::new("MOVE", 0x2000),
    Symbol::new("REC", 0x4000),
    Symbol::new("SILENT", 0x8000),
    Symbol::new("POSIXACL", 0x10000),
    Symbol::new("UNBINDABLE", 0x20000),
    Symbol::new("PRIVATE", 0x40000),
    Symbol::new("SLAVE", 0x80000),
    Symbol::new("SHARED", 0x100000),
    Symbol::new("RELATIME", 0x200000),
    Symbol::new("KERNMOUNT", 0x400000),
    Symbol::new("I_VERSION", 0x800000),
    Symbol::new("STRICTATIME", 0x1000000),
    Symbol::new("LAZYTIME", 0x2000000),
    Symbol::new("NOSEC", 0x10000000),
    Symbol::new("BORN", 0x20000000),
    Symbol::new("ACTIVE", 0x40000000),
    Symbol::new("NOUSER", 0x80000000),
];

pub static UMOUNT_FLAGS: &[Symbol] = &[
    Symbol::new("FORCE", 1),
    Symbol::new("DETACH", 2),
    Symbol::new("EXPIRE", 4),
    Symbol::new("NOFOLLOW", 8),
];

pub static LSEEK_WHENCE: &[Symbol] =
    &[Symbol::new("SEEK_END", 2), Symbol::new("SEEK_CUR", 1), Symbol::new("SEEK_SET", 0)];

pub static SHUTDOWN_HOW: &[Symbol] = &[
    Symbol::new("SHUT_UNKNOWN", 0xffff),
    Symbol::new("SHUT_RDWR", 2),
    Symbol::new("SHUT_WR", 1),
    Symbol::new("SHUT_RD", 0),
];

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

pub static FCNTL_COMMANDS: &[Symbol] = &[
    Symbol::new("F_GETPIPE_SZ", 0x1d),
    Symbol::new("F_SETPIPE_SZ", 0x1c),
    Symbol::new("F_NOTIFY", 0x1b),
    Symbol::new("F_DUPFD_CLOEXEC", 0x1a),
    Symbol::new("F_CANCELLK", 0x19),
    Symbol::new("F_GETLEASE", 0x18),
    Symbol::new("F_SETLEASE", 0x17),
    Symbol::new("F_GETOWN_EX", 0x16),
    Symbol::new("F_SETOWN_EX", 0x15),
    Symbol::new("F_SETLKW64", 0x13),
    Symbol::new("F_SETLK64", 0x12),
    Symbol::new("F_GETLK64", 0x11),
    Symbol::new("F_GETSIG", 0xf),
    Symbol::new("F_SETSIG", 0xd),
    Symbol::new("F_GETOWN", 0xc),
    Symbol::new("F_SETOWN", 0xa),
    Symbol::new("F_SETLKW", 9),
    Symbol::new("F_SETLK", 8),
    Symbol::new("F_GETLK", 6),
    Symbol::new("F_SETFL", 5),
    Symbol::new("F_GETFL", 4),
    Symbol::new("F_SETFD", 3),
    Symbol::new("F_GETFD", 2),
    Symbol::new("F_DUPFD", 1),
    Symbol::new("F_OFD_GETLK", 0x1e),
    Symbol::new("F_OFD_SETLK", 0x1f),
    Symbol::new("F_OFD_SETLKW", 0x20),
    Symbol::new("UNKNOWN", 0),
];

pub static SOCKOPT_LEVELS: &[Symbol] =
    &[Symbol::new("SOL_SOCKET", 1), Symbol::new("SOL_TCP", 2), Symbol::new("UNKNOWN", 0)];

pub static SOCKOPT_OPTIONS: &[Symbol] = &[
    Symbol::new("SO_COOKIE", 0x35),
    Symbol::new("SO_MEMINFO", 0x34),
    Symbol::new("SO_PEERGROUPS", 0x33),
    Symbol::new("SO_ATTACH_BPF", 0x32),
    Symbol::new("SO_INCOMING_CPU", 0x31),
    Symbol::new("SO_BPF_EXTENSIONS", 0x30),
    Symbol::new("SO_MAX_PACING_RATE", 0x2f),
    Symbol::new("SO_BUSY_POLL", 0x2e),
    Symbol::new("SO_SELECT_ERR_QUEUE", 0x2d),
    Symbol::new("SO_LOCK_FILTER", 0x2c),
    Symbol::new("SO_NOFCS", 0x2b),
    Symbol::new("SO_PEEK_OFF", 0x2a),
    Symbol::new("SO_WIFI_STATUS", 0x29),
    Symbol::new("SO_RXQ_OVFL", 0x28),
    Symbol::new("SO_DOMAIN", 0x27),
    Symbol::new("SO_PROTOCOL", 0x26),
    Symbol::new("SO_TIMESTAMPING", 0x25),
    Symbol::new("SO_MARK", 0x24),
    Symbol::new("SO_TIMESTAMPNS", 0x23),
    Symbol::new("SO_PASSSEC", 0x22),
    Symbol::new("SO_PEERSEC", 0x1f),
    Symbol::new("SO_ACCEPTCONN", 0x1e),
    Symbol::new("SO_TIMESTAMP", 0x1d),
    Symbol::new("SO_PEERNAME", 0x1c),
    Symbol::new("SO_DETACH_FILTER", 0x1b),
    Symbol::new("SO_ATTACH_FILTER", 0x1a),
    Symbol::new("SO_BINDTODEVICE", 0x19),
    Symbol::new("SO_SECURITY_ENCRYPTION_NETWORK", 0x18),
    Symbol::new("SO_SECURITY_ENCRYPTION_TRANSPORT", 0x17),
    Symbol::new("SO_SECURITY_AUTHENTICATION", 0x16),
    Symbol::new("SO_SNDTIMEO", 0x15),
    Symbol::new("SO_RCVTIMEO", 0x14),
    Symbol::new("SO_SNDLOWAT", 0x13),
    Symbol::new("SO_RCVLOWAT", 0x12),
    Symbol::new("SO_PEERCRED", 0x11),
    Symbol::new("SO_PASSCRED", 0x10),
    Symbol::new("SO_REUSEPORT", 0xf),
    Symbol::new("SO_BSDCOMPAT", 0xe),
    Symbol::new("SO_LINGER", 0xd),
    Symbol::new("SO_PRIORITY", 0xc),
    Symbol::new("SO_NO_CHECK", 0xb),
    Symbol::new("SO_OOBINLINE", 0xa),
    Symbol::new("SO_KEEPALIVE", 9),
    Symbol::new("SO_RCVBUFFORCE", 0x21),
    Symbol::new("SO_SNDBUFFORCE", 0x20),
    Symbol::new("SO_RCVBUF", 8),
    Symbol::new("SO_SNDBUF", 7),
    Symbol::new("SO_BROADCAST", 6),
    Symbol::new("SO_DONTROUTE", 5),
    Symbol::new("SO_ERROR", 4),
    Symbol::new("SO_TYPE", 3),
    Symbol::new("SO_REUSEADDR", 2),
    Symbol::new("SO_DEBUG", 1),
    Symbol::new("UNKNOWN", 0),
];

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

pub static PROT_FLAGS: &[Symbol] = &[
    Symbol::new("PROT_READ", 1),
    Symbol::new("PROT_WRITE", 2),
    Symbol::new("PROT_EXEC", 4),
    Symbol::new("PROT_SEM", 8),
    Symbol::new("PROT_GROWSDOWN", 0x10),
    Symbol::new("PROT_GROWSUP", 0x20),
    Symbol::new("PROT_SAO", 0x40),
    Symbol::new("PROT_NONE", 0),
];

pub static MMAP_FLAGS: &[Symbol] = &[
    Symbol::new("MAP_SHARED", 1),
    Symbol::new("MAP_PRIVATE", 2),
    Symbol::new("MAP_FIXED", 4),
    Symbol::new("MAP_ANONYMOUS", 8),
    Symbol::new("MAP_32BIT", 0x10),
    Symbol::new("MAP_RENAME", 0x20),
    Symbol::new("MAP_NORESERVE", 0x40),
    Symbol::new("MAP_POPULATE", 0x80),
    Symbol::new("MAP_NONBLOCK", 0x100),
    Symbol::new("MAP_GROWSDOWN", 0x200),
    Symbol::new("MAP_DENYWRITE", 0x400),
    Symbol::new("MAP_EXECUTABLE", 0x800),
    Symbol::new("MAP_INHERIT", 0x1000),
    Symbol::new("MAP_FILE", 0x2000),
    Symbol::new("MAP_LOCKED", 0x4000),
];

pub static SPLICE_FLAGS: &[Symbol] = &[
    Symbol::new("SPLICE_F_MOVE", 1),
    Symbol::new("SPLICE_F_NONBLOCK", 2),
    Symbol::new("SPLICE_F_MORE", 4),
    Symbol::new("SPLICE_F_GIFT", 8),
];

pub static QUOTACTL_DQI_FLAGS: &[Symbol] =
    &[Symbol::new("DQF_NONE", 1), Symbol::new("V1_DQF_RSQUASH", 2)];

pub static QUOTACTL_CMDS: &[Symbol] = &[
    Symbol::new("Q_QUOTAON", 1),
    Symbol::new("Q_QUOTAOFF", 2),
    Symbol::new("Q_GETFMT", 4),
    Symbol::new("Q_GETINFO", 8),
    Symbol::new("Q_SETINFO", 0x10),
    Symbol::new("Q_GETQUOTA", 0x20),
    Symbol::new("Q_SETQUOTA", 0x40),
    Symbol::new("Q_SYNC", 0x80),
    Symbol::new("Q_XQUOTAON", 0x100),
    Symbol::new("Q_XQUOTAOFF", 0x200),
    Symbol::new("Q_XGETQUOTA", 0x400),
    Symbol::new("Q_XSETQLIM", 0x800),
    Symbol::new("Q_XGETQSTAT", 0x1000),
    Symbol::new("Q_XQUOTARM", 0x2000),
    Symbol::new("Q_XQUOTASYNC", 0x4000),
];

pub static QUOTACTL_TYPES: &[Symbol] = &[Symbol::new("USRQUOTA", 1), Symbol::new("GRPQUOTA", 2)];

pub static QUOTACTL_QUOTA_FMTS: &[Symbol] = &[
    Symbol::new("QFMT_NOT_USED", 1),
    Symbol::new("QFMT_VFS_OLD", 2),
    Symbol::new("QFMT_VFS_V0", 4),
    Symbol::new("QFMT_VFS_V1", 8),
];

pub static SEMOP_FLAGS: &[Symbol] = &[Symbol::new("IPC_NOWAIT", 1), Symbol::new("SEM_UNDO", 2)];

pub static SEMGET_FLAGS: &[Symbol] =
    &[Symbol::new("IPC_EXCL", 0x4000), Symbol::new("IPC_CREAT", 0x2000)];

pub static SEMCTL_COMMANDS: &[Symbol] = &[
    Symbol::new("IPC_STAT", 1),
    Symbol::new("IPC_SET", 2),
    Symbol::new("IPC_RMID", 4),
    Symbol::new("IPC_INFO", 8),
    Symbol::new("SEM_INFO", 0x10),
    Symbol::new("SEM_STAT", 0x20),
    Symbol::new("GETALL", 0x40),
    Symbol::new("GETNCNT", 0x80),
    Symbol::new("GETPID", 0x100),
    Symbol::new("GETVAL", 0x200),
    Symbol::new("GETZCNT", 0x400),
    Symbol::new("SETALL", 0x800),
    Symbol::new("SETVAL", 0x1000),
];

pub static ACCESS_FLAGS: &[Symbol] = &[
    Symbol::new("F_OK", 0),
    Symbol::new("R_OK", 4),
    Symbol::new("W_OK", 2),
    Symbol::new("X_OK", 1),
];

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

pub static UNLINKAT_FLAGS: &[Symbol] = &[Symbol::new("AT_REMOVEDIR", 0x200)];

pub static LINKAT_FLAGS: &[Symbol] =
    &[Symbol::new("AT_SYMLINK_FOLLOW", 0x400), Symbol::new("AT_EMPTY_PATH", 0x1000)];

pub static NEWFSTATAT_FLAGS: &[Symbol] = &[
    Symbol::new("AT_EMPTY_PATH", 0x1000),
    Symbol::new("AT_NO_AUTOMOUNT", 0x800),
    Symbol::new("AT_SYMLINK_NOFOLLOW", 0x100),
];

pub static CHMOD_MODE: &[Symbol] = &[
    Symbol::new("S_IXOTH", 1),
    Symbol::new("S_IWOTH", 2),
    Symbol::new("S_IROTH", 4),
    Symbol::new("S_IXGRP", 8),
    Symbol::new("S_IWGRP", 0x10),
    Symbol::new("S_IRGRP", 0x20),
    Symbol::new("S_IXUSR", 0x40),
    Symbol::new("S_IWUSR", 0x80),
    Symbol::new("S_IRUSR", 0x100),
    Symbol::new("S_ISVTX", 0x200),
    Symbol::new("S_ISGID", 0x400),
    Symbol::new("S_ISUID", 0x800),
];

pub static FCHOWNAT_FLAGS: &[Symbol] =
    &[Symbol::new("AT_SYMLINK_NOFOLLOW", 0x400), Symbol::new("AT_EMPTY_PATH", 0x1000)];

pub static RENAMEAT2_FLAGS: &[Symbol] = &[
    Symbol::new("RENAME_NOREPLACE", 1),
    Symbol::new("RENAME_EXCHANGE", 2),
    Symbol::new("RENAME_WHITEOUT", 4),
];

pub static OPENAT2_FLAGS: &[Symbol] = &[
    Symbol::new("RESOLVE_BENEATH", 1),
    Symbol::new("RESOLVE_IN_ROOT", 2),
    Symbol::new("RESOLVE_NO_MAGICLINKS", 4),
    Symbol::new("RESOLVE_NO_SYMLINKS", 8),
    Symbol::new("RESOLVE_NO_XDEV", 0x10),
    Symbol::new("RESOLVE_CACHED", 0x20),
];

pub static EXECVE_FLAGS: &[Symbol] = &[
    Symbol::new("EXE_WRITABLE", 1),
    Symbol::new("EXE_UPPER_LAYER", 2),
    Symbol::new("EXE_FROM_MEMFD", 4),
    Symbol::new("EXE_LOWER_LAYER", 8),
];

pub static EXECVEAT_FLAGS: &[Symbol] =
    &[Symbol::new("AT_EMPTY_PATH", 1), Symbol::new("AT_SYMLINK_NOFOLLOW", 2)];

pub static IO_URING_SETUP_FLAGS: &[Symbol] = &[
    Symbol::new("IORING_SETUP_IOPOLL", 1),
    Symbol::new("IORING_SETUP_SQPOLL", 2),
    Symbol::new("IORING_SQ_NEED_WAKEUP", 4),
    Symbol::new("IORING_SETUP_SQ_AFF", 8),
    Symbol::new("IORING_SETUP_CQSIZE", 0x10),
    Symbol::new("IORING_SETUP_CLAMP", 0x20),
    Symbol::new("IORING_SETUP_ATTACH_RW", 0x40),
    Symbol::new("IORING_SETUP_R_DISABLED", 0x80),
];

pub static IO_URING_SETUP_FEATS: &[Symbol] = &[
    Symbol::new("IORING_FEAT_SINGLE_MMAP", 1),
    Symbol::new("IORING_FEAT_NODROP", 2),
    Symbol::new("IORING_FEAT_SUBMIT_STABLE", 4),
    Symbol::new("IORING_FEAT_RW_CUR_POS", 8),
    Symbol::new("IORING_FEAT_CUR_PERSONALITY", 0x10),
    Symbol::new("IORING_FEAT_FAST_POLL", 0x20),
    Symbol::new("IORING_FEAT_POLL_32BITS", 0x40),
    Symbol::new("IORING_FEAT_SQPOLL_NONFIXED", 0x80),
    Symbol::new("IORING_FEAT_ENTER_EXT_ARG", 0x100),
    Symbol::new("IORING_FEAT_NATIVE_WORKERS", 0x200),
    Symbol::new("IORING_FEAT_RSRC_TAGS", 0x400),
];

pub static IO_URING_ENTER_FLAGS: &[Symbol] = &[
    Symbol::new("IORING_ENTER_GETEVENTS", 1),
    Symbol::new("IORING_ENTER_SQ_WAKEUP", 2),
    Symbol::new("IORING_ENTER_SQ_WAIT", 4),
    Symbol::new("IORING_ENTER_EXT_ARG", 8),
];

pub static IO_URING_REGISTER_OPCODES: &[Symbol] = &[
    Symbol::new("IORING_REGISTER_BUFFERS", 0),
    Symbol::new("IORING_UNREGISTER_BUFFERS", 1),
    Symbol::new("IORING_REGISTER_FILES", 2),
    Symbol::new("IORING_UNREGISTER_FILES", 3),
    Symbol::new("IORING_REGISTER_EVENTFD", 4),
    Symbol::new("IORING_UNREGISTER_EVENTFD", 5),
    Symbol::new("IORING_REGISTER_FILES_UPDATE", 6),
    Symbol::new("IORING_REGISTER_EVENTFD_ASYNC", 7),
    Symbol::new("IORING_REGISTER_PROBE", 8),
    Symbol::new("IORING_REGISTER_PERSONALITY", 9),
    Symbol::new("IORING_UNREGISTER_PERSONALITY", 0xa),
    Symbol::new("IORING_REGISTER_RESTRICTIONS", 0xb),
    Symbol::new("IORING_REGISTER_ENABLE_RINGS", 0xc),
    Symbol::new("IORING_REGISTER_FILES2", 0xd),
    Symbol::new("IORING_REGISTER_FILES_UPDATE2", 0xe),
    Symbol::new("IORING_REGISTER_BUFFERS2", 0xf),
    Symbol::new("IORING_REGISTER_BUFFERS_UPDATE", 0x10),
    Symbol::new("IORING_REGISTER_IOWQ_AFF", 0x11),
    Symbol::new("IORING_UNREGISTER_IOWQ_AFF", 0x12),
    Symbol::new("IORING_REGISTER_IOWQ_MAX_WORKERS", 0x13),
    Symbol::new("IORING_REGISTER_RING_FDS", 0x14),
    Symbol::new("IORING_UNREGISTER_RING_FDS", 0x15),
];

pub static MLOCKALL_FLAGS: &[Symbol] =
    &[Symbol::new("MCL_CURRENT", 1), Symbol::new("MCL_FUTURE", 2), Symbol::new("MCL_ONFAULT", 4)];

pub static MLOCK2_FLAGS: &[Symbol] = &[Symbol::new("MLOCK_ONFAULT", 1)];

pub static FSCONFIG_CMDS: &[Symbol] = &[
    Symbol::new("FSCONFIG_SET_FLAG", 0),
    Symbol::new("FSCONFIG_SET_STRING", 1),
    Symbol::new("FSCONFIG_SET_BINARY", 2),
    Symbol::new("FSCONFIG_SET_PATH", 3),
    Symbol::new("FSCONFIG_SET_PATH_EMPTY", 4),
    Symbol::new("FSCONFIG_SET_FD", 5),
    Symbol::new("FSCONFIG_CMD_CREATE", 6),
    Symbol::new("FSCONFIG_CMD_RECONFIGURE", 7),
];

pub static EPOLL_CREATE1_FLAGS: &[Symbol] = &[Symbol::new("EPOLL_CLOEXEC", 1)];

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

pub static MEMFD_CREATE_FLAGS: &[Symbol] = &[
    Symbol::new("MFD_CLOEXEC", 1),
    Symbol::new("MFD_ALLOW_SEALING", 2),
    Symbol::new("MFD_HUGETLB", 4),
];

pub static PIDFD_OPEN_FLAGS: &[Symbol] = &[Symbol::new("PIDFD_NONBLOCK", 1)];

pub static MKNOD_MODE: &[Symbol] = &[
    Symbol::new("S_IXOTH", 1),
    Symbol::new("S_IWOTH", 2),
    Symbol::new("S_IROTH", 4),
    Symbol::new("S_IXGRP", 8),
    Symbol::new("S_IWGRP", 0x10),
    Symbol::new("S_IRGRP", 0x20),
    Symbol::new("S_IXUSR", 0x40),
    Symbol::new("S_IWUSR", 0x80),
    Symbol::new("S_IRUSR", 0x100),
    Symbol::new("S_ISVTX", 0x200),
    Symbol::new("S_ISGID", 0x400),
    Symbol::new("S_ISUID", 0x800),
    Symbol::new("S_IFREG", 0x8000),
    Symbol::new("S_IFCHR", 0x2000),
    Symbol::new("S_IFBLK", 0x6000),
    Symbol::new("S_IFIFO", 0x1000),
    Symbol::new("S_IFSOCK", 0xc000),
];

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

pub static DELETE_MODULE_FLAGS: &[Symbol] =
    &[Symbol::new("O_NONBLOCK", 2), Symbol::new("O_TRUNC", 1)];

pub static CLOSE_RANGE_FLAGS: &[Symbol] =
    &[Symbol::new("CLOSE_RANGE_UNSHARE", 2), Symbol::new("CLOSE_RANGE_CLOEXEC", 4)];

pub static FINIT_MODULE_FLAGS: &[Symbol] = &[
    Symbol::new("MODULE_INIT_IGNORE_MODVERSIONS", 1),
    Symbol::new("MODULE_INIT_IGNORE_VERMAGIC", 2),
    Symbol::new("MODULE_INIT_COMPRESSED_FILE", 4),
];

pub static ANON_INODE_FD_TYPES: &[Symbol] = &[
    Symbol::new("ANON_INODE_FD_TYPE_UNKNOWN", 0),
    Symbol::new("ANON_INODE_FD_TYPE_EVENTFD", 1),
    Symbol::new("ANON_INODE_FD_TYPE_EVENTPOLL", 2),
    Symbol::new("ANON_INODE_FD_TYPE_INOTIFY", 3),
    Symbol::new("ANON_INODE_FD_TYPE_SIGNALFD", 4),
    Symbol::new("ANON_INODE_FD_TYPE_TIMERFD", 5),
    Symbol::new("ANON_INODE_FD_TYPE_IO_URING", 6),
    Symbol::new("ANON_INODE_FD_TYPE_USERFAULTFD", 7),
    Symbol::new("ANON_INODE_FD_TYPE_PIDFD", 8),
    Symbol::new("ANON_INODE_FD_TYPE_BPF_MAP", 9),
    Symbol::new("ANON_INODE_FD_TYPE_BPF_PROG", 0xa),
    Symbol::new("ANON_INODE_FD_TYPE_BPF_LINK", 0xb),
    Symbol::new("ANON_INODE_FD_TYPE_BPF_ITER", 0xc),
    Symbol::new("ANON_INODE_FD_TYPE_PERF_EVENT", 0xd),
];
