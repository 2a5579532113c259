//! When a thread's pid namespace began: when its first process did.
//!
//! The kernel tells it nowhere. The first process is found as the ancestor whose id in the
//! namespace is 1, or, of a process that was put into the namespace from outside (as by `nsenter`),
//! in the `/proc` that the process itself sees.

use rustix::fs::{AtFlags, statat};

use super::{
    dir::{ThreadDir, read_at},
    parse::{Stat, Status},
};

const NS_PER_SECOND: u64 = 1_000_000_000;
/// Ancestors that are looked at.
const MAX_ANCESTORS: usize = 64;
const MAX_TEXT_BYTES: usize = 16 * 1024;

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

    /// The first process of the `/proc` that the thread sees, if that is of the same namespace.
    fn of_own_proc(&mut self, dir: &ThreadDir, namespace: u64) -> Option<u64> {
        let seen = statat(dir, "root/proc/1/ns/pid", AtFlags::empty()).ok()?;
        if seen.st_ino != namespace {
            return None;
        }
        dir.read("root/proc/1/stat", MAX_TEXT_BYTES, &mut self.text).ok()?;
        Some(start_ns(&self.text)).filter(|&ns| ns != 0)
    }
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
