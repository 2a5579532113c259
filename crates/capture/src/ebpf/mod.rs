//! A whole host, recorded by programs in the kernel (eBPF).
//!
//! Programs behind each system call that is asked for, and at the beginnings and ends of threads,
//! make events of the scap format in two [`ring`]s: one for life and privileges, so that these are
//! never starved, and one for all others. They are read here in the order of their times. What a ring
//! had no room for is counted by the programs, and told as a notice among the events.
//!
//! - [`object`]: the programs, loaded and attached
//! - [`Hook`]: which of two ways programs come to run behind calls
//! - `kernel`: what the kernel has
//! - `ring`: the reader's end of a ring
//! - `clock`: times since boot, and since the epoch
//! - `losses`: what the programs could not hand on; `found`: what runs, read anew where that hides who it is
//! - `groups`: control groups by their paths; `complete`: events that need them
//! - `dns`: what name servers answer; `written`: how much was written to what is closed; `tty`: what
//!   terminals show
//!
//! The programs are in `bpf/`.

mod clock;
mod complete;
mod dispatch;
mod dns;
mod found;
mod groups;
mod kernel;
mod losses;
mod object;
mod ring;
mod tty;
mod written;

use std::{collections::BTreeSet, fs, io, thread, time::Duration};

use event::{
    Event, EventBuilder,
    found::{Found, NOTICE as FOUND},
    loss,
    raw::LenWidth,
    snapshot::Record,
    syscalls::ASYNCEVENT_E,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use thiserror::Error;

use clock::{Clock, Set};
pub use dispatch::{Hook, Path};
use found::Finder;
use groups::Groups;
pub use losses::Figures;
use losses::{Loss, Losses};
use object::Programs;
pub use object::{Refused, Tried};
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
    /// The dispatcher cannot jump to programs.
    #[error("the kernel refuses jumps to BPF programs: {0}")]
    Dispatcher(libbpf_rs::Error),
    /// A ring cannot be shared with the kernel.
    #[error("the ring buffer cannot be mapped: {0}")]
    Ring(io::Error),
}

/// How to record.
#[derive(Clone, Debug)]
pub struct Options {
    /// Names of the system calls to record; `None`: all.
    pub calls: Option<BTreeSet<String>>,
    /// Whether calls that open and fail are recorded, too: programs look for many files that are not
    /// there.
    pub failed_opens: bool,
    /// Whether what terminals show is recorded, and what is typed and shown.
    pub terminals: Terminals,
    /// How programs come to run behind calls.
    pub hook: Hook,
    /// Bytes of the ring of life and privileges, a power of two of at least a page.
    pub life_bytes: u32,
    /// Bytes of the ring of all others, likewise.
    pub main_bytes: u32,
}

/// Whether what terminals show is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Terminals {
    /// It is not.
    #[default]
    LeftOut,
    /// It is told in notices, `event::tty`.
    Recorded,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            calls: None,
            failed_opens: true,
            terminals: Terminals::LeftOut,
            hook: Hook::Auto,
            life_bytes: 8 << 20,
            main_bytes: 8 << 20,
        }
    }
}

/// Names of the calls that there are programs for.
///
/// # Errors
/// If the object that is built in is none.
pub fn recorded_calls() -> Result<BTreeSet<String>, Error> {
    object::recorded_calls()
}

impl Options {
    fn wants(&self, call: &str) -> bool {
        self.calls.as_ref().is_none_or(|calls| calls.contains(call))
    }
}

/// How long an event may be on its way to memory that is reserved for it: one of the other ring that is
/// later comes first only when so much time has passed.
const SETTLED_NS: u64 = 2_000_000;
/// And how long it may be in the making, if it is seen that one is: whoever makes it may have lost the
/// processor, which may be one that somebody else emulates. So long nobody waits whose own ring fills.
const MAKING_NS: u64 = 5_000_000_000;
/// How often it is looked for events; the kernel wakes us only when there are many.
const LOOK: Duration = Duration::from_millis(10);

/// How often it is looked whether events were lost, and whether the world's clock was set.
const LOOK_NS: u64 = 1_000_000_000;

/// Bytes in front of an event.
const PREFIX_BYTES: usize = 8;

