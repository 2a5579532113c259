//! What processes do to processes: limits, sessions, names, tracing, signals.

use event::syscalls::{
    KILL_X, PRCTL_X, PRLIMIT_X, PTRACE_X, SECCOMP_X, SETPGID_X, SETRLIMIT_X, SETSID_X, TGKILL_X,
    TKILL_X,
};

use crate::{
    fields::{Is, assert_events, assert_generic, at, call, in_child, int, text},
    harness::{Acts, Notes, trace},
};

pub(crate) const ACTS: Acts = &[
    ("limits::limits", act_limits),
    ("limits::sessions", act_sessions),
    ("limits::prctl", act_prctl),
    ("limits::ptrace", act_ptrace),
    ("limits::ptrace_others", act_ptrace_others),
    ("limits::signals", act_signals),
];

fn act_limits(notes: &mut Notes) {
    in_child(notes, |notes| {
        let (new, mut old) = ([100u64, u64::MAX], [7u64; 2]);
        let (new_at, old_at) = (new.as_ptr() as usize, old.as_mut_ptr() as usize);
        let core = libc::RLIMIT_CORE as usize;
        call(notes, "setrlimit", libc::SYS_setrlimit, &[core, new_at]);
        call(notes, "setrlimit null", libc::SYS_setrlimit, &[core, 0]);
        let fewer = [50u64, 60];
        let fewer_at = fewer.as_ptr() as usize;
        call(notes, "prlimit", libc::SYS_prlimit64, &[0, core, fewer_at, old_at]);
        call(notes, "asked", libc::SYS_prlimit64, &[0, core, 0, old_at]);
        call(notes, "no old", libc::SYS_prlimit64, &[0, core, fewer_at, 0]);
        call(notes, "unknown", libc::SYS_prlimit64, &[int(-7), 99, fewer_at, old_at]);
    });
}

#[test]
fn limits_are_told_when_they_are_set() {
    let outcome = trace("limits::limits");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let setrlimit = [
        vec![of("setrlimit"), Is::Int(100), Is::Int(-1), Is::Int(4)],
        vec![of("setrlimit null"), Is::Int(0), Is::Int(0), Is::Int(4)],
    ];
    assert_events(&outcome, SETRLIMIT_X, &setrlimit);
    let prlimit = |name: &str, old: [i64; 2], pid: i64, resource: i64| {
        let numbers = [50, 60, old[0], old[1], pid, resource].map(Is::Int);
        [vec![of(name)], numbers.to_vec()].concat()
    };
    assert_events(
        &outcome,
        PRLIMIT_X,
        &[
            prlimit("prlimit", [100, -1], 0, 4),
            prlimit("no old", [0, 0], 0, 4),
            prlimit("unknown", [-1, -1], -7, 0xFF),
        ],
    );
}

fn act_sessions(notes: &mut Notes) {
    in_child(notes, |notes| {
        call(notes, "setpgid", libc::SYS_setpgid, &[0, 0]);
        call(notes, "leader", libc::SYS_setsid, &[]);
        call(notes, "no group", libc::SYS_setpgid, &[int(-1), 5]);
    });
    in_child(notes, |notes| {
        call(notes, "setsid", libc::SYS_setsid, &[]);
    });
}

#[test]
fn groups_and_sessions_are_told() {
    let outcome = trace("limits::sessions");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let setpgid = [
        vec![of("setpgid"), Is::Int(0), Is::Int(0)],
        vec![of("no group"), Is::Int(-1), Is::Int(5)],
    ];
    assert_events(&outcome, SETPGID_X, &setpgid);
    assert_events(&outcome, SETSID_X, &[vec![of("leader")], vec![of("setsid")]]);
    assert!(outcome.notes.of("leader") < 0 && outcome.notes.of("setsid") > 0);
}

