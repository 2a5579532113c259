//! Entries of the lists at a recording's start.
//!
//! Each parser takes the bytes that are left of its list and hands back the entry with its length,
//! or `None` where the entry does not fit into them.

mod fd;
mod interface;
mod machine;
mod thread;
mod user;

use event::snapshot::Record;

pub(super) use fd::{fd_kind, is_newer, note_unknown};
pub(super) use machine::{BYTES as MACHINE_BYTES, HOSTNAME_BYTES, machine};

/// Most bytes of an entry that are looked at: eight strings of 64 KiB and the numbers between.
/// What an entry has beyond is skipped.
pub(super) const MAX_ENTRY_BYTES: usize = 8 * 64 * 1024 + 1024;

/// An entry and its length, which may reach beyond the bytes looked at.
pub(super) type Entry<'a> = (Record<'a>, u64);

/// Which list, in which version of its layout.
#[derive(Clone, Copy, Debug)]
pub(super) enum List {
    Processes(u8),
    Fds { version: u8, tid: i64 },
    Interfaces(u8),
    Users(u8),
}

impl List {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Processes(_) => "process",
            Self::Fds { .. } => "fd",
            Self::Interfaces(_) => "interface",
            Self::Users(_) => "user",
        }
    }

    /// The entry at the front of `bytes`. `scratch` holds the name of an fd of unknown type.
    pub(super) fn entry<'a>(self, bytes: &'a [u8], scratch: &'a [u8]) -> Option<Entry<'a>> {
        match self {
            Self::Processes(version) => thread::entry(version, bytes),
            Self::Fds { version, tid } => fd::entry(version, tid, bytes, scratch),
            Self::Interfaces(version) => interface::entry(version, bytes),
            Self::Users(version) => user::entry(version, bytes),
        }
    }

    /// Length of the entry at the front of `bytes` if it is of a kind that nobody knows and can be
    /// skipped.
    pub(super) fn unknown_entry(self, bytes: &[u8]) -> Option<u64> {
        match self {
            Self::Interfaces(version) => interface::unknown_entry(version, bytes),
            _ => None,
        }
    }
}

/// Length of an entry of which `used` bytes were read: as its own length field says, if it has
/// one that says anything.
fn entry_length(said: Option<u32>, used: usize) -> Option<u64> {
    match said {
        None | Some(0) => Some(used as u64),
        Some(said) => (said as usize >= used).then_some(u64::from(said)),
    }
}
