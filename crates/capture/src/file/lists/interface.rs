//! Entries of the interface lists, V1 and V2.

use event::snapshot::{Interface, Record};

use super::Entry;
use crate::file::cursor::Cursor;

const V4: u16 = 1;
const V6: u16 = 2;
const V4_WITHOUT_SPEED: u16 = 3;
const V6_WITHOUT_SPEED: u16 = 4;

/// The interface at the front of `bytes`. In V2 its length stands before it and does not count
/// itself.
pub(super) fn entry(version: u8, bytes: &[u8]) -> Option<Entry<'_>> {
    let mut cursor = Cursor::new(bytes);
    let said = if version >= 2 { Some(cursor.u32()?) } else { None };
    let kind = cursor.u16()?;
    let name_bytes = usize::from(cursor.u16()?);
    let interface = match kind {
        V4 | V4_WITHOUT_SPEED => v4(&mut cursor, kind, name_bytes)?,
        V6 | V6_WITHOUT_SPEED => v6(&mut cursor, kind, name_bytes)?,
        _ => return None,
    };
    let used = bytes.len() - cursor.left();
    let length = match said {
        None => used as u64,
        Some(said) => u64::from(said) + 4,
    };
    (length >= used as u64).then_some((Record::Interface(interface), length))
}

/// Length of an entry of unknown type, if its length stands before it.
pub(super) fn unknown_entry(version: u8, bytes: &[u8]) -> Option<u64> {
    let mut cursor = Cursor::new(bytes);
    let said = if version >= 2 { cursor.u32()? } else { return None };
    let known = (V4..=V6_WITHOUT_SPEED).contains(&cursor.u16()?);
    (!known).then_some(u64::from(said) + 4)
}

fn v4<'a>(cursor: &mut Cursor<'a>, kind: u16, name_bytes: usize) -> Option<Interface<'a>> {
    let address = cursor.array::<4>()?.into();
    let netmask = cursor.array::<4>()?.into();
    let broadcast = cursor.array::<4>()?.into();
    let speed = if kind == V4 { cursor.u64()? } else { 0 };
    Some(Interface::V4 { name: cursor.take(name_bytes)?, address, netmask, broadcast, speed })
}

fn v6<'a>(cursor: &mut Cursor<'a>, kind: u16, name_bytes: usize) -> Option<Interface<'a>> {
    let address = cursor.array::<16>()?.into();
    let netmask = cursor.array::<16>()?.into();
    let broadcast = cursor.array::<16>()?.into();
    let speed = if kind == V6 { cursor.u64()? } else { 0 };
    Some(Interface::V6 { name: cursor.take(name_bytes)?, address, netmask, broadcast, speed })
}
