//! Fields of processes, threads and users, on a machine with a few processes.

use std::ops::ControlFlow;

use event::{
    EventBuilder,
    snapshot::{FdEntry, FdKind, FdTarget, Group, Machine, Record, ThreadEntry, User},
    syscalls::{CLOSE_X, PROCINFO_E, SCHEDSWITCH_6_E},
};
use state::{CloneFlags, Limits, State};

use super::{Argument, Extract, Scratch, find, testing::printed};
use crate::value::Value;

const SECOND: u64 = 1_000_000_000;

fn process(tid: i64, ptid: i64, comm: &'static [u8]) -> ThreadEntry<'static> {
    ThreadEntry {
        tid,
        pid: tid,
        ptid,
        sid: tid,
        vpgid: tid,
        pgid: -1,
        vtid: tid,
        vpid: tid,
        comm,
        exe: comm,
        cwd: b"/",
        fd_limit: 1024,
        loginuid: u32::MAX,
        ..ThreadEntry::default()
    }
}

/// systemd (1) → sshd (50) → bash (100, of ann) → java (200, with thread 201), and a container's
/// first process (300) below systemd.
pub(super) fn machine() -> State {
    let mut state = State::new(Limits::default());
    state.record(&Record::Machine(Machine { cpus: 2, ..Machine::default() }));
    let ann = User { uid: 1000, gid: 1000, name: b"ann", home: b"/home/ann", shell: b"/bin/zsh" };
    state.record(&Record::User(ann));
    state.record(&Record::Group(Group { gid: 1000, name: b"people" }));
    let java = ThreadEntry {
        sid: 100,
        vpgid: 200,
        pgid: 100,
        exe: b"/usr/bin/java",
        exepath: b"/opt/jdk/bin/java",
        args: b"-jar\0app.jar\0",
        env: b"EMPTY=\0PATH= /bin:/usr/bin \0LANG=C\0",
        cwd: b"/srv/app",
        cgroups: b"cpu_cgroup=/a\0mem_cgroup=/m\0io=/b\0perf=/p\0",
        tty: 34816,
        vmsize_kb: 9000,
        vmrss_kb: 400,
        vmswap_kb: 7,
        pfmajor: 3,
        pfminor: 44,
        uid: 1000,
        gid: 1000,
        loginuid: 1000,
        cap_permitted: 0b10_0001,
        cap_effective: 1,
        exe_ino: 77,
        exe_ino_ctime_ns: 5 * SECOND,
        exe_ino_mtime_ns: 4 * SECOND,
        exe_writable: true,
        exe_from_memfd: true,
        ..process(200, 100, b"java")
    };
    let shell = ThreadEntry {
        args: b"-l\0",
        env: b"KUBECONFIG=/k\0",
        exepath: b"/bin/bash",
        ..process(100, 50, b"bash")
    };
    let contained = ThreadEntry {
        vtid: 1,
        vpid: 1,
        sid: 1,
        vpgid: 1,
        cgroups: b"cpu=/docker/605439acbd4fb18c145069289094b17f17e0cfa938f78012d4960bc797305f22\0",
        pidns_init_start_ts_ns: 9 * SECOND,
        ..process(300, 1, b"nginx")
    };
    let flags = (CloneFlags::THREAD | CloneFlags::FILES).bits();
    let worker = ThreadEntry { tid: 201, vtid: 201, comm: b"GC", env: b"", flags, ..java };
    for thread in
        [process(1, 0, b"systemd"), process(50, 1, b"sshd"), shell, java, worker, contained]
    {
        state.record(&Record::Thread(thread));
    }
    let file = FdTarget::File { open_flags: 1, name: b"/dev/null", dev: 0 };
    state.record(&Record::Fd(200, FdEntry { fd: 0, ino: 0, target: file }));
    let pipe = FdTarget::Named(FdKind::Fifo, b"pipe:[7]");
    state.record(&Record::Fd(200, FdEntry { fd: 1, ino: 0, target: pipe }));
    state
}

/// Something of no consequence, by this thread, 10 s after the epoch.
pub(super) fn by(tid: i64) -> EventBuilder {
    let mut builder = EventBuilder::default();
    builder.start(CLOSE_X, 10 * SECOND, tid, 0);
    builder.i64(-9).i64(99);
    builder
}

pub(super) fn check(state: &mut State, event: &EventBuilder, expected: &[(&str, Option<&str>)]) {
    let event = event.event().unwrap();
    for (field, want) in expected {
        assert_eq!(printed(state, event, field).as_deref(), *want, "{field} of {}", event.tid);
    }
}

#[test]
fn a_process_has_names_arguments_and_numbers() {
    check(
        &mut machine(),
        &by(200),
        &[
            ("proc.name", Some("java")),
            ("proc.exe", Some("/usr/bin/java")),
            ("proc.exepath", Some("/opt/jdk/bin/java")),
            ("proc.args", Some("-jar app.jar")),
            ("proc.args[1]", Some("app.jar")),
            ("proc.args[2]", Some("")),
            ("proc.cmdline", Some("java -jar app.jar")),
            ("proc.exeline", Some("/usr/bin/java -jar app.jar")),
            ("proc.cmdnargs", Some("2")),
            ("proc.cmdlenargs", Some("11")),
            ("proc.env", Some("EMPTY= PATH= /bin:/usr/bin  LANG=C")),
            ("proc.env[PATH]", Some("/bin:/usr/bin")),
            ("proc.env[EMPTY]", Some("")),
            ("proc.env[PAT]", Some("")),
            ("proc.cwd", Some("/srv/app/")),
            ("proc.tty", Some("34816")),
            ("proc.pid", Some("200")),
            ("proc.vpid", Some("200")),
            ("proc.sid", Some("100")),
            ("proc.vpgid", Some("200")),
            ("proc.pgid", Some("100")),
            ("proc.is_sid_leader", Some("false")),
            ("proc.is_vpgid_leader", Some("true")),
            ("proc.is_pgid_leader", Some("false")),
            ("proc.exe_ino", Some("77")),
            ("proc.is_exe_writable", Some("true")),
            ("proc.is_exe_upper_layer", Some("false")),
            ("proc.is_exe_lower_layer", Some("false")),
            ("proc.is_exe_from_memfd", Some("true")),
            ("proc.vmsize", Some("9000")),
            ("proc.vmrss", Some("400")),
            ("proc.vmswap", Some("7")),
        ],
    );
}

#[test]
fn ancestors_are_named_by_level_or_all_together() {
    check(
        &mut machine(),
        &by(201),
        &[
            ("proc.pname", Some("bash")),
            ("proc.pexe", Some("bash")),
            ("proc.pexepath", Some("/bin/bash")),
            ("proc.pcmdline", Some("bash -l")),
            ("proc.ppid", Some("100")),
            ("proc.pvpid", Some("100")),
            ("proc.aname", Some("bash sshd systemd")),
            ("proc.aname[0]", Some("java")),
            ("proc.aname[2]", Some("sshd")),
            ("proc.aname[4]", None),
            ("proc.aname[18446744073709551615]", None),
            ("proc.aexe", Some("bash sshd systemd")),
            ("proc.aexe[1]", Some("bash")),
            ("proc.aexepath", Some("/bin/bash  ")),
            ("proc.aexepath[1]", Some("/bin/bash")),
            ("proc.acmdline", Some("bash -l sshd systemd")),
            ("proc.acmdline[1]", Some("bash -l")),
            ("proc.aargs", Some("-l  ")),
            ("proc.aargs[1]", Some("-l")),
            ("proc.apid", Some("200")),
            ("proc.apid[3]", Some("1")),
            ("proc.aenv[1]", Some("KUBECONFIG=/k")),
            ("proc.aenv[KUBECONFIG]", Some("/k")),
            ("proc.aenv[PATH]", Some("")),
            ("proc.aenv", Some("EMPTY= PATH= /bin:/usr/bin  LANG=C")),
            ("proc.loginshellid", Some("100")),
            ("proc.sname", Some("bash")),
            ("proc.sid.exe", Some("bash")),
            ("proc.sid.exepath", Some("/bin/bash")),
            ("proc.vpgid.name", Some("java")),
            ("proc.vpgid.exe", Some("/usr/bin/java")),
            ("proc.vpgid.exepath", Some("/opt/jdk/bin/java")),
            ("proc.pgid.name", Some("bash")),
            ("proc.pgid.exe", Some("bash")),
            ("proc.pgid.exepath", Some("/bin/bash")),
        ],
    );
}

#[test]
fn a_comparison_without_level_gets_every_ancestor() {
    let mut state = machine();
    let cases: [(&str, i64, &[&str]); 7] = [
        ("proc.aname", 201, &["bash", "sshd", "systemd"]),
        ("proc.aexe", 201, &["bash", "sshd", "systemd"]),
        ("proc.aexepath", 201, &["/bin/bash", "", ""]),
        ("proc.acmdline", 201, &["bash -l", "sshd", "systemd"]),
        ("proc.aenv", 201, &["KUBECONFIG=/k", "", ""]),
        ("proc.apid", 201, &["100", "50", "1"]),
        ("proc.aname", 1, &[]),
    ];
    for (name, tid, want) in cases {
        let Extract::Searched { each, .. } = find(name).unwrap().extract else {
            panic!("{name} looks at one ancestor only");
        };
        let event = by(tid);
        let context = state.event(event.event().unwrap());
        let mut got = Vec::new();
        let there = each(&context, &Argument::None, &mut Scratch::default(), &mut |value| {
            got.push(match value {
                Value::Text(text) => String::from_utf8_lossy(text).into_owned(),
                Value::I64(number) => number.to_string(),
                other => format!("{other:?}"),
            });
            ControlFlow::Continue(())
        });
        assert_eq!(
            (got, there),
            (want.iter().map(|s| (*s).to_owned()).collect(), !want.is_empty())
        );
    }
}

#[test]
fn a_thread_has_what_is_its_own_and_the_rest_from_its_process() {
    check(
        &mut machine(),
        &by(201),
        &[
            ("thread.tid", Some("201")),
            ("thread.vtid", Some("201")),
            ("thread.ismain", Some("false")),
            ("proc.name", Some("GC")),
            ("proc.pid", Some("200")),
            ("proc.cwd", Some("/srv/app/")),
            ("proc.env[LANG]", Some("C")),
            ("proc.nthreads", Some("2")),
            ("proc.nchilds", Some("1")),
            ("proc.fdopencount", Some("2")),
            ("proc.fdlimit", Some("1024")),
            ("proc.stdin.type", Some("file")),
            ("proc.stdin.name", Some("/dev/null")),
            ("proc.stdout.type", Some("pipe")),
            ("proc.stdout.name", Some("pipe:[7]")),
            ("proc.stderr.type", None),
            ("proc.stderr.name", None),
            ("thread.vmsize", Some("0")),
            ("thread.vmrss", Some("0")),
            ("thread.pfmajor", Some("3")),
            ("thread.pfminor", Some("44")),
            ("thread.cap_permitted", Some("CAP_CHOWN CAP_KILL")),
            ("thread.cap_inheritable", Some("")),
            ("thread.cap_effective", Some("CAP_CHOWN")),
            ("thread.cgroups", Some("cpu=/a memory=/m blkio=/b perf_event=/p")),
            ("thread.cgroup.memory", Some("/m")),
            ("thread.cgroup.pids", None),
            ("thread.exectime", Some("0")),
            ("thread.totexectime", Some("0")),
            ("thread.cpu", None),
        ],
    );
    check(
        &mut machine(),
        &by(200),
        &[
            ("thread.vmsize", Some("9000")),
            ("thread.vmrss", Some("400")),
            ("thread.vmsize.b", Some("9216000")),
            ("thread.vmrss.b", Some("409600")),
            ("thread.nametid", Some("java200")),
        ],
    );
}

#[test]
fn what_is_not_known_is_absent() {
    check(
        &mut machine(),
        &by(1),
        &[
            ("proc.ppid", None),
            ("proc.pname", None),
            ("proc.aname", None),
            ("proc.duration", None),
            ("proc.pid.ts", None),
            ("proc.ppid.ts", None),
            ("proc.ppid.duration", None),
            ("proc.exe_ino", None),
            ("proc.exe_ino.ctime", None),
            ("proc.exe_ino.mtime", None),
            ("proc.exe_ino.ctime_duration_proc_start", None),
            ("proc.exe_ino.ctime_duration_pidns_start", None),
            ("proc.pidns_init_start_ts", None),
            ("proc.loginshellid", None),
            ("proc.pgid.name", Some("")),
            ("thread.cgroups", None),
        ],
    );
    check(&mut machine(), &by(50), &[("proc.ppid.ts", Some("0")), ("proc.ppid.duration", None)]);
}

#[test]
fn an_event_without_thread_has_a_thread_id_alone() {
    let mut idle = EventBuilder::default();
    idle.start(SCHEDSWITCH_6_E, 1, 0, 0).i64(200).u64(0).u64(0).u32(0).u32(0).u32(0);
    check(
        &mut machine(),
        &idle,
        &[
            ("thread.tid", Some("0")),
            ("thread.exectime", Some("0")),
            ("thread.totexectime", None),
            ("proc.name", None),
            ("proc.aname", None),
            ("user.uid", None),
            ("group.name", None),
            ("container.id", None),
            ("k8s.pod.name", None),
        ],
    );
}

#[test]
fn users_and_groups_have_names_where_they_are_known() {
    check(
        &mut machine(),
        &by(200),
        &[
            ("user.uid", Some("1000")),
            ("user.name", Some("ann")),
            ("user.homedir", Some("/home/ann")),
            ("user.shell", Some("/bin/zsh")),
            ("user.loginuid", Some("1000")),
            ("user.loginname", Some("ann")),
            ("group.gid", Some("1000")),
            ("group.name", Some("people")),
        ],
    );
    check(
        &mut machine(),
        &by(50),
        &[
            ("user.uid", Some("0")),
            ("user.name", Some("root")),
            ("user.homedir", Some("/root")),
            ("user.shell", Some("<NA>")),
            ("user.loginuid", Some("-1")),
            ("user.loginname", Some("<NA>")),
            ("group.name", Some("root")),
        ],
    );
}

#[test]
fn cpu_time_is_told_by_switches_and_looks() {
    let mut state = machine();
    let mut builder = EventBuilder::default();
    for (ts, run, total) in [(1_000, "0", "0"), (1_300, "300", "300"), (1_310, "10", "310")] {
        builder.start(SCHEDSWITCH_6_E, ts, 200, 0);
        builder.i64(0).u64(0).u64(0).u32(0).u32(0).u32(0);
        let context = state.event(builder.event().unwrap());
        let one = |name| match find(name).unwrap().extract {
            Extract::One(one) => one(&context, &Argument::None, &mut Scratch::default())
                .map(|value| format!("{value:?}")),
            _ => None,
        };
        assert_eq!(one("thread.exectime"), Some(format!("U64({run})")));
        assert_eq!(one("thread.totexectime"), Some(format!("U64({total})")));
    }
    for (ticks, user, system, all) in [
        ((5, 5), "0.0", "0.0", "0.0"),
        ((15, 25), "10.0", "20.0", "30.0"),
        ((999, 26), "100.0", "1.0", "100.0"),
    ] {
        builder.start(PROCINFO_E, 2_000, 200, 0).u64(ticks.0).u64(ticks.1);
        let context = state.event(builder.event().unwrap());
        let one = |name| match find(name).unwrap().extract {
            Extract::One(one) => one(&context, &Argument::None, &mut Scratch::default())
                .map(|value| format!("{value:?}")),
            _ => None,
        };
        assert_eq!(one("thread.cpu.user"), Some(format!("F64({user})")));
        assert_eq!(one("thread.cpu.system"), Some(format!("F64({system})")));
        assert_eq!(one("thread.cpu"), Some(format!("F64({all})")));
    }
}
