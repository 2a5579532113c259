//! What an fd is, where its entry does not say it.
//!
//! A record is the id of the thread that holds it, its number, a set of bits that says which fields
//! follow, and these in order: numbers, the name, the two other names (0: empty, 1: as the name,
//! 2: a text that follows), and the socket's addresses.

use event::snapshot::{FdKind, L4Proto};

use super::wire::{Number, Read, Write, cut};
use crate::{Fd, FdFlags, SockInfo, Text, text::Pool};

const NUMBERS: usize = 9;
const NAME: u64 = 1 << NUMBERS;
const OLD_NAME: u64 = NAME << 1;
const NAME_RAW: u64 = NAME << 2;
const SOCK: u64 = NAME << 3;

const EMPTY: u8 = 0;
const AS_NAME: u8 = 1;
const OF_ITS_OWN: u8 = 2;

fn numbers(fd: &Fd) -> [u64; NUMBERS] {
    let Fd { flags, kind, open_flags, dev, mount_id, ino, pid, kept_l4: [v4, v6], .. } = fd;
    [
        flags.bits().into(),
        *kind as u64,
        (*open_flags).into(),
        (*dev).into(),
        (*mount_id).into(),
        *ino,
        pid.to_u64(),
        *v4 as u64,
        *v6 as u64,
    ]
}

fn set_numbers(fd: &mut Fd, values: [u64; NUMBERS]) {
    let [flags, kind, open_flags, dev, mount_id, ino, pid, v4, v6] = values;
    fd.flags = FdFlags::from_bits_retain(flags as u32);
    fd.kind = FdKind::of_number(kind as u8).unwrap_or(FdKind::Nothing);
    fd.open_flags = open_flags as u32;
    fd.dev = dev as u32;
    fd.mount_id = mount_id as u32;
    fd.ino = ino;
    fd.pid = Number::of_u64(pid);
    fd.kept_l4 = [v4, v6].map(|l4| L4Proto::of_number(l4 as u8));
}

/// Appends what `fd` has otherwise than `read`, if there is anything.
pub(super) fn write(owner: i64, fd: &Fd, read: &Fd, out: &mut Vec<u8>) {
    let (mut bits, mut fields) = (0, Vec::new());
    for (at, (now, then)) in numbers(fd).into_iter().zip(numbers(read)).enumerate() {
        if now != then {
            bits |= 1 << at;
            fields.number(now);
        }
    }
    if fd.name != read.name {
        bits |= NAME;
        fields.text(cut(&fd.name));
    }
    for (bit, now, then) in
        [(OLD_NAME, &fd.old_name, &read.old_name), (NAME_RAW, &fd.name_raw, &read.name_raw)]
    {
        if now != then {
            bits |= bit;
            write_other_name(now, &fd.name, &mut fields);
        }
    }
    if fd.sock != read.sock {
        bits |= SOCK;
        write_sock(&fd.sock, &mut fields);
    }
    out.signed(owner);
    out.signed(fd.num);
    out.number(bits);
    out.extend_from_slice(&fields);
}

/// A record read: which fd it is about, and what to do to it.
#[derive(Debug)]
pub(super) struct Told<'a> {
    pub(super) owner: i64,
    pub(super) num: i64,
    bits: u64,
    fields: Read<'a>,
}

impl<'a> Told<'a> {
    pub(super) fn of(mut body: Read<'a>) -> Option<Self> {
        let (owner, num, bits) = (body.signed()?, body.signed()?, body.number()?);
        Some(Self { owner, num, bits, fields: body })
    }

    /// The fd that this makes of the one that was there.
    pub(super) fn fd(self, before: Option<&Fd>, pool: &mut Pool) -> Option<Fd> {
        let mut fd = before.cloned().unwrap_or_default();
        let mut fields = self.fields;
        fd.num = self.num;
        let mut numbers = numbers(&fd);
        for (at, number) in numbers.iter_mut().enumerate() {
            if self.bits & (1 << at) != 0 {
                *number = fields.number()?;
            }
        }
        set_numbers(&mut fd, numbers);
        if self.bits & NAME != 0 {
            fd.name = pool.get(cut(fields.text()?));
        }
        if self.bits & OLD_NAME != 0 {
            fd.old_name = read_other_name(&fd.name, &mut fields, pool)?;
        }
        if self.bits & NAME_RAW != 0 {
            fd.name_raw = read_other_name(&fd.name, &mut fields, pool)?;
        }
        if self.bits & SOCK != 0 {
            fd.sock = read_sock(&mut fields)?;
        }
        Some(fd)
    }
}

