//! From events to the index.
//!
//! Of most events nothing is looked at but the type. For a use that is known of the same second nothing is
//! done and nothing is allocated.
//!
//! - `places`: where a thread is; `processes`: what a process has in memory.
//! - `begun`: what ran before the first event; `listening`: who listens.
//! - `noise`: what says nothing about use; `recent`: what was noted a moment ago.

mod begun;
mod listening;
mod noise;
mod places;
mod processes;
mod recent;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use event::{Event, loss, snapshot::FdKind, syscalls as ev};
use foldhash::HashMap;
use serde::Deserialize;
use state::{Audience, Context, State, Thread};

use self::{
    places::Places,
    processes::{Process, Processes},
    recent::Recent,
};
use crate::{Facts, Index, Kind, Span};

/// So often it is looked which containers there are.
const LOOK_S: u32 = 60;

/// Where nothing at all happens for longer, the machine slept or its clock was set: nothing was watched.
const PAUSE_S: u32 = 3600;

/// How much of a host a recording has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// All that happens on it.
    Whole,
    /// What some of its processes do: what others do was not seen.
    Part,
    /// What the recording itself tells: all, if the kernel's own threads are in it, or the first process has
    /// several children there.
    AsTold,
}

/// Folds events into an index.
#[derive(Debug, Default)]
pub struct Watcher {
    index: Index,
    places: Places,
    processes: Processes,
    recent: Recent,
    /// How much of the host this recording has; `None` until its first event.
    scope: Option<Scope>,
    asked: Option<Scope>,
    /// Times of this recording, seconds since 1970.
    span: Option<Span>,
    looked_s: u32,
    /// Since when the recorder leaves events out.
    dropping_since_s: Option<u32>,
    /// What processes had mapped to be executed before the first event.
    mapped: HashMap<i64, Vec<Arc<[u8]>>>,
}

impl Watcher {
    /// Goes on with what is known.
    pub fn new(index: Index) -> Self {
        Self { index, ..Self::default() }
    }

    /// Another recording begins.
    pub fn begin(&mut self, scope: Scope) {
        (self.asked, self.scope, self.span) = (Some(scope), None, None);
        (self.looked_s, self.dropping_since_s) = (0, None);
        self.mapped.clear();
        self.places = Places::default();
        self.processes.clear();
        self.recent.clear();
    }

    /// What processes have mapped to be executed before the first event of this recording, where somebody
    /// looked.
    pub fn found(&mut self, mapped: impl IntoIterator<Item = (i64, Vec<Arc<[u8]>>)>) {
        self.mapped.extend(mapped);
    }

    /// An event.
    #[inline]
    pub fn event(&mut self, context: &Context<'_>) {
        let ts_ns = context.event.ts_ns;
        if context.audience != Audience::Readers || ts_ns == 0 || ts_ns == u64::MAX {
            return;
        }
        let now_s = seconds(ts_ns);
        match &mut self.span {
            Some(span) if now_s <= span.to_s.saturating_add(PAUSE_S) => {
                span.to_s = span.to_s.max(now_s)
            }
            Some(_) => self.pause(context.state, now_s),
            None => self.first(context, now_s),
        }
        if now_s >= self.looked_s.saturating_add(LOOK_S) {
            self.look(context.state, now_s);
        }
        self.fold(context, now_s);
    }

    fn fold(&mut self, context: &Context<'_>, now_s: u32) -> Option<()> {
        match context.event.kind {
            ev::OPEN_X | ev::OPENAT_2_X | ev::OPENAT2_X | ev::OPEN_BY_HANDLE_AT_X => {
                self.opened(context, now_s)
            }
            ev::MMAP_X | ev::MMAP2_X => self.mapped(context, now_s),
            ev::EXECVE_19_X | ev::EXECVEAT_X => self.executed(context, now_s),
            ev::SOCKET_BIND_X => self.bound(context, now_s),
            ev::SOCKET_LISTEN_X => self.listens(context, now_s),
            ev::SOCKET_ACCEPT_5_X | ev::SOCKET_ACCEPT4_6_X => self.accepted(context, now_s),
            ev::PROCEXIT_1_E => {
                let thread = context.thread.filter(|it| it.tid == it.pid)?;
                self.processes.ended(thread.pid);
                Some(())
            }
            ev::DROP_E => {
                self.dropping_since_s.get_or_insert(now_s);
                Some(())
            }
            ev::DROP_X => {
                let from_s = self.dropping_since_s.take().unwrap_or(now_s);
                self.lost(Span { from_s: from_s.min(now_s), to_s: now_s })
            }
            ev::ASYNCEVENT_E => self.notice(&context.event, now_s),
            _ => None,
        }
    }

    /// The recording ended, with this state.
    pub fn end(&mut self, state: &State) {
        if let Some(span) = self.span {
            if let Some(from_s) = self.dropping_since_s.take() {
                self.lost(Span { from_s: from_s.min(span.to_s), to_s: span.to_s });
            }
            self.look(state, span.to_s);
        }
    }

    /// It is this time, ns since the epoch, also where nothing happens: what was watched until now is known
    /// to the index then.
    pub fn settle(&mut self, now_ns: u64, state: &State) {
        if let Some(span) = &mut self.span {
            span.to_s = span.to_s.max(seconds(now_ns));
            let now_s = span.to_s;
            self.look(state, now_s);
        }
    }

    /// What is known.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// As [`Self::index`], to be made smaller.
    pub fn index_mut(&mut self) -> &mut Index {
        &mut self.index
    }

    /// The index alone.
    pub fn into_index(self) -> Index {
        self.index
    }

