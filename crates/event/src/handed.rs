//! Fds that a process was given by another one, told in the recording itself: with a message
//! (`SCM_RIGHTS` of unix(7)), whose event has their numbers, and nothing of what they are; by
//! `pidfd_getfd`; or by who looks after its calls (seccomp).
//!
//! For each of them a notice, an asynchronous event of no plugin (id 0) that is named [`NOTICE`] and has
//! the id of the thread that was given it. If the call has an event, it stands in front of that. Its
//! data is
//!
//! - the version of this layout (one byte, 1; another one is not read);
//! - the fd and its inode (64 bits each), whether an exec closes it, and its kind ([`FdKind`]; a byte
//!   each);
//! - transport protocol (a byte), addresses of this end and of the other (16 bytes each, IPv4 in the
//!   first four), ports (16 bits each), and the numbers of both ends of a unix socket (64 bits each);
//! - open flags in the schema's numbering, and the device (32 bits each);
//! - its name behind its length in bytes (32 bits).
//!
//! What a kind has not is 0. All numbers are little endian.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::{
    notice::{Left, text},
    snapshot::{FdEntry, FdKind, FdTarget, L4Proto, MAX_PATH_BYTES},
};

/// Name of the notices.
pub const NOTICE: &str = "watchkeeper.handed";

const VERSION: u8 = 1;

/// What a notice tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handed<'a> {
    /// The fd, as the process that received it has it. Of a connection, this end is the source.
    pub fd: FdEntry<'a>,
    /// Whether an exec closes it.
    pub closes_on_exec: bool,
}

/// What an fd may have.
#[derive(Default)]
struct Facts<'a> {
    l4: L4Proto,
    addresses: [[u8; 16]; 2],
    ports: [u16; 2],
    ends: [u64; 2],
    open_flags: u32,
    dev: u32,
    name: &'a [u8],
}

impl<'a> Handed<'a> {
    /// Appends the data of a notice.
    pub fn write_notice(&self, out: &mut Vec<u8>) {
        let (kind, facts) = facts(&self.fd.target);
        out.push(VERSION);
        out.extend(self.fd.fd.to_le_bytes());
        out.extend(self.fd.ino.to_le_bytes());
        out.extend([u8::from(self.closes_on_exec), kind as u8, facts.l4 as u8]);
        out.extend(facts.addresses.as_flattened());
        out.extend(facts.ports.iter().flat_map(|port| port.to_le_bytes()));
        out.extend(facts.ends.iter().flat_map(|end| end.to_le_bytes()));
        out.extend(facts.open_flags.to_le_bytes());
        out.extend(facts.dev.to_le_bytes());
        text(facts.name, MAX_PATH_BYTES, out);
    }

    /// Reads the data of a notice; `None` if it is not whole, or of another version.
    pub fn read_notice(data: &'a [u8]) -> Option<Self> {
        let mut left = Left(data.strip_prefix(&[VERSION])?);
        let (fd, ino) = (i64::from_le_bytes(left.take()?), left.number()?);
        let [closes_on_exec, kind, l4] = left.take()?;
        let facts = Facts {
            l4: L4Proto::of_number(l4),
            addresses: [left.take()?, left.take()?],
            ports: [u16::from_le_bytes(left.take()?), u16::from_le_bytes(left.take()?)],
            ends: [left.number()?, left.number()?],
            open_flags: u32::from_le_bytes(left.take()?),
            dev: u32::from_le_bytes(left.take()?),
            name: left.text(MAX_PATH_BYTES)?,
        };
        let target = target(FdKind::of_number(kind)?, &facts);
        Some(Self { fd: FdEntry { fd, ino, target }, closes_on_exec: closes_on_exec != 0 })
    }
}

