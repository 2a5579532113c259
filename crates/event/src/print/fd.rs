//! File descriptors and lists of them.

use super::{Names, code, names::FdName, number, path::AT_FDCWD, sink::Sink};
use crate::{
    decode::FdList,
    snapshot::{FdKind, L4Proto},
};

impl FdKind {
    /// The letter that stands for it in printed fds (`fd.typechar`).
    pub const fn letter(self) -> char {
        match self {
            Self::Unknown => 'o',
            Self::File | Self::FileV2 => 'f',
            Self::Directory => 'd',
            Self::Ipv4Sock | Self::Ipv4ServSock => '4',
            Self::Ipv6Sock | Self::Ipv6ServSock => '6',
            Self::Fifo => 'p',
            Self::UnixSock | Self::UserFaultFd => 'u',
            Self::Event => 'e',
            Self::Unsupported => 'X',
            Self::SignalFd => 's',
            Self::EventPoll => 'l',
            Self::Inotify => 'i',
            Self::TimerFd => 't',
            Self::Netlink => 'n',
            Self::Bpf => 'b',
            Self::IoUring => 'r',
            Self::Memfd => 'm',
            Self::PidFd => 'P',
            Self::Nothing => '?',
        }
    }

    /// Whether it is an IPv4 or IPv6 socket.
    pub const fn is_ip(self) -> bool {
        matches!(self, Self::Ipv4Sock | Self::Ipv4ServSock | Self::Ipv6Sock | Self::Ipv6ServSock)
    }
}

/// The letter of a transport protocol, if it has one.
const fn l4_letter(l4: L4Proto) -> Option<u8> {
    match l4 {
        L4Proto::Unknown => None,
        L4Proto::Tcp => Some(b't'),
        L4Proto::Udp => Some(b'u'),
        L4Proto::Icmp => Some(b'i'),
        L4Proto::Raw => Some(b'r'),
    }
}

/// The fd and what it refers to: `3(<f>/etc/passwd)`. A negative one is an error number, or the
/// working directory.
pub(super) fn print(fd: Option<i64>, names: &impl Names, out: &mut Sink<'_>) -> bool {
    let Some(fd) = fd else {
        return false;
    };
    number::decimal(fd, out.buffer());
    if !names.has_thread() {
        return true;
    }
    out.meaning(|out| match fd {
        0.. => {
            if let Some(known) = names.fd(fd) {
                describe(&known, out);
            }
        }
        AT_FDCWD => out.extend_from_slice(b"AT_FDCWD"),
        _ => code::write_errno(fd, out),
    });
    true
}

fn describe(fd: &FdName<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(&[b'<', fd.kind.letter() as u8]);
    out.extend(l4_letter(fd.l4).filter(|_| fd.kind.is_ip()));
    out.push(b'>');
    out.extend_from_slice(fd.name);
}

/// Each fd with its letter (`?` if it is not known) and its flags: `3:41 5:?1`.
pub(super) fn print_list(bytes: &[u8], names: &impl Names, out: &mut Sink<'_>) -> bool {
    let Some(list) = FdList::parse(bytes) else {
        return false;
    };
    for (index, entry) in list.iter().enumerate() {
        let out = out.buffer();
        if index > 0 {
            out.push(b' ');
        }
        number::unsigned(entry.fd as u64, out);
        let letter = names.fd(entry.fd).map_or('?', |known| known.kind.letter());
        out.extend_from_slice(&[b':', letter as u8]);
        number::hex_small(u64::from(i32::from(entry.flags) as u32), out);
    }
    true
}
