//! A small machine, on which a story happens event by event, written by the names of parameters.

use event::{
    EventBuilder, EventType, ParamType,
    alert::{Alert, Priority, Subject},
    schema::ParamInfo,
    snapshot::{FdEntry, FdTarget, Interface, L4Proto, Machine, Record, ThreadEntry, User},
    syscalls as ev,
};
use state::State;

use crate::{
    build::{Builder, Limits},
    model::{Process, Timeline},
};

/// When events begin, and how far apart they are, ns.
pub(crate) const START_NS: u64 = 2_000_000_000_000;
pub(crate) const STEP_NS: u64 = 1_000_000;

/// A parameter's value; what is not named is NULL.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// Parameters by name.
pub(crate) type Params = Vec<(&'static str, Value)>;

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// `init` (1), `master` (60, which serves mail over IPv6), `sshd` (50) and `bash` (100) of the user `ann` (1000), who logged in over SSH from
/// 203.0.113.9, in a terminal. The machine is 10.0.0.1.
pub(crate) struct World {
    pub(crate) state: State,
    builder: Builder,
    event: EventBuilder,
    pub(crate) now_ns: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    pub(crate) fn with_limits(limits: Limits) -> Self {
        let mut state = State::new(state::Limits::default());
        state.record(&Record::Machine(Machine {
            cpus: 2,
            hostname: b"shop",
            ..Machine::default()
        }));
        state.record(&Record::Interface(Interface::V4 {
            name: b"eth0",
            address: [10, 0, 0, 1].into(),
            netmask: [255, 255, 255, 0].into(),
            broadcast: [10, 0, 0, 255].into(),
            speed: 0,
        }));
        for (uid, name) in [(0, b"root".as_slice()), (1000, b"ann"), (33, b"www-data")] {
            state.record(&Record::User(User {
                uid,
                gid: uid,
                name,
                home: b"/",
                shell: b"/bin/sh",
            }));
        }
        for entry in processes() {
            state.record(&Record::Thread(entry));
        }
        for (tid, fd) in fds() {
            state.record(&Record::Fd(tid, fd));
        }
        let (builder, event) = (Builder::new(limits), EventBuilder::default());
        Self { state, builder, event, now_ns: START_NS }
    }

    /// Lets an event happen.
    pub(crate) fn event(&mut self, kind: EventType, tid: i64, params: &[(&str, Value)]) {
        self.now_ns += STEP_NS;
        self.event.start(kind, self.now_ns, tid, 0);
        for (name, _) in params {
            assert!(kind.info().param(name).is_some(), "{} has no {name}", kind.info().name);
        }
        for param in kind.info().params {
            match params.iter().find(|(name, _)| *name == param.name) {
                None => self.event.null(),
                Some((_, Value::Text(text))) => self.event.text(text),
                Some((_, Value::Bytes(bytes))) => self.event.raw(bytes),
                Some((_, Value::Int(number))) => {
                    self.event.raw(&number.to_le_bytes()[..width(param)])
                }
            };
        }
        let event = self.event.event().expect("a small event");
        self.builder.event(&self.state.event(event));
    }

    /// A process forks: its return, then the child's.
    pub(crate) fn fork(&mut self, pid: i64, child: i64) {
        self.clone(pid, child, 0);
    }

    /// As [`World::fork`], with flags of clone.
    pub(crate) fn clone(&mut self, pid: i64, child: i64, flags: i64) {
        let thread = self.state.thread(pid).expect("who forks").clone();
        let is_thread = flags & (1 << 13) != 0;
        let (child_pid, child_ptid) =
            if is_thread { (thread.pid, thread.ptid) } else { (child, pid) };
        for (tid, res, pid, ptid) in
            [(pid, child, thread.pid, thread.ptid), (child, 0, child_pid, child_ptid)]
        {
            self.event(
                ev::CLONE_20_X,
                tid,
                &[
                    ("res", res.into()),
                    ("exe", std::str::from_utf8(&thread.exe).unwrap().into()),
                    ("args", thread.args.to_vec().into()),
                    ("tid", tid.into()),
                    ("pid", pid.into()),
                    ("ptid", ptid.into()),
                    ("comm", std::str::from_utf8(&thread.comm).unwrap().into()),
                    ("cgroups", thread.cgroups.to_vec().into()),
                    ("flags", flags.into()),
                    ("uid", i64::from(thread.uid).into()),
                    ("gid", i64::from(thread.gid).into()),
                    ("vtid", tid.into()),
                    ("vpid", pid.into()),
                ],
            );
        }
    }

    /// A process runs a program with these arguments, the first of which is its name.
    pub(crate) fn exec(&mut self, pid: i64, path: &str, argv: &[&str]) {
        let uid = self.state.thread(pid).map_or(0, |thread| thread.uid);
        self.exec_as(pid, path, argv, 0, uid);
    }

    /// As [`World::exec`], with what it returns and the user that it makes the process.
    pub(crate) fn exec_as(&mut self, pid: i64, path: &str, argv: &[&str], res: i64, uid: u32) {
        let thread = self.state.thread(pid).cloned().unwrap_or_default();
        let args: Vec<u8> =
            argv[1..].iter().flat_map(|arg| [arg.as_bytes(), b"\0"].concat()).collect();
        let name = path.rsplit('/').next().unwrap_or(path);
        self.event(
            ev::EXECVE_19_X,
            pid,
            &[
                ("res", res.into()),
                ("exe", argv[0].into()),
                ("args", args.into()),
                ("tid", pid.into()),
                ("pid", pid.into()),
                ("ptid", thread.ptid.into()),
                ("comm", name.get(..15).unwrap_or(name).into()),
                ("cgroups", thread.cgroups.to_vec().into()),
                ("tty", i64::from(thread.tty).into()),
                ("loginuid", i64::from(thread.loginuid).into()),
                ("uid", i64::from(uid).into()),
                ("trusted_exepath", path.into()),
            ],
        );
    }

    /// A process, or a thread of one, exits.
    pub(crate) fn exit(&mut self, tid: i64, code: i64) {
        let params = [("status", (code << 8).into()), ("ret", code.into()), ("sig", 0.into())];
        self.event(ev::PROCEXIT_1_E, tid, &params);
    }

    /// A process opens a file.
    pub(crate) fn open(&mut self, pid: i64, fd: i64, path: &str, flags: i64) {
        let params = [("fd", fd.into()), ("dirfd", (-100).into()), ("name", path.into())];
        let params = [&params[..], &[("flags", flags.into()), ("ino", 7.into())]].concat();
        self.event(ev::OPENAT_2_X, pid, &params);
    }

    /// Data goes into an fd.
    pub(crate) fn write(&mut self, pid: i64, fd: i64, bytes: i64) {
        self.event(ev::WRITE_X, pid, &[("res", bytes.into()), ("fd", fd.into())]);
    }

    /// Data comes out of an fd.
    pub(crate) fn read(&mut self, pid: i64, fd: i64, bytes: i64) {
        self.event(ev::READ_X, pid, &[("res", bytes.into()), ("fd", fd.into())]);
    }

    /// An fd takes the place of another.
    pub(crate) fn dup(&mut self, pid: i64, from: i64, to: i64) {
        let params = [("res", to.into()), ("oldfd", from.into()), ("newfd", to.into())];
        self.event(ev::DUP2_X, pid, &params);
    }

    /// A recorder tells how much went through an fd, which is about to be closed.
    pub(crate) fn written(&mut self, pid: i64, fd: i64, written: u64, read: Option<u64>) {
        let mut data = Vec::new();
        event::written::Written { fd, written, read }.write_notice(&mut data);
        self.notice(pid, event::written::NOTICE, data);
    }

    /// A recorder tells something.
    pub(crate) fn notice(&mut self, pid: i64, name: &str, data: Vec<u8>) {
        self.event(ev::ASYNCEVENT_E, pid, &[("name", name.into()), ("data", data.into())]);
    }

    pub(crate) fn close(&mut self, pid: i64, fd: i64) {
        self.event(ev::CLOSE_X, pid, &[("res", 0.into()), ("fd", fd.into())]);
    }

    /// A pipe from its second fd to its first.
    pub(crate) fn pipe(&mut self, pid: i64, fds: [i64; 2], ino: i64) {
        let params = [
            ("res", 0.into()),
            ("fd1", fds[0].into()),
            ("fd2", fds[1].into()),
            ("ino", ino.into()),
        ];
        self.event(ev::PIPE2_X, pid, &params);
    }

    /// A socket that is connected to a port of 203.0.113.20 (or is not, by the result).
    pub(crate) fn connect(&mut self, pid: i64, fd: i64, port: u16, res: i64) {
        self.socket(pid, fd, 1);
        let tuple = tuple(([10, 0, 0, 1], 40_000 + port % 1000), ([203, 0, 113, 20], port));
        let params = [("res", res.into()), ("tuple", tuple.into()), ("fd", fd.into())];
        self.event(ev::SOCKET_CONNECT_X, pid, &params);
    }

    /// A socket: a stream (1) or of datagrams (2).
    pub(crate) fn socket(&mut self, pid: i64, fd: i64, kind: i64) {
        let params = [("fd", fd.into()), ("domain", 2.into()), ("type", kind.into())];
        self.event(ev::SOCKET_SOCKET_X, pid, &[&params[..], &[("proto", 0.into())]].concat());
    }

    /// The latest event caused an alert.
    pub(crate) fn alert(&mut self, rule: &str) {
        let alert = Alert {
            ts_ns: self.now_ns,
            event_num: 0,
            rule: rule.into(),
            priority: Priority::Critical,
            source: "syscall".into(),
            tags: ["x".into()].into(),
            hostname: "shop".into(),
            output: format!("10:00:00.123456789: Critical {rule}\n| pid=7"),
            fields: "{}".to_owned(),
            subject: Subject::default(),
            repeats: None,
        };
        self.builder.alert(&alert, 1, self.now_ns);
    }

    pub(crate) fn builder(&mut self) -> &mut Builder {
        &mut self.builder
    }

    pub(crate) fn finish(self) -> Timeline {
        self.builder.finish(&self.state)
    }
}

/// Both ends of a connection, as encoded.
pub(crate) fn tuple(from: ([u8; 4], u16), to: ([u8; 4], u16)) -> Vec<u8> {
    let end = |(ip, port): ([u8; 4], u16)| [&ip[..], &port.to_le_bytes()].concat();
    [&[2], &end(from)[..], &end(to)[..]].concat()
}

fn processes() -> [ThreadEntry<'static>; 4] {
    let entry = |tid, ptid, comm: &'static [u8]| ThreadEntry {
        tid,
        pid: tid,
        ptid,
        vtid: tid,
        vpid: tid,
        sid: tid,
        comm,
        exe: comm,
        cwd: b"/",
        fd_limit: 1024,
        loginuid: u32::MAX,
        ..ThreadEntry::default()
    };
    [
        ThreadEntry { exepath: b"/sbin/init", ..entry(1, 0, b"init") },
        ThreadEntry { exepath: b"/usr/lib/postfix/master", ..entry(60, 1, b"master") },
        ThreadEntry { exepath: b"/usr/sbin/sshd", loginuid: 1000, ..entry(50, 1, b"sshd") },
        ThreadEntry {
            exepath: b"/usr/bin/bash",
            cwd: b"/home/ann",
            uid: 1000,
            gid: 1000,
            loginuid: 1000,
            tty: 34_816,
            ..entry(100, 50, b"bash")
        },
    ]
}

