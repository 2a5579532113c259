//! Signals and job control: nothing of it may be other than without a tracer.
//!
//! Each act is done under trace in both ways of tracing and once without; what it notes must be the
//! same.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use capture::ptrace::Options;
use event::syscalls::SIGNALDELIVER_E;

use crate::{
    families::all_that_began_ended,
    harness::{Acts, As, Notes, Outcome, solo, trace, trace_with},
    process::{child, end, own_pid, reap},
    telling::sys,
};

pub(crate) const ACTS: Acts = &[
    ("stops::busy", act_busy),
    ("stops::group_stops", act_group_stops),
    ("stops::interrupted", act_interrupted),
    ("stops::ticking", act_ticking),
    ("stops::orphaned_group", act_orphaned_group),
    ("stops::parent_death", act_parent_death),
    ("stops::killed_in_calls", act_killed_in_calls),
];

/// Does an act in every way; the notes must be the same. Returns how it was traced.
pub(crate) fn same_as_untraced(act: &str) -> [Outcome; 2] {
    let (untraced, _folder) = solo(act, As::Tester);
    [false, true].map(|without_filter| {
        let outcome = trace_with(act, Options { without_filter, ..Options::default() });
        assert_eq!(outcome.notes, untraced, "without filter: {without_filter}");
        outcome
    })
}

fn pipe() -> [i64; 2] {
    let mut ends = [0; 2];
    // SAFETY: ends is ours.
    assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
    ends.map(i64::from)
}

fn kill(pid: i64, signal: i32) {
    assert_eq!(sys(libc::SYS_kill, [pid, i64::from(signal)]), 0);
}

/// Stops the process by a signal to this very thread, which is there when the call returns.
fn stop(signal: i32) {
    sys(libc::SYS_tgkill, [own_pid(), sys(libc::SYS_gettid, []), i64::from(signal)]);
}

fn wait_for(pid: i64, options: i32) -> i32 {
    let mut status = 0;
    // SAFETY: status is ours.
    assert_eq!(i64::from(unsafe { libc::waitpid(pid as i32, &raw mut status, options) }), pid);
    status
}

/// What the parent sees of a stop.
fn note_stop(notes: &mut Notes, name: &str, pid: i64) {
    let status = wait_for(pid, libc::WUNTRACED);
    notes.note(name, if libc::WIFSTOPPED(status) { libc::WSTOPSIG(status) } else { -status });
}

fn act_group_stops(notes: &mut Notes) {
    for signal in [libc::SIGSTOP, libc::SIGTSTP, libc::SIGTTIN] {
        let ([from, into], [wait, go]) = (pipe(), pipe());
        let pid = child(|| {
            // A group of its own, whose parent is in another group of the session.
            sys(libc::SYS_setpgid, [0, 0]);
            for _ in 0..2 {
                std::thread::spawn(move || {
                    let byte = 0_u8;
                    loop {
                        sys(libc::SYS_write, [into, (&raw const byte) as i64, 1]);
                        sleep(Duration::from_millis(1));
                    }
                });
            }
            sleep(Duration::from_millis(5));
            stop(signal);
            let mut byte = 0_u8;
            sys(libc::SYS_read, [wait, (&raw mut byte) as i64, 1]);
            stop(libc::SIGSTOP);
            end(21);
        });
        note_stop(notes, &format!("{signal} stops"), pid);
        // Nothing runs while it is stopped.
        sleep(Duration::from_millis(10));
        let drain = || {
            let mut available = 0_i32;
            sys(libc::SYS_ioctl, [from, libc::FIONREAD as i64, (&raw mut available) as i64]);
            available
        };
        let before = drain();
        sleep(Duration::from_millis(30));
        notes.note(&format!("{signal} wrote meanwhile"), drain() - before);
        kill(pid, libc::SIGCONT);
        let status = wait_for(pid, libc::WCONTINUED);
        notes.note(&format!("{signal} goes on"), i64::from(libc::WIFCONTINUED(status)));
        sys(libc::SYS_write, [go, c"x".as_ptr() as i64, 1]);
        note_stop(notes, &format!("{signal} stops again"), pid);
        kill(pid, libc::SIGCONT);
        notes.note(&format!("{signal} ends"), reap(pid));
        // Killed while it is stopped.
        let pid = child(|| stop(libc::SIGSTOP));
        note_stop(notes, &format!("{signal} another"), pid);
        kill(pid, libc::SIGKILL);
        notes.note(&format!("{signal} killed"), reap(pid));
        for fd in [from, into, wait, go] {
            sys(libc::SYS_close, [fd]);
        }
    }
}

