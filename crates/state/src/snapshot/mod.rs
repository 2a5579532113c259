//! The state as the records that a recording begins with, so that one can begin in the middle of
//! another.
//!
//! Three kinds of records tell it, in this order:
//!
//! - [`entries`]: machine, interfaces, users and groups, threads and their fds, as every recording
//!   has them and every reader of the format takes them.
//! - [`notices`]: containers, and what else there is of users, as the events that tell of them in any
//!   recording. Readers take them for part of the snapshot, as no other event came before.
//! - [`rest`]: what neither has a place for, in a notice of our own, which other readers skip.
//!
//! The last two are found by comparing: a second state reads what was handed out so far, and what it
//! then knows otherwise than this one is handed out. So nothing is told twice, and what is told is
//! complete by construction: reading it gives this state again.

mod entries;
mod notices;
mod rest;
#[cfg(test)]
mod tests;

use event::snapshot::Record;

use crate::State;

impl State {
    /// Hands out the state as the records of a snapshot, as it is when an event comes at `ts_ns`:
    /// what the event before ended (an exited thread, a closed fd) is let go. Notices among the
    /// records have that time.
    ///
    /// A state that reads them is equal to this one in all that it tells of later events, but for
    /// what counts from the first event (its number, the time since) and what later has to make room
    /// first when a limit is reached.
    pub fn snapshot(&mut self, ts_ns: u64, out: &mut dyn FnMut(Record<'_>)) {
        self.settle(ts_ns);
        if !self.in_events {
            self.end_snapshot();
        }
        let mut read = Self::new(self.limits);
        read.set_engines(self.containers.engines());
        self.entries(&mut |record| {
            read.record(&record);
            out(record);
        });
        read.end_snapshot();
        let mut tell = |record: Record<'_>, read: &mut Self| {
            if let Record::Event(event) = record {
                read.event(event);
            }
            out(record);
        };
        self.notices(ts_ns, &mut read, &mut tell);
        self.rest(ts_ns, &read, out);
    }
}