fn write_other_name(text: &Text, name: &Text, out: &mut Vec<u8>) {
    if text.is_empty() {
        out.push(EMPTY);
    } else if text == name {
        out.push(AS_NAME);
    } else {
        out.push(OF_ITS_OWN);
        out.text(cut(text));
    }
}

fn read_other_name(name: &Text, fields: &mut Read<'_>, pool: &mut Pool) -> Option<Text> {
    Some(match fields.byte()? {
        EMPTY => Text::default(),
        AS_NAME => name.clone(),
        OF_ITS_OWN => pool.get(cut(fields.text()?)),
        _ => return None,
    })
}

/// Kind of addresses (as the fd's kind is numbered; 0: none), transport protocol, addresses, ports.
fn write_sock(sock: &SockInfo, out: &mut Vec<u8>) {
    let kind = match sock {
        SockInfo::None => FdKind::Unknown,
        SockInfo::Ipv4 { .. } => FdKind::Ipv4Sock,
        SockInfo::Ipv4Server { .. } => FdKind::Ipv4ServSock,
        SockInfo::Ipv6 { .. } => FdKind::Ipv6Sock,
        SockInfo::Ipv6Server { .. } => FdKind::Ipv6ServSock,
        SockInfo::Unix { .. } => FdKind::UnixSock,
    };
    out.extend_from_slice(&[kind as u8, sock.l4() as u8]);
    match *sock {
        SockInfo::None => {}
        SockInfo::Ipv4 { sip, dip, sport, dport, .. } => {
            out.extend([sip.octets(), dip.octets()].as_flattened());
            ports(&[sport, dport], out);
        }
        SockInfo::Ipv6 { sip, dip, sport, dport, .. } => {
            out.extend([sip.octets(), dip.octets()].as_flattened());
            ports(&[sport, dport], out);
        }
        SockInfo::Ipv4Server { ip, port, .. } => {
            out.extend(ip.octets());
            ports(&[port], out);
        }
        SockInfo::Ipv6Server { ip, port, .. } => {
            out.extend(ip.octets());
            ports(&[port], out);
        }
        SockInfo::Unix { source, destination } => {
            out.number(source);
            out.number(destination);
        }
    }
}

fn ports(ports: &[u16], out: &mut Vec<u8>) {
    ports.iter().for_each(|port| out.number((*port).into()));
}

fn read_sock(fields: &mut Read<'_>) -> Option<SockInfo> {
    let kind = FdKind::of_number(fields.byte()?)?;
    let l4 = L4Proto::of_number(fields.byte()?);
    let v4 = |fields: &mut Read<'_>| fields.array::<4>().map(Into::into);
    let v6 = |fields: &mut Read<'_>| fields.array::<16>().map(Into::into);
    let port = |fields: &mut Read<'_>| fields.number().map(|port| port as u16);
    Some(match kind {
        FdKind::Unknown => SockInfo::None,
        FdKind::Ipv4Sock => {
            let (sip, dip) = (v4(fields)?, v4(fields)?);
            SockInfo::Ipv4 { sip, dip, sport: port(fields)?, dport: port(fields)?, l4 }
        }
        FdKind::Ipv6Sock => {
            let (sip, dip) = (v6(fields)?, v6(fields)?);
            SockInfo::Ipv6 { sip, dip, sport: port(fields)?, dport: port(fields)?, l4 }
        }
        FdKind::Ipv4ServSock => SockInfo::Ipv4Server { ip: v4(fields)?, port: port(fields)?, l4 },
        FdKind::Ipv6ServSock => SockInfo::Ipv6Server { ip: v6(fields)?, port: port(fields)?, l4 },
        FdKind::UnixSock => {
            SockInfo::Unix { source: fields.number()?, destination: fields.number()? }
        }
        _ => return None,
    })
}
