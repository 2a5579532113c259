//! Socket addresses and connections (`SockAddr`, `SockTuple` parameters).
//!
//! Both begin with the address family (1 byte, the kernel's numbers). An address follows as IP and
//! port, a connection as source IP and port, then destination IP and port; for UNIX sockets the
//! kernel's pointers to both ends (connections only) and the path with a NUL at its end.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use thiserror::Error;

use super::take;

/// Address families that have a form of their own.
pub mod family {
    /// UNIX sockets.
    pub const UNIX: u8 = 1;
    /// IPv4.
    pub const INET: u8 = 2;
    /// IPv6.
    pub const INET6: u8 = 10;
}

/// An address that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Broken {
    /// No bytes at all: the recorder had no address.
    #[error("no address")]
    Null,
    /// Too short for its family, or a path without its final NUL.
    #[error("address of family {0} is cut short")]
    Short(u8),
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SockAddr<'a> {
    /// An IPv4 address and port.
    Inet(Ipv4Addr, u16),
    /// An IPv6 address and port.
    Inet6(Ipv6Addr, u16),
    /// The path of a UNIX socket, up to its first NUL.
    Unix(&'a [u8]),
    /// Another address family; the schema does not carry its addresses.
    Other(u8),
}

impl<'a> SockAddr<'a> {
    /// Views a `SockAddr` parameter.
    ///
    /// # Errors
    /// [`Broken`] if there is no address, or less of it than its family needs.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Broken> {
        let (&family, mut rest) = bytes.split_first().ok_or(Broken::Null)?;
        Self::of_family(family, &mut rest).ok_or(Broken::Short(family))
    }

    fn of_family(family: u8, rest: &mut &'a [u8]) -> Option<Self> {
        Some(match family {
            family::INET => Self::Inet(ipv4(rest)?, port(rest)?),
            family::INET6 => Self::Inet6(ipv6(rest)?, port(rest)?),
            family::UNIX => Self::Unix(path(rest)?),
            other => Self::Other(other),
        })
    }

    /// The IP address, if it has one.
    pub fn ip(&self) -> Option<IpAddr> {
        match *self {
            Self::Inet(ip, _) => Some(ip.into()),
            Self::Inet6(ip, _) => Some(ip.into()),
            Self::Unix(_) | Self::Other(_) => None,
        }
    }

    /// The port, if it has one.
    pub fn port(&self) -> Option<u16> {
        match *self {
            Self::Inet(_, port) | Self::Inet6(_, port) => Some(port),
            Self::Unix(_) | Self::Other(_) => None,
        }
    }

    /// The address family, in the kernel's numbers.
    pub fn family(&self) -> u8 {
        match *self {
            Self::Inet(..) => family::INET,
            Self::Inet6(..) => family::INET6,
            Self::Unix(_) => family::UNIX,
            Self::Other(family) => family,
        }
    }
}

/// Both ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum SockTuple<'a> {
    /// IPv4.
    Inet { sip: Ipv4Addr, sport: u16, dip: Ipv4Addr, dport: u16 },
    /// IPv6.
    Inet6 { sip: Ipv6Addr, sport: u16, dip: Ipv6Addr, dport: u16 },
    /// UNIX sockets: the kernel's pointers to both ends, and the path up to its first NUL.
    Unix { source: u64, destination: u64, path: &'a [u8] },
    /// Another address family; the schema does not carry its addresses.
    Other(u8),
}

impl<'a> SockTuple<'a> {
    /// Views a `SockTuple` parameter.
    ///
    /// # Errors
    /// [`Broken`] if there is no connection, or less of it than its family needs.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Broken> {
        let (&family, mut rest) = bytes.split_first().ok_or(Broken::Null)?;
        Self::of_family(family, &mut rest).ok_or(Broken::Short(family))
    }

    fn of_family(family: u8, rest: &mut &'a [u8]) -> Option<Self> {
        Some(match family {
            family::INET => {
                let (sip, sport) = (ipv4(rest)?, port(rest)?);
                Self::Inet { sip, sport, dip: ipv4(rest)?, dport: port(rest)? }
            }
            family::INET6 => {
                let (sip, sport) = (ipv6(rest)?, port(rest)?);
                Self::Inet6 { sip, sport, dip: ipv6(rest)?, dport: port(rest)? }
            }
            family::UNIX => {
                Self::Unix { source: u64(rest)?, destination: u64(rest)?, path: path(rest)? }
            }
            other => Self::Other(other),
        })
    }

    /// The address family, in the kernel's numbers.
    pub fn family(&self) -> u8 {
        match *self {
            Self::Inet { .. } => family::INET,
            Self::Inet6 { .. } => family::INET6,
            Self::Unix { .. } => family::UNIX,
            Self::Other(family) => family,
        }
    }

    /// The IPv4 connection that an IPv6 one stands for, if both its ends are IPv4-mapped;
    /// otherwise the connection itself.
    pub fn unmapped(self) -> Self {
        match self {
            Self::Inet6 { sip, sport, dip, dport } => match (mapped(sip), mapped(dip)) {
                (Some(sip), Some(dip)) => Self::Inet { sip, sport, dip, dport },
                _ => self,
            },
            other => other,
        }
    }
}

