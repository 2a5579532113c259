//! What may differ between a trace and a recording of the same act, and why.

use std::{
    collections::HashSet,
    sync::{LazyLock, Mutex},
};

use event::{
    EventType,
    handed::Handed,
    snapshot::{FdKind, FdTarget},
    syscalls as ev, written,
};

use super::{
    describes,
    side::{OPENS, Place},
};
use crate::harness::Kept;

/// Whether a difference that is met in no act is one too many.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// It is.
    Always,
    /// It is met with some kernels, or by chance.
    Sometimes,
}

/// Parameters that may differ.
struct Difference {
    /// What it is called where it is told.
    name: &'static str,
    /// The parameters, with the types of their events.
    params: &'static [(&'static [EventType], &'static [&'static str])],
    /// How they have to be alike all the same: the parameter, in the recording and in the trace.
    alike: fn(&str, Place<'_>, Place<'_>) -> bool,
    /// Why it may be.
    why: &'static str,
    met: Met,
}

const BIRTHS: &[EventType] = &[ev::CLONE_20_X, ev::CLONE3_X, ev::FORK_20_X, ev::VFORK_20_X];
const EXECS: &[EventType] = &[ev::EXECVE_19_X, ev::EXECVEAT_X];
const MEMORY: &[&str] = &["vm_rss", "vm_size", "pgft_maj", "pgft_min"];
const TALKS: &[EventType] = &[
    ev::SOCKET_SENDTO_X,
    ev::SOCKET_SENDMSG_X,
    ev::SOCKET_SENDMMSG_X,
    ev::SOCKET_RECVFROM_X,
    ev::SOCKET_RECVMSG_X,
    ev::SOCKET_RECVMMSG_X,
    ev::SOCKET_ACCEPT_5_X,
    ev::SOCKET_ACCEPT4_6_X,
];

