//! What an fd is, as far as a timeline cares.

use std::net::IpAddr;

use event::snapshot::{FdKind, L4Proto};
use state::{Fd, FdFlags, SockInfo};

use crate::model::{Endpoint, Protocol};

/// A file or folder, or a file in memory.
pub(super) fn is_file(fd: &Fd) -> bool {
    matches!(fd.kind, FdKind::File | FdKind::FileV2 | FdKind::Directory | FdKind::Memfd)
}

/// A socket of the network or of this machine.
pub(super) fn is_socket(fd: &Fd) -> bool {
    use FdKind as K;
    matches!(fd.kind, K::Ipv4Sock | K::Ipv6Sock | K::Ipv4ServSock | K::Ipv6ServSock | K::UnixSock)
}

/// Inode of a pipe; `None` for what is no pipe, or one whose inode is not known.
pub(super) fn pipe(fd: &Fd) -> Option<u64> {
    (fd.kind == FdKind::Fifo && fd.ino != 0).then_some(fd.ino)
}

/// Path of a file's fd; that of a file in memory begins with `memfd:`.
pub(super) fn path(fd: &Fd) -> Option<state::Text> {
    if fd.kind == FdKind::Memfd {
        return Some(memfd(&fd.name));
    }
    let known = is_file(fd) && !matches!(&*fd.name, b"" | b"<NA>");
    known.then(|| match fd.name.strip_prefix(UNKNOWN_DIRECTORY) {
        Some(relative) => relative.into(),
        None => fd.name.clone(),
    })
}

/// What stands before a path whose directory is not known.
const UNKNOWN_DIRECTORY: &[u8] = b"<UNKNOWN>";

/// What a file in memory is called.
pub(super) fn memfd(name: &[u8]) -> state::Text {
    let name = name.strip_prefix(b"/memfd:").unwrap_or(name);
    [b"memfd:".as_slice(), name].concat().into()
}

/// Path of the file that a program was run from; `None` if it is not known.
pub(super) fn program(exe: &[u8]) -> Option<&[u8]> {
    if exe.starts_with(b"/memfd:") || exe.starts_with(b"memfd:") {
        return Some(exe.strip_prefix(b"/").unwrap_or(exe));
    }
    exe.starts_with(b"/").then_some(exe)
}

/// Both ends of a connected IP socket, this end first.
pub(super) fn ends(fd: &Fd) -> Option<(Endpoint, Endpoint)> {
    let (client, server) = match fd.sock {
        SockInfo::Ipv4 { sip, dip, sport, dport, .. } => (end(sip, sport), end(dip, dport)),
        SockInfo::Ipv6 { sip, dip, sport, dport, .. } => (end(sip, sport), end(dip, dport)),
        _ => return None,
    };
    let is_server = fd.flags.contains(FdFlags::ROLE_SERVER);
    Some(if is_server { (server, client) } else { (client, server) })
}

/// Where a bound socket waits.
pub(super) fn bound(fd: &Fd) -> Option<Endpoint> {
    match fd.sock {
        SockInfo::Ipv4Server { ip, port, .. } => Some(end(ip, port)),
        SockInfo::Ipv6Server { ip, port, .. } => Some(end(ip, port)),
        _ => None,
    }
}

/// An address and a port; an IPv4 address in the form of an IPv6 one is IPv4.
pub(super) fn end(ip: impl Into<IpAddr>, port: u16) -> Endpoint {
    Endpoint { ip: ip.into().to_canonical(), port }
}

/// Transport of a socket.
pub(super) fn protocol(fd: &Fd) -> Protocol {
    if fd.kind == FdKind::UnixSock {
        return Protocol::Unix;
    }
    match fd.sock.l4() {
        L4Proto::Tcp => Protocol::Tcp,
        L4Proto::Udp => Protocol::Udp,
        L4Proto::Icmp => Protocol::Icmp,
        L4Proto::Raw => Protocol::Raw,
        L4Proto::Unknown => Protocol::Unknown,
    }
}
