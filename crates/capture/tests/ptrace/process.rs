//! The life of processes and threads: made, given another program, ended.

use std::ptr;

use capture::ptrace::Options;
use event::{
    EventType,
    symbols::CLONE_FLAGS,
    syscalls::{
        CLONE_20_X, CLONE3_X, EXECVE_19_X, EXECVEAT_X, FORK_20_X, PROCEXIT_1_E, VFORK_20_X,
    },
};

use crate::{
    exec::{self, pointers},
    families,
    harness::{Acts, Kept, Notes, Outcome, trace, trace_with},
    live,
    telling::sys,
};

pub(crate) const ACTS: Acts = &[
    ("process::family", act_family),
    ("process::clones", act_clones),
    ("process::spawn", act_spawn),
    ("process::ends", act_ends),
];

/// Makes a child that does something and ends with 0.
pub(crate) fn child(body: impl FnOnce()) -> i64 {
    // SAFETY: the child makes calls only and ends.
    match unsafe { libc::fork() } {
        0 => {
            body();
            // SAFETY: ends the process.
            unsafe { libc::_exit(0) }
        }
        pid => i64::from(pid),
    }
}

/// Waits for a child's end.
pub(crate) fn reap(pid: i64) -> i32 {
    let mut status = 0;
    // SAFETY: status is ours.
    let reaped = unsafe { libc::waitpid(pid as i32, &raw mut status, libc::__WALL) };
    assert_eq!(i64::from(reaped), pid);
    status
}

/// Ends the process at once.
pub(crate) fn end(code: i32) -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(code) }
}

pub(crate) fn own_pid() -> i64 {
    i64::from(std::process::id())
}

pub(crate) fn own_tid() -> i64 {
    sys(libc::SYS_gettid, [])
}

impl Outcome {
    /// The events of one type of one thread.
    pub(crate) fn by(&self, kind: EventType, tid: i64) -> Vec<&Kept> {
        self.of(kind).into_iter().filter(|event| event.tid == tid).collect()
    }

    /// The one event of a type of a thread.
    pub(crate) fn only(&self, kind: EventType, tid: i64) -> &Kept {
        let [event] = self.by(kind, tid)[..] else {
            panic!("{tid}: {} {}\n{}", self.by(kind, tid).len(), kind.info().name, self.story())
        };
        event
    }

    /// The child's side of what made a thread or process.
    pub(crate) fn birth(&self, tid: i64) -> &Kept {
        let [event] = self.lives().0.into_iter().filter(|e| e.tid == tid).collect::<Vec<_>>()[..]
        else {
            panic!("{tid}\n{}", self.story())
        };
        event
    }

    /// All events as text.
    pub(crate) fn story(&self) -> String {
        let line = |e: &Kept| format!("{} {} {}\n", e.tid, e.kind.info().name, e.told());
        self.events.iter().map(line).collect()
    }

    pub(crate) fn place(&self, wanted: &Kept) -> usize {
        self.events.iter().position(|event| ptr::eq(event, wanted)).unwrap()
    }
}

pub(crate) fn flags(event: &Kept) -> Vec<&'static str> {
    let flags = event.int("flags").unwrap();
    let has = |value: u32| flags & i64::from(value) != 0;
    CLONE_FLAGS.iter().filter(|symbol| has(symbol.value)).map(|symbol| symbol.name).collect()
}

fn act_family(notes: &mut Notes) {
    notes.note("pid", own_pid());
    notes.note("tid", own_tid());
    notes.note("parent", i64::from(std::os::unix::process::parent_id()));
    // By the bare call, for libc forks by clone.
    match sys(libc::SYS_fork, []) {
        0 => end(3),
        pid => {
            notes.note("forked", pid);
            reap(pid);
        }
    }
    #[expect(deprecated, reason = "the child does nothing but end")]
    // SAFETY: the child ends at once and touches nothing.
    let pid = match unsafe { libc::vfork() } {
        0 => end(4),
        pid => pid,
    };
    notes.note("vforked", pid);
    reap(i64::from(pid));
}

