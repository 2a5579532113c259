//! The tracing thread: waits for stops, and does for each what it asks for.

use std::{
    collections::{HashMap, HashSet},
    io,
    sync::{
        Arc,
        atomic::{AtomicI32, AtomicU8, Ordering},
        mpsc::SyncSender,
    },
};

use super::{
    Ended, Error, ExitStatus, Note, Options, Target,
    calls::{self, Abi, Call, Emit, Exit, Row},
    filter::{self, ARCH_I386, ARCH_X86_64},
    launch::{self, Prepared, Refused, Started},
    memory::Memory,
    queue::Queue,
    sys::{self, Place, Status, Until},
    thread::Thread,
};

/// `PTRACE_EVENT_STOP`, which libc has as another type on some targets.
const EVENT_STOP: i32 = 128;
/// Results that no program sees: the call begins anew, or fails with `EINTR`
/// (linux/errno.h: `ERESTARTSYS`, `ERESTARTNOINTR`, `ERESTARTNOHAND`, `ERESTART_RESTARTBLOCK`).
const RESTARTS: [i64; 4] = [-512, -513, -514, -516];

/// What another thread wants of the tracer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    Kill = 1,
    Detach = 2,
}

/// What other threads reach of the tracer.
#[derive(Debug, Default)]
pub(super) struct Control {
    wish: AtomicU8,
    /// The command's pid, once it runs.
    command: AtomicI32,
    /// The tracing thread's id, to be woken.
    tracer: AtomicI32,
}

impl Control {
    pub(super) fn signal(&self, signal: i32) {
        let pid = self.command.load(Ordering::Acquire);
        if pid > 0 {
            let _ = sys::kill(pid, signal);
        }
    }

    pub(super) fn ask(&self, wish: Wish) {
        self.wish.store(wish as u8, Ordering::Release);
        let tracer = self.tracer.load(Ordering::Acquire);
        if tracer > 0 {
            sys::wake(tracer);
        }
    }

    fn wish(&self) -> Option<Wish> {
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
    engine.hand_on();
    queue.end(Ended { status: engine.status, counts: engine.emit.counts, failure });
}

/// The tracer.
struct Engine {
    threads: HashMap<i32, Thread>,
    /// Threads that stopped before the call that made them was told of.
    early: HashSet<i32>,
    /// Threads that ended before that.
    gone: HashSet<i32>,
    /// Rows by number.
    rows: Vec<Option<&'static Row>>,
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
}

impl Engine {
    fn new(options: &Options, queue: Arc<Queue>) -> Self {
        let mut rows = vec![None; 512];
        for row in calls::all().filter(|row| !options.skip.iter().any(|name| name == row.name)) {
            if let Some(place) = rows.get_mut(row.number as usize) {
                *place = Some(row);
            }
        }
        Self {
            threads: HashMap::new(),
            early: HashSet::new(),
            gone: HashSet::new(),
            rows,
            emit: Emit::default(),
            queue,
            until: Until::Filter,
            options: sys::OPTIONS,
            command: None,
            status: None,
            started: None,
            running: false,
            detaching: false,
        }
    }

    /// Starts the command: with the filter, or, where none can be set, without one.
    fn launch(
        &mut self,
        command: &[std::ffi::OsString],
        options: &Options,
        mask: libc::sigset_t,
    ) -> Result<(), Error> {
        self.options |= sys::KILL_AT_EXIT;
        let rows: Vec<&Row> = self.rows.iter().copied().flatten().collect();
        let program = if options.without_filter { Vec::new() } else { filter::program(&rows, &[]) };
        match self.try_launch(command, program, mask)? {
            None => Ok(()),
            Some(Refused::Filter(error)) => {
                self.queue.note(Note::NoFilter(error.to_string()));
                match self.try_launch(command, Vec::new(), mask)? {
                    None => Ok(()),
                    Some(refused) => Err(refused_by(command, refused)),
                }
            }
            Some(refused) => Err(refused_by(command, refused)),
        }
    }

