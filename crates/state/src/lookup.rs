//! Questions about a thread whose answers its process holds.

use std::net::IpAddr;

use crate::{
    Fd, FdTable, MachineInfo, State, Text, Thread,
    path::{self, BaseDir},
};

impl State {
    /// The open fds of this thread's process.
    pub fn fds<'a>(&'a self, thread: &'a Thread) -> &'a FdTable {
        if !thread.shares_fds() {
            return &thread.fds;
        }
        self.main_thread(thread).map_or(&NO_FDS, |main| &main.fds)
    }

    /// The open fd with this number.
    pub fn fd<'a>(&'a self, thread: &'a Thread, num: i64) -> Option<&'a Fd> {
        self.fds(thread).get(&num)
    }

    /// Working directory of this thread's process; ends in a slash. `./` if the process is not
    /// known.
    pub fn cwd<'a>(&'a self, thread: &'a Thread) -> &'a [u8] {
        self.main_thread(thread).map_or(b"./", |main| &main.cwd)
    }

    /// As [`State::cwd`], to be kept.
    pub(crate) fn cwd_text(&self, thread: &Thread) -> Text {
        self.main_thread(thread).map_or_else(|| Text::from(&b"./"[..]), |main| main.cwd.clone())
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
        self.fd(thread, dirfd).map_or(path::UNKNOWN.into(), BaseDir::of)
    }

    /// Whether the address is the machine's own, as far as this thread is concerned. A thread in a
    /// container has its container's addresses, which recordings do not tell.
    pub fn is_own_address(&self, thread: &Thread, address: IpAddr) -> bool {
        thread.container_id.is_empty() && self.interfaces.is_own(address)
    }
}

static NO_FDS: FdTable = FdTable::new();

/// `dirfd` of the `*at` calls for "relative to the working directory", in the schema's numbering.
const AT_FDCWD: i64 = -100;

impl State {
    /// The machine that was recorded.
    pub fn machine(&self) -> &MachineInfo {
        &self.machine
    }
}
