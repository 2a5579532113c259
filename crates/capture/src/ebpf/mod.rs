//! A whole host, recorded by programs in the kernel (eBPF).
//!
//! Programs behind each system call that is asked for, and at the beginnings and ends of threads,
//! make events of the scap format in two [`ring`]s: one for life and privileges, so that these are
//! never starved, and one for all others. They are read here in the order of their times. What a ring
//! had no room for is counted by the programs, and told as a notice among the events.
//!
//! - [`object`]: the programs, loaded and attached
//! - `ring`: the reader's end of a ring
//! - `clock`: times since boot, and since the epoch
//!
//! The programs are in `bpf/`.

mod clock;
mod object;
mod ring;

use std::{collections::BTreeSet, fs, io, thread, time::Duration};

use event::{Event, raw::LenWidth, snapshot::Record};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use thiserror::Error;

use clock::Clock;
use object::Programs;
pub use object::Refused;
use ring::Ring;

use crate::{
    Next,
    proc::{Limits, Snapshot},
};

/// Why a host cannot be recorded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The kernel does not describe its types.
    #[error(
        "this kernel has no BTF (/sys/kernel/btf/vmlinux), which CONFIG_DEBUG_INFO_BTF brings: {0}"
    )]
    NoBtf(libbpf_rs::Error),
    /// The object is not one.
    #[error("the BPF programs cannot be read: {0}")]
    Object(libbpf_rs::Error),
    /// The kernel would not load the programs.
    #[error("the kernel refuses the BPF programs: {source}")]
    Load {
        /// What it says.
        source: libbpf_rs::Error,
        /// What the loader said of it, of many lines.
        said: String,
    },
    /// No program could be attached.
    #[error("no BPF program could be attached")]
    NothingAttached,
    /// A ring cannot be shared with the kernel.
    #[error("the ring buffer cannot be mapped: {0}")]
    Ring(io::Error),
}

/// How to record.
#[derive(Clone, Debug)]
pub struct Options {
    /// Names of the system calls to record; `None`: all.
    pub calls: Option<BTreeSet<String>>,
    /// Bytes of the ring of life and privileges, a power of two of at least a page.
    pub life_bytes: u32,
    /// Bytes of the ring of all others, likewise.
    pub main_bytes: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { calls: None, life_bytes: 8 << 20, main_bytes: 8 << 20 }
    }
}

impl Options {
    fn wants(&self, call: &str) -> bool {
        self.calls.as_ref().is_none_or(|calls| calls.contains(call))
    }
}

/// How long an event may be in the making before it is no longer waited for: one of the other ring
/// that is later comes first only when so much time has passed.
const SETTLED_NS: u64 = 2_000_000;
/// How often it is looked for events; the kernel wakes us only when there are many.
const LOOK: Duration = Duration::from_millis(10);

/// How often it is looked whether the world's clock was set.
const CLOCK_NS: u64 = 1_000_000_000;

/// Bytes in front of an event.
const PREFIX_BYTES: usize = 8;

/// A host that is recorded, as a source of records.
#[derive(Debug)]
pub struct Live {
    programs: Programs,
    rings: [Ring; 2],
    /// Which ring's record was handed on, to be given back.
    held: Option<usize>,
    snapshot: Snapshot,
    told: usize,
    clock: Clock,
    /// All events before this time have been made, in ns since boot.
    settled_ns: u64,
    last_ns: u64,
    malformed: u64,
}

impl Live {
    /// Loads and attaches the programs, then reads what there is already.
    ///
    /// # Errors
    /// [`Error`], with nothing left attached.
    pub fn start(options: &Options) -> Result<Self, Error> {
        let programs = Programs::start(options)?;
        let rings = [
            programs.ring("life", options.life_bytes)?,
            programs.ring("main_ring", options.main_bytes)?,
        ];
        Ok(Self {
            programs,
            rings,
            held: None,
            snapshot: Snapshot::read(&everyone(), Limits::default()),
            told: 0,
            clock: Clock::new(),
            settled_ns: 0,
            last_ns: 0,
            malformed: 0,
        })
    }

    /// What the kernel would not have.
    pub fn refused(&self) -> &[Refused] {
        &self.programs.refused
    }

    /// How many programs run.
    pub fn programs(&self) -> usize {
        self.programs.len()
    }

    /// The next record, waiting for about so long at most.
    pub fn next_within(&mut self, within: Duration) -> Next<'_> {
        if self.told < self.snapshot.len() {
            self.told += 1;
            return self.snapshot.record(self.told - 1).map_or(Next::Nothing, Next::Record);
        }
        if let Some(ring) = self.held.take() {
            self.rings[ring].advance();
        }
        let Some(ring) = self.first().or_else(|| self.wait(within)) else { return Next::Nothing };
        self.held = Some(ring);
        self.event(ring)
    }

    /// The ring whose event comes next, if it is certain that none comes before it.
    fn first(&mut self) -> Option<usize> {
        loop {
            let [life, main] = self.rings.each_mut().map(|ring| ring.peek().map(time));
            let (ring, time) = match (life, main) {
                (None, None) => return None,
                (Some(life), Some(main)) => return Some(usize::from(main < life)),
                (Some(life), None) => (0, life),
                (None, Some(main)) => (1, main),
            };
            if time <= self.settled_ns {
                return Some(ring);
            }
            let settled_ns = clock::since_boot_ns().saturating_sub(SETTLED_NS);
            if settled_ns <= self.settled_ns || settled_ns < time {
                return None;
            }
            if settled_ns / CLOCK_NS != self.settled_ns / CLOCK_NS {
                self.clock.follow();
            }
            // The other ring is looked at once more, from this time on.
            self.settled_ns = settled_ns;
        }
    }

    fn wait(&mut self, within: Duration) -> Option<usize> {
        if self.rings.iter().any(Ring::is_waiting) {
            thread::sleep(within.min(Duration::from_nanos(SETTLED_NS)));
        } else {
            let look = Timespec::try_from(within.min(LOOK)).ok();
            let mut fds = self.rings.each_ref().map(|ring| PollFd::new(ring, PollFlags::IN));
            // A signal may end it early, which is as good as time passing.
            let _ = poll(&mut fds, look.as_ref());
        }
        self.first()
    }

    fn event(&mut self, ring: usize) -> Next<'_> {
        let Some(record) = self.rings[ring].peek() else { return Next::Nothing };
        let Some((prefix, bytes)) = record.split_first_chunk::<PREFIX_BYTES>() else {
            return Next::Nothing;
        };
        let [cpu, cpu_high, ..] = *prefix;
        // A record is as long as what was reserved, the event in it says its own length.
        let said =
            bytes.get(16..20).and_then(|said| said.try_into().ok()).map_or(0, u32::from_le_bytes);
        let Some(bytes) = bytes.get(..said as usize) else { return Next::Nothing };
        match Event::parse(u16::from_le_bytes([cpu, cpu_high]), bytes, LenWidth::U16) {
            Ok(mut event) => {
                event.ts_ns = self.clock.since_epoch_ns(event.ts_ns).max(self.last_ns);
                self.last_ns = event.ts_ns;
                Next::Record(Record::Event(event))
            }
            Err(_) => {
                self.malformed += 1;
                Next::Nothing
            }
        }
    }
}

/// The time of a record's event, ns since boot.
fn time(record: &[u8]) -> u64 {
    let time = record.get(PREFIX_BYTES..PREFIX_BYTES + 8).and_then(|time| time.try_into().ok());
    time.map_or(0, u64::from_le_bytes)
}

/// Ids of all processes that there are now.
fn everyone() -> Vec<i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}
