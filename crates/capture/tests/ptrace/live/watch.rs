//! A recorder in a process of its own, which can be stopped and killed: it keeps the state that its
//! events leave, and says at its end whether that is the machine's, and what became of all events.

use std::{
    collections::{BTreeSet, HashMap},
    env, fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use capture::{
    Next,
    ebpf::{Live, Options},
};
use event::{
    Event, found, loss,
    snapshot::Record,
    syscalls::{ASYNCEVENT_E, EXECVE_19_X, EXECVEAT_X, PROCEXIT_1_E},
};
use state::State;

use super::family::MAKE;
use crate::{
    harness::{ACT, LONGEST, NOTES, Notes},
    process::own_pid,
    stress::size,
    telling::sys,
};

/// Of the ring of life: a build for tests takes many times as long to read an event, and a storm leaves it
/// one of a hundred turns.
const LIFE_BYTES: u32 = 32 << 20;

/// In the environment: bytes of the ring of files and network.
const MAIN_BYTES: &str = "WATCHKEEPER_TEST_MAIN_BYTES";

/// How long a recorder sees nothing before all has been counted that there was.
const QUIET: Duration = Duration::from_secs(3);

/// Records until there is a file `stop`, and then until nothing happens any more.
pub(super) fn act(notes: &mut Notes) {
    let main_bytes = env::var(MAIN_BYTES).unwrap().parse().unwrap();
    // Those that storms are made of: to attach all takes an emulated machine a minute.
    let calls =
        ["clone", "clone3", "execve", "fork", "openat", "prctl", "vfork"].map(str::to_owned);
    let options = Options {
        calls: Some(calls.into()),
        life_bytes: LIFE_BYTES,
        main_bytes,
        ..Options::default()
    };
    let mut live = Live::start(&options).unwrap();
    let mut watch = Watch::new();
    let mut last = Instant::now();
    fs::write("ready", "").unwrap();
    while !Path::new("stop").exists() || last.elapsed() < QUIET {
        for _ in 0..1000 {
            match live.next_within(Duration::from_millis(20)) {
                Next::Record(record) if watch.take(&record) => last = Instant::now(),
                Next::Record(_) => {}
                _ => break,
            }
        }
        if Path::new("stop").exists() {
            // Not all that was lost is counted at each look.
            live.look_now();
        }
    }
    watch.compare_with_proc();
    watch.note(notes);
    let figures = live.figures();
    notes.note("made", figures.made as i64);
    notes.note("lost", figures.lost as i64);
}

/// What was recorded so far.
struct Watch {
    state: State,
    /// Threads that there should be, with their processes.
    alive: HashMap<i64, i64>,
    /// Events, but for those that tell of losses, and what these tell.
    read: u64,
    told: u64,
    told_of_lives: u64,
    /// Programs in the kernel that did not run, for they were interrupted.
    interrupted: u64,
    /// How many each process made, and ended, and programs that ran.
    births: HashMap<i64, u64>,
    ends: u64,
    programs: u64,
    /// What cannot be.
    faults: Vec<String>,
}

impl Watch {
    fn new() -> Self {
        Self {
            state: State::new(state::Limits::default()),
            alive: HashMap::new(),
            read: 0,
            told: 0,
            told_of_lives: 0,
            births: HashMap::new(),
            interrupted: 0,
            ends: 0,
            programs: 0,
            faults: Vec::new(),
        }
    }

    /// Takes a record in; whether it is something that happened.
    fn take(&mut self, record: &Record<'_>) -> bool {
        match record {
            // Of what the kernel does by itself nothing is told, not even its end.
            Record::Thread(thread) if thread.exepath.is_empty() && thread.vmsize_kb == 0 => {}
            Record::Thread(thread) => drop(self.alive.insert(thread.tid, thread.pid)),
            Record::Event(event) => return self.event(event),
            _ => {}
        }
        self.state.record(record);
        false
    }

    fn event(&mut self, event: &Event<'_>) -> bool {
        self.state.event(*event);
        if event.kind == ASYNCEVENT_E && event.text(1) == Some(loss::NOTICE.as_bytes()) {
            self.loss(event);
            return false;
        }
        if event.kind == ASYNCEVENT_E && event.text(1) == Some(found::NOTICE.as_bytes()) {
            return false;
        }
        self.read += 1;
        let of = |name: &str| {
            let at = event.info().params.iter().position(|param| param.name == name).unwrap();
            event.int(at).unwrap()
        };
        if MAKE.contains(&event.kind) && of("res") == 0 {
            self.alive.insert(event.tid, of("pid"));
            *self.births.entry(of("ptid")).or_default() += 1;
        } else if event.kind == PROCEXIT_1_E {
            self.ends += 1;
            if self.alive.remove(&event.tid).is_none() {
                self.faults.push(format!("{} ends and never began", event.tid));
            }
        } else if [EXECVE_19_X, EXECVEAT_X].contains(&event.kind) && of("res") == 0 {
            self.programs += 1;
            // It is the only thread from here on, under the id of the first.
            self.alive.retain(|_, process| *process != event.tid);
            self.alive.insert(event.tid, event.tid);
        }
        true
    }

    fn loss(&mut self, notice: &Event<'_>) {
        let told: serde_json::Value = serde_json::from_slice(notice.bytes(2).unwrap()).unwrap();
        let (events, cause) = (told["events"].as_u64().unwrap(), told["cause"].as_str().unwrap());
        let is_interruption = cause.contains("interrupted");
        if !is_interruption && !cause.contains("(CPU ") {
            self.faults.push(format!("a cause without a CPU: {cause}"));
        }
        self.interrupted += if is_interruption { events } else { 0 };
        self.told += events;
        if cause.contains("processes and privileges") {
            self.told_of_lives += events;
        }
    }

    /// Notes where the state is not what /proc says now.
    fn compare_with_proc(&mut self) {
        let there = threads();
        for (tid, dir) in &there {
            // Of what the kernel does by itself nothing is told.
            let Ok(exe) = fs::read_link(Path::new(dir).join("exe")) else { continue };
            let comm = fs::read(Path::new(dir).join("comm")).unwrap_or_default();
            let known = self.state.thread(*tid).filter(|thread| !thread.is_dead());
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let known = known.map(|thread| (text(&thread.comm), text(&thread.exepath)));
            let is = (text(comm.trim_ascii_end()), exe.to_string_lossy().into_owned());
            if known.as_ref() != Some(&is) {
                self.faults.push(format!("{tid} is {is:?} and known as {known:?}"));
            }
        }
        let there: BTreeSet<i64> = there.into_iter().map(|(tid, _)| tid).collect();
        let others = self.alive.iter().filter(|(_, process)| **process != own_pid());
        let gone = others.map(|(tid, _)| tid).filter(|tid| !there.contains(tid));
        self.faults.extend(gone.map(|tid| format!("{tid} is gone, which nobody told")));
    }

    fn note(&self, notes: &mut Notes) {
        fs::write("faults", self.faults.join("\n")).unwrap();
        notes.note("read", self.read as i64);
        notes.note("told", self.told as i64);
        notes.note("told of lives", self.told_of_lives as i64);
        notes.note("interrupted", self.interrupted as i64);
        notes.note("ends", self.ends as i64);
        notes.note("programs", self.programs as i64);
        for (process, births) in &self.births {
            notes.note(&format!("births of {process}"), *births as i64);
        }
    }
}

/// All threads that there are but those of this process, with their folders of /proc.
fn threads() -> Vec<(i64, String)> {
    let ids = |folder: &str| -> Vec<i64> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
    };
    let processes = ids("/proc").into_iter().filter(|pid| *pid != own_pid());
    let threads = processes
        .flat_map(|pid| ids(&format!("/proc/{pid}/task")).into_iter().map(move |tid| (pid, tid)));
    threads.map(|(pid, tid)| (tid, format!("/proc/{pid}/task/{tid}"))).collect()
}

