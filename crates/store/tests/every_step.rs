//! A writer that is killed before any of its system calls, from the first to the last: what
//! it announced is there and whole, nothing half is listed, and the next writer goes on.
//!
//! The writer is this very test binary, run again as the test `the_writer` with [`STORE`] set, and
//! stopped at every system call by `ptrace`, in the manner of a debugger.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::{
    collections::BTreeMap,
    env,
    fs::{self, File},
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    ptr,
};

use common::{
    Plan, filled, folder_in_memory,
    said::{Said, check, hear, now, prune, remove, say},
    writer,
};
use store::Id;

const STORE: &str = "STORE_EVERY_STEP_WRITER";
/// Before each how many-th system call it is killed; 1 takes a while.
const STRIDE: &str = "STORE_EVERY_STEP_STRIDE";
const BEGIN: &str = "begin";
const END: &str = "end";

/// What is done under a debugger: an incident is replaced, another made, one given up, one removed,
/// and the oldest but one pruned.
#[test]
#[ignore = "run by the test below"]
fn the_writer() {
    let Some(folder) = env::var_os(STORE) else { return };
    say(BEGIN);
    let store = writer(Path::new(&folder));
    for plan in [Plan { events: 60, ..Plan::of(1) }, Plan { events: 30, ..Plan::of(7) }] {
        let mut draft = plan.begin(&store);
        say(&format!("alert {}", plan.id));
        draft.manifest().add(plan.alert(4));
        draft.flush().expect("a flush");
        let closed = plan.end(draft);
        say(&format!("closed {} {}", plan.id, closed.summary.events));
    }
    let given_up = Plan::of(9).begin(&store);
    say(&format!("removing {}", given_up.id()));
    given_up.abandon().expect("removed");
    remove(&store, Plan::of(2).id);
    prune(&store, 1);
    say(END);
}

#[test]
fn nothing_announced_is_lost_and_nothing_half_is_listed_whatever_the_last_system_call_was() {
    let template = folder_in_memory();
    drop(filled(&template.path().join("store"), 0..4));
    // A draft that a crash left is there as well.
    drop(Plan::of(3).begin(&writer(&template.path().join("store"))));
    let before = now(&template.path().join("store"));
    let stride = env::var(STRIDE).map_or(3, |text| text.parse().expect("a number"));
    for calls in (0..).step_by(stride) {
        let round = Round::begin(template.path(), &before);
        match round.killed_before(calls) {
            Ok(Killed::Before) => {}
            Ok(Killed::AtTheEnd) => {
                println!("{calls} system calls, each {stride}th");
                assert!(calls > 200, "{calls} are fewer than that takes");
                return;
            }
            Err(error) => {
                println!("skipped: no right to stop a child at its system calls: {error}");
                return;
            }
        }
    }
}

/// How a round ended.
enum Killed {
    Before,
    AtTheEnd,
}

/// One life of the writer.
struct Round {
    folder: tempfile::TempDir,
    said: BTreeMap<Id, Said>,
}

