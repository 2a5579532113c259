//! The life of processes and threads: made, given another program, ended.

use std::{
    collections::HashSet,
    ffi::{CStr, CString},
    os::unix::fs::{MetadataExt, PermissionsExt},
    ptr,
};

use capture::ptrace::Options;
use event::{
    EventType,
    symbols::CLONE_FLAGS,
    syscalls::{
        CLONE_20_X, CLONE3_X, EXECVE_19_X, EXECVEAT_X, FORK_20_X, PROCEXIT_1_E, VFORK_20_X,
    },
};

use crate::{
    harness::{Acts, Kept, Notes, Outcome, trace, trace_with},
    telling::{at, sys},
};

pub(crate) const ACTS: Acts = &[
    ("process::family", act_family),
    ("process::clones", act_clones),
    ("process::spawn", act_spawn),
    ("process::exec", act_exec),
    ("process::exec_refused", act_exec_refused),
    ("process::exec_by_fd", act_exec_by_fd),
    ("process::exec_by_thread", act_exec_by_thread),
    ("process::ends", act_ends),
    ("process::reapers", act_reapers),
    ("process::namespace", act_namespace),
    ("process::privileged", act_privileged),
    ("process::long_list", act_long_list),
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

/// Replaces the program; comes back only if that fails.
pub(crate) fn exec(path: &CStr, argv: &[&CStr], env: &[&CStr]) -> i64 {
    let (argv, env) = (pointers(argv), pointers(env));
    sys(libc::SYS_execve, [at(path), argv.as_ptr() as i64, env.as_ptr() as i64])
}

fn pointers(words: &[&CStr]) -> Vec<*const libc::c_char> {
    words.iter().map(|word| word.as_ptr()).chain([ptr::null()]).collect()
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

    fn place(&self, wanted: &Kept) -> usize {
        self.events.iter().position(|event| ptr::eq(event, wanted)).unwrap()
    }
}

fn flags(event: &Kept) -> Vec<&'static str> {
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

const SIGCHLD: i64 = libc::SIGCHLD as i64;

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

/// Sends standard output to a file of the folder.
fn output_to(file: &CStr) {
    let fd = sys(libc::SYS_open, [at(file), i64::from(libc::O_CREAT | libc::O_WRONLY), 0o644]);
    sys(libc::SYS_dup2, [fd, 1]);
}

fn act_exec(notes: &mut Notes) {
    notes.note("pid", own_pid());
    std::fs::copy("/bin/cat", "kitten").unwrap();
    let pid = child(|| {
        output_to(c"facts");
        sys(libc::SYS_setpgid, [0, 0]);
        let files = [c"/proc/self/status", c"/proc/self/stat", c"/proc/self/loginuid"];
        let argv = [c"Cat", files[0], files[1], files[2]];
        exec(c"./kitten", &argv, &[c"A=1", c"B=two words", c"EMPTY=", c"B\xff=\xfe"]);
        end(9);
    });
    notes.note("cat", pid);
    reap(pid);
    std::fs::write("script", "#!/bin/sh -e\nexit 11\n").unwrap();
    std::fs::set_permissions("script", std::fs::Permissions::from_mode(0o755)).unwrap();
    let pid = child(|| {
        exec(c"./script", &[c"ignored", c"one"], &[]);
        end(9);
    });
    notes.note("script", pid);
    reap(pid);
    // Without any word, the kernel makes an empty first one.
    let pid = child(|| {
        sys(libc::SYS_execve, [at(c"/bin/true"), 0, 0]);
        end(9);
    });
    notes.note("bare", pid);
    reap(pid);
}

/// A line of /proc/PID/status.
fn line<'a>(status: &'a str, name: &str) -> Vec<&'a str> {
    let found = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    found.unwrap().split_whitespace().collect()
}

fn hex(text: &str) -> i64 {
    u64::from_str_radix(text, 16).unwrap() as i64
}

