//! Both ends of a socket, asked of the kernel.
//!
//! After a call, the kernel is asked for the socket itself, through a copy of the fd. Where it gives
//! none (before Linux 5.6, or a filter forbids it), what is known are the addresses in the program's
//! memory: ends of datagrams and of connections being made, with this end unspecified.
//!
//! Ends of unix sockets are kernel addresses in events, which say which sockets belong together and
//! nothing else. They cannot be known here; the inodes of the sockets stand for them. A socket that
//! connects has no other end with an inode before somebody accepts, so the accepting end of a
//! connection is the connecting one's inode and [`ACCEPTED`]: both sides see the same. 0 is an end
//! that is not known.

use std::{collections::HashMap, net::SocketAddr};

use event::{decode::family, dns};

use super::{super::Exit, address::Address, connecting};
use crate::ptrace::socket::{Copy, Diagnosis, Files, Whose};

/// Marks the accepting end of a unix connection; inodes of sockets have 32 bits.
const ACCEPTED: u64 = 1 << 32;

/// Most unix sockets whose ends are remembered. With more, all are forgotten and asked for again.
const MOST_REMEMBERED: usize = 8_192;

/// What is remembered of sockets.
#[derive(Debug, Default)]
pub(in crate::ptrace) struct Sockets {
    /// The thread that was asked last: most calls come in rows.
    files: Option<(i32, Files, Whose)>,
    /// Own and other end of unix sockets, by inode.
    unix: HashMap<u64, (u64, u64)>,
    /// `None` before it is first needed; `Some(None)` where there is no such thing.
    diagnosis: Option<Option<Diagnosis>>,
}

impl Sockets {
    /// A copy of a thread's fd.
    pub(super) fn copy(&mut self, tid: i32, pid: i32, fd: i32) -> Option<Copy> {
        for _ in 0..2 {
            if self.files.as_ref().is_none_or(|(of, ..)| *of != tid) {
                let (files, whose) = Files::of(tid, pid).ok()?;
                self.files = Some((tid, files, whose));
            }
            let (_, files, whose) = self.files.as_ref()?;
            match files.copy(fd) {
                Ok(copy) if *whose == Whose::Thread || is_same(&copy, tid, fd) => {
                    return Some(copy);
                }
                // The thread that was asked last had the same id and is gone.
                Err(error) if error.raw_os_error() == Some(libc::ESRCH) => self.files = None,
                _ => return None,
            }
        }
        None
    }

    /// Ends of a unix socket: its own, and the other one.
    fn unix(&mut self, copy: &Copy, act: Act, is_datagram: bool) -> (u64, u64) {
        let Some(inode) = copy.inode() else { return (0, 0) };
        let ends = match act {
            Act::Connect if !is_datagram => (inode, inode | ACCEPTED),
            Act::Accept => match self.unix_peer(inode) {
                Some(peer) => (peer | ACCEPTED, peer),
                None => (inode, 0),
            },
            Act::Connect => (inode, self.unix_peer(inode).unwrap_or(0)),
            Act::Traffic => match self.unix.get(&inode) {
                Some(known) => return *known,
                None => (inode, self.unix_peer(inode).unwrap_or(0)),
            },
        };
        if ends.1 != 0 {
            self.remember(inode, ends);
        }
        ends
    }

    fn unix_peer(&mut self, inode: u64) -> Option<u64> {
        self.diagnosis()?.unix_peer(inode)
    }

    pub(super) fn diagnosis(&mut self) -> Option<&Diagnosis> {
        self.diagnosis.get_or_insert_with(|| Diagnosis::new().ok()).as_ref()
    }

    fn remember(&mut self, inode: u64, ends: (u64, u64)) {
        if self.unix.len() >= MOST_REMEMBERED {
            self.unix.clear();
        }
        self.unix.insert(inode, ends);
    }

    /// The inodes of the two sockets of a pair; 0 where they cannot be known.
    pub(super) fn pair(&mut self, tid: i32, pid: i32, fds: [i32; 2]) -> (u64, u64) {
        let [one, other] = fds.map(|fd| self.copy(tid, pid, fd).and_then(|copy| copy.inode()));
        let (one, other) = (one.unwrap_or(0), other.unwrap_or(0));
        if one != 0 && other != 0 {
            self.remember(one, (one, other));
            self.remember(other, (other, one));
        }
        (one, other)
    }
}