#[test]
fn fork_and_vfork_tell_both_sides() {
    let outcome = trace("process::family");
    let [pid, tid] = ["pid", "tid"].map(|name| outcome.notes.of(name));
    for (kind, name, code) in [(FORK_20_X, "forked", 3), (VFORK_20_X, "vforked", 4)] {
        let new = outcome.notes.of(name);
        let (made, began) = (outcome.only(kind, tid), outcome.only(kind, new));
        for (event, res, ids) in
            [(made, new, [tid, pid, outcome.notes.of("parent")]), (began, 0, [new, new, pid])]
        {
            assert_eq!(event.int("res"), Some(res));
            assert_eq!(["tid", "pid", "ptid"].map(|name| event.int(name).unwrap()), ids);
            assert_eq!([event.int("vtid"), event.int("vpid")], [Some(ids[0]), Some(ids[1])]);
            assert_eq!((event.int("uid"), event.int("gid")), (Some(own_uid()), Some(own_gid())));
            assert!(event.text("exe").starts_with(b"/"), "{}", event.told());
            assert!(event.bytes("args").starts_with(b"harness::actor\0"), "{}", event.told());
            assert!(event.int("vm_size") > Some(1000) && event.int("vm_rss") > Some(0));
            assert!(event.int("fdlimit") > Some(2));
            assert!(flags(event).is_empty(), "{}", event.told());
        }
        let ended = outcome.only(PROCEXIT_1_E, new);
        let told = format!("status={} ret={code} sig=0 core=0 reaper_tid=0", code << 8);
        assert_eq!(ended.told(), told);
        let [made, began, ended] = [made, began, ended].map(|event| outcome.place(event));
        assert!(began < ended, "a child begins before it ends");
        assert!(kind != VFORK_20_X || made > began, "a vfork returns when the child is done");
    }
    assert_eq!(outcome.ended.counts.unfinished, 0);
}

pub(crate) fn own_uid() -> i64 {
    // SAFETY: no memory is passed.
    i64::from(unsafe { libc::geteuid() })
}

fn own_gid() -> i64 {
    // SAFETY: no memory is passed.
    i64::from(unsafe { libc::getegid() })
}

const STACK_BYTES: usize = 64 * 1024;

extern "C" fn ends_with_five(_: *mut libc::c_void) -> libc::c_int {
    end(5)
}

/// A process in this one's memory, by the bare wrapper.
pub(crate) fn clone_into_own_memory(
    flags: i32,
    body: extern "C" fn(*mut libc::c_void) -> libc::c_int,
) -> i64 {
    let stack = Box::leak(vec![0_u8; STACK_BYTES].into_boxed_slice());
    let top = stack.as_mut_ptr_range().end;
    // SAFETY: the stack lives on, and the child only ends.
    i64::from(unsafe { libc::clone(body, top.cast(), flags, ptr::null_mut()) })
}

pub(crate) const SIGCHLD: i64 = libc::SIGCHLD as i64;

fn act_clones(notes: &mut Notes) {
    notes.note("pid", own_pid());
    notes.note("tid", own_tid());
    let pid = clone_into_own_memory(libc::CLONE_VM | libc::SIGCHLD, ends_with_five);
    notes.note("shares_memory", pid);
    reap(pid);
    // A child of this one's parent, made by a child so that this one can wait for it.
    let mut pipe = [0; 2];
    // SAFETY: pipe is ours.
    assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0);
    let maker = child(|| {
        let pid = sys(libc::SYS_clone, [i64::from(libc::CLONE_PARENT) | SIGCHLD, 0, 0, 0, 0]);
        if pid == 0 {
            end(6);
        }
        sys(libc::SYS_write, [i64::from(pipe[1]), (&raw const pid) as i64, 8]);
    });
    let mut sibling = 0_i64;
    sys(libc::SYS_read, [i64::from(pipe[0]), (&raw mut sibling) as i64, 8]);
    notes.note("maker", maker);
    notes.note("sibling", sibling);
    reap(maker);
    reap(sibling);
    match sys(libc::SYS_clone, [i64::from(libc::CLONE_UNTRACED) | SIGCHLD, 0, 0, 0, 0]) {
        0 => end(7),
        pid => {
            notes.note("untraced", pid);
            reap(pid);
        }
    }
    for (name, flags) in [("clone3", 0), ("untraced3", libc::CLONE_UNTRACED as u64)] {
        // struct clone_args of linux/sched.h: flags first, the signal fifth.
        let mut args = [0_u64; 11];
        (args[0], args[4]) = (flags, libc::SIGCHLD as u64);
        match sys(libc::SYS_clone3, [args.as_mut_ptr() as i64, 88]) {
            0 => end(8),
            pid => {
                notes.note(name, pid);
                reap(pid);
                notes.note(&format!("{name}.kept"), i64::from(args[0] == flags));
            }
        }
    }
    let thread = std::thread::spawn(own_tid);
    notes.note("thread", thread.join().unwrap());
    notes.call("refused", libc::SYS_clone, [i64::from(libc::CLONE_THREAD), 0, 0, 0, 0]);
    notes.call("refused3", libc::SYS_clone3, [8, 88]);
}

