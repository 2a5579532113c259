//! Runs acts under trace.

use std::{
    env,
    ffi::OsString,
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use capture::ptrace::{Ended, Next, Options, Target, Trace};
use event::{Event, EventBuilder, EventType, snapshot::Record};

use crate::live;

/// What an act did, for the test to compare with.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Notes(Vec<(String, i64)>);

impl Notes {
    /// Notes a number under a name.
    pub(crate) fn note(&mut self, name: &str, value: impl Into<i64>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// The number noted under this name.
    pub(crate) fn of(&self, name: &str) -> i64 {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.unwrap_or_else(|| panic!("nothing noted as {name}: {:?}", self.0)).1
    }

    /// Takes over what a child noted.
    pub(crate) fn take_over(&mut self, text: &str) {
        self.0.extend(Self::of_text(text).0);
    }

    pub(crate) fn as_text(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name} {value}\n")).collect()
    }

    pub(crate) fn of_text(text: &str) -> Self {
        let pair = |line: &str| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        };
        Self(text.lines().map(pair).collect())
    }
}

/// Something that a traced program does in its folder.
pub(crate) type Act = fn(&mut Notes);

/// Acts, by name.
pub(crate) type Acts = &'static [(&'static str, Act)];

/// All acts, by subject.
const SUBJECTS: &[Acts] = &[
    super::attach::ACTS,
    super::compat::ACTS,
    super::edges::ACTS,
    super::exec::ACTS,
    super::families::ACTS,
    super::fds::ACTS,
    super::files::ACTS,
    super::io::ACTS,
    super::known::ACTS,
    super::kernel::ACTS,
    super::limits::ACTS,
    super::live::storms::ACTS,
    super::maps::ACTS,
    super::modes::ACTS,
    super::mounts::ACTS,
    super::names::ACTS,
    super::net::ACTS,
    super::odd::ACTS,
    super::process::ACTS,
    super::served::ACTS,
    super::stops::ACTS,
    super::stress::ACTS,
    super::users::ACTS,
];

pub(crate) const ACT: &str = "WATCHKEEPER_TEST_ACT";
pub(crate) const NOTES: &str = "WATCHKEEPER_TEST_NOTES";

/// Not a test by itself: the program that is traced. Does the act that the environment names.
#[test]
fn actor() {
    let Ok(name) = env::var(ACT) else { return };
    let (_, act) = SUBJECTS
        .iter()
        .copied()
        .flatten()
        .find(|(known, _)| *known == name)
        .expect("an act of this name");
    let mut notes = Notes::default();
    // A call that nothing else makes marks where the act begins and ends.
    mark();
    act(&mut notes);
    mark();
    fs::write(env::var_os(NOTES).unwrap(), notes.as_text()).unwrap();
}

/// The mark's path.
const MARK: &str = "/watchkeeper-test-mark";

fn mark() {
    let _ = fs::File::open(MARK);
}

/// An event that outlives the trace.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) kind: EventType,
    pub(crate) tid: i64,
    pub(crate) ts_ns: u64,
    builder: Arc<EventBuilder>,
}

impl Kept {
    pub(crate) fn of(event: &Event<'_>) -> Self {
        let mut builder = EventBuilder::default();
        builder.start(event.kind, event.ts_ns, event.tid, 0).params_of(event);
        Self { kind: event.kind, tid: event.tid, ts_ns: event.ts_ns, builder: builder.into() }
    }

    /// The event itself.
    pub(crate) fn event(&self) -> Event<'_> {
        self.builder.event().unwrap()
    }

    /// An integer parameter, by name.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        let event = self.event();
        let index = event.info().params.iter().position(|param| param.name == name).unwrap();
        event.int(index)
    }

    /// A parameter's bytes, by name.
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let event = self.event();
        let index = event.info().params.iter().position(|param| param.name == name).unwrap();
        event.bytes(index).unwrap_or_default().to_vec()
    }

    /// A text parameter, by name.
    pub(crate) fn text(&self, name: &str) -> Vec<u8> {
        let event = self.event();
        let index = event.info().params.iter().position(|param| param.name == name).unwrap();
        event.text(index).unwrap_or(b"<none>").to_vec()
    }
}

/// What came of a traced act.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The events between the marks.
    pub(crate) events: Vec<Kept>,
    /// All events.
    pub(crate) whole: Vec<Kept>,
    pub(crate) notes: Notes,
    pub(crate) ended: Ended,
    pub(crate) told: Vec<capture::ptrace::Note>,
    pub(crate) folder: tempfile::TempDir,
}

impl Outcome {
    /// What came of an act that was done in this folder.
    pub(crate) fn new(
        whole: Vec<Kept>,
        ended: Ended,
        told: Vec<capture::ptrace::Note>,
        folder: tempfile::TempDir,
    ) -> Self {
        let is_mark = |event: &Kept| {
            event.kind == event::syscalls::OPENAT_2_X && event.text("name") == MARK.as_bytes()
        };
        let marks: Vec<usize> = (0..whole.len()).filter(|at| is_mark(&whole[*at])).collect();
        let [first, last] = marks[..] else { panic!("{} marks, {ended:?}, {told:?}", marks.len()) };
        let notes = fs::read_to_string(folder.path().join("notes")).expect("the act's notes");
        let events = whole[first + 1..last].to_vec();
        Self { events, whole, notes: Notes::of_text(&notes), ended, told, folder }
    }

    /// The events of one type.
    pub(crate) fn of(&self, kind: EventType) -> Vec<&Kept> {
        self.events.iter().filter(|event| event.kind == kind).collect()
    }
}

