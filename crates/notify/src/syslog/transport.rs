//! How messages get to a syslog daemon.

use std::{
    io::{self, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs, UdpSocket},
    os::unix::net::UnixDatagram,
    time::Duration,
};

use super::Place;

/// Time that connecting, and sending one message, may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A way to a daemon.
pub(super) enum Connection {
    Local(UnixDatagram),
    Udp(UdpSocket),
    Tcp(TcpStream),
}

impl Connection {
    /// Finds the daemon. Of several addresses of its host the first that answers is taken.
    pub(super) fn open(to: &Place) -> io::Result<Self> {
        match to {
            Place::Local(path) => {
                let socket = UnixDatagram::unbound()?;
                socket.connect(path)?;
                socket.set_write_timeout(Some(TIMEOUT))?;
                Ok(Self::Local(socket))
            }
            Place::Udp(host, port) => first(host, *port, udp).map(Self::Udp),
            Place::Tcp(host, port) => first(host, *port, tcp).map(Self::Tcp),
        }
    }

    /// False if the daemon closed it: what would be written to it would be lost.
    pub(super) fn is_open(&self) -> bool {
        let Self::Tcp(stream) = self else { return true };
        let peeked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
        let waits = matches!(&peeked, Err(e) if e.kind() == io::ErrorKind::WouldBlock);
        // A daemon has nothing to say; what it says is let lie.
        (waits || peeked.is_ok_and(|bytes| bytes > 0)) && stream.set_nonblocking(false).is_ok()
    }

    pub(super) fn send(&mut self, message: &[u8]) -> io::Result<()> {
        match self {
            Self::Local(socket) => socket.send(message).map(drop),
            Self::Udp(socket) => socket.send(message).map(drop),
            Self::Tcp(stream) => {
                let mut framed = format!("{} ", message.len()).into_bytes();
                framed.extend_from_slice(message);
                stream.write_all(&framed)
            }
        }
    }
}

fn first<T>(host: &str, port: u16, open: fn(SocketAddr) -> io::Result<T>) -> io::Result<T> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, format!("{host} has no address"));
    for address in (host, port).to_socket_addrs()? {
        match open(address) {
            Ok(opened) => return Ok(opened),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn udp(to: SocketAddr) -> io::Result<UdpSocket> {
    let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any)?;
    socket.connect(to)?;
    Ok(socket)
}

fn tcp(to: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&to, TIMEOUT)?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
