//! Opening, linking, renaming and locking files; modes.

use crate::schema::Symbol;

/// How a file is open (`O_*`), and on which layer of an overlay it is.
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

/// On which layer of an overlay `creat(2)` made the file.
pub static CREAT_FLAGS: &[Symbol] =
    &[Symbol::new("FD_UPPER_LAYER_CREAT", 1), Symbol::new("FD_LOWER_LAYER_CREAT", 2)];

/// Locks of `flock(2)`.
pub static FLOCK_FLAGS: &[Symbol] = &[
    Symbol::new("LOCK_SH", 1),
    Symbol::new("LOCK_EX", 2),
    Symbol::new("LOCK_NB", 4),
    Symbol::new("LOCK_UN", 8),
    Symbol::new("LOCK_NONE", 0),
];

/// What a file position is relative to.
pub static LSEEK_WHENCE: &[Symbol] =
    &[Symbol::new("SEEK_END", 2), Symbol::new("SEEK_CUR", 1), Symbol::new("SEEK_SET", 0)];

/// Commands of `fcntl(2)`.
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

/// What `access(2)` asks about.
pub static ACCESS_FLAGS: &[Symbol] = &[
    Symbol::new("F_OK", 0),
    Symbol::new("R_OK", 4),
    Symbol::new("W_OK", 2),
    Symbol::new("X_OK", 1),
];

/// Flags of `unlinkat(2)`.
pub static UNLINKAT_FLAGS: &[Symbol] = &[Symbol::new("AT_REMOVEDIR", 0x200)];

/// Flags of `linkat(2)`.
pub static LINKAT_FLAGS: &[Symbol] =
    &[Symbol::new("AT_SYMLINK_FOLLOW", 0x400), Symbol::new("AT_EMPTY_PATH", 0x1000)];

/// Flags of `newfstatat(2)`.
pub static NEWFSTATAT_FLAGS: &[Symbol] = &[
    Symbol::new("AT_EMPTY_PATH", 0x1000),
    Symbol::new("AT_NO_AUTOMOUNT", 0x800),
    Symbol::new("AT_SYMLINK_NOFOLLOW", 0x100),
];

/// Mode bits that can be changed.
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

/// Flags of `fchownat(2)`.
pub static FCHOWNAT_FLAGS: &[Symbol] =
    &[Symbol::new("AT_SYMLINK_NOFOLLOW", 0x400), Symbol::new("AT_EMPTY_PATH", 0x1000)];

/// Flags of `renameat2(2)`.
pub static RENAMEAT2_FLAGS: &[Symbol] = &[
    Symbol::new("RENAME_NOREPLACE", 1),
    Symbol::new("RENAME_EXCHANGE", 2),
    Symbol::new("RENAME_WHITEOUT", 4),
];

/// How `openat2(2)` may resolve a path (`RESOLVE_*`).
pub static OPENAT2_FLAGS: &[Symbol] = &[
    Symbol::new("RESOLVE_BENEATH", 1),
    Symbol::new("RESOLVE_IN_ROOT", 2),
    Symbol::new("RESOLVE_NO_MAGICLINKS", 4),
    Symbol::new("RESOLVE_NO_SYMLINKS", 8),
    Symbol::new("RESOLVE_NO_XDEV", 0x10),
    Symbol::new("RESOLVE_CACHED", 0x20),
];

/// Mode bits and file types of `mknod(2)`.
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

/// Flags of `close_range(2)`.
pub static CLOSE_RANGE_FLAGS: &[Symbol] =
    &[Symbol::new("CLOSE_RANGE_UNSHARE", 2), Symbol::new("CLOSE_RANGE_CLOEXEC", 4)];

/// Kinds of fds without a file.
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
