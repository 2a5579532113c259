//! What the entries and notices of a snapshot have no place for: when threads began and what they
//! did last, threads of which only the id is known, what was learned of fds, which thread is whose
//! child, exits just seen.
//!
//! It travels in asynchronous events named [`NAME`] of no plugin, which other readers pass over, and
//! is read only where it belongs: before the first event that is not part of the snapshot.
//!
//! The data of such an event is the version of this layout (one byte, [`VERSION`]; another one is
//! passed over), and then records: a kind (one byte), the length of what follows, and that. A kind
//! that is not known is passed over. Numbers and texts are those of [`wire`].
//!
//! | kind | | what follows |
//! |---|---|---|
//! | 1 | a thread | see [`thread`] |
//! | 2 | an fd | see [`fd`] |
//! | 3 | the threads of a process | bits (1: found by its process id, 2: takes orphans), process id, threads alive, ids of its threads in order |
//! | 4 | exits, oldest first | for each: thread id and parent's, as differences to the one before; time relative to the notice's |
//! | 5 | switches | for each CPU: its number, the last switch's time relative to the notice's |
//! | 6 | what was forgotten | counts of threads, fds, containers |
//! | 7 | the end | nothing: the snapshot is whole, what comes next is for readers |
//!
//! A record says how things are, not how they differ, so records can be applied to any state. What
//! they say may be wrong; they cannot make a state larger than its limits let it be. Texts are cut at
//! 64 KiB. A record that is too long for a notice all the same counts as a thread forgotten.

mod fd;
#[cfg(test)]
mod hostile;
mod restore;
mod thread;
mod wire;

use std::collections::HashSet;

use event::{EventBuilder, snapshot::Record, syscalls::ASYNCEVENT_E};

use self::wire::Write;
use super::notices::NO_TID;
use crate::{Fd, State, Thread, threads::GroupFacts};

const NAME: &[u8] = b"watchkeeper.state";
const VERSION: u8 = 1;

const THREAD: u8 = 1;
const FD: u8 = 2;
const GROUP: u8 = 3;
const EXITS: u8 = 4;
const SWITCHES: u8 = 5;
const FORGOTTEN: u8 = 6;
const END: u8 = 7;

/// A notice goes out before it has more than this in it; only a long record alone makes a larger one.
const NOTICE_BYTES: usize = 256 << 10;

/// No record is longer: a notice has to fit into a block of a recording.
const MOST_RECORD_BYTES: usize = 8 << 20;

/// Most that a record's kind and length take.
const RECORD_HEAD_BYTES: usize = 11;

/// Exits in one record.
const EXITS_IN_A_RECORD: usize = 256;

