//! Attaching to what runs, and letting go of it.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use capture::ptrace::{Error, Next, Options, Target, Trace};
use event::{snapshot::Record, syscalls::PROCEXIT_1_E};

use crate::{
    harness::{ACT, Acts, Kept, NOTES, Notes, unblocked},
    process::{child, end, own_pid, reap},
    telling::sys,
};

pub(crate) const ACTS: Acts = &[("attach::target", act_target)];

static OVER: AtomicBool = AtomicBool::new(false);

fn pipe() -> [i64; 2] {
    let mut ends = [0; 2];
    // SAFETY: ends is ours.
    assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
    ends.map(i64::from)
}

/// Threads in calls that block, and one that makes processes all the time, until told to end.
///
/// While only some threads have a tracer, the end of a child can wake one that has none. It is not to
/// be chosen here.
fn act_target(notes: &mut Notes) {
    let children = 1_u64 << (libc::SIGCHLD - 1);
    let mask = |how: i32| {
        let set = (&raw const children) as i64;
        sys(libc::SYS_rt_sigprocmask, [i64::from(how), set, 0, 8]);
    };
    mask(libc::SIG_BLOCK);
    let ([from, into], [wake_from, wake]) = (pipe(), pipe());
    let reads = thread::spawn(move || {
        let mut byte = 0_u8;
        sys(libc::SYS_read, [from, (&raw mut byte) as i64, 1])
    });
    let waits = thread::spawn(move || {
        let poll = sys(libc::SYS_epoll_create1, [0]);
        // struct epoll_event is packed: EPOLLIN, then data.
        let mut event = [1_u32, 7, 0];
        let event = event.as_mut_ptr() as i64;
        sys(libc::SYS_epoll_ctl, [poll, 1, wake_from, event]);
        sys(libc::SYS_epoll_wait, [poll, event, 1, 60_000])
    });
    let signals = thread::spawn(move || {
        let time = libc::timespec { tv_sec: 60, tv_nsec: 0 };
        let set = 1_u64 << (libc::SIGUSR2 - 1);
        sys(libc::SYS_rt_sigprocmask, [0, (&raw const set) as i64, 0, 8]);
        let (set, time) = ((&raw const set) as i64, (&raw const time) as i64);
        sys(libc::SYS_rt_sigtimedwait, [set, 0, time, 8])
    });
    let sleeps = thread::spawn(move || {
        let time = libc::timespec { tv_sec: 1, tv_nsec: 0 };
        let began = Instant::now();
        let result = sys(libc::SYS_nanosleep, [(&raw const time) as i64, 0]);
        (result, began.elapsed() >= Duration::from_secs(1))
    });
    mask(libc::SIG_UNBLOCK);
    let forks = thread::spawn(move || {
        let mut wrong = 0;
        while !OVER.load(Ordering::SeqCst) {
            let below = child(|| end(reap(child(|| end(3))) >> 8));
            wrong += i64::from(reap(below) != 3 << 8);
            thread::spawn(|| {}).join().unwrap();
        }
        wrong
    });
    fs::write("ready", b"x").unwrap();
    while !Path::new("go").exists() {
        thread::sleep(Duration::from_millis(5));
    }
    OVER.store(true, Ordering::SeqCst);
    notes.note("forks that went wrong", forks.join().unwrap());
    for fd in [into, wake] {
        sys(libc::SYS_write, [fd, c"x".as_ptr() as i64, 1]);
    }
    sys(libc::SYS_kill, [own_pid(), i64::from(libc::SIGUSR2)]);
    notes.note("read", reads.join().unwrap());
    notes.note("epoll_wait", waits.join().unwrap());
    notes.note("sigtimedwait", signals.join().unwrap());
    let (slept, long_enough) = sleeps.join().unwrap();
    notes.note("slept", slept);
    notes.note("long enough", i64::from(long_enough));
}

/// A process to attach to.
struct Running {
    process: Child,
    folder: tempfile::TempDir,
}

impl Running {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["harness::actor", "--exact", "--test-threads=1", "--nocapture"])
            .env(ACT, "attach::target")
            .env(NOTES, folder.path().join("notes"))
            .current_dir(folder.path())
            .stdout(Stdio::null());
        // SAFETY: only a mask of signals is set, so that the one that is waited for does not kill.
        unsafe {
            command.pre_exec(|| {
                let set = 1_u64 << (libc::SIGUSR2 - 1);
                sys(libc::SYS_rt_sigprocmask, [0, (&raw const set) as i64, 0, 8]);
                Ok(())
            });
        }
        let process = command.spawn().unwrap();
        let running = Self { process, folder };
        let late = Instant::now() + Duration::from_secs(30);
        while !running.folder.path().join("ready").exists() {
            assert!(Instant::now() < late);
            thread::sleep(Duration::from_millis(5));
        }
        thread::sleep(Duration::from_millis(50));
        running
    }

    fn pid(&self) -> i32 {
        self.process.id() as i32
    }

    /// Lets it end; what it noted.
    fn finish(mut self) -> Notes {
        fs::write(self.folder.path().join("go"), b"x").unwrap();
        let late = Instant::now() + Duration::from_secs(30);
        loop {
            // A wait of this process would take stops and the end from the tracer, which is another
            // thread of it.
            let stat = fs::read(format!("/proc/{}/stat", self.pid())).unwrap_or_default();
            if stat.is_empty() || stat.windows(4).any(|part| part == b") Z ") {
                break;
            }
            if Instant::now() > late {
                let _ = self.process.kill();
                panic!("what was attached to hangs");
            }
            thread::sleep(Duration::from_millis(5));
        }
        Notes::of_text(&fs::read_to_string(self.folder.path().join("notes")).unwrap())
    }
}

