//! From the start of the agent to its end.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    time::{Duration, Instant},
};

use capture::{
    Next as Came, Record,
    ebpf::{self, Live, Options, Terminals},
};
use inuse::Scope;
use rules::load::Loaded;

use super::{
    Args, calls,
    priority::Leave,
    reload::{self, Reloaded, Reloader},
    report,
    sandbox::{self, Attaching, Needs, Programs},
    signals::Signals,
};
use crate::{
    alerts::{Lines, Printing, Watch},
    config::InUse,
    detector::{Detector, Recipe},
    error::{Error, Outcome},
    in_use::{Uses, mapped},
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
    recipe: Recipe,
    /// `None` where rules came with the program and do not change.
    reloader: Option<Reloader>,
    /// Which calls are recorded.
    options: Options,
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
    /// Loads the rules, attaches the programs, gives up what is not needed any more, opens all that is
    /// written to.
    ///
    /// # Errors
    /// Whatever is wrong with any of them; nothing is left attached.
    pub(super) fn start(args: &Args, verbosity: Verbosity) -> Result<Self, Error> {
        let signals = Signals::heed().map_err(usage)?;
        let recipe = args.alerts.recipe();
        let seen = recipe.sources.paths().map(reload::look).unwrap_or_default();
        let (detector, loaded) = recipe.make()?;
        let mut calls = if args.all_calls { None } else { calls::needed(&detector.engine) };
        if let Some(calls) = calls.as_mut().filter(|_| keeps_uses(args)) {
            calls.extend(calls::OF_USES.map(str::to_owned));
        }
        let options = Options { calls, terminals: terminals(args)?, ..Options::default() };
        let needs = needs(args, &recipe)?;
        let live = Live::start(&options).map_err(|error| usage(cannot_record(&error)))?;
        // While that may be read.
        let mapped = if keeps_uses(args) { mapped::all() } else { Vec::new() };
        let leave = Leave::take();
        sandbox::enter(&needs)?;
        let rules = detector.rules.len();
        let mut pipeline = pipeline(args, (detector, &loaded), verbosity)?;
        if let Some(uses) = &mut pipeline.readers.uses {
            uses.found(mapped);
        }
        let containers = containers(args)?;
        let reloader = Reloader::start(recipe.clone(), seen).map_err(usage)?;
        if verbosity != Verbosity::Quiet {
            report::started(&live, &options, &recipe, rules);
        }
        // Threads that are there by now do not come first.
        if let Some(leave) = leave {
            leave.make_use();
        }
        let is_for_readers_alone = pipeline.keeps_nothing();
        let until = args.duration.map(|it| Instant::now() + Duration::from_nanos(it.ns()));
        Ok(Self {
            verbosity,
            signals,
            recipe,
            reloader,
            options,
            live,
            pipeline,
            containers,
            is_for_readers_alone,
            until,
        })
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
            // Looked at where it is: records are large.
            match &self.live.next_within(TICK) {
                Came::Record(Record::Event(event)) if event.ts_ns > until_ns => return Going::Over,
                Came::Record(record) => match &mut self.containers {
                    Some(containers) => containers.record(record, &mut self.pipeline),
                    None => {
                        self.pipeline.record(record);
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
        self.pipeline.keep_uses(self.live.now_ns());
        if self.pipeline.flush() == Writing::Ended {
            say!("alerts go on, and nothing is recorded any further");
        }
        self.reload();
        let mut is_unheard = false;
        if let Some(watch) = &mut self.pipeline.readers.watch {
            // What cannot be told live is kept for the end.
            let _ = watch.tick(self.live.now_ns());
            is_unheard = self.is_for_readers_alone && watch.is_unheard();
        }
        let is_late = self.until.is_some_and(|until| Instant::now() >= until);
        if is_unheard || is_late || self.signals.are_to_end() { Going::Over } else { Going::On }
    }

    /// Has rules loaded again, and takes in those that were.
    fn reload(&mut self) {
        let is_asked = self.signals.are_to_reload();
        let Some(reloader) = &self.reloader else {
            if is_asked {
                say!("the default rules came with the program; there is nothing to load again");
            }
            return;
        };
        if is_asked {
            reloader.ask();
        }
        if let Some(made) = reloader.made() {
            self.reloaded(made);
        }
    }

    /// The old rules go on until the calls are recorded that the new ones need; where they are wrong,
    /// they go on altogether.
    fn reloaded(&mut self, made: Reloaded) {
        let (detector, loaded) = match made {
            Ok(made) => made,
            Err(error) => {
                say!("{error}");
                say!("the rules go on as they were, for the files are wrong");
                return;
            }
        };
        self.record_for(&detector);
        if self.verbosity != Verbosity::Quiet {
            report::reloaded(&self.recipe, &loaded, detector.rules.len());
        }
        if let Some(watch) = &mut self.pipeline.readers.watch {
            // What cannot be told live is kept for the end.
            let _ = watch.replace(detector);
        }
    }

    /// Has the calls recorded that these rules need. Those that no rule needs any longer go on.
    fn record_for(&mut self, detector: &Detector) {
        let Some(recorded) = &self.options.calls else { return };
        let needed = calls::needed(&detector.engine);
        if needed.as_ref().is_some_and(|needed| needed.is_subset(recorded)) {
            return;
        }
        let together = |needed: BTreeSet<String>| &needed | recorded;
        let options = Options { calls: needed.map(together), ..self.options.clone() };
        match self.live.add(&options) {
            Ok(()) => self.options = options,
            Err(error) => {
                let why = "what the new rules need besides is not recorded";
                self.pipeline.failed(&Error::Usage(format!("{why}: {error}")));
            }
        }
    }

    /// Takes in what happened before now and waits to be read.
    fn drain(&mut self) {
        // What was lost until now is told in the recording, too.
        self.live.look_now();
        let (began, until_ns) = (Instant::now(), now_ns());
        loop {
            let before = self.pipeline.readers.events;
            let going = self.records(until_ns);
            let is_quiet = self.pipeline.readers.events == before;
            let took = began.elapsed();
            if going == Going::Over || is_quiet && took >= LAST_EVENTS {
                return;
            }
            if took >= LONGEST_END {
                let (secs, why) = (LONGEST_END.as_secs(), "there was more to read than it could");
                let what = format!("what happened last is not all told: {why} in {secs} s");
                return self.pipeline.failed(&Error::Usage(what));
            }
        }
    }

    /// Ends all of it and tells what there is to tell.
    pub(super) fn finish(mut self) -> Outcome {
        if let Some(containers) = &mut self.containers {
            containers.end(|| self.live.now_ns(), &mut self.pipeline);
        }
        let shortened = self.pipeline.end_recording();
        self.pipeline.end_uses();
        self.pipeline.end_alerts(self.verbosity);
        if self.verbosity != Verbosity::Quiet {
            report::ended(&self.pipeline, &self.live, self.containers.as_ref(), shortened);
        }
        self.pipeline.outcome
    }
}

/// Whether terminals are recorded, by the command line or the configuration.
fn terminals(args: &Args) -> Result<Terminals, Error> {
    if args.tty { Ok(Terminals::Recorded) } else { Ok(args.alerts.config()?.terminals) }
}

/// Why this host cannot be recorded, and who knows more.
fn cannot_record(error: &ebpf::Error) -> String {
    format!(
        "{error}; watchkeeper doctor --load tells what is missing here, and watchkeeper trace -- COMMAND \
         records one command without it"
    )
}

/// What it has to be able to do once it runs.
fn needs(args: &Args, recipe: &Recipe) -> Result<Needs, Error> {
    let places = args.alerts.places()?;
    let attaching =
        if recipe.sources.paths().is_some() { Attaching::MayGoOn } else { Attaching::Done };
    Ok(Needs {
        writes: places.writes.into_iter().chain(args.output.clone()).collect(),
        programs: if places.has_programs { Programs::Run } else { Programs::None },
        attaching,
    })
}

/// Opens all that is written to.
fn pipeline(
    args: &Args,
    made: (Detector, &Loaded),
    verbosity: Verbosity,
) -> Result<Pipeline, Error> {
    let recording = args.output.as_ref();
    let recording = recording.map(|path| Recording::open(path, args.compression)).transpose()?;
    let printing =
        Printing { form: args.format, counting: false, limit: None, lines: Lines::Queued };
    let mut watch = Watch::of(made, &args.alerts, None, printing, verbosity)?;
    if let Some(keeping) = &mut watch.keeping {
        keeping.begin(&args.output.clone().unwrap_or_else(|| PathBuf::from("this host")))?;
    }
    let mut uses = None;
    if let Some(keeping) = watch.keeping.as_ref().filter(|_| keeps_uses(args)) {
        uses = Some(Uses::start(keeping.store(), Scope::Whole)?);
    }
    let readers = Readers { watch: Some(watch), uses, ..Readers::default() };
    Ok(Pipeline::new(args.hostname.clone(), args.engines, readers, recording))
}

/// Whether what is in use is kept: where there is a store, unless the configuration says otherwise.
fn keeps_uses(args: &Args) -> bool {
    let keeps = args.alerts.config().is_ok_and(|config| config.in_use == InUse::Keep);
    keeps && args.alerts.store().is_ok_and(|store| store.is_some())
}

/// Begins to ask container engines.
fn containers(args: &Args) -> Result<Option<Containers>, Error> {
    let settings = args.alerts.config()?.containers.settings();
    Containers::start(args.engines.unwrap_or_default(), settings)
        .map_err(|error| Error::Usage(format!("container engines cannot be asked: {error}")))
}

fn usage(error: impl ToString) -> Error {
    Error::Usage(error.to_string())
}
