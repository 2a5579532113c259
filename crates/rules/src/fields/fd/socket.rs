//! Protocols and states of sockets.

use std::ops::ControlFlow;

use event::snapshot::{FdKind, L4Proto};
use state::{Context, FdFlags, SockInfo};

use super::{
    Touched,
    ends::{connection, has_role},
    flag, known, touched,
};
use crate::{
    fields::{Argument, Extract, Field, FieldTraits, Scratch},
    value::{FieldType::Bool, Value},
};

/// The fields.
pub(in crate::fields) const FIELDS: &[Field] = &[
    Field::text("fd.sockfamily", "ip or unix, for sockets.", "fd.sockfamily = ip", family)
        .with_traits(FieldTraits::FEW_VALUES),
    Field::text(
        "fd.l4proto",
        "Transport protocol of the socket: tcp, udp, icmp or raw; <NA> of other fds, and as long \
         as a socket has neither connected nor accepted.",
        "fd.l4proto = udp",
        protocol,
    )
    .with_traits(FieldTraits::FEW_VALUES),
    Field::one(
        "fd.connected",
        Bool,
        "Whether the socket is connected.",
        "fd.connected = true",
        |context, _, _| flag(context, FdFlags::CONNECTED),
    ),
    Field::one(
        "fd.is_server",
        Bool,
        "Whether this process is the server: it listens, or the machine has the server's address.",
        "fd.is_server = true",
        is_server,
    ),
    name(
        "fd.cip.name",
        "Domain name of the client's address. No value for recordings: no name is looked up.",
        "fd.cip.name = example.org",
    ),
    name(
        "fd.sip.name",
        "Domain name of the server's address. No value for recordings: no name is looked up.",
        "fd.sip.name in (github.com, google.com)",
    ),
    name(
        "fd.lip.name",
        "Domain name of the local address. No value for recordings: no name is looked up.",
        "fd.lip.name = localhost",
    ),
    name(
        "fd.rip.name",
        "Domain name of the remote address. No value for recordings: no name is looked up.",
        "fd.rip.name = example.org",
    ),
];

/// The domain name of an address.
const fn name(name: &'static str, doc: &'static str, example: &'static str) -> Field {
    let traits = FieldTraits::NO_RHS.union(FieldTraits::NO_TRANSFORMER);
    Field { extract: NO_NAME, ..Field::text(name, doc, example, no_name).with_traits(traits) }
}

const NO_NAME: Extract = Extract::Searched { one: no_name, each: unknown_name };

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
    if has_role(fd) && connection(fd).is_some() {
        let _ = receive(Value::Text(b""));
    }
    true
}

/// `fd.l4proto`.
fn protocol<'v>(context: &Context<'v>, _: &Argument, _: &'v mut Scratch) -> Option<Value<'v>> {
    let fd = known(context)?;
    let (l4, needs_role) = match fd.sock {
        SockInfo::Ipv4 { l4, .. } if fd.kind == FdKind::Ipv4Sock => (l4, l4 != L4Proto::Raw),
        SockInfo::Ipv6 { l4, .. } if fd.kind == FdKind::Ipv6Sock => (l4, l4 != L4Proto::Raw),
        SockInfo::Ipv4Server { l4, .. } if fd.kind == FdKind::Ipv4ServSock => (l4, false),
        SockInfo::Ipv6Server { l4, .. } if fd.kind == FdKind::Ipv6ServSock => (l4, false),
        _ => (L4Proto::Unknown, false),
    };
    let shown = if needs_role && !has_role(fd) { L4Proto::Unknown } else { l4 };
    Some(Value::Text(match shown {
        L4Proto::Tcp => b"tcp",
        L4Proto::Udp => b"udp",
        L4Proto::Icmp => b"icmp",
        L4Proto::Raw => b"raw",
        L4Proto::Unknown => b"<NA>",
    }))
}

/// `fd.sockfamily`.
fn family<'v>(context: &Context<'v>, _: &Argument, _: &'v mut Scratch) -> Option<Value<'v>> {
    use FdKind::{Ipv4ServSock, Ipv4Sock, Ipv6ServSock, Ipv6Sock, UnixSock};
    match known(context)?.kind {
        Ipv4Sock | Ipv6Sock | Ipv4ServSock | Ipv6ServSock => Some(Value::Text(b"ip")),
        UnixSock => Some(Value::Text(b"unix")),
        _ => None,
    }
}

/// `fd.is_server`: listening, or the machine has the server's address.
fn is_server<'v>(context: &Context<'v>, _: &Argument, _: &'v mut Scratch) -> Option<Value<'v>> {
    let Touched { thread, fd } = touched(context)?;
    let fd = fd?;
    let listens = matches!(fd.kind, FdKind::Ipv4ServSock | FdKind::Ipv6ServSock);
    let owns = || {
        connection(fd).is_some_and(|(_, server)| context.state.is_own_address(thread, server.ip))
    };
    Some(Value::Bool(listens || owns()))
}
