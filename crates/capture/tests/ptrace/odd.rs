//! Programs that could slip out of a trace, or that a tracer could break.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use capture::ptrace::{ExitStatus, Next, Note, Options, Target, Trace};
use event::syscalls::{EXECVE_19_X, MKDIR_2_X, OPENAT_2_X, PROCEXIT_1_E};

use crate::{
    exec::exec,
    families::all_that_began_ended,
    harness::{Acts, As, NOBODY, Notes, run, solo, solo_by, trace, trace_with, unblocked},
    process::{child, end, own_pid, own_uid, reap},
    stops::same_as_untraced,
    telling::{at, sys},
};

pub(crate) const ACTS: Acts = &[
    ("odd::strict", act_strict),
    ("odd::filters", act_filters),
    ("odd::listener", act_listener),
    ("odd::tracers", act_tracers),
    ("odd::other_abis", act_other_abis),
    ("odd::undumpable", act_undumpable),
    ("odd::nobody_traces", act_nobody_traces),
    ("odd::few_fds", act_few_fds),
    ("odd::sandboxed", act_sandboxed),
    ("odd::contained", act_contained),
];

/// `PR_SET_SECCOMP` with `SECCOMP_MODE_STRICT`.
fn strict() -> i64 {
    sys(libc::SYS_prctl, [i64::from(libc::PR_SET_SECCOMP), 1, 0, 0, 0])
}

fn act_strict(notes: &mut Notes) {
    let (mut kept, mut broken) = ([0; 2], [0; 2]);
    // SAFETY: both are ours.
    unsafe { libc::pipe(kept.as_mut_ptr()) };
    // SAFETY: as above.
    unsafe { libc::pipe(broken.as_mut_ptr()) };
    let pid = child(|| {
        let result = strict();
        let mut bytes = [result as u8; 4];
        sys(libc::SYS_write, [i64::from(kept[1]), bytes.as_ptr() as i64, 4]);
        sys(libc::SYS_read, [i64::from(kept[0]), bytes.as_mut_ptr() as i64, 4]);
        // The thread's own end is allowed, that of the group is not.
        sys(libc::SYS_exit, [40]);
    });
    notes.note("keeps to it", reap(pid));
    let pid = child(|| {
        strict();
        sys(libc::SYS_write, [i64::from(broken[1]), c"x".as_ptr() as i64, 1]);
        sys(libc::SYS_getpid, []);
        sys(libc::SYS_exit, [41]);
    });
    notes.note("breaks it", reap(pid));
    let pid = child(|| {
        strict();
        sys(libc::SYS_exit_group, [42]);
    });
    notes.note("ends all", reap(pid));
    let mut byte = 0_u8;
    notes.call("written", libc::SYS_read, [i64::from(broken[0]), (&raw mut byte) as i64, 1]);
}

#[test]
fn strict_mode_is_kept_beside_the_filter() {
    for outcome in same_as_untraced("odd::strict") {
        assert_eq!(outcome.notes.of("keeps to it"), 40 << 8);
        assert_eq!(outcome.notes.of("breaks it"), i64::from(libc::SIGKILL));
    }
}

/// A filter that answers one call so, and allows all others.
fn filter_of(number: libc::c_long, answer: u32) -> [libc::sock_filter; 4] {
    let line = |code, jt, jf, k| libc::sock_filter { code, jt, jf, k };
    [
        line(0x20, 0, 0, 0),
        line(0x15, 0, 1, number as u32),
        line(0x06, 0, 0, answer),
        line(0x06, 0, 0, libc::SECCOMP_RET_ALLOW),
    ]
}

/// Sets a filter; an fd if it is one with a listener.
fn set_filter(program: &mut [libc::sock_filter], flags: i64) -> i64 {
    let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    sys(libc::SYS_prctl, [i64::from(libc::PR_SET_NO_NEW_PRIVS), 1, 0, 0, 0]);
    sys(libc::SYS_seccomp, [1, flags, (&raw const program) as i64])
}

