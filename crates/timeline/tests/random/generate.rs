//! Events, and stories of processes that make more of them than chance would.

use event::{
    EventBuilder, EventType, ParamType,
    alert::{Alert, Priority, Subject},
    snapshot::{FdEntry, FdTarget, Interface, Machine, Record, ThreadEntry},
    syscalls as ev,
};
use proptest::prelude::*;
use state::State;
use timeline::{
    build::{Builder, Limits},
    filter::{Filter, Kinds},
    model::{Gap, GapKind, Timeline},
};

/// Numbers that look like chance (xorshift).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// A type, a thread, a step in time, and numbers from which parameters are made.
pub(crate) type Raw = (u16, i64, i64, Vec<(u8, i64)>);

pub(crate) fn any_event() -> impl Strategy<Value = Raw> {
    let tid = prop_oneof![8 => 0..12i64, 1 => any::<i64>()];
    let step = prop_oneof![8 => 0..1_000_000i64, 1 => any::<i64>()];
    let number = prop_oneof![6 => -2..12i64, 2 => Just(i64::MAX), 1 => any::<i64>()];
    (0..454u16, tid, step, prop::collection::vec((any::<u8>(), number), 0..32))
}

pub(crate) fn any_limits() -> impl Strategy<Value = Limits> {
    prop_oneof![Just(Limits::default()), Just(small())]
}

pub(crate) fn small() -> Limits {
    Limits {
        processes: 6,
        commands: 5,
        files: 7,
        connections: 4,
        privileges: 3,
        terminal: 3,
        alerts: 2,
        gaps: 2,
        text_bytes: 2_000,
    }
}

pub(crate) fn any_filter() -> impl Strategy<Value = Filter> {
    let option = |texts: &'static [&'static str]| prop::option::of(prop::sample::select(texts));
    let time = || prop::option::of(1_000_000_000_000..1_000_001_000_000u64);
    (
        any::<u8>(),
        option(&["sh", "3", "*"]),
        option(&["/d", "*", "x"]),
        option(&["10.0.0.0/8", ":80", "name"]),
        option(&["0", "root"]),
        (time(), time()),
    )
        .prop_map(|(kinds, process, path, address, user, (from_ns, to_ns))| Filter {
            kinds: Kinds::from_bits_truncate(kinds),
            process: process.map(|text| text.parse().unwrap()),
            path: path.map(|text| text.parse().unwrap()),
            address: address.map(|text| text.parse().unwrap()),
            user: user.map(|text| text.parse().unwrap()),
            container: None,
            from_ns,
            to_ns,
        })
}

/// The timeline of raw events.
pub(crate) fn timeline(events: &[Raw], limits: Limits) -> Timeline {
    let mut state = State::new(state::Limits::default());
    let mut builder = Builder::new(limits);
    let mut event = EventBuilder::default();
    let mut now_ns = 1_000_000_000_000u64;
    for (kind, tid, step, params) in events {
        let kind = EventType::new(*kind).unwrap();
        now_ns = now_ns.wrapping_add_signed(*step);
        event.start(kind, now_ns, *tid, 0);
        for (info, (choice, number)) in kind.info().params.iter().zip(params) {
            parameter(&mut event, info.ty, *choice, *number);
        }
        builder.event(&state.event(event.event().unwrap()));
        if tid % 7 == 0 {
            builder.alert(&alert(tid.unsigned_abs() % 3), 1, now_ns);
        }
    }
    builder.finish(&state)
}

/// Encodes one parameter: mostly as its type wants it, sometimes cut or absent.
fn parameter(builder: &mut EventBuilder, ty: ParamType, choice: u8, number: i64) {
    use ParamType as T;
    let bytes = number.to_le_bytes();
    let pick = usize::from(choice >> 4);
    match (choice % 16, ty) {
        (0, _) => builder.null(),
        (1, _) => builder.raw(&bytes[..pick % 8]),
        (_, T::CharBuf | T::FsPath | T::FsRelPath) => {
            builder.text(["", "a", "../b", "/c/d", "x\n", "/tmp/sh"][pick % 6])
        }
        (_, T::SockAddr | T::SockTuple) => {
            let family = [1, 2, 10, 16][pick % 4];
            builder
                .raw(&[&[family], &bytes[..], &bytes[..], &bytes[..], &bytes[..], &[0; 5]].concat())
        }
        (_, T::ByteBuf) => builder.raw(b"cpu=/docker/x\0a\0"),
        (_, T::Int8 | T::Uint8 | T::Flags8 | T::EnumFlags8 | T::SigType) => {
            builder.raw(&bytes[..1])
        }
        (_, T::Uint16 | T::Flags16 | T::EnumFlags16 | T::SyscallId) => builder.raw(&bytes[..2]),
        (_, T::Uint32 | T::Flags32 | T::Uid | T::Gid | T::Mode | T::EnumFlags32) => {
            builder.raw(&bytes[..4])
        }
        _ => builder.raw(&bytes),
    };
}

