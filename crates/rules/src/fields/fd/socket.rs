//! Sockets: ends, protocols, roles.
//!
//! Source and destination of a connection are its client and server. As long as a socket has no
//! role (it neither connected nor accepted, and nothing was sent), its ends say nothing.

use std::{io::Write, net::IpAddr, ops::ControlFlow};

use event::snapshot::{FdKind, L4Proto};
use state::{Context, Fd, FdFlags, SockInfo};

use super::{Argument, Scratch, Touched, known, touched};
use crate::value::Value;

/// One end of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct End {
    ip: IpAddr,
    port: u16,
}

/// Which end is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server,
    Local,
    Remote,
}

/// Client and server of a connection.
fn connection(fd: &Fd) -> Option<(End, End)> {
    let (sip, dip, sport, dport) = match (fd.kind, fd.sock) {
        (FdKind::Ipv4Sock, SockInfo::Ipv4 { sip, dip, sport, dport, .. }) => {
            (sip.into(), dip.into(), sport, dport)
        }
        (FdKind::Ipv6Sock, SockInfo::Ipv6 { sip, dip, sport, dport, .. }) => {
            (sip.into(), dip.into(), sport, dport)
        }
        // A socket before its first address.
        (FdKind::Ipv4Sock, SockInfo::None) => (IpAddr::from([0; 4]), IpAddr::from([0; 4]), 0, 0),
        (FdKind::Ipv6Sock, SockInfo::None) => (IpAddr::from([0; 16]), IpAddr::from([0; 16]), 0, 0),
        _ => return None,
    };
    Some((End { ip: sip, port: sport }, End { ip: dip, port: dport }))
}

/// Where a server socket listens.
fn listening(fd: &Fd) -> Option<End> {
    match (fd.kind, fd.sock) {
        (FdKind::Ipv4ServSock, SockInfo::Ipv4Server { ip, port, .. }) => {
            Some(End { ip: ip.into(), port })
        }
        (FdKind::Ipv6ServSock, SockInfo::Ipv6Server { ip, port, .. }) => {
            Some(End { ip: ip.into(), port })
        }
        _ => None,
    }
}

fn has_role(fd: &Fd) -> bool {
    fd.flags.intersects(FdFlags::ROLE_CLIENT | FdFlags::ROLE_SERVER)
}

/// The end of a connection that has a role.
fn end(context: &Context<'_>, side: Side) -> Option<End> {
    let Touched { thread, fd } = touched(context)?;
    let fd = fd.filter(|fd| has_role(fd))?;
    let (client, server) = connection(fd)?;
    let is_local = || context.state.is_own_address(thread, client.ip);
    let take_client = match side {
        Side::Client => true,
        Side::Server => false,
        Side::Local => is_local(),
        Side::Remote => !is_local(),
    };
    Some(if take_client { client } else { server })
}

fn listening_end(context: &Context<'_>) -> Option<End> {
    listening(known(context)?)
}

macro_rules! ends {
    ($($(#[$doc:meta])* $ip:ident $port:ident $proto:ident $side:ident;)*) => {$(
        $(#[$doc])*
        pub(super) fn $port<'v>(
            context: &Context<'v>,
            _: &Argument,
            _: &'v mut Scratch,
        ) -> Option<Value<'v>> {
            port_of(context, Side::$side)
        }

        $(#[$doc])*
        pub(super) fn $ip<'v>(
            context: &Context<'v>,
            _: &Argument,
            _: &'v mut Scratch,
        ) -> Option<Value<'v>> {
            ip_of(context, Side::$side)
        }

        $(#[$doc])*
        pub(super) fn $proto<'v>(
            context: &Context<'v>,
            _: &Argument,
            scratch: &'v mut Scratch,
        ) -> Option<Value<'v>> {
            proto_of(context, Side::$side, scratch)
        }
    )*};
}