#[test]
fn exec_tells_the_program_in_place() {
    let outcome = trace("process::exec");
    let cat = outcome.notes.of("cat");
    let event = outcome.only(EXECVE_19_X, cat);
    let facts = std::fs::read(outcome.folder.path().join("facts")).unwrap();
    let facts = String::from_utf8(facts).unwrap();
    let kitten = std::fs::canonicalize(outcome.folder.path().join("kitten")).unwrap();
    let meta = std::fs::metadata(&kitten).unwrap();
    let ns = |seconds: i64, ns: i64| seconds * 1_000_000_000 + ns;
    assert_eq!(event.text("exe"), b"Cat");
    assert_eq!(event.bytes("args"), b"/proc/self/status\0/proc/self/stat\0/proc/self/loginuid\0");
    assert_eq!(event.bytes("env"), b"A=1\0B=two words\0EMPTY=\0B\xff=\xfe\0");
    assert_eq!(event.text("comm"), b"kitten");
    assert_eq!(event.text("filename"), b"./kitten");
    assert_eq!(event.text("trusted_exepath"), kitten.as_os_str().as_encoded_bytes());
    let numbers = [
        ("res", 0),
        ("tid", cat),
        ("pid", cat),
        ("ptid", outcome.notes.of("pid")),
        ("pgid", cat),
        ("vpgid", cat),
        ("exe_ino", meta.ino() as i64),
        ("exe_ino_ctime", ns(meta.ctime(), meta.ctime_nsec())),
        ("exe_ino_mtime", ns(meta.mtime(), meta.mtime_nsec())),
        ("uid", line(&facts, "Uid")[1].parse().unwrap()),
        ("gid", line(&facts, "Gid")[1].parse().unwrap()),
        ("cap_inheritable", hex(line(&facts, "CapInh")[0])),
        ("cap_permitted", hex(line(&facts, "CapPrm")[0])),
        ("cap_effective", hex(line(&facts, "CapEff")[0])),
        ("loginuid", i64::from(facts.lines().last().unwrap().parse::<u32>().unwrap() as i32)),
        // EXE_WRITABLE, for it is this user's own.
        ("flags", 1),
    ];
    for (name, value) in numbers {
        let told = event.int(name).unwrap();
        let same = told == value || (name == "loginuid" && told as i32 == value as i32);
        assert!(same, "{name}: {told}, not {value}");
    }
    let stat = facts.lines().find(|line| line.starts_with(&format!("{cat} ("))).unwrap();
    let tty: i64 =
        stat.rsplit_once(')').unwrap().1.split_whitespace().nth(4).unwrap().parse().unwrap();
    assert_eq!(event.int("tty"), Some(tty));
}

#[test]
fn exec_tells_scripts_by_the_file_that_runs() {
    let outcome = trace("process::exec");
    let script = outcome.notes.of("script");
    let event = outcome.only(EXECVE_19_X, script);
    assert_eq!(event.text("filename"), b"./script");
    assert_eq!((event.text("exe"), event.text("comm")), (b"/bin/sh".to_vec(), b"script".to_vec()));
    assert_eq!(event.bytes("args"), b"-e\0./script\0one\0");
    let shell = std::fs::canonicalize("/bin/sh").unwrap();
    assert_eq!(event.text("trusted_exepath"), shell.as_os_str().as_encoded_bytes());
    assert_eq!(outcome.only(PROCEXIT_1_E, script).int("ret"), Some(11));
    let bare = outcome.only(EXECVE_19_X, outcome.notes.of("bare"));
    assert_eq!((bare.bytes("args"), bare.bytes("env")), (b"".to_vec(), b"".to_vec()));
    assert_eq!(
        (bare.text("comm"), bare.text("filename")),
        (b"true".to_vec(), b"/bin/true".to_vec())
    );
}

fn act_exec_refused(notes: &mut Notes) {
    notes.note("tid", own_tid());
    std::fs::write("plain", "not a program").unwrap();
    std::fs::write("odd", "\x01\x02\x03").unwrap();
    std::fs::set_permissions("odd", std::fs::Permissions::from_mode(0o755)).unwrap();
    let argv = [c"zero", c"one", c"two words"];
    notes.note("missing", exec(c"/nowhere/at/all", &argv, &[]));
    notes.note("plain", exec(c"plain", &argv, &[]));
    notes.note("odd", exec(c"./odd", &argv, &[]));
    notes.note("no_path", sys(libc::SYS_execve, [0, 0, 0]));
    notes.note("no_list", sys(libc::SYS_execve, [at(c"/bin/true"), 8, 0]));
    let words = pointers(&argv);
    let list = words.as_ptr() as i64;
    notes.note("at", sys(libc::SYS_execveat, [-100, at(c"nowhere"), list, 0, 0]));
    notes.note("at_fd", sys(libc::SYS_execveat, [7777, at(c""), list, 0, 0x1000]));
}