const DIFFERENCES: &[Difference] = &[
    Difference {
        name: "memory",
        params: &[(BIRTHS, MEMORY), (EXECS, MEMORY)],
        alike: |param, live, trace| distance(param, live, trace) < MUCH_KIB,
        why: "how many pages are there when it is looked is chance, as is whether the stack of a thread \
              that ended is there still, and a tracer touches some",
        met: Met::Always,
    },
    Difference {
        name: "pages of several CPUs",
        params: &[(&[ev::MMAP_X, ev::MUNMAP_X, ev::BRK_4_X], &["vm_rss"])],
        alike: |param, live, trace| distance(param, live, trace) < FEW_KIB,
        why: "newer kernels count them on each CPU, and their programs know what was brought together",
        met: Met::Sometimes,
    },
    Difference {
        name: "parents that ended",
        params: &[(BIRTHS, &["ptid"])],
        alike: |param, live, trace| {
            let name =
                |place: Place<'_>| place.side.name(place.event.int(param)?).map(str::to_owned);
            // It is one above it, or none of the family.
            name(live)
                .is_some_and(|maker| name(trace).is_none_or(|above| maker.starts_with(&above)))
        },
        why: "a tracer asks when the child has stopped, and has the one who took it over",
        met: Met::Sometimes,
    },
    Difference {
        name: "times",
        params: &[(EXECS, &["exe_ino_ctime", "exe_ino_mtime"])],
        alike: |param, live, trace| age_ns(param, live).abs_diff(age_ns(param, trace)) < MINUTE_NS,
        why: "files that an act makes are made anew",
        met: Met::Always,
    },
    Difference {
        name: "boot times",
        params: &[(BIRTHS, &["pidns_init_start_ts"])],
        alike: |param, live, trace| {
            distance(param, live, trace) < TICK_NS
                || age_ns(param, live).abs_diff(age_ns(param, trace)) < MINUTE_NS
        },
        why: "a tracer knows them in hundredths of seconds, as /proc has them; and namespaces that an act \
              makes are made anew",
        met: Met::Always,
    },
    Difference {
        name: "numbers of files",
        params: &[
            (&[ev::PIPE_X, ev::PIPE2_X], &["ino"]),
            (&[ev::OPEN_X, ev::OPENAT_2_X], &["ino"]),
            (EXECS, &["exe_ino"]),
        ],
        alike: |param, live, trace| {
            let is_anew = |place: Place<'_>| match param {
                "exe_ino" => place.event.text("trusted_exepath").starts_with(b"/memfd:"),
                _ => !OPENS.contains(&place.event.kind) || is_below_proc(place.event),
            };
            is_anew(live) && is_anew(trace)
        },
        why: "the kernel numbers pipes, its own files and files without a name in one row for all",
        met: Met::Always,
    },
    Difference {
        name: "ports",
        params: &[
            (TALKS, &["tuple"]),
            (&[ev::SOCKET_CONNECT_X], &["tuple", "addr"]),
            (&[ev::SOCKET_BIND_X], &["addr"]),
        ],
        alike: |param, live, trace| {
            let [live, trace] = [live, trace].map(|place| without_ports(&place.event.bytes(param)));
            live.is_some() && live == trace
        },
        why: "the kernel picks those that nobody asks for",
        met: Met::Always,
    },
    Difference {
        name: "ends of Unix sockets",
        params: &[
            (TALKS, &["tuple"]),
            (&[ev::SOCKET_CONNECT_X], &["tuple"]),
            (&[ev::SOCKET_SOCKETPAIR_X], &["source", "peer"]),
        ],
        alike: |param, live, trace| {
            let path =
                |place: Place<'_>| unix_path(param, place).map(|path| place.side.named(&path));
            path(live).is_some() && path(live) == path(trace)
        },
        why: "a tracer knows them by the numbers of their files, the kernel's programs by their places, \
              and of those who were not asked a tracer knows nothing",
        met: Met::Always,
    },
    Difference {
        name: "what was handed over",
        params: &[(&[ev::ASYNCEVENT_E], &["data"])],
        alike: |param, live, trace| {
            let [live, trace] =
                [live, trace].map(|place| what_was_handed(&place.event.bytes(param)));
            live.is_some() && live == trace
        },
        why: "ports, pipes and files without a name have numbers of their own, and ends of Unix sockets are \
              known by other ones",
        met: Met::Always,
    },
    Difference {
        name: "times of messages",
        params: &[(&[ev::SOCKET_RECVMSG_X], &["msgcontrol"])],
        alike: |param, live, trace| {
            let [live, trace] = [live, trace].map(|place| place.event.bytes(param));
            // struct cmsghdr with a timestamp: SO_TIMESTAMP of SOL_SOCKET, and two words.
            let is_time = |control: &[u8]| control.get(8..16) == Some(&[1, 0, 0, 0, 29, 0, 0, 0]);
            live.len() == 32 && trace.len() == 32 && is_time(&live) && is_time(&trace)
        },
        why: "each came at its own",
        met: Met::Always,
    },
    Difference {
        name: "serial numbers of keys",
        params: &[(&[ev::KEYCTL_X], &["res"])],
        alike: |param, live, trace| {
            [live, trace].iter().all(|place| place.event.int(param) > Some(0))
        },
        why: "the kernel draws them",
        met: Met::Always,
    },
    Difference {
        name: "tracing itself",
        params: &[(&[ev::PTRACE_X], &["res"])],
        alike: |_, live, trace| {
            let is = |place: Place<'_>, result| {
                (place.event.int("request"), place.event.int("res")) == (Some(1), Some(result))
            };
            is(live, 0) && is(trace, -i64::from(libc::EPERM))
        },
        why: "what is traced cannot ask to be traced by another",
        met: Met::Always,
    },
    Difference {
        name: "many buffers",
        params: &[(&[ev::WRITEV_X], &["data"])],
        alike: |param, live, trace| {
            let [live, trace] = [live, trace].map(|place| place.event.bytes(param));
            live.len() >= MOST_BUFFERS && trace.starts_with(&live)
        },
        why: "programs of the kernel look at the first few",
        met: Met::Always,
    },
    Difference {
        name: "ends of first threads",
        params: &[(&[ev::PROCEXIT_1_E], &["status", "ret"])],
        alike: |param, live, trace| {
            let how = trace.event.int(param);
            live.side.ends_below(live.name).any(|end| end.int(param) == how)
        },
        why: "if others go on, nobody knows yet how the last of them will end, and with it the process",
        met: Met::Sometimes,
    },
    Difference {
        name: "time that a test took",
        // With ten seconds there is one more digit.
        params: &[(&[ev::WRITE_X], &["res", "data", "size"])],
        alike: |_, live, trace| {
            let says = |place: Place<'_>| place.event.bytes("data").starts_with(b"; finished in ");
            says(live) && says(trace)
        },
        why: "the test program around the act says so at its end",
        met: Met::Always,
    },
    Difference {
        name: "what /proc says",
        params: &[(&[ev::READ_X, ev::WRITE_X], &["res", "data", "size"])],
        alike: |_, live, trace| live.is_of_proc() && trace.is_of_proc(),
        why: "what the kernel says of a process is not the same twice",
        met: Met::Always,
    },
    Difference {
        name: "notes",
        params: &[(&[ev::READ_X, ev::WRITE_X], &["res", "data", "size"])],
        alike: |_, live, trace| {
            let [live, trace] = [live, trace].map(|place| place.event.bytes("data"));
            let is_end = live.is_empty() && trace.is_empty();
            is_end || (is_of_notes(&live) && is_of_notes(&trace))
        },
        why: "acts note all these numbers",
        met: Met::Always,
    },
];

