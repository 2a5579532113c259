//! Who listens on the network: whoever does has its program and all that this loaded reached from there.
//!
//! TCP: who calls `listen`, or accepts a connection on what somebody else listened on. UDP: who binds a port
//! of its own.

use std::net::IpAddr;

use event::snapshot::L4Proto;
use state::{Context, Fd, SockInfo, State, Thread};

use super::Watcher;
use crate::{Port, Protocol, Reach};

/// So long a port counts as noted, seconds.
const AGAIN_S: u32 = 60;

impl Watcher {
    /// Only what has no connections is listened on by being bound.
    pub(super) fn bound(&mut self, context: &Context<'_>, now_s: u32) -> Option<()> {
        let port = port(&context.fd?.sock).filter(|it| it.protocol == Protocol::Udp)?;
        self.reached(context, port, now_s)
    }

    pub(super) fn listens(&mut self, context: &Context<'_>, now_s: u32) -> Option<()> {
        let port = port(&context.fd?.sock)?;
        self.reached(context, port, now_s)
    }

    /// A connection came in: to the port of this end.
    pub(super) fn accepted(&mut self, context: &Context<'_>, now_s: u32) -> Option<()> {
        let (ip, number): (IpAddr, u16) = match context.fd?.sock {
            SockInfo::Ipv4 { dip, dport, .. } => (dip.into(), dport),
            SockInfo::Ipv6 { dip, dport, .. } => (dip.into(), dport),
            _ => return None,
        };
        self.reached(context, Port { protocol: Protocol::Tcp, number, reach: reach(ip) }, now_s)
    }

    fn reached(&mut self, context: &Context<'_>, port: Port, now_s: u32) -> Option<()> {
        if context.event.int(0)? < 0 {
            return None;
        }
        self.has_port(context.thread?, context.state, port, now_s)
    }

    fn has_port(&mut self, thread: &Thread, state: &State, port: Port, now_s: u32) -> Option<()> {
        let place = self.place(thread, state)?;
        let process = self.processes.of(place, thread, state);
        match process.ports.iter_mut().find(|(known, _)| *known == port) {
            Some((_, noted_s)) if now_s < noted_s.saturating_add(AGAIN_S) => return None,
            Some((_, noted_s)) => *noted_s = now_s,
            None => process.ports.push((port, now_s)),
        }
        let files = process.files.clone();
        let place = self.index.at_mut(place)?;
        files.iter().for_each(|path| place.listens(path, port, now_s));
        Some(())
    }

    /// What a process had open before the recording began.
    pub(super) fn has_open(&mut self, thread: &Thread, state: &State, fd: &Fd, now_s: u32) {
        if let Some(port) = port(&fd.sock) {
            self.has_port(thread, state, port, now_s);
        }
    }
}

/// The port of a socket that has one of its own and no connection.
fn port(sock: &SockInfo) -> Option<Port> {
    let (ip, number, l4): (IpAddr, u16, L4Proto) = match *sock {
        SockInfo::Ipv4Server { ip, port, l4 } => (ip.into(), port, l4),
        SockInfo::Ipv6Server { ip, port, l4 } => (ip.into(), port, l4),
        _ => return None,
    };
    let protocol = match l4 {
        L4Proto::Tcp => Protocol::Tcp,
        L4Proto::Udp => Protocol::Udp,
        _ => Protocol::Other,
    };
    Some(Port { protocol, number, reach: reach(ip) })
}

fn reach(ip: IpAddr) -> Reach {
    let is_loopback = match ip {
        IpAddr::V4(ip) => ip.is_loopback(),
        IpAddr::V6(ip) => ip.to_canonical().is_loopback(),
    };
    if is_loopback { Reach::Loopback } else { Reach::Network }
}
