//! Giving a state what a notice says.

use event::Event;

use super::{
    END, EXITS, FD, FORGOTTEN, GROUP, NAME, SWITCHES, THREAD, VERSION, fd, thread, wire::Read,
};
use crate::{State, Thread, threads::GroupFacts};

impl State {
    /// Takes in an asynchronous event that belongs to the snapshot, if it is such a notice.
    pub(crate) fn restore(&mut self, event: &Event<'_>) {
        if event.text(1) != Some(NAME) {
            return;
        }
        let mut data = Read(event.bytes(2).unwrap_or_default());
        if data.byte() != Some(VERSION) {
            return;
        }
        while let Some((kind, body)) = record(&mut data) {
            // What a record lacks is left out.
            let _ = self.restore_record(kind, Read(body), event.ts_ns);
        }
    }

    fn restore_record(&mut self, kind: u8, body: Read<'_>, ts_ns: u64) -> Option<()> {
        match kind {
            THREAD => self.restore_thread(body, ts_ns),
            FD => self.restore_fd(body),
            GROUP => self.restore_group(body),
            EXITS => self.restore_exits(body, ts_ns),
            SWITCHES => self.restore_switches(body, ts_ns),
            FORGOTTEN => self.restore_forgotten(body),
            END => {
                self.threads.hold(&std::mem::take(&mut self.holders));
                self.past_notices = true;
                Some(())
            }
            _ => Some(()),
        }
    }

    fn restore_thread(&mut self, body: Read<'_>, ts_ns: u64) -> Option<()> {
        let told = thread::Told::of(body)?;
        let tid = told.tid;
        let holder = match self.threads.find(tid) {
            Some(key) => {
                let holder = told.give_to(self.threads.get_mut(key)?, ts_ns, &mut self.pool);
                self.census.add_text(self.threads.get(key)?);
                self.count_texts();
                holder
            }
            None => {
                let mut thread = Thread::unknown(tid);
                let holder = told.give_to(&mut thread, ts_ns, &mut self.pool);
                self.make_room();
                self.census.add_text(&thread);
                self.threads.add_unrelated(thread);
                self.count_texts();
                holder
            }
        };
        self.threads.find(tid)?;
        let holder = holder?;
        // Some may be of threads that had to make room since.
        if self.holders.len() < self.limits.threads.saturating_mul(2) {
            self.holders.insert(tid, holder);
        }
        Some(())
    }

    fn restore_fd(&mut self, body: Read<'_>) -> Option<()> {
        let told = fd::Told::of(body)?;
        let key = self.threads.find(told.owner)?;
        let before = self.threads.get(key)?.fds.get(&told.num);
        let fd = told.fd(before, &mut self.pool)?;
        self.insert_fd(key, fd);
        Some(())
    }

    fn restore_group(&mut self, mut body: Read<'_>) -> Option<()> {
        let (bits, pid, alive) = (body.byte()?, body.signed()?, body.number()?);
        let mut members = Vec::new();
        while !body.is_empty() && members.len() < self.threads.len() {
            let tid = body.signed()?;
            if self.threads.find(tid).is_some() {
                members.push(tid);
            }
        }
        let (listed, reaper) = ((bits & 1 != 0).then_some(pid), bits & 2 != 0);
        self.threads.restore_group(&GroupFacts { listed, alive, reaper, members });
        Some(())
    }

    fn restore_exits(&mut self, mut body: Read<'_>, ts_ns: u64) -> Option<()> {
        let (mut tid, mut ptid) = (0i64, 0i64);
        while !body.is_empty() {
            tid = tid.wrapping_add(body.signed()?);
            ptid = ptid.wrapping_add(body.signed()?);
            self.exits.record(tid, ptid, ts_ns.wrapping_add(body.signed()? as u64));
        }
        Some(())
    }

    fn restore_switches(&mut self, mut body: Read<'_>, ts_ns: u64) -> Option<()> {
        while !body.is_empty() {
            let cpu = usize::try_from(body.number()?).ok()?;
            self.cpu.set_switch(cpu, ts_ns.wrapping_add(body.signed()? as u64));
        }
        Some(())
    }

    fn restore_forgotten(&mut self, mut body: Read<'_>) -> Option<()> {
        let [threads, fds, containers] = [body.number()?, body.number()?, body.number()?];
        self.counters.threads_evicted = threads;
        self.counters.fds_evicted = fds;
        self.containers.set_evicted(containers);
        Some(())
    }
}

/// The next record's kind and what it says.
fn record<'a>(data: &mut Read<'a>) -> Option<(u8, &'a [u8])> {
    Some((data.byte()?, data.text()?))
}
