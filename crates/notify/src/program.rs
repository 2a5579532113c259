//! The standard input of a program, a line for each alert.
//!
//! The program is started with the first alert and kept running. When it ends it is started
//! again, soon if it ran for long, later and later if it keeps ending. At the end its input is
//! closed; it has some time to finish, and is killed after that.

use std::{
    io::{self, Write},
    os::{fd::AsFd, unix::process::CommandExt},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use event::alert::Alert;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::ioctl_fionbio,
    process::{Pid, Signal, kill_process_group},
};

use crate::{
    Form, Retry,
    sink::{Failure, Sink},
};

/// Which program, and how it is treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A command line for `/bin/sh`.
    pub command: String,
    /// Time that it has to finish when its input was closed.
    pub grace: Duration,
    /// When it is started again after it ended.
    pub restart: Retry,
}

impl Settings {
    /// Runs `command` with the defaults.
    pub fn new(command: &str) -> Self {
        Self {
            command: command.to_owned(),
            grace: Duration::from_secs(2),
            restart: Retry::default(),
        }
    }

    /// The command's first word: there may be secrets in the others.
    pub(crate) fn short_name(&self) -> &str {
        self.command.split_whitespace().next().unwrap_or_default()
    }
}

/// Time that the program has to read a line.
pub(crate) const WRITE_TIME: Duration = Duration::from_secs(1);
/// What ran so long is not about to end at once again.
const RUNS_WELL: Duration = Duration::from_secs(60);

/// Writes to a program.
pub(crate) struct ProgramSink {
    settings: Settings,
    form: Form,
    running: Option<Running>,
    /// Ends since it last ran well.
    ends: u32,
    not_before: Option<Instant>,
}

struct Running {
    child: Child,
    input: ChildStdin,
    since: Instant,
}

impl ProgramSink {
    pub(crate) fn new(settings: Settings, form: Form) -> Self {
        Self { settings, form, running: None, ends: 0, not_before: None }
    }

    /// The running program, started if need be and if it is time to.
    fn running(&mut self) -> Result<&mut Running, Failure> {
        if let Some(running) = &mut self.running
            && let Ok(Some(status)) = running.child.try_wait()
        {
            return Err(self.ended(&ending(status)));
        }
        if self.running.is_none() {
            let left = self.not_before.map(|at| at.saturating_duration_since(Instant::now()));
            if let Some(left) = left.filter(|left| !left.is_zero()) {
                let reason = "is started again later".to_owned();
                return Err(Failure::Retry { reason, after: Some(left) });
            }
            let started = Running::start(&self.settings.command);
            self.running = Some(started.map_err(|e| Failure::retry(format!("no start: {e}")))?);
        }
        self.running.as_mut().ok_or_else(|| Failure::retry("is not running"))
    }

    /// It ended, or has to. Says when it will be started again.
    fn ended(&mut self, how: &str) -> Failure {
        if let Some(running) = self.running.take() {
            self.ends = if running.since.elapsed() > RUNS_WELL { 1 } else { self.ends + 1 };
            running.finish(Duration::ZERO);
        }
        let pause = self.settings.restart.pause(self.ends);
        self.not_before = Some(Instant::now() + pause);
        let reason = format!("{how}; it is started again in {pause:?}");
        Failure::Retry { reason, after: Some(pause) }
    }
}

impl Sink for ProgramSink {
    fn deliver(&mut self, alert: &Alert) -> Result<(), Failure> {
        let line = self.form.line_of(alert);
        let running = self.running()?;
        match running.write(&line) {
            Ok(()) => Ok(()),
            Err(Unwritten::Nothing) => Err(Failure::retry("does not read its input")),
            // Its next line would begin in the middle of this one.
            Err(Unwritten::Rest) => Err(self.ended("stopped reading in the middle of a line")),
            Err(Unwritten::Closed(error)) => {
                let status = running.wait(Duration::from_millis(100));
                let how = status.map_or_else(|| format!("closed its input: {error}"), ending);
                Err(self.ended(&how))
            }
        }
    }

    fn finish(&mut self) {
        if let Some(running) = self.running.take() {
            running.finish(self.settings.grace);
        }
    }
}

/// Why a line was not written.
enum Unwritten {
    /// There was no room in the pipe, and nothing was written.
    Nothing,
    /// A part was.
    Rest,
    /// Nobody can read any more.
    Closed(io::Error),
}

impl Running {
    fn start(command: &str) -> io::Result<Self> {
        // Standard output is for alerts; what the program prints goes where we print.
        let printed = io::stderr().as_fd().try_clone_to_owned()?;
        let mut child = Command::new("/bin/sh")
            .args(["-c", command])
            .stdin(Stdio::piped())
            .stdout(printed)
            // A group of its own: it can be killed whole, and Ctrl-C leaves it time to finish.
            .process_group(0)
            .spawn()?;
        let input = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        ioctl_fionbio(&input, true)?;
        Ok(Self { child, input, since: Instant::now() })
    }

    fn write(&mut self, line: &[u8]) -> Result<(), Unwritten> {
        let until = Instant::now() + WRITE_TIME;
        let mut left = line;
        while !left.is_empty() {
            match self.input.write(left) {
                Ok(bytes) => left = &left[bytes..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !self.wait_for_room(until) {
                        let nothing = left.len() == line.len();
                        return Err(if nothing { Unwritten::Nothing } else { Unwritten::Rest });
                    }
                }
                Err(error) => return Err(Unwritten::Closed(error)),
            }
        }
        Ok(())
    }

    fn wait_for_room(&self, until: Instant) -> bool {
        let left = until.saturating_duration_since(Instant::now());
        let mut fds = [PollFd::new(&self.input, PollFlags::OUT)];
        let timeout = Timespec::try_from(left).ok();
        !left.is_zero() && !matches!(poll(&mut fds, timeout.as_ref()), Ok(0))
    }

    /// Waits for it to end, up to a time.
    fn wait(&mut self, most: Duration) -> Option<ExitStatus> {
        wait(&mut self.child, most)
    }

    /// Closes its input; kills it, with all that it started, if it does not end within `grace`.
    fn finish(self, grace: Duration) {
        let Self { mut child, input, .. } = self;
        drop(input);
        if wait(&mut child, grace).is_some() {
            return;
        }
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // It may have ended just now.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = child.wait();
    }
}

fn wait(child: &mut Child, most: Duration) -> Option<ExitStatus> {
    let until = Instant::now() + most;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(5)),
            _ => return None,
        }
    }
}

fn ending(status: ExitStatus) -> String {
    format!("ended: {status}")
}