/// More than the heaps of a few threads, in KiB.
const MUCH_KIB: u64 = 256 << 10;
/// Pages that each CPU may count by itself.
const FEW_KIB: u64 = 512;
const TICK_NS: u64 = 10_000_000;
const MINUTE_NS: u64 = 60_000_000_000;
/// Buffers of a call that are looked at: `MOST_VECTORS` of `bpf/net/data.h`.
const MOST_BUFFERS: usize = 8;

/// Whether an opened file is the kernel's.
fn is_below_proc(open: &Kept) -> bool {
    open.text("name").starts_with(b"/proc/")
}

/// A socket's address or both, without the ports. `None` if it has none.
fn without_ports(bytes: &[u8]) -> Option<Vec<u8>> {
    let (family, rest) = bytes.split_first()?;
    let address = match i32::from(*family) {
        libc::AF_INET => 4,
        libc::AF_INET6 => 16,
        _ => return None,
    };
    let ends = rest.chunks(address + 2);
    Some(ends.flat_map(|end| end.iter().copied().take(address)).chain([*family]).collect())
}

/// What a notice of an fd that was handed over says, without the numbers that are drawn anew.
fn what_was_handed(data: &[u8]) -> Option<String> {
    let Handed { fd, closes_on_exec } = Handed::read_notice(data)?;
    let target = match fd.target {
        FdTarget::Ipv4 { sip, dip, l4, .. } => format!("{sip} {dip} {l4:?}"),
        FdTarget::Ipv4Server { ip, l4, .. } => format!("{ip} {l4:?}"),
        FdTarget::Unix { name, .. } => format!("{name:?}"),
        FdTarget::Named(FdKind::Fifo, name) if name.starts_with(b"pipe:") => "a pipe".to_owned(),
        same => format!("{same:?}"),
    };
    Some(format!("{} {target} {closes_on_exec}", fd.fd))
}

/// The path in a pair of Unix sockets; an empty one if it is a single one.
fn unix_path(param: &str, place: Place<'_>) -> Option<Vec<u8>> {
    if param != "tuple" {
        return (place.event.int(param) != Some(0)).then(Vec::new);
    }
    let bytes = place.event.bytes(param);
    let is_unix = bytes.first() == Some(&(libc::AF_UNIX as u8));
    bytes.get(17..).filter(|_| is_unix).map(<[u8]>::to_vec)
}

/// Whether data is a piece of what an act notes: lines of words and a number.
fn is_of_notes(data: &[u8]) -> bool {
    let is_text = |byte: &u8| byte.is_ascii_alphanumeric() || b"_. -\n".contains(byte);
    data.contains(&b'\n') && data.iter().all(is_text)
}

fn distance(param: &str, live: Place<'_>, trace: Place<'_>) -> u64 {
    let [live, trace] = [live, trace].map(|place| place.event.int(param).unwrap_or(i64::MAX));
    live.abs_diff(trace)
}

/// How long before the event a time was.
fn age_ns(param: &str, place: Place<'_>) -> i64 {
    place.event.ts_ns as i64 - place.event.int(param).unwrap_or_default()
}

static MET: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

/// Whether two events may differ in a parameter.
pub(super) fn may_differ(param: &str, live: Place<'_>, trace: Place<'_>) -> bool {
    let is_named = |difference: &&Difference| {
        difference
            .params
            .iter()
            .any(|(kinds, params)| kinds.contains(&live.event.kind) && params.contains(&param))
    };
    let found = DIFFERENCES
        .iter()
        .filter(is_named)
        .find(|difference| (difference.alike)(param, live, trace));
    found.is_some_and(|difference| meet(difference.name))
}

