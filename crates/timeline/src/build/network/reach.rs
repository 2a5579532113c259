//! How far away the other end of a connection is.

use std::net::IpAddr;

use state::Context;

use crate::model::{Endpoint, Protocol, Reach};

/// How far away the other end is, for the thread of the event.
pub(crate) fn of(context: &Context<'_>, protocol: Protocol, remote: Option<Endpoint>) -> Reach {
    match remote {
        None if protocol == Protocol::Unix => Reach::Machine,
        None => Reach::Unknown,
        Some(remote) if is_own(context, remote.ip) => Reach::Machine,
        Some(remote) if is_private(remote.ip) => Reach::Private,
        Some(_) => Reach::Outside,
    }
}

/// An address of this machine, or of the container that the thread is in. The unspecified address
/// stands for it too.
fn is_own(context: &Context<'_>, ip: IpAddr) -> bool {
    ip.is_loopback()
        || ip.is_unspecified()
        || context.state.has_address(ip)
        || (ip.is_ipv4() && context.thread.is_some_and(|t| context.state.is_own_address(t, ip)))
}

/// Private, shared, link-local and multicast networks. The networks that documents use for examples
/// are as good as any outside.
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let is_shared = a == 100 && b & 0xc0 == 64;
            ip.is_private()
                || ip.is_link_local()
                || ip.is_broadcast()
                || ip.is_multicast()
                || is_shared
        }
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_multicast(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_networks_are_told_from_the_outside() {
        let cases = [
            ("10.1.2.3", true),
            ("172.31.0.1", true),
            ("172.32.0.1", false),
            ("192.168.0.9", true),
            ("169.254.169.254", true),
            ("100.64.0.1", true),
            ("100.128.0.1", false),
            ("224.0.0.251", true),
            ("203.0.113.9", false),
            ("8.8.8.8", false),
            ("fd00::1", true),
            ("fe80::1", true),
            ("ff02::1", true),
            ("2001:db8::1", false),
        ];
        for (ip, private) in cases {
            assert_eq!(is_private(ip.parse().unwrap()), private, "{ip}");
        }
    }
}
