//! From the start of a trace to its end.

use std::{path::PathBuf, rc::Rc, time::Duration};

use capture::ptrace::{Ended, Next as Came, Note, Trace};
use inuse::Scope;
use store::Access;
use timeline::build::{self, Builder};

use super::{
    Args,
    notes::Notes,
    report,
    signals::{self, Signals},
};
use crate::{
    alerts::{Lines, Printing, Watch},
    config::InUse,
    error::{Error, Outcome},
    files,
    in_use::{Uses, mapped},
    incidents::{Keeping, open},
    live::{Pipeline, Readers, Recording, Writing},
    output::Verbosity,
    when::now_ns,
};

/// So long nothing may come before it is looked whether there is something else to do.
const TICK: Duration = Duration::from_millis(100);
/// And after so many records in a row.
const RECORDS: u32 = 256;

/// What is done with what is traced.
pub(super) struct Session<'a> {
    pub(super) args: &'a Args,
    pub(super) verbosity: Verbosity,
    pub(super) pipeline: Pipeline,
    pub(super) notes: Notes,
}

impl<'a> Session<'a> {
    /// Prepares all that can be refused: rules, outputs, the store, files.
    ///
    /// # Errors
    /// Whatever is wrong with any of them.
    pub(super) fn new(args: &'a Args, verbosity: Verbosity) -> Result<Self, Error> {
        args.check_names()?;
        let recording = args.output.as_ref();
        let recording =
            recording.map(|path| Recording::open(path, args.compression)).transpose()?;
        for path in args.html.iter().chain(args.timeline.iter().flatten()) {
            files::check(path).map_err(|source| Error::File { path: path.clone(), source })?;
        }
        let printing =
            Printing { form: args.format, counting: false, limit: None, lines: Lines::Stderr };
        let watch = args.alerts.are_asked_for().then(|| {
            let mut watch = Watch::new(&args.alerts, None, printing, verbosity)?;
            if let Some(keeping) = &mut watch.keeping {
                keeping.begin(&source(args))?;
            }
            Ok::<_, Error>(watch)
        });
        let builder = args.tells(verbosity).then(|| Builder::new(build::Limits::default()));
        let watch = watch.transpose()?;
        let uses = uses(args, watch.as_ref(), verbosity)?;
        let readers = Readers { watch, builder, uses, events: 0 };
        let pipeline = Pipeline::new(args.hostname.clone(), args.engines, readers, recording);
        Ok(Self { args, verbosity, pipeline, notes: Notes::default() })
    }

    /// The command runs.
    pub(super) fn begin(&mut self) {
        self.pipeline.begin();
    }

    /// Follows what is traced to its end.
    pub(super) fn follow(&mut self, trace: &mut Trace, held: &Signals) -> Option<Ended> {
        loop {
            let mut is_over = false;
            for _ in 0..RECORDS {
                match trace.next_within(Some(TICK)) {
                    Came::Record(record) => {
                        self.pipeline.record(&record);
                    }
                    Came::Nothing => break,
                    Came::End => {
                        is_over = true;
                        break;
                    }
                }
            }
            self.tick(trace, held);
            if is_over {
                return trace.ended();
            }
        }
    }

    /// What is to be done now and then.
    fn tick(&mut self, trace: &Trace, held: &Signals) {
        for note in trace.notes() {
            if let Note::Stopped { pid, signal } = note {
                signals::stop_with(pid, signal);
                continue;
            }
            if matches!(note, Note::LeftBehind { .. }) {
                held.left_behind();
                if self.args.kill_leftovers {
                    held.kill();
                    continue;
                }
            }
            if let Some(text) = self.notes.add(&note).filter(|_| self.verbosity != Verbosity::Quiet)
            {
                say!("{text}");
            }
        }
        if let Some(watch) = &mut self.pipeline.readers.watch {
            // What cannot be told live is kept for the end.
            let _ = watch.tick(now_ns());
        }
        self.pipeline.keep_uses(now_ns());
        if self.pipeline.flush() == Writing::Ended {
            say!("the command goes on, and is not recorded any further");
        }
    }

    /// Ends all of it and tells what there is to tell.
    pub(super) fn finish(mut self, ended: Option<&Ended>) -> Outcome {
        report::finish(&mut self, ended);
        self.pipeline.outcome
    }
}

impl Args {
    /// Whether anything is told at the end.
    fn tells(&self, verbosity: Verbosity) -> bool {
        verbosity != Verbosity::Quiet || self.html.is_some() || self.timeline.is_some()
    }

    /// Whether each file has a name, and one of its own: of two in the same place one would be lost.
    fn check_names(&self) -> Result<(), Error> {
        let timeline = self.timeline.as_ref().and_then(Option::as_ref);
        let all = [("--output", self.output.as_ref()), ("--html", self.html.as_ref())];
        let all = all.into_iter().chain([("--timeline", timeline)]);
        let mut before: Vec<(&str, &PathBuf)> = Vec::new();
        for (option, path) in all.filter_map(|(option, path)| Some((option, path?))) {
            if path.as_os_str() == "-" {
                let why = "stdout is the command's; give a file's name";
                return Err(Error::Usage(format!("{option} -: {why}")));
            }
            if let Some((other, _)) = before.iter().find(|(_, it)| files::is_same(it, path)) {
                let path = path.display();
                return Err(Error::Usage(format!(
                    "{path}: {other} and {option} are the same file"
                )));
            }
            before.push((option, path));
        }
        Ok(())
    }
}

/// Where it is kept what is in use: in the store, if there is one.
fn uses(args: &Args, watch: Option<&Watch>, verbosity: Verbosity) -> Result<Option<Uses>, Error> {
    let Some(folder) = args.alerts.store()? else { return Ok(None) };
    if args.alerts.config()?.in_use == InUse::LeaveOut {
        return Ok(None);
    }
    let kept = watch.and_then(|watch| watch.keeping.as_ref()).map(Keeping::store);
    let store = match kept {
        Some(store) => store,
        None => Rc::new(open(&folder, Access::Write, verbosity)?),
    };
    let mut uses = Uses::start(store, Scope::Part)?;
    uses.found(mapped::of(args.pid.iter().map(|pid| i64::from(*pid))));
    Ok(Some(uses))
}

/// What incidents say that they are from.
fn source(args: &Args) -> PathBuf {
    let command = || args.command.first().map_or_else(|| "processes".into(), PathBuf::from);
    args.output.clone().unwrap_or_else(command)
}
