//! Processes, their ancestors and threads.

use std::collections::BTreeSet;

use event::snapshot::ThreadEntry;
use rustix::{fd::AsFd, fs::Dir};

use super::{Limits, Snapshot, fds, sockets::Sockets};
use crate::proc::{
    Error, ExeFacts, Extent, Facts,
    dir::{directory, open_at},
    parse::unsigned,
};

/// Ancestors of a process that are looked for.
const MAX_ANCESTORS: usize = 1024;
/// `CLONE_THREAD` and `CLONE_FILES` in the schema's numbering: what makes a thread of its process.
const THREAD_FLAGS: u32 = 1 << 13 | 1;

/// Reads the processes, then their ancestors.
pub(super) fn read(pids: &[i32], limits: &Limits, boot_ts_ns: u64, snapshot: &mut Snapshot) {
    let mut reading =
        Reading { limits, boot_ts_ns, facts: Facts::new(limits.list_bytes), snapshot };
    let asked: BTreeSet<i32> = pids.iter().copied().filter(|pid| *pid > 0).collect();
    let mut sockets = Sockets::default();
    let mut parents = BTreeSet::new();
    for &pid in &asked {
        let Some(parent) = reading.thread(pid, pid) else { continue };
        parents.insert(parent);
        let Ok(dir) = directory(format!("/proc/{pid}").as_bytes()) else {
            reading.snapshot.left_out.fd_lists += 1;
            continue;
        };
        for tid in ids(&dir, "task").unwrap_or_default() {
            if tid != pid {
                reading.thread(pid, tid);
            }
        }
        if reading.limits.fds > 0 {
            fds::read(pid, dir, reading.limits.fds, &mut sockets, reading.snapshot);
        }
    }
    reading.ancestors(parents, asked);
    snapshot.held.sort();
}

struct Reading<'a> {
    limits: &'a Limits,
    boot_ts_ns: u64,
    facts: Facts,
    snapshot: &'a mut Snapshot,
}

impl Reading<'_> {
    /// Follows each chain of parents until it meets a process that is told of already.
    fn ancestors(&mut self, parents: BTreeSet<i32>, mut told: BTreeSet<i32>) {
        for first in parents {
            let mut next = Some(first);
            for _ in 0..MAX_ANCESTORS {
                let Some(pid) = next.filter(|pid| *pid > 0 && told.insert(*pid)) else { break };
                next = self.thread(pid, pid);
            }
        }
    }

    /// Reads a thread; gives its parent if it could be read.
    fn thread(&mut self, pid: i32, tid: i32) -> Option<i32> {
        let left_out = &mut self.snapshot.left_out;
        if self.snapshot.held.thread_count() >= self.limits.threads {
            left_out.threads += 1;
            return None;
        }
        match self.facts.read(pid, tid, Extent::Whole) {
            Ok(()) => {}
            Err(Error::Gone { .. }) => {
                left_out.gone += 1;
                return None;
            }
            Err(_) => {
                left_out.threads += 1;
                return None;
            }
        }
        left_out.in_part += u64::from(self.facts.cut || self.facts.unread > 0);
        let entry = self.facts.entry(tid.into(), self.boot_ts_ns);
        self.snapshot.held.add_thread(entry, self.facts.texts());
        i32::try_from(self.facts.status.ppid).ok()
    }
}

impl Facts {
    /// The texts of a thread of which the whole was read, in the order in which they are held.
    fn texts(&self) -> [&[u8]; 8] {
        let (comm, exe, exepath, args) = (self.comm(), self.exe(), self.exepath(), self.args());
        [comm, exe, exepath, args, self.cwd(), self.root(), self.env(), self.cgroups()]
    }

    /// The thread as an entry of a snapshot, without its texts.
    fn entry(&self, tid: i64, boot_ts_ns: u64) -> ThreadEntry<'static> {
        let status = &self.status;
        let exe_is = |flag| self.exe_facts.flags & flag != 0;
        let is_main = tid == status.tgid;
        ThreadEntry {
            tid,
            pid: status.tgid,
            ptid: status.ppid,
            sid: self.sid,
            vpgid: status.vpgid,
            pgid: self.pgid,
            vtid: status.vtid,
            vpid: status.vpid,
            fd_limit: self.fd_limit,
            flags: if is_main { 0 } else { THREAD_FLAGS },
            uid: status.uid[1],
            gid: status.gid[1],
            vmsize_kb: status.vmsize_kb,
            vmrss_kb: status.vmrss_kb,
            vmswap_kb: status.vmswap_kb,
            pfmajor: self.majflt,
            pfminor: self.minflt,
            pidns_init_start_ts_ns: match self.pidns_init_start_ns {
                0 => 0,
                since_boot => boot_ts_ns.saturating_add(since_boot),
            },
            tty: self.tty,
            loginuid: self.loginuid,
            exe_writable: exe_is(ExeFacts::WRITABLE),
            exe_upper_layer: exe_is(ExeFacts::UPPER_LAYER),
            exe_lower_layer: exe_is(ExeFacts::LOWER_LAYER),
            exe_from_memfd: exe_is(ExeFacts::FROM_MEMFD),
            cap_inheritable: status.cap_inheritable,
            cap_permitted: status.cap_permitted,
            cap_effective: status.cap_effective,
            exe_ino: self.exe_facts.ino,
            exe_ino_ctime_ns: self.exe_facts.ctime_ns,
            exe_ino_mtime_ns: self.exe_facts.mtime_ns,
            ..ThreadEntry::default()
        }
    }
}

/// The numbers that stand in a folder of a process; `None` if it can't be listed.
pub(super) fn ids(process: impl AsFd, folder: &str) -> Option<Vec<i32>> {
    let folder = open_at(process, folder.as_bytes()).ok()?;
    let numbers = Dir::new(folder).ok()?.filter_map(|entry| {
        let number = unsigned(entry.ok()?.file_name().to_bytes(), 10)?;
        i32::try_from(number).ok()
    });
    Some(numbers.collect())
}
