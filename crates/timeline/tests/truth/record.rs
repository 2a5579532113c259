//! What a record holds, found without the state or the builder.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use capture::Record;
use event::{
    Event, ParamType,
    decode::{SockAddr, SockTuple},
    schema::Origin,
    snapshot::{FdTarget, Interface},
    syscalls as ev,
};

/// Arguments, the program's own name first.
type Argv = Vec<Vec<u8>>;

/// What a record holds.
#[derive(Default)]
pub(crate) struct Seen {
    /// Arguments of every call of exec.
    pub(crate) executed: BTreeSet<Argv>,
    /// How many of them succeeded.
    pub(crate) successes: usize,
    /// Arguments of what ran before, or was forked.
    pub(crate) running: BTreeSet<Argv>,
    /// Ends of paths: what is left of each behind its last `..`.
    paths: BTreeSet<Vec<u8>>,
    pub(crate) endpoints: BTreeSet<(IpAddr, u16)>,
}

impl Seen {
    pub(crate) fn record(&mut self, record: &Record<'_>) {
        match record {
            Record::Thread(thread) => {
                self.running.insert(argv(thread.exe, thread.args));
                self.path(thread.exepath);
            }
            Record::Fd(_, fd) => self.target(&fd.target),
            // The state gives an end that the kernel left open one of these addresses.
            Record::Interface(interface) => self.interface(interface),
            Record::Event(event) => self.event(event),
            _ => {}
        }
    }

    fn interface(&mut self, interface: &Interface<'_>) {
        let address: IpAddr = match interface {
            Interface::V4 { address, .. } => (*address).into(),
            Interface::V6 { address, .. } => (*address).into(),
        };
        self.endpoints.insert((address, 0));
    }

    fn target(&mut self, target: &FdTarget<'_>) {
        match *target {
            FdTarget::Ipv4 { sip, dip, sport, dport, .. } => self.ends(sip, sport, dip, dport),
            FdTarget::Ipv6 { sip, dip, sport, dport, .. } => self.ends(sip, sport, dip, dport),
            FdTarget::Ipv4Server { ip, port, .. } => self.end(ip, port),
            FdTarget::Ipv6Server { ip, port, .. } => self.end(ip, port),
            FdTarget::Unix { name, .. }
            | FdTarget::File { name, .. }
            | FdTarget::Named(_, name) => self.path(name),
        }
    }

    fn event(&mut self, event: &Event<'_>) {
        let text = |index| event.text(index).unwrap_or_default();
        let args = event.bytes(2).unwrap_or_default();
        match event.kind {
            ev::EXECVE_19_X | ev::EXECVEAT_X => {
                self.executed.insert(argv(text(1), args));
                self.successes += usize::from(event.int(0) == Some(0));
            }
            ev::CLONE_20_X | ev::CLONE3_X | ev::FORK_20_X | ev::VFORK_20_X => {
                self.running.insert(argv(text(1), args));
            }
            _ => {}
        }
        if event.kind.info().origin == Origin::Syscall {
            event.params().for_each(|param| self.param(param.info.ty, param.bytes));
        }
    }

    fn param(&mut self, ty: ParamType, bytes: &[u8]) {
        match ty {
            ParamType::FsPath | ParamType::FsRelPath | ParamType::CharBuf => {
                self.path(bytes.split(|&b| b == 0).next().unwrap_or_default());
            }
            ParamType::SockAddr => match SockAddr::parse(bytes) {
                Ok(SockAddr::Inet(ip, port)) => self.end(ip, port),
                Ok(SockAddr::Inet6(ip, port)) => self.end(ip, port),
                _ => {}
            },
            ParamType::SockTuple => match SockTuple::parse(bytes) {
                Ok(SockTuple::Inet { sip, sport, dip, dport }) => self.ends(sip, sport, dip, dport),
                Ok(SockTuple::Inet6 { sip, sport, dip, dport }) => {
                    self.ends(sip, sport, dip, dport);
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn ends(&mut self, sip: impl Into<IpAddr>, sport: u16, dip: impl Into<IpAddr>, dport: u16) {
        self.end(sip, sport);
        self.end(dip, dport);
    }

    fn end(&mut self, ip: impl Into<IpAddr>, port: u16) {
        let ip = ip.into().to_canonical();
        self.endpoints.insert((ip, port));
        let any: IpAddr =
            if ip.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        self.endpoints.insert((any, port));
    }

    fn path(&mut self, path: &[u8]) {
        let mut parts: Vec<&[u8]> = Vec::new();
        for part in path.split(|&b| b == b'/') {
            match part {
                b"" | b"." => {}
                b".." => parts.clear(),
                part => parts.push(part),
            }
        }
        self.paths.insert(parts.join(&b'/'));
    }

    /// Whether a path ends as one of the record does.
    pub(crate) fn has_path(&self, path: &[u8]) -> bool {
        let path = path.strip_prefix(b"memfd:").unwrap_or(path);
        let path = path.strip_suffix(b"/").unwrap_or(path);
        let path = path.strip_prefix(b"/").unwrap_or(path);
        let starts = path.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| at + 1);
        std::iter::once(0).chain(starts).any(|start| self.paths.contains(&path[start..]))
    }
}

fn argv(exe: &[u8], args: &[u8]) -> Argv {
    let mut argv = Vec::new();
    if !matches!(exe, b"" | b"<NA>") {
        argv.push(exe.to_vec());
    }
    let args = args.strip_suffix(b"\0").unwrap_or(args);
    if !args.is_empty() {
        argv.extend(args.split(|&b| b == 0).map(<[u8]>::to_vec));
    }
    argv
}
