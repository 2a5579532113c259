//! `fd.*`: the file descriptor that an event works on.
//!
//! - [`file`]: names, directories, devices, inodes.
//! - [`socket`]: addresses, ports, protocols, which end is which.
//! - [`kind`]: types of fds, also of all that a process has open.
//!
//! An event has these fields if its type creates, uses or destroys an fd and its thread is known.
//! The fd itself may still be unknown: the call failed, or it was opened before the recording
//! began and is not in its snapshot. Then most fields have no value, and those about names fall
//! back on the event's own parameters.

mod file;
mod kind;
mod socket;

use std::ops::ControlFlow;

use event::schema::EventFlags;
use state::{Context, Fd, FdFlags, SockInfo, Thread};

use super::{Argument, ArgumentSpec, Extract, ExtractOne, Field, FieldTraits, Scratch};
use crate::value::{FieldType, Value};

/// Thread and fd of an event.
#[derive(Clone, Copy)]
struct Touched<'v> {
    thread: &'v Thread,
    fd: Option<&'v Fd>,
}

/// `None` if the event's type has nothing to do with fds, or its thread is not known.
fn touched<'v>(context: &Context<'v>) -> Option<Touched<'v>> {
    const ABOUT_FDS: EventFlags =
        EventFlags::CREATES_FD.union(EventFlags::USES_FD).union(EventFlags::DESTROYS_FD);
    if !context.event.info().flags.intersects(ABOUT_FDS) {
        return None;
    }
    let thread = context.thread?;
    let fd = context.fd.or_else(|| context.state.fd(thread, thread.lastevent_fd));
    Some(Touched { thread, fd })
}

fn known<'v>(context: &Context<'v>) -> Option<&'v Fd> {
    touched(context)?.fd
}

/// Name of the event's fd; empty if the fd is not known.
pub(super) fn open_name<'v>(context: &Context<'v>) -> Option<&'v [u8]> {
    Some(touched(context)?.fd.map_or(b"", |fd| &fd.name))
}

const fn field(
    name: &'static str,
    ty: FieldType,
    doc: &'static str,
    example: &'static str,
    extract: Extract,
) -> Field {
    let argument = ArgumentSpec::None;
    Field { name, ty, doc, example, argument, traits: FieldTraits::NONE, extract }
}

const fn with(traits: FieldTraits, field: Field) -> Field {
    Field { traits, ..field }
}

const fn one(extract: ExtractOne) -> Extract {
    Extract::One(extract)
}

/// No DNS query is ever made for a recording, and no name is known without one.
fn no_name<'v>(_: &Context<'v>, _: &Argument, _: &'v mut Scratch) -> Option<Value<'v>> {
    None
}

