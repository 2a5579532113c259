use event::syscalls as ev;

use super::world::{World, process};
use crate::{
    build::Limits,
    model::{Command, ExeFacts, Origin, Process, Redirect, Target, Timeline},
};

const READ: i64 = 1;
const WRITE: i64 = 2;
const CREATE: i64 = 2 | 4 | 0x100;
const APPEND: i64 = 2 | 4 | 8;

fn argv(command: &Command) -> Vec<String> {
    command.argv.iter().map(|arg| arg.shown().into_owned()).collect()
}

/// Commands of a process, each as its origin and its arguments.
fn told(process: &Process) -> Vec<(Origin, String)> {
    process.commands.iter().map(|command| (command.origin, argv(command).join(" "))).collect()
}

fn redirects(timeline: &Timeline, pid: i64) -> Vec<Redirect> {
    process(timeline, pid).command().unwrap().redirects.clone()
}

fn to(fd: i64, to: Target) -> Redirect {
    Redirect { fd, to }
}

#[test]
fn a_command_tells_who_ran_what_and_where() {
    let mut world = World::new();
    world.fork(100, 200);
    world.exec(200, "/usr/bin/curl", &["curl", "-s", "http://a/", ""]);
    let timeline = world.finish();
    let child = process(&timeline, 200);
    let both =
        [(Origin::Forked, "bash".to_owned()), (Origin::Exec, "curl -s http://a/ ".to_owned())];
    assert_eq!(told(child), both);
    let command = child.command().unwrap();
    assert_eq!(argv(command).len(), 4, "an empty argument is one");
    assert_eq!((command.exe.bytes(), command.comm.bytes()), (&b"/usr/bin/curl"[..], &b"curl"[..]));
    assert_eq!(command.cwd.bytes(), b"/home/ann");
    assert_eq!((command.user.uid, command.user.name.bytes()), (1000, &b"ann"[..]));
    assert_eq!(command.login.as_ref().map(|login| login.uid), Some(1000));
    assert_eq!(command.tty, 34_816);
    assert_eq!(command.redirects, []);
}

#[test]
fn a_search_along_the_path_is_one_command() {
    let mut world = World::new();
    world.fork(100, 200);
    for errno in [2, 13, 2] {
        world.exec_as(200, "/usr/bin/bash", &["nc", "-l"], -errno, 1000);
    }
    world.exec(200, "/bin/nc", &["nc", "-l"]);
    let timeline = world.finish();
    let both = [(Origin::Forked, "bash".to_owned()), (Origin::Exec, "nc -l".to_owned())];
    assert_eq!(told(process(&timeline, 200)), both);
}

#[test]
fn what_was_called_in_vain_stays() {
    let mut world = World::new();
    world.fork(100, 200);
    for errno in [2, 13, 2] {
        world.exec_as(200, "/usr/bin/bash", &["nc"], -errno, 1000);
    }
    world.exec(200, "/usr/bin/ncat", &["ncat"]);
    let timeline = world.finish();
    let three = [
        (Origin::Forked, "bash".to_owned()),
        (Origin::Failed { errno: 13 }, "nc".to_owned()),
        (Origin::Exec, "ncat".to_owned()),
    ];
    assert_eq!(told(process(&timeline, 200)), three);
}

#[test]
fn a_process_that_is_met_at_its_exec_ran_nothing_before() {
    let mut world = World::new();
    world.exec(77, "/usr/bin/id", &["id"]);
    let timeline = world.finish();
    assert_eq!(told(process(&timeline, 77)), [(Origin::Exec, "id".to_owned())]);
}

#[test]
fn what_an_ancestor_ran_before_stays_when_it_runs_another_program() {
    let mut world = World::new();
    world.fork(100, 200);
    world.exec(100, "/usr/bin/zsh", &["zsh"]);
    let timeline = world.finish();
    let both = [(Origin::Before, "bash".to_owned()), (Origin::Exec, "zsh".to_owned())];
    assert_eq!(told(process(&timeline, 100)), both);
}

#[test]
fn programs_that_were_made_within_the_window_are_new() {
    let mut world = World::new();
    world.open(100, 5, "/tmp/a", CREATE);
    world.event(
        ev::RENAME_X,
        100,
        &[("res", 0.into()), ("oldpath", "/tmp/a".into()), ("newpath", "/tmp/b".into())],
    );
    world.event(ev::MEMFD_CREATE_X, 100, &[("fd", 6.into()), ("name", "kw".into())]);
    let cases = [("/tmp/b", true), ("/usr/bin/id", false), ("/memfd:kw", true)];
    for (child, (path, _)) in (200..).zip(cases) {
        world.fork(100, child);
        world.exec(child, path, &["x"]);
    }
    let timeline = world.finish();
    for (child, (path, new)) in (200..).zip(cases) {
        let command = process(&timeline, child).command().unwrap();
        assert_eq!(command.facts.contains(ExeFacts::NEW), new, "{path}");
    }
}

