//! Open file descriptors.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, Ipv6Addr},
};

use event::snapshot::{FdKind, L4Proto};

use crate::thread::Text;

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

/// One open file descriptor.
#[derive(Clone, Debug, Default)]
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
}

/// Open fds by number.
pub type FdTable = HashMap<i64, Fd>;
