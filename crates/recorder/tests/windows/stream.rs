//! Streams of events that could have happened: a small machine on which processes fork, run
//! programs, open files, speak to others and exit, seen by several CPUs, while somebody sets the
//! clock.

use event::{
    Event, EventBuilder, EventType, ParamType,
    batch::Batch,
    schema::ParamInfo,
    snapshot::{FdEntry, FdTarget, L4Proto, Machine, Record, ThreadEntry, User},
    syscalls::*,
};
use proptest::prelude::*;

pub(crate) const MS: u64 = 1_000_000;
pub(crate) const S: u64 = 1000 * MS;

/// When streams begin.
const START_NS: u64 = 1_700_000_000 * S;

/// What happens next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Action {
    /// What is done, by whom, and with what.
    pub(crate) what: u8,
    pub(crate) who: u8,
    pub(crate) with: u8,
    /// How long after the one before.
    pub(crate) gap_ms: u16,
    /// How late or early it says that it happened.
    pub(crate) jitter_ms: i16,
    /// By how much the clock is set before it, ms.
    pub(crate) step_ms: i64,
}

/// Actions, the clock set before some of them by one of these.
pub(crate) fn actions(
    count: std::ops::Range<usize>,
    steps_ms: Vec<i64>,
) -> impl Strategy<Value = Vec<Action>> {
    let step = if steps_ms.is_empty() {
        Just(0).boxed()
    } else {
        prop_oneof![30 => Just(0), 1 => prop::sample::select(steps_ms)].boxed()
    };
    let gap = prop_oneof![6 => 0..300u16, 1 => 1000..3000u16];
    let action = (any::<u8>(), any::<u8>(), any::<u8>(), gap, -900..900i16, step);
    let action = action.prop_map(|(what, who, with, gap_ms, jitter_ms, step_ms)| Action {
        what,
        who,
        with,
        gap_ms,
        jitter_ms,
        step_ms,
    });
    prop::collection::vec(action, count)
}

/// A stream.
#[derive(Default)]
pub(crate) struct Stream {
    pub(crate) events: Batch,
    /// For each event: by a clock that is never set, ns.
    pub(crate) true_ns: Vec<u64>,
    /// For each event: its place in `events`.
    places: Vec<usize>,
}

impl Stream {
    /// The stream in which these things happen.
    pub(crate) fn of(actions: &[Action]) -> Self {
        let mut stage = Stage::new();
        for action in actions {
            stage.act(action);
        }
        stage.stream
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn event(&self, index: usize) -> Event<'_> {
        let mut at = self.places[index];
        self.events.next(&mut at).unwrap()
    }

    /// What stands before the first event.
    pub(crate) fn begin(each: &mut dyn FnMut(Record<'_>)) {
        each(Record::Machine(Machine { cpus: 4, hostname: b"shop", ..Machine::default() }));
        each(Record::User(User { uid: 1000, gid: 1000, name: b"ann", home: b"/h", shell: b"" }));
        let entry = |pid, ptid, comm, loginuid, sid, cgroups| ThreadEntry {
            tid: pid,
            pid,
            ptid,
            vtid: pid,
            vpid: pid,
            sid,
            comm,
            exepath: b"/usr/bin/x",
            cwd: b"/srv",
            uid: 1000,
            loginuid,
            cgroups,
            ..ThreadEntry::default()
        };
        let none = u32::MAX;
        let web = b"cpu=/lxc/web\0";
        for thread in [
            entry(1, 0, b"systemd", none, 1, b""),
            entry(2, 0, b"kthreadd", none, 0, b""),
            entry(20, 2, b"kworker/0:1", none, 0, b""),
            entry(50, 1, b"sshd", none, 50, b""),
            entry(100, 50, b"bash", 1000, 100, b""),
            entry(101, 100, b"vi", 1000, 100, b""),
            entry(102, 1, b"agent", 1000, 100, b""),
            entry(200, 50, b"bash", 1001, 200, b""),
            entry(250, 1, b"cron", none, 250, b""),
            entry(300, 1, b"nginx", none, 300, web),
            entry(301, 1, b"php", none, 301, web),
            entry(400, 1, b"postgres", none, 400, b""),
            entry(401, 400, b"postgres", none, 400, b""),
        ] {
            each(Record::Thread(thread));
        }
        let file = FdTarget::File { open_flags: 1, name: b"/etc/hosts", dev: 8 };
        let port = FdTarget::Ipv4Server { ip: [0, 0, 0, 0].into(), port: 80, l4: L4Proto::Tcp };
        for (tid, fd, target) in [(100, 3, file), (300, 3, port), (400, 3, file)] {
            each(Record::Fd(tid, FdEntry { fd, ino: 7, target }));
        }
    }
}

/// A parameter's value; what is not named is NULL.
enum Value {
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

use Value::{Bytes, Int, Text};

struct Stage {
    stream: Stream,
    builder: EventBuilder,
    /// Processes alive, and threads of them.
    alive: Vec<i64>,
    next_pid: i64,
    true_ns: u64,
    clock_ahead_ms: i64,
}

impl Stage {
    fn new() -> Self {
        Self {
            stream: Stream::default(),
            builder: EventBuilder::default(),
            alive: vec![50, 100, 101, 200, 250, 300, 301, 400, 401],
            next_pid: 1000,
            true_ns: START_NS,
            clock_ahead_ms: 0,
        }
    }

