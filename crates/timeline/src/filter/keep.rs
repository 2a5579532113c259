//! A timeline of what is left: places in lists are told anew.

use super::{Filter, Kinds};
use crate::model::{
    Alert, AlertId, Pipeline, PipelineId, Process, ProcessId, Sentence, Session, SessionId, Source,
    Timeline,
};

/// Gives a process that has lost all its commands the last one that it ran.
pub(super) fn frame(left: &mut Process, whole: &Process) {
    if left.commands.is_empty() {
        let last = whole.commands.iter().rev().find(|command| !command.failed());
        left.commands.extend(last.or(whole.commands.last()).cloned());
    }
}

/// The timeline with only these processes, and those that they hang on.
pub(super) fn only(
    timeline: &Timeline,
    mut left: Vec<Option<Process>>,
    filter: &Filter,
) -> Timeline {
    keep_sources(timeline, &mut left);
    keep_ancestors(timeline, &mut left);
    let places = Places::new(timeline, &left, filter);
    let mut processes: Vec<Process> = left.into_iter().flatten().collect();
    processes.iter_mut().for_each(|process| places.tell(process));
    let sessions = sessions(timeline, &processes, &places);
    Timeline {
        alerts: places.alerts(timeline),
        sessions,
        pipelines: places.pipelines(timeline),
        summary: timeline.summary.iter().filter_map(|s| places.sentence(s)).collect(),
        processes,
        host: timeline.host.clone(),
        gaps: timeline.gaps.clone(),
        density: timeline.density.clone(),
        ..*timeline
    }
}

/// A process that a session was reached through stays as long as the session does.
fn keep_sources(timeline: &Timeline, left: &mut [Option<Process>]) {
    let mut stays = vec![false; timeline.sessions.len()];
    for process in left.iter().flatten() {
        if let Some(stays) = stays.get_mut(process.session.index()) {
            *stays = true;
        }
    }
    let staying = timeline.sessions.iter().zip(stays).filter(|(_, stays)| *stays);
    for source in staying.filter_map(|(session, _)| session.source.as_ref()) {
        keep_bare(timeline, source.by, left);
    }
}

fn keep_ancestors(timeline: &Timeline, left: &mut [Option<Process>]) {
    // Parents stand before their children.
    for place in (0..left.len()).rev() {
        let process = left.get(place).and_then(Option::as_ref);
        if let Some(parent) = process.and_then(|process| process.parent) {
            keep_bare(timeline, parent, left);
        }
    }
}

/// Keeps a process with nothing but what it ran last.
fn keep_bare(timeline: &Timeline, id: ProcessId, left: &mut [Option<Process>]) {
    let (Some(whole), Some(place)) = (timeline.process(id), left.get_mut(id.index())) else {
        return;
    };
    place.get_or_insert_with(|| {
        let mut bare = Process {
            commands: Vec::new(),
            files: Vec::new(),
            network: Vec::new(),
            privileges: Vec::new(),
            terminal: Vec::new(),
            ..whole.clone()
        };
        frame(&mut bare, whole);
        bare
    });
}

/// Where what is left has gone.
struct Places {
    processes: Vec<Option<ProcessId>>,
    sessions: Vec<Option<SessionId>>,
    pipelines: Vec<Option<PipelineId>>,
    alerts: Vec<Option<AlertId>>,
}

impl Places {
    fn new(timeline: &Timeline, left: &[Option<Process>], filter: &Filter) -> Self {
        let processes = numbered(left.iter().map(Option::is_some), ProcessId);
        let is_left = |id: &ProcessId| left.get(id.index()).is_some_and(Option::is_some);
        let mut has_process = vec![false; timeline.sessions.len()];
        for process in left.iter().flatten() {
            if let Some(has) = has_process.get_mut(process.session.index()) {
                *has = true;
            }
        }
        let pipelines =
            timeline.pipelines.iter().map(|p| p.members.iter().filter(|m| is_left(m)).count() > 1);
        let alerts = timeline.alerts.iter().map(|alert| {
            filter.kinds.contains(Kinds::ALERTS)
                && filter.is_then(alert.at.ts_ns, alert.last_ns)
                && alert.process.as_ref().map_or_else(|| filter.asks_no_process(), is_left)
        });
        Self {
            processes,
            sessions: numbered(has_process, SessionId),
            pipelines: numbered(pipelines, PipelineId),
            alerts: numbered(alerts, AlertId),
        }
    }