#[test]
fn exec_that_is_refused_tells_what_was_asked() {
    let outcome = trace("process::exec_refused");
    let tid = outcome.notes.of("tid");
    let events = outcome.by(EXECVE_19_X, tid);
    let cases: [(&str, i32, &[u8]); 5] = [
        ("missing", libc::ENOENT, b"/nowhere/at/all"),
        ("plain", libc::EACCES, b"plain"),
        ("odd", libc::ENOEXEC, b"./odd"),
        ("no_path", libc::EFAULT, b"<none>"),
        ("no_list", libc::EFAULT, b"/bin/true"),
    ];
    assert_eq!(events.len(), cases.len(), "{}", outcome.story());
    for ((name, error, path), event) in cases.into_iter().zip(events) {
        assert_eq!(outcome.notes.of(name), -i64::from(error), "{name}");
        assert_eq!(event.int("res"), Some(-i64::from(error)), "{name}");
        let filename = event.text("filename");
        assert!(filename == path || (path == b"<none>" && filename.is_empty()), "{name}");
        if error != libc::EFAULT {
            assert_eq!(
                (event.text("exe"), event.bytes("args")),
                (b"zero".to_vec(), b"one\0two words\0".to_vec())
            );
        }
        assert_eq!((event.int("tid"), event.int("uid")), (Some(tid), Some(own_uid())));
    }
    let [missing, bad_fd] = outcome.by(EXECVEAT_X, tid)[..] else { panic!("{}", outcome.story()) };
    assert_eq!(missing.int("res"), Some(-i64::from(libc::ENOENT)));
    assert_eq!(bad_fd.int("res"), Some(-i64::from(libc::EBADF)));
    assert_eq!(bad_fd.bytes("args"), b"one\0two words\0");
}

fn act_exec_by_fd(notes: &mut Notes) {
    let words = pointers(&[c"Name", c"arg"]);
    let list = words.as_ptr() as i64;
    let file = sys(libc::SYS_open, [at(c"/bin/true"), i64::from(libc::O_PATH), 0]);
    let dir = sys(libc::SYS_open, [at(c"/bin"), i64::from(libc::O_PATH), 0]);
    let memory = sys(libc::SYS_memfd_create, [at(c"ghost"), 0]);
    let program = std::fs::read("/bin/true").unwrap();
    sys(libc::SYS_write, [memory, program.as_ptr() as i64, program.len() as i64]);
    let by_path = CString::new(format!("/proc/self/fd/{memory}")).unwrap();
    let cases: [(&str, [i64; 3]); 3] = [
        ("empty", [file, at(c""), 0x1000]),
        ("below", [dir, at(c"true"), 0]),
        ("memory", [memory, at(c""), 0x1000]),
    ];
    for (name, [fd, path, flags]) in cases {
        let pid = child(|| {
            sys(libc::SYS_execveat, [fd, path, list, 0, flags]);
            end(9);
        });
        notes.note(name, pid);
        assert_eq!(reap(pid), 0, "{name}");
    }
    let pid = child(|| {
        exec(&by_path, &[c"Name", c"arg"], &[]);
        end(9);
    });
    notes.note("by_path", pid);
    assert_eq!(reap(pid), 0);
    notes.note_file("true", file);
    notes.note_file("ghost", memory);
}

#[test]
fn exec_by_fd_tells_the_file_behind_it() {
    let outcome = trace("process::exec_by_fd");
    let program = std::fs::canonicalize("/bin/true").unwrap();
    let program = program.as_os_str().as_encoded_bytes();
    let own = own_uid() == 0;
    for (name, file, path, memory) in [
        ("empty", "true", program, false),
        ("below", "true", program, false),
        ("memory", "ghost", &b"/memfd:ghost"[..], true),
        ("by_path", "ghost", b"/memfd:ghost", true),
    ] {
        let pid = outcome.notes.of(name);
        let kind = if name == "by_path" { EXECVE_19_X } else { EXECVEAT_X };
        let event = outcome.only(kind, pid);
        assert_eq!(event.text("trusted_exepath"), path, "{name}");
        assert_eq!(event.int("exe_ino"), Some(outcome.notes.of(&format!("{file}.ino"))));
        assert_eq!((event.text("exe"), event.bytes("args")), (b"Name".to_vec(), b"arg\0".to_vec()));
        // EXE_FROM_MEMFD; and who may write it.
        let flags = event.int("flags").unwrap();
        assert_eq!(flags & 4 != 0, memory, "{name}");
        assert_eq!(flags & 1 != 0, memory || own, "{name}");
    }
}