impl Round {
    fn begin(template: &Path, before: &BTreeMap<Id, Said>) -> Self {
        let folder = folder_in_memory();
        copy(template, folder.path());
        Self { folder, said: before.clone() }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    /// Runs the writer up to so many system calls after its beginning, kills it, and checks. Fails
    /// where a child cannot be stopped so.
    fn killed_before(mut self, calls: usize) -> io::Result<Killed> {
        let mut child = self.start()?;
        let pid = child.id() as libc::pid_t;
        let last = Traced::begin(pid)?.run(calls, &|| self.text().contains(BEGIN));
        if last.expect("its calls can be followed") == Step::Call {
            child.kill().expect("killed");
            wait_for_all_threads(pid);
        }
        let text = self.text();
        assert!(text.contains(BEGIN), "it begins: {text}");
        text.lines().for_each(|line| hear(line, &mut self.said));
        check(&self.store(), &self.said);
        let is_done = text.lines().any(|line| line == END);
        Ok(if is_done { Killed::AtTheEnd } else { Killed::Before })
    }

    fn text(&self) -> String {
        fs::read_to_string(self.output()).expect("text")
    }

    fn start(&self) -> io::Result<Child> {
        let mut command = Command::new(env::current_exe()?);
        command
            .args(["--exact", "the_writer", "--ignored", "--nocapture", "--test-threads=1"])
            .env(STORE, self.store())
            .stdout(Stdio::from(File::create(self.output())?));
        // SAFETY: between fork and exec only this one system call is made, which touches no memory.
        unsafe { command.pre_exec(|| ptrace(libc::PTRACE_TRACEME, 0, 0)) };
        command.spawn()
    }
}

/// A child under a debugger, with all its threads: a test runs in one of its own.
struct Traced {
    pid: libc::pid_t,
    /// The thread that was stopped last.
    stopped: libc::pid_t,
}

impl Traced {
    fn begin(pid: libc::pid_t) -> io::Result<Self> {
        wait(pid)?;
        let options =
            libc::PTRACE_O_EXITKILL | libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_TRACECLONE;
        ptrace(libc::PTRACE_SETOPTIONS, pid, options)?;
        Ok(Self { pid, stopped: pid })
    }

    /// Lets it run until it has made so many calls since it began, or ends.
    fn run(mut self, calls: usize, has_begun: &dyn Fn() -> bool) -> io::Result<Step> {
        while !has_begun() {
            if self.step()? == Step::Ended {
                return Ok(Step::Ended);
            }
        }
        // It stands at the end of the call by which it said so; each call has two stops, and the
        // first of the next one is still to come.
        for _ in 0..=2 * calls {
            if self.step()? == Step::Ended {
                return Ok(Step::Ended);
            }
        }
        Ok(Step::Call)
    }

    /// Lets it run to the next beginning or end of a system call.
    fn step(&mut self) -> io::Result<Step> {
        let (mut tid, mut signal) = (self.stopped, 0);
        loop {
            // A thread that has ended cannot be told to go on.
            let _ = ptrace(libc::PTRACE_SYSCALL, tid, signal);
            let status;
            (tid, status) = wait(-1)?;
            if !libc::WIFSTOPPED(status) {
                if tid == self.pid {
                    return Ok(Step::Ended);
                }
                continue;
            }
            signal = match libc::WSTOPSIG(status) {
                stop if stop == libc::SIGTRAP | 0x80 => {
                    self.stopped = tid;
                    return Ok(Step::Call);
                }
                // A thread begins.
                libc::SIGTRAP | libc::SIGSTOP => 0,
                other => other,
            };
        }
    }
}

/// The first one ends last.
fn wait_for_all_threads(pid: libc::pid_t) {
    loop {
        let (tid, status) = wait(-1).expect("it ends");
        if tid == pid && !libc::WIFSTOPPED(status) {
            return;
        }
    }
}

fn wait(pid: libc::pid_t) -> io::Result<(libc::pid_t, i32)> {
    let mut status = 0;
    // SAFETY: `status` is there to be written to.
    match unsafe { libc::waitpid(pid, &mut status, libc::__WALL) } {
        -1 => Err(io::Error::last_os_error()),
        tid => Ok((tid, status)),
    }
}

#[derive(PartialEq, Eq)]
enum Step {
    Call,
    Ended,
}

fn ptrace(request: libc::c_uint, pid: libc::pid_t, data: libc::c_int) -> io::Result<()> {
    let none = ptr::null_mut::<libc::c_void>();
    // SAFETY: the requests made here take a number at most, and point to no memory.
    match unsafe { libc::ptrace(request, pid, none, data as libc::c_long) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("names") {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).expect("a name");
        if path.is_dir() {
            fs::create_dir(to.join(&name)).expect("a folder");
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).expect("a copy");
        }
    }
}
