//! `execve` and `execveat`.

use event::syscalls::{
    CLONE_20_X, EXECVE_19_E, EXECVE_19_X, EXECVEAT_E, EXECVEAT_X, FCNTL_X, PROCEXIT_1_E,
};
use state::CloneFlags;

use crate::world::{Int, Text, Value, World, text};

fn executed(tid: i64, pid: i64) -> Vec<(&'static str, Value)> {
    vec![
        ("res", Int(0)),
        ("exe", Text("ls")),
        ("args", Value::Bytes(b"-l\0".to_vec())),
        ("tid", Int(tid)),
        ("pid", Int(pid)),
        ("ptid", Int(1)),
        ("fdlimit", Int(99)),
        ("comm", Text("ls")),
        ("env", Value::Bytes(b"A=1\0".to_vec())),
        ("cgroups", Value::Bytes(b"cpu=/x\0".to_vec())),
    ]
}

#[test]
fn the_thread_runs_another_program() {
    let mut world = World::new();
    let mut params = executed(100, 100);
    params.extend([
        ("tty", Int(34816)),
        ("vpgid", Int(5)),
        ("loginuid", Int(1000)),
        ("flags", Int(0b0101)),
        ("cap_inheritable", Int(1)),
        ("cap_permitted", Int(2)),
        ("cap_effective", Int(3)),
        ("uid", Int(11)),
        ("gid", Int(12)),
        ("pgid", Int(6)),
        ("trusted_exepath", Text("/usr/bin/ls (deleted)")),
    ]);
    world.event(EXECVE_19_X, 100, &params);
    let thread = world.thread(100);
    assert_eq!((text(&thread.comm), text(&thread.exe)), ("ls".into(), "ls".into()));
    assert_eq!(text(&thread.exepath), "/usr/bin/ls");
    assert_eq!((&*thread.args, &*thread.env), (&b"-l\0"[..], &b"A=1\0"[..]));
    assert_eq!(&*thread.cgroups, b"cpu=/x\0");
    assert_eq!((thread.tty, thread.vpgid, thread.pgid), (34816, 5, 6));
    assert_eq!((thread.uid, thread.gid, thread.loginuid), (11, 12, 1000));
    assert!(thread.exe_writable && thread.exe_from_memfd);
    assert!(!thread.exe_upper_layer && !thread.exe_lower_layer);
    let caps = (thread.cap_inheritable, thread.cap_permitted, thread.cap_effective);
    assert_eq!(caps, (1, 2, 3));
    assert_eq!((thread.lastexec_ts_ns, thread.fd_limit), (world.now_ns, 99));
    assert!(thread.flags.contains(CloneFlags::NAME_CHANGED));
}

#[test]
fn times_of_the_executable_are_measured_from_clone_and_namespace() {
    let mut world = World::new();
    let clone = [
        ("res", Int(0)),
        ("tid", Int(200)),
        ("pid", Int(200)),
        ("ptid", Int(100)),
        ("flags", Int(0)),
        ("vtid", Int(200)),
        ("vpid", Int(200)),
    ];
    world.event(CLONE_20_X, 200, &clone);
    let clone_ns = world.now_ns;
    let ctime_ns = clone_ns - 50;
    let mut params = executed(200, 200);
    params.extend([
        ("exe_ino", Int(9)),
        ("exe_ino_ctime", Int(ctime_ns as i64)),
        ("exe_ino_mtime", Int(3)),
    ]);
    world.event(EXECVE_19_X, 200, &params);
    let thread = world.thread(200);
    assert_eq!((thread.exe_ino, thread.exe_ino_mtime_ns), (9, 3));
    assert_eq!(thread.exe_ino_ctime_duration_clone_ns, 50);
    let since_start = ctime_ns - thread.pidns_init_start_ts_ns;
    assert_eq!(thread.exe_ino_ctime_duration_pidns_start_ns, since_start);
}