    /// Starts the command and follows it until its program runs, or is refused.
    fn try_launch(
        &mut self,
        command: &[std::ffi::OsString],
        program: Vec<filter::Instruction>,
        mask: libc::sigset_t,
    ) -> Result<Option<Refused>, Error> {
        self.until = if program.is_empty() { Until::Call } else { Until::Filter };
        let prepared = Prepared::new(command, program, mask)?;
        let started = prepared.start()?;
        let pid = started.pid;
        if let Err(error) = sys::seize(pid, self.options) {
            launch::abandon(pid);
            return Err(Error::Denied(error));
        }
        self.threads.insert(pid, Thread::new(pid, pid, self.until));
        self.command = Some(pid);
        // TODO-SNAPSHOT
        if self.until == Until::Call {
            // Nothing stops it before its first call unless it is asked to.
            let _ = sys::interrupt(pid);
        }
        started.go().map_err(Error::Start)?;
        self.started = Some(started);
        while !self.running {
            match sys::wait() {
                Ok(Some((tid, status))) => self.stopped(tid, status),
                Ok(None) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::Tracer(error)),
            }
        }
        let started = self.started.take();
        if self.running {
            return Ok(None);
        }
        self.threads.clear();
        self.status = None;
        Ok(Some(started.map_or(Refused::Silent, |started| started.refused())))
    }

