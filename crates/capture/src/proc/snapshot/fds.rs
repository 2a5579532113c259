//! What a process has open.

use std::collections::BTreeMap;

use event::snapshot::{FdEntry, FdKind, FdTarget};
use rustix::{
    fd::OwnedFd,
    fs::{AtFlags, FileType, StatxFlags, makedev, statat, statx},
    io::Errno,
};

use super::{Snapshot, processes::ids, sockets::Sockets};
use crate::proc::{
    dir::{link_at, read_at},
    parse::{FdInfo, lines, mount, open_flags},
};

/// What is sought in `fdinfo` stands within this.
const FDINFO_BYTES: usize = 512;
const MAX_MOUNTS_BYTES: usize = 4 << 20;
const ANON_INODE: &[u8] = b"anon_inode:";

/// Files without a path, by the name that the kernel has for their kind.
const ANONYMOUS: [(&[u8], FdKind); 13] = [
    (b"[eventfd]", FdKind::Event),
    (b"[eventpoll]", FdKind::EventPoll),
    (b"inotify", FdKind::Inotify),
    (b"[signalfd]", FdKind::SignalFd),
    (b"[timerfd]", FdKind::TimerFd),
    (b"[io_uring]", FdKind::IoUring),
    (b"[userfaultfd]", FdKind::UserFaultFd),
    (b"[pidfd]", FdKind::PidFd),
    (b"bpf-map", FdKind::Bpf),
    (b"bpf-prog", FdKind::Bpf),
    (b"bpf-link", FdKind::Bpf),
    (b"bpf_link", FdKind::Bpf),
    (b"bpf_iter", FdKind::Bpf),
];

/// Reads the fds of a process, at most so many that there are `most` of all.
pub(super) fn read(
    pid: i32,
    dir: OwnedFd,
    most: usize,
    sockets: &mut Sockets,
    snapshot: &mut Snapshot,
) {
    match ids(&dir, "fd") {
        Some(numbers) => read_these(pid, dir, numbers, most, sockets, snapshot),
        None => snapshot.left_out.fd_lists += 1,
    }
}

/// The same of some of them.
pub(super) fn read_these(
    pid: i32,
    dir: OwnedFd,
    numbers: Vec<i32>,
    most: usize,
    sockets: &mut Sockets,
    snapshot: &mut Snapshot,
) {
    let mut process = Process { dir, mounts: None, link: Vec::new(), text: Vec::new() };
    let mut with_sockets = Vec::new();
    for fd in numbers {
        if snapshot.held.fd_count() + with_sockets.len() >= most {
            snapshot.left_out.fds += 1;
            continue;
        }
        match process.fd(fd) {
            Some(Found::Fd(entry)) => snapshot.held.add_fd(pid.into(), entry),
            Some(Found::Socket(ino)) => with_sockets.push((i64::from(fd), ino)),
            None => snapshot.left_out.fds += 1,
        }
    }
    if !with_sockets.is_empty() {
        sockets.learn(&process.dir, with_sockets.iter().map(|(_, ino)| *ino));
    }
    for (fd, ino) in with_sockets {
        snapshot.held.add_fd(pid.into(), sockets.entry(fd, ino, &mut process.text));
    }
}

/// What is known of an open file without asking its file system, which one of the processes may
/// serve that stand still.
struct Stat {
    ino: u64,
    mode: u32,
    links: u64,
    dev: u64,
}

impl Stat {
    fn of(dir: &OwnedFd, path: &str) -> Result<Self, Errno> {
        match statx(dir, path, AtFlags::STATX_DONT_SYNC, StatxFlags::BASIC_STATS) {
            Ok(found) => Ok(Self {
                ino: found.stx_ino,
                mode: found.stx_mode.into(),
                links: found.stx_nlink.into(),
                dev: makedev(found.stx_dev_major, found.stx_dev_minor),
            }),
            // Some containers forbid the newer call.
            Err(Errno::NOSYS | Errno::PERM) => {
                let found = statat(dir, path, AtFlags::empty())?;
                let (ino, links) = (found.st_ino, found.st_nlink as u64);
                Ok(Self { ino, mode: found.st_mode, links, dev: found.st_dev })
            }
            Err(errno) => Err(errno),
        }
    }
}

struct Process {
    dir: OwnedFd,
    /// Device numbers of mounts, once they were needed.
    mounts: Option<BTreeMap<u64, u32>>,
    link: Vec<u8>,
    text: Vec<u8>,
}

enum Found<'a> {
    Fd(FdEntry<'a>),
    Socket(u64),
}

impl Process {
    /// An fd; `None` if it is not open any more.
    fn fd(&mut self, fd: i32) -> Option<Found<'_>> {
        let path = format!("fd/{fd}");
        let stat = Stat::of(&self.dir, &path).ok()?;
        link_at(&self.dir, path.as_bytes(), &mut self.link).ok()?;
        let ino = stat.ino;
        if let Some(name) = self.link.strip_prefix(ANON_INODE) {
            return Some(Found::Fd(entry(fd, ino, FdTarget::Named(anonymous(name), b""))));
        }
        let target = match FileType::from_raw_mode(stat.mode) {
            FileType::Socket => return Some(Found::Socket(ino)),
            FileType::Fifo => FdTarget::Named(FdKind::Fifo, &self.link),
            FileType::Directory => FdTarget::Named(FdKind::Directory, &self.link),
            FileType::Unknown => FdTarget::Named(FdKind::Unsupported, b""),
            // A deleted file of this name would have to be in the root directory.
            _ if stat.links == 0 && self.link.starts_with(b"/memfd:") => {
                FdTarget::Named(FdKind::Memfd, &self.link)
            }
            _ => {
                let (open_flags, dev) = self.flags_and_device(fd, &stat);
                FdTarget::File { open_flags, name: &self.link, dev }
            }
        };
        Some(Found::Fd(entry(fd, ino, target)))
    }

    /// Open flags, and the device number of the file system: what `stat` says is not it for every
    /// kind of file system.
    fn flags_and_device(&mut self, fd: i32, stat: &Stat) -> (u32, u32) {
        let path = format!("fdinfo/{fd}");
        let read = read_at(&self.dir, path.as_bytes(), FDINFO_BYTES, &mut self.text);
        let info = read.ok().and_then(|()| FdInfo::parse(&self.text));
        let mount = info.and_then(|info| self.mounts().get(&info.mount_id).copied());
        // Of 64 bits the kernel uses these.
        let dev = mount.unwrap_or(stat.dev as u32);
        (info.map_or(0, |info| open_flags(info.flags)), dev)
    }

    fn mounts(&mut self) -> &BTreeMap<u64, u32> {
        let (dir, text) = (&self.dir, &mut self.text);
        self.mounts.get_or_insert_with(|| {
            match read_at(dir, b"mountinfo", MAX_MOUNTS_BYTES, text) {
                Ok(()) => {
                    lines(text).filter_map(mount).map(|mount| (mount.id, mount.dev)).collect()
                }
                Err(_) => BTreeMap::new(),
            }
        })
    }
}

fn entry(fd: i32, ino: u64, target: FdTarget<'_>) -> FdEntry<'_> {
    FdEntry { fd: fd.into(), ino, target }
}

/// What a file without a path is, by the name that the kernel has for its kind.
pub(crate) fn anonymous(name: &[u8]) -> FdKind {
    let known = ANONYMOUS.iter().find(|(known, _)| *known == name);
    known.map_or(FdKind::Unsupported, |(_, kind)| *kind)
}