/// Runs a program from a thread that is not the first, while others run or after the first ended.
fn act_exec_by_thread(notes: &mut Notes) {
    for (name, leader_ends) in [("running", false), ("ended", true)] {
        let mut ids = [0; 2];
        // SAFETY: ids is ours.
        assert_eq!(unsafe { libc::pipe(ids.as_mut_ptr()) }, 0);
        let pid = child(|| {
            for _ in 0..5 {
                std::thread::spawn(|| {
                    loop {
                        sys(libc::SYS_getppid, []);
                        std::thread::sleep(std::time::Duration::from_micros(100));
                    }
                });
            }
            std::thread::spawn(move || {
                std::thread::sleep(std::time::Duration::from_millis(30));
                let tid = own_tid();
                sys(libc::SYS_write, [i64::from(ids[1]), (&raw const tid) as i64, 8]);
                exec(c"/bin/sh", &[c"sh", c"-c", c"exit 12"], &[]);
                end(9);
            });
            if leader_ends {
                // The thread alone, by the bare call.
                sys(libc::SYS_exit, [0]);
            }
            loop {
                sys(libc::SYS_pause, []);
            }
        });
        let mut tid = 0_i64;
        sys(libc::SYS_read, [i64::from(ids[0]), (&raw mut tid) as i64, 8]);
        notes.note(name, pid);
        notes.note(&format!("{name}.tid"), tid);
        notes.note(&format!("{name}.status"), reap(pid));
    }
}

#[test]
fn exec_by_another_thread_takes_the_process_over() {
    let outcome = trace("process::exec_by_thread");
    for name in ["running", "ended"] {
        let (pid, tid) = (outcome.notes.of(name), outcome.notes.of(&format!("{name}.tid")));
        assert_eq!(outcome.notes.of(&format!("{name}.status")), 12 << 8);
        let ran = outcome.only(EXECVE_19_X, pid);
        assert_eq!([ran.int("tid"), ran.int("pid")], [Some(pid), Some(pid)], "{name}");
        assert_eq!(ran.text("comm"), b"sh");
        // The first thread's place is taken: it ended before, and the one that took it ends last.
        let [first, last] = outcome.by(PROCEXIT_1_E, pid)[..] else {
            panic!("{}", outcome.story())
        };
        assert!(outcome.place(first) < outcome.place(ran), "{name}");
        assert!(outcome.place(ran) < outcome.place(last), "{name}");
        assert_eq!((first.int("ret"), last.int("ret")), (Some(0), Some(12)));
        assert!(outcome.by(PROCEXIT_1_E, tid).is_empty(), "{name}: it goes on under another id");
        let others = |event: &&&Kept| event.int("pid") == Some(pid) && event.tid != pid;
        let threads: Vec<i64> = [CLONE_20_X, CLONE3_X]
            .into_iter()
            .flat_map(|kind| outcome.of(kind))
            .filter(|event| others(&event) && event.int("res") == Some(0) && event.tid != tid)
            .map(|event| event.tid)
            .collect();
        assert_eq!(threads.len(), 5, "{name}\n{}", outcome.story());
        for thread in threads {
            let ended = outcome.only(PROCEXIT_1_E, thread);
            assert!(outcome.place(ended) < outcome.place(ran), "{name}");
        }
    }
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
        let status = outcome.notes.of(&format!("{name}.status"));
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

/// Whatever began has ended, and whatever a call made has begun or ended.
pub(crate) fn all_that_began_ended(events: &[Kept]) {
    assert!(events.is_sorted_by_key(|event| event.ts_ns), "time goes back");
    let (mut begun, mut ended) = (Vec::new(), Vec::new());
    let mut made = Vec::new();
    for event in events {
        match event.kind {
            FORK_20_X | VFORK_20_X | CLONE_20_X | CLONE3_X => match event.int("res").unwrap() {
                0 => begun.push(event.tid),
                new if new > 0 => made.push(new),
                _ => {}
            },
            PROCEXIT_1_E => ended.push(event.tid),
            _ => {}
        }
    }
    let known: HashSet<i64> = begun.iter().chain(&ended).copied().collect();
    let lost: Vec<&i64> = made.iter().filter(|tid| !known.contains(tid)).collect();
    assert!(lost.is_empty(), "made, and never told of: {lost:?}");
    // Ids may come again.
    for tid in known {
        let of = |list: &[i64]| list.iter().filter(|other| **other == tid).count();
        assert!(of(&begun) <= of(&ended), "{tid} began {} and ended {}", of(&begun), of(&ended));
    }
}

/// A child that leaves a grandchild behind.
fn leave_behind(notes: &mut Notes, name: &str, body: impl FnOnce()) {
    let mut ends = [[0; 2]; 2];
    for pipe in &mut ends {
        // SAFETY: pipe is ours.
        assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0);
    }
    let [tell, wait] = ends;
    let pid = child(|| {
        body();
        let orphan = child(|| {
            let mut byte = 0_u8;
            sys(libc::SYS_close, [i64::from(wait[1])]);
            sys(libc::SYS_read, [i64::from(wait[0]), (&raw mut byte) as i64, 1]);
            let parent = sys(libc::SYS_getppid, []);
            sys(libc::SYS_write, [i64::from(tell[1]), (&raw const parent) as i64, 8]);
        });
        sys(libc::SYS_write, [i64::from(tell[1]), (&raw const orphan) as i64, 8]);
    });
    let mut orphan = 0_i64;
    sys(libc::SYS_read, [i64::from(tell[0]), (&raw mut orphan) as i64, 8]);
    reap(pid);
    sys(libc::SYS_close, [i64::from(wait[1])]);
    let mut parent = 0_i64;
    sys(libc::SYS_read, [i64::from(tell[0]), (&raw mut parent) as i64, 8]);
    notes.note(name, pid);
    notes.note(&format!("{name}.orphan"), orphan);
    notes.note(&format!("{name}.taken_by"), parent);
}