/// Records of the kernel's that are no events: a control group was made, or is gone.
const GROUP_MADE: u16 = 0xff00;
const GROUP_GONE: u16 = 0xff01;
/// And: a name server answered, a file that was written is closed. They are notices here.
const ANSWERED: u16 = 0xff10;
const WRITTEN: u16 = 0xff11;
/// And: what a terminal showed, or what was typed into it.
const TERMINAL: u16 = 0xff20;

/// Bytes of an event in front of the lengths of its parameters.
const HEADER_BYTES: usize = 26;

/// A host that is recorded, as a source of records.
#[derive(Debug)]
pub struct Live {
    programs: Programs,
    rings: [Ring; 2],
    /// Which ring's record was handed on, to be given back.
    held: Option<usize>,
    snapshot: Snapshot,
    told: usize,
    /// When all programs were attached, ns since boot. What some of them told before says only half of
    /// what the snapshot says, and would undo it.
    began_ns: u64,
    /// How many events were left out for that.
    early: u64,
    clock: Clock,
    /// Both rings were looked at since then, ns since boot.
    peeked_ns: u64,
    last_ns: u64,
    groups: Groups,
    losses: Losses,
    /// Losses that are yet to be told.
    untold: Vec<Loss>,
    /// When it was last looked for losses, ns since boot.
    looked_ns: u64,
    /// When the look before that was, ns since the epoch.
    lost_from_ns: u64,
    finder: Finder,
    builder: EventBuilder,
    text: Vec<u8>,
}

impl Live {
    /// Loads and attaches the programs, then reads what there is already.
    ///
    /// # Errors
    /// [`Error`], with nothing left attached.
    pub fn start(options: &Options) -> Result<Self, Error> {
        let programs = Programs::start(options)?;
        let mut rings = [
            programs.ring("life", options.life_bytes)?,
            programs.ring("main_ring", options.main_bytes)?,
        ];
        let clock = Clock::new();
        let now_ns = clock::since_boot_ns();
        let early = rings.iter_mut().map(|ring| drop_before(ring, now_ns)).sum();
        Ok(Self {
            programs,
            rings,
            held: None,
            // What changes while it is read is in the rings by now, and comes behind it.
            groups: Groups::read(),
            snapshot: Snapshot::read(&everyone(), Limits::default()),
            told: 0,
            began_ns: now_ns,
            early,
            clock,
            peeked_ns: 0,
            last_ns: 0,
            losses: Losses::default(),
            untold: Vec::new(),
            looked_ns: now_ns,
            lost_from_ns: clock.since_epoch_ns(now_ns),
            finder: Finder::default(),
            builder: EventBuilder::default(),
            text: Vec::new(),
        })
    }

    /// Records what these options ask for too, from here on. Rings keep the sizes that they have.
    ///
    /// # Errors
    /// [`Error`]; what was recorded before goes on.
    pub fn add(&mut self, options: &Options) -> Result<(), Error> {
        self.programs.add(options)
    }

    /// What the kernel would not have.
    pub fn refused(&self) -> &[Refused] {
        &self.programs.refused
    }

    /// How programs come to run behind calls.
    pub fn path(&self) -> Path {
        self.programs.path
    }

    /// How many programs are attached.
    pub fn programs(&self) -> usize {
        self.programs.len()
    }

    /// How many events there were, as of up to a second ago. One that is not of the schema is lost.
    pub fn figures(&self) -> Figures {
        let figures = self.losses.figures();
        Figures { made: figures.made.saturating_sub(self.early), ..figures }
    }

    /// How many events were lost for each cause, as of up to a second ago.
    pub fn losses(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.losses.by_cause()
    }

    /// How many control groups of threads nobody knew the paths of; they are told as `/`.
    pub fn unknown_groups(&self) -> u64 {
        self.groups.unknown
    }

