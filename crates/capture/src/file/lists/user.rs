//! Entries of the user lists, V1 and V2.

use event::snapshot::{Group, Record, User};

use super::{Entry, entry_length};
use crate::file::cursor::Cursor;

const USER: u8 = 0;

/// The user or group at the front of `bytes`.
pub(super) fn entry(version: u8, bytes: &[u8]) -> Option<Entry<'_>> {
    let mut cursor = Cursor::new(bytes);
    let said = if version >= 2 { Some(cursor.u32()?) } else { None };
    let record = if cursor.u8()? == USER {
        Record::User(User {
            uid: cursor.u32()?,
            gid: cursor.u32()?,
            name: cursor.string()?,
            home: cursor.string()?,
            shell: cursor.string()?,
        })
    } else {
        Record::Group(Group { gid: cursor.u32()?, name: cursor.string()? })
    };
    Some((record, entry_length(said, bytes.len() - cursor.left())?))
}
