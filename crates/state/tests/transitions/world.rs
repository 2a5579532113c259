//! A small machine, and events on it that are written by the names of their parameters.

use std::net::Ipv4Addr;

use event::{
    Event, EventBuilder, EventType, ParamType,
    schema::ParamInfo,
    snapshot::{FdEntry, FdTarget, Interface, Machine, Record, ThreadEntry},
};
use state::{Context, Fd, Limits, State, Thread};

/// Boot of the machine, ns since the epoch.
pub(crate) const BOOT_NS: u64 = 1_000_000_000_000;

/// When events begin, and how far apart they are, ns.
pub(crate) const START_NS: u64 = 2_000_000_000_000;
pub(crate) const STEP_NS: u64 = 1_000;

/// A parameter's value; what is not named is NULL.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(i64),
    Text(&'static str),
    Bytes(Vec<u8>),
}

pub(crate) use Value::{Int, Text};

/// Parameters by name.
pub(crate) type Params<'a> = &'a [(&'static str, Value)];

/// `init` (1), and `bash` (100) with a thread (101) and a few fds.
pub(crate) struct World {
    pub(crate) state: State,
    builder: EventBuilder,
    pub(crate) now_ns: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    pub(crate) fn with_limits(limits: Limits) -> Self {
        let mut state = State::new(limits);
        let bash = ThreadEntry { exe: b"/bin/bash", env: b"HOME=/root\0", ..entry(100, 100, 1) };
        let (any, own) = (Ipv4Addr::BROADCAST, Ipv4Addr::new(10, 0, 0, 1));
        let netmask = Ipv4Addr::new(255, 255, 255, 0);
        let machine = Machine { cpus: 1, boot_ts_ns: BOOT_NS, ..Machine::default() };
        let eth0 = Interface::V4 { name: b"eth0", address: own, netmask, broadcast: any, speed: 0 };
        let file = |fd, name| {
            Record::Fd(
                100,
                FdEntry { fd, ino: 1, target: FdTarget::File { open_flags: 1, name, dev: 0 } },
            )
        };
        for record in [
            Record::Machine(machine),
            Record::Interface(eth0),
            Record::Thread(entry(1, 1, 0)),
            Record::Thread(bash),
            Record::Thread(ThreadEntry { flags: 1, ..entry(101, 100, 1) }),
            file(0, b"/dev/tty"),
            file(3, b"/etc"),
        ] {
            state.record(&record);
        }
        Self { state, builder: EventBuilder::default(), now_ns: START_NS }
    }

    /// Lets an event happen.
    pub(crate) fn event(
        &mut self,
        kind: EventType,
        tid: i64,
        params: &[(&str, Value)],
    ) -> Context<'_> {
        self.now_ns += STEP_NS;
        let event = build(&mut self.builder, kind, self.now_ns, tid, params);
        self.state.event(event)
    }

    pub(crate) fn thread(&self, tid: i64) -> &Thread {
        self.state.thread(tid).expect("the thread is known")
    }

    pub(crate) fn fd(&self, tid: i64, num: i64) -> Option<&Fd> {
        self.state.fd(self.thread(tid), num)
    }

    pub(crate) fn fd_name(&self, tid: i64, num: i64) -> Option<String> {
        self.fd(tid, num).map(|fd| text(&fd.name))
    }

    pub(crate) fn cwd(&self, tid: i64) -> String {
        text(self.state.cwd(self.thread(tid)))
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn entry(tid: i64, pid: i64, ptid: i64) -> ThreadEntry<'static> {
    ThreadEntry {
        tid,
        pid,
        ptid,
        vtid: tid,
        vpid: pid,
        comm: if pid == 1 { b"init" } else { b"bash" },
        exepath: b"/usr/bin/bash",
        cwd: b"/home",
        fd_limit: 1024,
        ..ThreadEntry::default()
    }
}

pub(crate) fn build<'b>(
    builder: &'b mut EventBuilder,
    kind: EventType,
    ts_ns: u64,
    tid: i64,
    params: &[(&str, Value)],
) -> Event<'b> {
    builder.start(kind, ts_ns, tid, 0);
    let info = kind.info();
    for (name, _) in params {
        assert!(info.param(name).is_some(), "{} has no parameter {name}", info.name);
    }
    for param in info.params {
        match params.iter().find(|(name, _)| *name == param.name) {
            None => builder.null(),
            Some((_, Text(text))) => builder.text(text),
            Some((_, Value::Bytes(bytes))) => builder.raw(bytes),
            Some((_, Int(number))) => builder.raw(&number.to_le_bytes()[..width(param)]),
        };
    }
    builder.event().unwrap()
}

fn width(param: &ParamInfo) -> usize {
    use ParamType as T;
    match param.ty {
        T::Int8 | T::Uint8 | T::Flags8 | T::EnumFlags8 | T::SigType | T::SockFamily => 1,
        T::Int16 | T::Uint16 | T::Flags16 | T::EnumFlags16 | T::Port => 2,
        T::Int32
        | T::Uint32
        | T::Flags32
        | T::EnumFlags32
        | T::Uid
        | T::Gid
        | T::Mode
        | T::Bool => 4,
        _ => 8,
    }
}

/// An IPv4 connection as the schema encodes it.
pub(crate) fn tuple(from: ([u8; 4], u16), to: ([u8; 4], u16)) -> Value {
    let mut bytes = vec![2];
    for (ip, port) in [from, to] {
        bytes.extend(ip);
        bytes.extend(port.to_le_bytes());
    }
    Value::Bytes(bytes)
}

/// An IPv4 address as the schema encodes it.
pub(crate) fn address(ip: [u8; 4], port: u16) -> Value {
    let mut bytes = vec![2];
    bytes.extend(ip);
    bytes.extend(port.to_le_bytes());
    Value::Bytes(bytes)
}
