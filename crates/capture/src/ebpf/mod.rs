//! A whole host, recorded by programs in the kernel (eBPF).
//!
//! Programs behind each system call that is asked for, and at the beginnings and ends of threads,
//! make events of the scap format in two `rings`: one for life and privileges, so that these are
//! never starved, and one for all others. They are read here in the order of their times. What a ring
//! had no room for is counted by the programs, and told as a notice among the events.
//!
//! - [`object`]: the programs, loaded and attached
//! - [`Hook`]: which of two ways programs come to run behind calls
//! - `kernel`: what the kernel has; `own`: who we are to it
//! - `rings`: both rings as one; `ring`: the reader's end of one; `told`: what a record of one has
//! - `counters`: what the programs count; `mapping`: memory that is shared with them
//! - `clock`: times since boot, and since the epoch
//! - `losses`: what the programs could not hand on; `found`: what runs, read anew where that hides who it is
//! - `groups`: control groups by their paths; `complete`: events that need them
//! - `dns`: what name servers answer; `written`: how much was written to what is closed; `handed`: fds that
//!   came in; `tty`: what terminals show
//!
//! The programs are in `bpf/`.

mod clock;
mod complete;
mod counters;
mod dispatch;
mod dns;
mod found;
mod groups;
mod handed;
mod kernel;
mod losses;
mod mapping;
mod object;
mod own;
mod ring;
mod rings;
mod told;
mod tty;
mod written;

use std::{collections::BTreeSet, fs, io, time::Duration};

use event::{
    Event, EventBuilder,
    found::{Found, NOTICE as FOUND},
    loss,
    raw::LenWidth,
    snapshot::Record,
    syscalls::ASYNCEVENT_E,
};
use thiserror::Error;

use clock::{Clock, Set};
use counters::Counters;
pub use dispatch::{Hook, Path};
use found::Finder;
use groups::Groups;
pub use losses::Figures;
use losses::{Asking, Loss, Losses};
use object::Programs;
pub use object::{Refused, Tried};
use rings::{First, Rings};
use told::{ANSWERED, GROUP_GONE, GROUP_MADE, HANDED, NO_EVENTS, TERMINAL, Told, WRITTEN};

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
    /// What is shared with the kernel cannot be.
    #[error("the ring buffer, or the counters, cannot be mapped: {0}")]
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

/// How often it is looked whether events were lost, and whether the world's clock was set.
const LOOK_NS: u64 = 1_000_000_000;

/// A host that is recorded, as a source of records.
#[derive(Debug)]
pub struct Live {
    programs: Programs,
    counters: Counters,
    rings: Rings,
    /// What there was at the beginning, until it is told.
    snapshot: Option<Snapshot>,
    told: usize,
    /// Whether `/proc` tells of the machine's processes, not of a container's under the same ids.
    has_proc: bool,
    /// When all programs were attached, ns since boot. What some of them told before says only half of
    /// what the snapshot says, and would undo it.
    began_ns: u64,
    /// How many events were left out for that.
    early: u64,
    clock: Clock,
    last_ns: u64,
    groups: Groups,
    losses: Losses,
    /// Losses that are yet to be told.
    untold: Vec<Loss>,
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
        let rings = [
            programs.ring("life", options.life_bytes)?,
            programs.ring("main_ring", options.main_bytes)?,
        ];
        let counters = programs.counters()?;
        let clock = Clock::new();
        let now_ns = clock::since_boot_ns();
        let (rings, early) = Rings::new(rings, now_ns);
        let has_proc = own::proc_is_of_machine();
        let there_are = if has_proc { everyone() } else { Vec::new() };
        Ok(Self {
            programs,
            counters,
            rings,
            // What changes while it is read is in the rings by now, and comes behind it.
            groups: Groups::read(),
            snapshot: Some(Snapshot::read(&there_are, Limits::default())),
            told: 0,
            has_proc,
            began_ns: now_ns,
            early,
            clock,
            last_ns: 0,
            losses: Losses::since(now_ns),
            untold: Vec::new(),
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
        if self.rings.is_empty() || self.last_ns == 0 {
            self.last_ns = self.last_ns.max(self.clock.since_epoch_ns(clock::since_boot_ns()));
        }
        self.last_ns
    }

    /// The next record, waiting for about so long at most.
    #[inline]
    pub fn next_within(&mut self, within: Duration) -> Next<'_> {
        if self.snapshot.as_ref().is_some_and(|snapshot| self.told < snapshot.len()) {
            return self.tell_entry();
        }
        self.rings.give_back();
        if let Some(loss) = self.untold.pop() {
            return self.tell(&loss);
        }
        let first = self.rings.first().or_else(|| self.wait(within));
        if self.finder.is_due(first.map(|first| first.time_ns)) {
            return self.tell_found();
        }
        first.map_or(Next::Nothing, |first| self.event(first))
    }

