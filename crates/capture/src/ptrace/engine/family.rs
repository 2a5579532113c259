//! Families: threads and processes that begin, run other programs, and end.

use std::{mem, os::unix::fs::MetadataExt};

use super::{
    super::{ExitStatus, Note, calls::process as events, sys, thread::Thread},
    Engine,
};

/// `CLONE_PARENT` and `CLONE_THREAD` of linux/sched.h.
const CLONE_PARENT: u64 = 0x8000;
const CLONE_THREAD: u64 = 0x1_0000;

const INIT: i32 = 1;

impl Engine {
    /// A child was made; it is traced already, and stops before its first instruction.
    pub(super) fn forked(&mut self, tid: i32) {
        let Ok(child) = sys::event_message(tid) else { return };
        let child = child as i32;
        if self.threads.contains_key(&child) {
            return;
        }
        let Some(parent) = self.threads.get(&tid) else { return };
        let flags = events::clone_flags(&parent.saved);
        let pid = if flags & CLONE_THREAD != 0 { parent.pid } else { child };
        let above = if flags & CLONE_PARENT != 0 {
            self.processes.get(parent.pid).map_or(0, |process| process.parent)
        } else {
            parent.pid
        };
        let until = parent.until;
        let birth = parent.call.map(|call| (call, flags));
        self.threads.insert(child, Thread { birth, ..Thread::new(child, pid, until) });
        self.processes.join(pid, above, until);
        let gone = self.gone.remove(&child).filter(|_| !is_there(child));
        if let Some((status, core)) = gone {
            self.ended(child, status, core);
        } else if self.early.remove(&child) {
            self.begin_life(child);
            self.resume(child, 0);
        }
    }

    /// A thread stopped of which nothing was told. Whoever made it tells, unless it was killed
    /// meanwhile: then nobody would ever let the new one go on.
    pub(super) fn unknown(&mut self, tid: i32) {
        self.gone.remove(&tid);
        self.early.insert(tid);
        self.adopt_orphans();
    }

    /// Takes in threads whose maker does not live to tell of them.
    fn adopt_orphans(&mut self) {
        let early: Vec<i32> = self.early.iter().copied().collect();
        for tid in early {
            let ids = self.emit.ids(tid);
            let (pid, parent) = ids.unwrap_or((tid, 0));
            let may_tell = |thread: &Thread| {
                [pid, parent].contains(&thread.pid)
                    && thread.call.is_some_and(|call| events::makes_child(&call))
            };
            if ids.is_some() && self.threads.values().any(may_tell) {
                continue;
            }
            self.early.remove(&tid);
            self.threads.insert(tid, Thread::new(tid, pid, self.until));
            self.processes.join(pid, parent, self.until);
            events::adopted(&mut self.emit, (pid, tid));
            self.resume(tid, 0);
        }
    }

    /// A new thread's first stop, of which its event is made.
    pub(super) fn begin_life(&mut self, child: i32) {
        let Some(thread) = self.threads.get_mut(&child) else { return };
        if let Some((call, flags)) = thread.birth.take()
            && self.running
        {
            events::began(&mut self.emit, &call, flags, (thread.pid, child));
        }
    }

    /// A thread runs another program. All other threads of its process are gone, and it has the
    /// process's id.
    pub(super) fn executed(&mut self, pid: i32) {
        let former = sys::event_message(pid).map_or(pid, |id| id as i32);
        if former != pid
            && let Some(mut thread) = self.threads.remove(&former)
        {
            thread.tid = pid;
            // The leader's place is taken, whose end nobody tells.
            if self.threads.insert(pid, thread).is_some() {
                self.processes.leave(pid);
            }
        }
        self.running = true;
        let Some(thread) = self.threads.get_mut(&pid) else { return };
        let (call, saved) = (thread.call.take(), mem::take(&mut thread.saved));
        events::executed(&mut self.emit, call.as_ref(), &saved, pid);
        if let Some(thread) = self.threads.get_mut(&pid) {
            thread.saved = saved;
        }
        self.check_privileges(pid);
    }

    /// A program whose file gives privileges runs without them when it is traced by one who has
    /// none, or may not gain any.
    fn check_privileges(&mut self, pid: i32) {
        let Ok(meta) = std::fs::metadata(format!("/proc/{pid}/exe")) else { return };
        let Some(facts) = &self.emit.facts else { return };
        let mode = meta.mode();
        let user = mode & libc::S_ISUID != 0 && facts.status.uid[1] != meta.uid();
        let group = mode & (libc::S_ISGID | libc::S_IXGRP) == libc::S_ISGID | libc::S_IXGRP
            && facts.status.gid[1] != meta.gid();
        if user || group {
            let path = facts.exepath().to_vec();
            self.queue.note(Note::PrivilegesWithheld { pid, path });
        }
    }

    /// A thread is gone.
    pub(super) fn ended(&mut self, tid: i32, status: ExitStatus, core: bool) {
        let Some(thread) = self.threads.remove(&tid) else {
            self.gone.insert(tid, (status, core));
            return;
        };
        if let Some(call) = thread.call {
            self.emit.counts.unfinished += 1;
            if events::makes_child(&call) {
                self.adopt_orphans();
            }
        }
        let parent = self.processes.get(thread.pid).map_or(0, |process| process.parent);
        let last = self.processes.leave(thread.pid);
        let reaper = self.reaper(&thread, parent, last);
        if self.running {
            events::ended(&mut self.emit, tid, status, core, reaper);
        }
        if Some(tid) == self.command {
            self.status = Some(status);
            if self.running && self.processes.len() > 0 {
                self.queue.note(Note::LeftBehind { processes: self.processes.len() });
            }
        }
    }

    /// Who becomes the parent of a thread's children: 0 if it has none.
    fn reaper(&mut self, thread: &Thread, parent: i32, last: bool) -> i32 {
        if !self.processes.has_children(thread.pid) {
            return 0;
        }
        if !last {
            let other = self.threads.values().find(|other| other.pid == thread.pid);
            return other.map_or(0, |other| other.tid);
        }
        let reaper = self.processes.reaper_of(parent, INIT);
        self.processes.adopt(thread.pid, reaper);
        reaper
    }
}

/// Whether there is a thread of this id, alive or not yet reaped.
fn is_there(tid: i32) -> bool {
    std::fs::exists(format!("/proc/{tid}")).unwrap_or(false)
}
