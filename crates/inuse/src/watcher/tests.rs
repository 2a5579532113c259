//! What the watcher makes of a small machine's events.

use event::{
    EventBuilder, EventType,
    schema::ParamInfo,
    snapshot::{FdEntry, FdTarget, L4Proto, Machine, Record, ThreadEntry},
    syscalls as ev,
};
use state::{Limits, State};

use super::*;
use crate::{Key, Place, Port, Protocol, Reach, What};

const START_NS: u64 = 1_000_000_000_000_000_000;
const START_S: u32 = 1_000_000_000;
const DOCKER: &[u8] =
    b"cpu=/docker/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0";

enum Value<'a> {
    Int(i64),
    Bytes(&'a [u8]),
}

use Value::{Bytes, Int};

/// `init` (1) with `sshd` (50), which listens, and `bash` (100).
struct World {
    state: State,
    watcher: Watcher,
    builder: EventBuilder,
    now_ns: u64,
}

impl World {
    fn new(scope: Scope) -> Self {
        let mut state = State::new(Limits::default());
        state.record(&Record::Machine(Machine { hostname: b"shop", ..Machine::default() }));
        for (tid, ptid, path) in [
            (1, 0, &b"/usr/lib/systemd/systemd"[..]),
            (50, 1, b"/usr/sbin/sshd"),
            (100, 50, b"/usr/bin/bash"),
        ] {
            let name = path.rsplit(|byte| *byte == b'/').next().unwrap();
            state.record(&Record::Thread(ThreadEntry {
                tid,
                pid: tid,
                ptid,
                vtid: tid,
                vpid: tid,
                comm: name,
                exe: path,
                exepath: path,
                cwd: b"/root/",
                ..ThreadEntry::default()
            }));
        }
        let target = FdTarget::Ipv4Server { ip: [0, 0, 0, 0].into(), port: 22, l4: L4Proto::Tcp };
        state.record(&Record::Fd(50, FdEntry { fd: 3, ino: 9, target }));
        let mut watcher = Watcher::default();
        watcher.begin(scope);
        Self { state, watcher, builder: EventBuilder::default(), now_ns: START_NS }
    }

