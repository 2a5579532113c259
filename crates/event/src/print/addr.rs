//! Socket addresses and connections.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{number, sink::Sink};
use crate::decode::{Broken, SockAddr, SockTuple, family};

/// Appends an IPv4 address.
pub fn ipv4(ip: Ipv4Addr, out: &mut Vec<u8>) {
    for (index, byte) in ip.octets().into_iter().enumerate() {
        if index > 0 {
            out.push(b'.');
        }
        number::unsigned(byte.into(), out);
    }
}

/// Appends an IPv6 address as the C library writes it: the longest run of zero groups shortened
/// (the first of several, and only runs of two or more), and the last two groups as IPv4 in the
/// mapped and the compatible form.
pub fn ipv6(ip: Ipv6Addr, out: &mut Vec<u8>) {
    let groups = ip.segments();
    let (zeros, length) = longest_zeros(&groups);
    let dotted = zeros == 0 && (length == 6 || (length == 5 && groups[5] == 0xffff));
    let last = if dotted { 6 } else { 8 };
    let mut at = 0;
    while at < last {
        if length > 1 && at == zeros {
            out.extend_from_slice(if at == 0 { b"::" } else { b":" });
            at += length;
            continue;
        }
        number::hex_small(groups[at].into(), out);
        at += 1;
        if at < last || dotted {
            out.push(b':');
        }
    }
    if dotted {
        let [.., a, b, c, d] = ip.octets();
        ipv4(Ipv4Addr::new(a, b, c, d), out);
    }
}

/// Where the longest run of zero groups begins, and its length.
fn longest_zeros(groups: &[u16; 8]) -> (usize, usize) {
    let mut best = (0, 0);
    let mut begin = 0;
    for (at, &group) in groups.iter().enumerate() {
        if group != 0 {
            begin = at + 1;
        } else if at + 1 - begin > best.1 {
            best = (begin, at + 1 - begin);
        }
    }
    best
}

/// Appends an address of either family.
pub fn ip(ip: IpAddr, out: &mut Vec<u8>) {
    match ip {
        IpAddr::V4(ip) => ipv4(ip, out),
        IpAddr::V6(ip) => ipv6(ip, out),
    }
}

/// Appends `address:port`.
pub fn endpoint(address: impl Into<IpAddr>, port: u16, out: &mut Vec<u8>) {
    ip(address.into(), out);
    out.push(b':');
    number::unsigned(port.into(), out);
}

/// Appends `address:port->address:port`.
pub fn connection(from: (IpAddr, u16), to: (IpAddr, u16), out: &mut Vec<u8>) {
    endpoint(from.0, from.1, out);
    out.extend_from_slice(b"->");
    endpoint(to.0, to.1, out);
}

pub(super) fn print_addr(bytes: &[u8], out: &mut Sink<'_>) {
    match SockAddr::parse(bytes) {
        Ok(SockAddr::Inet(ip, port)) => endpoint(ip, port, out.buffer()),
        Ok(SockAddr::Inet6(ip, port)) => endpoint(ip, port, out.buffer()),
        Ok(SockAddr::Unix(path)) => out.value(path),
        Ok(SockAddr::Other(family)) => other(family, out),
        Err(broken) => out.value(invalid(broken)),
    }
}

pub(super) fn print_tuple(bytes: &[u8], out: &mut Sink<'_>) {
    match SockTuple::parse(bytes).map(SockTuple::unmapped) {
        Ok(SockTuple::Inet { sip, sport, dip, dport }) => {
            connection((sip.into(), sport), (dip.into(), dport), out.buffer());
        }
        Ok(SockTuple::Inet6 { sip, sport, dip, dport }) => {
            connection((sip.into(), sport), (dip.into(), dport), out.buffer());
        }
        Ok(SockTuple::Unix { source, destination, path }) => {
            number::hex_small(source, out.buffer());
            out.value(b"->");
            number::hex_small(destination, out.buffer());
            out.value(b" ");
            out.value(path);
        }
        Ok(SockTuple::Other(family)) => other(family, out),
        Err(broken) => out.value(invalid(broken)),
    }
}

fn other(family: u8, out: &mut Sink<'_>) {
    out.value(b"family ");
    number::unsigned(family.into(), out.buffer());
}

fn invalid(broken: Broken) -> &'static [u8] {
    match broken {
        Broken::Null => super::NULL,
        Broken::Short(family::UNIX) => b"INVALID PATH",
        Broken::Short(family::INET) => b"INVALID IPv4",
        Broken::Short(_) => b"INVALID IPv6",
    }
}

/// A bare address, of the family that its length says.
pub(super) fn print_ip(bytes: &[u8], out: &mut Sink<'_>) -> bool {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        ipv4(four.into(), out.buffer());
    } else if let Ok(sixteen) = <[u8; 16]>::try_from(bytes) {
        ipv6(sixteen.into(), out.buffer());
    } else {
        return false;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_addresses_print_as_the_c_library_writes_them() {
        let cases = [
            ("::", "::"),
            ("::1", "::1"),
            ("1::", "1::"),
            ("fe80::1", "fe80::1"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),
            ("::1.2.3.4", "::1.2.3.4"),
            ("::1:2:3", "::1:2:3"),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"),
        ];
        for (ip, text) in cases {
            let mut out = Vec::new();
            ipv6(ip.parse().expect("an address"), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), text, "{ip}");
        }
    }
}