fn act_reapers(notes: &mut Notes) {
    leave_behind(notes, "far", || {});
    // SAFETY: no memory is passed.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
    leave_behind(notes, "near", || {});
    reap(notes.of("near.orphan"));
    notes.note("pid", own_pid());
    // A thread that makes a child and ends: another thread is the parent.
    let made = std::thread::spawn(|| {
        let pid = child(|| std::thread::sleep(std::time::Duration::from_millis(100)));
        (own_tid(), pid)
    });
    let (thread, pid) = made.join().unwrap();
    notes.note("thread", thread);
    reap(pid);
}

#[test]
fn orphans_are_told_with_who_takes_them() {
    let outcome = trace("process::reapers");
    for name in ["far", "near"] {
        let ended = outcome.only(PROCEXIT_1_E, outcome.notes.of(name));
        let taken_by = outcome.notes.of(&format!("{name}.taken_by"));
        assert_eq!(ended.int("reaper_tid"), Some(taken_by), "{name}");
    }
    assert_eq!(outcome.notes.of("near.taken_by"), outcome.notes.of("pid"));
    let thread = outcome.only(PROCEXIT_1_E, outcome.notes.of("thread"));
    let pid = outcome.notes.of("pid");
    assert_eq!(thread.int("reaper_tid"), Some(pid), "the first thread, which still runs");
}

fn act_namespace(notes: &mut Notes) {
    let flags = i64::from(libc::CLONE_NEWPID) | SIGCHLD;
    let own = sys(libc::SYS_clone, [flags, 0, 0, 0, 0]);
    if own == 0 {
        // An orphan in here goes to the first process of the namespace.
        let middle = child(|| {
            child(|| std::thread::sleep(std::time::Duration::from_millis(100)));
        });
        reap(middle);
        sys(libc::SYS_wait4, [-1, 0, 0, 0]);
        end(0);
    }
    notes.note("first", own);
    if own > 0 {
        notes.note("status", reap(own));
    }
}

