//! The directory of one thread. It is opened once, and what stands in it is read through it, so that
//! all is of the same thread even if its id is given to another meanwhile.

use std::io::Write;

use rustix::{
    buffer::spare_capacity,
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{Mode, OFlags, openat, readlinkat_raw},
    io::{Errno, read},
};

use super::Error;

/// Room for a text at its first reading; grows to what is read.
const CHUNK_BYTES: usize = 4096;
/// Room for the target of a link: the kernel tells no longer one.
const LINK_BYTES: usize = 4096;

/// An open `/proc/PID/task/TID`.
#[derive(Debug)]
pub(super) struct ThreadDir {
    fd: OwnedFd,
    pub(super) pid: i32,
    pub(super) tid: i32,
}

impl ThreadDir {
    /// Opens the directory; `path` is room for its name, and afterwards holds it.
    pub(super) fn open(pid: i32, tid: i32, path: &mut Vec<u8>) -> Result<Self, Error> {
        path.clear();
        // Writing to memory does not fail.
        let _ = write!(path, "/proc/{pid}/task/{tid}");
        match directory(&path[..]) {
            Ok(fd) => Ok(Self { fd, pid, tid }),
            Err(errno) => Err(error(pid, tid, ".", errno)),
        }
    }

    /// Reads a file that must be there into `out`, in place of what is in it.
    pub(super) fn need(
        &self,
        file: &'static str,
        max: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        read_at(&self.fd, file.as_bytes(), max, out).map_err(|errno| self.error(file, errno))?;
        Ok(())
    }

    /// Reads at most `max` bytes of a file into `out`, in place of what is in it.
    pub(super) fn read(&self, file: &str, max: usize, out: &mut Vec<u8>) -> Result<(), Errno> {
        read_at(&self.fd, file.as_bytes(), max, out)
    }

    /// Reads a link's target into `out`, in place of what is in it.
    pub(super) fn link(&self, file: &str, out: &mut Vec<u8>) -> Result<(), Errno> {
        link_at(&self.fd, file.as_bytes(), out)
    }

    pub(super) fn malformed(&self, file: &'static str) -> Error {
        Error::Malformed { pid: self.pid, tid: self.tid, file }
    }

    fn error(&self, file: &'static str, errno: Errno) -> Error {
        error(self.pid, self.tid, file, errno)
    }
}

impl AsFd for ThreadDir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

fn error(pid: i32, tid: i32, file: &'static str, errno: Errno) -> Error {
    match errno {
        Errno::NOENT | Errno::SRCH => Error::Gone { tid },
        errno => Error::Read { pid, tid, file, source: errno.into() },
    }
}

/// Opens a directory as a place to begin from.
pub(super) fn directory(path: &[u8]) -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(rustix::fs::CWD, path, flags, Mode::empty())
}

/// Reads at most `max` bytes of a file into `out`, in place of what is in it.
pub(super) fn read_at(
    base: impl AsFd,
    path: &[u8],
    max: usize,
    out: &mut Vec<u8>,
) -> Result<(), Errno> {
    out.clear();
    let file = open_at(base, path)?;
    while out.len() < max {
        out.reserve(CHUNK_BYTES.min(max));
        match read(&file, spare_capacity(out)) {
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    out.truncate(max);
    Ok(())
}

/// Opens a file for reading. What stands there instead of it, as a named pipe, is not waited for.
pub(super) fn open_at(base: impl AsFd, path: &[u8]) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    openat(base, path, flags, Mode::empty())
}

/// Reads a link's target into `out`, in place of what is in it.
pub(super) fn link_at(base: impl AsFd, path: &[u8], out: &mut Vec<u8>) -> Result<(), Errno> {
    out.clear();
    out.reserve(LINK_BYTES);
    readlinkat_raw(base, path, spare_capacity(out))?;
    Ok(())
}

/// Reads a file of the whole machine; empty if it can't be read.
pub(super) fn read_file(path: &str, max: usize) -> Vec<u8> {
    let mut out = Vec::new();
    if read_at(rustix::fs::CWD, path.as_bytes(), max, &mut out).is_err() {
        out.clear();
    }
    out
}