#[test]
fn stops_and_continuations_are_as_untraced() {
    same_as_untraced("stops::group_stops");
}

static CAUGHT: AtomicI64 = AtomicI64::new(0);

extern "C" fn count(_: libc::c_int) {
    CAUGHT.fetch_add(1, Ordering::SeqCst);
}

fn catch(signal: i32, flags: i32) {
    // SAFETY: zeroed is a valid sigaction; the handler counts only.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = count as *const () as usize;
        action.sa_flags = flags;
        libc::sigaction(signal, &raw const action, std::ptr::null_mut());
    }
}

/// Sends a signal to this thread a little later.
fn signal_soon(signal: i32) -> std::thread::JoinHandle<()> {
    let tid = sys(libc::SYS_gettid, []);
    std::thread::spawn(move || {
        sleep(Duration::from_millis(20));
        sys(libc::SYS_tgkill, [own_pid(), tid, i64::from(signal)]);
    })
}

fn act_interrupted(notes: &mut Notes) {
    let [from, into] = pipe();
    let mut byte = 0_u8;
    let read = |byte: &mut u8| sys(libc::SYS_read, [from, (&raw mut *byte) as i64, 1]);
    catch(libc::SIGUSR1, 0);
    let soon = signal_soon(libc::SIGUSR1);
    notes.note("read", read(&mut byte));
    soon.join().unwrap();
    let soon = signal_soon(libc::SIGUSR1);
    let time = libc::timespec { tv_sec: 10, tv_nsec: 0 };
    notes.call("sleep", libc::SYS_nanosleep, [(&raw const time) as i64, 0]);
    soon.join().unwrap();
    let soon = signal_soon(libc::SIGUSR1);
    notes.call("pause", libc::SYS_pause, []);
    soon.join().unwrap();
    let soon = signal_soon(libc::SIGUSR1);
    let none = 0_u64;
    notes.call("sigsuspend", libc::SYS_rt_sigsuspend, [(&raw const none) as i64, 8]);
    soon.join().unwrap();
    catch(libc::SIGUSR1, libc::SA_RESTART);
    let soon = signal_soon(libc::SIGUSR1);
    let later = std::thread::spawn(move || {
        sleep(Duration::from_millis(60));
        sys(libc::SYS_write, [into, c"x".as_ptr() as i64, 1]);
    });
    notes.note("restarted", read(&mut byte));
    soon.join().unwrap();
    later.join().unwrap();
    notes.note("caught", CAUGHT.load(Ordering::SeqCst));
    // A call that a stop interrupts goes on where it was.
    let pid = child(|| {
        let mut byte = 0_u8;
        let got = sys(libc::SYS_read, [from, (&raw mut byte) as i64, 1]);
        end(got as i32 + 30);
    });
    sleep(Duration::from_millis(20));
    kill(pid, libc::SIGSTOP);
    note_stop(notes, "stopped in read", pid);
    kill(pid, libc::SIGCONT);
    sleep(Duration::from_millis(20));
    sys(libc::SYS_write, [into, c"x".as_ptr() as i64, 1]);
    notes.note("read on", reap(pid));
}

#[test]
fn calls_are_interrupted_and_restarted_as_untraced() {
    for outcome in same_as_untraced("stops::interrupted") {
        let delivered = outcome.of(SIGNALDELIVER_E);
        let own = delivered.iter().filter(|e| e.int("sig") == Some(i64::from(libc::SIGUSR1)));
        assert_eq!(own.count(), 5, "{}", outcome.story());
    }
}

/// A timer that ticks each millisecond while calls are made.
fn act_ticking(notes: &mut Notes) {
    catch(libc::SIGALRM, libc::SA_RESTART);
    let every = libc::timeval { tv_sec: 0, tv_usec: 1000 };
    let timer = libc::itimerval { it_interval: every, it_value: every };
    let timer = (&raw const timer) as i64;
    sys(libc::SYS_setitimer, [0, timer, 0]);
    let mut failed = 0;
    let late = Instant::now() + Duration::from_secs(20);
    while CAUGHT.load(Ordering::SeqCst) < 50 && Instant::now() < late {
        std::fs::write("ticking", b"tick").unwrap();
        failed += i64::from(std::fs::read("ticking").unwrap() != b"tick");
        reap(child(|| {}));
    }
    let off = [0_u64; 4];
    sys(libc::SYS_setitimer, [0, off.as_ptr() as i64, 0]);
    notes.note("failed", failed);
    notes.note("enough", i64::from(CAUGHT.load(Ordering::SeqCst) >= 50));
}