    /// Attaches to every thread of these processes.
    fn attach(&mut self, pids: &[i32]) -> Result<(), Error> {
        self.until = Until::Call;
        self.running = true;
        for &pid in pids {
            let failed = |source| Error::Attach { pid, source };
            loop {
                let mut new = 0;
                for tid in threads_of(pid).map_err(failed)? {
                    if self.threads.contains_key(&tid) {
                        continue;
                    }
                    match sys::seize(tid, self.options) {
                        Ok(()) => {}
                        Err(error) if tid == pid => return Err(failed(error)),
                        // It ended meanwhile.
                        Err(_) => continue,
                    }
                    let _ = sys::interrupt(tid);
                    self.threads.insert(tid, Thread::new(tid, pid, self.until));
                    new += 1;
                }
                if new == 0 {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Follows everything to its end.
    fn trace(&mut self, control: &Control) -> io::Result<()> {
        loop {
            match control.wish() {
                Some(Wish::Kill) => self.kill_all(),
                Some(Wish::Detach) if !self.detaching => self.begin_detach(),
                _ => {}
            }
            match sys::wait() {
                Ok(Some((tid, status))) => self.stopped(tid, status),
                Ok(None) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            self.hand_on();
        }
    }

    fn hand_on(&mut self) {
        self.queue.push(&mut self.emit.batch);
    }

    fn kill_all(&self) {
        for thread in self.threads.values().filter(|thread| thread.tid == thread.pid) {
            let _ = sys::kill(thread.pid, libc::SIGKILL);
        }
    }

    fn begin_detach(&mut self) {
        self.detaching = true;
        for tid in self.threads.keys() {
            let _ = sys::interrupt(*tid);
        }
    }

    /// A thread stopped, or ended.
    fn stopped(&mut self, tid: i32, status: Status) {
        self.emit.at(sys::now_ns());
        match status {
            Status::Exited(code) => self.ended(tid, ExitStatus::Code(code), false),
            Status::Killed(signal, core) => self.ended(tid, ExitStatus::Signal(signal), core),
            _ if !self.threads.contains_key(&tid) => {
                self.early.insert(tid);
            }
            Status::Call => self.call(tid),
            Status::Event(event, signal) => self.event(tid, event, signal),
            Status::Signal(signal) => self.signal(tid, signal),
        }
    }

    /// A thread is gone.
    fn ended(&mut self, tid: i32, status: ExitStatus, core: bool) {
        if Some(tid) == self.command {
            self.status = Some(status);
        }
        let Some(thread) = self.threads.remove(&tid) else {
            self.gone.insert(tid);
            return;
        };
        if thread.call.is_some() {
            self.emit.counts.unfinished += 1;
        }
        if self.running {
            let _ = core;
        }
    }

    fn resume(&mut self, tid: i32, signal: i32) {
        let Some(thread) = self.threads.get(&tid) else { return };
        let done = if self.detaching {
            sys::detach(tid, signal).map(|()| self.threads.remove(&tid)).map(drop)
        } else {
            sys::resume(tid, thread.next_stop(), signal)
        };
        // It may have been killed meanwhile; its end is told by another stop.
        drop(done);
    }

    fn event(&mut self, tid: i32, event: i32, signal: i32) {
        match event {
            libc::PTRACE_EVENT_SECCOMP => return self.call(tid),
            libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK | libc::PTRACE_EVENT_CLONE => {
                self.forked(tid);
            }
            libc::PTRACE_EVENT_EXEC => self.executed(tid),
            EVENT_STOP if signal != libc::SIGTRAP => {
                if !self.detaching {
                    let _ = sys::listen(tid);
                    return;
                }
            }
            _ => {}
        }
        self.resume(tid, 0);
    }

    /// A signal is about to be delivered.
    fn signal(&mut self, tid: i32, signal: i32) {
        self.resume(tid, signal);
    }

    /// A child was made; it is traced already.
    fn forked(&mut self, tid: i32) {
        let Ok(child) = sys::event_message(tid) else { return };
        let child = child as i32;
        let Some(thread) = self.threads.get_mut(&tid) else { return };
        thread.child = Some(child);
        let until = thread.until;
        // TODO-CLONE
        self.threads.insert(child, Thread::new(child, child, until));
        if self.gone.remove(&child) {
            self.threads.remove(&child);
        } else if self.early.remove(&child) {
            self.resume(child, 0);
        }
    }

    /// A thread runs another program. All other threads of its process are gone, and it has the
    /// process's id.
    fn executed(&mut self, tid: i32) {
        let former = sys::event_message(tid).map_or(tid, |id| id as i32);
        if former != tid
            && let Some(mut thread) = self.threads.remove(&former)
        {
            thread.tid = tid;
            self.threads.insert(tid, thread);
        }
        // TODO-EXEC
        self.running = true;
        if let Some(thread) = self.threads.get_mut(&tid) {
            thread.call = None;
        }
    }

    /// A thread begins or ends a call.
    fn call(&mut self, tid: i32) {
        match sys::place(tid) {
            Ok(Place::Begin { arch, number, args }) => self.begins(tid, arch, number, args),
            Ok(Place::Filtered { arch, number, args, data }) => {
                let inside = self.threads.get(&tid).is_some_and(|thread| thread.call.is_some());
                if !inside && data == u32::from(filter::OURS) {
                    self.begins(tid, arch, number, args);
                }
            }
            Ok(Place::End { result }) => self.ends(tid, result),
            Ok(Place::None) | Err(_) => {}
        }
        self.resume(tid, 0);
    }

    fn begins(&mut self, tid: i32, arch: u32, number: u64, args: [u64; 6]) {
        let Some(thread) = self.threads.get_mut(&tid) else { return };
        let abi = match arch {
            ARCH_X86_64 => Abi::Bits64,
            ARCH_I386 => Abi::Bits32,
            _ => return,
        };
        let row = usize::try_from(number).ok().and_then(|number| self.rows.get(number).copied());
        let Some(row) = row.flatten().filter(|row| row.when.holds(&args)) else { return };
        if abi == Abi::Bits32 {
            return;
        }
        let call = Call { row, args, abi };
        thread.call = Some(call);
        calls::enter(thread, &call);
    }

    fn ends(&mut self, tid: i32, result: i64) {
        let Some(thread) = self.threads.get_mut(&tid) else { return };
        let Some(call) = thread.call.take() else { return };
        let result = if RESTARTS.contains(&result) { -i64::from(libc::EINTR) } else { result };
        if !self.running {
            return;
        }
        let memory = Memory { tid, abi: call.abi };
        let mut exit = Exit {
            tid,
            pid: thread.pid,
            call: &call,
            result,
            saved: &thread.saved,
            memory,
            emit: &mut self.emit,
        };
        (call.row.exit)(&mut exit);
        thread.child = None;
    }
}

/// The threads of a process, by /proc.
fn threads_of(pid: i32) -> io::Result<Vec<i32>> {
    let entries = std::fs::read_dir(format!("/proc/{pid}/task"))?;
    Ok(entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}

/// What is wrong with a command that did not start.
fn refused_by(command: &[std::ffi::OsString], refused: Refused) -> Error {
    let path = command.first().map(std::path::PathBuf::from).unwrap_or_default();
    match refused {
        Refused::Exec(source) => Error::NotExecutable { path, source },
        Refused::Filter(error) => Error::Start(error),
        Refused::Silent => Error::Start(io::Error::other("it was killed before it began")),
    }
}
