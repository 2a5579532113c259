//! Calls on sockets as acts make them, none of them through a library that makes others.

use std::{
    ffi::c_void,
    mem::{MaybeUninit, size_of},
    net::{IpAddr, SocketAddr},
};

/// An address as the kernel has it.
#[derive(Clone, Copy)]
pub(super) struct Raw {
    pub(super) bytes: [u8; 128],
    pub(super) length: libc::socklen_t,
}

impl Raw {
    pub(super) const EMPTY: Self = Self { bytes: [0; 128], length: 128 };

    pub(super) fn of(address: SocketAddr) -> Self {
        let mut raw = Self::EMPTY;
        raw.bytes[2..4].copy_from_slice(&address.port().to_be_bytes());
        let (family, length) = match address.ip() {
            IpAddr::V4(ip) => {
                raw.bytes[4..8].copy_from_slice(&ip.octets());
                (libc::AF_INET, 16)
            }
            IpAddr::V6(ip) => {
                raw.bytes[8..24].copy_from_slice(&ip.octets());
                (libc::AF_INET6, 28)
            }
        };
        raw.family(family);
        raw.length = length;
        raw
    }

    /// A unix address; one that begins with a NUL is abstract.
    pub(super) fn unix(path: &[u8]) -> Self {
        let mut raw = Self::EMPTY;
        raw.family(libc::AF_UNIX);
        raw.bytes[2..2 + path.len()].copy_from_slice(path);
        raw.length = 2 + path.len() as libc::socklen_t;
        raw
    }

    fn family(&mut self, family: i32) {
        self.bytes[..2].copy_from_slice(&(family as u16).to_ne_bytes());
    }

    pub(super) fn ip(&self) -> SocketAddr {
        let port = u16::from_be_bytes([self.bytes[2], self.bytes[3]]);
        let ip: IpAddr = if i32::from(self.bytes[0]) == libc::AF_INET {
            <[u8; 4]>::try_from(&self.bytes[4..8]).unwrap().into()
        } else {
            <[u8; 16]>::try_from(&self.bytes[8..24]).unwrap().into()
        };
        SocketAddr::new(ip, port)
    }
}

/// What a call returned, an error as its negative number.
fn result(value: isize) -> i64 {
    match value {
        -1 => -i64::from(std::io::Error::last_os_error().raw_os_error().unwrap()),
        value => value as i64,
    }
}

pub(super) fn socket(family: i32, kind: i32, protocol: i32) -> i32 {
    // SAFETY: no memory is passed.
    result(unsafe { libc::socket(family, kind, protocol) } as isize) as i32
}

pub(super) fn bind(fd: i32, to: &Raw) -> i64 {
    // SAFETY: the address is as long as it says.
    result(unsafe { libc::bind(fd, to.bytes.as_ptr().cast(), to.length) } as isize)
}

pub(super) fn connect(fd: i32, to: &Raw) -> i64 {
    // SAFETY: the address is as long as it says.
    result(unsafe { libc::connect(fd, to.bytes.as_ptr().cast(), to.length) } as isize)
}

pub(super) fn listen(fd: i32, backlog: i32) -> i64 {
    // SAFETY: no memory is passed.
    result(unsafe { libc::listen(fd, backlog) } as isize)
}

pub(super) fn accept(fd: i32, from: Option<&mut Raw>) -> i32 {
    let (at, length) = pointers(from);
    // SAFETY: the address has as much room as it says, or there is none.
    result(unsafe { libc::accept(fd, at.cast(), length) } as isize) as i32
}

pub(super) fn accept4(fd: i32, from: Option<&mut Raw>, flags: i32) -> i32 {
    let (at, length) = pointers(from);
    // SAFETY: the address has as much room as it says, or there is none.
    result(unsafe { libc::accept4(fd, at.cast(), length, flags) } as isize) as i32
}

fn pointers(raw: Option<&mut Raw>) -> (*mut u8, *mut libc::socklen_t) {
    let none = (std::ptr::null_mut(), std::ptr::null_mut());
    raw.map_or(none, |raw| (raw.bytes.as_mut_ptr(), &raw mut raw.length))
}

pub(super) fn shutdown(fd: i32, how: i32) -> i64 {
    // SAFETY: no memory is passed.
    result(unsafe { libc::shutdown(fd, how) } as isize)
}

pub(super) fn send(fd: i32, data: &[u8], to: Option<&Raw>) -> i64 {
    let (at, length) = to.map_or((std::ptr::null(), 0), |raw| (raw.bytes.as_ptr(), raw.length));
    let flags = libc::MSG_NOSIGNAL;
    // SAFETY: data and address are as long as is said.
    let sent =
        unsafe { libc::sendto(fd, data.as_ptr().cast(), data.len(), flags, at.cast(), length) };
    result(sent)
}

pub(super) fn receive(fd: i32, room: usize, from: Option<&mut Raw>, flags: i32) -> i64 {
    let mut data = vec![0u8; room];
    let (at, length) = pointers(from);
    // SAFETY: data and address have as much room as is said.
    let read =
        unsafe { libc::recvfrom(fd, data.as_mut_ptr().cast(), room, flags, at.cast(), length) };
    result(read)
}

pub(super) fn set(fd: i32, level: i32, name: i32, value: &[u8]) -> i64 {
    let length = value.len() as libc::socklen_t;
    // SAFETY: the value is as long as is said.
    result(unsafe { libc::setsockopt(fd, level, name, value.as_ptr().cast(), length) } as isize)
}

