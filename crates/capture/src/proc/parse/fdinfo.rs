//! `/proc/PID/fdinfo/FD`.

use super::text::{fields, lines, split_once, unsigned};

/// What `fdinfo` tells of an fd.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FdInfo {
    /// Open flags, as Linux numbers them on this architecture.
    pub flags: u32,
    /// Mount that the file was found in; 0 if not told.
    pub mount_id: u64,
}

impl FdInfo {
    /// Reads the beginning of the text: what is sought stands first, before lines that depend on the
    /// kind of file.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut info = Self::default();
        let mut found = false;
        for (name, value) in lines(text).take(8).filter_map(|line| split_once(line, b':')) {
            let number = |radix| fields(value).next().and_then(|text| unsigned(text, radix));
            match name {
                b"flags" => {
                    info.flags = number(8)? as u32;
                    found = true;
                }
                b"mnt_id" => info.mount_id = number(10).unwrap_or(0),
                _ => {}
            }
        }
        found.then_some(info)
    }
}

/// Linux's open flags of this architecture, and the schema's.
const OPEN_FLAGS: [(i32, u32); 11] = [
    (libc::O_CREAT, 1 << 2),
    (libc::O_APPEND, 1 << 3),
    (libc::O_DSYNC, 1 << 4),
    (libc::O_EXCL, 1 << 5),
    (libc::O_NONBLOCK, 1 << 6),
    (libc::O_TRUNC, 1 << 8),
    (libc::O_DIRECT, 1 << 9),
    (libc::O_DIRECTORY, 1 << 10),
    (O_LARGEFILE, 1 << 11),
    (libc::O_CLOEXEC, 1 << 12),
    (libc::O_TMPFILE & !libc::O_DIRECTORY, 1 << 13),
];

/// Sets the schema's `O_SYNC`, of which `O_DSYNC` is a part in Linux.
const SYNC: u32 = 1 << 7;

/// `O_LARGEFILE` as the kernel has it: C libraries of 64-bit machines call it 0.
const O_LARGEFILE: i32 =
    if cfg!(any(target_arch = "aarch64", target_arch = "arm")) { 0o400_000 } else { 0o100_000 };

/// Open flags in the schema's numbering.
pub fn open_flags(flags: u32) -> u32 {
    let flags = flags as i32;
    let access = match flags & libc::O_ACCMODE {
        libc::O_WRONLY => 2,
        libc::O_RDWR => 3,
        _ => 1,
    };
    let sync = if flags & libc::O_SYNC == libc::O_SYNC { SYNC } else { 0 };
    OPEN_FLAGS
        .iter()
        .filter(|(linux, _)| flags & linux != 0)
        .fold(access | sync, |all, (_, schema)| all | schema)
}
