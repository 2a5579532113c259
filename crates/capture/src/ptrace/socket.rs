//! Looks at the sockets of a stopped program: the kernel hands out a copy of an fd, which is asked
//! and closed at once.
//!
//! A copy is the same socket, so nothing is called on it but questions that change nothing
//! (`SO_ERROR` would: asking takes the error away). If the program closes its fd in the very moment
//! that the copy is there, the connection ends when the copy does, microseconds later.
//!
//! Everything `unsafe` that this needs is here.

use std::{
    io,
    mem::{MaybeUninit, size_of},
    net::{IpAddr, SocketAddr},
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
};

use libc::{c_int, c_void, pid_t};

/// `PIDFD_THREAD` of linux/pidfd.h, since Linux 6.9: a thread, not its process.
const PIDFD_THREAD: c_int = libc::O_EXCL;

/// Room for any address (`struct sockaddr_storage`).
pub(super) const ADDRESS_BYTES: usize = 128;

fn checked(result: libc::c_long) -> io::Result<c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result as c_int) }
}

/// A thread, to get copies of its fds from.
#[derive(Debug)]
pub(super) struct Files(OwnedFd);

impl Files {
    /// Those of a thread. Where the kernel is too old for that, those of its process, which are the
    /// same unless the thread has parted from it; the answer says which.
    ///
    /// # Errors
    /// `ENOSYS` before Linux 5.3, or whatever a filter says.
    pub(super) fn of(tid: pid_t, pid: pid_t) -> io::Result<(Self, Whose)> {
        if tid != pid {
            match open(tid, PIDFD_THREAD) {
                Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {}
                done => return done.map(|files| (files, Whose::Thread)),
            }
            return open(pid, 0).map(|files| (files, Whose::Process));
        }
        open(pid, 0).map(|files| (files, Whose::Thread))
    }

    /// A copy of one.
    ///
    /// # Errors
    /// `EBADF` if there is none of this number, `ESRCH` if the thread is gone, `ENOSYS` before Linux
    /// 5.6, `EPERM` where it may not be, or whatever a filter says.
    pub(super) fn copy(&self, fd: i32) -> io::Result<Copy> {
        // SAFETY: no memory is passed.
        let copy = unsafe { libc::syscall(libc::SYS_pidfd_getfd, self.0.as_raw_fd(), fd, 0) };
        let copy = checked(copy)?;
        // SAFETY: the kernel just made this fd (it closes on exec), and nobody else knows of it.
        Ok(Copy(unsafe { OwnedFd::from_raw_fd(copy) }))
    }
}

/// Whose fds they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Whose {
    Thread,
    /// Those of the process, which the thread mostly shares.
    Process,
}

fn open(id: pid_t, flags: c_int) -> io::Result<Files> {
    // SAFETY: no memory is passed.
    let fd = checked(unsafe { libc::syscall(libc::SYS_pidfd_open, id, flags) })?;
    // SAFETY: the kernel just made this fd (it closes on exec), and nobody else knows of it.
    Ok(Files(unsafe { OwnedFd::from_raw_fd(fd) }))
}

/// A copy of a program's fd. It lives as short as can be.
#[derive(Debug)]
pub(super) struct Copy(OwnedFd);

/// A call that tells an end of a socket.
type AskEnd = unsafe extern "C" fn(c_int, *mut libc::sockaddr, *mut libc::socklen_t) -> c_int;

impl Copy {
    /// Hands the address of this end to `read`, as the kernel lays it out.
    ///
    /// # Errors
    /// `ENOTSOCK` if it is no socket.
    pub(super) fn local<T>(&self, read: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
        self.end(libc::getsockname, read)
    }

    /// Hands the address of the other end to `read`.
    ///
    /// # Errors
    /// `ENOTCONN` if there is none, or not yet, or no longer.
    pub(super) fn peer<T>(&self, read: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
        self.end(libc::getpeername, read)
    }

