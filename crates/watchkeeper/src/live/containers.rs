//! Containers of this host: what their engines say of them, as events among the others.
//!
//! The control groups of threads name containers. Where the state knows no more of one than its id,
//! its engine is asked, by a thread that nothing waits for; the answer becomes a container event, as
//! those of other recorders, and goes the way of all events: to the recording, to the state, to
//! incidents. So whoever reads the recording learns it at the same place. What engines know at the
//! start comes before the first event.

use std::{
    collections::BTreeMap,
    io,
    time::{Duration, Instant},
};

use engines::{Answer, Answers, Apis, Figures, Hint};
use event::{
    Event, EventBuilder,
    snapshot::Record,
    syscalls::{
        ASYNCEVENT_E, CLONE_20_X, CLONE3_X, EXECVE_19_X, EXECVEAT_X, FORK_20_X, VFORK_20_X,
    },
};
use state::{Engines, named_container};

use super::Pipeline;
use crate::output::plural;

/// Name of the events, and of the plugin that makes them elsewhere.
const EVENT: &str = "container";
/// Number of that plugin.
const PLUGIN: u32 = 1;
/// So long it is waited at the start for engines to tell what they know: what happens meanwhile has to
/// have room in the kernel's buffers.
const START: Duration = Duration::from_millis(500);
/// And at the end for answers to what was asked.
const END: Duration = Duration::from_millis(500);
/// So often it is looked whether there is anything to wait for.
const LOOK: Duration = Duration::from_millis(20);
/// Most containers of the start of which it is remembered that they were met.
const MOST_MET: usize = 4096;

/// See the module.
pub(crate) struct Containers {
    thought_of: Engines,
    engines: engines::Engines,
    answers: Answers,
    /// Until the first event.
    start: Option<Start>,
    builder: EventBuilder,
    /// Events that were handed on.
    told: u64,
}

/// What there is before the first event.
struct Start {
    known: Vec<Answer>,
    /// Ids of the containers that threads are in, with the control groups of one.
    met: BTreeMap<Box<[u8]>, Box<[u8]>>,
}

impl Containers {
    /// Starts to ask these engines, and learns what they know now. None if there are none to ask.
    ///
    /// # Errors
    /// If there can be no thread for it.
    pub(crate) fn start(
        thought_of: Engines,
        mut settings: engines::Settings,
    ) -> io::Result<Option<Self>> {
        let apis = apis(thought_of);
        settings.sources.retain(|source| apis.contains(source.api.into()));
        settings.user_sources.retain(|source| apis.contains(source.api.into()));
        if settings.sources.is_empty() && settings.user_sources.is_empty() {
            return Ok(None);
        }
        let (engines, answers) = engines::Engines::start(settings)?;
        let start = Start { known: engines.all(START), met: BTreeMap::new() };
        let builder = EventBuilder::default();
        Ok(Some(Self { thought_of, engines, answers, start: Some(start), builder, told: 0 }))
    }

    /// A record, on its way.
    pub(crate) fn record(&mut self, record: &Record<'_>, pipeline: &mut Pipeline) {
        match record {
            Record::Thread(entry) => self.meet(entry.cgroups),
            Record::Event(event) if self.start.is_some() => self.begin(event.ts_ns, pipeline),
            _ => {}
        }
        pipeline.record(record);
        if let Record::Event(event) = record {
            self.look(event, pipeline);
        }
    }

    /// Hands on what engines answered, as of a time in ns since the epoch.
    pub(crate) fn tell(&mut self, mut now_ns: impl FnMut() -> u64, pipeline: &mut Pipeline) {
        if self.start.is_some() {
            self.begin(now_ns(), pipeline);
        }
        while let Some(answer) = self.answers.try_next() {
            self.hand_on(&answer, now_ns(), pipeline);
        }
    }

