//! File systems and quotas.

use crate::schema::Symbol;

/// Flags of `mount(2)`.
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

/// Flags of `umount2(2)`.
pub static UMOUNT_FLAGS: &[Symbol] = &[
    Symbol::new("FORCE", 1),
    Symbol::new("DETACH", 2),
    Symbol::new("EXPIRE", 4),
    Symbol::new("NOFOLLOW", 8),
];

/// Flags in quota information.
pub static QUOTACTL_DQI_FLAGS: &[Symbol] =
    &[Symbol::new("DQF_NONE", 1), Symbol::new("V1_DQF_RSQUASH", 2)];

/// Commands of `quotactl(2)`.
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

/// Whose quota it is.
pub static QUOTACTL_TYPES: &[Symbol] = &[Symbol::new("USRQUOTA", 1), Symbol::new("GRPQUOTA", 2)];

/// Formats of quota files.
pub static QUOTACTL_QUOTA_FMTS: &[Symbol] = &[
    Symbol::new("QFMT_NOT_USED", 1),
    Symbol::new("QFMT_VFS_OLD", 2),
    Symbol::new("QFMT_VFS_V0", 4),
    Symbol::new("QFMT_VFS_V1", 8),
];

/// Commands of `fsconfig(2)`.
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
