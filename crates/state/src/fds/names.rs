//! Names of sockets: `10.0.0.1:43210->10.0.0.2:80`.

use std::net::IpAddr;

use event::{
    decode::{SockAddr, SockTuple, addr::mapped},
    print::{addr, number},
    snapshot::L4Proto,
};

use crate::{SockInfo, Text};

fn text(write: impl FnOnce(&mut Vec<u8>)) -> Text {
    let mut out = Vec::with_capacity(96);
    write(&mut out);
    Text::from(out)
}

fn endpoint(ip: impl Into<IpAddr>, port: u16) -> Text {
    text(|out| addr::endpoint(ip, port, out))
}

fn connection(from: (impl Into<IpAddr>, u16), to: (impl Into<IpAddr>, u16)) -> Text {
    text(|out| addr::connection((from.0.into(), from.1), (to.0.into(), to.1), out))
}

fn ends(sip: impl Into<IpAddr>, dip: impl Into<IpAddr>) -> Text {
    text(|out| {
        addr::ip(sip.into(), out);
        out.extend_from_slice(b"->");
        addr::ip(dip.into(), out);
    })
}

/// Name of a bound socket (`0.0.0.0:80`), or of a connected one whatever its protocol.
pub(crate) fn plain_name(sock: &SockInfo) -> Text {
    match *sock {
        SockInfo::Ipv4Server { ip, port, .. } => endpoint(ip, port),
        SockInfo::Ipv6Server { ip, port, .. } => endpoint(ip, port),
        SockInfo::Ipv4 { sip, dip, sport, dport, .. } => connection((sip, sport), (dip, dport)),
        SockInfo::Ipv6 { sip, dip, sport, dport, .. } => connection((sip, sport), (dip, dport)),
        SockInfo::None | SockInfo::Unix { .. } => Text::default(),
    }
}

/// Name of a connected socket; ports only where the protocol has them. `None` where the name stays
/// what it was.
pub(crate) fn tuple_name(sock: &SockInfo) -> Option<Text> {
    use L4Proto as L4;
    Some(match (*sock, sock.l4()) {
        (SockInfo::Ipv6 { sip, dip, sport, dport, .. }, L4::Tcp | L4::Udp) => {
            match (mapped(sip), mapped(dip)) {
                (Some(sip), Some(dip)) => connection((sip, sport), (dip, dport)),
                _ => plain_name(sock),
            }
        }
        (SockInfo::Ipv6 { sip, dip, .. }, L4::Icmp) => match (mapped(sip), mapped(dip)) {
            (Some(sip), Some(dip)) => ends(sip, dip),
            _ => ends(sip, dip),
        },
        (SockInfo::Ipv4 { .. }, L4::Tcp | L4::Udp) => plain_name(sock),
        (SockInfo::Ipv4 { sip, dip, .. }, L4::Icmp | L4::Raw) => ends(sip, dip),
        (SockInfo::Ipv4 { .. } | SockInfo::Ipv6 { .. }, _) => Text::from(&b"<unknown>"[..]),
        _ => return None,
    })
}

/// Name of a unix socket: kernel addresses of both ends and the path.
pub(crate) fn unix_name(source: u64, destination: u64, path: &[u8]) -> Text {
    text(|out| {
        number::hex_small(source, out);
        out.extend_from_slice(b"->");
        number::hex_small(destination, out);
        out.push(b' ');
        out.extend_from_slice(path);
    })
}

/// Name of a socket bound or connected to this address.
pub(crate) fn addr_name(address: &SockAddr<'_>) -> Text {
    match *address {
        SockAddr::Inet(ip, port) => endpoint(ip, port),
        SockAddr::Inet6(ip, port) => endpoint(ip, port),
        SockAddr::Unix(path) => Text::from(path),
        SockAddr::Other(family) => other(family),
    }
}

/// Name of a socket with these ends.
pub(crate) fn socktuple_name(tuple: &SockTuple<'_>) -> Text {
    match tuple.unmapped() {
        SockTuple::Inet { sip, sport, dip, dport } => connection((sip, sport), (dip, dport)),
        SockTuple::Inet6 { sip, sport, dip, dport } => connection((sip, sport), (dip, dport)),
        SockTuple::Unix { source, destination, path } => unix_name(source, destination, path),
        SockTuple::Other(family) => other(family),
    }
}

fn other(family: u8) -> Text {
    text(|out| {
        out.extend_from_slice(b"family ");
        number::unsigned(family.into(), out);
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn v4(l4: L4Proto) -> SockInfo {
        let (sip, dip) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
        SockInfo::Ipv4 { sip, dip, sport: 43210, dport: 80, l4 }
    }

    fn v6(sip: &str, dip: &str, l4: L4Proto) -> SockInfo {
        let (sip, dip) = (sip.parse().unwrap(), dip.parse().unwrap());
        SockInfo::Ipv6 { sip, dip, sport: 1, dport: 2, l4 }
    }

    #[test]
    fn connections_are_named_after_family_and_protocol() {
        let cases = [
            (v4(L4Proto::Tcp), "10.0.0.1:43210->10.0.0.2:80"),
            (v4(L4Proto::Icmp), "10.0.0.1->10.0.0.2"),
            (v4(L4Proto::Unknown), "<unknown>"),
            (v6("::1", "fe80::2", L4Proto::Udp), "::1:1->fe80::2:2"),
            (v6("::ffff:1.2.3.4", "::", L4Proto::Tcp), "1.2.3.4:1->0.0.0.0:2"),
            (v6("::1", "::2", L4Proto::Icmp), "::1->::2"),
        ];
        for (sock, want) in cases {
            assert_eq!(String::from_utf8_lossy(&tuple_name(&sock).unwrap()), want);
        }
        assert_eq!(&*unix_name(0xabc, 0, b"/run/x"), b"abc->0 /run/x");
    }
}