#[test]
fn clones_of_every_kind_are_followed() {
    let outcome = trace("process::clones");
    let [pid, tid] = ["pid", "tid"].map(|name| outcome.notes.of(name));
    let cases: &[(&str, EventType, &[&str], i64)] = &[
        ("shares_memory", CLONE_20_X, &["CLONE_VM"], 5),
        ("sibling", CLONE_20_X, &["CLONE_PARENT"], 6),
        ("untraced", CLONE_20_X, &["CLONE_UNTRACED"], 7),
        ("clone3", CLONE3_X, &[], 8),
        ("untraced3", CLONE3_X, &["CLONE_UNTRACED"], 8),
    ];
    for (name, kind, expected, code) in cases {
        let new = outcome.notes.of(name);
        let maker = if *name == "sibling" { outcome.notes.of("maker") } else { tid };
        let made = outcome.by(*kind, maker);
        let made = made.iter().find(|event| event.int("res") == Some(new));
        let made = made.unwrap_or_else(|| panic!("{name}\n{}", outcome.story()));
        let began = outcome.only(*kind, new);
        assert_eq!((flags(made), flags(began)), (expected.to_vec(), expected.to_vec()), "{name}");
        assert_eq!(began.int("ptid"), Some(pid), "{name}");
        assert_eq!(outcome.only(PROCEXIT_1_E, new).int("ret"), Some(*code), "{name}");
    }
    assert_eq!(outcome.notes.of("clone3.kept"), 1);
    assert_eq!(outcome.notes.of("untraced3.kept"), 1);
    let thread = outcome.notes.of("thread");
    let began: Vec<&Kept> =
        [CLONE_20_X, CLONE3_X].into_iter().flat_map(|kind| outcome.by(kind, thread)).collect();
    let [began] = began[..] else { panic!("{}", outcome.story()) };
    assert!(flags(began).contains(&"CLONE_THREAD") && flags(began).contains(&"CLONE_VM"));
    assert_eq!([began.int("tid"), began.int("pid")], [Some(thread), Some(pid)]);
    assert_eq!(
        outcome.only(PROCEXIT_1_E, thread).told(),
        "status=0 ret=0 sig=0 core=0 reaper_tid=0"
    );
    let refused = |kind, name| {
        let result = outcome.notes.of(name);
        assert!(result < 0);
        let found = outcome.by(kind, tid).iter().any(|event| event.int("res") == Some(result));
        assert!(found, "{name}\n{}", outcome.story());
    };
    refused(CLONE_20_X, "refused");
    refused(CLONE3_X, "refused3");
}

fn act_spawn(notes: &mut Notes) {
    let mut pid = 0;
    let argv = pointers(&[c"true"]);
    // SAFETY: all that is passed is ours or null, and lives long enough.
    let error = unsafe {
        libc::posix_spawn(
            &raw mut pid,
            c"/bin/true".as_ptr(),
            ptr::null(),
            ptr::null(),
            argv.as_ptr().cast_mut().cast(),
            argv[1..].as_ptr().cast_mut().cast(),
        )
    };
    assert_eq!(error, 0);
    notes.note("spawned", pid);
    reap(i64::from(pid));
}

#[test]
fn posix_spawn_is_a_clone_and_an_exec() {
    let outcome = trace("process::spawn");
    let new = outcome.notes.of("spawned");
    let began: Vec<&Kept> =
        [CLONE_20_X, CLONE3_X].into_iter().flat_map(|kind| outcome.by(kind, new)).collect();
    let [began] = began[..] else { panic!("{}", outcome.story()) };
    assert!(flags(began).contains(&"CLONE_VFORK"), "{}", began.told());
    let ran = outcome.only(EXECVE_19_X, new);
    assert_eq!((ran.text("filename"), ran.text("comm")), (b"/bin/true".to_vec(), b"true".to_vec()));
    assert_eq!(outcome.only(PROCEXIT_1_E, new).int("status"), Some(0));
}

