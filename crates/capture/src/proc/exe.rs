//! The file that a process executes.

use rustix::{
    fs::{AtFlags, Statx, StatxAttributes, StatxFlags, statat, statfs, statx},
    io::Errno,
};

use super::{
    dir::ThreadDir,
    overlay::{self, Layer},
    parse::{Status, is_mapped, lines, unsigned},
};

const NS_PER_SECOND: u64 = 1_000_000_000;
/// `ST_RDONLY` of `statfs(2)`.
const READ_ONLY: u64 = 1;
const MAX_TEXT_BYTES: usize = 16 * 1024;
const MAX_MOUNTS_BYTES: usize = 4 << 20;
/// Capabilities with which one may write what its mode forbids, as bits.
const CAP_DAC_OVERRIDE: u64 = 1 << 1;
const CAP_FOWNER: u64 = 1 << 3;

/// What is known of the file that a process executes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExeFacts {
    /// Inode.
    pub ino: u64,
    /// When its inode changed, ns since the epoch.
    pub ctime_ns: u64,
    /// When it was written, ns since the epoch.
    pub mtime_ns: u64,
    /// `EXE_*` bits, as the events of exec have them.
    pub flags: u32,
    /// Kind and mode.
    pub mode: u32,
    /// User that it belongs to.
    pub uid: u32,
    /// Group that it belongs to.
    pub gid: u32,
}

impl ExeFacts {
    /// The process's user may write it, or give itself the right to.
    pub const WRITABLE: u32 = 1;
    /// It is on the upper layer of an overlay.
    pub const UPPER_LAYER: u32 = 1 << 1;
    /// It is a memfd.
    pub const FROM_MEMFD: u32 = 1 << 2;
    /// It is on the lower layer of an overlay.
    pub const LOWER_LAYER: u32 = 1 << 3;

    /// The file of a thread: the very one that is executed, whatever stands at its path now. `link`
    /// is what `/proc` says of its path; `path` holds the name of the thread's directory.
    pub(super) fn read(
        dir: &ThreadDir,
        status: &Status,
        link: &[u8],
        path: &mut Vec<u8>,
        text: &mut Vec<u8>,
    ) -> Result<Self, Errno> {
        let inode = Inode::of_exe(dir)?;
        let mount = inode.mount_id.and_then(|id| Mounted::of(dir, id, text));
        let system = match mount {
            // Who serves it may be one that waits for us.
            Some(Mounted { by_program: true, .. }) => None,
            _ => {
                path.extend_from_slice(b"/exe");
                let system = statfs(&path[..]).ok();
                path.truncate(path.len() - b"/exe".len());
                system
            }
        };
        let read_only = mount.is_some_and(|mount| mount.read_only)
            || system.is_some_and(|system| system.f_flags as u64 & READ_ONLY != 0);
        let mut flags = 0;
        if !read_only && inode.is_writable(dir, status, text) {
            flags |= Self::WRITABLE;
        }
        if inode.links == 0 && link.starts_with(b"/memfd:") {
            flags |= Self::FROM_MEMFD;
        }
        let is_overlay = system.is_some_and(|system| system.f_type as u64 == overlay::MAGIC);
        if is_overlay && let Some(mount_id) = inode.mount_id {
            flags |= match overlay::layer(dir, mount_id, link, text) {
                Some(Layer::Upper) => Self::UPPER_LAYER,
                Some(Layer::Lower) => Self::LOWER_LAYER,
                None => 0,
            };
        }
        let Inode { ino, ctime_ns, mtime_ns, mode, uid, gid, .. } = inode;
        Ok(Self { ino, ctime_ns, mtime_ns, flags, mode, uid, gid })
    }
}

/// What is known of a mount without asking its file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mounted {
    by_program: bool,
    read_only: bool,
}

impl Mounted {
    fn of(dir: &ThreadDir, id: u64, text: &mut Vec<u8>) -> Option<Self> {
        dir.read("mountinfo", MAX_MOUNTS_BYTES, text).ok()?;
        lines(text).find_map(|line| Self::of_line(line, id))
    }

    /// Of a line of proc_pid_mountinfo(5), if it is of this mount.
    fn of_line(line: &[u8], id: u64) -> Option<Self> {
        let mut fields = line.split(|byte| *byte == b' ');
        if unsigned(fields.next()?, 10) != Some(id) {
            return None;
        }
        let options = fields.nth(4)?;
        let mut behind = fields.skip_while(|field| *field != b"-").skip(1);
        let by_program = behind.next()?.starts_with(b"fuse");
        let of_system = behind.nth(1).unwrap_or_default();
        let is_ro = |options: &[u8]| options.split(|byte| *byte == b',').any(|one| one == b"ro");
        Some(Self { by_program, read_only: is_ro(options) || is_ro(of_system) })
    }
}

