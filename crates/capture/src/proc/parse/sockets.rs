//! The tables in `/proc/PID/net`.

use std::net::{Ipv4Addr, Ipv6Addr};

use event::snapshot::{FdKind, FdTarget, L4Proto};

use super::text::{fields, split_once, unsigned};

/// Kind of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketTable {
    /// `tcp`, `udp`, `udplite`, `raw`, `icmp`.
    Ipv4(L4Proto),
    /// The same of IPv6.
    Ipv6(L4Proto),
    /// `unix`.
    Unix,
    /// `netlink`.
    Netlink,
}

/// A socket of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Socket<'a> {
    /// Its inode.
    pub ino: u64,
    /// What its fds refer to.
    pub target: FdTarget<'a>,
}

/// The socket that a line tells of; `None` for the heading, for a socket that no process has any
/// more, and for what cannot be read.
///
/// Names of unix sockets are bytes that their owners chose, newlines among them, so that a line of
/// that table may be part of a name. Such a line can't be told from a real one; but a real one for
/// the same inode stands in the table as well.
pub fn socket(table: SocketTable, line: &[u8]) -> Option<Socket<'_>> {
    let socket = match table {
        SocketTable::Ipv4(l4) => ipv4(l4, line)?,
        SocketTable::Ipv6(l4) => ipv6(l4, line)?,
        SocketTable::Unix => unix(line)?,
        SocketTable::Netlink => netlink(line)?,
    };
    (socket.ino != 0).then_some(socket)
}

/// A socket with this end and the other. Without a peer it is bound or listens, as the field's other tools
/// have it.
pub(crate) fn of_ipv4(
    local: (Ipv4Addr, u16),
    peer: (Ipv4Addr, u16),
    l4: L4Proto,
) -> FdTarget<'static> {
    let ((sip, sport), (dip, dport)) = (local, peer);
    if dip.is_unspecified() {
        FdTarget::Ipv4Server { ip: sip, port: sport, l4 }
    } else {
        FdTarget::Ipv4 { sip, dip, sport, dport, l4 }
    }
}

/// The same of an IPv6 socket.
pub(crate) fn of_ipv6(
    local: (Ipv6Addr, u16),
    peer: (Ipv6Addr, u16),
    l4: L4Proto,
) -> FdTarget<'static> {
    let ((sip, sport), (dip, dport)) = (local, peer);
    if dip.is_unspecified() {
        FdTarget::Ipv6Server { ip: sip, port: sport, l4 }
    } else {
        FdTarget::Ipv6 { sip, dip, sport, dport, l4 }
    }
}

fn ipv4(l4: L4Proto, line: &[u8]) -> Option<Socket<'static>> {
    let (local, remote, ino) = internet(line)?;
    let address = |hex: &[u8]| Some(Ipv4Addr::from(word(hex)?));
    let end = |(ip, number): End<'_>| Some((address(ip)?, port(number)?));
    Some(Socket { ino, target: of_ipv4(end(local)?, end(remote)?, l4) })
}

fn ipv6(l4: L4Proto, line: &[u8]) -> Option<Socket<'static>> {
    let (local, remote, ino) = internet(line)?;
    let end = |(ip, number): End<'_>| Some((words(ip)?, port(number)?));
    Some(Socket { ino, target: of_ipv6(end(local)?, end(remote)?, l4) })
}

type End<'a> = (&'a [u8], &'a [u8]);

/// Number, local and remote end, state, queues, timer, retransmits, user, timeout, inode.
fn internet(line: &[u8]) -> Option<(End<'_>, End<'_>, u64)> {
    let mut fields = fields(line);
    fields.next()?.strip_suffix(b":")?;
    let local = split_once(fields.next()?, b':')?;
    let remote = split_once(fields.next()?, b':')?;
    Some((local, remote, unsigned(fields.nth(6)?, 10)?))
}

/// Four bytes as the machine's number for them: the kernel prints addresses so.
fn word(hex: &[u8]) -> Option<[u8; 4]> {
    let number = unsigned(hex, 16).filter(|_| hex.len() == 8)?;
    Some(u32::try_from(number).ok()?.to_ne_bytes())
}

fn words(hex: &[u8]) -> Option<Ipv6Addr> {
    let mut bytes = [0; 16];
    if hex.len() != 32 {
        return None;
    }
    for (place, hex) in bytes.chunks_exact_mut(4).zip(hex.chunks_exact(8)) {
        place.copy_from_slice(&word(hex)?);
    }
    Some(bytes.into())
}

fn port(hex: &[u8]) -> Option<u16> {
    u16::try_from(unsigned(hex, 16)?).ok()
}

/// Address in the kernel, uses, protocol, flags, type, state, inode, name: whatever stands behind
/// one blank, blanks among it.
fn unix(line: &[u8]) -> Option<Socket<'_>> {
    let (address, mut rest) = split_once(line, b':')?;
    let source = unsigned(address, 16)?;
    let mut ino = &[][..];
    for _ in 0..6 {
        rest = rest.trim_ascii_start();
        let end = rest.iter().position(|&byte| byte == b' ').unwrap_or(rest.len());
        (ino, rest) = rest.split_at_checked(end)?;
    }
    let name = rest.strip_prefix(b" ").unwrap_or_default();
    let target = FdTarget::Unix { source, destination: 0, name };
    Some(Socket { ino: unsigned(ino, 10)?, target })
}

/// Address, protocol, port, groups, three counters, drops, inode.
fn netlink(line: &[u8]) -> Option<Socket<'static>> {
    let mut fields = fields(line);
    unsigned(fields.next()?, 16)?;
    let ino = unsigned(fields.nth(8)?, 10)?;
    Some(Socket { ino, target: FdTarget::Named(FdKind::Netlink, b"") })
}
