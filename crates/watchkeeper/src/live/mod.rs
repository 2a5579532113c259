//! What happens now, on its way: to the file, through the state, to the rules and the timeline.
//!
//! A trace and the agent have this in common; they differ in where records come from and in what is
//! told about them.
//!
//! - `recording`: the file that all of it is written to.
//! - `readers`: who reads events in their contexts.
//! - `containers`: what engines say of containers, as events among the others.

mod containers;
mod readers;
mod recording;

use std::path::PathBuf;

use event::snapshot::Record;
use state::{Engines, Limits, State};
use store::Id;

pub(crate) use self::{containers::Containers, readers::Readers, recording::Recording};
use crate::{
    error::{Error, Outcome},
    input::{Next, Way},
    output::{Verbosity, plural},
};

/// The way of the records of a live source.
pub(crate) struct Pipeline {
    pub(crate) state: State,
    way: Way,
    pub(crate) readers: Readers,
    pub(crate) recording: Option<Recording>,
    /// What was kept, once alerts have ended.
    pub(crate) kept: Option<Kept>,
    pub(crate) outcome: Outcome,
}

/// Incidents that were kept.
pub(crate) struct Kept {
    pub(crate) count: u64,
    pub(crate) last: Id,
    pub(crate) folder: PathBuf,
}

impl Pipeline {
    /// Nothing has happened yet. `hostname` is the host's name in place of its own.
    pub(crate) fn new(
        hostname: Option<String>,
        engines: Option<Engines>,
        readers: Readers,
        recording: Option<Recording>,
    ) -> Self {
        let mut state = State::new(Limits::default());
        state.set_engines(engines.unwrap_or_default());
        let way = Way::begin(hostname, &mut state);
        Self { state, way, readers, recording, kept: None, outcome: Outcome::Done }
    }

    /// Whether nothing is kept of what happens: no incidents, no recording.
    pub(crate) fn keeps_nothing(&self) -> bool {
        let keeps = self.readers.watch.as_ref().is_some_and(|watch| watch.keeping.is_some());
        !keeps && self.recording.is_none()
    }

    /// Recording begins.
    pub(crate) fn begin(&mut self) {
        if let Some(recording) = &mut self.recording {
            recording.begin();
        }
    }

    /// A record.
    pub(crate) fn record(&mut self, record: &Record<'_>) -> Next {
        let named;
        let record = match record {
            Record::Machine(machine) => {
                named = Record::Machine(self.way.named(*machine));
                &named
            }
            other => other,
        };
        if let Some(recording) = &mut self.recording {
            recording.write(record);
        }
        // They have nothing to refuse: what cannot be told live is kept for the end.
        let next = self.way.record(record, &mut self.state, &mut self.readers);
        next.unwrap_or_else(|error| {
            self.failed(&error);
            Next::Continue
        })
    }

    /// Hands on what waits to be written, if it has waited long enough. Says whether nothing more can
    /// be written since now.
    pub(crate) fn flush(&mut self) -> Writing {
        let Some(recording) = &mut self.recording else { return Writing::AsBefore };
        recording.flush();
        let Some(error) = recording.failure() else { return Writing::AsBefore };
        self.failed(&error);
        Writing::Ended
    }

    /// Something of ours went wrong, while what is recorded goes on.
    pub(crate) fn failed(&mut self, error: &Error) {
        say!("{error}");
        self.outcome = self.outcome.and(Outcome::InPart);
    }

    /// Ends the recording. Says how many strings were cut in it.
    pub(crate) fn end_recording(&mut self) -> u64 {
        match self.recording.as_mut().map(Recording::finish).transpose() {
            Ok(shortened) => shortened.flatten().unwrap_or(0),
            Err(error) => {
                self.failed(&error);
                0
            }
        }
    }

    /// Keeps what is in use, if it is time to. `now_ns` is the source's time.
    pub(crate) fn keep_uses(&mut self, now_ns: u64) {
        if let Some(uses) = &mut self.readers.uses {
            uses.tick(now_ns, &self.state);
        }
    }

    /// Keeps what is in use a last time.
    pub(crate) fn end_uses(&mut self) {
        if let Some(mut uses) = self.readers.uses.take() {
            uses.end(&self.state);
            self.outcome = self.outcome.and(uses.finish());
        }
    }

    /// Delivers alerts that wait, and closes incidents.
    pub(crate) fn end_alerts(&mut self, verbosity: Verbosity) {
        let Some(mut watch) = self.readers.watch.take() else {
            if verbosity != Verbosity::Quiet {
                say!("{}", plural(self.readers.events, "event"));
            }
            return;
        };
        if let Err(error) = watch.end_of_recording() {
            self.failed(&error);
        }
        self.kept = watch.keeping.as_ref().and_then(|keeping| {
            let (count, last) = keeping.kept()?;
            Some(Kept { count, last, folder: keeping.folder().to_owned() })
        });
        match watch.finish(verbosity) {
            Ok(outcome) => self.outcome = self.outcome.and(outcome),
            Err(error) => self.failed(&error),
        }
    }

    /// Where more is to be found.
    pub(crate) fn pointers(&self) {
        if let Some(Kept { count, last, folder }) = &self.kept {
            let (kept, folder) = (plural(*count, "incident"), folder.display());
            say!("{kept} kept; to see the last: watchkeeper incident show {last} --store {folder}");
        }
        if let Some(recording) = self.recording.as_ref().filter(|it| it.is_whole()) {
            let path = recording.path.display();
            say!("recorded in {path}; to see it: watchkeeper timeline {path}");
        }
    }
}

/// Whether the recording is written on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Writing {
    AsBefore,
    /// It could not be, and why has been said.
    Ended,
}