fn act_prctl(notes: &mut Notes) {
    in_child(notes, |notes| {
        let mut prctl = |name: &str, option: libc::c_int, arg: usize| {
            call(notes, name, libc::SYS_prctl, &[int(option), arg]);
        };
        prctl("name", libc::PR_SET_NAME, at(c"a name that is longer than others"));
        prctl("name null", libc::PR_SET_NAME, 0);
        prctl("asked", libc::PR_GET_DUMPABLE, 0);
        prctl("dumpable", libc::PR_SET_DUMPABLE, 9);
        prctl("subreaper", libc::PR_SET_CHILD_SUBREAPER, 1);
        prctl("no new privileges", libc::PR_SET_NO_NEW_PRIVS, 1);
        prctl("drop", libc::PR_CAPBSET_DROP, int(-1));
        let mut action = 0x7FFF_0000_u32;
        let action = (&raw mut action) as usize;
        call(notes, "seccomp", libc::SYS_seccomp, &[2, 0, action]);
        call(notes, "seccomp unknown", libc::SYS_seccomp, &[99, 0xFFFF_FFFF_FFFF]);
    });
}

#[test]
fn prctl_is_told_for_options_that_matter() {
    let outcome = trace("limits::prctl");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let number =
        |name: &str, option: i64, arg: i64| vec![of(name), Is::Int(option), Is::Null, Is::Int(arg)];
    assert_events(
        &outcome,
        PRCTL_X,
        &[
            vec![of("name"), Is::Int(15), text("a name that is "), Is::Int(0)],
            vec![of("name null"), Is::Int(15), Is::Null, Is::Int(0)],
            number("dumpable", 4, 9),
            number("subreaper", 36, 1),
            number("no new privileges", 38, 1),
            number("drop", 24, -1),
        ],
    );
    let seccomp = [
        vec![of("seccomp"), Is::Int(2), Is::Int(0)],
        vec![of("seccomp unknown"), Is::Int(99), Is::Int(0xFFFF_FFFF)],
    ];
    assert_events(&outcome, SECCOMP_X, &seccomp);
}

fn act_ptrace(notes: &mut Notes) {
    in_child(notes, |notes| {
        call(notes, "traceme", libc::SYS_ptrace, &[0, 0, 0, 0]);
        call(notes, "cont", libc::SYS_ptrace, &[7, int(-5), 1, 2]);
        call(notes, "unknown", libc::SYS_ptrace, &[0x9999, 1, 3, 4]);
        call(notes, "kcmp", libc::SYS_kcmp, &[1, int(-1)]);
    });
}

#[test]
fn ptrace_that_fails_tells_neither_address_nor_data() {
    let outcome = trace("limits::ptrace");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let ptrace = |name: &str, request: i64, pid: i64| {
        vec![of(name), Is::Raw(vec![0; 9]), Is::Raw(vec![0; 9]), Is::Int(request), Is::Int(pid)]
    };
    let expected = [ptrace("traceme", 1, 0), ptrace("cont", 8, -5), ptrace("unknown", 0, 1)];
    assert_events(&outcome, PTRACE_X, &expected);
    assert_generic(&outcome, &[libc::SYS_kcmp]);
}

/// Where a test says which process is for its act to trace. The act's parent is the test's process.
fn victim_file(test: u32) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("watchkeeper-test-victim-{test}"))
}

/// Traces a process that is not traced yet.
fn act_ptrace_others(notes: &mut Notes) {
    let file = victim_file(std::os::unix::process::parent_id());
    let victim: i32 = std::fs::read_to_string(file).unwrap().parse().unwrap();
    notes.note("victim", victim);
    let mut ptrace = |name: &str, request: usize, address: usize, data: usize| {
        call(notes, name, libc::SYS_ptrace, &[request, int(victim), address, data]);
    };
    ptrace("attach", libc::PTRACE_ATTACH as usize, 0, 0);
    let mut status = 0;
    // SAFETY: the status is alive for the call.
    unsafe { libc::waitpid(victim, &raw mut status, 0) };
    let (mut word, mut registers) = (0u64, [0u64; 64]);
    // The stack pointer, by its place among the registers: 19th of struct user_regs_struct.
    let word_at = (&raw mut word) as usize;
    ptrace("peek", libc::PTRACE_PEEKUSER as usize, 19 * 8, word_at);
    let registers_at = registers.as_mut_ptr() as usize;
    ptrace("registers", libc::PTRACE_GETREGS as usize, 7, registers_at);
    ptrace("detach", libc::PTRACE_DETACH as usize, 0, libc::SIGCONT as usize);
    assert_eq!(word, registers[19]);
    notes.note("word", word as i64);
    notes.note("registers at", registers_at as i64);
}