#[test]
fn old_recordings_tell_the_path_where_the_call_begins() {
    // entry, its parameters, the path then
    let cases = [
        (EXECVE_19_E, vec![("filename", Text("./bin/ls"))], "/home/bin/ls"),
        (EXECVE_19_E, vec![("filename", Text("/bin/ls"))], "/bin/ls"),
        (EXECVE_19_E, vec![("filename", Text("<NA>"))], "<NA>"),
        (
            EXECVEAT_E,
            vec![("dirfd", Int(-100)), ("pathname", Text("x/../ls")), ("flags", Int(0))],
            "/home/ls",
        ),
        (
            EXECVEAT_E,
            vec![("dirfd", Int(3)), ("pathname", Text("ls")), ("flags", Int(0))],
            "/etc/ls",
        ),
        (EXECVEAT_E, vec![("dirfd", Int(0)), ("flags", Int(1))], "/dev/tty"),
        (EXECVEAT_E, vec![("dirfd", Int(77)), ("pathname", Text("ls")), ("flags", Int(0))], "<NA>"),
    ];
    for (entry, params, path) in cases {
        let mut world = World::new();
        world.event(entry, 100, &params);
        world.event(EXECVE_19_X, 100, &executed(100, 100));
        assert_eq!(text(&world.thread(100).exepath), path, "{params:?}");
    }
}

#[test]
fn without_any_path_the_old_one_stays() {
    let mut world = World::new();
    world.event(EXECVEAT_X, 100, &executed(100, 100));
    assert_eq!(text(&world.thread(100).exepath), "/usr/bin/bash");
}

#[test]
fn fds_marked_so_are_closed() {
    let mut world = World::new();
    let mark = [("res", Int(0)), ("fd", Int(3)), ("cmd", Int(3)), ("arg", Int(1))];
    world.event(FCNTL_X, 100, &mark);
    world.event(EXECVE_19_X, 100, &executed(100, 100));
    assert_eq!(world.fd_name(100, 3), None);
    assert_eq!(world.fd_name(100, 0).as_deref(), Some("/dev/tty"));
}

#[test]
fn other_threads_of_the_process_end() {
    let mut world = World::new();
    world.event(EXECVE_19_X, 100, &executed(100, 100));
    assert!(world.state.thread(101).is_none());
    assert_eq!(world.state.thread_count(world.thread(100)), 1);
}

#[test]
fn a_dead_main_thread_lives_again_when_another_thread_takes_its_id() {
    let mut world = World::new();
    world.event(PROCEXIT_1_E, 100, &[("status", Int(0))]);
    assert!(world.thread(100).is_dead());
    world.event(EXECVE_19_X, 100, &executed(100, 100));
    assert!(!world.thread(100).is_dead());
    assert_eq!(world.state.thread_count(world.thread(100)), 1);
}

#[test]
fn a_thread_that_was_not_known_becomes_known() {
    let mut world = World::new();
    world.event(EXECVE_19_X, 300, &executed(300, 300));
    let thread = world.thread(300);
    assert_eq!((thread.pid, thread.ptid, thread.vtid, thread.vpid), (300, 1, 300, 300));
    assert_eq!(world.thread(1).children, 3);
}

#[test]
fn an_exec_that_fails_changes_nothing() {
    let mut world = World::new();
    let mut params = executed(100, 100);
    params[0] = ("res", Int(-2));
    world.event(EXECVE_19_X, 100, &params);
    assert_eq!(text(&world.thread(100).comm), "bash");
}

#[test]
fn control_groups_that_are_cut_short_leave_the_old_ones() {
    let mut world = World::new();
    world.event(EXECVE_19_X, 100, &executed(100, 100));
    let mut params = executed(100, 100);
    params.retain(|(name, _)| *name != "cgroups");
    params.push(("cgroups", Value::Bytes(b"cpu=/y\0mem".to_vec())));
    world.event(EXECVE_19_X, 100, &params);
    assert_eq!(&*world.thread(100).cgroups, b"cpu=/x\0");
}