    fn event(&mut self, kind: EventType, tid: i64, params: &[(&str, Value<'_>)]) {
        self.now_ns += 1_000_000;
        self.builder.start(kind, self.now_ns, tid, 0);
        for (name, _) in params {
            assert!(kind.info().param(name).is_some(), "{} has no {name}", kind.info().name);
        }
        for param in kind.info().params {
            match params.iter().find(|(name, _)| *name == param.name) {
                None => self.builder.null(),
                Some((_, Int(number))) => self.builder.raw(&number.to_le_bytes()[..width(param)]),
                Some((_, Bytes(bytes))) if is_text(param) => self.builder.text(*bytes),
                Some((_, Bytes(bytes))) => self.builder.raw(bytes),
            };
        }
        let event = self.builder.event().unwrap();
        self.watcher.event(&self.state.event(event));
    }

    fn open(&mut self, tid: i64, fd: i64, path: &str, flags: i64) {
        let params = [
            ("fd", Int(fd)),
            ("dirfd", Int(-100)),
            ("name", Bytes(path.as_bytes())),
            ("flags", Int(flags)),
        ];
        self.event(ev::OPENAT_2_X, tid, &params);
    }

    /// Opens a library and maps it to be executed.
    fn load(&mut self, tid: i64, path: &str) {
        self.open(tid, 9, path, 1);
        self.event(ev::MMAP_X, tid, &[("res", Int(0x7f00_0000)), ("prot", Int(5)), ("fd", Int(9))]);
    }

    fn exec(&mut self, pid: i64, path: &str, comm: &str, args: &[u8], cgroups: &[u8]) {
        let params = [
            ("res", Int(0)),
            ("exe", Bytes(path.as_bytes())),
            ("args", Bytes(args)),
            ("tid", Int(pid)),
            ("pid", Int(pid)),
            ("ptid", Int(50)),
            ("comm", Bytes(comm.as_bytes())),
            ("cgroups", Bytes(cgroups)),
            ("trusted_exepath", Bytes(path.as_bytes())),
        ];
        self.event(ev::EXECVE_19_X, pid, &params);
    }

    fn listen(&mut self, tid: i64, ip: [u8; 4], port: u16) {
        self.event(
            ev::SOCKET_SOCKET_X,
            tid,
            &[("fd", Int(5)), ("domain", Int(2)), ("type", Int(1)), ("proto", Int(0))],
        );
        let address = [&[2][..], &ip, &port.to_le_bytes()].concat();
        self.event(
            ev::SOCKET_BIND_X,
            tid,
            &[("res", Int(0)), ("addr", Bytes(&address)), ("fd", Int(5))],
        );
        self.event(
            ev::SOCKET_LISTEN_X,
            tid,
            &[("res", Int(0)), ("fd", Int(5)), ("backlog", Int(1))],
        );
    }

    fn notice(&mut self, name: &[u8], data: &[u8]) {
        self.event(ev::ASYNCEVENT_E, -1, &[("name", Bytes(name)), ("data", Bytes(data))]);
    }

    fn place(&self, what: What) -> Option<&Place> {
        self.watcher.index().place(&Key { host: b"shop"[..].into(), what })
    }

    fn host(&self) -> &Place {
        self.place(What::Host).unwrap()
    }

    fn strongest(&self, path: &str) -> Option<Kind> {
        self.host().file(path.as_bytes()).and_then(|it| it.strongest())
    }
}

fn width(param: &ParamInfo) -> usize {
    use event::ParamType as T;
    match param.ty {
        T::Int8 | T::Uint8 | T::Flags8 | T::EnumFlags8 => 1,
        T::Int16 | T::Uint16 | T::Flags16 | T::Port => 2,
        T::Int32 | T::Uint32 | T::Flags32 | T::Mode | T::Uid | T::Gid | T::EnumFlags32 => 4,
        _ => 8,
    }
}

fn is_text(param: &ParamInfo) -> bool {
    use event::ParamType as T;
    matches!(param.ty, T::CharBuf | T::FsPath | T::FsRelPath)
}

#[test]
fn files_are_read_loaded_and_executed() {
    let mut world = World::new(Scope::Whole);
    world.open(100, 3, "/etc/hosts", 1);
    world.open(100, 3, "/var/log/x", 2);
    world.open(100, 3, "/tmp/made", 1 | 4);
    world.open(100, 3, "/etc", 1 | 0x400);
    world.open(100, -2, "/etc/missing", 1);
    world.open(100, 3, "/proc/1/stat", 1);
    world.open(100, 3, "notes", 3);
    world.load(100, "/usr/lib/libz.so.1");
    world.exec(101, "/usr/bin/curl", "curl", b"-s\0", b"");
    let seen: Vec<_> = [
        "/etc/hosts",
        "/var/log/x",
        "/tmp/made",
        "/etc",
        "/etc/missing",
        "/proc/1/stat",
        "/root/notes",
    ]
    .map(|path| world.strongest(path))
    .to_vec();
    assert_eq!(seen, [Some(Kind::Read), None, None, None, None, None, Some(Kind::Read)]);
    assert_eq!(world.strongest("/usr/lib/libz.so.1"), Some(Kind::Loaded));
    assert_eq!(world.strongest("/usr/bin/curl"), Some(Kind::Executed));
}

#[test]
fn what_ran_before_is_executed_and_who_listened_listens() {
    let mut world = World::new(Scope::Whole);
    world.open(100, 3, "/etc/hosts", 1);
    assert_eq!(world.strongest("/usr/lib/systemd/systemd"), Some(Kind::Executed));
    assert_eq!(world.strongest("/usr/bin/bash"), Some(Kind::Executed));
    let sshd = world.host().file(b"/usr/sbin/sshd").unwrap();
    assert_eq!(sshd.strongest(), Some(Kind::Listening));
    let port = Port { protocol: Protocol::Tcp, number: 22, reach: Reach::Network };
    assert_eq!(sshd.ports(), [port]);
}

#[test]
fn what_was_loaded_before_is_loaded_and_listens_with_its_process() {
    let mut world = World::new(Scope::Whole);
    let [ssl, zlib] =
        ["/usr/lib/libssl.so.3", "/usr/lib/libz.so.1"].map(|it| Arc::<[u8]>::from(it.as_bytes()));
    world.watcher.found([
        (50, vec![ssl.clone(), b"/usr/sbin/sshd"[..].into()]),
        (100, vec![zlib]),
        (999, vec![ssl]),
    ]);
    world.open(100, 3, "/etc/hosts", 1);
    assert_eq!(world.strongest("/usr/lib/libssl.so.3"), Some(Kind::Listening));
    assert_eq!(world.strongest("/usr/lib/libz.so.1"), Some(Kind::Loaded));
    assert_eq!(world.host().file(b"/usr/sbin/sshd").unwrap().times(Kind::Loaded), None);
}

#[test]
fn who_listens_makes_all_that_it_loaded_listen_before_and_after() {
    let mut world = World::new(Scope::Whole);
    world.exec(101, "/usr/sbin/web", "web", b"", b"");
    world.load(101, "/usr/lib/libssl.so.3");
    world.exec(102, "/usr/bin/other", "other", b"", b"");
    world.load(102, "/usr/lib/libz.so.1");
    world.listen(101, [127, 0, 0, 1], 443);
    world.load(101, "/usr/lib/late.so");
    for path in ["/usr/sbin/web", "/usr/lib/libssl.so.3", "/usr/lib/late.so"] {
        let seen = world.host().file(path.as_bytes()).unwrap();
        assert_eq!(seen.strongest(), Some(Kind::Listening), "{path}");
        let port = Port { protocol: Protocol::Tcp, number: 443, reach: Reach::Loopback };
        assert_eq!(seen.ports(), [port], "{path}");
    }
    assert_eq!(world.strongest("/usr/lib/libz.so.1"), Some(Kind::Loaded));
    // Another program of the same process has none of it.
    world.exec(101, "/usr/bin/true", "true", b"", b"");
    world.load(101, "/usr/lib/libm.so.6");
    assert_eq!(world.strongest("/usr/lib/libm.so.6"), Some(Kind::Loaded));
}

#[test]
fn a_script_is_executed_and_so_is_its_interpreter() {
    let mut world = World::new(Scope::Whole);
    world.exec(100, "/usr/bin/python3.11", "tool", b"-E\0bin/tool\0x\0", b"");
    world.exec(102, "/usr/bin/python3.11", "python3", b"/srv/other\0", b"");
    assert_eq!(world.strongest("/usr/bin/python3.11"), Some(Kind::Executed));
    assert_eq!(world.strongest("/root/bin/tool"), Some(Kind::Executed));
    assert_eq!(world.strongest("/srv/other"), None);
}

#[test]
fn programs_that_are_gone_are_told_as_such() {
    let mut world = World::new(Scope::Whole);
    world.exec(101, "/usr/bin/old (deleted)", "old", b"", b"");
    assert!(world.host().file(b"/usr/bin/old").unwrap().facts.is_deleted);
    world.exec(102, "/usr/bin/new", "new", b"", b"");
    assert!(!world.host().file(b"/usr/bin/new").unwrap().facts.is_deleted);
}

#[test]
fn who_reads_everything_uses_nothing() {
    let mut world = World::new(Scope::Whole);
    world.exec(101, "/usr/bin/tar", "tar", b"", b"");
    world.open(101, 3, "/usr/share/a", 1);
    world.load(101, "/usr/lib/libacl.so.1");
    assert_eq!(world.strongest("/usr/share/a"), None);
    assert_eq!(world.strongest("/usr/lib/libacl.so.1"), Some(Kind::Loaded));
}

#[test]
fn containers_are_places_of_their_images_once_these_are_known() {
    let mut world = World::new(Scope::Whole);
    world.exec(101, "/app", "app", b"", DOCKER);
    let of_its_own = What::Container(b"aaaaaaaaaaaa"[..].into());
    assert!(world.place(of_its_own.clone()).unwrap().file(b"/app").is_some());
    world.notice(
        b"container",
        br#"{"container":{"id":"aaaaaaaaaaaa","name":"web","image":"shop:1","imageid":"0123456789ab"}}"#,
    );
    world.open(101, 3, "/etc/app.conf", 1);
    assert_eq!(world.place(of_its_own), None);
    let place = world.place(What::Image(b"0123456789ab"[..].into())).unwrap();
    assert!(place.file(b"/app").is_some() && place.file(b"/etc/app.conf").is_some());
    assert_eq!(&*place.image.name, b"shop:1");
    world.watcher.end(&world.state);
    let place = world.place(What::Image(b"0123456789ab"[..].into())).unwrap();
    assert_eq!(&*place.containers[&b"aaaaaaaaaaaa"[..]].name, b"web");
    assert!(world.host().file(b"/app").is_none());
}

#[test]
fn places_of_containers_that_come_and_go_take_no_room() {
    let mut world = World::new(Scope::Whole);
    for number in 0..300 {
        let id = format!("{number:064x}");
        let cgroups = format!("cpu=/docker/{id}\0");
        world.exec(1000 + number, "/app", "app", b"", cgroups.as_bytes());
        let (id, image) = (&id[..12], "0123456789ab");
        let told = format!(
            "{{\"container\":{{\"id\":\"{id}\",\"image\":\"shop:1\",\"imageid\":\"{image}\"}}}}"
        );
        world.notice(b"container", told.as_bytes());
        world.open(1000 + number, 3, "/etc/app.conf", 1);
    }
    let index = world.watcher.index();
    assert_eq!(index.places().count(), 2);
    assert!(index.slots() <= 4, "{} slots", index.slots());
    assert_eq!(index.paths(), index.places().map(|(_, it)| it.files().len()).sum::<usize>());
}

#[test]
fn what_is_watched_is_told_without_what_was_lost_and_slept_through() {
    let mut world = World::new(Scope::Whole);
    for minute in 0..10 {
        world.now_ns = START_NS + minute * 60_000_000_000;
        world.open(100, 3, "/etc/hosts", 1);
    }
    let from_ns = START_NS + 120_000_000_000;
    world.now_ns = START_NS + 600_000_000_000;
    world.notice(
        loss::NOTICE.as_bytes(),
        format!("{{\"events\":3,\"from_ns\":{from_ns}}}").as_bytes(),
    );
    // A day later.
    world.now_ns += 86_400_000_000_000;
    world.open(100, 3, "/etc/hosts", 1);
    world.watcher.end(&world.state);
    let host = world.host();
    assert_eq!(host.watched.seconds(), 600);
    assert_eq!(host.watched.minus(&host.lost).seconds(), 120);
    assert!(host.watched_in_part.is_empty());
    let seen = host.file(b"/etc/hosts").unwrap().times(Kind::Read).unwrap();
    assert_eq!((seen.from_s, seen.to_s), (START_S, START_S + 600 + 86_400));
}

#[test]
fn a_recording_of_a_few_processes_watches_in_part() {
    for (scope, is_whole) in [(Scope::AsTold, false), (Scope::Part, false), (Scope::Whole, true)] {
        let mut world = World::new(scope);
        world.open(100, 3, "/etc/hosts", 1);
        world.watcher.end(&world.state);
        assert_eq!(!world.host().watched.is_empty(), is_whole, "{scope:?}");
        assert_eq!(!world.host().watched_in_part.is_empty(), !is_whole, "{scope:?}");
    }
}

#[test]
fn udp_ports_are_listened_on_by_being_bound() {
    let mut world = World::new(Scope::Whole);
    world.event(
        ev::SOCKET_SOCKET_X,
        100,
        &[("fd", Int(5)), ("domain", Int(2)), ("type", Int(2)), ("proto", Int(0))],
    );
    let address = [&[2][..], &[0, 0, 0, 0], &53u16.to_le_bytes()].concat();
    world.event(
        ev::SOCKET_BIND_X,
        100,
        &[("res", Int(0)), ("addr", Bytes(&address)), ("fd", Int(5))],
    );
    let port = Port { protocol: Protocol::Udp, number: 53, reach: Reach::Network };
    assert_eq!(world.host().file(b"/usr/bin/bash").unwrap().ports(), [port]);
}