struct Inode {
    ino: u64,
    ctime_ns: u64,
    mtime_ns: u64,
    uid: u32,
    gid: u32,
    mode: u32,
    links: u64,
    immutable: bool,
    mount_id: Option<u64>,
}

impl Inode {
    fn of_exe(dir: &ThreadDir) -> Result<Self, Errno> {
        let wanted = StatxFlags::BASIC_STATS | StatxFlags::MNT_ID;
        // Only what the kernel knows already: a file system that a program serves would be asked.
        match statx(dir, "exe", AtFlags::STATX_DONT_SYNC, wanted) {
            Ok(found) => Ok(Self::of_statx(&found)),
            // Some containers forbid the newer call.
            Err(Errno::NOSYS | Errno::PERM) => Self::of_stat(dir),
            Err(errno) => Err(errno),
        }
    }

    fn of_statx(found: &Statx) -> Self {
        let mask = StatxFlags::from_bits_retain(found.stx_mask);
        Self {
            ino: found.stx_ino,
            ctime_ns: ns(found.stx_ctime.tv_sec, found.stx_ctime.tv_nsec.into()),
            mtime_ns: ns(found.stx_mtime.tv_sec, found.stx_mtime.tv_nsec.into()),
            uid: found.stx_uid,
            gid: found.stx_gid,
            mode: found.stx_mode.into(),
            links: found.stx_nlink.into(),
            immutable: found.stx_attributes.contains(StatxAttributes::IMMUTABLE),
            mount_id: mask.contains(StatxFlags::MNT_ID).then_some(found.stx_mnt_id),
        }
    }

    fn of_stat(dir: &ThreadDir) -> Result<Self, Errno> {
        let found = statat(dir, "exe", AtFlags::empty())?;
        Ok(Self {
            ino: found.st_ino,
            ctime_ns: ns(found.st_ctime, found.st_ctime_nsec as u64),
            mtime_ns: ns(found.st_mtime, found.st_mtime_nsec as u64),
            uid: found.st_uid,
            gid: found.st_gid,
            mode: found.st_mode,
            links: found.st_nlink as u64,
            immutable: false,
            mount_id: None,
        })
    }

    /// Whether the thread may write the file: by its mode, as its owner (who may change the mode),
    /// or by a capability. Access control lists are not looked at, as in what drivers record.
    fn is_writable(&self, dir: &ThreadDir, status: &Status, text: &mut Vec<u8>) -> bool {
        let ([.., user], [.., group]) = (status.uid, status.gid);
        if self.immutable {
            return false;
        }
        if user == self.uid {
            return true;
        }
        let in_group = group == self.gid || status.groups.contains(&self.gid);
        let mode = if in_group { self.mode >> 3 } else { self.mode };
        let may_by_mode = mode & 0o2 != 0;
        may_by_mode || self.is_overridden(dir, status.cap_effective, text)
    }

    /// Capabilities count for files whose owners exist in the thread's user namespace.
    fn is_overridden(&self, dir: &ThreadDir, capabilities: u64, text: &mut Vec<u8>) -> bool {
        if capabilities & (CAP_DAC_OVERRIDE | CAP_FOWNER) == 0 {
            return false;
        }
        let mut mapped =
            |map, id| dir.read(map, MAX_TEXT_BYTES, text).is_ok() && is_mapped(text, id);
        mapped("uid_map", self.uid)
            && (capabilities & CAP_FOWNER != 0 || mapped("gid_map", self.gid))
    }
}

/// Time in ns since the epoch; 0 before it.
fn ns(seconds: i64, ns: u64) -> u64 {
    u64::try_from(seconds).map_or(0, |s| s.saturating_mul(NS_PER_SECOND).saturating_add(ns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_tell_who_serves_them_and_whether_they_are_read_only() {
        let of = |by_program, read_only| Some(Mounted { by_program, read_only });
        for (line, expected) in [
            ("7 1 254:0 / / rw,noatime - ext4 /dev/vda rw", of(false, false)),
            ("7 1 0:40 / /mnt ro shared:1 - fuse.app app rw", of(true, true)),
            ("7 1 0:40 / /mnt rw shared:1 master:2 - fuse app ro,a=b", of(true, true)),
            ("8 1 0:40 / /mnt ro - fuse app ro", None),
            ("7 1 0:40 / /mnt ro", None),
            ("7", None),
            ("", None),
        ] {
            assert_eq!(Mounted::of_line(line.as_bytes(), 7), expected, "{line}");
        }
    }
}