ends! {
    /// Of the client.
    client_ip client_port client_proto Client;
    /// Of the server.
    server_ip server_port server_proto Server;
    /// Of the local end.
    local_ip local_port local_proto Local;
    /// Of the remote end.
    remote_ip remote_port remote_proto Remote;
}

fn ip_of<'v>(context: &Context<'v>, side: Side) -> Option<Value<'v>> {
    // Of a listening socket the address shows only once it has a role, its port always.
    let listening = || (side == Side::Server && has_role(known(context)?)).then_some(());
    end(context, side)
        .or_else(|| listening().and_then(|()| listening_end(context)))
        .map(|end| Value::Ip(end.ip))
}

fn port_of<'v>(context: &Context<'v>, side: Side) -> Option<Value<'v>> {
    let listening = || if side == Side::Server { listening_end(context) } else { None };
    end(context, side).or_else(listening).map(|end| Value::U64(end.port.into()))
}

/// The port as text. Sockets that have a role but no such end give empty text, those that listen
/// too.
fn proto_of<'v>(context: &Context<'v>, side: Side, scratch: &'v mut Scratch) -> Option<Value<'v>> {
    scratch.text.clear();
    match end(context, side) {
        // Writing to a Vec cannot fail.
        Some(end) => drop(write!(scratch.text, "{}", end.port)),
        None => {
            let fd = known(context)?;
            let empty = match side {
                Side::Client => has_role(fd),
                Side::Server => listening(fd).is_some(),
                Side::Local | Side::Remote => false,
            };
            if !empty {
                return None;
            }
        }
    }
    Some(Value::Text(&scratch.text))
}

/// Both ends' addresses, or the one that is listened on.
pub(super) fn ips(
    context: &Context<'_>,
    _: &Argument,
    _: &mut Scratch,
    each: &mut dyn FnMut(Value<'_>) -> ControlFlow<()>,
) -> bool {
    both(context, &mut |end| each(Value::Ip(end.ip)))
}

/// Both ends' ports, or the one that is listened on.
pub(super) fn ports(
    context: &Context<'_>,
    _: &Argument,
    _: &mut Scratch,
    each: &mut dyn FnMut(Value<'_>) -> ControlFlow<()>,
) -> bool {
    both(context, &mut |end| each(Value::U64(end.port.into())))
}

/// Every end that there is, also of sockets without a role. Whether the fd is known.
fn both(context: &Context<'_>, each: &mut dyn FnMut(End) -> ControlFlow<()>) -> bool {
    let Some(fd) = known(context) else {
        return false;
    };
    if let Some((client, server)) = connection(fd) {
        if each(client).is_continue() {
            let _ = each(server);
        }
    } else if let Some(end) = listening(fd) {
        let _ = each(end);
    }
    true
}

/// `fd.l4proto`.
pub(super) fn protocol<'v>(
    context: &Context<'v>,
    _: &Argument,
    _: &'v mut Scratch,
) -> Option<Value<'v>> {
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
pub(super) fn family<'v>(
    context: &Context<'v>,
    _: &Argument,
    _: &'v mut Scratch,
) -> Option<Value<'v>> {
    use FdKind::{Ipv4ServSock, Ipv4Sock, Ipv6ServSock, Ipv6Sock, UnixSock};
    match known(context)?.kind {
        Ipv4Sock | Ipv6Sock | Ipv4ServSock | Ipv6ServSock => Some(Value::Text(b"ip")),
        UnixSock => Some(Value::Text(b"unix")),
        _ => None,
    }
}

/// `fd.is_server`: listening, or the machine has the server's address.
pub(super) fn is_server<'v>(
    context: &Context<'v>,
    _: &Argument,
    _: &'v mut Scratch,
) -> Option<Value<'v>> {
    let Touched { thread, fd } = touched(context)?;
    let fd = fd?;
    let listens = matches!(fd.kind, FdKind::Ipv4ServSock | FdKind::Ipv6ServSock);
    let owns = || {
        connection(fd).is_some_and(|(_, server)| context.state.is_own_address(thread, server.ip))
    };
    Some(Value::Bool(listens || owns()))
}
