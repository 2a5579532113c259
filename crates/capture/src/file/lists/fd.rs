//! Entries of the fd lists, V1 and V2.

use std::io::Write;

use event::snapshot::{FdEntry, FdKind, FdTarget, L4Proto, Record};

use super::{Entry, entry_length};
use crate::file::cursor::Cursor;

const KIND_AT: usize = 16;

/// The fd at the front of `bytes`. One of unknown type is called as `unknown_name` says.
pub(super) fn entry<'a>(
    version: u8,
    tid: i64,
    bytes: &'a [u8],
    unknown_name: &'a [u8],
) -> Option<Entry<'a>> {
    let mut cursor = Cursor::new(bytes);
    let said = if version >= 2 { Some(cursor.u32()?) } else { None };
    let fd = cursor.i64()?;
    let ino = cursor.u64()?;
    let kind = FdKind::of_number(cursor.u8()?);
    let target = match kind {
        Some(kind) => target(kind, &mut cursor, said, bytes.len())?,
        None => FdTarget::Named(FdKind::Unsupported, unknown_name),
    };
    let length = entry_length(said, bytes.len() - cursor.left())?;
    Some((Record::Fd(tid, FdEntry { fd, ino, target }), length))
}

/// Writes the name of an fd of a type that the format does not know, if the one at the front of
/// `bytes` is such.
pub(in crate::file) fn note_unknown(version: u8, bytes: &[u8], name: &mut Vec<u8>) {
    let at = KIND_AT + if version >= 2 { 4 } else { 0 };
    if let Some(&number) = bytes.get(at)
        && FdKind::of_number(number).is_none()
    {
        name.clear();
        // Writing to memory does not fail.
        let _ = write!(name, "unknown-type:[{number}]");
    }
}

fn target<'a>(
    kind: FdKind,
    cursor: &mut Cursor<'a>,
    said: Option<u32>,
    there: usize,
) -> Option<FdTarget<'a>> {
    Some(match kind {
        FdKind::Ipv4Sock => FdTarget::Ipv4 {
            sip: cursor.array::<4>()?.into(),
            dip: cursor.array::<4>()?.into(),
            sport: cursor.u16()?,
            dport: cursor.u16()?,
            l4: L4Proto::of_number(cursor.u8()?),
        },
        FdKind::Ipv4ServSock => FdTarget::Ipv4Server {
            ip: cursor.array::<4>()?.into(),
            port: cursor.u16()?,
            l4: L4Proto::of_number(cursor.u8()?),
        },
        FdKind::Ipv6Sock => FdTarget::Ipv6 {
            sip: cursor.array::<16>()?.into(),
            dip: cursor.array::<16>()?.into(),
            sport: cursor.u16()?,
            dport: cursor.u16()?,
            l4: L4Proto::of_number(cursor.u8()?),
        },
        FdKind::Ipv6ServSock => FdTarget::Ipv6Server {
            ip: cursor.array::<16>()?.into(),
            port: cursor.u16()?,
            l4: L4Proto::of_number(cursor.u8()?),
        },
        FdKind::UnixSock => FdTarget::Unix {
            source: cursor.u64()?,
            destination: cursor.u64()?,
            name: cursor.string()?,
        },
        FdKind::FileV2 => {
            let open_flags = cursor.u32()?;
            let name = cursor.string()?;
            let dev = if room(said, there, cursor) >= 4 { cursor.u32()? } else { 0 };
            FdTarget::File { open_flags, name, dev }
        }
        FdKind::Unsupported => {
            let name = cursor.string()?;
            let is_there = room(said, there, cursor) >= 1;
            let newer = if is_there { FdKind::of_number(cursor.u8()?) } else { None };
            FdTarget::Named(newer.filter(|newer| is_newer(*newer)).unwrap_or(kind), name)
        }
        FdKind::Unknown => FdTarget::Named(kind, b""),
        _ => FdTarget::Named(kind, cursor.string()?),
    })
}

/// Bytes that are left of an entry of a length that it says itself.
fn room(said: Option<u32>, there: usize, cursor: &Cursor<'_>) -> usize {
    said.map_or(0, |said| said as usize).saturating_sub(there - cursor.left())
}

/// Whether readers of before 2023 refuse a whole recording with such an fd in it, as sysdig 0.29
/// does. They are written as unsupported ones, with their own kind behind what others read.
pub(in crate::file) fn is_newer(kind: FdKind) -> bool {
    matches!(
        kind,
        FdKind::Bpf | FdKind::UserFaultFd | FdKind::IoUring | FdKind::Memfd | FdKind::PidFd
    )
}

/// The kind under which a target is written. A named one never counts as a kind whose entries have
/// more than a name.
pub(in crate::file) fn fd_kind(target: &FdTarget<'_>) -> FdKind {
    match target {
        FdTarget::Ipv4 { .. } => FdKind::Ipv4Sock,
        FdTarget::Ipv4Server { .. } => FdKind::Ipv4ServSock,
        FdTarget::Ipv6 { .. } => FdKind::Ipv6Sock,
        FdTarget::Ipv6Server { .. } => FdKind::Ipv6ServSock,
        FdTarget::Unix { .. } => FdKind::UnixSock,
        FdTarget::File { .. } => FdKind::FileV2,
        FdTarget::Named(FdKind::FileV2, _) => FdKind::File,
        FdTarget::Named(
            FdKind::Ipv4Sock
            | FdKind::Ipv4ServSock
            | FdKind::Ipv6Sock
            | FdKind::Ipv6ServSock
            | FdKind::UnixSock
            | FdKind::Nothing,
            _,
        ) => FdKind::Unsupported,
        FdTarget::Named(kind, _) => *kind,
    }
}
