//! What each field gives for events made for it.

use std::collections::HashSet;

use event::{
    EventBuilder, EventType,
    snapshot::{FdKind, Machine, Record},
    syscalls::*,
};
use state::{Audience, Context, Fd, State, Thread};

use super::FIELDS;
use crate::{
    fields::{FieldRef, FieldTraits, Scratch},
    format::{field_json, field_text},
};

/// Time of every event here: 2023-07-28, 0.731217947 s after 15:14:22.
const TS_NS: u64 = 1_690_557_262_731_217_947;

/// Which fd the event works on.
#[derive(Clone, Copy, Debug)]
enum On {
    Nothing,
    Fd(FdKind, &'static str),
}

use On::Nothing;
const FILE: On = On::Fd(FdKind::FileV2, "/etc/passwd");
const SOCKET: On = On::Fd(FdKind::Ipv4Sock, "10.0.0.1:1->10.0.0.2:2");
const PIPE: On = On::Fd(FdKind::Fifo, "pipe:[1]");
const SYSLOG: On = On::Fd(FdKind::UnixSock, "ab->cd /dev/log");

type Build = fn(&mut EventBuilder);

/// Field, event type, parameters, fd, expected text.
type Case = (&'static str, EventType, Build, On, Option<&'static str>);

fn shown(field: &str, kind: EventType, build: Build, on: On) -> (Option<String>, String) {
    let mut builder = EventBuilder::default();
    build(builder.start(kind, TS_NS, 42, 3));
    let mut state = State::default();
    state.record(&Record::Machine(Machine { hostname: b"web1", ..Machine::default() }));
    let mut thread = Thread::default();
    (thread.tid, thread.pid) = (42, 42);
    thread.comm = b"bash"[..].into();
    thread.cwd = b"/root/"[..].into();
    let fd = match on {
        On::Nothing => None,
        On::Fd(kind, name) => Some(Fd { kind, name: name.as_bytes().into(), ..Fd::default() }),
    };
    let context = Context {
        event: builder.event().expect("an event"),
        num: 7,
        first_ts_ns: TS_NS - 61_000_000_005,
        prev_ts_ns: TS_NS - 2_000_000_009,
        audience: Audience::Readers,
        state: &state,
        thread: Some(&thread),
        fd: fd.as_ref(),
    };
    let field = FieldRef::parse(field).expect("a field");
    let (mut text, mut json) = (Vec::new(), Vec::new());
    let mut scratch = Scratch::default();
    let there = field_text(&field, &context, &mut scratch, &mut text);
    field_json(&field, &context, &mut scratch, &mut json);
    let string = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (there.then(|| string(text)), string(json))
}

fn nothing(_: &mut EventBuilder) {}

/// Four bytes read.
fn read(builder: &mut EventBuilder) {
    builder.i64(4).raw(b"ab\0c").i64(3).u32(9);
}

/// A read that failed.
fn read_failed(builder: &mut EventBuilder) {
    builder.i64(-11).null().i64(3).u32(9);
}

/// A file opened with these flags and mode.
fn openat(builder: &mut EventBuilder, fd: i64, flags: u32, mode: u32) {
    builder.i64(fd).i64(-100).text("../x").u32(flags).u32(mode);
}

fn cases() -> Vec<Case> {
    let mut all = times();
    all.extend(kinds());
    all.extend(arguments());
    all.extend(results_and_io());
    all.extend(opens());
    all.extend(counts());
    all
}

fn times() -> Vec<Case> {
    [
        ("evt.num", "7"),
        ("evt.time", "15:14:22.731217947"),
        ("evt.time.s", "15:14:22"),
        ("evt.time.iso8601", "2023-07-28T15:14:22.731217947+0000"),
        ("evt.datetime", "2023-07-28 15:14:22.731217947"),
        ("evt.datetime.s", "2023-07-28 15:14:22"),
        ("evt.outputtime", "15:14:22.731217947"),
        ("evt.rawtime", "1690557262731217947"),
        ("evt.rawtime.s", "1690557262"),
        ("evt.rawtime.ns", "731217947"),
        ("evt.reltime", "61000000005"),
        ("evt.reltime.s", "61"),
        ("evt.reltime.ns", "000000005"),
        ("evt.deltatime", "2000000009"),
        ("evt.deltatime.s", "2"),
        ("evt.deltatime.ns", "000000009"),
        ("evt.around[1690557262731217947]", "0"),
        ("evt.around[1690557262730217946]", "2"),
        ("evt.around[1690557262731217948]", "1"),
        ("evt.latency", "0"),
        ("evt.latency.s", "0"),
        ("evt.latency.ns", "000000000"),
        ("evt.latency.quantized", "0"),
        ("evt.latency.human", "0ns"),
        ("evt.wait_latency", "0"),
    ]
    .map(|(field, text)| (field, READ_X, read as Build, Nothing, Some(text)))
    .to_vec()
}

fn kinds() -> Vec<Case> {
    vec![
        ("evt.type", READ_X, read, Nothing, Some("read")),
        (
            "evt.type",
            GENERIC_X,
            |b| {
                b.u16(45).u16(0);
            },
            Nothing,
            Some("setrlimit"),
        ),
        (
            "evt.type",
            GENERIC_X,
            |b| {
                b.u16(9999).u16(0);
            },
            Nothing,
            Some("unknown"),
        ),
        (
            "evt.type",
            ASYNCEVENT_E,
            |b| {
                b.u32(0).text("oom").null();
            },
            Nothing,
            Some("oom"),
        ),
        ("evt.type.is.read", READ_X, read, Nothing, Some("1")),
        ("evt.type.is.write", READ_X, read, Nothing, Some("0")),
        ("evt.type.is.openat", OPENAT_2_X, nothing, Nothing, Some("1")),
        ("evt.type.is[7]", READ_X, read, Nothing, Some("1")),
        (
            "evt.type",
            GENERIC_X,
            |b| {
                b.u16(0).u16(221);
            },
            Nothing,
            Some("fadvise64"),
        ),
        ("syscall.type", READ_X, read, Nothing, Some("read")),
        (
            "syscall.type",
            GENERIC_X,
            |b| {
                b.u16(45).u16(0);
            },
            Nothing,
            Some("setrlimit"),
        ),
        ("syscall.type", SCHEDSWITCH_6_E, nothing, Nothing, None),
        ("evt.category", READ_X, read, FILE, Some("file")),
        ("evt.category", READ_X, read, SOCKET, Some("net")),
        ("evt.category", READ_X, read, PIPE, Some("ipc")),
        ("evt.category", READ_X, read, Nothing, Some("unknown")),
        ("evt.category", SCHEDSWITCH_6_E, nothing, Nothing, Some("scheduler")),
        ("evt.dir", READ_X, read, Nothing, Some("<")),
        ("evt.dir", PROCINFO_E, nothing, Nothing, Some(">")),
        ("evt.cpu", READ_X, read, Nothing, Some("3")),
        ("evt.source", READ_X, read, Nothing, Some("syscall")),
        ("evt.source", PLUGINEVENT_E, nothing, Nothing, None),
        ("evt.is_async", PROCINFO_E, nothing, Nothing, Some("true")),
        ("evt.is_async", READ_X, read, Nothing, Some("false")),
        ("evt.asynctype", PROCINFO_E, nothing, Nothing, Some("procinfo")),
        ("evt.asynctype", READ_X, read, Nothing, None),
        ("evt.hostname", READ_X, read, Nothing, Some("web1")),
        ("evt.pluginname", READ_X, read, Nothing, None),
        ("evt.plugininfo", READ_X, read, Nothing, None),
    ]
}

fn arguments() -> Vec<Case> {
    let args = "res=4 data=ab.c fd=3 size=9";
    vec![
        ("evt.args", READ_X, read, Nothing, Some(args)),
        (
            "evt.args",
            GENERIC_X,
            |b| {
                b.u16(3).u16(0);
            },
            Nothing,
            Some(""),
        ),
        ("evt.info", READ_X, read, Nothing, Some(args)),
        ("evt.arg.data", READ_X, read, Nothing, Some("ab.c")),
        ("evt.arg.res", READ_X, read_failed, Nothing, Some("EAGAIN")),
        ("evt.arg.data", READ_X, read_failed, Nothing, Some("NULL")),
        ("evt.arg[3]", READ_X, read, Nothing, Some("9")),
        ("evt.arg[4]", READ_X, read, Nothing, None),
        ("evt.arg[18446744073709551615]", READ_X, read, Nothing, None),
        ("evt.arg.flags", READ_X, read, Nothing, None),
        ("evt.arg.name", OPENAT_2_X, |b| openat(b, 3, 1, 0), Nothing, Some("/x")),
        ("evt.rawarg.res", READ_X, read_failed, Nothing, Some("-11")),
        ("evt.rawarg.size", READ_X, read, Nothing, Some("9")),
        ("evt.rawarg.flags", OPENAT_2_X, |b| openat(b, 3, 0x101f, 0), Nothing, Some("101F")),
        ("evt.rawarg.data", READ_X, read, Nothing, Some("ab.c")),
        ("evt.rawarg.data", READ_X, read_failed, Nothing, None),
        ("evt.rawarg.name", OPENAT_2_X, |b| openat(b, 3, 1, 0), Nothing, Some("../x")),
        ("evt.buffer", READ_X, read, Nothing, Some("ab.c")),
        ("evt.buffer", OPENAT_2_X, nothing, Nothing, None),
    ]
}

fn results_and_io() -> Vec<Case> {
    vec![
        ("evt.res", READ_X, read, Nothing, Some("SUCCESS")),
        ("evt.res", READ_X, read_failed, Nothing, Some("EAGAIN")),
        ("evt.res", OPENAT_2_X, |b| openat(b, -2, 1, 0), Nothing, Some("ENOENT")),
        ("evt.res", SCHEDSWITCH_6_E, nothing, Nothing, None),
        ("evt.rawres", READ_X, read_failed, Nothing, Some("-11")),
        (
            "evt.rawres",
            GENERIC_X,
            |b| {
                b.u16(3).u16(0);
            },
            Nothing,
            None,
        ),
        ("evt.failed", READ_X, read, Nothing, Some("false")),
        ("evt.failed", READ_X, read_failed, Nothing, Some("true")),
        ("evt.failed", READ_X, nothing, Nothing, None),
        ("evt.is_io", WRITE_X, nothing, Nothing, Some("true")),
        ("evt.is_io", CLOSE_X, nothing, Nothing, Some("false")),
        ("evt.is_io_read", READ_X, read, Nothing, Some("true")),
        ("evt.is_io_read", WRITE_X, nothing, Nothing, Some("false")),
        ("evt.is_io_write", WRITE_X, nothing, Nothing, Some("true")),
        ("evt.is_io_write", READ_X, read, Nothing, Some("false")),
        ("evt.is_wait", POLL_X, nothing, Nothing, Some("true")),
        ("evt.is_wait", READ_X, read, Nothing, Some("false")),
        ("evt.is_syslog", WRITE_X, nothing, SYSLOG, Some("true")),
        ("evt.is_syslog", READ_X, read, SYSLOG, Some("false")),
        ("evt.is_syslog", WRITE_X, nothing, Nothing, Some("false")),
        ("evt.io_dir", READ_X, read, Nothing, Some("read")),
        ("evt.io_dir", WRITE_X, nothing, Nothing, Some("write")),
        ("evt.io_dir", CLOSE_X, nothing, Nothing, None),
        ("evt.buflen", READ_X, read, FILE, Some("4")),
        ("evt.buflen", READ_X, read, Nothing, None),
        ("evt.buflen", READ_X, read_failed, FILE, None),
        ("evt.buflen.in", READ_X, read, FILE, Some("4")),
        ("evt.buflen.out", READ_X, read, FILE, None),
        (
            "evt.buflen.out",
            WRITE_X,
            |b| {
                b.i64(5);
            },
            FILE,
            Some("5"),
        ),
        ("evt.buflen.file", READ_X, read, FILE, Some("4")),
        ("evt.buflen.file", READ_X, read, SOCKET, None),
        ("evt.buflen.file.in", READ_X, read, FILE, Some("4")),
        ("evt.buflen.file.out", READ_X, read, FILE, None),
        ("evt.buflen.net", READ_X, read, SOCKET, Some("4")),
        ("evt.buflen.net.in", READ_X, read, SOCKET, Some("4")),
        (
            "evt.buflen.net.out",
            WRITE_X,
            |b| {
                b.i64(5);
            },
            SOCKET,
            Some("5"),
        ),
        ("evt.buflen.net.out", READ_X, read, SOCKET, None),
    ]
}

fn opens() -> Vec<Case> {
    vec![
        ("evt.is_open_read", OPENAT_2_X, |b| openat(b, 3, 0b11, 0), Nothing, Some("true")),
        ("evt.is_open_read", OPENAT_2_X, |b| openat(b, 3, 0b10, 0), Nothing, Some("false")),
        ("evt.is_open_read", READ_X, read, Nothing, Some("false")),
        (
            "evt.is_open_write",
            OPEN_X,
            |b| {
                b.i64(3).text("x").u32(2);
            },
            Nothing,
            Some("true"),
        ),
        ("evt.is_open_write", OPENAT_2_X, nothing, Nothing, Some("false")),
        ("evt.is_open_exec", OPENAT_2_X, |b| openat(b, 3, 4, 0o100), Nothing, Some("true")),
        ("evt.is_open_exec", OPENAT_2_X, |b| openat(b, 3, 1, 0o100), Nothing, Some("false")),
        ("evt.is_open_exec", OPENAT_2_X, |b| openat(b, 3, 4, 0o644), Nothing, Some("false")),
        (
            "evt.is_open_exec",
            CREAT_X,
            |b| {
                b.i64(3).text("x").u32(0o1);
            },
            Nothing,
            Some("true"),
        ),
        ("evt.is_open_create", OPENAT_2_X, |b| openat(b, 3, 1 << 14, 0), Nothing, Some("true")),
        ("evt.is_open_create", OPENAT_2_X, |b| openat(b, 3, 1 << 13, 0), Nothing, Some("true")),
        ("evt.is_open_create", OPENAT_2_X, |b| openat(b, -2, 1 << 13, 0), Nothing, Some("false")),
        ("evt.is_open_create", OPENAT_2_X, |b| openat(b, 3, 1 << 2, 0), Nothing, Some("false")),
        ("evt.abspath", OPENAT_2_X, |b| openat(b, 3, 1, 0), Nothing, Some("/x")),
        ("evt.abspath", READ_X, read, Nothing, None),
        (
            "evt.abspath",
            MKDIRAT_X,
            |b| {
                b.i64(0).i64(9).text("d");
            },
            Nothing,
            Some("<UNKNOWN>/d"),
        ),
        (
            "evt.abspath",
            OPEN_BY_HANDLE_AT_X,
            |b| {
                b.i64(5).i64(4).u32(1).text("/a/./b");
            },
            Nothing,
            Some("/a/b"),
        ),
        (
            "evt.abspath",
            OPEN_BY_HANDLE_AT_X,
            |b| {
                b.i64(-1).i64(4).u32(1).text("/a");
            },
            Nothing,
            None,
        ),
        ("evt.abspath.src", RENAMEAT2_X, renameat, Nothing, Some("/root/a")),
        ("evt.abspath.dst", RENAMEAT2_X, renameat, Nothing, Some("/b")),
        ("evt.abspath.dst", OPENAT_2_X, |b| openat(b, 3, 1, 0), Nothing, Some("/x")),
    ]
}

fn renameat(builder: &mut EventBuilder) {
    builder.i64(0).i64(-100).text("a").i64(9).text("/b").u32(0);
}

fn counts() -> Vec<Case> {
    let docker: Build = |builder| {
        let told = "Event: start; ID: 0123456789abcdef; name: web ; Image: nginx@sha256:00";
        builder.null().null().text(told).null();
    };
    vec![
        ("evt.count", READ_X, read, Nothing, Some("1")),
        ("evt.count.error", READ_X, read_failed, Nothing, Some("1")),
        ("evt.count.error", READ_X, read, Nothing, Some("0")),
        ("evt.count.error", PROCINFO_E, nothing, Nothing, None),
        ("evt.count.error.file", READ_X, read_failed, FILE, Some("1")),
        ("evt.count.error.file", READ_X, read_failed, SOCKET, None),
        ("evt.count.error.file", OPENAT_2_X, |b| openat(b, -2, 1, 0), Nothing, Some("1")),
        ("evt.count.error.net", READ_X, read_failed, SOCKET, Some("1")),
        (
            "evt.count.error.net",
            SOCKET_CONNECT_X,
            |b| {
                b.i64(-1);
            },
            Nothing,
            Some("1"),
        ),
        ("evt.count.error.net", READ_X, read_failed, FILE, None),
        (
            "evt.count.error.memory",
            MMAP_X,
            |b| {
                b.i64(-1);
            },
            Nothing,
            Some("1"),
        ),
        ("evt.count.error.memory", READ_X, read_failed, FILE, None),
        ("evt.count.error.other", READ_X, read_failed, PIPE, Some("1")),
        ("evt.count.error.other", READ_X, read_failed, Nothing, Some("1")),
        (
            "evt.count.error.other",
            MMAP_X,
            |b| {
                b.i64(-1);
            },
            Nothing,
            None,
        ),
        ("evt.count.exit", READ_X, read, Nothing, Some("1")),
        ("evt.count.exit", PROCINFO_E, nothing, Nothing, None),
        ("evt.count.procinfo", PROCINFO_E, nothing, Nothing, Some("1")),
        ("evt.count.procinfo", READ_X, read, Nothing, Some("0")),
        ("evt.count.threadinfo", PROCINFO_E, nothing, Nothing, Some("1")),
        ("evt.infra.docker.name", INFRASTRUCTURE_EVENT_E, docker, Nothing, Some("start")),
        (
            "evt.infra.docker.container.id",
            INFRASTRUCTURE_EVENT_E,
            docker,
            Nothing,
            Some("0123456789ab"),
        ),
        ("evt.infra.docker.container.name", INFRASTRUCTURE_EVENT_E, docker, Nothing, Some("web")),
        (
            "evt.infra.docker.container.image",
            INFRASTRUCTURE_EVENT_E,
            docker,
            Nothing,
            Some("nginx"),
        ),
        ("evt.infra.docker.name", READ_X, read, Nothing, None),
    ]
}

#[test]
fn fields_give_what_their_events_say() {
    for (field, kind, build, on, expected) in cases() {
        let text = shown(field, kind, build, on).0;
        assert_eq!(text.as_deref(), expected, "{field} of {} on {on:?}", kind.info().name);
    }
}

#[test]
fn every_field_has_a_case() {
    let tested: HashSet<&str> =
        cases().iter().map(|case| FieldRef::parse(case.0).expect(case.0).field.name).collect();
    let fields = FIELDS.iter().copied().flatten();
    let untested: Vec<_> = fields.map(|f| f.name).filter(|n| !tested.contains(n)).collect();
    assert!(untested.is_empty(), "no case reads {untested:?}");
}

#[test]
fn times_are_numbers_in_json() {
    for (field, json) in [
        ("evt.time", "1690557262731217947"),
        ("evt.datetime.s", "1690557262731217947"),
        ("evt.rawtime.ns", "731217947"),
        ("evt.reltime.ns", "5"),
        ("evt.latency.ns", "0"),
        ("evt.type", "\"read\""),
        ("evt.failed", "false"),
        ("evt.asynctype", "null"),
    ] {
        assert_eq!(shown(field, READ_X, read, Nothing).1, json, "{field}");
    }
}

#[test]
fn arguments_are_checked_when_a_field_is_named() {
    for good in ["evt.arg.flags", "evt.arg[0]", "evt.rawarg.res", "evt.type.is.open", "evt.abspath"]
    {
        assert!(FieldRef::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "evt.arg",
        "evt.arg.flgas",
        "evt.rawarg",
        "evt.type.is",
        "evt.type.is.opne",
        "evt.around",
        "evt.around[x]",
        "evt.abspath.x",
        "evt.num[1]",
    ] {
        assert!(FieldRef::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn deprecated_fields_say_so() {
    for name in ["evt.dir", "evt.latency", "evt.latency.human", "evt.wait_latency"] {
        let field = FieldRef::parse(name).expect("a field").field;
        assert!(field.traits.contains(FieldTraits::DEPRECATED), "{name}");
    }
}