fn facts<'a>(target: &FdTarget<'a>) -> (FdKind, Facts<'a>) {
    let none = Facts::default();
    match *target {
        FdTarget::Ipv4 { sip, dip, sport, dport, l4 } => {
            let (addresses, ports) = ([v4(sip), v4(dip)], [sport, dport]);
            (FdKind::Ipv4Sock, Facts { l4, addresses, ports, ..none })
        }
        FdTarget::Ipv4Server { ip, port, l4 } => {
            let (addresses, ports) = ([v4(ip), [0; 16]], [port, 0]);
            (FdKind::Ipv4ServSock, Facts { l4, addresses, ports, ..none })
        }
        FdTarget::Ipv6 { sip, dip, sport, dport, l4 } => {
            let (addresses, ports) = ([sip.octets(), dip.octets()], [sport, dport]);
            (FdKind::Ipv6Sock, Facts { l4, addresses, ports, ..none })
        }
        FdTarget::Ipv6Server { ip, port, l4 } => {
            let (addresses, ports) = ([ip.octets(), [0; 16]], [port, 0]);
            (FdKind::Ipv6ServSock, Facts { l4, addresses, ports, ..none })
        }
        FdTarget::Unix { source, destination, name } => {
            (FdKind::UnixSock, Facts { ends: [source, destination], name, ..none })
        }
        FdTarget::File { open_flags, name, dev } => {
            (FdKind::FileV2, Facts { open_flags, dev, name, ..none })
        }
        FdTarget::Named(kind, name) => (kind, Facts { name, ..none }),
    }
}

fn v4(ip: Ipv4Addr) -> [u8; 16] {
    let mut wide = [0; 16];
    wide[..4].copy_from_slice(&ip.octets());
    wide
}

fn target<'a>(kind: FdKind, facts: &Facts<'a>) -> FdTarget<'a> {
    let Facts { l4, addresses, ports: [sport, dport], ends, open_flags, dev, name } = *facts;
    let [ip4, peer4] = addresses.map(|[a, b, c, d, ..]| Ipv4Addr::new(a, b, c, d));
    let [ip6, peer6] = addresses.map(Ipv6Addr::from);
    match kind {
        FdKind::Ipv4Sock => FdTarget::Ipv4 { sip: ip4, dip: peer4, sport, dport, l4 },
        FdKind::Ipv4ServSock => FdTarget::Ipv4Server { ip: ip4, port: sport, l4 },
        FdKind::Ipv6Sock => FdTarget::Ipv6 { sip: ip6, dip: peer6, sport, dport, l4 },
        FdKind::Ipv6ServSock => FdTarget::Ipv6Server { ip: ip6, port: sport, l4 },
        FdKind::UnixSock => FdTarget::Unix { source: ends[0], destination: ends[1], name },
        FdKind::FileV2 => FdTarget::File { open_flags, name, dev },
        kind => FdTarget::Named(kind, name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handed(target: FdTarget<'_>) -> Handed<'_> {
        Handed { fd: FdEntry { fd: 5, ino: 77, target }, closes_on_exec: true }
    }

    fn written(target: FdTarget<'_>) -> Vec<u8> {
        let mut data = Vec::new();
        handed(target).write_notice(&mut data);
        data
    }

    #[test]
    fn what_is_written_is_read() {
        let (ip4, peer4) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(1, 2, 3, 4));
        let (ip6, peer6) = (Ipv6Addr::LOCALHOST, Ipv6Addr::from([7; 16]));
        let (sport, dport, l4) = (4444, 443, L4Proto::Tcp);
        for target in [
            FdTarget::Ipv4 { sip: ip4, dip: peer4, sport, dport, l4 },
            FdTarget::Ipv6 { sip: ip6, dip: peer6, sport, dport, l4: L4Proto::Udp },
            FdTarget::Ipv4Server { ip: ip4, port: sport, l4 },
            FdTarget::Ipv6Server { ip: ip6, port: sport, l4 },
            FdTarget::Unix { source: 3, destination: 4, name: b"/run/it" },
            FdTarget::File { open_flags: 3, name: b"/etc/hosts", dev: 8 },
            FdTarget::Named(FdKind::Fifo, b"pipe:[9]"),
        ] {
            assert_eq!(Handed::read_notice(&written(target)), Some(handed(target)));
        }
    }

    #[test]
    fn what_is_damaged_is_not_read() {
        let mut data = written(FdTarget::Named(FdKind::Directory, b"/tmp"));
        for bytes in 0..data.len() {
            assert_eq!(Handed::read_notice(&data[..bytes]), None, "{bytes} bytes");
        }
        let mut odd = data.clone();
        odd[18] = 200;
        assert_eq!(Handed::read_notice(&odd), None, "a kind that is none");
        data[0] = 2;
        assert_eq!(Handed::read_notice(&data), None);
    }
}
