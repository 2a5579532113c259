//! Fds that were open before the first event.

use event::{
    decode::addr::mapped,
    snapshot::{FdEntry, FdKind, FdTarget, L4Proto},
};

use super::{Fd, FdFlags, SockInfo, plain_name};
use crate::text::Pool;

/// The fd that an entry of the snapshot tells of; `None` for a kind without meaning.
pub(crate) fn of_entry(entry: &FdEntry<'_>, pool: &mut Pool) -> Option<Fd> {
    let mut fd = Fd { num: entry.fd, ino: entry.ino, flags: FdFlags::FROM_PROC, ..Fd::default() };
    match entry.target {
        FdTarget::Ipv4 { sip, dip, sport, dport, l4 } => {
            connected(&mut fd, FdKind::Ipv4Sock, SockInfo::Ipv4 { sip, dip, sport, dport, l4 });
        }
        FdTarget::Ipv6 { sip, dip, sport, dport, l4 } => match (mapped(sip), mapped(dip)) {
            (Some(sip), Some(dip)) => {
                connected(&mut fd, FdKind::Ipv4Sock, SockInfo::Ipv4 { sip, dip, sport, dport, l4 });
            }
            _ => {
                connected(&mut fd, FdKind::Ipv6Sock, SockInfo::Ipv6 { sip, dip, sport, dport, l4 })
            }
        },
        FdTarget::Ipv4Server { ip, port, l4 } => {
            named(&mut fd, FdKind::Ipv4ServSock, SockInfo::Ipv4Server { ip, port, l4 });
        }
        FdTarget::Ipv6Server { ip, port, l4 } => {
            named(&mut fd, FdKind::Ipv6ServSock, SockInfo::Ipv6Server { ip, port, l4 });
        }
        FdTarget::Unix { source, destination, name } => {
            fd.kind = FdKind::UnixSock;
            fd.sock = SockInfo::Unix { source, destination };
            fd.name = pool.get(name);
            fd.flags |= if name.is_empty() { FdFlags::ROLE_CLIENT } else { FdFlags::ROLE_SERVER };
        }
        FdTarget::File { open_flags, name, dev } => {
            fd.kind = FdKind::FileV2;
            fd.open_flags = open_flags;
            fd.name = pool.get(name);
            fd.dev = dev;
        }
        FdTarget::Named(FdKind::Unknown, _) => return None,
        FdTarget::Named(kind, name) => {
            fd.kind = kind;
            fd.name = pool.get(name);
        }
    }
    Some(fd)
}

fn connected(fd: &mut Fd, kind: FdKind, sock: SockInfo) {
    if sock.l4() == L4Proto::Tcp {
        fd.flags |= FdFlags::CONNECTED;
    }
    named(fd, kind, sock);
}

fn named(fd: &mut Fd, kind: FdKind, sock: SockInfo) {
    fd.kind = kind;
    fd.sock = sock;
    fd.name = plain_name(&fd.sock);
}

/// Port that a listening or bound socket has.
pub(crate) fn server_port(fd: &Fd) -> Option<u16> {
    match fd.sock {
        SockInfo::Ipv4Server { port, .. } | SockInfo::Ipv6Server { port, .. } => Some(port),
        _ => None,
    }
}

/// Gives a connected IPv4 socket its role: server if its own port is one that some process of the
/// machine listens on. A server's peer is put first, as in connections that are seen to begin.
pub(crate) fn orient(fd: &mut Fd, is_server_port: impl Fn(u16) -> bool) {
    let SockInfo::Ipv4 { sport, .. } = fd.sock else { return };
    if is_server_port(sport) {
        fd.sock.swap();
        fd.name = plain_name(&fd.sock);
        fd.flags |= FdFlags::ROLE_SERVER;
    } else {
        fd.flags |= FdFlags::ROLE_CLIENT;
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn fd(target: FdTarget<'_>) -> Fd {
        of_entry(&FdEntry { fd: 3, ino: 7, target }, &mut Pool::default()).unwrap()
    }

    #[test]
    fn entries_become_named_fds() {
        let (sip, dip) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
        let tcp = L4Proto::Tcp;
        let mapped = Ipv4Addr::to_ipv6_mapped;
        let cases = [
            (
                FdTarget::Ipv4 { sip, dip, sport: 1, dport: 2, l4: tcp },
                FdKind::Ipv4Sock,
                "10.0.0.1:1->10.0.0.2:2",
            ),
            (
                FdTarget::Ipv6 {
                    sip: mapped(&sip),
                    dip: mapped(&dip),
                    sport: 1,
                    dport: 2,
                    l4: tcp,
                },
                FdKind::Ipv4Sock,
                "10.0.0.1:1->10.0.0.2:2",
            ),
            (
                FdTarget::Ipv6Server { ip: Ipv6Addr::UNSPECIFIED, port: 80, l4: tcp },
                FdKind::Ipv6ServSock,
                ":::80",
            ),
            (
                FdTarget::Unix { source: 1, destination: 2, name: b"/run/x" },
                FdKind::UnixSock,
                "/run/x",
            ),
            (
                FdTarget::File { open_flags: 1, name: b"/etc/hosts", dev: 8 },
                FdKind::FileV2,
                "/etc/hosts",
            ),
            (FdTarget::Named(FdKind::Fifo, b"pipe:[1]"), FdKind::Fifo, "pipe:[1]"),
        ];
        for (target, kind, name) in cases {
            let fd = fd(target);
            assert_eq!((fd.kind, String::from_utf8_lossy(&fd.name).as_ref()), (kind, name));
        }
    }

    #[test]
    fn connections_to_a_listening_port_are_turned_round() {
        let (sip, dip) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
        let target = FdTarget::Ipv4 { sip, dip, sport: 80, dport: 2, l4: L4Proto::Tcp };
        for (port, name, role) in [
            (80, "10.0.0.2:2->10.0.0.1:80", FdFlags::ROLE_SERVER),
            (81, "10.0.0.1:80->10.0.0.2:2", FdFlags::ROLE_CLIENT),
        ] {
            let mut fd = fd(target);
            orient(&mut fd, |p| p == port);
            assert_eq!(String::from_utf8_lossy(&fd.name), name);
            assert!(fd.flags.contains(role));
        }
    }
}
