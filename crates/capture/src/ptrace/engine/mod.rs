//! The tracing thread: waits for stops, and does for each what it asks for.

mod anew;
mod call;
mod family;
mod guard;
mod patience;
mod start;

use std::{
    collections::{HashMap, HashSet},
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI32, AtomicU8, Ordering},
        mpsc::SyncSender,
    },
    time::Duration,
};

use event::{
    loss,
    syscalls::{ASYNCEVENT_E, SIGNALDELIVER_E},
};

pub(super) use guard::Change;
use patience::Patience;

use super::{
    Ended, Error, ExitStatus, Note, Options, Target,
    calls::{self, Emit, Row},
    filter::Marks,
    launch::Started,
    process::{self, Processes},
    queue::Queue,
    sys::{self, Status, Until},
    thread::Thread,
};

/// `PTRACE_EVENT_STOP`, which libc has as another type on some targets.
const EVENT_STOP: i32 = 128;
/// Results that no program sees: the call begins anew, or fails with `EINTR`
/// (linux/errno.h: `ERESTARTSYS`, `ERESTARTNOINTR`, `ERESTARTNOHAND`, `ERESTART_RESTARTBLOCK`).
const RESTARTS: [i64; 4] = [-512, -513, -514, -516];

/// How often, and how many times, a tracer that is wanted is woken.
const WAKE_AGAIN: Duration = Duration::from_millis(5);
const WAKES: u32 = 200;

/// Most threads whose stops are taken together, so that what is wanted meanwhile is soon heard.
const MOST_TURNS: usize = 256;

/// What is said of a process once, however often it gives cause to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Said {
    Undecoded,
    TracerRefused,
}

/// What another thread wants of the tracer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    Kill = 1,
    Detach = 2,
}

const NO_WISH: u8 = u8::MAX;

/// What other threads reach of the tracer.
#[derive(Debug)]
pub(super) struct Control {
    wish: AtomicU8,
    /// The command's pid, once it runs.
    command: AtomicI32,
    /// The tracing thread's id, to be woken.
    tracer: AtomicI32,
    /// Whether the tracer knows what is wanted, or is gone.
    heard: AtomicBool,
}

impl Default for Control {
    fn default() -> Self {
        let (command, tracer) = (AtomicI32::new(0), AtomicI32::new(0));
        Self { wish: AtomicU8::new(NO_WISH), command, tracer, heard: AtomicBool::new(false) }
    }
}

impl Control {
    pub(super) fn signal(&self, signal: i32) {
        let pid = self.command.load(Ordering::Acquire);
        if pid > 0 {
            let _ = sys::kill(pid, signal);
        }
    }

    pub(super) fn wish(&self, wish: Wish) {
        // Nothing that was to be killed is let go of.
        self.wish.fetch_min(wish as u8, Ordering::AcqRel);
    }

    /// Waits for the tracer to know what is wanted.
    pub(super) fn wait_heard(&self) {
        // A tracer that is about to wait would miss a single call.
        for _ in 0..WAKES {
            if self.heard.load(Ordering::Acquire) {
                return;
            }
            let tracer = self.tracer.load(Ordering::Acquire);
            if tracer > 0 {
                sys::wake(tracer);
            }
            std::thread::sleep(WAKE_AGAIN);
        }
        // It waits for memory or a file that one of the traced does not hand out. When they die, it
        // no longer does.
        if self.wanted() == Some(Wish::Kill) {
            process::traced_by(self.tracer.load(Ordering::Acquire)).for_each(|pid| {
                let _ = sys::kill(pid, libc::SIGKILL);
            });
        }
    }

    fn wanted(&self) -> Option<Wish> {
        match self.wish.load(Ordering::Acquire) {
            1 => Some(Wish::Kill),
            2 => Some(Wish::Detach),
            _ => None,
        }
    }
}

