//! The machine's network interfaces: which addresses are its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use event::snapshot::Interface;

use crate::Text;

/// Most interface addresses that are remembered; machines have few, hostile captures many.
const MAX_ADDRESSES: usize = 4_096;

/// Addresses of the machine that was recorded, in the order of the recording.
#[derive(Clone, Debug, Default)]
pub struct Interfaces {
    v4: Vec<V4>,
    v6: Vec<V6>,
}

#[derive(Clone, Debug)]
struct V4 {
    name: Text,
    address: Ipv4Addr,
    netmask: Ipv4Addr,
    broadcast: Ipv4Addr,
    speed: u64,
}

#[derive(Clone, Debug)]
struct V6 {
    name: Text,
    address: Ipv6Addr,
    netmask: Ipv6Addr,
    broadcast: Ipv6Addr,
    speed: u64,
}

impl Interfaces {
    /// Takes in one address; those beyond a bound are ignored.
    pub fn add(&mut self, interface: &Interface<'_>) {
        match *interface {
            Interface::V4 { name, address, netmask, broadcast, speed }
                if self.v4.len() < MAX_ADDRESSES =>
            {
                self.v4.push(V4 { name: name.into(), address, netmask, broadcast, speed });
            }
            Interface::V6 { name, address, netmask, broadcast, speed }
                if self.v6.len() < MAX_ADDRESSES =>
            {
                self.v6.push(V6 { name: name.into(), address, netmask, broadcast, speed });
            }
            _ => {}
        }
    }

    /// Every address, as it was taken in.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Interface<'_>> {
        let v4 = self.v4.iter().map(|i| Interface::V4 {
            name: &i.name,
            address: i.address,
            netmask: i.netmask,
            broadcast: i.broadcast,
            speed: i.speed,
        });
        let v6 = self.v6.iter().map(|i| Interface::V6 {
            name: &i.name,
            address: i.address,
            netmask: i.netmask,
            broadcast: i.broadcast,
            speed: i.speed,
        });
        v4.chain(v6)
    }

    /// Whether the address belongs to an interface. Of an IPv6 address only the network (first 64
    /// bits) is compared.
    pub fn is_own(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.iter().any(|own| own.address == address),
            IpAddr::V6(address) => self.v6.iter().any(|own| same_network(own.address, address)),
        }
    }

    /// Whether an interface has exactly this address.
    pub fn has(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.iter().any(|own| own.address == address),
            IpAddr::V6(address) => self.v6.iter().any(|own| own.address == address),
        }
    }

    /// The own address that a connection with `peer` most likely has: `peer` itself if it is own,
    /// else one of the same network, else the first that is not loopback, else all zeros.
    pub fn infer_v4(&self, peer: Ipv4Addr) -> Ipv4Addr {
        let own = |test: &dyn Fn(&V4) -> bool| self.v4.iter().find(|i| test(i)).map(|i| i.address);
        own(&|i| i.address == peer)
            .or_else(|| own(&|i| i.address & i.netmask == peer & i.netmask))
            .or_else(|| own(&|i| i.address != Ipv4Addr::LOCALHOST))
            .unwrap_or(Ipv4Addr::UNSPECIFIED)
    }

    /// As [`Interfaces::infer_v4`]; networks are the first 64 bits.
    pub fn infer_v6(&self, peer: Ipv6Addr) -> Ipv6Addr {
        let own =
            |test: &dyn Fn(Ipv6Addr) -> bool| self.v6.iter().map(|i| i.address).find(|&i| test(i));
        own(&|i| i == peer)
            .or_else(|| own(&|i| same_network(i, peer)))
            .or_else(|| own(&|i| i != Ipv6Addr::LOCALHOST))
            .unwrap_or(Ipv6Addr::UNSPECIFIED)
    }
}

fn same_network(a: Ipv6Addr, b: Ipv6Addr) -> bool {
    a.octets()[..8] == b.octets()[..8]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(address: [u8; 4], netmask: [u8; 4]) -> Interface<'static> {
        let (address, netmask) = (address.into(), netmask.into());
        Interface::V4 { name: b"eth0", address, netmask, broadcast: Ipv4Addr::BROADCAST, speed: 0 }
    }

    fn v6(address: &str) -> Interface<'static> {
        let any = Ipv6Addr::UNSPECIFIED;
        let address = address.parse().unwrap();
        Interface::V6 { name: b"eth0", address, netmask: any, broadcast: any, speed: 0 }
    }

    fn machine() -> Interfaces {
        let mut interfaces = Interfaces::default();
        for interface in [
            v4([127, 0, 0, 1], [255, 0, 0, 0]),
            v4([10, 0, 2, 15], [255, 255, 255, 0]),
            v4([172, 17, 0, 1], [255, 255, 0, 0]),
            v6("::1"),
            v6("fe80::1"),
        ] {
            interfaces.add(&interface);
        }
        interfaces
    }

    #[test]
    fn own_addresses_are_known() {
        for (address, own) in [
            ("10.0.2.15", true),
            ("127.0.0.1", true),
            ("10.0.2.16", false),
            ("fe80::1234", true),
            ("::2", true),
            ("2001:db8::1", false),
        ] {
            assert_eq!(machine().is_own(address.parse().unwrap()), own, "{address}");
        }
        let exactly =
            ["10.0.2.15", "fe80::1", "fe80::1234"].map(|a| machine().has(a.parse().unwrap()));
        assert_eq!(exactly, [true, true, false]);
    }

    #[test]
    fn an_unknown_end_is_inferred_from_the_peer() {
        for (peer, expected) in [
            ("127.0.0.1", "127.0.0.1"),
            ("172.17.3.4", "172.17.0.1"),
            ("127.0.1.1", "127.0.0.1"),
            ("8.8.8.8", "10.0.2.15"),
        ] {
            let inferred = machine().infer_v4(peer.parse().unwrap());
            assert_eq!(inferred.to_string(), expected, "{peer}");
        }
        for (peer, expected) in [("fe80::9", "fe80::1"), ("2001:db8::1", "fe80::1"), ("::1", "::1")]
        {
            let inferred = machine().infer_v6(peer.parse().unwrap());
            assert_eq!(inferred.to_string(), expected, "{peer}");
        }
        assert_eq!(Interfaces::default().infer_v4(Ipv4Addr::LOCALHOST), Ipv4Addr::UNSPECIFIED);
    }
}
