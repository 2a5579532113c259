//! Captures as input: opened, counted for the progress bar, and read through the state.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use capture::{
    Source,
    file::{Ahead, Pace, ReadStats, Reader},
};
use event::snapshot::{Machine, Record};
use indicatif::ProgressBar;
use state::{Context, Counters, State};

use crate::{
    error::{Error, Outcome},
    output::{self, Verbosity},
    when::Span,
};

/// A capture being read.
pub(crate) struct Input {
    path: PathBuf,
    reader: Ahead<Counted>,
    bar: ProgressBar,
    hostname: Option<String>,
}

/// Reads and tells the progress bar.
pub(crate) struct Counted {
    inner: Box<dyn Read + Send>,
    bar: ProgressBar,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bar.inc(read as u64);
        Ok(read)
    }
}

/// Whether to go on with a recording.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    Continue,
    Stop,
}

/// What follows a recording through the state, event by event.
pub(crate) trait Follow {
    /// What is no event was taken into the state.
    fn entry(&mut self, _record: &Record<'_>) {}

    /// An event is about to be taken into the state.
    fn before(&mut self, _state: &State) {}

    /// An event, in its context.
    fn event(&mut self, context: &Context<'_>) -> Result<Next, Error>;
}

impl<F: FnMut(&Context<'_>) -> Result<Next, Error>> Follow for F {
    fn event(&mut self, context: &Context<'_>) -> Result<Next, Error> {
        self(context)
    }
}

/// The way of records through the state, to who follows it.
pub(crate) struct Way {
    hostname: Option<String>,
}

impl Way {
    /// A recording begins. `hostname` is the host's name, in place of the one that it tells.
    pub(crate) fn begin(hostname: Option<String>, state: &mut State) -> Self {
        let way = Self { hostname };
        state.record(&Record::Machine(way.named(Machine::default())));
        way
    }

    /// The machine with the name that it is to have.
    pub(crate) fn named<'a>(&'a self, machine: Machine<'a>) -> Machine<'a> {
        let hostname = self.hostname.as_ref().map_or(machine.hostname, |name| name.as_bytes());
        Machine { hostname, ..machine }
    }

    /// A record.
    ///
    /// # Errors
    /// Whatever the follower's are.
    pub(crate) fn record(
        &self,
        record: &Record<'_>,
        state: &mut State,
        follower: &mut impl Follow,
    ) -> Result<Next, Error> {
        match record {
            Record::Event(event) => {
                follower.before(state);
                follower.event(&state.event(*event))
            }
            Record::Machine(machine) => {
                state.record(&Record::Machine(self.named(*machine)));
                Ok(Next::Continue)
            }
            other => {
                state.record(other);
                follower.entry(other);
                Ok(Next::Continue)
            }
        }
    }
}

impl Input {
    /// Opens a capture; `-` is stdin.
    pub(crate) fn open(path: &Path, verbosity: Verbosity) -> Result<Self, Error> {
        let at = |source| Error::File { path: path.to_owned(), source };
        let (inner, total): (Box<dyn Read + Send>, Option<u64>) = if path.as_os_str() == "-" {
            (Box::new(io::stdin()), None)
        } else {
            let file = File::open(path).map_err(at)?;
            let meta = file.metadata().map_err(at)?;
            if meta.is_dir() {
                return Err(at(io::Error::other("is a folder, not a capture file")));
            }
            (Box::new(file), meta.is_file().then_some(meta.len()))
        };
        Self::new(inner, total, path, verbosity)
    }

    /// Reads a capture from a file that is open, and calls it `name`.
    pub(crate) fn of_file(file: File, name: &Path, verbosity: Verbosity) -> Result<Self, Error> {
        let bytes = file.metadata().map(|meta| meta.len()).unwrap_or_default();
        Self::new(Box::new(file), Some(bytes), name, verbosity)
    }

    /// `total` is how many bytes there are, if that is known.
    fn new(
        inner: Box<dyn Read + Send>,
        total: Option<u64>,
        name: &Path,
        verbosity: Verbosity,
    ) -> Result<Self, Error> {
        let bar = output::progress(total, verbosity);
        let reader = Reader::new(Counted { inner, bar: bar.clone() })
            .map_err(|source| Error::Capture { path: name.to_owned(), source })?;
        let pace = if total.is_some() { Pace::Batches } else { Pace::AtOnce };
        Ok(Self { path: name.to_owned(), reader: Ahead::new(reader, pace), bar, hostname: None })
    }

    /// Gives the host another name than the capture does.
    pub(crate) fn rename_host(&mut self, name: &str) {
        self.hostname = Some(name.to_owned());
    }

    /// Hands every record to `each` until it stops or the capture ends. Damage is said on stderr;
    /// what came before it has been handed on.
    pub(crate) fn records(
        &mut self,
        mut each: impl FnMut(Record<'_>) -> Result<Next, Error>,
    ) -> Result<Outcome, Error> {
        let outcome = loop {
            match self.reader.next() {
                Ok(Some(record)) => {
                    if each(record)? == Next::Stop {
                        break Outcome::Done;
                    }
                }
                Ok(None) => break Outcome::Done,
                Err(error) => {
                    self.say(&error.to_string());
                    break Outcome::InPart;
                }
            }
        };
        Ok(outcome)
    }

    /// As [`Input::records`], but runs them through `state` and hands on events in their context.
    pub(crate) fn contexts(
        &mut self,
        state: &mut State,
        each: impl FnMut(&Context<'_>) -> Result<Next, Error>,
    ) -> Result<Outcome, Error> {
        let mut each = each;
        self.follow(state, &mut each)
    }

    /// As [`Input::contexts`], for who also wants to know what the state was before an event.
    pub(crate) fn follow(
        &mut self,
        state: &mut State,
        follower: &mut impl Follow,
    ) -> Result<Outcome, Error> {
        let way = Way::begin(self.hostname.take(), state);
        let outcome = self.records(|record| way.record(&record, state, follower))?;
        self.say_evictions(state.counters());
        Ok(outcome)
    }

    /// Says what the state had to forget, for values may be missing because of it.
    pub(crate) fn say_evictions(&self, counters: Counters) {
        if let Some(text) = evictions(counters) {
            self.say(&text);
        }
    }

    /// A line on stderr that leaves the progress bar whole.
    pub(crate) fn say(&self, text: &str) {
        self.bar.suspend(|| say!("{}: {text}", self.path.display()));
    }

    /// What the reader counted so far.
    pub(crate) fn stats(&self) -> ReadStats {
        self.reader.stats()
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// What the state had to forget, in words.
pub(crate) fn evictions(counters: Counters) -> Option<String> {
    let Counters { threads_evicted, fds_evicted, containers_evicted } = counters;
    let any = [threads_evicted, fds_evicted, containers_evicted].iter().any(|&count| count > 0);
    any.then(|| {
        format!(
            "more was going on than is remembered: {threads_evicted} threads, {fds_evicted} fds \
             and {containers_evicted} containers were forgotten; values may be missing"
        )
    })
}

/// Reads a whole capture for the times of its first and last event. Damage is not said here but
/// when the capture is read again.
pub(crate) fn span(path: &Path, verbosity: Verbosity) -> Result<Option<Span>, Error> {
    if !path.metadata().is_ok_and(|meta| meta.is_file()) {
        return Err(Error::Usage(format!(
            "{}: a time before the end of the recording needs a file, not a pipe: the end is not \
             known before everything is read",
            path.display()
        )));
    }
    let mut input = Input::open(path, verbosity)?;
    let mut span: Option<Span> = None;
    while let Ok(Some(record)) = input.reader.next() {
        if let Record::Event(event) = record
            && event.ts_ns != 0
        {
            let ts = event.ts_ns;
            let found = span.get_or_insert(Span { first_ts_ns: ts, last_ts_ns: ts });
            found.last_ts_ns = found.last_ts_ns.max(ts);
        }
    }
    Ok(span)
}
