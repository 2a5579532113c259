//! What runs already when a recording begins, and what goes on while nothing is seen of it.

use foldhash::{HashMap, HashMapExt};
use state::{Context, State, Text, Thread};

use super::{Scope, Watcher, noise};
use crate::{Kind, Span};

/// The kernel's thread that begins its others: it is in most whole lists of processes.
const KTHREADD: i64 = 2;
/// The first process, and how many of its children tell a whole list of processes from the ancestors of a few.
const INIT: i64 = 1;
const MANY_CHILDREN: usize = 4;

impl Watcher {
    /// The first event of a recording.
    pub(super) fn first(&mut self, context: &Context<'_>, now_s: u32) {
        let state = context.state;
        self.span = Some(Span::at(now_s));
        self.looked_s = now_s;
        self.scope = Some(match self.asked {
            Some(scope @ (Scope::Whole | Scope::Part)) => scope,
            _ => as_told(state),
        });
        self.places.begin(&state.machine().hostname, &mut self.index);
        for thread in state.threads() {
            // Whoever has begun since tells of it.
            if thread.clone_ts_ns == 0 && thread.lastexec_ts_ns == 0 {
                self.runs(thread, state, now_s);
            }
        }
        self.mapped = HashMap::new();
        self.look(state, now_s);
    }

    /// A process that was there before.
    fn runs(&mut self, thread: &Thread, state: &State, now_s: u32) -> Option<()> {
        if thread.tid != thread.pid || !noise::is_file(&thread.exepath) {
            return None;
        }
        let place = self.place(thread, state)?;
        self.note(place, &thread.exepath.clone(), Kind::Executed, now_s);
        if thread.exe_from_memfd
            && let Some(file) = self.index.at_mut(place)?.files.get_mut(&thread.exepath)
        {
            file.facts.is_memfd = true;
        }
        for path in self.mapped.remove(&thread.pid).unwrap_or_default() {
            // The program itself is not loaded by it.
            if path != thread.exepath && self.note(place, &path, Kind::Loaded, now_s) {
                self.processes.of(place, thread, state).add(&path);
            }
        }
        for fd in state.fds(thread).values() {
            self.has_open(thread, state, fd, now_s);
        }
        Some(())
    }

    /// Looks which containers there are, and until when they and the host were watched.
    pub(super) fn look(&mut self, state: &State, now_s: u32) {
        let Some(span) = self.span else { return };
        let since = Span { from_s: self.looked_s.max(span.from_s).min(now_s), to_s: now_s };
        self.looked_s = now_s;
        if let Some(host) = self.places.host() {
            self.watched(host, since);
        }
        let mut containers: HashMap<&Text, Span> = HashMap::new();
        for thread in state.threads().filter(|it| !it.container_id.is_empty()) {
            let begun_s = super::seconds(thread.clone_ts_ns).clamp(since.from_s, now_s);
            let lives = Span { from_s: begun_s, to_s: now_s };
            let known = containers.entry(&thread.container_id).or_insert(lives);
            *known = known.with(lives);
        }
        for (id, lives) in containers {
            let place = self.places.of(id, state, &mut self.index, &mut self.processes);
            let Some(place) = place else { continue };
            self.watched(place, lives);
            self.places.lives((id, place), lives, state, &mut self.index);
        }
    }

    /// Nothing happened for long.
    #[cold]
    pub(super) fn pause(&mut self, state: &State, now_s: u32) {
        if let Some(span) = self.span {
            self.look(state, span.to_s);
        }
        self.span = self.span.map(|it| Span { to_s: now_s, ..it });
        self.looked_s = now_s;
    }

    fn watched(&mut self, place: usize, span: Span) {
        let Some(place) = self.index.at_mut(place) else { return };
        match self.scope {
            Some(Scope::Whole) => place.watched.add(span),
            _ => place.watched_in_part.add(span),
        }
    }
}

/// How much of a host a recording has, as its snapshot shows.
fn as_told(state: &State) -> Scope {
    let is_kthreadd = |it: &Thread| &*it.comm == b"kthreadd" && it.ptid == 0;
    let is_child = |it: &&Thread| it.ptid == INIT && it.tid == it.pid;
    let of_init = || state.threads().filter(is_child).count();
    if state.thread(KTHREADD).is_some_and(is_kthreadd) || of_init() >= MANY_CHILDREN {
        Scope::Whole
    } else {
        Scope::Part
    }
}
