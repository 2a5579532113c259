//! Addresses and ports of connections.
//!
//! Source and destination of a connection are its client and server. As long as a socket has no
//! role (it neither connected nor accepted, and nothing was sent), its ends say nothing.

use std::{io::Write, net::IpAddr, ops::ControlFlow};

use event::snapshot::FdKind;
use state::{Context, Fd, FdFlags, SockInfo};

use super::{Touched, known, touched};
use crate::{
    fields::{Argument, ArgumentSpec, Extract, ExtractEach, Field, FieldTraits, Scratch},
    value::{
        FieldType::{self, IpAddr as Address, IpNet, Port},
        Value,
    },
};

/// The fields.
pub(in crate::fields) const FIELDS: &[Field] = &[
    either(
        "fd.ip",
        Address,
        "Address of either end of the connection: equal if one end is, unequal if both are.",
        "fd.ip = 10.0.0.1",
        ips,
    ),
    Field::one("fd.cip", Address, "Address of the client.", "fd.cip = 10.0.0.1", client_ip),
    Field::one("fd.sip", Address, "Address of the server.", "fd.sip = 8.8.8.8", server_ip),
    Field::one(
        "fd.lip",
        Address,
        "Address of the local end: the client's if one of the machine's interfaces has it, the \
         server's otherwise.",
        "fd.lip = 10.0.2.15",
        local_ip,
    ),
    Field::one(
        "fd.rip",
        Address,
        "Address of the remote end: the one that is not the local.",
        "fd.rip = 203.0.113.20",
        remote_ip,
    ),
    either("fd.port", Port, "Port of either end of the connection.", "fd.port = 22", ports),
    Field::one("fd.cport", Port, "Port of the client.", "fd.cport > 1024", client_port),
    Field::one("fd.sport", Port, "Port of the server.", "fd.sport = 443", server_port),
    Field::one("fd.lport", Port, "Port of the local end.", "fd.lport = 22", local_port),
    Field::one("fd.rport", Port, "Port of the remote end.", "fd.rport = 4444", remote_port),
    either(
        "fd.proto",
        Port,
        "Port of either end of the connection, compared with the name of a service.",
        "fd.proto = https",
        ports,
    ),
    Field::text("fd.cproto", "Port of the client, as text.", "fd.cproto = 80", client_proto),
    Field::text("fd.sproto", "Port of the server, as text.", "fd.sproto = 80", server_proto),
    Field::text("fd.lproto", "Port of the local end, as text.", "fd.lproto = 80", local_proto),
    Field::text("fd.rproto", "Port of the remote end, as text.", "fd.rproto = 80", remote_proto),
    either("fd.net", IpNet, "Network of either end of the connection.", "fd.net = 10.0.0.0/8", ips),
    Field::one("fd.cnet", IpNet, "Network of the client.", "fd.cnet = 10.0.0.0/8", client_ip),
    Field::one(
        "fd.snet",
        IpNet,
        "Network of the server.",
        "fd.snet in (10.0.0.0/8, 172.16.0.0/12)",
        server_ip,
    ),
    Field::one("fd.lnet", IpNet, "Network of the local end.", "fd.lnet = 10.0.0.0/8", local_ip),
    Field::one(
        "fd.rnet",
        IpNet,
        "Network of the remote end.",
        "not fd.rnet = 10.0.0.0/8",
        remote_ip,
    ),
];

/// A field of both ends.
const fn either(
    name: &'static str,
    ty: FieldType,
    doc: &'static str,
    example: &'static str,
    each: ExtractEach,
) -> Field {
    let (argument, traits) = (ArgumentSpec::None, FieldTraits::NONE);
    Field { name, ty, doc, example, argument, traits, extract: Extract::Ends(each) }
}

/// One end of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct End {
    pub(super) ip: IpAddr,
    pub(super) port: u16,
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
pub(super) fn connection(fd: &Fd) -> Option<(End, End)> {
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

pub(super) fn has_role(fd: &Fd) -> bool {
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