fn act_ends(notes: &mut Notes) {
    let mut ends = |name: &str, body: &dyn Fn()| {
        let pid = child(body);
        notes.note(name, pid);
        notes.note(&format!("{name}.status"), reap(pid));
    };
    let kill = |signal: i32| {
        // SAFETY: no memory is passed.
        unsafe { libc::raise(signal) };
    };
    ends("zero", &|| {});
    ends("most", &|| end(255));
    ends("wraps", &|| end(256 + 7));
    ends("killed", &|| kill(libc::SIGKILL));
    ends("terminated", &|| kill(libc::SIGTERM));
    ends("without_core", &|| {
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: none is ours; default actions are set.
        unsafe {
            libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
            libc::signal(libc::SIGSEGV, libc::SIG_DFL);
        }
        kill(libc::SIGSEGV);
    });
    ends("with_core", &|| {
        let most = libc::rlimit { rlim_cur: 1 << 30, rlim_max: 1 << 30 };
        // SAFETY: most is ours; default actions are set.
        unsafe {
            libc::setrlimit(libc::RLIMIT_CORE, &raw const most);
            libc::signal(libc::SIGABRT, libc::SIG_DFL);
        }
        kill(libc::SIGABRT);
    });
    ends("group", &|| {
        for _ in 0..3 {
            std::thread::spawn(|| {
                loop {
                    sys(libc::SYS_pause, []);
                }
            });
        }
        // So that all have begun.
        std::thread::sleep(std::time::Duration::from_millis(20));
        sys(libc::SYS_exit_group, [13]);
    });
    ends("first_thread_first", &|| {
        std::thread::spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            sys(libc::SYS_exit, [14]);
        });
        sys(libc::SYS_exit, [15]);
    });
    // A child that shares memory with one that waits for it, and dies by a signal.
    let pid =
        clone_into_own_memory(libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD, killed_at_once);
    notes.note("vfork_killed", pid);
    notes.note("vfork_killed.status", reap(pid));
}

extern "C" fn killed_at_once(_: *mut libc::c_void) -> libc::c_int {
    // SAFETY: no memory is passed.
    unsafe { libc::syscall(libc::SYS_kill, libc::syscall(libc::SYS_getpid), libc::SIGKILL) };
    0
}

#[test]
fn ends_are_told_as_the_parent_sees_them() {
    let outcome = trace("process::ends");
    for name in [
        "zero",
        "most",
        "wraps",
        "killed",
        "terminated",
        "without_core",
        "with_core",
        "group",
        "first_thread_first",
        "vfork_killed",
    ] {
        let status = match name {
            // Nobody knows yet how the last thread will end.
            "first_thread_first" if live::is_on() => 15 << 8,
            _ => outcome.notes.of(&format!("{name}.status")),
        };
        let (signal, core, code) = (status & 0x7f, (status >> 7) & 1, status >> 8);
        let told = format!("status={status} ret={code} sig={signal} core={core} reaper_tid=0");
        let pid = outcome.notes.of(name);
        assert_eq!(outcome.only(PROCEXIT_1_E, pid).told(), told, "{name}");
    }
    let (began, ended): (Vec<&Kept>, Vec<&Kept>) = outcome.lives();
    assert_eq!(began.len(), ended.len(), "{}", outcome.story());
}

impl Outcome {
    /// What began and what ended among what the act made, threads and processes.
    pub(crate) fn lives(&self) -> (Vec<&Kept>, Vec<&Kept>) {
        let makes = [FORK_20_X, VFORK_20_X, CLONE_20_X, CLONE3_X];
        let began = |event: &&Kept| makes.contains(&event.kind) && event.int("res") == Some(0);
        (self.events.iter().filter(began).collect(), self.of(PROCEXIT_1_E))
    }
}

#[test]
fn lives_are_told_alike_where_every_call_stops() {
    let kinds =
        [FORK_20_X, VFORK_20_X, CLONE_20_X, CLONE3_X, EXECVE_19_X, EXECVEAT_X, PROCEXIT_1_E];
    for (act, _) in ACTS.iter().chain(exec::ACTS).chain(families::ACTS) {
        let told = [false, true].map(|without_filter| {
            let outcome = trace_with(act, Options { without_filter, ..Options::default() });
            // Not what calls that made threads returned: that of the harness may come late.
            kinds.map(|kind| {
                let results =
                    outcome.of(kind).into_iter().map(|event| event.event().int(0).unwrap());
                let mut results: Vec<i64> = results
                    .map(i64::signum)
                    .filter(|sign| *sign <= 0 || kind == PROCEXIT_1_E)
                    .collect();
                results.sort_unstable();
                results
            })
        });
        assert_eq!(told[0], told[1], "{act}");
    }
}
