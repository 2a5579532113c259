//! Families: threads and processes that begin, run other programs, and end.

use std::mem;

use super::{
    super::{
        ExitStatus, Note,
        calls::{Call, process as events},
        process::Maker,
        sys::{self, Status},
        thread::Thread,
    },
    Engine,
};
use crate::proc::ExeFacts;

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
        let (until, maker) = (parent.until, (parent.pid, tid));
        let birth = parent.birth_it_gives();
        let Some((pid, above)) = self.place_of(child, maker, birth) else { return };
        self.threads.insert(child, Thread { birth, ..Thread::new(child, pid, until) });
        self.processes.join(pid, above);
        let gone = self.gone.remove(&child).filter(|_| !is_alive(child));
        if let Some((status, core)) = gone {
            self.ended(child, status, core);
            return;
        }
        // Told before its maker goes on, which may close what the child has still open.
        self.begin_life(child);
        if let Some(status) = self.early.remove(&child) {
            self.stopped(child, status);
        }
    }

    /// The process that a new thread is of, and who is above that: by the call that made it, or, if
    /// that is one that is not decoded, by what the kernel says.
    fn place_of(
        &mut self,
        child: i32,
        (maker, tid): (i32, i32),
        birth: Option<(Call, u64)>,
    ) -> Option<(i32, Maker)> {
        let Some((_, flags)) = birth else {
            let (pid, parent) = self.emit.ids(child)?;
            return Some((pid, Maker { pid: parent, tid: parent }));
        };
        let above = if flags & (CLONE_PARENT | CLONE_THREAD) != 0 {
            self.processes.get(maker).map_or(Maker::NOBODY, |process| process.maker)
        } else {
            Maker { pid: maker, tid }
        };
        Some((if flags & CLONE_THREAD != 0 { maker } else { child }, above))
    }

    /// A thread stopped of which nothing was told. Whoever made it tells, unless it was killed
    /// meanwhile: then nobody would ever let the new one go on.
    pub(super) fn unknown(&mut self, tid: i32, status: Status) {
        self.gone.remove(&tid);
        self.early.insert(tid, status);
        self.adopt_orphans();
    }

    /// Takes in threads whose maker does not live to tell of them.
    fn adopt_orphans(&mut self) {
        let early: Vec<(i32, Status)> = self.early.iter().map(|(tid, how)| (*tid, *how)).collect();
        for (tid, status) in early {
            let ids = self.emit.ids(tid);
            let (pid, parent) = ids.unwrap_or((tid, 0));
            let may_tell = |thread: &Thread| {
                let Some((_, flags)) = thread.birth_it_gives() else { return false };
                let above = self.processes.get(thread.pid).map_or(0, |process| process.maker.pid);
                [pid, parent].contains(&thread.pid)
                    || (flags & CLONE_PARENT != 0 && above == parent)
            };
            if ids.is_some() && self.threads.values().any(may_tell) {
                continue;
            }
            self.early.remove(&tid);
            self.threads.insert(tid, Thread::new(tid, pid, self.until));
            self.processes.join(pid, Maker { pid: parent, tid: parent });
            events::adopted(&mut self.emit, (pid, tid));
            self.stopped(tid, status);
        }
    }

    /// A new thread begins. Where that is not told when its maker stops, it is at its own first stop.
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
            // The leader's place is taken, whose end the kernel tells nobody.
            if self.threads.insert(pid, thread).is_some() {
                self.leader_ended(pid, former);
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

    /// The leader made way for the thread that runs another program.
    fn leader_ended(&mut self, pid: i32, former: i32) {
        self.processes.leave(pid);
        let reaper = if self.processes.has_children((pid, pid)) { former } else { 0 };
        self.processes.hand_over(former, pid);
        if self.running {
            events::ended(&mut self.emit, pid, ExitStatus::Code(0), false, reaper);
        }
    }

    /// A program whose file gives privileges runs without them when it is traced by one who has
    /// none, or may not gain any.
    fn check_privileges(&mut self, pid: i32) {
        let facts = self.emit.facts.as_ref();
        let Some(facts) = facts.filter(|facts| facts.status.tid == i64::from(pid)) else { return };
        let ExeFacts { mode, uid, gid, .. } = facts.exe_facts;
        let user = mode & libc::S_ISUID != 0 && facts.status.uid[1] != uid;
        let group = mode & (libc::S_ISGID | libc::S_IXGRP) == libc::S_ISGID | libc::S_IXGRP
            && facts.status.gid[1] != gid;
        if user || group {
            let path = facts.exepath().to_vec();
            self.queue.note(Note::PrivilegesWithheld { pid, path });
        }
    }

    /// A thread is gone.
    pub(super) fn ended(&mut self, tid: i32, status: ExitStatus, core: bool) {
        let Some(thread) = self.threads.remove(&tid) else {
            self.early.remove(&tid);
            self.gone.insert(tid, (status, core));
            return;
        };
        if let Some(call) = thread.call {
            self.emit.counts.unfinished += 1;
            if events::makes_child(&call) {
                self.adopt_orphans();
            }
        }
        let reaper = self.reaper(&thread);
        if self.processes.leave(thread.pid) {
            self.told.retain(|(pid, _)| *pid != thread.pid);
        }
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
    ///
    /// Another thread of its process, if one lives: the leader or the eldest. Else the kernel is
    /// asked, for who asked for orphans above those that are traced is not known here.
    fn reaper(&mut self, thread: &Thread) -> i32 {
        if !self.processes.has_children((thread.pid, thread.tid)) {
            return 0;
        }
        let mut others: Vec<i32> =
            self.threads.values().filter(|t| t.pid == thread.pid).map(|t| t.tid).collect();
        others.sort_unstable_by_key(|tid| (*tid != thread.pid, *tid));
        if let Some(other) = others.into_iter().find(|tid| is_alive(*tid)) {
            self.processes.hand_over(thread.tid, other);
            return other;
        }
        let children = self.processes.children(thread.pid);
        let told = children.iter().find_map(|child| sys::parent_of(*child));
        let reaper = told.unwrap_or_else(|| {
            let above = self.processes.get(thread.pid).map_or(0, |process| process.maker.pid);
            self.processes.reaper_of(above, INIT)
        });
        self.processes.adopt(thread.pid, reaper);
        reaper
    }
}

/// Whether there is a thread of this id that has not ended.
fn is_alive(tid: i32) -> bool {
    sys::state_of(tid).is_some_and(|state| !matches!(state, b'Z' | b'X'))
}