/// The IPv4 address in an IPv4-mapped IPv6 address (`::ffff:a.b.c.d`). The unspecified address
/// counts as mapped too, as it stands for `0.0.0.0` on a socket of both families.
pub fn mapped(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    if ip.is_unspecified() { Some(Ipv4Addr::UNSPECIFIED) } else { ip.to_ipv4_mapped() }
}

fn ipv4(rest: &mut &[u8]) -> Option<Ipv4Addr> {
    take::<4>(rest).map(|b| Ipv4Addr::from(*b))
}

fn ipv6(rest: &mut &[u8]) -> Option<Ipv6Addr> {
    take::<16>(rest).map(|b| Ipv6Addr::from(*b))
}

fn port(rest: &mut &[u8]) -> Option<u16> {
    take::<2>(rest).map(|b| u16::from_le_bytes(*b))
}

fn u64(rest: &mut &[u8]) -> Option<u64> {
    take::<8>(rest).map(|b| u64::from_le_bytes(*b))
}

/// A path must have its NUL at the very end, and counts up to its first one.
fn path<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    rest.ends_with(b"\0").then(|| rest.split(|&b| b == 0).next()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_each_family() {
        let v6 = "2001:db8::1".parse::<Ipv6Addr>().expect("an address");
        let mut inet6 = vec![10];
        inet6.extend(v6.octets());
        inet6.extend(53u16.to_le_bytes());
        let cases: &[(&[u8], Result<SockAddr<'_>, Broken>)] = &[
            (&[], Err(Broken::Null)),
            (&[2, 10, 0, 2, 15, 80, 0], Ok(SockAddr::Inet(Ipv4Addr::new(10, 0, 2, 15), 80))),
            (&[2, 10, 0, 2, 15, 80], Err(Broken::Short(2))),
            (&inet6, Ok(SockAddr::Inet6(v6, 53))),
            (&inet6[..18], Err(Broken::Short(10))),
            (b"\x01/run/a\0", Ok(SockAddr::Unix(b"/run/a"))),
            (b"\x01/run/a\0b\0", Ok(SockAddr::Unix(b"/run/a"))),
            (b"\x01\0", Ok(SockAddr::Unix(b""))),
            (b"\x01/run/a", Err(Broken::Short(1))),
            (b"\x01", Err(Broken::Short(1))),
            (&[16, 1, 2], Ok(SockAddr::Other(16))),
        ];
        for (bytes, expected) in cases {
            assert_eq!(SockAddr::parse(bytes), *expected, "{bytes:?}");
        }
    }

    #[test]
    fn connections_of_each_family() {
        let mut unix = vec![1];
        unix.extend(0xabu64.to_le_bytes());
        unix.extend(0xcdu64.to_le_bytes());
        let short = unix.clone();
        unix.extend(b"/s\0");
        let inet = [2, 10, 0, 0, 1, 1, 0, 10, 0, 0, 2, 2, 0];
        let (sip, dip) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
        let cases: &[(&[u8], Result<SockTuple<'_>, Broken>)] = &[
            (&[], Err(Broken::Null)),
            (&unix, Ok(SockTuple::Unix { source: 0xab, destination: 0xcd, path: b"/s" })),
            (&short, Err(Broken::Short(1))),
            (&inet, Ok(SockTuple::Inet { sip, sport: 1, dip, dport: 2 })),
            (&inet[..12], Err(Broken::Short(2))),
            (&[10; 36], Err(Broken::Short(10))),
            (&[99], Ok(SockTuple::Other(99))),
        ];
        for (bytes, expected) in cases {
            assert_eq!(SockTuple::parse(bytes), *expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_connection_is_unmapped_only_if_both_ends_are_mapped() {
        let (a, b) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
        let real: Ipv6Addr = "fe80::1".parse().expect("an address");
        let both = SockTuple::Inet6 {
            sip: a.to_ipv6_mapped(),
            sport: 1,
            dip: b.to_ipv6_mapped(),
            dport: 2,
        };
        assert_eq!(both.unmapped(), SockTuple::Inet { sip: a, sport: 1, dip: b, dport: 2 });
        let one = SockTuple::Inet6 { sip: a.to_ipv6_mapped(), sport: 1, dip: real, dport: 2 };
        assert_eq!(one.unmapped(), one);
    }
}
