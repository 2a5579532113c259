//! When a thread's pid namespace began: when its first process did.
//!
//! The kernel tells it nowhere. The first process is found as the ancestor whose id in the
//! namespace is 1, or, of a process that was put into the namespace from outside (as by `nsenter`),
//! in the `/proc` that the process itself sees.

use rustix::fs::{AtFlags, Mode, OFlags, ResolveFlags, StatxFlags, openat, openat2, statat, statx};

use super::{
    dir::{ThreadDir, link_at, read_at},
    parse::{Stat, Status, lines},
};

const NS_PER_SECOND: u64 = 1_000_000_000;
/// Ancestors that are looked at.
const MAX_ANCESTORS: usize = 64;
const MAX_TEXT_BYTES: usize = 16 * 1024;
const MAX_MOUNTS_BYTES: usize = 4 << 20;

/// What was found of pid namespaces. Threads of few namespaces begin at a time: the one of the
/// latest thread is remembered.
#[derive(Clone, Debug, Default)]
pub(super) struct PidNamespaces {
    own: Option<u64>,
    latest: Option<(u64, u64)>,
    text: Vec<u8>,
    status: Status,
}

impl PidNamespaces {
    /// When the thread's namespace began, in ns since boot; 0 if it can't be told.
    pub(super) fn start_ns(&mut self, dir: &ThreadDir, status: &Status) -> u64 {
        if status.pidns_depth <= 1 {
            return *self.own.get_or_insert_with(|| process_start_ns(1, &mut self.text));
        }
        let namespace = statat(dir, "ns/pid", AtFlags::empty()).ok().map(|stat| stat.st_ino);
        if let Some((known, start_ns)) = self.latest
            && namespace == Some(known)
        {
            return start_ns;
        }
        let start_ns = self.of_ancestor(status).or_else(|| self.of_own_proc(dir, namespace?));
        if let (Some(namespace), Some(start_ns)) = (namespace, start_ns) {
            self.latest = Some((namespace, start_ns));
        }
        start_ns.unwrap_or(0)
    }

    fn of_ancestor(&mut self, status: &Status) -> Option<u64> {
        let depth = status.pidns_depth;
        let (mut pid, mut vpid, mut parent) = (status.tgid, status.vpid, status.ppid);
        for _ in 0..MAX_ANCESTORS {
            if vpid == 1 {
                return Some(process_start_ns(pid, &mut self.text)).filter(|&ns| ns != 0);
            }
            let path = format!("/proc/{parent}/status");
            read_at(rustix::fs::CWD, path.as_bytes(), MAX_TEXT_BYTES, &mut self.text).ok()?;
            self.status.read(&self.text)?;
            if self.status.pidns_depth != depth {
                return None;
            }
            (pid, vpid, parent) = (self.status.tgid, self.status.vpid, self.status.ppid);
        }
        None
    }

    /// The first process of the `/proc` that the thread sees, if that is of the same namespace. What
    /// stands there is of the thread's making: nothing but the kernel's own file system is asked.
    fn of_own_proc(&mut self, dir: &ThreadDir, namespace: u64) -> Option<u64> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = openat(dir, "root", flags, Mode::empty()).ok()?;
        let no_links = ResolveFlags::NO_SYMLINKS | ResolveFlags::BENEATH;
        let known = no_links | ResolveFlags::CACHED;
        let proc = openat2(&root, "proc", flags, Mode::empty(), known).ok()?;
        let known = AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC;
        let device = statx(&proc, "", known, StatxFlags::INO).ok()?;
        let device = format!("{}:{}", device.stx_dev_major, device.stx_dev_minor);
        dir.read("mountinfo", MAX_MOUNTS_BYTES, &mut self.text).ok()?;
        if !lines(&self.text).any(|line| is_proc(line, device.as_bytes())) {
            return None;
        }
        let inside = no_links | ResolveFlags::NO_XDEV;
        let first = openat2(&proc, "1", flags, Mode::empty(), inside).ok()?;
        let spaces = openat2(&first, "ns", flags, Mode::empty(), inside).ok()?;
        link_at(&spaces, b"pid", &mut self.text).ok()?;
        if self.text != format!("pid:[{namespace}]").as_bytes() {
            return None;
        }
        let read = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let stat = openat2(&first, "stat", read, Mode::empty(), inside).ok()?;
        self.text.clear();
        self.text.reserve(MAX_TEXT_BYTES);
        rustix::io::read(&stat, rustix::buffer::spare_capacity(&mut self.text)).ok()?;
        Some(start_ns(&self.text)).filter(|&ns| ns != 0)
    }
}

/// Whether a line of proc_pid_mountinfo(5) is of the kernel's own `/proc` with this device.
fn is_proc(line: &[u8], device: &[u8]) -> bool {
    let mut fields = line.split(|byte| *byte == b' ');
    fields.nth(2) == Some(device)
        && fields.skip_while(|field| *field != b"-").nth(1) == Some(b"proc")
}

/// When a process began, in ns since boot; 0 if it can't be told.
fn process_start_ns(pid: i64, text: &mut Vec<u8>) -> u64 {
    let path = format!("/proc/{pid}/stat");
    match read_at(rustix::fs::CWD, path.as_bytes(), MAX_TEXT_BYTES, text) {
        Ok(()) => start_ns(text),
        Err(_) => 0,
    }
}

fn start_ns(stat: &[u8]) -> u64 {
    Stat::parse(stat).map_or(0, |stat| ticks_to_ns(stat.start_ticks))
}

/// Clock ticks of `/proc` in ns.
pub(super) fn ticks_to_ns(ticks: u64) -> u64 {
    ticks.saturating_mul(NS_PER_SECOND / rustix::param::clock_ticks_per_second().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_kernels_own_proc_is_looked_into() {
        for (line, expected) in [
            ("7 1 0:22 / /proc rw shared:1 - proc proc rw", true),
            ("7 1 0:22 / /proc rw - proc proc rw", true),
            ("7 1 0:23 / /proc rw - proc proc rw", false),
            ("7 1 0:22 / /proc rw - fuse proc rw", false),
            ("7 1 0:22 /", false),
            ("", false),
        ] {
            assert_eq!(is_proc(line.as_bytes(), b"0:22"), expected, "{line}");
        }
    }
}
