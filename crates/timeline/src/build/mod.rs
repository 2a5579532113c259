//! Events to timeline: [`Builder`] takes in each event with its context, once, and keeps only what
//! the timeline shows.
//!
//! - `processes`: which process an event belongs to; `draft`: a process while its events come in;
//! - `commands`, `files`, `network`, `privileges`: what it runs, touches, with whom it speaks, what it
//!   does to rights; `fds`, `traffic`: what moves where; `written`: what was written
//!   in all; `terminal`: what it shows on terminals;
//! - `belonging`: what belongs together, and what has to do with the alerts; `alerts`;
//! - `density`, `gaps`: the window itself; `limits`: bounds on all of it.

mod alerts;
mod belonging;
mod commands;
mod density;
mod draft;
mod fds;
mod files;
mod gaps;
mod limits;
mod network;
mod privileges;
mod processes;
mod terminal;
mod traffic;
mod written;

#[cfg(test)]
pub(crate) mod tests;

use event::{alert, syscalls as ev};
use state::{Audience, Context, State, Text};

pub use limits::Limits;

use self::{
    alerts::Alerts,
    belonging::{relevance, sessions, sources},
    commands::pipelines,
    density::Counts,
    draft::{Draft, Map},
    files::{Files, changed::Changed, judge, paths::of_param},
    gaps::Gaps,
    limits::Budget,
    network::{Network, names::Names},
    processes::Processes,
    terminal::Terminals,
};
use crate::model::{self, ContainerFacts, Gap, GapKind, Host, Moment, ProcessId, Timeline, Window};

/// Calls of exec under way whose names are remembered.
const MOST_CALLS: usize = 4_096;

/// Makes a [`Timeline`] of the events of a window.
#[derive(Debug)]
pub struct Builder {
    budget: Budget,
    window: Window,
    density: Option<Counts>,
    gaps: Gaps,
    processes: Processes,
    changed: Changed,
    names: Names,
    terminals: Terminals,
    alerts: Alerts,
    containers: Map<Text, ContainerFacts>,
    /// Names of programs as the calls of exec gave them that are under way, by thread.
    calls: Map<i64, Text>,
    /// The latest event, and the process that caused it.
    latest: (Moment, Option<ProcessId>),
}

impl Builder {
    /// A builder that has seen nothing.
    pub fn new(limits: Limits) -> Self {
        Self {
            budget: Budget::new(limits),
            window: Window::default(),
            density: None,
            gaps: Gaps::new(limits.gaps),
            processes: Processes::default(),
            changed: Changed::default(),
            names: Names::default(),
            terminals: Terminals::default(),
            alerts: Alerts::default(),
            containers: Map::default(),
            calls: Map::default(),
            latest: (Moment::default(), None),
        }
    }

    /// Takes in an event. Every event of the window belongs here, in order, right after the state
    /// took it in.
    pub fn event(&mut self, context: &Context<'_>) {
        let event = &context.event;
        let at = Moment { ts_ns: event.ts_ns, event: context.num };
        self.names.notice(event);
        self.written(context, at);
        self.terminal(context, at);
        if context.audience == Audience::State {
            self.call_begins(context);
            return;
        }
        self.count(context);
        if matches!(event.kind, ev::CLONE_20_X | ev::CLONE3_X | ev::FORK_20_X | ev::VFORK_20_X) {
            self.processes.cloned(context, at, &mut self.budget);
        }
        let known = self.processes.drafts.len();
        let actor = self.processes.actor(context, &mut self.budget);
        self.processes.drafts.iter_mut().skip(known).for_each(|draft| draft.entered = at.event);
        self.latest = (at, actor);
        if let Some(actor) = actor {
            self.act(context, actor, at);
        }
    }

    /// Takes in an alert that the latest event caused: how many equal ones it stands for, itself
    /// included, and the time of the last of them.
    pub fn alert(&mut self, alert: &alert::Alert, count: u64, last_ns: u64) {
        let (_, process) = self.latest;
        let added = self.alerts.add(alert, self.latest, (count, last_ns), &mut self.budget);
        if let (Some(id), Some(process)) = (added, process)
            && let Some(draft) = self.processes.get_mut(process)
        {
            draft.process.alerts.push(id);
        }
    }

    /// Takes in a gap that the events do not show.
    pub fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    /// The timeline, once all events were taken in; its summary is empty. `state` is that after the
    /// last event.
    pub fn finish(mut self, state: &State) -> Timeline {
        let mut drafts = std::mem::take(&mut self.processes.drafts);
        self.terminals.end(&mut drafts, &mut self.budget);
        relate_children(&mut drafts);
        let pipelines = pipelines::find(&mut drafts);
        judge::files(&mut drafts, &self.changed);
        relevance::mark(&mut drafts);
        sessions::learn(&drafts, state, &mut self.containers);
        let mut sessions = sessions::group(&mut drafts, &self.containers, state);
        sources::find(&drafts, &mut sessions, &self.alerts.list);
        let first_alert = self.alerts.list.iter().map(|alert| alert.at.ts_ns).min();
        let gaps = self.gaps.finish(state.counters(), &self.window);
        Timeline {
            schema: model::SCHEMA,
            host: host(state),
            window: Window {
                zero_ns: first_alert.unwrap_or(self.window.first_ns),
                lost: lost(&gaps),
                ..self.window
            },
            summary: Vec::new(),
            alerts: self.alerts.list,
            sessions,
            processes: drafts.into_iter().map(|draft| draft.process).collect(),
            pipelines,
            gaps,
            density: self.density.map(Counts::finish).unwrap_or_default(),
            cuts: self.budget.cuts,
        }
    }