impl State {
    /// Hands out what `read`, which has read all else, does not know or knows otherwise.
    pub(super) fn rest(&self, ts_ns: u64, read: &Self, out: &mut dyn FnMut(Record<'_>)) {
        let mut notices = Notices::new(ts_ns, out);
        let mut threads: Vec<&Thread> = self.threads.iter().collect();
        threads.sort_unstable_by_key(|thread| thread.tid);
        self.tell_threads(&threads, read, &mut notices);
        tell_fds(&threads, read, &mut notices);
        self.tell_groups(read, &mut notices);
        self.tell_exits(&mut notices);
        self.tell_switches(&mut notices);
        self.tell_forgotten(read, &mut notices);
        if self.past_notices {
            notices.record(END);
        }
        notices.hand_out();
    }

    /// Tells what was forgotten, and what could not be told.
    fn tell_forgotten(&self, read: &Self, notices: &mut Notices<'_>) {
        notices.hand_out();
        let counters = self.counters();
        if counters != read.counters() || notices.lost > 0 {
            notices.body.number(counters.threads_evicted.saturating_add(notices.lost));
            notices.body.number(counters.fds_evicted);
            notices.body.number(counters.containers_evicted);
            notices.record(FORGOTTEN);
        }
    }

    fn tell_threads(&self, threads: &[&Thread], read: &Self, notices: &mut Notices<'_>) {
        let (held, told) = (self.threads.holders(), read.threads.holders());
        for thread in threads {
            let holder = held.get(&thread.tid);
            let holder = (holder != told.get(&thread.tid)).then(|| holder.copied());
            let known = read.thread(thread.tid);
            let nothing = known.is_none().then(|| Thread::unknown(thread.tid));
            let Some(then) = known.or(nothing.as_ref()) else { continue };
            let differs = thread::write(thread, then, holder, notices.ts_ns, &mut notices.body);
            // A thread that is nothing but there is told all the same.
            if !differs && known.is_none() {
                thread::write_plain(thread.tid, &mut notices.body);
            }
            if differs || known.is_none() {
                notices.record(THREAD);
            }
        }
    }

    fn tell_groups(&self, read: &Self, notices: &mut Notices<'_>) {
        let told: HashSet<GroupFacts> = read.threads.group_facts().into_iter().collect();
        for group in self.threads.group_facts().iter().filter(|group| !told.contains(group)) {
            let bits = u8::from(group.listed.is_some()) | u8::from(group.reaper) << 1;
            notices.body.push(bits);
            notices.body.signed(group.listed.unwrap_or(0));
            notices.body.number(group.alive);
            group.members.iter().for_each(|&tid| notices.body.signed(tid));
            notices.record(GROUP);
        }
    }

    fn tell_exits(&self, notices: &mut Notices<'_>) {
        let exits: Vec<_> = self.exits.iter().collect();
        for exits in exits.chunks(EXITS_IN_A_RECORD) {
            let mut before = (0i64, 0i64);
            for &(tid, ptid, ts_ns) in exits {
                notices.body.signed(tid.wrapping_sub(before.0));
                notices.body.signed(ptid.wrapping_sub(before.1));
                notices.body.signed(ts_ns.wrapping_sub(notices.ts_ns) as i64);
                before = (tid, ptid);
            }
            notices.record(EXITS);
        }
    }

    fn tell_switches(&self, notices: &mut Notices<'_>) {
        for (cpu, ts_ns) in self.cpu.switches() {
            notices.body.number(cpu as u64);
            notices.body.signed(ts_ns.wrapping_sub(notices.ts_ns) as i64);
        }
        if !notices.body.is_empty() {
            notices.record(SWITCHES);
        }
    }
}

fn tell_fds(threads: &[&Thread], read: &State, notices: &mut Notices<'_>) {
    let nothing = Fd::default();
    for thread in threads {
        let told = read.thread(thread.tid).map(|thread| &thread.fds);
        for fd in thread.fds.sorted() {
            let then = told.and_then(|fds| fds.get(&fd.num));
            if then != Some(fd) {
                fd::write(thread.tid, fd, then.unwrap_or(&nothing), &mut notices.body);
                notices.record(FD);
            }
        }
    }
}

/// Notices being filled with records.
struct Notices<'o> {
    ts_ns: u64,
    /// The notice so far.
    data: Vec<u8>,
    /// The record at hand, without kind and length.
    body: Vec<u8>,
    /// Records in the notice.
    records: u64,
    /// Records that no notice could take.
    lost: u64,
    builder: EventBuilder,
    out: &'o mut dyn FnMut(Record<'_>),
}

impl<'o> Notices<'o> {
    fn new(ts_ns: u64, out: &'o mut dyn FnMut(Record<'_>)) -> Self {
        let (data, body) = (Vec::new(), Vec::new());
        Self { ts_ns, data, body, records: 0, lost: 0, builder: EventBuilder::default(), out }
    }

    /// Ends the record at hand.
    fn record(&mut self, kind: u8) {
        if self.body.len() > MOST_RECORD_BYTES {
            self.body = Vec::new();
            self.lost += 1;
            return;
        }
        if self.data.len() + RECORD_HEAD_BYTES + self.body.len() > NOTICE_BYTES {
            self.hand_out();
        }
        if self.data.is_empty() {
            self.data.push(VERSION);
        }
        self.data.push(kind);
        self.data.text(&self.body);
        self.body.clear();
        self.records += 1;
    }

    fn hand_out(&mut self) {
        if self.data.is_empty() {
            return;
        }
        let builder = &mut self.builder;
        builder.start(ASYNCEVENT_E, self.ts_ns, NO_TID, 0).u32(0).text(NAME).raw(&self.data);
        match builder.event() {
            Ok(event) => (self.out)(Record::Event(event)),
            Err(_) => self.lost += self.records,
        }
        self.data.clear();
        self.records = 0;
    }
}
