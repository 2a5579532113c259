//! What an event's numbers refer to, looked up in the state.

use event::{
    print::{FdName, Names},
    snapshot::L4Proto,
};
use state::{Context, Fd, SockInfo};

/// Names as the event's thread sees them.
#[derive(Clone, Copy)]
pub struct EventNames<'c, 's>(pub &'c Context<'s>);

impl Names for EventNames<'_, '_> {
    fn has_thread(&self) -> bool {
        self.0.thread.is_some()
    }

    fn fd(&self, fd: i64) -> Option<FdName<'_>> {
        self.0.state.fd(self.0.thread?, fd).map(name_of)
    }

    fn cwd(&self) -> &[u8] {
        self.0.thread.map_or(b"", |thread| self.0.state.cwd(thread))
    }

    fn comm(&self, tid: i64) -> Option<&[u8]> {
        match self.0.thread {
            Some(thread) if thread.tid == tid => Some(&thread.comm),
            _ => self.0.state.thread(tid).map(|thread| &*thread.comm),
        }
    }

    fn user(&self, uid: u32) -> Option<&[u8]> {
        let container = &self.0.thread?.container_id;
        self.0.state.user(container, uid).map(|user| &*user.name)
    }

    fn group(&self, gid: u32) -> Option<&[u8]> {
        let container = &self.0.thread?.container_id;
        self.0.state.group(container, gid)
    }
}

fn name_of(fd: &Fd) -> FdName<'_> {
    FdName { kind: fd.kind, l4: l4(&fd.sock), name: &fd.name }
}

fn l4(sock: &SockInfo) -> L4Proto {
    match *sock {
        SockInfo::Ipv4 { l4, .. }
        | SockInfo::Ipv4Server { l4, .. }
        | SockInfo::Ipv6 { l4, .. }
        | SockInfo::Ipv6Server { l4, .. } => l4,
        SockInfo::None | SockInfo::Unix { .. } => L4Proto::Unknown,
    }
}
