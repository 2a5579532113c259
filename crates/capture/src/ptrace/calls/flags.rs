//! Flags in the numbering of the schema (`event::symbols`).
//!
//! Where the kernel's own definitions overlap, the schema's recorder tests each flag for any of its
//! bits, and so it is done here: `O_DIRECTORY` alone brings `O_TMPFILE` along, and `O_DSYNC` brings
//! `O_SYNC`.

use libc::c_int;

/// The file was made by the call.
pub(super) const CREATED: u32 = 0x4000;

const CLOEXEC: u32 = 0x1000;
const NONBLOCK: u32 = 0x40;
const DIRECT: u32 = 0x200;

/// `O_LARGEFILE` as the kernel has it; libc has 0, for it is implied in 64-bit programs.
const KERNEL_LARGEFILE: c_int = 0o100_000;

/// Flags of `open(2)`, and the schema's.
const OPEN: [(c_int, u32); 12] = [
    (libc::O_CREAT, 4),
    (libc::O_APPEND, 8),
    (libc::O_DSYNC, 0x10),
    (libc::O_EXCL, 0x20),
    (libc::O_NONBLOCK, NONBLOCK),
    (libc::O_SYNC, 0x80),
    (libc::O_TRUNC, 0x100),
    (libc::O_DIRECT, DIRECT),
    (libc::O_DIRECTORY, 0x400),
    (KERNEL_LARGEFILE, 0x800),
    (libc::O_CLOEXEC, CLOEXEC),
    (libc::O_TMPFILE, 0x2000),
];

/// Flags of the open family.
pub(super) fn open(flags: u32) -> u32 {
    let access = match flags as c_int & libc::O_ACCMODE {
        libc::O_WRONLY => 2,
        libc::O_RDWR => 3,
        _ => 1,
    };
    access | mapped(flags, &OPEN)
}

/// The mode that a file is made with; 0 if the flags do not ask for one to be made.
pub(super) fn open_mode(flags: u32, mode: u32) -> u32 {
    let asks = flags as c_int & (libc::O_CREAT | libc::O_TMPFILE) != 0;
    if asks { self::mode(mode) } else { 0 }
}

/// Permissions, with setuid, setgid and sticky bit.
pub(super) fn mode(mode: u32) -> u32 {
    mode & 0o7777
}

/// Mode of `mknod(2)`: permissions and the type of file, which is a regular one if none is said.
pub(super) fn mknod_mode(mode: u32) -> u32 {
    let kind = match mode & libc::S_IFMT {
        0 => libc::S_IFREG,
        kind @ (libc::S_IFREG | libc::S_IFCHR | libc::S_IFBLK | libc::S_IFIFO | libc::S_IFSOCK) => {
            kind
        }
        _ => 0,
    };
    kind | self::mode(mode)
}

/// How `openat2(2)` may resolve a path.
pub(super) fn resolve(flags: u64) -> u32 {
    const RESOLVE: [(c_int, u32); 6] = [
        (0x08, 1),    // RESOLVE_BENEATH
        (0x10, 2),    // RESOLVE_IN_ROOT
        (0x02, 4),    // RESOLVE_NO_MAGICLINKS
        (0x04, 8),    // RESOLVE_NO_SYMLINKS
        (0x01, 0x10), // RESOLVE_NO_XDEV
        (0x20, 0x20), // RESOLVE_CACHED
    ];
    mapped(flags as u32, &RESOLVE)
}

/// Flags of `dup3(2)`.
pub(super) fn dup3(flags: u32) -> u32 {
    mapped(flags, &[(libc::O_CLOEXEC, CLOEXEC)])
}

/// Flags of `pipe2(2)`.
pub(super) fn pipe2(flags: u32) -> u32 {
    let known =
        [(libc::O_CLOEXEC, CLOEXEC), (libc::O_DIRECT, DIRECT), (libc::O_NONBLOCK, NONBLOCK)];
    if (flags as c_int) < 0 { 0 } else { mapped(flags, &known) }
}

/// Flags of `eventfd2(2)`, `signalfd4(2)`, `inotify_init1(2)`, `timerfd_create(2)`.
pub(super) fn descriptor(flags: u32) -> u32 {
    let known = [(libc::O_NONBLOCK, NONBLOCK), (libc::O_CLOEXEC, CLOEXEC)];
    if (flags as c_int) < 0 { 0 } else { mapped(flags, &known) }
}

/// Flags of `epoll_create1(2)`.
pub(super) fn epoll_create1(flags: u32) -> u32 {
    mapped(flags, &[(libc::EPOLL_CLOEXEC, 1)])
}

/// Flags of `pidfd_open(2)`.
pub(super) fn pidfd_open(flags: u32) -> u32 {
    mapped(flags, &[(libc::O_NONBLOCK, 1)])
}

/// Flags of `unlinkat(2)`.
pub(super) fn unlinkat(flags: u32) -> u32 {
    flags & libc::AT_REMOVEDIR as u32
}

/// Flags of `linkat(2)`.
pub(super) fn linkat(flags: u32) -> u32 {
    flags & (libc::AT_SYMLINK_FOLLOW | libc::AT_EMPTY_PATH) as u32
}

/// Flags of `fchownat(2)`; that links are not followed is not among them.
pub(super) fn fchownat(flags: u32) -> u32 {
    flags & (libc::AT_SYMLINK_FOLLOW | libc::AT_EMPTY_PATH) as u32
}

/// Flags of `close_range(2)`.
pub(super) fn close_range(flags: u32) -> u32 {
    flags & (libc::CLOSE_RANGE_UNSHARE | libc::CLOSE_RANGE_CLOEXEC)
}

/// Flags of `splice(2)`.
pub(super) fn splice(flags: u32) -> u32 {
    let known =
        libc::SPLICE_F_MOVE | libc::SPLICE_F_NONBLOCK | libc::SPLICE_F_MORE | libc::SPLICE_F_GIFT;
    flags & known
}

/// A device's number: eight bits of the minor, the major, the rest of the minor.
pub(super) fn device(major: u32, minor: u32) -> u32 {
    (minor & 0xff) | (major << 8) | ((minor & !0xff) << 12)
}

fn mapped(flags: u32, known: &[(c_int, u32)]) -> u32 {
    known.iter().filter(|(flag, _)| flags & *flag as u32 != 0).fold(0, |all, (_, to)| all | to)
}
