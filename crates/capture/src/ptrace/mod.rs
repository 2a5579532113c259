//! One command and all that it starts, recorded with `ptrace(2)`: no privilege is needed.
//!
//! A thread of its own ([`engine`]) is the tracer. A seccomp [`filter`] in the command makes only
//! calls that are recorded stop ([`calls`] says which); where no filter can be set, every call does,
//! which is slower and records the same. Each call stops twice: before the kernel runs it, to read
//! what it is given, and behind it, to make its event. Events go through a [`queue`] to the thread
//! that reads, in the order in which calls returned; when the reader is slow the command waits, so
//! that none is lost.

mod calls;
mod engine;
mod filter;
mod launch;
mod memory;
mod numbers;
mod process;
mod queue;
mod socket;
mod sys;
mod thread;
mod waits;

use std::{
    ffi::OsString,
    io,
    path::PathBuf,
    sync::Arc,
    thread::{Builder, JoinHandle},
    time::Duration,
};

use event::{batch::Batch, snapshot::Record};
use thiserror::Error;

pub use calls::Counts;
use queue::Queue;

pub use crate::Next;
use crate::proc::Snapshot;

/// Why a command cannot be traced.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// No command was given.
    #[error("no command to trace")]
    NoCommand,
    /// A word of the command has a NUL in it.
    #[error("{0:?}: has a NUL byte in it")]
    Nul(OsString),
    /// There is no such program.
    #[error("{}: no such program", .0.display())]
    NotFound(OsString),
    /// The program cannot be run.
    #[error("{}: cannot be run: {source}", path.display())]
    NotExecutable {
        /// Its file.
        path: PathBuf,
        /// What the kernel says.
        source: io::Error,
    },
    /// The command could not be started.
    #[error("the command could not be started: {0}")]
    Start(io::Error),
    /// Tracing is not allowed here.
    #[error("this process may not trace others: {0}")]
    Denied(io::Error),
    /// A process cannot be attached to.
    #[error("process {pid} cannot be traced: {source}")]
    Attach {
        /// Which.
        pid: i32,
        /// What the kernel says.
        source: io::Error,
    },
    /// Registers and 32-bit calls are those of x86-64.
    #[error("commands can be traced on x86-64 alone; 'watchkeeper run' records this host")]
    Processor,
    /// The kernel lacks `PTRACE_GET_SYSCALL_INFO`.
    #[error("this kernel cannot tell a tracer about system calls; Linux 5.3 or later is needed")]
    OldKernel,
    /// Waiting for the command failed.
    #[error("the tracer failed: {0}")]
    Tracer(io::Error),
}

/// What to trace.
#[derive(Clone, Debug)]
pub enum Target {
    /// A command, with its arguments.
    Command(Vec<OsString>),
    /// Processes that run, with all their threads.
    Running(Vec<i32>),
}

/// How to trace.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Calls not to record, by name. What they do is then missing from the record.
    pub skip: Vec<String>,
    /// Stop at every call rather than to set a filter.
    pub without_filter: bool,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The command's own end; `None` if it goes on, untraced.
    pub status: Option<ExitStatus>,
    /// What was counted.
    pub counts: Counts,
    /// Why tracing ended before the command did.
    pub failure: Option<String>,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// With this code.
    Code(i32),
    /// Killed by this signal.
    Signal(i32),
}

/// Something that the user ought to know about the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// No filter could be set, so every call stops: slower.
    NoFilter(String),
    /// A program that should have gained privileges ran without them.
    PrivilegesWithheld {
        /// Process.
        pid: i32,
        /// The program's file.
        path: Vec<u8>,
    },
    /// The program wanted to trace another one, which is traced by us.
    TracerRefused {
        /// Process.
        pid: i32,
    },
    /// A program set a filter whose calls a listener answers, so every call of it stops from here.
    Listener {
        /// Process.
        pid: i32,
    },
    /// A program makes calls of the x32 ABI, which are not decoded.
    Undecoded {
        /// Process.
        pid: i32,
    },
    /// The command was stopped, as by ^Z, and stays so until it gets a `SIGCONT`.
    Stopped {
        /// Process.
        pid: i32,
        /// The signal that did it.
        signal: i32,
    },
    /// The command has ended, and these go on.
    LeftBehind {
        /// How many processes.
        processes: usize,
    },
}

/// A call that is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedCall {
    /// Its name, as the kernel has it.
    pub name: &'static str,
    /// Which of its uses are recorded, in words; `None`: all.
    pub only: Option<String>,
}