/// Traces an act.
pub(crate) fn trace(act: &str) -> Outcome {
    trace_with(act, Options::default())
}

/// Traces an act in a way of tracing. In a guest that records itself, the act is done once more
/// there: its events are compared with those of the trace, and are what the test looks at.
pub(crate) fn trace_with(act: &str, options: Options) -> Outcome {
    if live::is_on() { live::beside_a_trace(act, options) } else { traced(act, tempdir(), options) }
}

fn tempdir() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Traces an act in a folder.
pub(crate) fn traced(act: &str, folder: tempfile::TempDir, options: Options) -> Outcome {
    let (events, ended, told) = run(command_of(act, folder.path()), options);
    Outcome::new(events, ended, told, folder)
}

/// The command that does an act in a folder.
pub(crate) fn command_of(act: &str, folder: &Path) -> Target {
    Target::Command(words_of(act, folder))
}

/// The same, as words.
pub(crate) fn words_of(act: &str, folder: &Path) -> Vec<OsString> {
    // The environment goes along by a shell, for that of this process is shared by all tests.
    let own = env::current_exe().unwrap();
    let script = "cd \"$1\"; export \"$2\" \"$3\"; exec \"$4\" harness::actor --exact --test-threads=1 --nocapture >/dev/null";
    vec![
        "/bin/sh".into(),
        "-c".into(),
        script.into(),
        "act".into(),
        folder.into(),
        format!("{ACT}={act}").into(),
        format!("{NOTES}={}", folder.join("notes").display()).into(),
        own.into(),
    ]
}

/// Traces a command to its end.
pub(crate) fn run(
    target: Target,
    options: Options,
) -> (Vec<Kept>, Ended, Vec<capture::ptrace::Note>) {
    let mut events = Vec::new();
    let (ended, told) = run_with(target, options, |record| {
        if let Record::Event(event) = record {
            events.push(Kept::of(event));
        }
    });
    (events, ended, told)
}

/// Traces a command to its end and hands on each record; a watchdog ends one that hangs.
pub(crate) fn run_with(
    target: Target,
    options: Options,
    mut each: impl FnMut(&Record<'_>),
) -> (Ended, Vec<capture::ptrace::Note>) {
    let mask = unblocked();
    let mut trace = Trace::start(target, options, mask).unwrap();
    let handle = trace.handle();
    let (done, watched) = mpsc::channel::<()>();
    let dog = thread::spawn(move || {
        if watched.recv_timeout(LONGEST) == Err(mpsc::RecvTimeoutError::Timeout) {
            handle.kill();
            panic!("the traced command hangs");
        }
    });
    let mut told = Vec::new();
    loop {
        match trace.next_within(None) {
            Next::Record(record) => each(&record),
            Next::Nothing => told.extend(trace.notes()),
            Next::End => break,
        }
    }
    told.extend(trace.notes());
    let _ = done.send(());
    dog.join().unwrap();
    (trace.ended().unwrap(), told)
}

/// No signal is blocked.
pub(crate) fn unblocked() -> libc::sigset_t {
    // SAFETY: zeroed is a valid set, and sigemptyset fills it.
    unsafe {
        let mut mask = std::mem::zeroed();
        libc::sigemptyset(&raw mut mask);
        mask
    }
}

/// Who does an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum As {
    /// The user who tests.
    Tester,
    /// A user without any privilege; the tester if that is one.
    Nobody,
}

/// Does an act untraced, in a process of its own: for what it does by itself, or for an act that
/// traces. A watchdog ends one that hangs.
pub(crate) fn solo(act: &str, user: As) -> (Notes, tempfile::TempDir) {
    solo_by(act, user, &[])
}

/// As [`solo`], by a program that runs what it is given.
pub(crate) fn solo_by(act: &str, user: As, by: &[&str]) -> (Notes, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes");
    let mut own = env::current_exe().unwrap();
    // SAFETY: no memory is passed.
    let privileged = unsafe { libc::geteuid() } == 0;
    let mut command = if user == As::Nobody && privileged {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let copy = folder.path().join("tests");
        fs::copy(own, &copy).unwrap();
        own = copy;
        let mut command = run_by(by, own);
        command.uid(NOBODY).gid(NOBODY);
        command
    } else {
        run_by(by, own)
    };
    let words = ["harness::actor", "--exact", "--test-threads=1", "--nocapture"];
    command.args(words).env(ACT, act).env(NOTES, &notes).current_dir(folder.path());
    let mut process = spawn(command.stdout(Stdio::null()).process_group(0));
    let late = Instant::now() + LONGEST;
    let status = loop {
        if let Some(status) = process.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > late {
            // SAFETY: no memory is passed.
            unsafe { libc::kill(-(process.id() as i32), libc::SIGKILL) };
            panic!("{act} hangs");
        }
        thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success(), "{act}: {status}");
    (Notes::of_text(&fs::read_to_string(notes).unwrap()), folder)
}

/// Starts a program, which may have just been written: a child that another test's thread makes
/// meanwhile holds the file open for a moment.
fn spawn(command: &mut Command) -> std::process::Child {
    loop {
        match command.spawn() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                thread::sleep(Duration::from_millis(5));
            }
            spawned => return spawned.unwrap(),
        }
    }
}

fn run_by(by: &[&str], own: std::path::PathBuf) -> Command {
    let Some((first, others)) = by.split_first() else { return Command::new(own) };
    let mut command = Command::new(first);
    command.args(others).arg(own);
    command
}

/// A user and a group who own nothing.
pub(crate) const NOBODY: u32 = 65534;
/// How long an act may take.
pub(crate) const LONGEST: Duration = Duration::from_secs(120);
