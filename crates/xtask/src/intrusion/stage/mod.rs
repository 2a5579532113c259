//! What the story's actors can do; each verb becomes the events that a recorder would have seen.
//!
//! - [`process`]: who acts.
//! - [`life`]: starting, becoming another program or user, ending.
//! - [`shell`]: commands, pipelines and redirections as shells make them.
//! - [`files`]: opening, reading, writing, changing, removing.
//! - [`network`]: connections and datagrams.
//! - [`notices`]: what recorders tell of containers.
//!
//! Scenes are played one after another, each from a time of its own on; at the end all events are
//! put in order.

mod files;
mod life;
mod network;
mod notices;
mod process;
mod shell;

use std::collections::{BTreeMap, BTreeSet};

use event::{
    EventBuilder, EventType, builder::BuildError, raw::LenWidth, schema::Symbol, syscalls as sys,
};

pub(crate) use files::{APPEND, CREATE, READ, READ_WRITE, TRUNCATE};
pub(crate) use life::End;
pub(crate) use network::Link;
pub(crate) use process::{AtExec, NOBODY, Place, Process, inode, nul_separated};

/// When the machine booted: 2026-11-20T08:00:00Z.
pub(crate) const BOOT_TS_NS: u64 = 1_795_161_600_000_000_000;
/// When the recording begins: 2026-11-23T02:10:50Z.
pub(crate) const START_TS_NS: u64 = 1_795_399_850_000_000_000;
const MS_NS: u64 = 1_000_000;
/// Bytes of what is read, written, sent and received that recorders keep.
const SNAPLEN_BYTES: usize = 80;
/// The first pid that the kernel hands out.
pub(crate) const FIRST_PID: i64 = 4_100;
/// A new process every so often, also by those that are not on the stage.
const PID_EVERY_MS: u64 = 100;
const AF_UNIX: u8 = 1;
const AF_INET: u8 = 2;

/// Errors, as results have them.
pub(crate) const EPERM: i64 = -1;
pub(crate) const ENOENT: i64 = -2;
pub(crate) const EACCES: i64 = -13;
const EINPROGRESS: i64 = -115;

/// Where the story is played: a clock and the events so far.
pub(crate) struct Stage {
    builder: EventBuilder,
    now_ns: u64,
    uneven: Uneven,
    pids: BTreeSet<i64>,
    next_inode: u64,
    /// Files that came to be on the stage.
    made: BTreeMap<String, Made>,
    events: Vec<Happened>,
    error: Option<BuildError>,
}

/// When a file was changed, and when its contents were.
#[derive(Clone, Copy)]
struct Made {
    changed_ns: u64,
    written_ns: u64,
}

/// An event as it stands in a capture.
pub(crate) struct Happened {
    ts_ns: u64,
    pub(crate) cpu: u16,
    pub(crate) width: LenWidth,
    pub(crate) bytes: Vec<u8>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self {
            builder: EventBuilder::default(),
            now_ns: START_TS_NS,
            uneven: Uneven(0x2545_f491_4f6c_dd1d),
            pids: BTreeSet::new(),
            next_inode: 61_300,
            made: BTreeMap::new(),
            events: Vec::new(),
            error: None,
        }
    }

    /// The events in order of time, or the first that could not be built.
    pub(crate) fn finish(mut self) -> Result<Vec<Happened>, BuildError> {
        self.events.sort_by_key(|event| event.ts_ns);
        self.error.map_or(Ok(self.events), Err)
    }

    /// What is played next happens from this time on, after the beginning of the recording.
    pub(crate) fn at_ms(&mut self, ms: u64) {
        self.now_ns = START_TS_NS + ms * MS_NS;
    }

    pub(crate) fn wait_ms(&mut self, ms: u64) {
        self.now_ns += ms * MS_NS;
    }

    /// Time since the beginning of the recording.
    pub(crate) fn now_ms(&self) -> u64 {
        (self.now_ns - START_TS_NS) / MS_NS
    }

    fn emit(&mut self, tid: i64, kind: EventType, fill: impl FnOnce(&mut EventBuilder)) {
        self.now_ns += self.uneven.step_ns();
        // What no process did is noted by the first CPU.
        let cpu = u16::from(tid % 2 == 1);
        self.builder.start(kind, self.now_ns, tid, cpu);
        fill(&mut self.builder);
        let mut bytes = Vec::new();
        match self.builder.event().and_then(|event| event.encode(&mut bytes)) {
            Ok(()) => self.events.push(Happened {
                ts_ns: self.now_ns,
                cpu,
                width: LenWidth::of(kind),
                bytes,
            }),
            Err(error) => self.error = self.error.or(Some(error)),
        }
    }

    /// A call of which recorders note the name alone.
    pub(crate) fn call(&mut self, who: &Process, name: &str) {
        let code = sys::SYSCALL_NAMES.iter().position(|known| *known == name).unwrap_or(0) as u16;
        let is_it = |number: &u16| sys::code_of_x86_64(*number) == Some(code);
        let number = (0..512).find(is_it).unwrap_or(0);
        self.emit(who.pid, sys::GENERIC_X, |b| {
            b.u16(code).u16(number);
        });
    }

    fn new_pid(&mut self) -> i64 {
        let mut pid = FIRST_PID + (self.now_ms() / PID_EVERY_MS).cast_signed();
        while !self.pids.insert(pid) {
            pid += 1;
        }
        pid
    }

    fn new_inode(&mut self) -> u64 {
        self.next_inode += 1;
        self.next_inode
    }
}

/// Uneven steps of time, as on a machine that does other things too; the same in every run.
struct Uneven(u64);

impl Uneven {
    fn step_ns(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        18_000 + self.0 % 190_000
    }
}

/// The value with these names in the schema's own numbering.
fn flags(table: &[Symbol], names: &[&str]) -> u32 {
    let value = |name: &&str| table.iter().find(|s| s.name == *name).map_or(0, |s| s.value);
    names.iter().map(value).fold(0, |all, one| all | one)
}

/// What recorders keep of data.
fn snap(data: &[u8]) -> &[u8] {
    data.get(..SNAPLEN_BYTES).unwrap_or(data)
}
