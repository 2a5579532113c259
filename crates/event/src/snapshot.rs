//! What stood before the first event: the machine, its threads and their fds, users and network
//! interfaces. Capture files begin with it; live sources read it from the kernel.
//!
//! Entries are borrowed from the source's buffer; names and paths are bytes, as the kernel has
//! them. Lists of strings (`args`, `env`, `cgroups`) are the strings with a NUL after each.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::Event;

/// Longest path or name of an entry that other readers of the format take; they refuse a whole file
/// for a longer one.
pub const MAX_PATH_BYTES: usize = 1023;
/// The same for a list of strings: arguments, environments, control groups.
pub const MAX_LIST_BYTES: usize = 4096;
/// The same for what is told of users and groups.
pub const MAX_ACCOUNT_BYTES: usize = 255;

/// What a source hands on, in order: the snapshot's entries, then events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "borrowed, handed on one at a time, never stored")]
pub enum Record<'a> {
    /// Another recording begins (captures joined to one file): what was known no longer holds.
    /// Not handed on before the first recording.
    Section,
    /// The machine that was recorded.
    Machine(Machine<'a>),
    /// A thread that was alive.
    Thread(ThreadEntry<'a>),
    /// An open fd of the process that `tid` leads.
    Fd(i64, FdEntry<'a>),
    /// A network interface.
    Interface(Interface<'a>),
    /// A user.
    User(User<'a>),
    /// A group.
    Group(Group<'a>),
    /// Something happened.
    Event(Event<'a>),
}

/// The machine that was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machine<'a> {
    /// Number of CPUs.
    pub cpus: u32,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// Highest pid that the kernel hands out.
    pub max_pid: u64,
    /// Host name.
    pub hostname: &'a [u8],
    /// Time of boot, ns since the epoch; 0 if unknown.
    pub boot_ts_ns: u64,
    /// Flags of the recorder, as written.
    pub flags: u64,
}

/// A thread that was alive when the recording began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThreadEntry<'a> {
    /// Thread id on the host.
    pub tid: i64,
    /// Process id on the host.
    pub pid: i64,
    /// Parent's thread id on the host.
    pub ptid: i64,
    /// Session id.
    pub sid: i64,
    /// Process group id in the innermost pid namespace; -1 if not recorded.
    pub vpgid: i64,
    /// Process group id on the host; -1 if not recorded.
    pub pgid: i64,
    /// Thread id in the innermost pid namespace; -1 if not recorded.
    pub vtid: i64,
    /// Process id in the innermost pid namespace; -1 if not recorded.
    pub vpid: i64,
    /// Command name.
    pub comm: &'a [u8],
    /// First argument.
    pub exe: &'a [u8],
    /// Path of the executable.
    pub exepath: &'a [u8],
    /// Arguments after the first.
    pub args: &'a [u8],
    /// Working directory.
    pub cwd: &'a [u8],
    /// Root directory.
    pub root: &'a [u8],
    /// Environment.
    pub env: &'a [u8],
    /// Control groups, `subsystem=path` each.
    pub cgroups: &'a [u8],
    /// Most fds that the process may open.
    pub fd_limit: i64,
    /// `PPM_CL_*` bits.
    pub flags: u32,
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Virtual memory in KiB.
    pub vmsize_kb: u32,
    /// Resident memory in KiB.
    pub vmrss_kb: u32,
    /// Swapped memory in KiB.
    pub vmswap_kb: u32,
    /// Major page faults.
    pub pfmajor: u64,
    /// Minor page faults.
    pub pfminor: u64,
    /// When the pid namespace's first process began, ns since the epoch.
    pub pidns_init_start_ts_ns: u64,
    /// Controlling terminal's device number; 0: none.
    pub tty: u32,
    /// User who logged in; all ones: none, or not recorded.
    pub loginuid: u32,
    /// Whether the executable may be written by its user.
    pub exe_writable: bool,
    /// Whether the executable is on the upper layer of an overlay.
    pub exe_upper_layer: bool,
    /// Whether the executable is on the lower layer of an overlay.
    pub exe_lower_layer: bool,
    /// Whether the executable is a memfd.
    pub exe_from_memfd: bool,
    /// Inheritable capabilities.
    pub cap_inheritable: u64,
    /// Permitted capabilities.
    pub cap_permitted: u64,
    /// Effective capabilities.
    pub cap_effective: u64,
    /// Inode of the executable.
    pub exe_ino: u64,
    /// When the executable's inode changed, ns since the epoch.
    pub exe_ino_ctime_ns: u64,
    /// When the executable was written, ns since the epoch.
    pub exe_ino_mtime_ns: u64,
}

/// An open file descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FdEntry<'a> {
    /// Its number.
    pub fd: i64,
    /// Inode.
    pub ino: u64,
    /// What it refers to.
    pub target: FdTarget<'a>,
}

/// What an fd refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FdTarget<'a> {
    /// A connected IPv4 socket.
    Ipv4 {
        /// Source address.
        sip: Ipv4Addr,
        /// Destination address.
        dip: Ipv4Addr,
        /// Source port.
        sport: u16,
        /// Destination port.
        dport: u16,
        /// Transport protocol.
        l4: L4Proto,
    },
    /// A listening or bound IPv4 socket.
    Ipv4Server {
        /// Address.
        ip: Ipv4Addr,
        /// Port.
        port: u16,
        /// Transport protocol.
        l4: L4Proto,
    },
    /// A connected IPv6 socket.
    Ipv6 {
        /// Source address.
        sip: Ipv6Addr,
        /// Destination address.
        dip: Ipv6Addr,
        /// Source port.
        sport: u16,
        /// Destination port.
        dport: u16,
        /// Transport protocol.
        l4: L4Proto,
    },
    /// A listening or bound IPv6 socket.
    Ipv6Server {
        /// Address.
        ip: Ipv6Addr,
        /// Port.
        port: u16,
        /// Transport protocol.
        l4: L4Proto,
    },
    /// A unix socket.
    Unix {
        /// Kernel address of this end.
        source: u64,
        /// Kernel address of the peer.
        destination: u64,
        /// Path.
        name: &'a [u8],
    },
    /// A regular file, with its flags.
    File {
        /// Open flags in the schema's numbering.
        open_flags: u32,
        /// Path.
        name: &'a [u8],
        /// Device number; 0 if not recorded.
        dev: u32,
    },
    /// Anything else: its kind and name.
    Named(FdKind, &'a [u8]),
}

/// Kind of an fd (`SCAP_FD_*` of the format).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names say it")]
pub enum FdKind {
    #[default]
    Unknown = 0,
    File = 1,
    Directory = 2,
    Ipv4Sock = 3,
    Ipv6Sock = 4,
    Ipv4ServSock = 5,
    Ipv6ServSock = 6,
    Fifo = 7,
    UnixSock = 8,
    Event = 9,
    Unsupported = 10,
    SignalFd = 11,
    EventPoll = 12,
    Inotify = 13,
    TimerFd = 14,
    Netlink = 15,
    FileV2 = 16,
    Bpf = 17,
    UserFaultFd = 18,
    IoUring = 19,
    Memfd = 20,
    PidFd = 21,
    /// Nothing: the call that should have opened it failed. Not in a recording.
    Nothing = 255,
}

impl FdKind {
    /// The kinds that the format has, at their numbers.
    const NUMBERED: [Self; 22] = [
        Self::Unknown,
        Self::File,
        Self::Directory,
        Self::Ipv4Sock,
        Self::Ipv6Sock,
        Self::Ipv4ServSock,
        Self::Ipv6ServSock,
        Self::Fifo,
        Self::UnixSock,
        Self::Event,
        Self::Unsupported,
        Self::SignalFd,
        Self::EventPoll,
        Self::Inotify,
        Self::TimerFd,
        Self::Netlink,
        Self::FileV2,
        Self::Bpf,
        Self::UserFaultFd,
        Self::IoUring,
        Self::Memfd,
        Self::PidFd,
    ];

    /// The kind with this number in the format.
    pub fn of_number(number: u8) -> Option<Self> {
        Self::NUMBERED.get(usize::from(number)).copied()
    }
}

/// Transport protocol of a socket, in the format's numbering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names say it")]
pub enum L4Proto {
    #[default]
    Unknown = 0,
    Tcp = 2,
    Udp = 3,
    Icmp = 4,
    Raw = 5,
}

impl L4Proto {
    /// The protocol with this number in the format; [`L4Proto::Unknown`] for 1, which stands for
    /// *none*, and for numbers that the format does not have.
    pub const fn of_number(number: u8) -> Self {
        match number {
            2 => Self::Tcp,
            3 => Self::Udp,
            4 => Self::Icmp,
            5 => Self::Raw,
            _ => Self::Unknown,
        }
    }
}

/// A network interface's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface<'a> {
    /// IPv4.
    V4 {
        /// Interface name.
        name: &'a [u8],
        /// Address.
        address: Ipv4Addr,
        /// Netmask.
        netmask: Ipv4Addr,
        /// Broadcast address.
        broadcast: Ipv4Addr,
        /// Link speed, as recorded.
        speed: u64,
    },
    /// IPv6.
    V6 {
        /// Interface name.
        name: &'a [u8],
        /// Address.
        address: Ipv6Addr,
        /// Netmask.
        netmask: Ipv6Addr,
        /// Broadcast address.
        broadcast: Ipv6Addr,
        /// Link speed, as recorded.
        speed: u64,
    },
}

/// A user of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User<'a> {
    /// User id.
    pub uid: u32,
    /// Its main group.
    pub gid: u32,
    /// Name.
    pub name: &'a [u8],
    /// Home directory.
    pub home: &'a [u8],
    /// Login shell.
    pub shell: &'a [u8],
}

/// A group of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group<'a> {
    /// Group id.
    pub gid: u32,
    /// Name.
    pub name: &'a [u8],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_at_their_numbers() {
        for (number, kind) in FdKind::NUMBERED.iter().enumerate() {
            assert_eq!(*kind as usize, number);
        }
    }
}
