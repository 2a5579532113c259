//! Addresses of sockets.

use std::net::{Ipv4Addr, Ipv6Addr};

use event::snapshot::{FdKind, L4Proto};

/// Addresses of a socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum SockInfo {
    #[default]
    None,
    Ipv4 {
        sip: Ipv4Addr,
        dip: Ipv4Addr,
        sport: u16,
        dport: u16,
        l4: L4Proto,
    },
    Ipv4Server {
        ip: Ipv4Addr,
        port: u16,
        l4: L4Proto,
    },
    Ipv6 {
        sip: Ipv6Addr,
        dip: Ipv6Addr,
        sport: u16,
        dport: u16,
        l4: L4Proto,
    },
    Ipv6Server {
        ip: Ipv6Addr,
        port: u16,
        l4: L4Proto,
    },
    Unix {
        source: u64,
        destination: u64,
    },
}

/// Bytes of the largest layout, rounded up.
const LAYOUT_BYTES: usize = 40;

impl SockInfo {
    /// The same addresses in the layout of another kind of socket.
    ///
    /// The field's other tools keep all layouts in one place in memory, and what a later layout
    /// does not set, shows through from the earlier one (a bound UDP socket's port becomes part of
    /// its peer's address). Names recorded by them carry that, and rules have been written against
    /// it, so it is reproduced.
    pub(crate) fn in_layout_of(&self, kind: FdKind) -> Self {
        let bytes = self.to_bytes();
        let v4 = |at: usize| Ipv4Addr::from(take::<4>(&bytes, at));
        let v6 = |at: usize| Ipv6Addr::from(take::<16>(&bytes, at));
        let port = |at: usize| u16::from_le_bytes(take::<2>(&bytes, at));
        let l4 = |at: usize| L4Proto::of_number(bytes.get(at).copied().unwrap_or(0));
        match kind {
            FdKind::Ipv4Sock => {
                Self::Ipv4 { sip: v4(0), dip: v4(4), sport: port(8), dport: port(10), l4: l4(12) }
            }
            FdKind::Ipv4ServSock => Self::Ipv4Server { ip: v4(0), port: port(4), l4: l4(6) },
            FdKind::Ipv6Sock => {
                Self::Ipv6 { sip: v6(0), dip: v6(16), sport: port(32), dport: port(34), l4: l4(36) }
            }
            FdKind::Ipv6ServSock => Self::Ipv6Server { ip: v6(0), port: port(16), l4: l4(18) },
            FdKind::UnixSock => Self::Unix {
                source: u64::from_le_bytes(take::<8>(&bytes, 0)),
                destination: u64::from_le_bytes(take::<8>(&bytes, 8)),
            },
            _ => *self,
        }
    }

    /// Source and destination port as they would stand in the layout of a connected IPv4 socket.
    pub(crate) fn ports_as_ipv4(&self) -> (u16, u16) {
        match self.in_layout_of(FdKind::Ipv4Sock) {
            Self::Ipv4 { sport, dport, .. } => (sport, dport),
            _ => (0, 0),
        }
    }

    /// Transport protocol.
    pub fn l4(&self) -> L4Proto {
        match *self {
            Self::Ipv4 { l4, .. }
            | Self::Ipv4Server { l4, .. }
            | Self::Ipv6 { l4, .. }
            | Self::Ipv6Server { l4, .. } => l4,
            Self::None | Self::Unix { .. } => L4Proto::Unknown,
        }
    }

    pub(crate) fn set_l4(&mut self, value: L4Proto) {
        if let Self::Ipv4 { l4, .. }
        | Self::Ipv4Server { l4, .. }
        | Self::Ipv6 { l4, .. }
        | Self::Ipv6Server { l4, .. } = self
        {
            *l4 = value;
        }
    }

    /// Exchanges source and destination.
    pub(crate) fn swap(&mut self) {
        match self {
            Self::Ipv4 { sip, dip, sport, dport, .. } => {
                std::mem::swap(sip, dip);
                std::mem::swap(sport, dport);
            }
            Self::Ipv6 { sip, dip, sport, dport, .. } => {
                std::mem::swap(sip, dip);
                std::mem::swap(sport, dport);
            }
            _ => {}
        }
    }

    fn to_bytes(self) -> [u8; LAYOUT_BYTES] {
        let mut out = [0; LAYOUT_BYTES];
        match self {
            Self::None => {}
            Self::Ipv4 { sip, dip, sport, dport, l4 } => {
                put(&mut out, 0, &sip.octets());
                put(&mut out, 4, &dip.octets());
                put(&mut out, 8, &sport.to_le_bytes());
                put(&mut out, 10, &dport.to_le_bytes());
                put(&mut out, 12, &[l4 as u8]);
            }
            Self::Ipv4Server { ip, port, l4 } => {
                put(&mut out, 0, &ip.octets());
                put(&mut out, 4, &port.to_le_bytes());
                put(&mut out, 6, &[l4 as u8]);
            }
            Self::Ipv6 { sip, dip, sport, dport, l4 } => {
                put(&mut out, 0, &sip.octets());
                put(&mut out, 16, &dip.octets());
                put(&mut out, 32, &sport.to_le_bytes());
                put(&mut out, 34, &dport.to_le_bytes());
                put(&mut out, 36, &[l4 as u8]);
            }
            Self::Ipv6Server { ip, port, l4 } => {
                put(&mut out, 0, &ip.octets());
                put(&mut out, 16, &port.to_le_bytes());
                put(&mut out, 18, &[l4 as u8]);
            }
            Self::Unix { source, destination } => {
                put(&mut out, 0, &source.to_le_bytes());
                put(&mut out, 8, &destination.to_le_bytes());
            }
        }
        out
    }
}

fn put(out: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = out.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

fn take<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|b| b.first_chunk()).copied().unwrap_or([0; N])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_survives_its_own_bytes() {
        let v6 = Ipv6Addr::new(1, 2, 3, 4, 5, 6, 7, 8);
        let v4 = Ipv4Addr::new(10, 0, 0, 1);
        let cases = [
            (
                FdKind::Ipv4Sock,
                SockInfo::Ipv4 { sip: v4, dip: v4, sport: 1, dport: 2, l4: L4Proto::Tcp },
            ),
            (FdKind::Ipv4ServSock, SockInfo::Ipv4Server { ip: v4, port: 3, l4: L4Proto::Udp }),
            (
                FdKind::Ipv6Sock,
                SockInfo::Ipv6 { sip: v6, dip: v6, sport: 1, dport: 2, l4: L4Proto::Icmp },
            ),
            (FdKind::Ipv6ServSock, SockInfo::Ipv6Server { ip: v6, port: 3, l4: L4Proto::Raw }),
            (FdKind::UnixSock, SockInfo::Unix { source: 1, destination: u64::MAX }),
        ];
        for (kind, sock) in cases {
            assert_eq!(sock.in_layout_of(kind), sock);
        }
    }

    #[test]
    fn a_bound_port_shows_through_in_the_peer_address() {
        let bound =
            SockInfo::Ipv4Server { ip: Ipv4Addr::new(0, 0, 0, 0), port: 53, l4: L4Proto::Udp };
        let SockInfo::Ipv4 { dip, .. } = bound.in_layout_of(FdKind::Ipv4Sock) else {
            panic!("wrong layout")
        };
        assert_eq!(dip, Ipv4Addr::new(53, 0, 3, 0));
    }
}
