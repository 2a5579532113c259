//! Fds that a process was given by another one, as programs in the kernel tell of them:
//! `bpf/net/rights.h`.

use event::{
    decode::SockTuple,
    handed::Handed,
    snapshot::{FdEntry, FdKind, FdTarget, L4Proto},
};

use super::told::Told;
use crate::proc::{
    anonymous,
    parse::{of_ipv4, of_ipv6, open_flags},
};

/// How many fields a record has.
const FIELDS: usize = 13;

/// What the kernel has of a file.
struct Facts<'a> {
    mode: u32,
    /// How many names it has.
    links: u32,
    ino: u64,
    dev: u32,
    /// The kernel's flags.
    flags: u32,
    family: u32,
    kind: u32,
    protocol: u32,
    tuple: &'a [u8],
    /// Of the numbers of both ends of a unix socket, its own.
    own: u64,
    path: &'a [u8],
}

/// Appends the data of a notice; whether there is one.
pub(super) fn write_notice(record: &Told<'_>, out: &mut Vec<u8>) -> bool {
    let Some((fd, closes_on_exec, facts)) = read(record) else { return false };
    let mut name = Vec::new();
    let target = facts.target(closes_on_exec, &mut name);
    let fd = FdEntry { fd, ino: facts.ino, target };
    Handed { fd, closes_on_exec }.write_notice(out);
    true
}

fn read<'a>(record: &Told<'a>) -> Option<(i64, bool, Facts<'a>)> {
    let fields = record.fields::<FIELDS>()?;
    let [fd, closes, mode, links, ino, dev, flags, family, kind, protocol, tuple, own, path] =
        fields;
    let number = |bytes: &[u8]| Some(u32::from_le_bytes(bytes.try_into().ok()?));
    let long = |bytes: &[u8]| Some(u64::from_le_bytes(bytes.try_into().ok()?));
    let facts = Facts {
        mode: number(mode)?,
        links: number(links)?,
        ino: long(ino)?,
        dev: number(dev)?,
        flags: number(flags)?,
        family: number(family)?,
        kind: number(kind)?,
        protocol: number(protocol)?,
        tuple,
        own: long(own)?,
        path: path.strip_suffix(b"\0").unwrap_or(path),
    };
    Some((i64::from_le_bytes(fd.try_into().ok()?), *closes.first()? != 0, facts))
}