pub(crate) fn alert(number: u64) -> Alert {
    Alert {
        ts_ns: 1_000_000_000_000,
        event_num: number,
        rule: format!("rule {number}").into(),
        priority: Priority::Warning,
        source: "syscall".into(),
        tags: [].into(),
        hostname: "host".into(),
        output: "10:00:00.000000000: Warning it\nhappened".to_owned(),
        fields: "{}".to_owned(),
        subject: Subject::default(),
        repeats: None,
    }
}

/// What a process does.
#[derive(Clone, Copy, Debug)]
enum Act {
    Fork,
    Exec { path: usize, found: bool },
    Exit { code: i64 },
    Pipe,
    Dup { from: i64, to: i64 },
    Open { path: usize, flags: u32, found: bool },
    Move { from: usize, to: usize },
    Delete { path: usize },
    Transfer { fd: i64, bytes: i64, out: bool },
    Connect { fd: i64, port: u16, result: i64 },
    Accept { fd: i64, port: u16 },
    Close { fd: i64 },
    User { uid: u32 },
    Session,
    Alert { rule: u64 },
    Gap,
}

/// Acts of processes, each named by its place among those that there are by then.
#[derive(Clone, Debug)]
pub(crate) struct Story(Vec<(usize, Act)>);

pub(crate) fn any_story() -> impl Strategy<Value = Story> {
    let path = || 0..PATHS.len();
    let fd = || 0..6i64;
    let act = prop_oneof![
        4 => Just(Act::Fork),
        4 => (path(), any::<bool>()).prop_map(|(path, found)| Act::Exec { path, found }),
        1 => (0..300i64).prop_map(|code| Act::Exit { code }),
        3 => Just(Act::Pipe),
        4 => (fd(), 0..3i64).prop_map(|(from, to)| Act::Dup { from, to }),
        3 => (path(), 0..0x8000u32, any::<bool>())
            .prop_map(|(path, flags, found)| Act::Open { path, flags, found }),
        1 => (path(), path()).prop_map(|(from, to)| Act::Move { from, to }),
        1 => path().prop_map(|path| Act::Delete { path }),
        3 => (fd(), -2..5_000i64, any::<bool>())
            .prop_map(|(fd, bytes, out)| Act::Transfer { fd, bytes, out }),
        2 => (fd(), 80..83u16, prop::sample::select(&[0i64, -115, -111][..]))
            .prop_map(|(fd, port, result)| Act::Connect { fd, port, result }),
        1 => (fd(), 80..83u16).prop_map(|(fd, port)| Act::Accept { fd, port }),
        2 => fd().prop_map(|fd| Act::Close { fd }),
        1 => (0..3u32).prop_map(|uid| Act::User { uid }),
        1 => Just(Act::Session),
        1 => (0..3u64).prop_map(|rule| Act::Alert { rule }),
        1 => Just(Act::Gap),
    ];
    prop::collection::vec(
        (any::<prop::sample::Index>().prop_map(|i| i.index(1 << 16)), act),
        1..120,
    )
    .prop_map(Story)
}

const PATHS: [&str; 6] = ["/tmp/x", "/usr/bin/sh", "/etc/shadow", "rel/y", "../z", "/dev/null"];

/// What a story is told with.
struct Teller {
    state: State,
    builder: Builder,
    event: EventBuilder,
    now_ns: u64,
    pids: Vec<i64>,
    next_pid: i64,
}

impl Story {
    pub(crate) fn timeline(&self, limits: Limits) -> Timeline {
        let mut teller = Teller::new(limits);
        self.0.iter().for_each(|(who, act)| teller.tell(*who, *act));
        teller.builder.finish(&teller.state)
    }
}

impl Teller {
    fn new(limits: Limits) -> Self {
        let mut state = State::new(state::Limits::default());
        state.record(&Record::Machine(Machine {
            cpus: 1,
            hostname: b"host",
            ..Machine::default()
        }));
        state.record(&Record::Interface(Interface::V4 {
            name: b"eth0",
            address: [10, 0, 0, 1].into(),
            netmask: [255, 0, 0, 0].into(),
            broadcast: [10, 255, 255, 255].into(),
            speed: 0,
        }));
        for (tid, ptid) in [(1, 0), (2, 1)] {
            let comm: &[u8] = if tid == 1 { b"init" } else { b"sh" };
            let (exe, exepath, cwd) = (comm, b"/bin/sh".as_slice(), b"/root".as_slice());
            let ids =
                ThreadEntry { tid, pid: tid, ptid, vtid: tid, vpid: tid, ..ThreadEntry::default() };
            state.record(&Record::Thread(ThreadEntry { comm, exe, exepath, cwd, ..ids }));
        }
        let target = FdTarget::File { open_flags: 3, name: b"/dev/tty1", dev: 1 };
        state.record(&Record::Fd(2, FdEntry { fd: 0, ino: 1, target }));
        let (builder, event) = (Builder::new(limits), EventBuilder::default());
        Self { state, builder, event, now_ns: 1_000_000_000_000, pids: vec![2], next_pid: 3 }
    }

