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

impl SockInfo {
    /// A socket of this kind whose addresses are not known yet.
    pub(crate) fn empty(kind: FdKind) -> Self {
        let (v4, v6, l4) = (Ipv4Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED, L4Proto::Unknown);
        match kind {
            FdKind::Ipv4Sock => Self::Ipv4 { sip: v4, dip: v4, sport: 0, dport: 0, l4 },
            FdKind::Ipv4ServSock => Self::Ipv4Server { ip: v4, port: 0, l4 },
            FdKind::Ipv6Sock => Self::Ipv6 { sip: v6, dip: v6, sport: 0, dport: 0, l4 },
            FdKind::Ipv6ServSock => Self::Ipv6Server { ip: v6, port: 0, l4 },
            FdKind::UnixSock => Self::Unix { source: 0, destination: 0 },
            _ => Self::None,
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swapping_exchanges_both_ends() {
        let (sip, dip) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
        let mut sock = SockInfo::Ipv4 { sip, dip, sport: 1, dport: 2, l4: L4Proto::Tcp };
        sock.swap();
        let turned = SockInfo::Ipv4 { sip: dip, dip: sip, sport: 2, dport: 1, l4: L4Proto::Tcp };
        assert_eq!(sock, turned);
    }
}