#[test]
fn a_timer_that_ticks_fast_disturbs_nothing() {
    same_as_untraced("stops::ticking");
}

fn act_orphaned_group(notes: &mut Notes) {
    // SAFETY: no memory is passed.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
    let [from, into] = pipe();
    let middle = child(|| {
        sys(libc::SYS_setsid, []);
        let stopped = child(|| {
            sys(libc::SYS_setpgid, [0, 0]);
            kill(own_pid(), libc::SIGSTOP);
        });
        wait_for(stopped, libc::WUNTRACED);
        sys(libc::SYS_write, [into, (&raw const stopped) as i64, 8]);
    });
    let mut stopped = 0_i64;
    sys(libc::SYS_read, [from, (&raw mut stopped) as i64, 8]);
    reap(middle);
    // The group has nobody left who could let it go on: the kernel sends SIGHUP and SIGCONT.
    notes.note("hung up", reap(stopped));
}

#[test]
fn an_orphaned_group_that_is_stopped_is_hung_up() {
    same_as_untraced("stops::orphaned_group");
}

fn act_parent_death(notes: &mut Notes) {
    // SAFETY: no memory is passed.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
    let [from, into] = pipe();
    let middle = child(|| {
        let below = child(|| {
            // SAFETY: no memory is passed.
            unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) };
            let own = own_pid();
            sys(libc::SYS_write, [into, (&raw const own) as i64, 8]);
            loop {
                sys(libc::SYS_pause, []);
            }
        });
        assert!(below > 0);
        loop {
            sys(libc::SYS_pause, []);
        }
    });
    let mut below = 0_i64;
    sys(libc::SYS_read, [from, (&raw mut below) as i64, 8]);
    kill(middle, libc::SIGKILL);
    notes.note("middle", reap(middle));
    notes.note("below", reap(below));
}

#[test]
fn the_signal_of_a_parents_death_arrives() {
    same_as_untraced("stops::parent_death");
}

/// Processes are killed while they make calls, children and threads.
fn act_killed_in_calls(notes: &mut Notes) {
    for round in 0..30_u64 {
        let pid = child(|| {
            sys(libc::SYS_setpgid, [0, 0]);
            for _ in 0..3 {
                std::thread::spawn(|| {
                    loop {
                        let _ = std::fs::metadata("nothing");
                        reap(child(|| {}));
                    }
                });
            }
            loop {
                let _ = std::fs::write("killed", b"x");
                std::thread::spawn(|| {}).join().unwrap();
            }
        });
        sys(libc::SYS_setpgid, [pid, pid]);
        sleep(Duration::from_micros(700 * round));
        kill(-pid, libc::SIGKILL);
        notes.note(&format!("{round}"), reap(pid));
    }
}

#[test]
fn processes_killed_in_the_midst_of_calls_end_and_are_told() {
    for outcome in same_as_untraced("stops::killed_in_calls") {
        all_that_began_ended(&outcome.whole);
    }
}

/// Processes that never rest, with calls that the tracer looks at longer than they take, and one
/// that has something else to do.
fn act_busy(notes: &mut Notes) {
    let busy = [(); 6].map(|()| {
        child(|| {
            loop {
                sys(libc::SYS_mmap, [0, 0, libc::PROT_EXEC.into(), 0, -1, 0]);
            }
        })
    });
    sleep(Duration::from_millis(50));
    let begun = Instant::now();
    for _ in 0..100 {
        sys(libc::SYS_close, [-1]);
    }
    notes.note("took", begun.elapsed().as_millis() as i64);
    for pid in busy {
        kill(pid, libc::SIGKILL);
        reap(pid);
    }
}

#[test]
fn processes_that_never_rest_leave_turns_to_others() {
    let outcome = trace("stops::busy");
    assert!(outcome.notes.of("took") < 10_000, "{:?}", outcome.notes);
}