    fn end<T>(&self, ask: AskEnd, read: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
        let mut address = [0u8; ADDRESS_BYTES];
        let mut length = ADDRESS_BYTES as libc::socklen_t;
        // SAFETY: address and length are ours and alive, and length says how much room there is.
        let done = unsafe { ask(self.0.as_raw_fd(), address.as_mut_ptr().cast(), &raw mut length) };
        checked(done.into())?;
        Ok(read(address.get(..length as usize).unwrap_or(&address)))
    }

    /// What kind of socket it is (`SOCK_*`).
    pub(super) fn kind(&self) -> Option<c_int> {
        let mut kind: c_int = 0;
        let size = size_of::<c_int>();
        // SAFETY: kind is ours, alive, and as large as is said.
        unsafe { self.option(libc::SOL_SOCKET, libc::SO_TYPE, (&raw mut kind).cast(), size) }?;
        Some(kind)
    }

    /// Of a TCP socket that listens: how many connections wait to be accepted, and how many may.
    pub(super) fn waiting(&self) -> Option<(u32, u32)> {
        let mut info = MaybeUninit::<libc::tcp_info>::zeroed();
        let size = size_of::<libc::tcp_info>();
        // SAFETY: info is ours, alive, and as large as is said.
        unsafe { self.option(libc::IPPROTO_TCP, libc::TCP_INFO, info.as_mut_ptr().cast(), size) }?;
        // SAFETY: zeroed is a valid tcp_info, and the kernel has filled some of it.
        let info = unsafe { info.assume_init() };
        // The kernel's `TCP_LISTEN`, with which these two fields have another meaning than else.
        (info.tcpi_state == 10).then_some((info.tcpi_unacked, info.tcpi_sacked))
    }

    /// # Safety
    /// `value` has to point to `size` bytes that may hold anything, alive for the call.
    unsafe fn option(
        &self,
        level: c_int,
        name: c_int,
        value: *mut c_void,
        size: usize,
    ) -> Option<()> {
        let mut length = size as libc::socklen_t;
        // SAFETY: the caller vouches for value, and length is ours.
        let done =
            unsafe { libc::getsockopt(self.0.as_raw_fd(), level, name, value, &raw mut length) };
        (done == 0).then_some(())
    }

    /// Its inode.
    pub(super) fn inode(&self) -> Option<u64> {
        let mut stat = MaybeUninit::<libc::stat>::zeroed();
        // SAFETY: stat is ours and alive.
        let done = unsafe { libc::fstat(self.0.as_raw_fd(), stat.as_mut_ptr()) };
        // SAFETY: zeroed is a valid stat.
        (done == 0).then(|| unsafe { stat.assume_init() }.st_ino)
    }
}

/// Asks the kernel about sockets of this network namespace (`sock_diag(7)`).
#[derive(Debug)]
pub(super) struct Diagnosis(OwnedFd);

/// `struct nlmsghdr` of linux/netlink.h, and what is asked.
#[repr(C)]
struct Question<Body> {
    length: u32,
    kind: u16,
    flags: u16,
    sequence: u32,
    port: u32,
    body: Body,
}

/// `struct unix_diag_req` of linux/unix_diag.h.
#[repr(C)]
struct UnixSocket {
    family: u8,
    protocol: u8,
    pad: u16,
    states: u32,
    inode: u32,
    show: u32,
    cookie: [u32; 2],
}

/// `struct inet_diag_req_v2` of linux/inet_diag.h. Ports and addresses are as on the wire.
#[repr(C)]
struct InetSocket {
    family: u8,
    protocol: u8,
    extensions: u8,
    pad: u8,
    states: u32,
    ports: [[u8; 2]; 2],
    addresses: [[u8; 16]; 2],
    interface: u32,
    cookie: [u32; 2],
}

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const UDIAG_SHOW_PEER: u32 = 4;
const UNIX_DIAG_PEER: u16 = 2;
/// Of an answer about a unix socket: a header of 16 bytes, a `struct unix_diag_msg` of 16, then
/// attributes.
const ATTRIBUTES_AT: usize = 32;
/// Of an answer about an IP socket: where its inode stands.
const INODE_AT: usize = 84;
const ANSWER_BYTES: usize = 512;