const ANSWERS: [(&str, u32); 6] = [
    ("errno", libc::SECCOMP_RET_ERRNO | 77),
    ("trap", libc::SECCOMP_RET_TRAP),
    ("kill thread", libc::SECCOMP_RET_KILL_THREAD),
    ("kill process", libc::SECCOMP_RET_KILL_PROCESS),
    ("trace", libc::SECCOMP_RET_TRACE | 5),
    ("log", libc::SECCOMP_RET_LOG),
];

fn act_filters(notes: &mut Notes) {
    for (name, answer) in ANSWERS {
        // One call that is recorded, and one that is not.
        for (call, number) in [("mkdir", libc::SYS_mkdir), ("getppid", libc::SYS_getppid)] {
            let path = std::ffi::CString::new(name.replace(' ', "-")).unwrap();
            let pid = child(|| {
                let mut program = filter_of(number, answer);
                if set_filter(&mut program, 0) != 0 {
                    end(99);
                }
                let result = sys(number, [at(&path), 0o700]);
                end(if result < 0 { -result as i32 } else { 0 });
            });
            notes.note(&format!("{name} {call}"), reap(pid));
        }
    }
}

#[test]
fn a_programs_own_filters_answer_as_untraced() {
    for (at, outcome) in same_as_untraced("odd::filters").into_iter().enumerate() {
        let told: Vec<(Option<i64>, Vec<u8>)> =
            outcome.of(MKDIR_2_X).iter().map(|e| (e.int("res"), e.text("path"))).collect();
        // What a tracer was wanted for did not happen, and is told.
        assert!(told.contains(&(Some(-38), b"trace".to_vec())), "{told:?}");
        assert!(told.contains(&(Some(0), b"log".to_vec())), "{told:?}");
        // A refusal by the program's own filter is seen only where every call stops.
        assert_eq!(told.contains(&(Some(-77), b"errno".to_vec())), at == 1, "{told:?}");
    }
}

/// Answers each notification of a listener by letting the call go on.
fn let_all_through(listener: i64, calls: usize) {
    const RECEIVE: i64 = 0xC050_2100;
    const SEND: i64 = 0xC018_2101;
    for _ in 0..calls {
        let mut notification = [0_u64; 10];
        if sys(libc::SYS_ioctl, [listener, RECEIVE, notification.as_mut_ptr() as i64]) != 0 {
            return;
        }
        // id, value, error and flags: SECCOMP_USER_NOTIF_FLAG_CONTINUE.
        let answer = [notification[0], 0, 1 << 32];
        sys(libc::SYS_ioctl, [listener, SEND, answer.as_ptr() as i64]);
    }
}

fn act_listener(notes: &mut Notes) {
    notes.note("pid", own_pid());
    let pid = child(|| {
        let mut program = filter_of(libc::SYS_mkdir, libc::SECCOMP_RET_USER_NOTIF);
        let (tell, told) = mpsc::channel();
        let helper = thread::spawn(move || let_all_through(told.recv().unwrap(), 2));
        tell.send(set_filter(&mut program, 8)).unwrap();
        let made = sys(libc::SYS_mkdir, [at(c"through"), 0o700]);
        let below = child(|| end(sys(libc::SYS_mkdir, [at(c"below"), 0o700]) as i32));
        let below = reap(below);
        helper.join().unwrap();
        end(i32::from(made != 0 || below != 0));
    });
    notes.note("listened", pid);
    notes.note("status", reap(pid));
}

#[test]
fn calls_that_a_listener_lets_through_are_told() {
    let outcome = trace("odd::listener");
    assert_eq!(outcome.notes.of("status"), 0);
    let made: Vec<Vec<u8>> = outcome.of(MKDIR_2_X).iter().map(|e| e.text("path")).collect();
    assert_eq!(made, [b"through".to_vec(), b"below".to_vec()], "{}", outcome.story());
    let pid = outcome.notes.of("listened") as i32;
    assert_eq!(outcome.told, [Note::Listener { pid }]);
}

