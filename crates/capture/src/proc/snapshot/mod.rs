//! What stood before the first event, read from the running machine.
//!
//! - `held`: the entries, owned, with all texts in one piece of memory
//! - `machine`: the machine, its interfaces and accounts
//! - `processes`: which processes are told of, with their threads
//! - `fds`: what each process has open, with `sockets` for the tables that name its sockets

mod fds;
mod held;
mod machine;
mod processes;
mod sockets;

use event::snapshot::{MAX_LIST_BYTES, Record};

pub(crate) use fds::anonymous;
use held::Held;
use sockets::Sockets;

use super::dir::directory;

/// Bounds of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of each list of a thread: arguments, environment, control groups.
    pub list_bytes: usize,
    /// Threads, of all processes together.
    pub threads: usize,
    /// Fds, of all processes together.
    pub fds: usize,
    /// Users, and as many groups.
    pub accounts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { list_bytes: MAX_LIST_BYTES, threads: 65_536, fds: 262_144, accounts: 65_536 }
    }
}

/// What a snapshot does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Threads that ended while they were read.
    pub gone: u64,
    /// Threads that could not be read, or were too many.
    pub threads: u64,
    /// Processes whose fds could not be listed.
    pub fd_lists: u64,
    /// Fds that were too many, or closed while they were read.
    pub fds: u64,
    /// Users and groups that were too many.
    pub accounts: u64,
    /// Threads of which something was left out: what may not be read, or was too long.
    pub in_part: u64,
}

/// The start state of a live recording: the machine, its interfaces, users and groups, and some of
/// its processes with their threads and fds.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    held: Held,
    left_out: LeftOut,
}

impl Snapshot {
    /// Reads the machine, the processes with these ids with all their threads and fds, and the
    /// ancestors of those processes: of each the main thread, without fds.
    ///
    /// Ids are those of the pid namespace that this program is in. It takes as long as it takes, and
    /// processes go on meanwhile, unless they are stopped: what is told of each is of a slightly
    /// different time.
    pub fn read(pids: &[i32], limits: Limits) -> Self {
        let mut snapshot = Self::default();
        let boot_ts_ns = machine::read(&mut snapshot.held);
        machine::accounts(limits.accounts, &mut snapshot);
        processes::read(pids, &limits, boot_ts_ns, &mut snapshot);
        snapshot
    }

    /// As [`Snapshot::read`], but threads alone.
    pub fn of_threads(pids: &[i32], limits: Limits) -> Self {
        let mut snapshot = Self::default();
        let boot_ts_ns = machine::boot_ts_ns();
        processes::read(pids, &Limits { fds: 0, ..limits }, boot_ts_ns, &mut snapshot);
        snapshot
    }

    /// Fds of a thread alone, those of these numbers.
    pub(crate) fn of_fds(tid: i32, numbers: Vec<i32>) -> Self {
        let mut snapshot = Self::default();
        if let Ok(dir) = directory(format!("/proc/{tid}").as_bytes()) {
            let (most, mut sockets) = (numbers.len(), Sockets::default());
            fds::read_these(tid, dir, numbers, most, &mut sockets, &mut snapshot);
        }
        snapshot
    }

    /// The entries, in the order in which recordings have them: machine, interfaces, users, groups,
    /// threads by id, fds by process and number.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        (0..self.len()).filter_map(|index| self.record(index))
    }

    /// One of the entries, counted from 0; `None` behind the last.
    pub fn record(&self, index: usize) -> Option<Record<'_>> {
        self.held.record(index)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether there are none: not of one that was read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What it does not have.
    pub fn left_out(&self) -> &LeftOut {
        &self.left_out
    }
}

#[cfg(test)]
mod tests;