#[test]
fn scripts_are_told_as_seen_from_the_working_directory() {
    let mut world = World::new();
    world.fork(100, 200);
    world.exec(200, "/usr/bin/dash", &["sh", "./x.sh", "y"]);
    let timeline = world.finish();
    let command = process(&timeline, 200).command().unwrap();
    assert_eq!(command.script.as_ref().map(|s| s.bytes()), Some(&b"/home/ann/x.sh"[..]));
}

#[test]
fn streams_that_are_not_the_parents_are_redirects() {
    let mut world = World::new();
    world.fork(100, 200);
    world.open(200, 5, "in", READ);
    world.dup(200, 5, 0);
    world.open(200, 5, "/tmp/out", CREATE);
    world.dup(200, 5, 1);
    world.dup(200, 1, 2);
    world.exec(200, "/usr/bin/sort", &["sort"]);
    world.fork(100, 201);
    world.open(201, 5, "/tmp/log", APPEND);
    world.dup(201, 5, 1);
    world.exec(201, "/usr/bin/date", &["date"]);
    world.fork(100, 202);
    world.open(202, 5, "/dev/pts/0", WRITE);
    world.dup(202, 5, 1);
    world.exec(202, "/usr/bin/date", &["date"]);
    let timeline = world.finish();
    let wanted = [
        to(0, Target::Read("/home/ann/in".into())),
        to(1, Target::Write("/tmp/out".into())),
        to(2, Target::SameAs(1)),
    ];
    assert_eq!(redirects(&timeline, 200), wanted);
    assert_eq!(redirects(&timeline, 201), [to(1, Target::Append("/tmp/log".into()))]);
    assert_eq!(redirects(&timeline, 202), [], "a terminal is none");
}

#[test]
fn a_reverse_shell_has_its_streams_on_a_connection() {
    let mut world = World::new();
    world.fork(100, 200);
    world.connect(200, 3, 4444, 0);
    for fd in 0..3 {
        world.dup(200, 3, fd);
    }
    world.exec(200, "/usr/bin/bash", &["bash", "-i"]);
    let timeline = world.finish();
    let socket = Target::Socket("203.0.113.20:4444".into());
    assert_eq!(
        redirects(&timeline, 200),
        [to(0, socket), to(1, Target::SameAs(0)), to(2, Target::SameAs(0))]
    );
}

/// `echo … | base64 -d | bash`, of which the first is the shell itself.
fn pipeline(world: &mut World) {
    world.pipe(100, [3, 4], 71);
    world.fork(100, 200);
    world.dup(200, 4, 1);
    world.close(100, 4);
    world.pipe(100, [4, 5], 72);
    world.fork(100, 201);
    world.dup(201, 3, 0);
    world.dup(201, 5, 1);
    world.exec(201, "/usr/bin/base64", &["base64", "-d"]);
    world.fork(100, 202);
    world.dup(202, 4, 0);
    world.exec(202, "/usr/bin/bash", &["bash"]);
}

#[test]
fn siblings_that_a_pipe_joins_are_a_pipeline() {
    let mut world = World::new();
    pipeline(&mut world);
    let timeline = world.finish();
    assert_eq!(timeline.pipelines.len(), 1);
    let members = timeline.pipelines[0].members.iter();
    let pids: Vec<i64> = members.map(|id| timeline.process(*id).unwrap().pid).collect();
    assert_eq!(pids, [200, 201, 202]);
    let of = |pid| process(&timeline, pid).commands.iter().map(|c| c.pipeline.is_some()).collect();
    let marked: [Vec<bool>; 2] = [of(201), of(100)];
    assert_eq!(marked, [vec![true, true], vec![false]]);
    assert_eq!(redirects(&timeline, 201), [to(0, Target::Pipe), to(1, Target::Pipe)]);
}

#[test]
fn a_pipe_that_the_parent_reads_is_no_pipeline() {
    let mut world = World::new();
    world.pipe(100, [3, 4], 71);
    world.fork(100, 200);
    world.dup(200, 4, 1);
    world.exec(200, "/usr/bin/date", &["date"]);
    world.read(100, 3, 10);
    let timeline = world.finish();
    assert!(timeline.pipelines.is_empty());
    assert_eq!(redirects(&timeline, 200), []);
}

#[test]
fn commands_beyond_the_bound_are_counted() {
    let mut world = World::with_limits(Limits { commands: 2, ..Limits::default() });
    for n in 0..5 {
        world.exec(100, "/usr/bin/id", &["id", &n.to_string()]);
    }
    let timeline = world.finish();
    let bash = process(&timeline, 100);
    // The first call is where the process is met, and comes with it.
    assert_eq!((bash.commands.len(), timeline.cuts.commands), (3, 2));
}
