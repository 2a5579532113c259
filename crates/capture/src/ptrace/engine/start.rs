//! Beginning: a command is launched, or processes are attached to.

use std::{
    collections::HashSet,
    ffi::OsString,
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

use super::{
    super::{
        Error, Note, Options,
        calls::{self, Row},
        filter,
        launch::{self, Prepared, Refused},
        process::Maker,
        sys::{self, Until},
        thread::Thread,
    },
    Engine,
};
use crate::proc::{self, Snapshot};

/// How long all threads are waited for, and how often they are looked at.
const STAND_STILL: Duration = Duration::from_millis(500);
const LOOK_AGAIN: Duration = Duration::from_millis(1);

impl Engine {
    /// Starts the command: with the filter, or, where none can be set, without one.
    pub(super) fn launch(
        &mut self,
        command: &[OsString],
        options: &Options,
        mask: libc::sigset_t,
    ) -> Result<(), Error> {
        self.options |= sys::KILL_AT_EXIT;
        let rows: Vec<&Row> = self.rows.iter().copied().flatten().collect();
        let program = if options.without_filter {
            Vec::new()
        } else {
            self.marks.put_into(filter::program(&rows, &calls::compat::numbers()))
        };
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
        command: &[OsString],
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
        self.processes.join(pid, Maker::NOBODY);
        self.command = Some(pid);
        // Before the command's first instruction, when it is a copy of this program.
        self.queue.begin(Snapshot::read(&[pid], proc::Limits::default()));
        if self.until == Until::Call {
            // Nothing stops it before its first call unless it is asked to.
            let _ = sys::interrupt(pid);
        }
        started.go().map_err(Error::Start)?;
        self.started = Some(started);
        while !self.running && !self.unsupported {
            match sys::wait() {
                Ok(Some((tid, status))) => self.stopped(tid, status),
                Ok(None) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::Tracer(error)),
            }
        }
        let started = self.started.take();
        if self.unsupported {
            launch::abandon(pid);
            return Err(Error::OldKernel);
        }
        if self.running {
            return Ok(None);
        }
        self.threads.clear();
        self.processes.clear();
        self.status = None;
        Ok(Some(started.map_or(Refused::Silent, |started| started.refused())))
    }

    /// Attaches to every thread of these processes.
    pub(super) fn attach(&mut self, pids: &[i32]) -> Result<(), Error> {
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
                    self.threads.insert(tid, Thread::new(tid, pid, self.until));
                    self.interrupt(tid);
                    self.processes.join(pid, Maker::NOBODY);
                    new += 1;
                }
                if new == 0 {
                    break;
                }
            }
        }
        self.begin_when_all_stand(pids)
    }

    /// Reads what stood before the first event while everything that is traced stands still; but for
    /// threads that can't stop now, as those that wait for a disk, or for a child's exec.
    fn begin_when_all_stand(&mut self, pids: &[i32]) -> Result<(), Error> {
        let mut running: HashSet<i32> = self.threads.keys().copied().collect();
        let mut stops = Vec::new();
        let late = Instant::now() + STAND_STILL;
        while !running.is_empty() && Instant::now() < late {
            match sys::look() {
                Ok(Some((0, _))) => std::thread::sleep(LOOK_AGAIN),
                Ok(Some((tid, status))) => {
                    running.remove(&tid);
                    stops.push((tid, status));
                }
                Ok(None) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::Tracer(error)),
            }
        }
        self.queue.begin(Snapshot::read(pids, proc::Limits::default()));
        for (tid, status) in stops {
            self.stopped(tid, status);
        }
        Ok(())
    }
}

/// The threads of a process, by /proc.
fn threads_of(pid: i32) -> io::Result<Vec<i32>> {
    let entries = std::fs::read_dir(format!("/proc/{pid}/task"))?;
    Ok(entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}

/// What is wrong with a command that did not start.
fn refused_by(command: &[OsString], refused: Refused) -> Error {
    let path = command.first().map(PathBuf::from).unwrap_or_default();
    match refused {
        Refused::Exec(source) => Error::NotExecutable { path, source },
        Refused::Filter(error) => Error::Start(error),
        Refused::Silent => Error::Start(io::Error::other("it was killed before it began")),
    }
}