    /// Counts an event, and notes where the record is incomplete.
    fn count(&mut self, context: &Context<'_>) {
        let now_ns = context.event.ts_ns;
        if self.window.events == 0 {
            self.window.first_ns = now_ns;
            self.changed.begin(now_ns);
            self.gaps.begin(context.state.counters());
        }
        self.gaps.event(context, self.window.last_ns);
        self.window.first_ns = self.window.first_ns.min(now_ns);
        self.window.last_ns = self.window.last_ns.max(now_ns);
        self.window.events += 1;
        self.density.get_or_insert_with(|| Counts::beginning_at(now_ns)).add(context);
    }

    /// What is called while exec is under way is told only when it begins.
    fn call_begins(&mut self, context: &Context<'_>) {
        let name = match context.event.kind {
            ev::EXECVE_19_E => of_param(context, 0),
            ev::EXECVEAT_E => of_param(context, 1),
            _ => None,
        };
        if let Some(name) = name.filter(|_| self.calls.len() < MOST_CALLS) {
            self.calls.insert(context.event.tid, name);
        }
    }

    fn act(&mut self, context: &Context<'_>, actor: ProcessId, at: Moment) {
        match context.event.kind {
            ev::EXECVE_19_X | ev::EXECVEAT_X => self.exec(context, actor, at),
            ev::PROCEXIT_1_E => self.processes.exited(context, actor, at),
            kind => {
                let Some(draft) = self.processes.get_mut(actor) else { return };
                if matches!(kind, ev::DUP_1_X | ev::DUP2_X | ev::DUP3_X)
                    && let Some(thread) = context.thread
                {
                    draft.streams.look(context.state, thread);
                }
                let (changed, names) = (&mut self.changed, &mut self.names);
                let budget = &mut self.budget;
                privileges::event(context, at, draft, budget);
                Files { at, draft, changed, budget }.event(context);
                Network { at, draft, names, budget }.event(context);
            }
        }
        if let Some(draft) = self.processes.get_mut(actor) {
            draft.process.events += 1;
            let (containers, budget) = (&mut self.containers, &mut self.budget);
            sessions::meet(&draft.facts.container, context.state, containers, budget);
        }
    }

    /// Takes in a notice of what was written to an fd; anything else is passed over.
    fn written(&mut self, context: &Context<'_>, at: Moment) -> Option<()> {
        let written = written::of(&context.event)?;
        let thread = context.thread?;
        let fd = context.state.fd(thread, written.fd)?;
        let actor = self.processes.of_thread(context.state, thread, &mut self.budget)?;
        let draft = self.processes.get_mut(actor)?;
        let (changed, names, budget) = (&mut self.changed, &mut self.names, &mut self.budget);
        if fds::is_socket(fd) {
            Network { at, draft, names, budget }.told(context, fd, &written)
        } else if fds::is_file(fd) {
            Files { at, draft, changed, budget }.told(fd, written.written)
        } else {
            None
        }
    }

    /// Takes in a notice of what a terminal showed; anything else is passed over.
    fn terminal(&mut self, context: &Context<'_>, at: Moment) -> Option<()> {
        let told = terminal::of(&context.event)?;
        let by = self.processes.of_thread(context.state, context.thread?, &mut self.budget)?;
        self.terminals.told(&told, (by, at), &mut self.processes.drafts, &mut self.budget);
        Some(())
    }

    fn exec(&mut self, context: &Context<'_>, actor: ProcessId, at: Moment) {
        let named = self.calls.remove(&context.event.tid);
        let Some(draft) = self.processes.get_mut(actor) else { return };
        let (changed, budget) = (&mut self.changed, &mut self.budget);
        commands::exec(context, at, draft, changed, named, budget);
        if let Some(thread) = context.thread.filter(|_| context.event.int(0) == Some(0)) {
            Files { at, draft, changed, budget }.executed(&thread.exepath);
            Network { at, draft, names: &mut self.names, budget }.sweep(context);
        }
    }
}

fn relate_children(drafts: &mut [Draft]) {
    for place in 0..drafts.len() {
        let parent = drafts.get(place).and_then(|draft| draft.process.parent);
        if let Some(parent) = parent.and_then(|parent| drafts.get_mut(parent.index()))
            && let Ok(place) = u32::try_from(place)
        {
            parent.process.children.push(ProcessId(place));
        }
    }
}

fn host(state: &State) -> Host {
    let machine = state.machine();
    Host { name: machine.hostname.clone().into(), cpus: machine.cpus, boot_ns: machine.boot_ts_ns }
}

fn lost(gaps: &[Gap]) -> u64 {
    let lost = gaps.iter().map(|gap| match gap.kind {
        GapKind::Lost { events } => events,
        _ => 0,
    });
    lost.fold(0, u64::saturating_add)
}
