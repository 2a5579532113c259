//! Connections and datagrams.

use std::net::{Ipv4Addr, SocketAddrV4};

use event::syscalls as sys;

use super::{
    super::{dns, host, shop},
    AF_INET, AF_UNIX, AtExec, EINPROGRESS, ENOENT, Process, Stage, snap,
};

/// Types of sockets, the kernel's numbers.
const SOCK_STREAM: u32 = 1;
const SOCK_DGRAM: u32 = 2;
const SOCK_CLOEXEC_NONBLOCK: u32 = 0x8_0800;
const IPPROTO_IP: u32 = 0;
const IPPROTO_TCP: u32 = 6;
/// Most connections that wait to be accepted.
const BACKLOG: u32 = 511;
const READ_BYTES: u32 = 16_384;
/// Where the kernel keeps UNIX sockets, and how far one is from the next.
const UNIX_SOCKETS: u64 = 0xffff_8880_9a00_0000;
const UNIX_SOCKET_BYTES: u64 = 0x400;
/// First port of connections out.
const FIRST_PORT: u64 = 36_200;

/// A connection of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) fd: i64,
    ours: SocketAddrV4,
    theirs: SocketAddrV4,
}

/// A connection over a UNIX socket: a descriptor, and the kernel's addresses of the end that
/// connected and of the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnixLink {
    pub(crate) fd: i64,
    ends: [u64; 2],
}

/// Who is at the other end.
pub(crate) type Peer = SocketAddrV4;

impl Stage {
    /// Takes a connection.
    pub(crate) fn accept(&mut self, who: &mut Process, from: Peer, port: u16) -> Link {
        let (fd, ours) = (who.next_fd(AtExec::Closed), SocketAddrV4::new(own_address(who), port));
        self.accepted(who, fd, &tuple(from, ours));
        Link { fd, ours, theirs: from }
    }

    fn accepted(&mut self, who: &Process, fd: i64, tuple: &[u8]) {
        self.emit(who.pid, sys::SOCKET_ACCEPT4_6_X, |b| {
            b.i64(fd).raw(tuple).u8(0).u32(0).u32(BACKLOG).u32(0);
        });
    }

    /// Connects, and waits until the connection stands.
    pub(crate) fn connect(&mut self, who: &mut Process, to: Peer) -> Link {
        let link = self.new_link(who, SOCK_STREAM, IPPROTO_TCP, to);
        self.connected(who, link, 0);
        link
    }

    /// Connects without waiting, as curl does.
    pub(crate) fn connect_soon(&mut self, who: &mut Process, to: Peer) -> Link {
        let link = self.new_link(who, SOCK_STREAM, IPPROTO_TCP, to);
        self.connected(who, link, EINPROGRESS);
        self.wait_ms(21);
        link
    }

    /// A datagram socket for one peer.
    pub(crate) fn datagrams(&mut self, who: &mut Process, to: Peer) -> Link {
        let link = self.new_link(who, SOCK_DGRAM | SOCK_CLOEXEC_NONBLOCK, IPPROTO_IP, to);
        self.connected(who, link, 0);
        link
    }

    fn new_link(&mut self, who: &mut Process, kind: u32, protocol: u32, to: Peer) -> Link {
        let at_exec = if kind == SOCK_STREAM { AtExec::Kept } else { AtExec::Closed };
        let fd = who.next_fd(at_exec);
        self.socket(who, fd, AF_INET, kind, protocol);
        let port = FIRST_PORT + self.new_inode() * 37 % 20_000;
        let ours = SocketAddrV4::new(own_address(who), port as u16);
        Link { fd, ours, theirs: to }
    }

    fn socket(&mut self, who: &Process, fd: i64, family: u8, kind: u32, protocol: u32) {
        self.emit(who.pid, sys::SOCKET_SOCKET_X, |b| {
            b.i64(fd).u32(family.into()).u32(kind).u32(protocol).u32(0);
        });
    }

    fn connected(&mut self, who: &Process, link: Link, result: i64) {
        self.emit(who.pid, sys::SOCKET_CONNECT_X, |b| {
            b.i64(result).raw(&tuple(link.ours, link.theirs)).i64(link.fd);
            b.raw(&address(link.theirs));
        });
    }

    pub(crate) fn send(&mut self, who: &Process, link: Link, data: impl AsRef<[u8]>) {
        let data = data.as_ref();
        self.emit(who.pid, sys::SOCKET_SENDTO_X, |b| {
            b.i64(data.len() as i64).raw(snap(data)).i64(link.fd).u32(data.len() as u32);
            b.raw(&tuple(link.ours, link.theirs));
        });
    }

