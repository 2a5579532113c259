//! Much at once: nothing is lost, nothing hangs.
//!
//! Sizes are small, so that all tests are quick; `WATCHKEEPER_STRESS=1` in the environment makes them
//! what the tracer must bear.

use std::{
    ffi::{CString, OsStr},
    fs,
    os::unix::ffi::OsStrExt,
    path::Path,
    sync::{
        Arc, Barrier,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use capture::ptrace::{ExitStatus, Next, Options, Target, Trace};
use event::syscalls::{EXECVE_19_X, OPENAT_2_X, PROCEXIT_1_E};

use crate::{
    exec::exec,
    families::all_that_began_ended,
    harness::{Acts, As, Notes, run, solo, trace, trace_with, unblocked},
    process::{child, end, own_pid, own_uid, reap},
    telling::{at, sys},
};

pub(crate) const ACTS: Acts = &[
    ("stress::many", act_many),
    ("stress::threads_exec", act_threads_exec),
    ("stress::bomb", act_bomb),
    ("stress::paths", act_paths),
    ("stress::tracer_killed", act_tracer_killed),
];

/// A size: the small one, or the full one where that is asked for.
pub(crate) fn size(small: u64, full: u64) -> u64 {
    if std::env::var_os("WATCHKEEPER_STRESS").is_some() { full } else { small }
}

fn both_ways() -> [Options; 2] {
    [false, true].map(|without_filter| Options { without_filter, ..Options::default() })
}

/// Many processes that end at once; each tenth runs a program.
fn act_many(notes: &mut Notes) {
    let many = size(300, 10_000);
    let mut waiting = Vec::new();
    for at in 0..many {
        waiting.push(child(|| {
            if at % 10 == 0 {
                exec(c"/bin/true", &[c"true"], &[]);
            }
            end((at % 200) as i32);
        }));
        if waiting.len() == 32 {
            for pid in waiting.drain(..) {
                reap(pid);
            }
        }
    }
    for pid in waiting.drain(..) {
        reap(pid);
    }
    notes.note("processes", many as i64);
    notes.note("programs", many.div_ceil(10) as i64);
}

#[test]
fn each_of_many_short_processes_is_told() {
    for options in both_ways() {
        let outcome = trace_with("stress::many", options);
        let (began, ended) = outcome.lives();
        let many = outcome.notes.of("processes") as usize;
        assert_eq!((began.len(), ended.len()), (many, many));
        assert_eq!(outcome.of(EXECVE_19_X).len() as i64, outcome.notes.of("programs"));
        all_that_began_ended(&outcome.whole);
        let counts = outcome.ended.counts;
        assert_eq!((counts.unbuilt, counts.unfinished, counts.unreadable), (0, 0, 0));
    }
}

/// Threads that all at once run programs or end.
fn act_threads_exec(notes: &mut Notes) {
    let rounds = size(3, 30);
    for round in 0..rounds {
        let pid = child(|| {
            let threads = 200;
            let barrier = Arc::new(Barrier::new(threads + 1));
            for at in 0..threads {
                let barrier = Arc::clone(&barrier);
                thread::Builder::new()
                    .stack_size(64 * 1024)
                    .spawn(move || {
                        barrier.wait();
                        if at % 2 == 0 {
                            exec(c"/bin/true", &[c"true"], &[]);
                        }
                    })
                    .unwrap();
            }
            barrier.wait();
            if round % 3 == 0 {
                sys(libc::SYS_exit, [0]);
            }
            loop {
                sys(libc::SYS_pause, []);
            }
        });
        assert_eq!(reap(pid), 0);
    }
    notes.note("rounds", rounds as i64);
}

#[test]
fn threads_that_exec_and_end_at_once_leave_one_program() {
    for options in both_ways() {
        let outcome = trace_with("stress::threads_exec", options);
        let rounds = outcome.notes.of("rounds") as usize;
        let ran = outcome.of(EXECVE_19_X).into_iter().filter(|e| e.int("res") == Some(0));
        assert_eq!(ran.count(), rounds);
        let (began, ended) = outcome.lives();
        // Of each round the process and its threads. The thread that runs the program takes the
        // first one's id, which so ends twice, and has no end of its own.
        assert_eq!((began.len(), ended.len()), (rounds * 201, rounds * 201));
    }
}

/// Memory that forked processes share.
fn shared_counter() -> &'static AtomicU64 {
    // SAFETY: a fresh page, zeroed, which is never unmapped.
    unsafe {
        let page = libc::mmap(
            std::ptr::null_mut(),
            4096,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
            -1,
            0,
        );
        assert_ne!(page, libc::MAP_FAILED);
        &*page.cast::<AtomicU64>()
    }
}

/// A fork bomb, held by a limit of processes and a time.
fn act_bomb(notes: &mut Notes) {
    let (made, refused) = (shared_counter(), shared_counter());
    // SAFETY: no memory is passed.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
    let limit = size(60, 300);
    let until = Instant::now() + Duration::from_millis(size(300, 3000));
    let pid = child(|| {
        // A user of this test alone, whose processes are counted.
        let user = 100_000 + own_pid();
        sys(libc::SYS_setresuid, [user, user, user]);
        let limit = libc::rlimit { rlim_cur: limit, rlim_max: limit };
        // SAFETY: limit is ours.
        unsafe { libc::setrlimit(libc::RLIMIT_NPROC, &raw const limit) };
        while Instant::now() < until {
            match sys(libc::SYS_fork, []) {
                new if new > 0 => drop(made.fetch_add(1, Ordering::SeqCst)),
                0 => {}
                _ => {
                    refused.fetch_add(1, Ordering::SeqCst);
                    // Half of them end, to make room.
                    if own_pid() % 2 == 0 {
                        end(0);
                    }
                }
            }
            sys(libc::SYS_wait4, [-1, 0, i64::from(libc::WNOHANG), 0]);
        }
    });
    assert!(pid > 0);
    // All of them come to this process at last.
    while sys(libc::SYS_wait4, [-1, 0, 0, 0]) > 0 {}
    notes.note("made", made.load(Ordering::SeqCst) as i64 + 1);
    notes.note("refused", refused.load(Ordering::SeqCst) as i64);
}

#[test]
fn a_fork_bomb_is_told_process_by_process() {
    if own_uid() != 0 {
        eprintln!("skipped: a limit of processes for a user of its own needs root");
        return;
    }
    let outcome = trace("stress::bomb");
    let (began, ended) = outcome.lives();
    let made = outcome.notes.of("made") as usize;
    assert_eq!((began.len(), ended.len()), (made, made));
    assert!(outcome.notes.of("refused") > 0 && made > 20, "{:?}", outcome.notes);
    all_that_began_ended(&outcome.whole);
}

/// Deep folders, long paths, names of any bytes.
fn act_paths(notes: &mut Notes) {
    let depth = size(200, 1000);
    let mut fd = i64::from(libc::AT_FDCWD);
    for at_depth in 0..depth {
        let name = CString::new(format!("deep{at_depth}")).unwrap();
        assert_eq!(sys(libc::SYS_mkdirat, [fd, at(&name), 0o700]), 0);
        let below = sys(libc::SYS_openat, [fd, at(&name), i64::from(libc::O_DIRECTORY)]);
        assert!(below >= 0);
        sys(libc::SYS_close, [fd]);
        fd = below;
    }
    let odd = CString::new(b"\xff\xfe \n\t\x01'\"\\".to_vec()).unwrap();
    let flags = i64::from(libc::O_CREAT | libc::O_WRONLY);
    notes.call("odd", libc::SYS_openat, [fd, at(&odd), flags, 0o600]);
    for (name, bytes) in [("longest", 4095), ("too long", 4096)] {
        let mut path = b"./".repeat(bytes / 2);
        path.resize(bytes, b'.');
        let path = CString::new(path).unwrap();
        notes.call(name, libc::SYS_openat, [-100, at(&path), 0]);
    }
    notes.note("depth", depth as i64);
}

#[test]
fn deep_and_odd_paths_are_told_whole() {
    let outcome = trace("stress::paths");
    let opened = outcome.of(OPENAT_2_X);
    let deep = opened.iter().filter(|e| e.text("name").starts_with(b"deep")).count();
    assert_eq!(deep as i64, outcome.notes.of("depth"));
    let result = |name: &[u8]| opened.iter().find(|e| e.text("name") == name).unwrap().int("fd");
    assert_eq!(result(b"\xff\xfe \n\t\x01'\"\\"), Some(outcome.notes.of("odd")));
    let long: Vec<(usize, Option<i64>)> = opened
        .iter()
        .map(|e| (e.text("name").len(), e.int("fd")))
        .filter(|(length, _)| *length > 4000)
        .collect();
    let [longest, too_long] = ["longest", "too long"].map(|name| outcome.notes.of(name));
    // Of one that is too long, as much as a path may have.
    assert_eq!(too_long, -i64::from(libc::ENAMETOOLONG));
    assert_eq!(long, [(4095, Some(longest)), (4095, Some(too_long))]);
}

/// A command that makes so many events of nearly 32 KiB each.
fn loud(times: u64) -> Target {
    let script = "x=$(head -c 30000 /dev/zero | tr '\\0' x); i=0; \
                  while [ $i -lt $0 ]; do /bin/true $x; i=$((i+1)); done; exit 5";
    let words = ["/bin/sh", "-c", script, &times.to_string()];
    Target::Command(words.map(Into::into).to_vec())
}

/// More than the queue holds.
const MANY_TIMES: u64 = 700;

#[test]
fn the_command_waits_for_a_reader_that_is_slow() {
    let mut trace = Trace::start(loud(MANY_TIMES), Options::default(), unblocked()).unwrap();
    let mut execs = 0;
    let mut read = 0;
    let late = Instant::now() + Duration::from_secs(100);
    loop {
        assert!(Instant::now() < late, "hangs");
        match trace.next_within(Some(Duration::from_secs(1))) {
            Next::Record(event::snapshot::Record::Event(event)) => {
                execs += u64::from(event.kind == EXECVE_19_X);
                read += 1;
                if read == 10 {
                    // Long enough for the queue to be full.
                    thread::sleep(Duration::from_secs(size(2, 20)));
                }
            }
            Next::Record(_) | Next::Nothing => {}
            Next::End => break,
        }
    }
    let ended = trace.ended().unwrap();
    assert_eq!(ended.status, Some(ExitStatus::Code(5)));
    // The shell itself, head and tr.
    assert_eq!((execs, read), (MANY_TIMES + 3, ended.counts.events));
}

#[test]
fn a_trace_that_nobody_reads_can_be_killed() {
    let mut trace = Trace::start(loud(1_000_000), Options::default(), unblocked()).unwrap();
    thread::sleep(Duration::from_secs(2));
    let asked = Instant::now();
    trace.handle().kill();
    assert!(asked.elapsed() < Duration::from_millis(900), "the tracer did not hear");
    while !matches!(trace.next_within(None), Next::End) {}
    let status = trace.ended().unwrap().status;
    assert_eq!(status, Some(ExitStatus::Signal(libc::SIGKILL)));
}

#[test]
fn a_command_goes_on_when_its_trace_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("done");
    let script = "i=0; while [ $i -lt 50 ]; do /bin/true; i=$((i+1)); done; echo x >\"$0\"";
    let words = ["/bin/sh".as_ref(), "-c".as_ref(), script.as_ref(), file.as_os_str()];
    let command = Target::Command(words.map(OsStr::to_os_string).to_vec());
    drop(Trace::start(command, Options::default(), unblocked()).unwrap());
    wait_until("the command is done", || file.exists());
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let late = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < late, "never: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A tracer that is killed.
fn act_tracer_killed(notes: &mut Notes) {
    for (name, without_filter) in [("filter", false), ("every call", true)] {
        let _ = fs::remove_file("pid");
        let tracer = child(|| {
            let script = "(while :; do /bin/true; done) & echo $$ $! >new; mv new pid; wait";
            let words = ["/bin/sh", "-c", script].map(Into::into);
            let options = Options { without_filter, ..Options::default() };
            run(Target::Command(words.to_vec()), options);
        });
        wait_until("the command runs", || Path::new("pid").exists());
        let pids = fs::read_to_string("pid").unwrap();
        sys(libc::SYS_kill, [tracer, i64::from(libc::SIGKILL)]);
        reap(tracer);
        for pid in pids.split_whitespace() {
            let stat = format!("/proc/{pid}/stat");
            let is_gone = || {
                let stat = fs::read(&stat).unwrap_or_default();
                stat.is_empty() || stat.windows(4).any(|part| part == b") Z ")
            };
            wait_until("the command is dead", is_gone);
        }
        notes.note(name, 1);
    }
}

#[test]
fn the_command_dies_with_a_tracer_that_is_killed() {
    let (notes, _folder) = solo("stress::tracer_killed", As::Tester);
    assert_eq!((notes.of("filter"), notes.of("every call")), (1, 1));
}

#[test]
fn arguments_of_two_mebibytes_are_borne() {
    // As many words as fit, by a shell's glob-free list.
    let script = "x=$(head -c 120000 /dev/zero | tr '\\0' y); \
                  /bin/true $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x; exit $?";
    let words = ["/bin/sh", "-c", script].map(Into::into);
    let (events, ended, _) = run(Target::Command(words.to_vec()), Options::default());
    assert_eq!((ended.status, ended.counts.unbuilt), (Some(ExitStatus::Code(0)), 0));
    let last = events.iter().rfind(|e| e.kind == EXECVE_19_X).unwrap();
    assert_eq!(last.text("comm"), b"true");
    let given = last.bytes("args");
    assert!(given.len() > 30_000 && OsStr::from_bytes(&given).len() <= 32 * 1024);
    // The shell, that of the pipe, head, tr, true.
    assert_eq!(events.iter().filter(|e| e.kind == PROCEXIT_1_E).count(), 5);
}
