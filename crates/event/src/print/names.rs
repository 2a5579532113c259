//! What an event's numbers refer to.

use crate::snapshot::{FdKind, L4Proto};

/// What is known of an fd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FdName<'n> {
    /// What it refers to.
    pub kind: FdKind,
    /// Transport protocol, for sockets.
    pub l4: L4Proto,
    /// Path, or both ends of a connection.
    pub name: &'n [u8],
}

/// Looks up what an event's numbers refer to, at the time of the event and as seen by the thread
/// that caused it.
pub trait Names {
    /// Whether the thread is known. If not, nor are its fds, directory and users.
    fn has_thread(&self) -> bool;
    /// An open fd of the thread's process.
    fn fd(&self, fd: i64) -> Option<FdName<'_>>;
    /// Working directory of the thread's process.
    fn cwd(&self) -> &[u8];
    /// Command name of any thread.
    fn comm(&self, tid: i64) -> Option<&[u8]>;
    /// Name of a user.
    fn user(&self, uid: u32) -> Option<&[u8]>;
    /// Name of a group.
    fn group(&self, gid: u32) -> Option<&[u8]>;
}

/// Knows nothing: events print as they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNames;

impl Names for NoNames {
    fn has_thread(&self) -> bool {
        false
    }
    fn fd(&self, _: i64) -> Option<FdName<'_>> {
        None
    }
    fn cwd(&self) -> &[u8] {
        b""
    }
    fn comm(&self, _: i64) -> Option<&[u8]> {
        None
    }
    fn user(&self, _: u32) -> Option<&[u8]> {
        None
    }
    fn group(&self, _: u32) -> Option<&[u8]> {
        None
    }
}
