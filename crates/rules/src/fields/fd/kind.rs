//! Kinds of fds.

use std::ops::ControlFlow;

use event::{
    EventType,
    snapshot::FdKind,
    syscalls::{
        CREAT_X, EVENTFD_X, EVENTFD2_X, INOTIFY_INIT_X, INOTIFY_INIT1_X, OPENAT_2_X, OPENAT2_X,
        PIPE_X, PIPE2_X, SIGNALFD_X, SIGNALFD4_X, SOCKET_ACCEPT_5_X, SOCKET_ACCEPT4_6_X,
        SOCKET_SOCKET_X, TIMERFD_CREATE_X,
    },
};
use state::{Context, FdTable};

use super::{known, touched};
use crate::{
    fields::{Argument, ArgumentSpec, Extract, Field, FieldTraits, Scratch},
    value::{FieldType::CharBuf, Value},
};

/// The fields.
pub(in crate::fields) const FIELDS: &[Field] = &[
    Field::text(
        "fd.type",
        "Kind of the fd: file, directory, ipv4, ipv6, unix, pipe, event, signalfd, eventpoll, \
         inotify, timerfd, netlink, bpf, userfaultfd, io_uring, memfd, pidfd.",
        "fd.type in (ipv4, ipv6)",
        |context, _, _| Some(Value::Text(name(known(context)?.kind))),
    )
    .with_traits(FieldTraits::FEW_VALUES),
    Field::text(
        "fd.typechar",
        "Kind of the fd as one character: f file, d directory, 4 and 6 sockets, u UNIX socket or \
         userfaultfd, p pipe, e event, s signalfd, l eventpoll, i inotify, t timerfd, n netlink, \
         b bpf, r io_uring, m memfd, P pidfd, o other. Guessed from the event's type if the fd \
         is not known.",
        "fd.typechar = f",
        letter,
    )
    .with_traits(FieldTraits::FEW_VALUES),
    Field {
        name: "fd.types",
        ty: CharBuf,
        doc: "Kinds (as in fd.type) of all fds that the process has open, each once; with an \
                 fd's number, of that one.",
        example: "fd.types[0] intersects (ipv4, ipv6)",
        argument: ArgumentSpec::Index { required: false },
        traits: FieldTraits::NO_RHS,
        extract: Extract::List(types),
    },
];

/// `fd.type` of a kind.
fn name(kind: FdKind) -> &'static [u8] {
    match kind {
        FdKind::File | FdKind::FileV2 => b"file",
        FdKind::Directory => b"directory",
        FdKind::Ipv4Sock | FdKind::Ipv4ServSock => b"ipv4",
        FdKind::Ipv6Sock | FdKind::Ipv6ServSock => b"ipv6",
        FdKind::UnixSock => b"unix",
        FdKind::Fifo => b"pipe",
        FdKind::Event => b"event",
        FdKind::SignalFd => b"signalfd",
        FdKind::EventPoll => b"eventpoll",
        FdKind::Inotify => b"inotify",
        FdKind::TimerFd => b"timerfd",
        FdKind::Netlink => b"netlink",
        FdKind::Bpf => b"bpf",
        FdKind::UserFaultFd => b"userfaultfd",
        FdKind::IoUring => b"io_uring",
        FdKind::Memfd => b"memfd",
        FdKind::PidFd => b"pidfd",
        FdKind::Unknown | FdKind::Unsupported | FdKind::Nothing => b"<NA>",
    }
}

/// `fd.typechar` of an fd that is not known, from what the event would have opened. Sockets count
/// as IPv4, as in the tools that rules are written for.
fn guessed_letter(event: EventType) -> char {
    match event {
        OPENAT_2_X | OPENAT2_X | CREAT_X => 'f',
        SOCKET_SOCKET_X | SOCKET_ACCEPT_5_X | SOCKET_ACCEPT4_6_X => '4',
        PIPE_X | PIPE2_X => 'p',
        EVENTFD_X | EVENTFD2_X => 'e',
        SIGNALFD_X | SIGNALFD4_X => 's',
        TIMERFD_CREATE_X => 't',
        INOTIFY_INIT_X | INOTIFY_INIT1_X => 'i',
        _ => 'o',
    }
}

/// `fd.typechar`.
fn letter<'v>(context: &Context<'v>, _: &Argument, scratch: &'v mut Scratch) -> Option<Value<'v>> {
    let kind = touched(context)?.fd.map(|fd| fd.kind);
    let letter = kind.map_or_else(|| guessed_letter(context.event.kind), FdKind::letter);
    scratch.text.clear();
    scratch.text.push(letter as u8);
    Some(Value::Text(&scratch.text))
}

/// `fd.types`: with an argument that fd's kind; without, every kind that is open, in the order of
/// the lowest fd of each.
fn types(
    context: &Context<'_>,
    argument: &Argument,
    _: &mut Scratch,
    each: &mut dyn FnMut(Value<'_>) -> ControlFlow<()>,
) -> bool {
    let Some(touched) = touched(context) else {
        return false;
    };
    let fds = context.state.fds(touched.thread);
    if let Argument::Index(num) = argument {
        let fd = i64::try_from(*num).ok().and_then(|num| fds.get(&num));
        return fd.map(|fd| each(Value::Text(name(fd.kind)))).is_some();
    }
    for name in open_kinds(fds).into_iter().flatten() {
        if each(Value::Text(name)).is_break() {
            break;
        }
    }
    true
}

/// More than there are names of kinds.
const KINDS: usize = 22;

fn open_kinds(fds: &FdTable) -> [Option<&'static [u8]>; KINDS] {
    let mut lowest = [(i64::MAX, None); KINDS];
    for fd in fds.values() {
        let name = name(fd.kind);
        let slot = lowest.iter_mut().find(|(_, known)| known.is_none_or(|known| known == name));
        if let Some(slot) = slot {
            *slot = (slot.0.min(fd.num), Some(name));
        }
    }
    lowest.sort_unstable_by_key(|&(num, name)| (name.is_none(), num));
    lowest.map(|(_, name)| name)
}
