//! What the programs count, each CPU by itself (`counts` in `bpf/record.h`).

use std::{io, os::fd::BorrowedFd, sync::atomic::Ordering};

use rustix::mm::ProtFlags;

use super::mapping::Mapping;

/// Counters of a CPU.
pub(super) const SLOTS: usize = 8;
/// CPUs that the programs have counters for; those behind them share theirs.
const MOST_CPUS: usize = 1024;

/// The counters, in memory that the programs write.
#[derive(Debug)]
pub(super) struct Counters {
    memory: Mapping,
    cpus: usize,
}

impl Counters {
    /// Maps those of a map, for so many CPUs.
    pub(super) fn open(map: BorrowedFd<'_>, cpus: usize) -> io::Result<Self> {
        let bytes = MOST_CPUS * SLOTS * size_of::<u64>();
        let memory = Mapping::new(map, bytes, ProtFlags::READ, 0)?;
        Ok(Self { memory, cpus: cpus.min(MOST_CPUS) })
    }

    /// As they are now, the [`SLOTS`] of one CPU after those of another.
    pub(super) fn read(&self) -> impl Iterator<Item = u64> {
        let counters = self.memory.numbers().iter().take(self.cpus * SLOTS);
        counters.map(|counter| counter.load(Ordering::Relaxed))
    }
}