    /// Tells a process the places of all that it names.
    fn tell(&self, process: &mut Process) {
        process.parent = process.parent.and_then(|id| new(&self.processes, id.index()));
        process.children =
            process.children.iter().filter_map(|id| new(&self.processes, id.index())).collect();
        process.alerts =
            process.alerts.iter().filter_map(|id| new(&self.alerts, id.index())).collect();
        process.session = new(&self.sessions, process.session.index()).unwrap_or(SessionId(0));
        for command in &mut process.commands {
            command.pipeline = command.pipeline.and_then(|id| new(&self.pipelines, id.index()));
        }
    }

    fn alerts(&self, timeline: &Timeline) -> Vec<Alert> {
        let kept = timeline.alerts.iter().zip(&self.alerts).filter(|(_, place)| place.is_some());
        kept.map(|(alert, _)| Alert {
            process: alert.process.and_then(|id| new(&self.processes, id.index())),
            ..alert.clone()
        })
        .collect()
    }

    fn pipelines(&self, timeline: &Timeline) -> Vec<Pipeline> {
        let kept = timeline.pipelines.iter().zip(&self.pipelines).filter(|(_, p)| p.is_some());
        kept.map(|(pipeline, _)| {
            let members = pipeline.members.iter();
            Pipeline {
                members: members.filter_map(|id| new(&self.processes, id.index())).collect(),
            }
        })
        .collect()
    }

    /// A sentence stays while one of the processes that it is about does.
    fn sentence(&self, sentence: &Sentence) -> Option<Sentence> {
        let about = sentence.processes.iter();
        let processes: Vec<ProcessId> =
            about.filter_map(|id| new(&self.processes, id.index())).collect();
        let stays = sentence.processes.is_empty() || !processes.is_empty();
        stays.then(|| Sentence { processes, ..sentence.clone() })
    }
}

/// New numbers for what stays, without holes.
fn numbered<Id>(stays: impl IntoIterator<Item = bool>, id: fn(u32) -> Id) -> Vec<Option<Id>> {
    let mut next = 0..;
    stays.into_iter().map(|stays| if stays { next.next().map(id) } else { None }).collect()
}

fn new<Id: Copy>(places: &[Option<Id>], old: usize) -> Option<Id> {
    places.get(old).copied().flatten()
}

/// The sessions that are left, counted anew. How relevant they are is what it was, and so is their
/// order.
fn sessions(timeline: &Timeline, processes: &[Process], places: &Places) -> Vec<Session> {
    let kept = timeline.sessions.iter().zip(&places.sessions).filter(|(_, p)| p.is_some());
    let mut sessions: Vec<Session> = kept.map(|(session, _)| bare(session, places)).collect();
    for (id, process) in (0u32..).map(ProcessId).zip(processes) {
        let Some(session) = sessions.get_mut(process.session.index()) else { continue };
        session.processes += 1;
        session.events = session.events.saturating_add(process.events);
        let parent = process.parent.and_then(|parent| processes.get(parent.index()));
        if parent.is_none_or(|parent| parent.session != process.session) {
            session.roots.push(id);
        }
    }
    sessions
}

/// A session without its processes.
fn bare(session: &Session, places: &Places) -> Session {
    let source = session.source.clone().and_then(|source| {
        let by = new(&places.processes, source.by.index())?;
        Some(Source { by, ..source })
    });
    Session { roots: Vec::new(), source, processes: 0, events: 0, ..session.clone() }
}