/// Notes that a difference is one; always true.
fn meet(name: &'static str) -> bool {
    if MET.lock().unwrap().insert(name) {
        super::tell("met", name);
    }
    true
}

/// Events that only one of both has.
struct Extra {
    name: &'static str,
    is: fn(Place<'_>) -> bool,
    why: &'static str,
    met: Met,
}

const ONLY_TRACED: &[Extra] = &[
    Extra {
        name: "ignored signals",
        is: |place| place.event.kind == ev::SIGNALDELIVER_E,
        why: "the kernel drops a signal that a program ignores, but not if there is a tracer to see it",
        met: Met::Always,
    },
    Extra {
        name: "interrupted calls",
        is: |place| was_interrupted(place.event),
        why: "a signal that a tracer is to see interrupts a call, which is then made again",
        met: Met::Sometimes,
    },
    Extra {
        name: "calls that the kernel lacks",
        is: |place| lacks(place.event),
        why: "there is no function behind them that a program could be attached to",
        met: Met::Always,
    },
    Extra {
        name: "closes of what was read alone",
        is: |place| place.event.kind == ev::CLOSE_X && place.is_of_read_only(),
        why: "most files are opened to be read, and what is asked about is others",
        met: Met::Always,
    },
    Extra {
        name: "closes that fail",
        is: |place| place.event.kind == ev::CLOSE_X && place.event.int("res") == Some(-9),
        why: "there is no file behind them",
        met: Met::Always,
    },
];

const ONLY_LIVE: &[Extra] = &[
    Extra {
        name: "deadly calls",
        is: |place| matches!(place.event.kind, ev::KILL_X | ev::TKILL_X | ev::TGKILL_X),
        why: "who kills itself is gone before a tracer sees the call's end",
        met: Met::Always,
    },
    Extra {
        name: "signals of children",
        is: |place| place.event.kind == ev::SIGNALDELIVER_E && place.event.int("sig") == Some(17),
        why: "the kernel picks any thread of the process, and drops it where it is ignored already",
        met: Met::Sometimes,
    },
    Extra {
        name: "notices of what was written",
        is: is_of_a_close,
        why: "a trace has each call that writes",
        met: Met::Always,
    },
];

/// Whether this is a notice of what was written, right before the file is closed.
fn is_of_a_close(place: Place<'_>) -> bool {
    let Some(close) = place.behind().filter(|close| close.kind == ev::CLOSE_X) else {
        return false;
    };
    let fd = format!("{{\"fd\":{},", close.int("fd").unwrap());
    place.event.kind == ev::ASYNCEVENT_E
        && place.event.text("name") == written::NOTICE.as_bytes()
        && place.event.bytes("data").starts_with(fd.as_bytes())
}

/// Whether a call was interrupted by a signal.
pub(super) fn was_interrupted(event: &Kept) -> bool {
    event.kind == ev::READ_X && event.int("res") == Some(-i64::from(libc::EINTR))
}

/// Calls that the kernel does not have, or does not describe: there is nothing to attach a program to.
/// It describes `uselib` and `_sysctl` where it has been built without them, too.
fn lacks(event: &Kept) -> bool {
    let number = event.event().int(1);
    match event.kind {
        ev::GENERIC_X => {
            number.is_some_and(|number| matches!(number, 134 | 156) || !describes(number))
        }
        _ => event.event().int(0) == Some(-i64::from(libc::ENOSYS)),
    }
}

/// Events that only a recording may have.
pub(super) fn may_be_only_live(place: Place<'_>) -> bool {
    met(ONLY_LIVE, place)
}

/// Events that only a trace may have.
pub(super) fn may_be_only_traced(place: Place<'_>) -> bool {
    met(ONLY_TRACED, place)
}

fn met(extras: &[Extra], place: Place<'_>) -> bool {
    extras.iter().find(|extra| (extra.is)(place)).is_some_and(|extra| meet(extra.name))
}

/// Names of all differences, why they may be, and whether they are met.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str, Met)> {
    let params = DIFFERENCES.iter().map(|it| (it.name, it.why, it.met));
    params.chain(ONLY_TRACED.iter().chain(ONLY_LIVE).map(|it| (it.name, it.why, it.met)))
}

/// Acts whose threads race with each other, so that no two runs are the same: only what tests say of
/// them holds.
const RACES: [&str; 3] = ["exec::exec_by_thread", "files::swapped", "net::races"];

pub(super) fn is_a_race(act: &str) -> bool {
    RACES.contains(&act)
}