/// What Falco does where it has no name: the field is there for every known fd, and a connection
/// whose ends are known to be client and server has a name that equals none.
fn unknown_name(
    context: &Context<'_>,
    _: &Argument,
    _: &mut Scratch,
    receive: &mut dyn FnMut(Value<'_>) -> ControlFlow<()>,
) -> bool {
    let Some(fd) = known(context) else { return false };
    let has_roles = fd.flags.intersects(FdFlags::ROLE_CLIENT | FdFlags::ROLE_SERVER);
    if has_roles && matches!(fd.sock, SockInfo::Ipv4 { .. } | SockInfo::Ipv6 { .. }) {
        let _ = receive(Value::Text(b""));
    }
    true
}

const NO_NAME: Extract = Extract::Searched { one: no_name, each: unknown_name };

use FieldType::{Bool, CharBuf, Int32, Int64, IpAddr, IpNet, Port};

const NAME_TRAITS: FieldTraits = FieldTraits::NO_RHS.union(FieldTraits::NO_TRANSFORMER);

/// The class.
pub(super) const FIELDS: &[Field] = &[
    field(
        "fd.num",
        Int64,
        "Number of the fd, as the process knows it; -1 if the event does not say it.",
        "fd.num = 0",
        one(|context, _, _| Some(Value::I64(touched(context)?.thread.lastevent_fd))),
    ),
    field(
        "fd.type",
        CharBuf,
        "Kind of the fd: file, directory, ipv4, ipv6, unix, pipe, event, signalfd, eventpoll, \
         inotify, timerfd, netlink, bpf, userfaultfd, io_uring, memfd, pidfd.",
        "fd.type in (ipv4, ipv6)",
        one(|context, _, _| Some(Value::Text(kind::name(known(context)?.kind)))),
    ),
    field(
        "fd.typechar",
        CharBuf,
        "Kind of the fd as one character: f file, d directory, 4 and 6 sockets, u UNIX socket or \
         userfaultfd, p pipe, e event, s signalfd, l eventpoll, i inotify, t timerfd, n netlink, \
         b bpf, r io_uring, m memfd, P pidfd, o other. Guessed from the event's type if the fd \
         is not known.",
        "fd.typechar = f",
        one(kind::letter),
    ),
    field(
        "fd.name",
        CharBuf,
        "Full name of the fd: absolute path of a file, both ends of a connection, path of a UNIX \
         socket. If the call failed, the name that was asked for.",
        "fd.name startswith /etc/",
        one(file::name),
    ),
    field(
        "fd.directory",
        CharBuf,
        "Directory that the file is in; of a directory, itself.",
        "fd.directory = /etc",
        one(file::directory),
    ),
    field(
        "fd.filename",
        CharBuf,
        "Last component of the file's path.",
        "fd.filename = passwd",
        one(file::filename),
    ),
    field(
        "fd.ip",
        IpAddr,
        "Address of either end of the connection: equal if one end is, unequal if both are.",
        "fd.ip = 10.0.0.1",
        Extract::Ends(socket::ips),
    ),
    field("fd.cip", IpAddr, "Address of the client.", "fd.cip = 10.0.0.1", one(socket::client_ip)),
    field("fd.sip", IpAddr, "Address of the server.", "fd.sip = 8.8.8.8", one(socket::server_ip)),
    field(
        "fd.lip",
        IpAddr,
        "Address of the local end: the client's if one of the machine's interfaces has it, the \
         server's otherwise.",
        "fd.lip = 10.0.2.15",
        one(socket::local_ip),
    ),
    field(
        "fd.rip",
        IpAddr,
        "Address of the remote end: the one that is not the local.",
        "fd.rip = 203.0.113.20",
        one(socket::remote_ip),
    ),
    field(
        "fd.port",
        Port,
        "Port of either end of the connection.",
        "fd.port = 22",
        Extract::Ends(socket::ports),
    ),
    field("fd.cport", Port, "Port of the client.", "fd.cport > 1024", one(socket::client_port)),
    field("fd.sport", Port, "Port of the server.", "fd.sport = 443", one(socket::server_port)),
    field("fd.lport", Port, "Port of the local end.", "fd.lport = 22", one(socket::local_port)),
    field("fd.rport", Port, "Port of the remote end.", "fd.rport = 4444", one(socket::remote_port)),
    field(
        "fd.l4proto",
        CharBuf,
        "Transport protocol of the socket: tcp, udp, icmp or raw; <NA> of other fds, and as long \
         as a socket has neither connected nor accepted.",
        "fd.l4proto = udp",
        one(socket::protocol),
    ),
    field(
        "fd.sockfamily",
        CharBuf,
        "ip or unix, for sockets.",
        "fd.sockfamily = ip",
        one(socket::family),
    ),
    field(
        "fd.is_server",
        Bool,
        "Whether this process is the server: it listens, or the machine has the server's address.",
        "fd.is_server = true",
        one(socket::is_server),
    ),
    field(
        "fd.uid",
        CharBuf,
        "Names the fd uniquely: thread id and fd number, one behind the other.",
        "fd.uid = 12343",
        one(file::uid),
    ),
    field(
        "fd.containername",
        CharBuf,
        "Container id, a colon and the name of the fd.",
        "fd.containername endswith :/etc/passwd",
        one(file::container_name),
    ),
    field(
        "fd.containerdirectory",
        CharBuf,
        "Container id, a colon and the directory of the file.",
        "fd.containerdirectory endswith :/etc",
        one(file::container_directory),
    ),
    field(
        "fd.proto",
        Port,
        "Port of either end of the connection, compared with the name of a service.",
        "fd.proto = https",
        Extract::Ends(socket::ports),
    ),
    field(
        "fd.cproto",
        CharBuf,
        "Port of the client, as text.",
        "fd.cproto = 80",
        one(socket::client_proto),
    ),
    field(
        "fd.sproto",
        CharBuf,
        "Port of the server, as text.",
        "fd.sproto = 80",
        one(socket::server_proto),
    ),
    field(
        "fd.lproto",
        CharBuf,
        "Port of the local end, as text.",
        "fd.lproto = 80",
        one(socket::local_proto),
    ),
    field(
        "fd.rproto",
        CharBuf,
        "Port of the remote end, as text.",
        "fd.rproto = 80",
        one(socket::remote_proto),
    ),
    field(
        "fd.net",
        IpNet,
        "Network of either end of the connection.",
        "fd.net = 10.0.0.0/8",
        Extract::Ends(socket::ips),
    ),
    field(
        "fd.cnet",
        IpNet,
        "Network of the client.",
        "fd.cnet = 10.0.0.0/8",
        one(socket::client_ip),
    ),
    field(
        "fd.snet",
        IpNet,
        "Network of the server.",
        "fd.snet in (10.0.0.0/8, 172.16.0.0/12)",
        one(socket::server_ip),
    ),
    field(
        "fd.lnet",
        IpNet,
        "Network of the local end.",
        "fd.lnet = 10.0.0.0/8",
        one(socket::local_ip),
    ),
    field(
        "fd.rnet",
        IpNet,
        "Network of the remote end.",
        "not fd.rnet = 10.0.0.0/8",
        one(socket::remote_ip),
    ),
    field(
        "fd.connected",
        Bool,
        "Whether the socket is connected.",
        "fd.connected = true",
        one(|context, _, _| flag(context, FdFlags::CONNECTED)),
    ),
    field(
        "fd.name_changed",
        Bool,
        "Whether this event gave the fd another name: it was opened, or a socket has a new peer.",
        "fd.name_changed = true",
        one(|context, _, _| {
            let fd = known(context)?;
            Some(Value::Bool(fd.name != fd.old_name))
        }),
    ),
    with(
        NAME_TRAITS,
        field(
            "fd.cip.name",
            CharBuf,
            "Domain name of the client's address. No value for recordings: no name is looked up.",
            "fd.cip.name = example.org",
            NO_NAME,
        ),
    ),
    with(
        NAME_TRAITS,
        field(
            "fd.sip.name",
            CharBuf,
            "Domain name of the server's address. No value for recordings: no name is looked up.",
            "fd.sip.name in (github.com, google.com)",
            NO_NAME,
        ),
    ),
    with(
        NAME_TRAITS,
        field(
            "fd.lip.name",
            CharBuf,
            "Domain name of the local address. No value for recordings: no name is looked up.",
            "fd.lip.name = localhost",
            NO_NAME,
        ),
    ),
    with(
        NAME_TRAITS,
        field(
            "fd.rip.name",
            CharBuf,
            "Domain name of the remote address. No value for recordings: no name is looked up.",
            "fd.rip.name = example.org",
            NO_NAME,
        ),
    ),
    with(
        FieldTraits::HEX,
        field(
            "fd.dev",
            Int32,
            "Number of the device that holds the file, major and minor in one.",
            "fd.dev != 0",
            one(|context, _, _| Some(Value::I64(i64::from(known(context)?.dev as i32)))),
        ),
    ),
    field(
        "fd.dev.major",
        Int32,
        "Major number of the device that holds the file.",
        "fd.dev.major = 8",
        one(|context, _, _| Some(Value::I64(file::device_major(known(context)?.dev)))),
    ),
    field(
        "fd.dev.minor",
        Int32,
        "Minor number of the device that holds the file.",
        "fd.dev.minor = 1",
        one(|context, _, _| Some(Value::I64(file::device_minor(known(context)?.dev)))),
    ),
    field(
        "fd.ino",
        Int64,
        "Inode number of the file.",
        "fd.ino = 131",
        one(|context, _, _| Some(Value::I64(known(context)?.ino as i64))),
    ),
    field(
        "fd.nameraw",
        CharBuf,
        "Path of the file as the process gave it: perhaps relative, only doubled slashes removed.",
        "fd.nameraw contains ../",
        one(file::name_raw),
    ),
    Field {
        argument: ArgumentSpec::Index { required: false },
        ..with(
            FieldTraits::NO_RHS,
            field(
                "fd.types",
                CharBuf,
                "Kinds (as in fd.type) of all fds that the process has open, each once; with an \
                 fd's number, of that one.",
                "fd.types[0] intersects (ipv4, ipv6)",
                Extract::List(kind::types),
            ),
        )
    },
    field(
        "fd.is_upper_layer",
        Bool,
        "Whether the file is on the upper layer of an overlay: written since the container began.",
        "fd.is_upper_layer = true",
        one(|context, _, _| flag(context, FdFlags::OVERLAY_UPPER)),
    ),
    field(
        "fd.is_lower_layer",
        Bool,
        "Whether the file is on the lower layer of an overlay: part of the container's image.",
        "fd.is_lower_layer = true",
        one(|context, _, _| flag(context, FdFlags::OVERLAY_LOWER)),
    ),
];

fn flag<'v>(context: &Context<'v>, flag: FdFlags) -> Option<Value<'v>> {
    Some(Value::Bool(known(context)?.flags.contains(flag)))
}