/// The tracing thread's body. `tell` learns whether the command began.
pub(super) fn run(
    target: Target,
    options: Options,
    mask: libc::sigset_t,
    queue: Arc<Queue>,
    control: &Control,
    tell: &SyncSender<Result<(), Error>>,
) {
    sys::let_wake();
    control.tracer.store(sys::own_tid(), Ordering::Release);
    let mut engine = Engine::new(&options, Arc::clone(&queue));
    let begun = match &target {
        Target::Command(command) => engine.launch(command, &options, mask),
        Target::Running(pids) => engine.attach(pids),
    };
    let failed = begun.is_err();
    control.command.store(engine.command.unwrap_or(0), Ordering::Release);
    let _ = tell.send(begun);
    let failure = if failed { None } else { engine.trace(control).err().map(|e| e.to_string()) };
    control.heard.store(true, Ordering::Release);
    engine.tell_losses(&options.skip);
    engine.hand_on();
    queue.end(Ended { status: engine.status, counts: engine.emit.counts, failure });
}

/// The tracer.
struct Engine {
    threads: HashMap<i32, Thread>,
    /// Threads that stopped before the call that made them was told of, and how.
    early: HashMap<i32, Status>,
    /// Threads that ended before that.
    gone: HashMap<i32, (ExitStatus, bool)>,
    processes: Processes,
    /// Rows by number.
    rows: Vec<Option<&'static Row>>,
    /// Numbers of calls that stop and are not recorded.
    silent: HashSet<u32>,
    emit: Emit,
    queue: Arc<Queue>,
    /// Where threads stop outside of calls that are recorded.
    until: Until,
    options: i32,
    /// The command's process, and how it ended.
    command: Option<i32>,
    status: Option<ExitStatus>,
    started: Option<Started>,
    /// Whether the command's own program runs; before, it is a copy of this one.
    running: bool,
    detaching: bool,
    /// The kernel lacks what a tracer needs.
    unsupported: bool,
    /// Processes of which something was said that is said once.
    told: HashSet<(i32, Said)>,
    clock: sys::Clock,
    /// Room for stops that were told and not yet looked at.
    stops: Vec<(i32, Status)>,
    patience: Patience,
    marks: Marks,
    /// When tracing began, ns since the epoch.
    began_ns: u64,
}

impl Engine {
    fn new(options: &Options, queue: Arc<Queue>) -> Self {
        let clock = sys::Clock::new();
        let mut rows = vec![None; 512];
        let mut silent = HashSet::new();
        for row in calls::all() {
            if options.skip.iter().any(|name| name == row.name) {
                if !guard::needs(row) {
                    continue;
                }
                silent.insert(row.number);
            }
            if let Some(place) = rows.get_mut(row.number as usize) {
                *place = Some(row);
            }
        }
        Self {
            threads: HashMap::new(),
            early: HashMap::new(),
            gone: HashMap::new(),
            processes: Processes::default(),
            rows,
            silent,
            emit: Emit::default(),
            queue,
            until: Until::Filter,
            options: sys::OPTIONS,
            command: None,
            status: None,
            started: None,
            running: false,
            detaching: false,
            unsupported: false,
            told: HashSet::new(),
            clock,
            began_ns: clock.now_ns(),
            stops: Vec::new(),
            patience: Patience::new(),
            marks: Marks::new(),
        }
    }

