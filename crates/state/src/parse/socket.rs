//! Sockets: `socket`, `bind`, `accept`, `socketpair`.

use event::{
    decode::{SockAddr, SockTuple, addr::mapped},
    snapshot::{FdKind, L4Proto},
    syscalls::SOCKET_ACCEPT4_6_X,
};

use super::{At, params, tuple};
use crate::{
    Fd, FdFlags, SockInfo, State,
    fds::{self, O_CLOEXEC},
    threads::Key,
};

/// Address families, the kernel's numbers.
const AF_UNIX: u32 = 1;
const AF_INET: u32 = 2;
const AF_INET6: u32 = 10;
const AF_NETLINK: u32 = 16;

/// Socket types.
const SOCK_STREAM: u32 = 1;
pub(super) const SOCK_DGRAM: u32 = 2;
const SOCK_RAW: u32 = 3;

/// Protocols.
const IPPROTO_IP: u32 = 0;
const IPPROTO_ICMP: u32 = 1;
const IPPROTO_TCP: u32 = 6;
pub(super) const IPPROTO_UDP: u32 = 17;
const IPPROTO_RAW: u32 = 255;

pub(super) fn socket(state: &mut State, at: &mut At<'_>) -> Option<()> {
    let num = params::success(&at.event)?;
    let param = |index| params::u32(&at.event, index).unwrap_or(0);
    let fd = Fd { num, open_flags: param(4), ..new_socket(param(1), param(2), param(3)) };
    at.fd = state.open_fd(at.thread?, fd);
    Some(())
}

/// A socket that is neither bound nor connected.
pub(super) fn new_socket(family: u32, kind: u32, protocol: u32) -> Fd {
    let l4 = transport(kind, protocol);
    let fd_kind = match family {
        AF_UNIX => FdKind::UnixSock,
        AF_INET => FdKind::Ipv4Sock,
        AF_INET6 => FdKind::Ipv6Sock,
        AF_NETLINK => FdKind::Netlink,
        _ => FdKind::Unknown,
    };
    let mut sock = SockInfo::empty(fd_kind);
    sock.set_l4(l4);
    Fd { sock, ..Fd::of_kind(fd_kind) }
}

fn transport(kind: u32, protocol: u32) -> L4Proto {
    let raw_or = |l4| if kind == SOCK_RAW { L4Proto::Raw } else { l4 };
    match (protocol, kind & 0xff) {
        (IPPROTO_TCP, _) => raw_or(L4Proto::Tcp),
        (IPPROTO_UDP, _) => raw_or(L4Proto::Udp),
        (IPPROTO_ICMP, _) => raw_or(L4Proto::Icmp),
        (IPPROTO_RAW, _) => L4Proto::Raw,
        (IPPROTO_IP, SOCK_STREAM) => L4Proto::Tcp,
        (IPPROTO_IP, SOCK_DGRAM) => L4Proto::Udp,
        _ => L4Proto::Unknown,
    }
}

/// A socket with a port of its own is taken for one that listens.
pub(super) fn bind(state: &mut State, at: &At<'_>) -> Option<()> {
    params::success(&at.event)?;
    let address = SockAddr::parse(params::bytes(&at.event, 1)?).ok()?;
    let fd = state.fd_mut(at.fd?)?;
    let bound = match address {
        SockAddr::Inet(ip, port) if port > 0 => {
            let l4 = fd.l4_as(FdKind::Ipv4Sock);
            Some((FdKind::Ipv4ServSock, SockInfo::Ipv4Server { ip, port, l4 }))
        }
        SockAddr::Inet6(ip, port) if port > 0 => {
            let l4 = fd.l4_as(FdKind::Ipv6Sock);
            Some(match mapped(ip) {
                Some(ip) => (FdKind::Ipv4ServSock, SockInfo::Ipv4Server { ip, port, l4 }),
                None => (FdKind::Ipv6ServSock, SockInfo::Ipv6Server { ip, port, l4 }),
            })
        }
        _ => None,
    };
    if let Some((kind, sock)) = bound {
        fd.set_sock(kind, sock);
        fd.flags |= FdFlags::ROLE_SERVER;
    }
    fd.name = fds::addr_name(&address);
    Some(())
}

pub(super) fn accept(state: &mut State, at: &mut At<'_>) -> Option<()> {
    let num = params::success(&at.event)?;
    let key = at.thread?;
    state.threads.get_mut(key)?.lastevent_fd = num;
    let tuple = SockTuple::parse(params::bytes(&at.event, 1)?).ok()?;
    let mut fd = Fd { num, ..Fd::default() };
    match tuple.unmapped() {
        SockTuple::Unix { source, destination, .. } => {
            fd.kind = FdKind::UnixSock;
            fd.sock = SockInfo::Unix { source, destination };
        }
        SockTuple::Other(_) => return None,
        ends => {
            tuple::set_kind(&mut fd, &ends);
            tuple::update(&mut fd.sock, &ends);
            fd.sock.set_l4(L4Proto::Tcp);
        }
    }
    fd.name = fds::socktuple_name(&tuple);
    if at.event.kind == SOCKET_ACCEPT4_6_X {
        fd.open_flags = params::u32(&at.event, 5).unwrap_or(0) & O_CLOEXEC;
    }
    fd.flags = FdFlags::ROLE_SERVER | FdFlags::CONNECTED;
    at.fd = state.open_fd(key, fd);
    Some(())
}

pub(super) fn socketpair(state: &mut State, at: &mut At<'_>) -> Option<()> {
    params::success(&at.event)?;
    let key = at.thread?;
    let [first, second] = [at.event.int(1)?, at.event.int(2)?];
    if first == second {
        at.fd = None;
        return None;
    }
    let source = params::u64(&at.event, 3).unwrap_or(0);
    let destination = params::u64(&at.event, 4).unwrap_or(0);
    let sock = SockInfo::Unix { source, destination };
    let end = |num| Fd { num, sock, ..Fd::of_kind(FdKind::UnixSock) };
    at.fd = state.open_fd(key, end(first));
    state.open_fd(key, end(second));
    Some(())
}

/// Adds a socket whose making was not seen, for the event at hand.
pub(super) fn add_missed(
    state: &mut State,
    at: &mut At<'_>,
    key: Key,
    num: i64,
    family: u8,
) -> Option<()> {
    let fd = new_socket(u32::from(family), SOCK_DGRAM, IPPROTO_UDP);
    at.fd = state.open_fd(key, Fd { num, ..fd });
    Some(())
}
