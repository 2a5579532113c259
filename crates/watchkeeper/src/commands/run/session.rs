//! From the start of the agent to its end.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use capture::{
    Next as Came, Record,
    ebpf::{Live, Options},
};

use super::{Args, calls, report, signals::Signals};
use crate::{
    alerts::{Lines, Printing, Watch},
    error::{Error, Outcome},
    live::{Containers, Pipeline, Readers, Recording, Writing},
    output::Verbosity,
    when::now_ns,
};

/// So long nothing may come before it is looked whether there is something else to do.
const TICK: Duration = Duration::from_millis(100);
/// And after so many records in a row.
const RECORDS: u32 = 1024;
/// When it ends, events of before may be in the making for so long.
const LAST_EVENTS: Duration = Duration::from_millis(50);
/// However much there is to read: when it ends, no more is read after this time.
const LONGEST_END: Duration = Duration::from_secs(5);

/// The agent at work.
pub(super) struct Session {
    verbosity: Verbosity,
    signals: Signals,
    live: Live,
    pipeline: Pipeline,
    /// `None` where no engine is asked about containers.
    containers: Option<Containers>,
    /// Where alerts are told to somebody who may go away, and nothing else is kept.
    is_for_readers_alone: bool,
    until: Option<Instant>,
}

/// Whether to go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Going {
    On,
    Over,
}

impl Session {
    /// Loads the rules, attaches the programs, opens all that is written to.
    ///
    /// # Errors
    /// Whatever is wrong with any of them; nothing is left attached.
    pub(super) fn start(args: &Args, verbosity: Verbosity) -> Result<Self, Error> {
        let signals = Signals::heed().map_err(|error| Error::Usage(error.to_string()))?;
        let recipe = args.alerts.recipe();
        let (detector, loaded) = recipe.make()?;
        let calls = if args.all_calls { None } else { calls::needed(&detector.engine) };
        let options = Options { calls, ..Options::default() };
        let live = Live::start(&options).map_err(|error| Error::Usage(error.to_string()))?;
        let recording = args.output.as_ref();
        let recording =
            recording.map(|path| Recording::open(path, args.compression)).transpose()?;
        let printing =
            Printing { form: args.format, counting: false, limit: None, lines: Lines::Queued };
        let rules = detector.rules.len();
        let made = (detector, &loaded);
        let mut watch = Watch::of(made, &args.alerts, None, printing, verbosity)?;
        let source = args.output.clone().unwrap_or_else(|| PathBuf::from("this host"));
        if let Some(keeping) = &mut watch.keeping {
            keeping.begin(&source)?;
        }
        let is_for_readers_alone = watch.keeping.is_none() && recording.is_none();
        let readers = Readers { watch: Some(watch), ..Readers::default() };
        let settings = args.alerts.config()?.containers.settings();
        let containers = Containers::start(args.engines.unwrap_or_default(), settings)
            .map_err(|error| Error::Usage(format!("container engines cannot be asked: {error}")))?;
        let pipeline = Pipeline::new(args.hostname.clone(), args.engines, readers, recording);
        if verbosity != Verbosity::Quiet {
            report::started(&live, options.calls.as_ref(), &recipe, rules);
        }
        let until = args.duration.map(|it| Instant::now() + Duration::from_nanos(it.ns()));
        Ok(Self { verbosity, signals, live, pipeline, containers, is_for_readers_alone, until })
    }

    /// Follows what happens until it is time to end.
    pub(super) fn follow(&mut self) {
        self.pipeline.begin();
        while self.records(u64::MAX) == Going::On && self.tick() == Going::On {}
        self.drain();
    }

    /// Takes in what there is, of before this time, ns since the epoch.
    fn records(&mut self, until_ns: u64) -> Going {
        for _ in 0..RECORDS {
            match self.live.next_within(TICK) {
                Came::Record(Record::Event(event)) if event.ts_ns > until_ns => return Going::Over,
                Came::Record(record) => match &mut self.containers {
                    Some(containers) => containers.record(&record, &mut self.pipeline),
                    None => {
                        self.pipeline.record(&record);
                    }
                },
                Came::Nothing => break,
                Came::End => return Going::Over,
            }
        }
        Going::On
    }

    /// What is to be done now and then.
    fn tick(&mut self) -> Going {
        if let Some(containers) = &mut self.containers {
            containers.tell(|| self.live.now_ns(), &mut self.pipeline);
        }
        if self.pipeline.flush() == Writing::Ended {
            say!("alerts go on, and nothing is recorded any further");
        }
        let mut is_unheard = false;
        if let Some(watch) = &mut self.pipeline.readers.watch {
            // What cannot be told live is kept for the end.
            let _ = watch.tick(now_ns());
            is_unheard = self.is_for_readers_alone && watch.is_unheard();
        }
        let is_late = self.until.is_some_and(|until| Instant::now() >= until);
        if is_unheard || is_late || self.signals.are_to_end() { Going::Over } else { Going::On }
    }

    /// Takes in what happened before now and waits to be read.
    fn drain(&mut self) {
        let (began, until_ns) = (Instant::now(), now_ns());
        loop {
            let before = self.pipeline.readers.events;
            let going = self.records(until_ns);
            let is_quiet = self.pipeline.readers.events == before;
            let took = began.elapsed();
            if going == Going::Over || is_quiet && took >= LAST_EVENTS || took >= LONGEST_END {
                return;
            }
        }
    }

    /// Ends all of it and tells what there is to tell.
    pub(super) fn finish(mut self) -> Outcome {
        if let Some(containers) = &mut self.containers {
            containers.end(|| self.live.now_ns(), &mut self.pipeline);
        }
        let shortened = self.pipeline.end_recording();
        self.pipeline.end_alerts(self.verbosity);
        report::ended(&self.pipeline, self.containers.as_ref(), shortened, self.verbosity);
        self.pipeline.outcome
    }
}