    /// The place of a thread.
    fn place(&mut self, thread: &Thread, state: &State) -> Option<usize> {
        self.places.of(&thread.container_id, state, &mut self.index, &mut self.processes)
    }

    /// A path is used.
    fn note(&mut self, place: usize, path: &Arc<[u8]>, kind: Kind, now_s: u32) -> bool {
        noise::is_file(path) && self.index.note(place, path, kind, now_s)
    }

    fn opened(&mut self, context: &Context<'_>, now_s: u32) -> Option<()> {
        let (thread, fd) = (context.thread?, context.fd?);
        let is_read = fd.open_flags & ACCESS != WRITE_ONLY && fd.open_flags & MAKES == 0;
        let is_file = matches!(fd.kind, FdKind::File | FdKind::FileV2);
        if !is_read || !is_file || self.recent.has(&fd.name, &thread.container_id, now_s) {
            return None;
        }
        if !noise::is_file(&fd.name) || context.event.int(0)? < 0 {
            return None;
        }
        let place = self.place(thread, context.state)?;
        let known = self.index.at(place).and_then(|it| it.file(&fd.name));
        let is_known = known.is_some_and(|it| it.knows(Kind::Read, now_s));
        if !is_known && noise::reads_all(&thread.comm) {
            return None;
        }
        if is_known || self.note(place, &fd.name, Kind::Read, now_s) {
            self.recent.add(&fd.name, &thread.container_id, now_s);
        }
        Some(())
    }

    fn mapped(&mut self, context: &Context<'_>, now_s: u32) -> Option<()> {
        const ERRORS: std::ops::Range<i64> = -4095..0;
        let (thread, fd) = (context.thread?, context.fd?);
        let is_executable = context.event.int(6)? & EXECUTABLE != 0;
        let is_file = matches!(fd.kind, FdKind::File | FdKind::FileV2);
        if !is_executable || !is_file || ERRORS.contains(&context.event.int(0)?) {
            return None;
        }
        let place = self.place(thread, context.state)?;
        if !self.note(place, &fd.name, Kind::Loaded, now_s) {
            return None;
        }
        let process = self.processes.of(place, thread, context.state);
        process.add(&fd.name);
        let Process { ports, .. } = process;
        for (port, _) in ports {
            self.index.at_mut(place)?.listens(&fd.name, *port, now_s);
        }
        Some(())
    }

    fn executed(&mut self, context: &Context<'_>, now_s: u32) -> Option<()> {
        let thread = context.thread?;
        if context.event.int(0)? < 0 || thread.exepath.is_empty() {
            return None;
        }
        let place = self.place(thread, context.state)?;
        let path = thread.exepath.clone();
        if thread.exe_from_memfd {
            self.index.note(place, &path, Kind::Executed, now_s);
        } else {
            self.note(place, &path, Kind::Executed, now_s);
        }
        let is_deleted = context.event.text(EXE_PATH).is_some_and(|it| it.ends_with(DELETED));
        if is_deleted || thread.exe_from_memfd {
            let file = self.index.at_mut(place).and_then(|it| it.files.get_mut(&path));
            file?.facts = Facts { is_memfd: thread.exe_from_memfd, is_deleted };
        }
        if let Some(script) = script(context, thread) {
            self.note(place, &script, Kind::Executed, now_s);
        }
        self.processes.put(thread.pid, Process::new(place, path));
        Some(())
    }

    fn notice(&mut self, event: &Event<'_>, now_s: u32) -> Option<()> {
        /// What a recorder says that it lost.
        #[derive(Deserialize)]
        struct Notice {
            from_ns: u64,
        }
        if event.text(1)? != loss::NOTICE.as_bytes() {
            return None;
        }
        let notice: Notice = serde_json::from_slice(event.bytes(2)?).ok()?;
        self.lost(Span { from_s: seconds(notice.from_ns).min(now_s), to_s: now_s })
    }

    /// Events were lost. What is lost in a second is lost in all of it.
    fn lost(&mut self, span: Span) -> Option<()> {
        let place = self.index.at_mut(self.places.host()?)?;
        place.lost.add(Span { from_s: span.from_s, to_s: span.to_s.saturating_add(1) });
        Some(())
    }
}

/// Open flags in the schema's numbering.
const ACCESS: u32 = 3;
const WRITE_ONLY: u32 = 2;
/// `O_CREAT`, `O_TRUNC`, `O_DIRECTORY`.
const MAKES: u32 = 4 | 0x100 | 0x400;
/// `PROT_EXEC` in the schema's numbering.
const EXECUTABLE: i64 = 4;
/// The place of the program's path among the parameters of an exec, and what the kernel puts behind the path
/// of a file that is gone.
const EXE_PATH: usize = 27;
const DELETED: &[u8] = b" (deleted)";
/// As long as the kernel has names of threads.
const COMM_BYTES: usize = 15;

/// The script that was executed, if it was one: the kernel runs its interpreter, gives that the script as an
/// argument, and names the thread after the script (execve(2), "Interpreter scripts").
fn script(context: &Context<'_>, thread: &Thread) -> Option<Arc<[u8]>> {
    let is_named = |path: &[u8]| {
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        name.get(..COMM_BYTES).unwrap_or(name) == &*thread.comm && !name.is_empty()
    };
    if is_named(&thread.exepath) {
        return None;
    }
    let path = state::strings(&thread.args).take(2).find(|arg| is_named(arg))?;
    let mut joined = Vec::new();
    state::path::join(context.state.cwd(thread), path, &mut joined);
    Some(joined.into())
}

fn seconds(ns: u64) -> u32 {
    u32::try_from(ns / 1_000_000_000).unwrap_or(u32::MAX)
}