    fn tell(&mut self, who: usize, act: Act) {
        self.now_ns += 1_000;
        let Some(&pid) = self.pids.get(who % self.pids.len().max(1)) else { return };
        match act {
            Act::Fork => return self.fork(pid),
            Act::Gap => {
                let (from_ns, to_ns) = (self.now_ns, self.now_ns);
                return self.builder.gap(Gap { from_ns, to_ns, kind: GapKind::Lost { events: 3 } });
            }
            Act::Alert { rule } => return self.builder.alert(&alert(rule), 1, self.now_ns),
            Act::Exit { .. } => self.pids.retain(|other| *other != pid),
            _ => {}
        }
        self.syscall(pid, act);
        self.emit();
    }

    fn emit(&mut self) {
        let event = self.event.event().unwrap();
        self.builder.event(&self.state.event(event));
    }

    fn start(&mut self, kind: EventType, pid: i64) -> &mut EventBuilder {
        self.event.start(kind, self.now_ns, pid, 0)
    }

    fn syscall(&mut self, pid: i64, act: Act) {
        match act {
            Act::Exec { path, found } => {
                let result = if found { 0 } else { -2 };
                let e =
                    self.start(ev::EXECVE_19_X, pid).i64(result).text(PATHS[path]).raw(b"-c\0a\0");
                e.i64(pid).i64(pid).i64(1).text("/root").u64(1024);
            }
            Act::Exit { code } => {
                self.start(ev::PROCEXIT_1_E, pid)
                    .i64(code << 8)
                    .i64(code)
                    .u8((code % 3) as u8)
                    .u8(0)
                    .i64(1);
            }
            Act::Pipe => {
                self.start(ev::PIPE_X, pid).i64(0).i64(3).i64(4).u64(pid as u64 + 7);
            }
            Act::Dup { from, to } => {
                self.start(ev::DUP2_X, pid).i64(to).i64(from).i64(to);
            }
            Act::Open { path, flags, found } => {
                let e = self.start(ev::OPENAT_2_X, pid).i64(if found { 5 } else { -2 }).i64(-100);
                e.text(PATHS[path]).u32(flags).u32(0).u32(1).u64(path as u64);
            }
            Act::Move { from, to } => {
                self.start(ev::RENAME_X, pid).i64(0).text(PATHS[from]).text(PATHS[to]);
            }
            Act::Delete { path } => {
                self.start(ev::UNLINK_2_X, pid).i64(0).text(PATHS[path]);
            }
            Act::Transfer { fd, bytes, out } => {
                let kind = if out { ev::WRITE_X } else { ev::READ_X };
                self.start(kind, pid).i64(bytes).raw(b"data").i64(fd).u32(10);
            }
            Act::Connect { .. } | Act::Accept { .. } => self.connection(pid, act),
            Act::Close { fd } => {
                self.start(ev::CLOSE_X, pid).i64(0).i64(fd);
            }
            Act::User { uid } => {
                self.start(ev::SETUID_X, pid).i64(0).u32(uid);
            }
            _ => {
                self.start(ev::SETSID_X, pid).i64(pid);
            }
        }
    }

    fn connection(&mut self, pid: i64, act: Act) {
        let tuple = |port: u16| {
            let [a, b] = port.to_le_bytes();
            [2, 10, 0, 0, 1, 9, 9, 10, 0, 0, 1, a, b]
        };
        match act {
            Act::Connect { fd, port, result } => {
                let e = self.event.start(ev::SOCKET_SOCKET_X, self.now_ns, pid, 0);
                e.i64(fd).u32(2).u32(1).u32(0);
                self.emit();
                let e = self.event.start(ev::SOCKET_CONNECT_X, self.now_ns, pid, 0);
                e.i64(result).raw(&tuple(port)).i64(fd).null();
            }
            Act::Accept { fd, port } => {
                let e = self.event.start(ev::SOCKET_ACCEPT_5_X, self.now_ns, pid, 0);
                e.i64(fd).raw(&tuple(port)).u8(0).u32(0).u32(1);
            }
            _ => {}
        }
    }

    /// The parent's return, then the child's.
    fn fork(&mut self, pid: i64) {
        let child = self.next_pid;
        self.next_pid += 1;
        let ptid = self.state.thread(pid).map_or(1, |thread| thread.ptid);
        for (tid, result, ptid) in [(pid, child, ptid), (child, 0, pid)] {
            let e = self.event.start(ev::CLONE_20_X, self.now_ns, tid, 0).i64(result).text("sh");
            e.raw(b"-c\0a\0").i64(tid).i64(tid).i64(ptid).text("").i64(1024).u64(0).u64(0);
            e.u32(0).u32(0).u32(0).text("sh").null().u32(0).u32(0).u32(0).i64(tid).i64(tid).u64(0);
            self.emit();
        }
        self.pids.push(child);
    }
}