    /// What comes next of the snapshot; behind the last of it nothing is kept of it.
    #[cold]
    fn tell_entry(&mut self) -> Next<'_> {
        self.told += 1;
        let record = self.snapshot.as_ref().and_then(|snapshot| snapshot.record(self.told - 1));
        record.map_or(Next::Nothing, Next::Record)
    }

    #[cold]
    fn wait(&mut self, within: Duration) -> Option<First> {
        self.snapshot = None;
        self.rings.wait(within);
        self.finder.look();
        if clock::since_boot_ns().saturating_sub(self.losses.looked_ns()) >= LOOK_NS {
            let asking = self.losses.asking();
            self.look(asking);
        }
        self.rings.first()
    }

    /// Counts what was lost until now, so that [`Live::figures`] knows of it; notices of it come next.
    pub fn look_now(&mut self) {
        self.look(Asking::Programs);
    }

    fn look(&mut self, asking: Asking) {
        if self.clock.follow() == Set::Yes {
            // If it was set back, times come again.
            self.last_ns = 0;
        }
        let missed = (asking == Asking::Programs).then(|| self.programs.missed());
        let now_ns = clock::since_boot_ns();
        self.untold.extend(self.losses.look(now_ns, self.counters.read(), missed));
        if self.has_proc && self.untold.iter().any(Loss::hides_beginnings) {
            self.finder.want();
        }
    }

    /// A notice of a loss, which was somewhen since it was looked for last.
    #[cold]
    fn tell(&mut self, loss: &Loss) -> Next<'_> {
        self.text.clear();
        let place = loss.cpu.map_or_else(String::new, |cpu| format!(" (CPU {cpu})"));
        let cause = format!("{}{place}", loss.cause);
        self.last_ns = self.clock.since_epoch_ns(self.losses.looked_ns()).max(self.last_ns);
        let from_ns = self.clock.since_epoch_ns(loss.from_ns).min(self.last_ns);
        loss::write_notice(loss.events, &cause, from_ns, &mut self.text);
        self.builder.start(ASYNCEVENT_E, self.last_ns, -1, loss.cpu.unwrap_or_default());
        notice(&mut self.builder, loss::NOTICE, &self.text)
    }

    /// A notice of a thread that was found running.
    #[cold]
    fn tell_found(&mut self) -> Next<'_> {
        let Some((as_of_ns, thread)) = self.finder.next() else { return Next::Nothing };
        let as_of_ns = self.clock.since_epoch_ns(as_of_ns);
        self.text.clear();
        Found { as_of_ns, thread }.write_notice(&mut self.text);
        self.last_ns = self.last_ns.max(as_of_ns);
        self.builder.start(ASYNCEVENT_E, self.last_ns, thread.tid, 0);
        notice(&mut self.builder, FOUND, &self.text)
    }

    fn event(&mut self, first: First) -> Next<'_> {
        if self.rings.kind(first) >= NO_EVENTS || first.time_ns < self.began_ns {
            return self.no_event(first);
        }
        let Some(record) = self.rings.take(first) else { return Next::Nothing };
        let Ok(mut event) = Event::parse(record.cpu, record.bytes, LenWidth::U16) else {
            self.losses.malformed(record.cpu);
            return Next::Nothing;
        };
        event.ts_ns = self.clock.since_epoch_ns(event.ts_ns).max(self.last_ns);
        self.last_ns = event.ts_ns;
        if complete::is_partial(&event) {
            complete::complete(&event, &mut self.groups, &mut self.builder, &mut self.text);
            return built(&self.builder);
        }
        Next::Record(Record::Event(event))
    }

    /// A record that is no event, or one from before the beginning.
    #[cold]
    fn no_event(&mut self, first: First) -> Next<'_> {
        let Some(record) = self.rings.take(first) else { return Next::Nothing };
        match record.kind {
            GROUP_MADE | GROUP_GONE => self.groups.told(&record),
            _ if first.time_ns < self.began_ns => self.early += 1,
            _ => {
                if let Some(name) = write_notice(&record, &mut self.text) {
                    self.last_ns = self.clock.since_epoch_ns(first.time_ns).max(self.last_ns);
                    self.builder.start(ASYNCEVENT_E, self.last_ns, record.tid(), record.cpu);
                    return notice(&mut self.builder, name, &self.text);
                }
            }
        }
        Next::Nothing
    }
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

/// Writes the data of the notice that a record becomes, and says its name; `None` if it becomes none.
fn write_notice(record: &Told<'_>, out: &mut Vec<u8>) -> Option<&'static str> {
    out.clear();
    match record.kind {
        ANSWERED => dns::write_notice(record, out).then_some(event::dns::NOTICE),
        WRITTEN => written::write_notice(record, out).then_some(event::written::NOTICE),
        HANDED => handed::write_notice(record, out).then_some(event::handed::NOTICE),
        TERMINAL => tty::write_notice(record, out).then_some(event::tty::NOTICE),
        _ => None,
    }
}

/// Ids of all processes that there are now.
fn everyone() -> Vec<i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