/// A running recorder, from outside.
pub(super) struct Recorder {
    child: Child,
    folder: tempfile::TempDir,
}

/// What came of one.
pub(super) struct Watched {
    pub(super) notes: Notes,
    pub(super) faults: String,
}

impl Recorder {
    /// Starts one and waits until it records.
    pub(super) fn start(main_bytes: u32) -> Self {
        let recorder = Self::begin(main_bytes);
        wait_until("the recorder is ready", || recorder.folder.path().join("ready").exists());
        recorder
    }

    fn begin(main_bytes: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let words = ["harness::actor", "--exact", "--test-threads=1", "--nocapture"];
        let child = Command::new(env::current_exe().unwrap())
            .args(words)
            .env(ACT, "storms::recorder")
            .env(NOTES, folder.path().join("notes"))
            .env(MAIN_BYTES, main_bytes.to_string())
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, folder }
    }

    pub(super) fn signal(&self, signal: i32) {
        assert_eq!(sys(libc::SYS_kill, [self.child.id().into(), signal.into()]), 0);
    }

    /// Kills it, as the kernel may at any time.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Has it come to its end, when it has read what there is.
    pub(super) fn stop(mut self) -> Watched {
        fs::write(self.folder.path().join("stop"), "").unwrap();
        let late = Instant::now() + LONGEST * size(1, 10) as u32;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > late {
                self.child.kill().unwrap();
                panic!("the recorder never ends");
            }
            thread::sleep(Duration::from_millis(100));
        };
        assert!(status.success(), "{status}");
        let file = |name| fs::read_to_string(self.folder.path().join(name)).unwrap();
        Watched { notes: Notes::of_text(&file("notes")), faults: file("faults") }
    }
}

impl Watched {
    /// Every event that was made was read, or is counted as lost and told to be.
    pub(super) fn assert_accounted(&self) {
        let [made, read, lost, told] = ["made", "read", "lost", "told"].map(|it| self.notes.of(it));
        assert_eq!(made, read + lost, "made; read {read} and lost {lost}");
        assert_eq!(told, lost, "told to be lost");
    }

    /// Nothing about processes and privileges was lost, and the state at the end was the machine's; but
    /// where programs in the kernel interrupt themselves, something is missing, which is told.
    pub(super) fn assert_alive(&self) {
        assert_eq!(self.notes.of("told of lives"), 0);
        match self.notes.of("interrupted") {
            0 => assert_eq!(self.faults, ""),
            interrupted => println!("{interrupted} times, programs interrupted themselves"),
        }
    }
}

/// Waits for something that comes for certain, if not soon.
pub(super) fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let late = Instant::now() + LONGEST;
    while !holds() {
        assert!(Instant::now() < late, "waited for too long: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