fn act_tracers(notes: &mut Notes) {
    let pid = child(|| {
        let result = sys(libc::SYS_ptrace, [0, 0, 0, 0]);
        end(-result as i32);
    });
    notes.note("asks", pid);
    notes.note("asks.status", reap(pid));
    let pid = child(|| {
        loop {
            sys(libc::SYS_pause, []);
        }
    });
    notes.call("attach", libc::SYS_ptrace, [16, pid, 0, 0]);
    notes.call("seize", libc::SYS_ptrace, [0x4206, pid, 0, 0]);
    sys(libc::SYS_kill, [pid, i64::from(libc::SIGKILL)]);
    reap(pid);
    notes.note("pid", own_pid());
}

#[test]
fn programs_that_trace_others_are_refused_and_named() {
    for without_filter in [false, true] {
        let outcome = trace_with("odd::tracers", Options { without_filter, ..Options::default() });
        let refused = -i64::from(libc::EPERM);
        assert_eq!(outcome.notes.of("asks.status"), i64::from(libc::EPERM) << 8);
        assert_eq!([outcome.notes.of("attach"), outcome.notes.of("seize")], [refused; 2]);
        for name in ["asks", "pid"] {
            let note = Note::TracerRefused { pid: outcome.notes.of(name) as i32 };
            assert!(outcome.told.contains(&note), "{name}: {:?}", outcome.told);
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn int80(number: i64, argument: i64) -> i64 {
    let result: i64;
    // SAFETY: the calls made by it read what lives in the lower 4 GiB or take no pointer.
    unsafe {
        std::arch::asm!(
            "xchg rbx, {arg}",
            "int 0x80",
            "xchg rbx, {arg}",
            arg = inout(reg) argument => _,
            inlateout("rax") number => result,
            out("r8") _, out("r9") _, out("r10") _, out("r11") _,
        );
    }
    result
}

fn act_other_abis(notes: &mut Notes) {
    let own = own_pid();
    // getpid of x32, and of i386; a number that nothing has.
    let x32 = sys(libc::SYS_getpid | 0x4000_0000, []);
    notes.note("x32", if x32 == own { 1 } else { x32 });
    let x32 = sys(libc::SYS_openat | 0x4000_0000, [-100, 0, 0, 0]);
    notes.note("x32 open", x32);
    let i386 = int80(20, 0);
    notes.note("i386", if i386 == own { 1 } else { i386 });
    notes.note("i386 none", int80(4000, 0));
    notes.call("none", 4000, []);
    notes.call("negative", -7, []);
    // fork and _exit of i386.
    let pid = int80(2, 0);
    if pid == 0 {
        int80(1, 43);
    }
    notes.note("i386 child", if pid > 0 { reap(pid) } else { pid as i32 });
}

#[test]
fn calls_of_other_abis_do_as_untraced() {
    for outcome in same_as_untraced("odd::other_abis") {
        all_that_began_ended(&outcome.whole);
    }
}

/// What cannot be read: a process that may not be dumped.
fn act_undumpable(notes: &mut Notes) {
    notes.note("uid", own_uid());
    let pid = child(|| {
        sys(libc::SYS_prctl, [i64::from(libc::PR_SET_DUMPABLE), 0, 0, 0, 0]);
        fs::write("hidden", b"x").unwrap();
        reap(child(|| {}));
        exec(c"/bin/true", &[c"true"], &[]);
        end(9);
    });
    notes.note("pid", pid);
    notes.note("status", reap(pid));
}

/// An unprivileged tracer.
fn act_nobody_traces(notes: &mut Notes) {
    // Of a command that may not be dumped.
    let outcome = trace("odd::undumpable");
    assert_eq!(outcome.notes.of("status"), 0);
    notes.note("unreadable", outcome.ended.counts.unreadable as i64);
    all_that_began_ended(&outcome.whole);
    assert_eq!(outcome.by(EXECVE_19_X, outcome.notes.of("pid")).len(), 1);
    assert_eq!(outcome.told, []);
    // Of a program that would gain privileges.
    let program = std::env::var("PATH").unwrap();
    let program = std::env::split_paths(&program)
        .flat_map(|folder| ["su", "passwd", "mount", "newgrp"].map(|name| folder.join(name)))
        .find(|path| {
            fs::metadata(path).is_ok_and(|meta| {
                std::os::unix::fs::MetadataExt::uid(&meta) == 0
                    && meta.permissions().mode() & 0o4001 == 0o4001
            })
        });
    if let Some(program) = program {
        let words = [program.clone().into_os_string(), "--help".into()];
        let (events, ended, told) = run(Target::Command(words.to_vec()), Options::default());
        assert!(ended.status.is_some());
        let told: Vec<&Note> =
            told.iter().filter(|note| matches!(note, Note::PrivilegesWithheld { .. })).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        let ran = events.iter().find(|event| event.kind == EXECVE_19_X).unwrap();
        assert_eq!(ran.int("uid"), Some(i64::from(NOBODY)));
        notes.note("withheld", 1);
    }
    // Of every act that needs no privilege, the heavier ones of this file.
    for act in ["odd::strict", "odd::filters", "odd::listener", "stops::group_stops"] {
        for without_filter in [false, true] {
            let outcome = trace_with(act, Options { without_filter, ..Options::default() });
            assert_eq!(outcome.ended.status, Some(ExitStatus::Code(0)), "{act}");
        }
    }
}

#[test]
fn a_tracer_without_privileges_traces_all_that_it_may_see() {
    let (notes, _folder) = solo("odd::nobody_traces", As::Nobody);
    assert!(notes.of("unreadable") > 0, "{notes:?}");
}

/// A tracer that may open few files, of many processes.
fn act_few_fds(notes: &mut Notes) {
    let few = libc::rlimit { rlim_cur: 64, rlim_max: 64 };
    // SAFETY: few is ours.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const few) }, 0);
    let script = "i=0; while [ $i -lt 80 ]; do sleep 0.2 & i=$((i+1)); done; wait";
    let words = ["/bin/sh", "-c", script].map(Into::into);
    let (events, ended, told) = run(Target::Command(words.to_vec()), Options::default());
    assert_eq!(ended.status, Some(ExitStatus::Code(0)));
    assert_eq!((ended.counts.unreadable, told), (0, Vec::new()));
    notes.note("execs", events.iter().filter(|e| e.kind == EXECVE_19_X).count() as i64);
    notes.note("ends", events.iter().filter(|e| e.kind == PROCEXIT_1_E).count() as i64);
}

#[test]
fn a_tracer_with_few_fds_follows_many_processes() {
    let (notes, _folder) = solo("odd::few_fds", As::Tester);
    assert_eq!((notes.of("execs"), notes.of("ends")), (81, 81));
}

/// Answers `EPERM` to several calls, as sandboxes do.
fn deny(numbers: &[libc::c_long]) {
    let line = |code, jt, jf, k| libc::sock_filter { code, jt, jf, k };
    let mut program = vec![line(0x20, 0, 0, 0)];
    for number in numbers {
        program.push(line(0x15, 0, 1, *number as u32));
        program.push(line(0x06, 0, 0, libc::SECCOMP_RET_ERRNO | libc::EPERM as u32));
    }
    program.push(line(0x06, 0, 0, libc::SECCOMP_RET_ALLOW));
    assert_eq!(set_filter(&mut program, 0), 0);
}

/// A tracer in sandboxes that forbid what it would use.
fn act_sandboxed(notes: &mut Notes) {
    let forbids = |numbers: &'static [libc::c_long], body: fn() -> i32| {
        reap(child(|| {
            deny(numbers);
            end(std::panic::catch_unwind(body).unwrap_or(98));
        }))
    };
    let traced = || {
        let script = Target::Command(["/bin/sh", "-c", "echo x >made"].map(Into::into).to_vec());
        let (events, ended, told) = run(script, Options::default());
        assert_eq!(ended.status, Some(ExitStatus::Code(0)));
        let made = |e: &&crate::harness::Kept| e.kind == OPENAT_2_X && e.text("name") == b"made";
        assert_eq!(events.iter().filter(made).count(), 1);
        told.len() as i32
    };
    notes.note(
        "memory",
        forbids(&[libc::SYS_process_vm_readv, libc::SYS_process_vm_writev], traced),
    );
    notes.note("pidfd", forbids(&[libc::SYS_pidfd_getfd, libc::SYS_pidfd_open], traced));
    notes.note("openat2", forbids(&[libc::SYS_openat2, libc::SYS_kcmp], traced));
    notes.note("prctl", forbids(&[libc::SYS_prctl], traced));
    notes.note("filters", forbids(&[libc::SYS_seccomp], traced));
    notes.note(
        "ptrace",
        forbids(&[libc::SYS_ptrace], || {
            let words = vec!["/bin/true".into()];
            match Trace::start(Target::Command(words), Options::default(), unblocked()) {
                Err(capture::ptrace::Error::Denied(_)) => 0,
                other => panic!("{other:?}"),
            }
        }),
    );
}

#[test]
fn a_tracer_in_a_sandbox_says_what_it_may_not() {
    let (notes, _folder) = solo("odd::sandboxed", As::Tester);
    // Other ways lead to the same, without a word; without a filter it is slower, which is said.
    for (name, status) in
        [("memory", 0), ("pidfd", 0), ("openat2", 0), ("filters", 1 << 8), ("ptrace", 0)]
    {
        assert_eq!(notes.of(name), status, "{name}: {notes:?}");
    }
    assert!(notes.of("prctl") >> 8 <= 1, "{notes:?}");
}

/// A tracer in namespaces of its own, with no privilege outside of them.
fn act_contained(notes: &mut Notes) {
    for (name, options) in [("filter", Options::default()), ("every call", without_filter())] {
        let outcome = trace_with("process::family", options);
        let (began, ended) = outcome.lives();
        assert_eq!((began.len(), ended.len()), (2, 2));
        // Ids are those that are seen here.
        let own = began.iter().all(|event| event.int("vpid") == event.int("pid"));
        assert!(own && outcome.told.is_empty(), "{:?}", outcome.told);
        notes.note(name, 1);
    }
}

fn without_filter() -> Options {
    Options { without_filter: true, ..Options::default() }
}

#[test]
fn a_tracer_in_a_container_traces_what_is_in_it() {
    let may =
        std::process::Command::new("unshare").args(["-Urpf", "--mount-proc", "true"]).status();
    if !may.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no namespaces can be made here");
        return;
    }
    let words = ["unshare", "-Urpf", "--mount-proc"];
    let (notes, _folder) = solo_by("odd::contained", As::Tester, &words);
    assert_eq!((notes.of("filter"), notes.of("every call")), (1, 1));
}

#[test]
fn what_a_command_leaves_behind_is_told_and_can_be_killed() {
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("pid");
    let script = "setsid sh -c 'echo $$ >$0; trap \"\" HUP TERM; while :; do sleep 0.01; done' \
                  \"$1\" >/dev/null 2>&1 </dev/null & while [ ! -s \"$1\" ]; do sleep 0.01; done; exit 7";
    let words = ["/bin/sh", "-c", script, "sh", pid_file.to_str().unwrap()].map(Into::into);
    let command = Target::Command(words.to_vec());
    let mut trace = Trace::start(command, Options::default(), unblocked()).unwrap();
    let handle = trace.handle();
    let mut left = None;
    let late = Instant::now() + Duration::from_secs(60);
    loop {
        assert!(Instant::now() < late, "hangs");
        match trace.next_within(Some(Duration::from_millis(50))) {
            Next::Nothing => {
                for note in trace.notes() {
                    assert!(matches!(note, Note::LeftBehind { processes: 1 | 2 }), "{note:?}");
                    left = Some(note);
                    handle.kill();
                }
            }
            Next::Record(_) => {}
            Next::End => break,
        }
    }
    assert!(left.is_some());
    assert_eq!(trace.ended().unwrap().status, Some(ExitStatus::Code(7)));
    let pid: i32 = fs::read_to_string(pid_file).unwrap().trim().parse().unwrap();
    thread::sleep(Duration::from_millis(20));
    // Whoever has taken it may not have been told yet.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z "), "the one left behind lives: {stat}");
}
