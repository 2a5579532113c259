//! Which process an event belongs to: those alive by process id, those that ended, and what is
//! made of one that is met for the first time.
//!
//! A parent is always there before its child, so that its place in the list is lower: the tree has
//! no loops by construction.

use event::{schema::Origin as Source, syscalls as ev};
use state::{Context, State, Thread};

use super::{
    commands,
    draft::{Draft, Map, pid},
    limits::{Budget, Row},
};
use crate::model::{Command, End, How, Moment, ProcessId};

/// Process ids that found no room are remembered up to this many, so that each is counted once.
const MOST_REFUSED: usize = 65_536;

/// Most ancestors that a process brings along.
const MOST_ANCESTORS: usize = 256;

/// Every process of the timeline, and which of them is which process id now.
#[derive(Debug, Default)]
pub(super) struct Processes {
    pub(super) drafts: Vec<Draft>,
    alive: Map<i64, ProcessId>,
    ended: Map<i64, ProcessId>,
    refused: Map<i64, ()>,
}

/// A process that enters.
#[derive(Clone, Copy)]
struct Newcomer<'a> {
    thread: &'a Thread,
    parent: Option<ProcessId>,
    /// When it was forked; `None`: before the window.
    start: Option<Moment>,
}

impl Processes {
    pub(super) fn get(&self, id: ProcessId) -> Option<&Draft> {
        self.drafts.get(id.index())
    }

    pub(super) fn get_mut(&mut self, id: ProcessId) -> Option<&mut Draft> {
        self.drafts.get_mut(id.index())
    }

    /// The process that caused an event, if any did: the scheduler, page faults and notices of the
    /// recorder are nobody's act.
    pub(super) fn actor(
        &mut self,
        context: &Context<'_>,
        budget: &mut Budget,
    ) -> Option<ProcessId> {
        let kind = context.event.kind;
        if kind.info().origin != Source::Syscall && kind != ev::PROCEXIT_1_E {
            return None;
        }
        self.of_thread(context.state, context.thread?, budget)
    }

    /// The process of a thread.
    pub(super) fn of_thread(
        &mut self,
        state: &State,
        thread: &Thread,
        budget: &mut Budget,
    ) -> Option<ProcessId> {
        let pid = pid(thread);
        if let Some(&id) = self.alive.get(&pid) {
            return Some(id);
        }
        // A last event of a process that was seen to end, from another CPU.
        if thread.is_unknown()
            && let Some(&id) = self.ended.get(&pid)
        {
            return Some(id);
        }
        self.meet(state, thread, budget)
    }

    /// The process with this id, if it is alive and in the timeline.
    pub(super) fn alive(&self, pid: i64) -> Option<ProcessId> {
        self.alive.get(&pid).copied()
    }

    /// The process of a thread; one that is not there yet began before the window, and so did its
    /// ancestors.
    fn meet(&mut self, state: &State, thread: &Thread, budget: &mut Budget) -> Option<ProcessId> {
        let thread = state.main_thread(thread).unwrap_or(thread);
        // With so many that found no room, nobody enters who was not seen to begin.
        if self.refused.contains_key(&pid(thread)) || self.refused.len() >= MOST_REFUSED {
            return None;
        }
        let mut missing = vec![thread];
        let mut parent = None;
        let ancestors = state.ancestors(thread).take(MOST_ANCESTORS);
        for ancestor in ancestors.filter(|thread| thread.is_main()) {
            parent = self.alive(pid(ancestor));
            if parent.is_some() || self.refused.contains_key(&pid(ancestor)) {
                break;
            }
            missing.push(ancestor);
        }
        for thread in missing.into_iter().rev() {
            parent = self.add(state, Newcomer { thread, parent, start: None }, budget).or(parent);
        }
        self.alive(pid(thread))
    }