/// The calls that are recorded, by name.
pub fn recorded_calls() -> Vec<RecordedCall> {
    let mut all: Vec<RecordedCall> = calls::all()
        .map(|row| RecordedCall { name: row.name, only: row.when.in_words() })
        .collect();
    all.sort_by_key(|call| call.name);
    all
}

/// Numbers of the recorded calls and their names.
pub(crate) fn native_numbers() -> impl Iterator<Item = (u32, &'static str)> {
    calls::all().map(|row| (row.number, row.name))
}

pub(crate) use calls::compat::ways as compat_ways;

/// A command that is traced, as a source of records.
///
/// As long as nobody reads, the command waits, once some MiB of events do. When this is dropped, the
/// command goes on to its end with nothing recorded, as slow as before; it dies with this process.
/// What was attached to goes on in either case.
#[derive(Debug)]
pub struct Trace {
    queue: Arc<Queue>,
    control: Arc<engine::Control>,
    tracer: Option<JoinHandle<()>>,
    snapshot: Snapshot,
    told: usize,
    batch: Batch,
    at: usize,
}

impl Trace {
    /// Starts the command, or attaches to what runs.
    ///
    /// While it lasts no thread of this process may wait for just any child (`waitpid(-1)`), nor for
    /// one that is traced: it would take what the tracer waits for.
    ///
    /// Signals that are blocked in the calling thread stay so in the command only as far as `mask`
    /// says.
    ///
    /// # Errors
    /// [`Error`], before anything of the command has run.
    pub fn start(target: Target, options: Options, mask: libc::sigset_t) -> Result<Self, Error> {
        if cfg!(not(target_arch = "x86_64")) {
            return Err(Error::Processor);
        }
        let queue = Arc::new(Queue::default());
        let control = Arc::new(engine::Control::default());
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let (their_queue, their_control) = (Arc::clone(&queue), Arc::clone(&control));
        let tracer = Builder::new()
            .name("tracer".to_owned())
            .spawn(move || engine::run(target, options, mask, their_queue, &their_control, &tell))
            .map_err(Error::Start)?;
        let gone = || Error::Tracer(io::Error::other("it ended at once"));
        told.recv().map_err(|_| gone())??;
        let snapshot = queue.take_snapshot().unwrap_or_default();
        let (tracer, batch) = (Some(tracer), Batch::default());
        Ok(Self { queue, control, tracer, snapshot, told: 0, batch, at: 0 })
    }

    /// The next record, waiting for at most so long; without a limit, until there is one or a note.
    pub fn next_within(&mut self, within: Option<Duration>) -> Next<'_> {
        if self.told < self.snapshot.len() {
            self.told += 1;
            return self.snapshot.record(self.told - 1).map_or(Next::Nothing, Next::Record);
        }
        // The end of the batch is looked for before it is borrowed for the answer.
        if self.batch.next(&mut { self.at }).is_none() {
            if !self.queue.pop(&mut self.batch, within) {
                let ended = self.queue.ended().is_some();
                return if ended { Next::End } else { Next::Nothing };
            }
            self.at = 0;
        }
        match self.batch.next(&mut self.at) {
            Some(event) => Next::Record(Record::Event(event)),
            None => Next::Nothing,
        }
    }

    /// What the user ought to know, since the last time this was asked.
    pub fn notes(&self) -> Vec<Note> {
        self.queue.take_notes()
    }

    /// How the command ended, if it has, and every event was read.
    pub fn ended(&self) -> Option<Ended> {
        self.queue.ended()
    }

    /// What ends or stops a trace from another thread.
    pub fn handle(&self) -> Handle {
        Handle { control: Arc::clone(&self.control), queue: Arc::clone(&self.queue) }
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        self.queue.abandon();
        if let Some(tracer) = self.tracer.take()
            && self.queue.ended().is_some()
        {
            let _ = tracer.join();
        }
    }
}

/// Reaches a trace from another thread.
#[derive(Clone, Debug)]
pub struct Handle {
    control: Arc<engine::Control>,
    queue: Arc<Queue>,
}

impl Handle {
    /// Sends a signal to the command.
    pub fn signal(&self, signal: i32) {
        self.control.signal(signal);
    }

    /// Kills all that is traced.
    pub fn kill(&self) {
        self.ask(engine::Wish::Kill);
    }

    /// Lets go of what was attached to, to run on untraced.
    ///
    /// A command under a filter can't be let go of, for without a tracer each call that the filter
    /// stops fails; it stays traced.
    pub fn detach(&self) {
        self.ask(engine::Wish::Detach);
    }

    /// A tracer that waits for the reader is let go on first: the reader may be the one who asks.
    fn ask(&self, wish: engine::Wish) {
        self.control.wish(wish);
        self.queue.hurry();
        self.control.wait_heard();
    }
}
