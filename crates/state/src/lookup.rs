//! Questions about a thread whose answers its process holds.

use std::net::IpAddr;

use crate::{Fd, FdTable, State, Thread, path::BaseDir};

impl State {
    /// The thread that leads this one's process; the thread itself if it does, or if its leader is
    /// not known.
    pub fn leader<'a>(&'a self, thread: &'a Thread) -> &'a Thread {
        if thread.tid == thread.pid {
            return thread;
        }
        self.thread(thread.pid).unwrap_or(thread)
    }

    /// The open fds of this thread's process.
    pub fn fds<'a>(&'a self, thread: &'a Thread) -> &'a FdTable {
        &self.leader(thread).fds
    }

    /// The open fd with this number.
    pub fn fd<'a>(&'a self, thread: &'a Thread, num: i64) -> Option<&'a Fd> {
        self.fds(thread).get(&num)
    }

    /// Working directory of this thread's process; ends in a slash.
    pub fn cwd<'a>(&'a self, thread: &'a Thread) -> &'a [u8] {
        &self.leader(thread).cwd
    }

    /// Directory that a path relative to this directory fd begins at: `.` for an absolute path,
    /// the working directory for `AT_FDCWD` (-100), `<UNKNOWN>` for an fd that is not known.
    pub fn directory<'a>(&'a self, thread: &'a Thread, dirfd: i64, path: &[u8]) -> BaseDir<'a> {
        if path.first() == Some(&b'/') {
            return b".".as_slice().into();
        }
        if dirfd == AT_FDCWD {
            return self.cwd(thread).into();
        }
        self.fd(thread, dirfd).map_or(b"<UNKNOWN>".as_slice().into(), BaseDir::of)
    }

    /// Whether the address is the machine's own, as far as this thread is concerned. A thread in a
    /// container has its container's addresses, which recordings do not tell.
    pub fn is_own_address(&self, thread: &Thread, address: IpAddr) -> bool {
        thread.container_id.is_empty() && self.interfaces.is_own(address)
    }
}

/// `dirfd` of the `*at` calls for "relative to the working directory", in the schema's numbering.
const AT_FDCWD: i64 = -100;