impl Diagnosis {
    pub(super) fn new() -> io::Result<Self> {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        // SAFETY: no memory is passed.
        let fd = unsafe { libc::socket(libc::AF_NETLINK, kind, libc::NETLINK_SOCK_DIAG) };
        let fd = checked(fd.into())?;
        // SAFETY: the kernel just made this fd, and nobody else knows of it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// The inode of the other end of a unix socket; `None` if there is none, or one that nobody has
    /// accepted yet.
    pub(super) fn unix_peer(&self, inode: u64) -> Option<u64> {
        let inode = u32::try_from(inode).ok()?;
        let body = UnixSocket {
            family: libc::AF_UNIX as u8,
            protocol: 0,
            pad: 0,
            states: u32::MAX,
            inode,
            show: UDIAG_SHOW_PEER,
            cookie: [u32::MAX; 2],
        };
        self.ask(inode, body, peer_in)
    }

    /// The inode of the TCP socket with these ends, this one first.
    pub(super) fn tcp(&self, local: SocketAddr, peer: SocketAddr) -> Option<u64> {
        let octets = |address: SocketAddr| {
            let mut octets = [0; 16];
            match address.ip() {
                IpAddr::V4(ip) => octets[..4].copy_from_slice(&ip.octets()),
                IpAddr::V6(ip) => octets = ip.octets(),
            }
            octets
        };
        let family = if local.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
        let body = InetSocket {
            family: family as u8,
            protocol: libc::IPPROTO_TCP as u8,
            extensions: 0,
            pad: 0,
            states: u32::MAX,
            ports: [local.port().to_be_bytes(), peer.port().to_be_bytes()],
            addresses: [octets(local), octets(peer)],
            interface: 0,
            cookie: [u32::MAX; 2],
        };
        self.ask(u32::from(local.port()), body, |answer| {
            let inode = answer.get(INODE_AT..INODE_AT + 4)?.try_into().ok()?;
            Some(u32::from_ne_bytes(inode).into())
        })
    }

    /// Asks, and reads the answer, which the kernel has given when asking returns. Never waits.
    fn ask<Body>(
        &self,
        sequence: u32,
        body: Body,
        read: impl FnOnce(&[u8]) -> Option<u64>,
    ) -> Option<u64> {
        let size = size_of::<Question<Body>>();
        let (length, kind) = (size as u32, SOCK_DIAG_BY_FAMILY);
        let question = Question { length, kind, flags: 1, sequence, port: 0, body };
        let (fd, at) = (self.0.as_raw_fd(), (&raw const question).cast());
        // SAFETY: question is ours, alive, and as large as is said.
        let sent = unsafe { libc::send(fd, at, size, libc::MSG_DONTWAIT) };
        if sent < 0 {
            return None;
        }
        let mut answer = [0u8; ANSWER_BYTES];
        // What was left from before is passed over.
        for _ in 0..16 {
            let at = answer.as_mut_ptr().cast();
            // SAFETY: answer is ours, alive, and as large as is said.
            let got = unsafe { libc::recv(fd, at, ANSWER_BYTES, libc::MSG_DONTWAIT) };
            let answer = answer.get(..usize::try_from(got).ok()?)?;
            if answer.get(8..12)? == sequence.to_ne_bytes() {
                let told = answer.get(4..6)? == SOCK_DIAG_BY_FAMILY.to_ne_bytes();
                return if told { read(answer) } else { None };
            }
        }
        None
    }
}

/// The other end's inode in an answer.
fn peer_in(answer: &[u8]) -> Option<u64> {
    let mut rest = answer.get(ATTRIBUTES_AT..)?;
    loop {
        let length = usize::from(u16::from_ne_bytes(rest.get(..2)?.try_into().ok()?));
        if rest.get(2..4)? == UNIX_DIAG_PEER.to_ne_bytes() {
            let inode = u32::from_ne_bytes(rest.get(4..8)?.try_into().ok()?);
            return (inode != 0).then_some(inode.into());
        }
        rest = rest.get(length.max(4).next_multiple_of(4)..)?;
    }
}
