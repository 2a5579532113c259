//! One open file descriptor.

use event::snapshot::{FdKind, L4Proto};

use crate::{SockInfo, Text};

bitflags::bitflags! {
    /// What was learned of an fd.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct FdFlags: u32 {
        /// Was open before the recording.
        const FROM_PROC = 1 << 0;
        /// This end began the connection.
        const ROLE_CLIENT = 1 << 2;
        /// This end accepted the connection.
        const ROLE_SERVER = 1 << 3;
        /// A socket pair used as a pipe.
        const SOCKET_PIPE = 1 << 6;
        /// A connection was made.
        const CONNECTED = 1 << 13;
        /// Inherited or duplicated.
        const CLONED = 1 << 14;
        /// A connection is being made.
        const CONNECTION_PENDING = 1 << 15;
        /// A connection failed.
        const CONNECTION_FAILED = 1 << 16;
        /// On the upper layer of an overlay.
        const OVERLAY_UPPER = 1 << 17;
        /// On the lower layer of an overlay.
        const OVERLAY_LOWER = 1 << 18;
    }
}

/// `O_CLOEXEC` in the schema's numbering.
pub(crate) const O_CLOEXEC: u32 = 1 << 12;
/// `EPOLL_CLOEXEC` and `MFD_CLOEXEC` in the schema's numbering.
const KIND_CLOEXEC: u32 = 1;

/// One open file descriptor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fd {
    /// Number.
    pub num: i64,
    /// What it refers to.
    pub kind: FdKind,
    /// Name: path, or `source->destination` of a socket.
    pub name: Text,
    /// Name before the event at hand.
    pub old_name: Text,
    /// Path as the process gave it.
    pub name_raw: Text,
    /// Open flags in the schema's numbering.
    pub open_flags: u32,
    /// Addresses.
    pub sock: SockInfo,
    /// What was learned of it.
    pub flags: FdFlags,
    /// Device number.
    pub dev: u32,
    /// Mount id.
    pub mount_id: u32,
    /// Inode.
    pub ino: u64,
    /// Process that a pidfd refers to; 0: none.
    pub pid: i64,
    /// Protocols that it had as IPv4 and as IPv6 socket before it became what it is.
    pub kept_l4: [L4Proto; 2],
}

impl Fd {
    /// An fd of this kind, of which nothing else is known yet.
    pub(crate) fn of_kind(kind: FdKind) -> Self {
        Self::named(kind, Text::default(), Text::default())
    }

    /// An fd with these names, see [`Fd::name`] and [`Fd::name_raw`]. Nothing is made only to be
    /// replaced: opening is what happens most.
    pub(crate) fn named(kind: FdKind, name: Text, name_raw: Text) -> Self {
        Self {
            num: 0,
            kind,
            name,
            old_name: Text::default(),
            name_raw,
            open_flags: 0,
            sock: SockInfo::default(),
            flags: FdFlags::default(),
            dev: 0,
            mount_id: 0,
            ino: 0,
            pid: 0,
            kept_l4: [L4Proto::default(); 2],
        }
    }

    /// How many fds with short names take as much memory.
    pub(crate) fn weight(&self) -> usize {
        const SHORT: usize = 256;
        1 + (self.name.len() + self.old_name.len() + self.name_raw.len()) / SHORT
    }

    /// Whether the name changed with the event at hand.
    pub fn name_changed(&self) -> bool {
        self.name != self.old_name
    }

    /// An IPv4 socket known to be TCP.
    pub(crate) fn is_tcp(&self) -> bool {
        matches!(self.sock, SockInfo::Ipv4 { l4: L4Proto::Tcp, .. })
    }

    /// An IPv4 socket known to be UDP.
    pub(crate) fn is_udp(&self) -> bool {
        matches!(self.sock, SockInfo::Ipv4 { l4: L4Proto::Udp, .. })
    }

    /// A connected (not a listening) IP socket.
    pub(crate) fn is_ip_sock(&self) -> bool {
        matches!(self.kind, FdKind::Ipv4Sock | FdKind::Ipv6Sock)
    }

    /// Neither client nor server so far.
    pub fn has_no_role(&self) -> bool {
        !self.flags.intersects(FdFlags::ROLE_CLIENT | FdFlags::ROLE_SERVER)
    }

    /// Whether an exec closes it.
    pub(crate) fn close_on_exec(&self) -> bool {
        let kind_bit = matches!(self.kind, FdKind::EventPoll | FdKind::Memfd);
        self.open_flags & O_CLOEXEC != 0 || (kind_bit && self.open_flags & KIND_CLOEXEC != 0)
    }

    /// Forgets that an exec closes it. The bit that only two kinds use goes with every kind, as in
    /// the field's other tools.
    pub(crate) fn clear_close_on_exec(&mut self) {
        self.open_flags &= !(O_CLOEXEC | KIND_CLOEXEC);
    }

    /// Makes it another kind of socket, whose addresses are not known yet.
    pub(crate) fn set_sock_kind(&mut self, kind: FdKind) {
        if self.kind != kind {
            let l4 = self.l4_as(kind);
            let mut sock = SockInfo::empty(kind);
            sock.set_l4(l4);
            self.set_sock(kind, sock);
        }
    }

    /// Makes it this socket.
    pub(crate) fn set_sock(&mut self, kind: FdKind, sock: SockInfo) {
        self.kept_l4 = [FdKind::Ipv4Sock, FdKind::Ipv6Sock].map(|kind| self.l4_as(kind));
        (self.kind, self.sock) = (kind, sock);
    }

    /// The protocol that it has when it is taken for this kind. An IPv6 socket that speaks IPv4
    /// (by mapped addresses) keeps its own; and what it had as IPv6 socket comes back when it
    /// speaks IPv6 again.
    pub(crate) fn l4_as(&self, kind: FdKind) -> L4Proto {
        let [v4, v6] = self.kept_l4;
        match (kind, self.sock) {
            (FdKind::Ipv4Sock, SockInfo::Ipv4 { l4, .. }) => l4,
            (FdKind::Ipv6Sock, SockInfo::Ipv6 { l4, .. }) => l4,
            (FdKind::Ipv4Sock, SockInfo::Ipv6 { l4, .. } | SockInfo::Ipv6Server { l4, .. }) => l4,
            (FdKind::Ipv4Sock, _) => v4,
            (FdKind::Ipv6Sock, _) => v6,
            _ => L4Proto::Unknown,
        }
    }

    /// A connection was made (or is assumed, as data flows).
    pub(crate) fn set_connected(&mut self) {
        self.flags -= FdFlags::CONNECTION_PENDING | FdFlags::CONNECTION_FAILED;
        self.flags |= FdFlags::CONNECTED;
    }

    /// Whether [`Fd::set_connected`] would change nothing.
    pub(crate) fn is_just_connected(&self) -> bool {
        let mask = FdFlags::CONNECTED | FdFlags::CONNECTION_PENDING | FdFlags::CONNECTION_FAILED;
        self.flags & mask == FdFlags::CONNECTED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_on_exec_depends_on_the_kind() {
        let cases = [
            (FdKind::FileV2, 0, false),
            (FdKind::FileV2, O_CLOEXEC, true),
            (FdKind::FileV2, 1, false),
            (FdKind::EventPoll, 1, true),
            (FdKind::Memfd, 1, true),
        ];
        for (kind, open_flags, want) in cases {
            let mut fd = Fd { open_flags, ..Fd::of_kind(kind) };
            assert_eq!(fd.close_on_exec(), want, "{kind:?} {open_flags:#x}");
            fd.clear_close_on_exec();
            assert!(!fd.close_on_exec());
        }
    }
}
