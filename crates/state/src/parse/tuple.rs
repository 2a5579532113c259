//! Taking the ends of a connection from an event.

use event::{
    decode::SockTuple,
    snapshot::{FdKind, L4Proto},
};

use crate::{Fd, FdFlags, FdTable, Interfaces, SockInfo};

/// Makes an fd the kind of socket that has such ends; `ends` is unmapped.
pub(super) fn set_kind(fd: &mut Fd, ends: &SockTuple<'_>) {
    match ends {
        SockTuple::Inet { .. } => fd.set_sock_kind(FdKind::Ipv4Sock),
        SockTuple::Inet6 { .. } => fd.set_sock_kind(FdKind::Ipv6Sock),
        SockTuple::Unix { .. } => fd.set_sock_kind(FdKind::UnixSock),
        SockTuple::Other(_) => {}
    }
}

/// Updates the ends of a connection; `ends` is unmapped. Returns whether anything changed: the same
/// ends the other way round do not count.
pub(super) fn update(sock: &mut SockInfo, ends: &SockTuple<'_>) -> bool {
    let l4 = sock.l4();
    let (new, turned) = match (&*sock, *ends) {
        (SockInfo::Ipv4 { .. }, SockTuple::Inet { sip, sport, dip, dport }) => (
            SockInfo::Ipv4 { sip, dip, sport, dport, l4 },
            SockInfo::Ipv4 { sip: dip, dip: sip, sport: dport, dport: sport, l4 },
        ),
        (SockInfo::Ipv6 { .. }, SockTuple::Inet6 { sip, sport, dip, dport }) => (
            SockInfo::Ipv6 { sip, dip, sport, dport, l4 },
            SockInfo::Ipv6 { sip: dip, dip: sip, sport: dport, dport: sport, l4 },
        ),
        _ => return false,
    };
    if *sock == new || *sock == turned {
        return false;
    }
    *sock = new;
    true
}

/// Takes the ends of a connection from a datagram. Returns whether the name must follow.
///
/// TCP would fail if its ends changed, so a socket of unknown protocol is taken for UDP; an end
/// that the kernel left open becomes the machine's own address.
pub(super) fn update_from_datagram(fd: &mut Fd, tuple: &SockTuple<'_>, own: &Interfaces) -> bool {
    let ends = tuple.unmapped();
    match ends {
        SockTuple::Unix { source, destination, .. } => {
            fd.set_sock(FdKind::UnixSock, SockInfo::Unix { source, destination });
            return true;
        }
        SockTuple::Other(_) => {}
        // A socket that is bound to an IPv6 port stays so, whoever sends to it.
        SockTuple::Inet6 { .. } if !fd.is_ip_sock() => return true,
        SockTuple::Inet { .. } | SockTuple::Inet6 { .. } => {
            let server_l4 = match (fd.sock, tuple) {
                (SockInfo::Ipv4Server { l4, .. }, SockTuple::Inet { .. }) => Some(l4),
                _ => None,
            };
            set_kind(fd, &ends);
            if let Some(l4) = server_l4 {
                fd.sock.set_l4(l4);
            }
            if !update(&mut fd.sock, &ends) {
                return false;
            }
        }
    }
    if fd.is_ip_sock() && fd.sock.l4() == L4Proto::Unknown {
        fd.sock.set_l4(L4Proto::Udp);
    }
    fill_open_end(&mut fd.sock, own);
    true
}

/// Gives an end that is unspecified the machine's own address. Both ends being equal says nothing.
fn fill_open_end(sock: &mut SockInfo, own: &Interfaces) {
    match sock {
        SockInfo::Ipv4 { sip, dip, sport, dport, .. } => {
            fill(sip, dip, sport == dport, |ip| ip.is_unspecified(), |ip| own.infer_v4(ip));
        }
        SockInfo::Ipv6 { sip, dip, sport, dport, .. } => {
            fill(sip, dip, sport == dport, |ip| ip.is_unspecified(), |ip| own.infer_v6(ip));
        }
        _ => {}
    }
}

fn fill<A: Copy + PartialEq>(
    source: &mut A,
    destination: &mut A,
    same_port: bool,
    is_open: impl Fn(A) -> bool,
    infer: impl Fn(A) -> A,
) {
    let (open, other) = if is_open(*source) {
        (source, *destination)
    } else if is_open(*destination) {
        (destination, *source)
    } else {
        return;
    };
    let inferred = infer(other);
    if inferred != other || !same_port {
        *open = inferred;
    }
}

/// Which way the data of an event goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    In,
    Out,
}

/// Guesses which end of a connection is this one, out of all fds of the process (it is among
/// them): server if the process listens on the destination's port; if it also uses the source's
/// port as a client, whoever speaks first is the client.
///
/// Of an IPv6 socket, two pieces of its source address are taken for the ports, as in the field's
/// other tools: mostly a client, but a server at times.
pub(super) fn guess_role(fd: &Fd, fds: &FdTable, way: Way) -> FdFlags {
    let (sport, dport) = match fd.sock {
        SockInfo::Ipv4 { sport, dport, .. } => (sport, dport),
        SockInfo::Ipv6 { sip, .. } => {
            let [.., _, _, _, _, a, b, c, d, _, _, _, _] = sip.octets();
            (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]))
        }
        _ => return FdFlags::ROLE_CLIENT,
    };
    let listens = fds.values().any(|other| match other.sock {
        SockInfo::Ipv4 { dport: port, .. } | SockInfo::Ipv4Server { port, .. } => port == dport,
        _ => false,
    });
    let is_client = fds
        .values()
        .any(|other| matches!(other.sock, SockInfo::Ipv4 { sport: port, .. } if port == sport));
    match (listens, is_client, way) {
        (false, _, _) | (true, true, Way::Out) => FdFlags::ROLE_CLIENT,
        (true, false, _) | (true, true, Way::In) => FdFlags::ROLE_SERVER,
    }
}