    /// A time for something from elsewhere that comes among the events now, ns since the epoch: no
    /// event that is yet to come is earlier.
    pub fn now_ns(&mut self) -> u64 {
        let is_behind = self.rings.iter_mut().any(|ring| ring.peek().is_some());
        if !is_behind || self.last_ns == 0 {
            self.last_ns = self.last_ns.max(self.clock.since_epoch_ns(clock::since_boot_ns()));
        }
        self.last_ns
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
        if let Some(loss) = self.untold.pop() {
            return self.tell(loss);
        }
        let ring = self.first().or_else(|| self.wait(within));
        let event_ns = ring.and_then(|ring| self.rings[ring].peek().map(time));
        if self.finder.is_due(event_ns) {
            return self.tell_found();
        }
        let Some(ring) = ring else { return Next::Nothing };
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
            let is_made = self.rings[1 - ring].is_waiting() && !self.rings[ring].is_filling();
            let settled_ns = time.saturating_add(if is_made { MAKING_NS } else { SETTLED_NS });
            if settled_ns <= self.peeked_ns {
                return Some(ring);
            }
            let now_ns = clock::since_boot_ns();
            if now_ns <= self.peeked_ns || now_ns < settled_ns {
                return None;
            }
            // The other ring is looked at once more, from this time on.
            self.peeked_ns = now_ns;
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
        self.finder.look();
        self.look();
        self.first()
    }

    /// What is looked at now and then.
    fn look(&mut self) {
        if clock::since_boot_ns().saturating_sub(self.looked_ns) >= LOOK_NS {
            self.look_now();
        }
    }

    /// Counts what was lost until now, so that [`Live::figures`] knows of it; notices of it come next.
    pub fn look_now(&mut self) {
        let now_ns = clock::since_boot_ns();
        if self.clock.follow() == Set::Yes {
            // If it was set back, times come again.
            self.last_ns = 0;
        }
        self.untold.extend(self.losses.look(&self.programs.counts(), self.programs.missed()));
        if self.untold.is_empty() {
            self.lost_from_ns = self.clock.since_epoch_ns(now_ns);
        }
        if self.untold.iter().any(Loss::hides_beginnings) {
            self.finder.want();
        }
        self.looked_ns = now_ns;
    }

    /// A notice of a loss, which was somewhen since it was looked for last.
    fn tell(&mut self, loss: Loss) -> Next<'_> {
        self.text.clear();
        let place = loss.cpu.map_or_else(String::new, |cpu| format!(" (CPU {cpu})"));
        let cause = format!("{}{place}", loss.cause);
        loss::write_notice(loss.events, &cause, self.lost_from_ns, &mut self.text);
        let now_ns = self.clock.since_epoch_ns(self.looked_ns).max(self.last_ns);
        self.last_ns = now_ns;
        if self.untold.is_empty() {
            self.lost_from_ns = now_ns;
        }
        self.builder.start(ASYNCEVENT_E, now_ns, -1, loss.cpu.unwrap_or_default());
        notice(&mut self.builder, loss::NOTICE, &self.text)
    }

    /// A notice of a thread that was found running.
    fn tell_found(&mut self) -> Next<'_> {
        let Some((as_of_ns, thread)) = self.finder.next() else { return Next::Nothing };
        let as_of_ns = self.clock.since_epoch_ns(as_of_ns);
        self.text.clear();
        Found { as_of_ns, thread }.write_notice(&mut self.text);
        self.last_ns = self.last_ns.max(as_of_ns);
        self.builder.start(ASYNCEVENT_E, self.last_ns, thread.tid, 0);
        notice(&mut self.builder, FOUND, &self.text)
    }

    fn event(&mut self, ring: usize) -> Next<'_> {
        let Some(record) = self.rings[ring].peek().and_then(split) else { return Next::Nothing };
        match record.kind {
            GROUP_MADE | GROUP_GONE => {
                self.groups.told(&record);
                Next::Nothing
            }
            _ if record.time_ns() < self.began_ns => {
                self.early += 1;
                Next::Nothing
            }
            ANSWERED | WRITTEN | TERMINAL => {
                let Some(name) = write_notice(&record, &mut self.text) else {
                    return Next::Nothing;
                };
                self.last_ns = self.clock.since_epoch_ns(record.time_ns()).max(self.last_ns);
                self.builder.start(ASYNCEVENT_E, self.last_ns, record.tid(), record.cpu);
                notice(&mut self.builder, name, &self.text)
            }
            _ => {
                let Ok(mut event) = Event::parse(record.cpu, record.bytes, LenWidth::U16) else {
                    self.losses.malformed(record.cpu);
                    return Next::Nothing;
                };
                event.ts_ns = self.clock.since_epoch_ns(event.ts_ns).max(self.last_ns);
                self.last_ns = event.ts_ns;
                if complete::complete(&event, &mut self.groups, &mut self.builder, &mut self.text) {
                    return built(&self.builder);
                }
                Next::Record(Record::Event(event))
            }
        }
    }
}