pub(super) fn error_of(fd: i32) -> i32 {
    let (mut error, mut length) = (0i32, 4u32);
    let at = (&raw mut error).cast::<c_void>();
    // SAFETY: the value has room for what is said.
    unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_ERROR, at, &raw mut length) };
    error
}

/// This end's address, as the kernel tells this process.
pub(super) fn local(fd: i32) -> SocketAddr {
    let mut raw = Raw::EMPTY;
    let (at, length) = pointers(Some(&mut raw));
    // SAFETY: the address has as much room as it says.
    assert_eq!(unsafe { libc::getsockname(fd, at.cast(), length) }, 0);
    raw.ip()
}

/// The other end's address.
pub(super) fn peer(fd: i32) -> SocketAddr {
    let mut raw = Raw::EMPTY;
    let (at, length) = pointers(Some(&mut raw));
    // SAFETY: the address has as much room as it says.
    assert_eq!(unsafe { libc::getpeername(fd, at.cast(), length) }, 0);
    raw.ip()
}

pub(super) fn inode(fd: i32) -> i64 {
    let mut stat = MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: stat is ours, and zeroed is valid.
    unsafe {
        assert_eq!(libc::fstat(fd, stat.as_mut_ptr()), 0);
        stat.assume_init().st_ino as i64
    }
}

pub(super) fn close(fd: i32) {
    // SAFETY: no memory is passed.
    unsafe { libc::close(fd) };
}

/// A message, with everything that its header points to.
pub(super) struct Message {
    pub(super) name: Option<Raw>,
    pub(super) parts: Vec<Vec<u8>>,
    pub(super) control: Vec<u8>,
    vectors: Vec<libc::iovec>,
}

impl Message {
    pub(super) fn new(name: Option<Raw>, parts: &[&[u8]], control: &[u8]) -> Self {
        let parts = parts.iter().map(|part| part.to_vec()).collect();
        Self { name, parts, control: control.to_vec(), vectors: Vec::new() }
    }

    pub(super) fn header(&mut self) -> libc::msghdr {
        let vector = |part: &mut Vec<u8>| libc::iovec {
            iov_base: part.as_mut_ptr().cast(),
            iov_len: part.len(),
        };
        self.vectors = self.parts.iter_mut().map(vector).collect();
        // SAFETY: zeroed is a valid header.
        let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
        if let Some(name) = &mut self.name {
            (header.msg_name, header.msg_namelen) = (name.bytes.as_mut_ptr().cast(), name.length);
        }
        (header.msg_iov, header.msg_iovlen) = (self.vectors.as_mut_ptr(), self.vectors.len());
        if !self.control.is_empty() {
            header.msg_control = self.control.as_mut_ptr().cast();
            header.msg_controllen = self.control.len();
        }
        header
    }

    pub(super) fn send(&mut self, fd: i32) -> i64 {
        let header = self.header();
        // SAFETY: the header points to what this message owns.
        result(unsafe { libc::sendmsg(fd, &raw const header, libc::MSG_NOSIGNAL) })
    }

    /// Receives, and cuts `control` to what was written.
    pub(super) fn receive(&mut self, fd: i32, flags: i32) -> i64 {
        let mut header = self.header();
        // SAFETY: the header points to what this message owns.
        let read = result(unsafe { libc::recvmsg(fd, &raw mut header, flags) });
        self.control.truncate(header.msg_controllen);
        read
    }
}

fn rows(messages: &mut [Message]) -> Vec<libc::mmsghdr> {
    messages.iter_mut().map(|m| libc::mmsghdr { msg_hdr: m.header(), msg_len: 0 }).collect()
}

pub(super) fn send_rows(fd: i32, messages: &mut [Message]) -> i64 {
    let mut rows = rows(messages);
    // SAFETY: the headers point to what the messages own.
    result(unsafe { libc::sendmmsg(fd, rows.as_mut_ptr(), rows.len() as u32, 0) } as isize)
}

pub(super) fn receive_rows(fd: i32, messages: &mut [Message], flags: i32) -> i64 {
    let mut rows = rows(messages);
    let (at, count, never) = (rows.as_mut_ptr(), rows.len() as u32, std::ptr::null_mut());
    // SAFETY: the headers point to what the messages own.
    result(unsafe { libc::recvmmsg(fd, at, count, flags, never) } as isize)
}

/// A control message that hands over fds.
pub(super) fn rights(fds: &[i32]) -> Vec<u8> {
    let length = size_of::<libc::cmsghdr>() + size_of_val(fds);
    let mut control = length.to_ne_bytes().to_vec();
    control.extend(libc::SOL_SOCKET.to_ne_bytes());
    control.extend(libc::SCM_RIGHTS.to_ne_bytes());
    control.extend(fds.iter().flat_map(|fd| fd.to_ne_bytes()));
    control.resize(length.next_multiple_of(8), 0);
    control
}

/// A call with pointers to nowhere.
pub(super) fn raw(number: libc::c_long, args: [usize; 6]) -> i64 {
    let [a, b, c, d, e, f] = args;
    // SAFETY: the pointers are checked by the kernel, which fails the call.
    result(unsafe { libc::syscall(number, a, b, c, d, e, f) } as isize)
}
