//! Programs that processes are given: by every form of exec, and refused.

use std::{
    ffi::{CStr, CString},
    os::unix::fs::{MetadataExt, PermissionsExt},
    ptr,
};

use event::syscalls::{CLONE_20_X, CLONE3_X, EXECVE_19_X, EXECVEAT_X, PROCEXIT_1_E};

use crate::{
    harness::{Acts, Kept, Notes, trace},
    process::{child, end, own_pid, own_tid, own_uid, reap},
    telling::{at, sys},
};

pub(crate) const ACTS: Acts = &[
    ("exec::exec", act_exec),
    ("exec::exec_refused", act_exec_refused),
    ("exec::exec_by_fd", act_exec_by_fd),
    ("exec::exec_by_thread", act_exec_by_thread),
    ("exec::privileged", act_privileged),
    ("exec::long_list", act_long_list),
];

/// Replaces the program; comes back only if that fails.
pub(crate) fn exec(path: &CStr, argv: &[&CStr], env: &[&CStr]) -> i64 {
    let (argv, env) = (pointers(argv), pointers(env));
    sys(libc::SYS_execve, [at(path), argv.as_ptr() as i64, env.as_ptr() as i64])
}

pub(crate) fn pointers(words: &[&CStr]) -> Vec<*const libc::c_char> {
    words.iter().map(|word| at(word) as *const libc::c_char).chain([ptr::null()]).collect()
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
    let outcome = trace("exec::exec");
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
    let outcome = trace("exec::exec");
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
    let outcome = trace("exec::exec_refused");
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
    let outcome = trace("exec::exec_by_fd");
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
    let outcome = trace("exec::exec_by_thread");
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
    let outcome = trace("exec::privileged");
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
    let outcome = trace("exec::long_list");
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
