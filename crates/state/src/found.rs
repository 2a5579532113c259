//! Threads that the recorder found running after it had lost beginnings of threads or of programs.

use std::mem;

use event::{
    Event,
    found::{Found, NOTICE},
    snapshot::ThreadEntry,
};

use crate::{State, Thread, parse, text::NOT_AVAILABLE, threads::Key};

impl State {
    /// Takes in what a recorder found of a thread, if less is known of it, or another program that
    /// began before.
    pub(crate) fn found(&mut self, event: &Event<'_>) -> Option<()> {
        event.text(1).filter(|name| *name == NOTICE.as_bytes())?;
        let found = Found::read_notice(event.bytes(2)?)?;
        let entry = &found.thread;
        if entry.tid <= 0 || entry.pid <= 0 || entry.ptid < 0 {
            return None;
        }
        let key = match self.threads.find(entry.tid) {
            Some(key) => Some(key).filter(|&key| self.is_news(key, &found)),
            // It has ended since.
            None if self.exits.contains(entry.tid, entry.ptid, event.ts_ns) => None,
            None => self.known_or_unknown(entry.tid, event.ts_ns),
        }?;
        let mut told = parse::entry::thread(entry, &mut self.pool);
        told.container_id = self.containers.of_cgroups(&told.cgroups);
        self.threads.get_mut(key)?.become_what_is(told);
        self.census.add_text(self.threads.get(key)?);
        self.threads.relate(key);
        self.count_texts();
        Some(())
    }

    /// Whether what was found says more than is known.
    fn is_news(&self, key: Key, found: &Found<'_>) -> bool {
        self.threads.get(key).is_some_and(|thread| {
            let has_begun_since = thread.lastexec_ts_ns.max(thread.clone_ts_ns) >= found.as_of_ns;
            let runs_another = !has_begun_since && runs_another(thread, &found.thread);
            !thread.is_dead() && (is_nameless(thread) || runs_another)
        })
    }
}

fn is_nameless(thread: &Thread) -> bool {
    thread.is_unknown() || *thread.comm == *NOT_AVAILABLE
}

/// Whether a thread runs another program than is known. One that only has another name, or other
/// arguments, may have given them to itself.
fn runs_another(thread: &Thread, found: &ThreadEntry<'_>) -> bool {
    let is_other_file =
        thread.exe_ino != 0 && found.exe_ino != 0 && thread.exe_ino != found.exe_ino;
    is_other_file || (*thread.comm != *found.comm && *thread.args != *found.args)
}

impl Thread {
    /// Takes all that was told. What the thread did stays, and whose child it is, if that was known.
    fn become_what_is(&mut self, told: Thread) {
        let was_known = !self.is_unknown();
        let before = mem::replace(self, told);
        self.flags |= before.flags;
        self.fds = before.fds;
        self.enter = before.enter;
        self.enter_valid = before.enter_valid;
        self.clone_ts_ns = before.clone_ts_ns;
        self.lastexec_ts_ns = before.lastexec_ts_ns;
        self.lastaccess_ts_ns = before.lastaccess_ts_ns;
        self.lastevent_ts_ns = before.lastevent_ts_ns;
        self.prevevent_ts_ns = before.prevevent_ts_ns;
        self.lastevent_type = before.lastevent_type;
        self.lastevent_fd = before.lastevent_fd;
        self.run_time_ns = before.run_time_ns;
        self.cpu_ticks = before.cpu_ticks;
        self.kids = before.kids;
        self.kids_left = before.kids_left;
        self.children = before.children;
        self.group = before.group;
        if was_known {
            self.ptid = before.ptid;
            self.reaper_tid = before.reaper_tid;
        }
    }
}
