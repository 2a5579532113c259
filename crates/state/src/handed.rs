//! Fds that a process was given by another one, as the recorder tells of them.

use event::{
    Event,
    handed::{Handed, NOTICE},
};

use crate::{
    Fd, FdFlags, SockInfo, State, Thread,
    fds::{self, O_CLOEXEC},
};

/// Which way a connection was made is asked of the process and so many of its ancestors: mostly one of
/// them gave it away. So many of their fds are looked at.
const MOST_ANCESTORS: usize = 8;
const MOST_FDS: usize = 4_096;

impl State {
    /// Takes in what a recorder tells of an fd that a process was given.
    pub(crate) fn handed(&mut self, event: &Event<'_>) -> Option<()> {
        event.text(1).filter(|name| *name == NOTICE.as_bytes() && event.tid > 0)?;
        let handed = Handed::read_notice(event.bytes(2)?).filter(|handed| handed.fd.fd >= 0)?;
        let mut fd = fds::of_entry(&handed.fd, &mut self.pool)?;
        if handed.closes_on_exec {
            fd.open_flags |= O_CLOEXEC;
        }
        let key = self.known_or_unknown(event.tid, event.ts_ns)?;
        if matches!(fd.sock, SockInfo::Ipv4 { .. }) {
            let is_accepted = self.was_accepted(self.threads.get(key)?, &fd);
            fds::orient(&mut fd, |_| is_accepted);
        }
        let owner = self.fd_owner(key)?;
        self.insert_fd(owner, fd);
        Some(())
    }

    /// Whether a connection was made by the other end, as far as is known around the thread: it has it
    /// so, or listens on its port.
    fn was_accepted(&self, thread: &Thread, given: &Fd) -> bool {
        let SockInfo::Ipv4 { sport: own, .. } = given.sock else { return false };
        let mut turned = given.sock;
        turned.swap();
        let around = std::iter::once(thread).chain(self.ancestors(thread).take(MOST_ANCESTORS));
        around.flat_map(|thread| self.fds(thread).values()).take(MOST_FDS).any(|fd| {
            let is_same = fd.sock == turned && fd.flags.contains(FdFlags::ROLE_SERVER);
            is_same || fds::server_port(fd) == Some(own)
        })
    }
}