    fn act(&mut self, action: &Action) {
        self.true_ns += u64::from(action.gap_ms) * MS;
        self.clock_ahead_ms += action.step_ms;
        let tid = self.alive[usize::from(action.who) % self.alive.len()];
        let n = i64::from(action.with);
        let jitter = action.jitter_ms;
        let mut emit = |kind, tid, params: &[(&str, Value)]| self.emit(kind, tid, jitter, params);
        match action.what % 16 {
            0 | 1 => self.fork(tid, action),
            2 => {
                let program = ["sh", "curl", "id", "cron"][n as usize % 4];
                emit(
                    EXECVE_19_X,
                    tid,
                    &[
                        ("res", Int(0)),
                        ("exe", Text(program.into())),
                        ("args", Bytes(format!("-x\0{n}\0").into_bytes())),
                        ("tid", Int(tid)),
                        ("pid", Int(tid)),
                        ("comm", Text(program.into())),
                        ("env", Bytes(format!("N={n}\0").into_bytes())),
                        ("trusted_exepath", Text(format!("/usr/bin/{program}"))),
                        ("exe_ino_mtime", Int(5)),
                    ],
                );
            }
            3 | 4 => {
                let name = Text(format!("f{n}"));
                emit(OPEN_X, tid, &[("fd", Int(4 + n % 9)), ("name", name), ("ino", Int(n))]);
            }
            5 => emit(CLOSE_X, tid, &[("res", Int(0)), ("fd", Int(4 + n % 9))]),
            6 => emit(DUP_1_X, tid, &[("res", Int(n % 3)), ("oldfd", Int(4 + n % 9))]),
            7 => self.exit(tid, action),
            8 => emit(SETUID_X, tid, &[("res", Int(0)), ("uid", Int(n % 3))]),
            9 => emit(CHDIR_X, tid, &[("res", Int(0)), ("path", Text(format!("/d{n}")))]),
            10 => {
                let id = ["web", "db"][n as usize % 2];
                let json = format!(r#"{{"container":{{"id":"{id}","name":"n{n}","env":[]}}}}"#);
                let params = [("name", Text("container".into())), ("data", Text(json))];
                emit(ASYNCEVENT_E, -1, &params);
            }
            11 => {
                let name = Text(format!("u{n}"));
                let params =
                    [("uid", Int(n % 5)), ("name", name), ("container_id", Text("web".into()))];
                emit(USER_ADDED_E, -1, &params);
            }
            12 => emit(SCHEDSWITCH_6_E, tid, &[("next", Int(1)), ("pgft_maj", Int(n))]),
            13 => emit(SETSID_X, tid, &[("res", Int(tid))]),
            _ => emit(READ_X, tid, &[("res", Int(5)), ("fd", Int(4 + n % 9)), ("size", Int(5))]),
        }
    }

    /// Both halves of a fork, the child's in its own time.
    fn fork(&mut self, parent: i64, action: &Action) {
        let child = self.next_pid;
        self.next_pid += 1;
        let thread = action.with.is_multiple_of(5);
        let flags = if thread { 1 << 13 | 1 } else { 0 };
        let cgroups = if [300, 301].contains(&parent) { "cpu=/lxc/web\0" } else { "cpu=/\0" };
        let half = |res: i64, tid: i64| {
            let pid = if thread || res != 0 { parent } else { tid };
            [
                ("res", Int(res)),
                ("exe", Text("sh".into())),
                ("tid", Int(tid)),
                ("pid", Int(pid)),
                ("ptid", Int(if res == 0 && !thread { parent } else { 1 })),
                ("comm", Text("sh".into())),
                ("cgroups", Bytes(cgroups.into())),
                ("flags", Int(flags)),
                ("vtid", Int(tid)),
                ("vpid", Int(pid)),
            ]
        };
        self.emit(CLONE_20_X, parent, action.jitter_ms, &half(child, parent));
        self.true_ns += MS;
        self.emit(CLONE_20_X, child, -action.jitter_ms, &half(0, child));
        self.alive.push(child);
    }

    fn exit(&mut self, tid: i64, action: &Action) {
        self.emit(
            PROCEXIT_1_E,
            tid,
            action.jitter_ms,
            &[("status", Int(0)), ("reaper_tid", Int(1))],
        );
        if self.alive.len() > 3 {
            self.alive.retain(|&other| other != tid);
        }
    }

    fn emit(&mut self, kind: EventType, tid: i64, jitter_ms: i16, params: &[(&str, Value)]) {
        let ahead_ns = (self.clock_ahead_ms + i64::from(jitter_ms)) * MS as i64;
        let ts_ns = self.true_ns.wrapping_add_signed(ahead_ns);
        let event = build(&mut self.builder, kind, ts_ns, tid, params);
        self.stream.places.push(self.stream.events.len());
        self.stream.true_ns.push(self.true_ns);
        self.stream.events.push(&event);
    }
}

fn build<'b>(
    builder: &'b mut EventBuilder,
    kind: EventType,
    ts_ns: u64,
    tid: i64,
    params: &[(&str, Value)],
) -> Event<'b> {
    builder.start(kind, ts_ns, tid, (tid % 4).unsigned_abs() as u16);
    let info = kind.info();
    for (name, _) in params {
        assert!(info.param(name).is_some(), "{} has no parameter {name}", info.name);
    }
    for param in info.params {
        match params.iter().find(|(name, _)| *name == param.name) {
            None => builder.null(),
            Some((_, Text(text))) => builder.text(text),
            Some((_, Bytes(bytes))) => builder.raw(bytes),
            Some((_, Int(number))) => builder.raw(&number.to_le_bytes()[..width(param)]),
        };
    }
    builder.event().unwrap()
}

fn width(param: &ParamInfo) -> usize {
    match param.ty {
        ParamType::Fd => 8,
        ty => ty.integer().map_or(8, |(bytes, _)| usize::from(bytes)),
    }
}