fn fds() -> Vec<(i64, FdEntry<'static>)> {
    let file =
        |fd, name| FdEntry { fd, ino: 3, target: FdTarget::File { open_flags: 3, name, dev: 5 } };
    let server = |fd, ino| FdEntry {
        fd,
        ino,
        target: FdTarget::Ipv4Server { ip: [0, 0, 0, 0].into(), port: 22, l4: L4Proto::Tcp },
    };
    let accepted = FdEntry {
        fd: 4,
        ino: 9,
        target: FdTarget::Ipv4 {
            sip: [10, 0, 0, 1].into(),
            dip: [203, 0, 113, 9].into(),
            sport: 22,
            dport: 50_000,
            l4: L4Proto::Tcp,
        },
    };
    let accepted_v6 = FdEntry {
        fd: 5,
        ino: 10,
        target: FdTarget::Ipv6 {
            sip: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into(),
            dip: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 9].into(),
            sport: 25,
            dport: 50_001,
            l4: L4Proto::Tcp,
        },
    };
    let terminal = (0..3).map(|fd| (100, file(fd, b"/dev/pts/0")));
    terminal.chain([(50, server(3, 8)), (50, accepted), (60, accepted_v6)]).collect()
}

fn width(param: &ParamInfo) -> usize {
    use ParamType as T;
    match param.ty {
        T::Int8 | T::Uint8 | T::Flags8 | T::EnumFlags8 | T::SigType | T::SockFamily => 1,
        T::Int16 | T::Uint16 | T::Flags16 | T::EnumFlags16 | T::Port | T::SyscallId => 2,
        T::Int32
        | T::Uint32
        | T::Flags32
        | T::EnumFlags32
        | T::Uid
        | T::Gid
        | T::Mode
        | T::Fd32
        | T::Pid32 => 4,
        _ => 8,
    }
}

/// The process with this id that began last.
pub(crate) fn process(timeline: &Timeline, pid: i64) -> &Process {
    timeline.processes.iter().rfind(|process| process.pid == pid).expect("the process")
}
