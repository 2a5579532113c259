//! Sockets.

mod answers;
mod calls;
mod datagrams;
mod races;
mod rights;
mod streams;
mod unix;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use event::decode::{SockAddr, SockTuple};

use crate::harness::{Act, Kept, Notes};

pub(crate) const ACTS: &[(&str, Act)] = &[
    ("net::tcp4", |notes| streams::act(notes, Ipv4Addr::LOCALHOST.into())),
    ("net::tcp6", |notes| streams::act(notes, Ipv6Addr::LOCALHOST.into())),
    ("net::mapped", streams::act_mapped),
    ("net::udp4", |notes| datagrams::act(notes, Ipv4Addr::LOCALHOST.into())),
    ("net::udp6", |notes| datagrams::act(notes, Ipv6Addr::LOCALHOST.into())),
    ("net::rows", datagrams::act_rows),
    ("net::unix", unix::act),
    ("net::unix_datagrams", unix::act_datagrams),
    ("net::rights", rights::act),
    ("net::options", streams::act_options),
    ("net::bad", streams::act_bad),
    ("net::answers", answers::act),
    ("net::races", races::act),
    ("net::races_begun", races::act_begun),
];

/// Whether this machine has the address; says so if not.
fn has(ip: IpAddr) -> bool {
    let has = std::net::UdpSocket::bind((ip, 0)).is_ok();
    if !has {
        eprintln!("skipped: no {ip} here");
    }
    has
}

/// A parameter's bytes, by name.
fn bytes(event: &Kept, name: &str) -> Vec<u8> {
    let event = event.event();
    let index = event.info().params.iter().position(|param| param.name == name).unwrap();
    event.bytes(index).unwrap().to_vec()
}

/// Both ends, as an event tells them; `Err(Null)` if it does not.
fn tuple(event: &Kept) -> String {
    format!("{:?}", SockTuple::parse(&bytes(event, "tuple")))
}

fn address(event: &Kept) -> String {
    format!("{:?}", SockAddr::parse(&bytes(event, "addr")))
}

const NONE: &str = "Err(Null)";

/// What [`tuple`] says of these ends.
fn ends(from: SocketAddr, to: SocketAddr) -> String {
    let (sport, dport) = (from.port(), to.port());
    let tuple = match (from.ip(), to.ip()) {
        (IpAddr::V4(sip), IpAddr::V4(dip)) => SockTuple::Inet { sip, sport, dip, dport },
        (IpAddr::V6(sip), IpAddr::V6(dip)) => SockTuple::Inet6 { sip, sport, dip, dport },
        _ => panic!("{from} {to}"),
    };
    format!("Ok({tuple:?})")
}

/// What [`address`] says of it.
fn end(address: SocketAddr) -> String {
    let address = match address {
        SocketAddr::V4(v4) => SockAddr::Inet(*v4.ip(), v4.port()),
        SocketAddr::V6(v6) => SockAddr::Inet6(*v6.ip(), v6.port()),
    };
    format!("Ok({address:?})")
}

/// The address whose port an act has noted.
fn noted(notes: &Notes, ip: IpAddr, name: &str) -> SocketAddr {
    SocketAddr::new(ip, u16::try_from(notes.of(name)).unwrap())
}
