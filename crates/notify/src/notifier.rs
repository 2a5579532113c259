//! All outputs together.

use std::{io, path::PathBuf, sync::Arc, thread, time::Duration};

use event::alert::{Alert, Priority};
use thiserror::Error;

use crate::{
    file::FileSink,
    http::HttpSink,
    notice::{Change, Tell},
    program::{self, ProgramSink},
    queue::{Counters, Pushed, Queue},
    settings::{Output, Target},
    sink::Sink,
    stdout::StdoutSink,
    syslog::SyslogSink,
    worker::{Says, Worker},
};

/// Why an output cannot be set up.
#[derive(Debug, Error)]
pub enum Error {
    /// A file that cannot be opened or read.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Certificates or a key that cannot be used.
    #[error(transparent)]
    Certificates(#[from] client::Error),
    /// A thread that cannot be started.
    #[error("output {output}: no thread can be started: {source}")]
    Thread {
        /// The output.
        output: String,
        /// Why.
        source: io::Error,
    },
    /// Standard output is closed.
    #[error("stdout: {0}")]
    Stdout(io::Error),
}

/// An output that takes nothing any more: standard output was closed, or cannot be written.
#[derive(Debug, Error)]
#[error("output {output}: {source}")]
pub struct Ended {
    /// Which.
    pub output: String,
    /// Why.
    pub source: io::Error,
}

/// What one output did.
#[derive(Debug)]
pub struct Report {
    /// Its name.
    pub output: String,
    /// What happened to its alerts.
    pub counters: Counters,
    /// Why it ended before its time, if it did.
    pub ended: Option<io::Error>,
}

/// Sends alerts to outputs, each with a thread and a queue of its own.
pub struct Notifier {
    lines: Vec<Line>,
}

struct Line {
    name: String,
    min_priority: Priority,
    queue: Arc<Queue>,
    says: Says,
    grace: Duration,
}

impl Notifier {
    /// Sets up outputs: opens files, reads certificates, starts threads. What changes about them
    /// is told to `tell`.
    ///
    /// # Errors
    /// If one of them cannot be set up.
    pub fn start(outputs: &[Output], tell: &Tell) -> Result<Self, Error> {
        // All can be set up before any is started.
        let sinks = outputs.iter().map(sink).collect::<Result<Vec<_>, _>>()?;
        let lines = outputs.iter().zip(sinks).map(|(output, sink)| Line::start(output, sink, tell));
        Ok(Self { lines: lines.collect::<Result<_, _>>()? })
    }

    /// Sends an alert to every output that wants its priority. Returns at once, unless an output's
    /// [overflow policy](crate::Overflow) is to wait and its queue is full.
    ///
    /// # Errors
    /// If an output takes nothing any more. The others got the alert.
    pub fn send(&self, alert: Alert) -> Result<(), Ended> {
        let alert = Arc::new(alert);
        let mut ended = None;
        for line in self.lines.iter().filter(|line| alert.priority <= line.min_priority) {
            match line.queue.push(&alert) {
                Ok(Pushed::DroppedFirst) => line.says.say(Change::Full),
                Ok(Pushed::Queued | Pushed::Dropped) => {}
                Err(source) => ended = Some(Ended { output: line.name.clone(), source }),
            }
        }
        ended.map_or(Ok(()), Err)
    }

    /// Whether no output takes anything any more.
    pub fn has_ended(&self) -> bool {
        self.lines.iter().all(|line| line.queue.ended().is_some())
    }

    /// What every output did up to now, in the order of the outputs.
    pub fn reports(&self) -> Vec<Report> {
        self.lines.iter().map(Line::report).collect()
    }

    /// Delivers what waits, ends every output, and tells what each did. An output whose overflow
    /// policy is to drop has the time `patience`; one that waits has it for each alert; one that
    /// blocks has all the time it needs.
    pub fn shutdown(self, patience: Duration) -> Vec<Report> {
        for line in &self.lines {
            line.queue.close(patience);
        }
        for line in &self.lines {
            line.queue.wait_for_end(line.grace);
        }
        self.reports()
    }
}

/// Time that an output has to end after its last delivery.
const GRACE: Duration = Duration::from_millis(500);

impl Line {
    fn start(output: &Output, sink: Box<dyn Sink>, tell: &Tell) -> Result<Self, Error> {
        let name = output.to.name();
        let queue = Arc::new(Queue::new(output.bounds, output.overflow));
        let says = Says::new(&name, Arc::clone(tell));
        let worker =
            Worker { queue: Arc::clone(&queue), sink, retry: output.retry, tell: says.clone() };
        let thread = thread::Builder::new().name("output".to_owned());
        thread
            .spawn(move || worker.run())
            .map_err(|source| Error::Thread { output: name.clone(), source })?;
        let grace = match &output.to {
            Target::Program(program) => program::WRITE_TIME + program.grace + GRACE,
            _ => GRACE,
        };
        Ok(Self { name, min_priority: output.min_priority, queue, says, grace })
    }

    fn report(&self) -> Report {
        let counters = self.queue.counters();
        Report { output: self.name.clone(), counters, ended: self.queue.ended() }
    }
}

fn sink(output: &Output) -> Result<Box<dyn Sink>, Error> {
    let form = output.form;
    Ok(match &output.to {
        Target::Stdout => Box::new(StdoutSink::open(form, output.overflow).map_err(Error::Stdout)?),
        Target::File(file) => Box::new(FileSink::open(file.clone(), form)?),
        Target::Syslog(syslog) => Box::new(SyslogSink::new(syslog.clone(), form)),
        Target::Http(http) => Box::new(HttpSink::new(http, form)?),
        Target::Program(program) => Box::new(ProgramSink::new(program.clone(), form)),
    })
}