    /// A process began: its parent or itself returned from a clone that made it known.
    pub(super) fn cloned(
        &mut self,
        context: &Context<'_>,
        at: Moment,
        budget: &mut Budget,
    ) -> Option<ProcessId> {
        let child = match context.event.int(0)? {
            0 => context.thread?,
            tid => context.state.thread(tid)?,
        };
        // Whichever side comes first makes it known; a thread is no process of its own.
        if child.clone_ts_ns != at.ts_ns || child.tid != child.pid {
            return None;
        }
        self.end(child.pid, End { at, how: How::Unknown });
        let parent = context.state.thread(child.ptid);
        let parent = parent.and_then(|parent| match self.alive(pid(parent)) {
            Some(id) => Some(id),
            None => self.meet(context.state, parent, budget),
        });
        let newcomer = Newcomer { thread: child, parent, start: Some(at) };
        self.add(context.state, newcomer, budget)
    }

    fn add(
        &mut self,
        state: &State,
        newcomer: Newcomer<'_>,
        budget: &mut Budget,
    ) -> Option<ProcessId> {
        let Newcomer { thread, parent, start } = newcomer;
        let pid = pid(thread);
        let above = parent.and_then(|parent| self.get(parent));
        let admitted = self.command(state, &newcomer, above, budget).filter(|_| pid >= 0);
        let Some(command) = admitted else {
            self.refuse(pid);
            return None;
        };
        let place = u32::try_from(self.drafts.len()).ok()?;
        let mut draft = Draft::new(thread, parent, start, command);
        if let Some(parent) = above {
            draft.take_user_of(state, parent);
        }
        draft.streams.look(state, thread);
        draft.sockets.begin(state, thread, start);
        self.drafts.push(draft);
        self.ended.remove(&pid);
        self.alive.insert(pid, ProcessId(place));
        Some(ProcessId(place))
    }

    /// What a process runs that enters, if there is room for it.
    fn command(
        &self,
        state: &State,
        newcomer: &Newcomer<'_>,
        above: Option<&Draft>,
        budget: &mut Budget,
    ) -> Option<Command> {
        // Looked at first, for it may take long to put together what finds no room then.
        if !budget.has_room(Row::Process, commands::least_bytes(newcomer.thread)) {
            budget.cut(Row::Process);
            return None;
        }
        let command = match newcomer.start {
            None => commands::before(state, newcomer.thread),
            Some(_) => commands::forked(state, newcomer.thread, above),
        };
        budget.admit(Row::Process, commands::text_bytes(&command)).then_some(command)
    }

    fn refuse(&mut self, pid: i64) {
        if self.refused.len() < MOST_REFUSED {
            self.refused.insert(pid, ());
        }
    }

    /// A thread exited, and with the last one its process.
    pub(super) fn exited(&mut self, context: &Context<'_>, id: ProcessId, at: Moment) {
        let (Some(thread), Some(draft)) = (context.thread, self.get_mut(id)) else { return };
        let how = how(&context.event);
        let is_main = thread.tid == draft.process.pid;
        if is_main {
            draft.main_end = Some(how);
        }
        if thread.is_unknown() || context.state.thread_count(thread) == 0 {
            let how = draft.main_end.unwrap_or(how);
            let pid = draft.process.pid;
            self.end(pid, End { at, how });
        }
    }

    fn end(&mut self, pid: i64, end: End) {
        if let Some(id) = self.alive.remove(&pid) {
            self.ended.insert(pid, id);
            if let Some(draft) = self.get_mut(id) {
                draft.end(end);
            }
        }
        self.refused.remove(&pid);
    }
}

/// How the thread of an exit event ended. Recordings of old tell only a status, in the form of
/// `wait(2)`, or nothing.
fn how(event: &event::Event<'_>) -> How {
    let Some(status) = event.int(0) else { return How::Unknown };
    let signal = event.int(2).unwrap_or(status & 0x7f);
    if signal != 0 {
        let core = event.int(3).map_or(status & 0x80 != 0, |core| core != 0);
        return How::Killed { signal, core };
    }
    How::Exited { code: event.int(1).unwrap_or(status >> 8) & 0xff }
}
