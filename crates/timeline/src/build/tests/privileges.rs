use event::{EventType, syscalls as ev};

use super::world::{Params, Value, World, process};
use crate::model::{Change, ExeFacts, Timeline, User};

fn told(timeline: &Timeline, pid: i64) -> Vec<(Change, Option<i64>)> {
    let rows = process(timeline, pid).privileges.iter();
    rows.map(|row| (row.change.clone(), row.error)).collect()
}

fn user(uid: u32, name: &str) -> User {
    User { uid, name: name.into() }
}

fn namespaces(by: &'static str, kinds: &[&'static str]) -> Change {
    Change::Namespaces { by, kinds: kinds.to_vec() }
}

#[test]
fn calls_that_change_rights_are_told() {
    let n = |name: &'static str, value: i64| (name, Value::from(value));
    let t = |name: &'static str, value: &str| (name, Value::from(value));
    let module = |by, name: &str| Change::Module { by, name: name.into() };
    let cases: [(EventType, Params, Change); 10] = [
        (ev::UNSHARE_X, vec![n("flags", 0x100020)], namespaces("unshare", &["mnt", "user"])),
        (ev::SETNS_X, vec![n("fd", 9), n("nstype", 0x10)], namespaces("setns", &["net"])),
        (
            ev::PTRACE_X,
            vec![n("request", 0xb), n("pid", 50)],
            Change::Ptrace { request: "PTRACE_ATTACH".to_owned(), pid: 50 },
        ),
        (
            ev::PROCESS_VM_WRITEV_X,
            vec![n("pid", 50)],
            Change::Memory { by: "process_vm_writev", pid: 50 },
        ),
        (ev::DELETE_MODULE_X, vec![t("name", "nf")], module("delete_module", "nf")),
        (
            ev::MOUNT_X,
            vec![t("dev", "proc"), t("dir", "mnt"), t("type", "proc")],
            Change::Mount {
                by: "mount",
                source: "proc".into(),
                target: "/home/ann/mnt".into(),
                kind: "proc".into(),
            },
        ),
        (ev::CHROOT_X, vec![t("path", "/jail")], Change::Chroot { path: "/jail".into() }),
        (ev::BPF_2_X, vec![n("cmd", 5)], Change::Bpf { command: "BPF_PROG_LOAD".to_owned() }),
        (
            ev::KILL_X,
            vec![n("pid", 50), n("sig", 9)],
            Change::Signal { signal: "SIGKILL".to_owned(), pid: 50 },
        ),
        (ev::SETSID_X, vec![n("res", 100)], Change::Session),
    ];
    for (kind, params, change) in cases {
        let mut world = World::new();
        let mut params = params;
        let result = kind.info().params[0].name;
        if !params.iter().any(|(name, _)| *name == result) {
            params.push(n(result, 0));
        }
        world.event(kind, 100, &params);
        let timeline = world.finish();
        assert_eq!(told(&timeline, 100), [(change, None)]);
    }
}

#[test]
fn calls_that_are_only_told_by_number_are_told_by_name() {
    let code = |name| ev::SYSCALL_NAMES.iter().position(|own| *own == name).unwrap() as i64;
    let mut world = World::new();
    for name in ["pivot_root", "getppid", "init_module"] {
        world.event(ev::GENERIC_X, 100, &[("ID", code(name).into())]);
    }
    let timeline = world.finish();
    let by: Vec<_> = told(&timeline, 100)
        .into_iter()
        .map(|(change, _)| match change {
            Change::Mount { by, .. } | Change::Module { by, .. } => by,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(by, ["pivot_root", "init_module"]);
}

#[test]
fn users_and_groups_are_told_when_they_change() {
    let mut world = World::new();
    world.event(ev::SETUID_X, 100, &[("res", (-1).into()), ("uid", 0.into())]);
    world.event(ev::SETUID_X, 100, &[("res", 0.into()), ("uid", 1000.into())]);
    world.event(ev::SETRESUID_X, 100, &[("res", 0.into()), ("euid", 0xffff_ffff.into())]);
    world.event(ev::SETRESUID_X, 100, &[("res", 0.into()), ("euid", 33.into())]);
    world.event(ev::SETGID_X, 100, &[("res", 0.into()), ("gid", 33.into())]);
    let timeline = world.finish();
    let become_user = |from, to, by| Change::User { from, to, by };
    let wanted = [
        (become_user(user(1000, "ann"), user(0, "root"), "setuid"), Some(1)),
        (become_user(user(1000, "ann"), user(33, "www-data"), "setresuid"), None),
        (Change::Group { from: 1000, to: 33 }, None),
    ];
    assert_eq!(told(&timeline, 100), wanted);
}

#[test]
fn a_program_that_makes_another_user_of_its_process_is_setuid() {
    let mut world = World::new();
    world.fork(100, 200);
    world.exec_as(200, "/usr/bin/sudo", &["sudo", "id"], 0, 0);
    let timeline = world.finish();
    let command = process(&timeline, 200).command().unwrap();
    assert!(command.facts.contains(ExeFacts::SETUID));
    assert_eq!(command.user, user(0, "root"));
    let (from, to) = (user(1000, "ann"), user(0, "root"));
    assert_eq!(told(&timeline, 200), [(Change::User { from, to, by: "execve" }, None)]);
}

#[test]
fn capabilities_are_told_by_their_difference() {
    let mut world = World::new();
    let set = |effective: i64| [("res", 0.into()), ("cap_effective", effective.into())];
    // What a process had before it is met is not known.
    world.read(100, 0, 1);
    world.event(ev::CAPSET_X, 100, &set(0b11));
    world.event(ev::CAPSET_X, 100, &set(0b110));
    let timeline = world.finish();
    let change = |gained: &[&'static str], lost: &[&'static str]| {
        (Change::Capabilities { gained: gained.to_vec(), lost: lost.to_vec() }, None)
    };
    let wanted = [
        change(&["CAP_CHOWN", "CAP_DAC_OVERRIDE"], &[]),
        change(&["CAP_DAC_READ_SEARCH"], &["CAP_CHOWN"]),
    ];
    assert_eq!(told(&timeline, 100), wanted);
}

#[test]
fn what_says_nothing_is_not_told() {
    let signal = |pid: i64, sig: i64| [("res", 0.into()), ("pid", pid.into()), ("sig", sig.into())];
    let mut world = World::new();
    world.event(ev::KILL_X, 100, &signal(50, 0));
    world.event(ev::KILL_X, 100, &signal(50, 17));
    world.event(ev::KILL_X, 100, &signal(100, 15));
    for _ in 0..3 {
        let params = [("res", 0.into()), ("request", 0xd.into()), ("pid", 50.into())];
        world.event(ev::PTRACE_X, 100, &params);
        world.event(ev::KILL_X, 100, &signal(50, 15));
    }
    let timeline = world.finish();
    let once = Change::Signal { signal: "SIGTERM".to_owned(), pid: 50 };
    assert_eq!(told(&timeline, 100), [(once, None)]);
}

#[test]
fn cloning_into_new_namespaces_is_the_parents_act() {
    let mut world = World::new();
    world.clone(100, 200, 0x20 | 0x10);
    let timeline = world.finish();
    assert_eq!(told(&timeline, 100), [(namespaces("clone", &["mnt", "net"]), None)]);
    assert_eq!(told(&timeline, 200), []);
}