    pub(crate) fn receive(&mut self, who: &Process, link: Link, data: impl AsRef<[u8]>) {
        let data = data.as_ref();
        self.receive_of(who, link, data, data.len());
    }

    /// Receives this many bytes, of which these are the first.
    pub(crate) fn receive_of(&mut self, who: &Process, link: Link, head: &[u8], bytes: usize) {
        self.emit(who.pid, sys::SOCKET_RECVFROM_X, |b| {
            b.i64(bytes as i64).raw(snap(head)).raw(&tuple(link.theirs, link.ours));
            b.i64(link.fd).u32(READ_BYTES);
        });
    }

    /// Sends a head and a file's contents, as web servers do.
    pub(crate) fn send_page(
        &mut self,
        who: &Process,
        link: Link,
        head: &str,
        file: i64,
        bytes: u64,
    ) {
        self.emit(who.pid, sys::WRITEV_X, |b| {
            b.i64(head.len() as i64).raw(snap(head.as_bytes())).i64(link.fd);
            b.u32(head.len() as u32);
        });
        self.emit(who.pid, sys::SENDFILE_X, |b| {
            b.i64(bytes as i64).u64(bytes).i64(link.fd).i64(file).u64(bytes);
        });
    }

    /// Connects to a UNIX socket.
    pub(crate) fn connect_unix(&mut self, who: &mut Process, path: &str) -> UnixLink {
        let fd = who.next_fd(AtExec::Closed);
        let ends = [(); 2].map(|()| UNIX_SOCKETS + self.new_inode() * UNIX_SOCKET_BYTES);
        self.socket(who, fd, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC_NONBLOCK, 0);
        self.emit(who.pid, sys::SOCKET_CONNECT_X, |b| {
            b.i64(0).raw(&unix_tuple(ends, path)).i64(fd).raw(&unix_address(path));
        });
        UnixLink { fd, ends }
    }

    /// Takes a connection, made by somebody else, at a UNIX socket.
    pub(crate) fn accept_unix(&mut self, who: &mut Process, path: &str, made: UnixLink) -> i64 {
        let fd = who.next_fd(AtExec::Closed);
        self.accepted(who, fd, &unix_tuple(made.ends, path));
        fd
    }

    /// Asks the name service cache, which does not run.
    fn ask_cache(&mut self, who: &mut Process) {
        let path = "/var/run/nscd/socket";
        let fd = who.next_fd(AtExec::Closed);
        self.socket(who, fd, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC_NONBLOCK, 0);
        self.emit(who.pid, sys::SOCKET_CONNECT_X, |b| {
            b.i64(ENOENT).null().i64(fd).raw(&unix_address(path));
        });
        self.close(who, fd);
    }

    /// Looks a name up at the resolver: first its IPv4 address, then that it has no other.
    pub(crate) fn look_up(&mut self, who: &mut Process, name: &str, ip: Ipv4Addr) {
        self.ask_cache(who);
        self.read_file(who, "/etc/resolv.conf", format!("nameserver {}\n", host::RESOLVER));
        self.read_file(who, "/etc/hosts", "127.0.0.1\tlocalhost\n");
        let link = self.datagrams(who, SocketAddrV4::new(host::RESOLVER, 53));
        let id = (self.new_inode() * 7_919 % 65_536) as u16;
        self.send(who, link, dns::question(id, name, dns::A));
        self.wait_ms(12);
        self.receive(who, link, dns::answer(id, name, ip));
        self.send(who, link, dns::question(id + 1, name, dns::AAAA));
        self.wait_ms(7);
        self.receive(who, link, dns::no_answer(id + 1, name, dns::AAAA));
        self.close(who, link.fd);
    }
}

fn own_address(who: &Process) -> Ipv4Addr {
    if who.in_container() { shop::ADDRESS } else { host::ADDRESS }
}

fn address(of: SocketAddrV4) -> Vec<u8> {
    let mut bytes = vec![AF_INET];
    bytes.extend(of.ip().octets());
    bytes.extend(of.port().to_le_bytes());
    bytes
}

fn tuple(source: SocketAddrV4, destination: SocketAddrV4) -> Vec<u8> {
    let mut bytes = address(source);
    bytes.extend(&address(destination)[1..]);
    bytes
}

fn unix_address(path: &str) -> Vec<u8> {
    [&[AF_UNIX], path.as_bytes(), b"\0"].concat()
}

fn unix_tuple(ends: [u64; 2], path: &str) -> Vec<u8> {
    let [source, destination] = ends.map(u64::to_le_bytes);
    [&[AF_UNIX], &source[..], &destination, path.as_bytes(), b"\0"].concat()
}