    /// Follows everything to its end.
    fn trace(&mut self, control: &Control) -> io::Result<()> {
        loop {
            if let Some(wish) = control.wanted() {
                control.heard.store(true, Ordering::Release);
                match wish {
                    Wish::Kill => self.kill_all(),
                    Wish::Detach if !self.detaching => self.begin_detach(),
                    Wish::Detach => {}
                }
            }
            match self.patience.wait() {
                Ok(Some(first)) => self.all_that_stopped(first),
                Ok(None) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if self.status.is_some() {
                // Its id may be another's from here on: no signal goes there.
                control.command.store(0, Ordering::Release);
            }
            self.hand_on();
        }
    }

    /// Takes each thread's turn that has stopped by now. The kernel always tells of the eldest first:
    /// two of them that stop all the time would leave no turn to all others.
    fn all_that_stopped(&mut self, first: (i32, Status)) {
        let mut stops = std::mem::take(&mut self.stops);
        stops.push(first);
        while stops.len() < self.threads.len().min(MOST_TURNS)
            && let Ok(Some(next)) = sys::look()
            && next.0 != 0
        {
            stops.push(next);
        }
        for (tid, status) in stops.drain(..) {
            self.stopped(tid, status);
        }
        self.stops = stops;
    }

    /// Tells in the record what it lacks.
    fn tell_losses(&mut self, skipped: &[String]) {
        let counts = self.emit.counts;
        let left_out = format!("left out on request: {}", skipped.join(", "));
        let losses = [
            (counts.unbuilt, "events that are longer than the format allows", counts.unbuilt > 0),
            (counts.undecoded, "calls that could not be decoded", counts.undecoded > 0),
            (0, left_out.as_str(), !skipped.is_empty()),
        ];
        for (events, cause, _) in losses.into_iter().filter(|(.., happened)| *happened) {
            let mut data = Vec::new();
            loss::write_notice(events, cause, self.began_ns, &mut data);
            self.emit.start(ASYNCEVENT_E, -1).u32(0).text(loss::NOTICE).raw(&data);
            self.emit.end();
        }
    }

    fn hand_on(&mut self) {
        self.queue.push(&mut self.emit.batch);
    }

    fn kill_all(&self) {
        for pid in self.processes.pids().chain(self.early.keys().copied()) {
            let _ = sys::kill(pid, libc::SIGKILL);
        }
    }

    fn begin_detach(&mut self) {
        // Without a tracer, calls that a filter stops would fail.
        if self.until == Until::Filter {
            return;
        }
        self.detaching = true;
        let all: Vec<i32> = self.threads.keys().copied().collect();
        for tid in all {
            self.interrupt(tid);
        }
    }

    /// A thread stopped, or ended.
    fn stopped(&mut self, tid: i32, status: Status) {
        self.emit.at(self.clock.now_ns());
        match status {
            Status::Exited(code) => self.ended(tid, ExitStatus::Code(code), false),
            Status::Killed(signal, core) => self.ended(tid, ExitStatus::Signal(signal), core),
            _ if !self.threads.contains_key(&tid) => self.unknown(tid, status),
            Status::Call => self.call(tid),
            Status::Event(event, signal) => self.event(tid, event, signal),
            Status::Signal(signal) => self.signal(tid, signal),
        }
    }

    /// Lets a thread go on, or lets go of it. It must not be about to begin a call: the kernel lets go
    /// of a thread as if a signal had come, and the call would fail with `EINTR`.
    fn resume(&mut self, tid: i32, signal: i32) {
        // A call that was changed is put back behind it, which is soon.
        if self.detaching && self.threads.get(&tid).is_some_and(|thread| thread.change.is_none()) {
            // It may have been killed meanwhile; its end is told by another stop.
            let _ = sys::detach(tid, signal).map(|()| self.threads.remove(&tid));
        } else {
            self.go_on(tid, signal);
        }
    }

    fn go_on(&self, tid: i32, signal: i32) {
        if let Some(thread) = self.threads.get(&tid) {
            // Killed meanwhile, as above.
            let _ = sys::resume(tid, thread.next_stop(), signal);
        }
    }

    fn event(&mut self, tid: i32, event: i32, signal: i32) {
        self.begin_life(tid);
        match event {
            libc::PTRACE_EVENT_SECCOMP => return self.call(tid),
            libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK | libc::PTRACE_EVENT_CLONE => {
                self.forked(tid);
            }
            libc::PTRACE_EVENT_EXEC => self.executed(tid),
            EVENT_STOP if signal == libc::SIGTRAP => self.stopped_as_asked(tid),
            // A group-stop: it stays stopped until a SIGCONT.
            EVENT_STOP if !self.detaching => {
                let _ = sys::listen(tid);
                if Some(tid) == self.command {
                    self.queue.note(Note::Stopped { pid: tid, signal });
                }
                return;
            }
            _ => {}
        }
        self.resume(tid, 0);
    }

    /// A signal is about to be delivered.
    fn signal(&mut self, tid: i32, signal: i32) {
        if self.running
            && let Some(thread) = self.threads.get(&tid)
        {
            let sender = sys::signal_info(tid).ok().filter(|info| info.has_sender(signal));
            self.emit
                .start(SIGNALDELIVER_E, i64::from(tid))
                .i64(sender.map_or(0, |info| i64::from(info.sender)))
                .i64(i64::from(thread.pid))
                .u8(signal as u8);
            self.emit.end();
        }
        anew::before_signal(tid, signal);
        self.resume(tid, signal);
    }
}