#[test]
fn ptrace_tells_words_that_were_read_and_signals_that_were_sent() {
    let mut victim = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let file = victim_file(std::process::id());
    std::fs::write(&file, victim.id().to_string()).unwrap();
    let outcome = trace("limits::ptrace_others");
    victim.kill().unwrap();
    victim.wait().unwrap();
    std::fs::remove_file(file).unwrap();
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let number = |value: i64| Is::Raw([&[0][..], &value.to_le_bytes()].concat());
    let ptrace = |name: &str, address: i64, data: Is, request: i64| {
        vec![of(name), number(address), data, Is::Int(request), of("victim")]
    };
    let word = number(outcome.notes.of("word"));
    let registers = number(outcome.notes.of("registers at"));
    assert_events(
        &outcome,
        PTRACE_X,
        &[
            ptrace("attach", 0, number(0), 0xB),
            ptrace("peek", 19 * 8, word, 4),
            ptrace("registers", 7, registers, 0x1A),
            ptrace("detach", 0, Is::Raw(vec![1, 18]), 0xC),
        ],
    );
    assert_eq!(outcome.notes.of("attach"), 0);
}

fn act_signals(notes: &mut Notes) {
    in_child(notes, |notes| {
        // SAFETY: no memory is passed.
        let (pid, tid) = unsafe { (libc::getpid(), libc::gettid()) };
        notes.note("pid", pid);
        notes.note("tid", tid);
        let chld = libc::SIGCHLD as usize;
        call(notes, "kill", libc::SYS_kill, &[int(pid), chld]);
        call(notes, "kill nobody", libc::SYS_kill, &[0x3FFF_FFF0, 9]);
        call(notes, "kill unknown", libc::SYS_kill, &[int(pid), 0x1FF]);
        call(notes, "tkill", libc::SYS_tkill, &[int(tid), 0]);
        call(notes, "tkill nobody", libc::SYS_tkill, &[int(-1), 9]);
        call(notes, "tgkill", libc::SYS_tgkill, &[int(pid), int(tid), chld]);
        call(notes, "tgkill nobody", libc::SYS_tgkill, &[int(-3), int(tid), 9]);
        call(notes, "queue", libc::SYS_rt_sigqueueinfo, &[int(pid), chld, 0]);
        call(notes, "queue thread", libc::SYS_rt_tgsigqueueinfo, &[int(pid), int(tid), chld, 0]);
        call(notes, "pidfd", libc::SYS_pidfd_send_signal, &[int(-1), 9]);
    });
}

#[test]
fn signals_are_told_with_whom_they_are_sent_to() {
    let outcome = trace("limits::signals");
    let of = |name: &str| Is::Int(outcome.notes.of(name));
    let kill = [
        vec![of("kill"), of("pid"), Is::Int(17)],
        vec![of("kill nobody"), Is::Int(0x3FFF_FFF0), Is::Int(9)],
        vec![of("kill unknown"), of("pid"), Is::Int(0xFF)],
    ];
    assert_events(&outcome, KILL_X, &kill);
    let tkill = [
        vec![of("tkill"), of("tid"), Is::Int(0)],
        vec![of("tkill nobody"), Is::Int(-1), Is::Int(9)],
    ];
    assert_events(&outcome, TKILL_X, &tkill);
    let tgkill = [
        vec![of("tgkill"), of("pid"), of("tid"), Is::Int(17)],
        vec![of("tgkill nobody"), Is::Int(-3), of("tid"), Is::Int(9)],
    ];
    assert_events(&outcome, TGKILL_X, &tgkill);
    assert_generic(
        &outcome,
        &[libc::SYS_rt_sigqueueinfo, libc::SYS_rt_tgsigqueueinfo, libc::SYS_pidfd_send_signal],
    );
}