    /// Hands on what is still being asked, as far as it is answered soon.
    pub(crate) fn end(&mut self, mut now_ns: impl FnMut() -> u64, pipeline: &mut Pipeline) {
        let until = Instant::now() + END;
        while self.engines.figures().waiting > 0 && Instant::now() < until {
            // Others end without an answer meanwhile.
            if let Some(answer) = self.answers.next_within(LOOK) {
                self.hand_on(&answer, now_ns(), pipeline);
            }
        }
        self.tell(now_ns, pipeline);
    }

    /// What became of questions, in words; none if there were none.
    pub(crate) fn summary(&self) -> Option<String> {
        let figures = self.engines.figures();
        let asked = figures.asked - figures.merged;
        if asked + self.told == 0 {
            return None;
        }
        let Figures { answered, unknown, failed, dropped, waiting, .. } = figures;
        let known = plural(self.told, "time");
        Some(format!(
            "containers: engines told of them {known}; asked about {asked}: {answered} answered, \
             {unknown} known to none, {failed} failed, {dropped} left out, {waiting} without an \
             answer at the end"
        ))
    }

    /// Asks about the container that this event shows a thread in, if nothing is known of it.
    fn look(&self, event: &Event<'_>, pipeline: &Pipeline) {
        // These have control groups in them.
        let is_told = matches!(
            event.kind,
            EXECVE_19_X | EXECVEAT_X | CLONE_20_X | CLONE3_X | FORK_20_X | VFORK_20_X
        );
        if !is_told {
            return;
        }
        let Some(thread) = pipeline.state.thread(event.tid) else { return };
        let id = &thread.container_id;
        if !id.is_empty() && pipeline.state.container(id).is_none() {
            self.ask(&thread.cgroups);
        }
    }

    /// A thread that there was before the first event.
    fn meet(&mut self, cgroups: &[u8]) {
        let Some(start) = &mut self.start else { return };
        if let Some(named) = named_container(cgroups, self.thought_of)
            && start.met.len() < MOST_MET
        {
            start.met.entry(named.id.into()).or_insert_with(|| cgroups.into());
        }
    }

    /// The first event is about to come.
    fn begin(&mut self, ts_ns: u64, pipeline: &mut Pipeline) {
        let Some(Start { known, met }) = self.start.take() else { return };
        for answer in &known {
            self.hand_on(answer, ts_ns, pipeline);
        }
        let is_known = |id: &str| known.iter().any(|answer| id.starts_with(&answer.id));
        for (id, cgroups) in &met {
            if !std::str::from_utf8(id).is_ok_and(is_known) {
                self.ask(cgroups);
            }
        }
    }

    /// Asks about the container of these control groups.
    fn ask(&self, cgroups: &[u8]) {
        if let Some(named) = named_container(cgroups, self.thought_of)
            && let Ok(id) = std::str::from_utf8(named.id)
            && let apis = apis(named.engines)
            && !apis.is_empty()
        {
            // If there is no room now, the container's next program asks again.
            self.engines.ask(id, Hint { apis, user: Hint::user_of(cgroups) });
        }
    }

    fn hand_on(&mut self, answer: &Answer, ts_ns: u64, pipeline: &mut Pipeline) {
        self.builder.start(ASYNCEVENT_E, ts_ns, -1, 0);
        self.builder.u32(PLUGIN).text(EVENT).raw(&answer.json);
        if let Ok(event) = self.builder.event() {
            self.told += 1;
            pipeline.record(&Record::Event(event));
        }
    }
}

/// Ways to ask that lead to containers of these engines.
fn apis(engines: Engines) -> Apis {
    [
        (Engines::PODMAN, Apis::ALL_OF_PODMAN),
        (Engines::DOCKER, Apis::ALL_OF_DOCKER),
        (Engines::CRI, Apis::KUBERNETES),
        (Engines::CONTAINERD, Apis::CONTAINERD),
    ]
    .into_iter()
    .filter(|(engine, _)| engines.contains(*engine))
    .fold(Apis::empty(), |all, (_, apis)| all | apis)
}