#[test]
fn processes_in_a_pid_namespace_have_both_ids() {
    if own_uid() != 0 {
        eprintln!("skipped: pid namespaces need root");
        return;
    }
    let outcome = trace("process::namespace");
    let first = outcome.notes.of("first");
    let began = outcome.birth(first);
    assert_eq!([began.int("vtid"), began.int("vpid")], [Some(1), Some(1)]);
    assert_eq!(flags(began), ["CLONE_NEWPID", "CLONE_CHILD_IN_PIDNS"]);
    let (inner, _) = outcome.lives();
    let inner: Vec<i64> = inner.iter().map(|event| event.int("vpid").unwrap()).collect();
    assert_eq!(inner, [1, 2, 3]);
    let reapers: Vec<i64> = outcome
        .of(PROCEXIT_1_E)
        .iter()
        .map(|event| event.int("reaper_tid").unwrap())
        .filter(|reaper| *reaper != 0)
        .collect();
    assert_eq!(reapers, [first], "{}", outcome.story());
}

fn act_privileged(notes: &mut Notes) {
    let mut status = -1;
    if own_uid() == 0 {
        std::fs::copy("/bin/cat", "root-cat").unwrap();
        std::fs::set_permissions("root-cat", std::fs::Permissions::from_mode(0o4755)).unwrap();
        let pid = child(|| {
            output_to(c"facts");
            sys(libc::SYS_setresgid, [65534, 65534, 65534]);
            sys(libc::SYS_setresuid, [65534, 65534, 65534]);
            exec(c"./root-cat", &[c"root-cat", c"/proc/self/status"], &[]);
            end(9);
        });
        notes.note("pid", pid);
        status = reap(pid);
    }
    notes.note("status", status);
}

#[test]
fn a_set_uid_program_keeps_its_privilege_under_a_tracer_that_has_it() {
    if own_uid() != 0 {
        eprintln!("skipped: needs root");
        return;
    }
    let outcome = trace("process::privileged");
    assert_eq!(outcome.notes.of("status"), 0);
    let facts = std::fs::read_to_string(outcome.folder.path().join("facts")).unwrap();
    let event = outcome.only(EXECVE_19_X, outcome.notes.of("pid"));
    assert_eq!(line(&facts, "Uid")[1].parse::<i64>().ok(), event.int("uid"));
    assert_eq!(event.int("uid"), Some(0));
    assert_eq!(event.int("cap_effective"), Some(hex(line(&facts, "CapEff")[0])));
    assert_eq!(outcome.told, []);
}

const LONG_BYTES: usize = 100 * 1024;

fn act_long_list(notes: &mut Notes) {
    // One of nearly the longest word, and one of nearly the longest list.
    let word = CString::new(vec![b'x'; LONG_BYTES]).unwrap();
    let many: Vec<&CStr> = std::iter::repeat_n(word.as_c_str(), 19).collect();
    for (name, words) in [("word", &many[..1]), ("list", &many[..])] {
        let argv: Vec<&CStr> = [c"true"].into_iter().chain(words.iter().copied()).collect();
        let pid = child(|| {
            exec(c"/bin/true", &argv, &argv[..2]);
            end(9);
        });
        notes.note(name, pid);
        notes.note(&format!("{name}.status"), reap(pid));
    }
    let most: Vec<&CStr> = std::iter::repeat_n(word.as_c_str(), 30).collect();
    notes.note("tid", own_tid());
    notes.note("too_long", exec(c"/bin/true", &most, &[]));
}

#[test]
fn long_lists_are_cut_and_counted_nowhere_as_lost() {
    let outcome = trace("process::long_list");
    for name in ["word", "list"] {
        assert_eq!(outcome.notes.of(&format!("{name}.status")), 0);
        let event = outcome.only(EXECVE_19_X, outcome.notes.of(name));
        let (args, env) = (event.bytes("args"), event.bytes("env"));
        assert!((4000..=32 * 1024).contains(&args.len()), "{}", args.len());
        assert!((1000..=4096).contains(&env.len()), "{}", env.len());
        assert_eq!(event.text("comm"), b"true");
    }
    let refused = outcome.only(EXECVE_19_X, outcome.notes.of("tid"));
    assert_eq!(refused.int("res"), Some(-i64::from(libc::E2BIG)));
    assert_eq!(outcome.ended.counts.unbuilt, 0);
}

#[test]
fn lives_are_told_alike_where_every_call_stops() {
    let kinds =
        [FORK_20_X, VFORK_20_X, CLONE_20_X, CLONE3_X, EXECVE_19_X, EXECVEAT_X, PROCEXIT_1_E];
    for (act, _) in ACTS {
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
