//! Addresses of sockets: as the kernel lays them out, and as events have them.
//!
//! Events carry addresses of IPv4, IPv6 and unix sockets; those of other families are NULL. IPv4
//! addresses on IPv6 sockets stay IPv4-mapped. Of an abstract unix address stands what is behind its
//! first NUL, up to the next one; of an unnamed socket, an empty path. (libs writes no path at all
//! for the latter in connections, which no reader can tell from damage.)

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use event::decode::family;

/// Longest path of a unix socket.
const UNIX_PATH_BYTES: usize = 108;

/// An end of a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    Inet(Ipv4Addr, u16),
    Inet6(Ipv6Addr, u16),
    /// A path, or an abstract name without its first NUL; empty if it has none.
    Unix(Vec<u8>),
    /// Another family.
    Other,
}

impl Address {
    /// Reads an address as the kernel and programs have it (`struct sockaddr`); `None` if it has
    /// less than its family needs.
    pub(super) fn of_kernel(bytes: &[u8]) -> Option<Self> {
        let (family, rest) = bytes.split_first_chunk::<2>()?;
        let port = || rest.first_chunk::<2>().map(|port| u16::from_be_bytes(*port));
        Some(match libc::c_int::from(u16::from_ne_bytes(*family)) {
            libc::AF_INET => {
                let ip: [u8; 4] = rest.get(2..6)?.try_into().ok()?;
                Self::Inet(ip.into(), port()?)
            }
            libc::AF_INET6 => {
                let ip: [u8; 16] = rest.get(6..22)?.try_into().ok()?;
                Self::Inet6(ip.into(), port()?)
            }
            libc::AF_UNIX => {
                let path = rest.strip_prefix(b"\0").unwrap_or(rest);
                let path = path.split(|byte| *byte == 0).next().unwrap_or_default();
                Self::Unix(path.get(..UNIX_PATH_BYTES).unwrap_or(path).to_vec())
            }
            _ => Self::Other,
        })
    }

    /// Appends the address as a `SockAddr` parameter; nothing for other families.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Inet(..) => out.push(family::INET),
            Self::Inet6(..) => out.push(family::INET6),
            Self::Unix(_) => out.push(family::UNIX),
            Self::Other => {}
        }
        self.write_end(out);
        if matches!(self, Self::Unix(_)) {
            out.push(0);
        }
    }

    /// Appends what stands behind the family.
    pub(super) fn write_end(&self, out: &mut Vec<u8>) {
        match self {
            Self::Inet(ip, port) => {
                out.extend_from_slice(&ip.octets());
                out.extend_from_slice(&port.to_le_bytes());
            }
            Self::Inet6(ip, port) => {
                out.extend_from_slice(&ip.octets());
                out.extend_from_slice(&port.to_le_bytes());
            }
            Self::Unix(path) => out.extend_from_slice(path),
            Self::Other => {}
        }
    }

    /// The address of an IP socket.
    pub(super) fn ip(&self) -> Option<SocketAddr> {
        match self {
            Self::Inet(ip, port) => Some(SocketAddr::new(IpAddr::V4(*ip), *port)),
            Self::Inet6(ip, port) => Some(SocketAddr::new(IpAddr::V6(*ip), *port)),
            Self::Unix(_) | Self::Other => None,
        }
    }

    /// An end of the same family that is not known.
    pub(super) fn unspecified(&self) -> Self {
        match self {
            Self::Inet(..) => Self::Inet(Ipv4Addr::UNSPECIFIED, 0),
            Self::Inet6(..) => Self::Inet6(Ipv6Addr::UNSPECIFIED, 0),
            Self::Unix(_) => Self::Unix(Vec::new()),
            Self::Other => Self::Other,
        }
    }

    /// The address as a socket of `local`'s family has it: an IPv4 one on an IPv6 socket is mapped.
    /// `None` if such a socket cannot have it.
    pub(super) fn on(&self, local: &Self) -> Option<Self> {
        match (local, self) {
            (Self::Inet(..), Self::Inet(..))
            | (Self::Inet6(..), Self::Inet6(..))
            | (Self::Unix(_), Self::Unix(_)) => Some(self.clone()),
            (Self::Inet6(..), Self::Inet(ip, port)) => {
                Some(Self::Inet6(ip.to_ipv6_mapped(), *port))
            }
            _ => None,
        }
    }
}