/// Gives back what a ring has from before a time, ns since boot; how many records that are.
fn drop_before(ring: &mut Ring, ns: u64) -> u64 {
    let mut dropped = 0;
    while ring.peek().map(time).is_some_and(|time| time < ns) {
        ring.advance();
        dropped += 1;
    }
    dropped
}

/// The rest of a notice that was begun.
fn notice<'b>(builder: &'b mut EventBuilder, name: &str, text: &[u8]) -> Next<'b> {
    builder.u32(0).text(name).raw(text);
    built(builder)
}

/// What was built, as what comes next.
fn built(builder: &EventBuilder) -> Next<'_> {
    builder.event().map_or(Next::Nothing, |event| Next::Record(Record::Event(event)))
}

/// Has the kernel check all programs and attaches none. Says which it would not have, and of which
/// calls it hides what they are given.
///
/// # Errors
/// [`Error`], if it would have none of them.
pub fn try_load() -> Result<Tried, Error> {
    object::try_load(&Options { terminals: Terminals::Recorded, ..Options::default() })
}

/// A record of a ring.
#[derive(Clone, Copy, Debug)]
struct Told<'a> {
    cpu: u16,
    kind: u16,
    /// The event, as it is encoded.
    bytes: &'a [u8],
}

/// Writes the data of the notice that a record becomes, and says its name; `None` if it becomes none.
fn write_notice(record: &Told<'_>, out: &mut Vec<u8>) -> Option<&'static str> {
    out.clear();
    match record.kind {
        ANSWERED => dns::write_notice(record, out).then_some(event::dns::NOTICE),
        WRITTEN => written::write_notice(record, out).then_some(event::written::NOTICE),
        TERMINAL => tty::write_notice(record, out).then_some(event::tty::NOTICE),
        _ => None,
    }
}

impl<'a> Told<'a> {
    /// Its time, ns since boot.
    fn time_ns(&self) -> u64 {
        self.bytes.first_chunk().map_or(0, |time| u64::from_le_bytes(*time))
    }

    /// The thread that caused it.
    fn tid(&self) -> i64 {
        let tid = self.bytes.get(8..16).and_then(|tid| tid.try_into().ok());
        tid.map_or(-1, i64::from_le_bytes)
    }

    /// Its fields, if it has so many.
    fn fields<const N: usize>(&self) -> Option<[&'a [u8]; N]> {
        let (lengths, mut rest) = self.bytes.get(HEADER_BYTES..)?.split_at_checked(2 * N)?;
        let mut fields = [&[][..]; N];
        for (field, length) in fields.iter_mut().zip(lengths.as_chunks().0) {
            (*field, rest) = rest.split_at_checked(u16::from_le_bytes(*length).into())?;
        }
        Some(fields)
    }
}

/// A record is as long as what was reserved for it; the event in it says its own length.
fn split(record: &[u8]) -> Option<Told<'_>> {
    let (prefix, bytes) = record.split_first_chunk::<PREFIX_BYTES>()?;
    let [cpu, cpu_high, ..] = *prefix;
    let said = u32::from_le_bytes(bytes.get(16..20)?.try_into().ok()?);
    let kind = u16::from_le_bytes(bytes.get(20..22)?.try_into().ok()?);
    let bytes = bytes.get(..usize::try_from(said).ok()?)?;
    Some(Told { cpu: u16::from_le_bytes([cpu, cpu_high]), kind, bytes })
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A record that is told to the reader alone, with these fields.
    pub(super) fn record_of(fields: &[&[u8]]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_BYTES];
        for field in fields {
            bytes.extend((field.len() as u16).to_le_bytes());
        }
        bytes.extend(fields.concat());
        bytes
    }

    #[test]
    fn whatever_a_trace_records_has_a_program() {
        let with_programs = recorded_calls().unwrap();
        let traced = crate::ptrace::recorded_calls();
        // These are recorded where the new program is in place, not behind the call.
        let execs = ["execve", "execveat"];
        let without: Vec<_> = traced
            .iter()
            .map(|call| call.name)
            .filter(|call| !execs.contains(call) && !with_programs.contains(*call))
            .collect();
        assert!(without.is_empty(), "{without:?}");
    }
}