/// Whether the thread's fd is this one: it may have fds of its own.
fn is_same(copy: &Copy, tid: i32, fd: i32) -> bool {
    let link = std::fs::read_link(format!("/proc/{tid}/fd/{fd}")).ok();
    let inode = copy.inode().map(|inode| format!("socket:[{inode}]"));
    link.is_some_and(|link| inode.is_some_and(|inode| link.as_os_str() == inode.as_str()))
}

/// What was done to a socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Act {
    Connect,
    Accept,
    Traffic,
}

/// Which way data goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    In,
    Out,
}

/// Both ends of a socket.
#[derive(Debug)]
pub(super) struct Ends {
    local: Address,
    peer: Option<Address>,
    /// Own and other end of a unix socket.
    unix: (u64, u64),
    is_datagram: bool,
}

impl Ends {
    /// Asks the kernel for the ends of the socket behind an fd of the thread. `given` is the address
    /// that the call was given or gave; it counts where the kernel knows no other end.
    pub(super) fn of(
        exit: &mut Exit<'_>,
        fd: i32,
        given: Option<Address>,
        act: Act,
    ) -> Option<Self> {
        let sockets = &mut exit.emit.sockets;
        let Some(copy) = sockets.copy(exit.tid, exit.pid, fd) else {
            return Self::as_given(given?, act);
        };
        let local = copy.local(Address::of_kernel).ok()??;
        let peer = copy.peer(Address::of_kernel).ok().flatten();
        // Of IP sockets, only datagrams, connections being made, and the first end of a connection
        // that is gone already have an address in memory and none in the kernel.
        let known = peer.clone().filter(|peer| peer.ip().is_none_or(|ip| ip.port() != 0));
        let is_datagram = copy.kind() != Some(libc::SOCK_STREAM);
        let memory = || match act {
            Act::Connect if !is_datagram => connecting::to(sockets, exit.tid, &copy, &local, given),
            _ => given?.on(&local),
        };
        let peer = known.or_else(memory).or(peer);
        let unix = match local {
            Address::Unix(_) => sockets.unix(&copy, act, is_datagram),
            _ => (0, 0),
        };
        Some(Self { local, peer, unix, is_datagram })
    }

    /// What the addresses in memory say. Only datagrams have them, but for connections.
    fn as_given(given: Address, act: Act) -> Option<Self> {
        let (local, is_datagram) = (given.unspecified(), act == Act::Traffic);
        Some(Self { local, peer: Some(given), unix: (0, 0), is_datagram })
    }

    /// Appends a `SockTuple` parameter: where it comes from first, then where it goes. Nothing for
    /// other families, and for a stream whose other end is not known any longer.
    pub(super) fn write(&self, way: Way, out: &mut Vec<u8>) {
        let unknown = || self.is_datagram.then(|| self.local.unspecified());
        let Some(peer) = self.peer.clone().or_else(unknown) else {
            if matches!(self.local, Address::Unix(_)) {
                self.write_unix(way, &self.local.unspecified(), out);
            }
            return;
        };
        match self.local {
            Address::Unix(_) => return self.write_unix(way, &peer, out),
            Address::Inet(..) => out.push(family::INET),
            Address::Inet6(..) => out.push(family::INET6),
            Address::Other => return,
        }
        let (from, to) = match way {
            Way::Out => (&self.local, &peer),
            Way::In => (&peer, &self.local),
        };
        from.write_end(out);
        to.write_end(out);
    }

    /// Of unix sockets libs writes the end that takes, then the one that gives, and the path of the
    /// former.
    fn write_unix(&self, way: Way, peer: &Address, out: &mut Vec<u8>) {
        let ((own, other), path) = match way {
            Way::Out => ((self.unix.1, self.unix.0), peer),
            Way::In => (self.unix, &self.local),
        };
        out.push(family::UNIX);
        out.extend_from_slice(&own.to_le_bytes());
        out.extend_from_slice(&other.to_le_bytes());
        path.write_end(out);
        out.push(0);
    }

    /// The name server at the other end, if datagrams go to and fro between it and this one.
    pub(super) fn name_server(&self) -> Option<SocketAddr> {
        let peer = self.peer.as_ref().and_then(Address::ip)?;
        (self.is_datagram && peer.port() == dns::PORT).then_some(peer)
    }

    /// This end's address.
    pub(super) fn local(&self) -> &Address {
        &self.local
    }
}