fn attach(pid: i32) -> Trace {
    Trace::start(Target::Running(vec![pid]), Options::default(), unblocked()).unwrap()
}

/// Reads until this many ends were told, and a while at most.
fn read_ends(trace: &mut Trace, ends: usize) -> Vec<Kept> {
    let (mut events, mut seen) = (Vec::new(), 0);
    let late = Instant::now() + Duration::from_secs(30);
    while seen < ends {
        assert!(Instant::now() < late, "{seen} ends");
        if let Next::Record(Record::Event(event)) =
            trace.next_within(Some(Duration::from_millis(50)))
        {
            events.push(Kept::of(&event));
            seen += usize::from(event.kind == PROCEXIT_1_E);
        }
    }
    events
}

fn read_to_end(trace: &mut Trace) {
    let late = Instant::now() + Duration::from_secs(30);
    while !matches!(trace.next_within(Some(Duration::from_millis(50))), Next::End) {
        assert!(Instant::now() < late, "never ends");
    }
}

#[test]
fn what_was_attached_to_goes_on_undisturbed() {
    let running = Running::new();
    // More than once, for what is let go of can be attached to again.
    for _ in 0..3 {
        let mut trace = attach(running.pid());
        let events = read_ends(&mut trace, 60);
        assert!(events.iter().any(|e| e.tid != i64::from(running.pid())));
        trace.handle().detach();
        read_to_end(&mut trace);
        let ended = trace.ended().unwrap();
        assert_eq!((ended.status, ended.failure), (None, None));
        let status = fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap();
        assert!(status.contains("TracerPid:\t0\n"), "{status}");
    }
    assert_undisturbed(&running.finish());
}

fn assert_undisturbed(notes: &Notes) {
    for (name, value) in [
        ("forks that went wrong", 0),
        ("read", 1),
        ("epoll_wait", 1),
        ("sigtimedwait", i64::from(libc::SIGUSR2)),
        ("slept", 0),
        ("long enough", 1),
    ] {
        assert_eq!(notes.of(name), value, "{name}: {notes:?}");
    }
}

#[test]
fn what_was_attached_to_goes_on_when_the_trace_is_dropped() {
    let running = Running::new();
    let mut trace = attach(running.pid());
    read_ends(&mut trace, 10);
    drop(trace);
    assert_undisturbed(&running.finish());
}

#[test]
fn what_was_attached_to_is_followed_to_its_end() {
    let running = Running::new();
    let (pid, mut trace) = (running.pid(), attach(running.pid()));
    read_ends(&mut trace, 10);
    let finish = thread::spawn(move || running.finish());
    let late = Instant::now() + Duration::from_secs(30);
    let mut own_end = 0;
    loop {
        assert!(Instant::now() < late, "never ends");
        match trace.next_within(Some(Duration::from_millis(50))) {
            Next::Record(Record::Event(event)) => {
                own_end += i32::from(event.kind == PROCEXIT_1_E && event.tid == i64::from(pid));
            }
            Next::Record(_) | Next::Nothing => {}
            Next::End => break,
        }
    }
    assert_eq!(own_end, 1);
    assert_undisturbed(&finish.join().unwrap());
}

#[test]
fn what_cannot_be_attached_to_is_named() {
    let start = |pid| Trace::start(Target::Running(vec![pid]), Options::default(), unblocked());
    for pid in [4_000_000, own_pid() as i32] {
        match start(pid) {
            Err(Error::Attach { pid: named, .. }) => assert_eq!(named, pid),
            other => panic!("{other:?}"),
        }
    }
    // One that has a tracer.
    let mut process = Command::new("sleep").arg("60").spawn().unwrap();
    let first = start(process.id() as i32).unwrap();
    assert!(matches!(start(process.id() as i32), Err(Error::Attach { .. })));
    let handle = first.handle();
    drop(first);
    handle.detach();
    process.kill().unwrap();
    // The tracer, a thread of this process, may be the one to learn of the end.
    let _ = process.wait();
}