impl<'a> Facts<'a> {
    /// As reading `/proc` tells it of what was open before. `name` is empty, and room for the fd's.
    fn target<'n>(&self, closes_on_exec: bool, name: &'n mut Vec<u8>) -> FdTarget<'n>
    where
        'a: 'n,
    {
        match self.mode & libc::S_IFMT {
            libc::S_IFSOCK => self.socket(name),
            libc::S_IFIFO if self.path == b"/" => {
                name.extend(format!("pipe:[{}]", self.ino).bytes());
                FdTarget::Named(FdKind::Fifo, name)
            }
            0 => {
                let of_kind = self.path.strip_prefix(b"/").unwrap_or(self.path);
                FdTarget::Named(anonymous(of_kind), b"")
            }
            _ => self.file(closes_on_exec, name),
        }
    }

    /// What has a path.
    fn file<'n>(&self, closes_on_exec: bool, name: &'n mut Vec<u8>) -> FdTarget<'n> {
        let is_gone = self.links == 0;
        name.extend(self.path);
        name.extend(if is_gone { &b" (deleted)"[..] } else { b"" });
        match self.mode & libc::S_IFMT {
            libc::S_IFIFO => FdTarget::Named(FdKind::Fifo, name),
            libc::S_IFDIR => FdTarget::Named(FdKind::Directory, name),
            _ if is_gone && name.starts_with(b"/memfd:") => FdTarget::Named(FdKind::Memfd, name),
            _ => {
                let on_exec = if closes_on_exec { libc::O_CLOEXEC as u32 } else { 0 };
                let open_flags = open_flags(self.flags | on_exec);
                FdTarget::File { open_flags, name, dev: self.dev }
            }
        }
    }

    fn socket<'n>(&self, name: &'n mut Vec<u8>) -> FdTarget<'n>
    where
        'a: 'n,
    {
        let l4 = self.l4();
        match SockTuple::parse(self.tuple) {
            Ok(SockTuple::Inet { sip, sport, dip, dport }) => {
                of_ipv4((sip, sport), (dip, dport), l4)
            }
            Ok(SockTuple::Inet6 { sip, sport, dip, dport }) => {
                of_ipv6((sip, sport), (dip, dport), l4)
            }
            Ok(SockTuple::Unix { source, destination, path }) => {
                let other = if source == self.own { destination } else { source };
                FdTarget::Unix { source: self.own, destination: other, name: path }
            }
            _ if self.family == libc::AF_NETLINK as u32 => FdTarget::Named(FdKind::Netlink, b""),
            _ => {
                name.extend(format!("socket:[{}]", self.ino).bytes());
                FdTarget::Named(FdKind::Unsupported, name)
            }
        }
    }

    fn l4(&self) -> L4Proto {
        if self.kind == libc::SOCK_RAW as u32 {
            return L4Proto::Raw;
        }
        match i32::try_from(self.protocol) {
            Ok(libc::IPPROTO_TCP) => L4Proto::Tcp,
            Ok(libc::IPPROTO_UDP | libc::IPPROTO_UDPLITE) => L4Proto::Udp,
            Ok(libc::IPPROTO_ICMP | libc::IPPROTO_ICMPV6) => L4Proto::Icmp,
            _ => L4Proto::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use event::decode::family;

    use super::{
        super::told::{HANDED, tests::record_of},
        *,
    };

    /// What a record says, with these of its fields.
    fn target(mode: u32, links: u32, tuple: &[u8], path: &[u8]) -> Option<String> {
        let words = |word: u32| word.to_le_bytes();
        let fields: [&[u8]; FIELDS] = [
            &5i64.to_le_bytes(),
            &[1],
            &words(mode),
            &words(links),
            &77u64.to_le_bytes(),
            &words(8),
            &words(libc::O_RDWR as u32),
            &words(2),
            &words(libc::SOCK_STREAM as u32),
            &words(libc::IPPROTO_TCP as u32),
            tuple,
            &9u64.to_le_bytes(),
            path,
        ];
        let bytes = record_of(&fields);
        let mut data = Vec::new();
        let told = Told { cpu: 0, kind: HANDED, bytes: &bytes };
        if !write_notice(&told, &mut data) {
            return None;
        }
        let handed = Handed::read_notice(&data).unwrap();
        assert!(handed.closes_on_exec && (handed.fd.fd, handed.fd.ino) == (5, 77));
        Some(match handed.fd.target {
            FdTarget::Named(kind, name) => format!("{kind:?} {}", String::from_utf8_lossy(name)),
            FdTarget::File { open_flags, name, dev } => {
                format!("{} {open_flags:#x} {dev}", String::from_utf8_lossy(name))
            }
            other => format!("{other:?}"),
        })
    }

    #[test]
    fn files_are_called_as_what_was_open_before() {
        for (mode, links, path, expected) in [
            (libc::S_IFREG, 1, &b"/etc/shadow\0"[..], "/etc/shadow 0x1003 8"),
            (libc::S_IFREG, 0, b"/tmp/x\0", "/tmp/x (deleted) 0x1003 8"),
            (libc::S_IFCHR, 1, b"/dev/null\0", "/dev/null 0x1003 8"),
            (libc::S_IFREG, 0, b"/memfd:x\0", "Memfd /memfd:x (deleted)"),
            (libc::S_IFDIR, 2, b"/tmp\0", "Directory /tmp"),
            (libc::S_IFIFO, 1, b"/\0", "Fifo pipe:[77]"),
            (libc::S_IFIFO, 1, b"/run/fifo\0", "Fifo /run/fifo"),
            (0, 1, b"/[eventfd]\0", "Event "),
            (0, 1, b"/[what]\0", "Unsupported "),
            (libc::S_IFSOCK, 1, b"/\0", "Unsupported socket:[77]"),
        ] {
            assert_eq!(target(mode, links, b"", path).unwrap(), expected);
        }
    }

    #[test]
    fn sockets_have_their_ends() {
        let socket = |tuple: &[u8]| target(libc::S_IFSOCK, 1, tuple, b"/\0").unwrap();
        let (own, peer) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(1, 2, 3, 4));
        let tuple = |dip: Ipv4Addr, dport: u16| {
            let (sport, dport) = (4444u16.to_le_bytes(), dport.to_le_bytes());
            [&[family::INET][..], &own.octets(), &sport, &dip.octets(), &dport].concat()
        };
        let l4 = L4Proto::Tcp;
        let expected = FdTarget::Ipv4 { sip: own, dip: peer, sport: 4444, dport: 443, l4 };
        assert_eq!(socket(&tuple(peer, 443)), format!("{expected:?}"));
        let expected = FdTarget::Ipv4Server { ip: own, port: 4444, l4 };
        assert_eq!(socket(&tuple(Ipv4Addr::UNSPECIFIED, 0)), format!("{expected:?}"));
        // Its own number is 9, whichever of both it is.
        let expected = FdTarget::Unix { source: 9, destination: 4, name: b"/run/it" };
        for (first, second) in [(9u64, 4u64), (4, 9)] {
            let numbers = [first.to_le_bytes(), second.to_le_bytes()];
            let tuple = [&[family::UNIX][..], numbers.as_flattened(), b"/run/it\0"].concat();
            assert_eq!(socket(&tuple), format!("{expected:?}"));
        }
    }

    #[test]
    fn what_is_not_whole_is_not_told() {
        let bytes = record_of(&[&5i64.to_le_bytes(), &[1]]);
        let told = Told { cpu: 0, kind: HANDED, bytes: &bytes };
        assert!(!write_notice(&told, &mut Vec::new()));
        assert_eq!(
            target(libc::S_IFSOCK, 1, &[family::INET, 1], b"").as_deref(),
            Some("Unsupported socket:[77]")
        );
    }
}
