//! What an event's numbers refer to, looked up in the state.

use event::{
    print::{FdName, Names},
    snapshot::{FdKind, L4Proto},
};
use state::{Context, Fd};

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
    FdName { kind: fd.kind, l4: shown_l4(fd), name: &fd.name }
}

/// A connection's protocol shows once it is known which end is whose.
fn shown_l4(fd: &Fd) -> L4Proto {
    let l4 = fd.sock.l4();
    let connection = matches!(fd.kind, FdKind::Ipv4Sock | FdKind::Ipv6Sock);
    if connection && l4 != L4Proto::Raw && fd.has_no_role() { L4Proto::Unknown } else { l4 }
}
