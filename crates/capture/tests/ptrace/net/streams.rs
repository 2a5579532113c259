//! TCP, options, and what fails.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    thread,
    time::Duration,
};

use event::syscalls::*;

use super::{
    NONE, address, bytes,
    calls::{self, Raw},
    end, ends, has, noted, tuple,
};
use crate::harness::{Notes, trace};

fn family(ip: IpAddr) -> i32 {
    if ip.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 }
}

const STREAM: i32 = libc::SOCK_STREAM | libc::SOCK_CLOEXEC;

pub(super) fn act(notes: &mut Notes, ip: IpAddr) {
    let family = family(ip);
    let server = calls::socket(family, STREAM, 0);
    calls::bind(server, &Raw::of(SocketAddr::new(ip, 0)));
    calls::listen(server, 7);
    let at = Raw::of(calls::local(server));
    notes.note("server", at.ip().port());
    let waits = calls::socket(family, libc::SOCK_STREAM, libc::IPPROTO_TCP);
    notes.note("connected", calls::connect(waits, &at));
    wait_for_one(server);
    let begins = calls::socket(family, libc::SOCK_STREAM | libc::SOCK_NONBLOCK, 0);
    notes.note("begun", calls::connect(begins, &at));
    notes.note("error", calls::error_of(begins));
    assert_eq!((calls::peer(waits), calls::peer(begins)), (at.ip(), at.ip()));
    // Nothing tells of the second one that waits.
    thread::sleep(Duration::from_millis(50));
    notes.note("waits", calls::local(waits).port());
    notes.note("begins", calls::local(begins).port());
    let mut from = Raw::EMPTY;
    let first = calls::accept4(server, Some(&mut from), libc::SOCK_NONBLOCK);
    assert_eq!(from.ip(), calls::local(waits));
    let second = calls::accept(server, None);
    notes.note("first", first);
    notes.note("second", second);
    notes.note("sent", calls::send(waits, &[7; 200], None));
    notes.note("received", calls::receive(first, 150, None, 0));
    notes.note("again", calls::receive(second, 10, None, libc::MSG_DONTWAIT));
    calls::shutdown(waits, libc::SHUT_WR);
    notes.note("end", calls::receive(first, 300, None, 0));
    notes.note("end", calls::receive(first, 300, None, 0));
    calls::close(server);
    let refused = calls::socket(family, libc::SOCK_STREAM, 0);
    notes.note("refused", calls::connect(refused, &at));
}

/// Waits until a connection can be accepted: a client's is made when the server has answered, and what the client
/// says to that may be on its way for long, and be overtaken by the next one's.
fn wait_for_one(server: i32) {
    let mut wanted = libc::pollfd { fd: server, events: libc::POLLIN, revents: 0 };
    // SAFETY: the pointer is to a local that outlives the call, and one is what is counted.
    assert_eq!(unsafe { libc::poll(&raw mut wanted, 1, 10_000) }, 1);
}

fn check(act: &str, ip: IpAddr) {
    if !has(ip) {
        return;
    }
    let outcome = trace(act);
    let notes = &outcome.notes;
    let at = |name: &str| noted(notes, ip, name);
    let (server, waits, begins) = (at("server"), at("waits"), at("begins"));

    let sockets = outcome.of(SOCKET_SOCKET_X);
    let [made, waiting, beginning, ..] = sockets[..] else { panic!("{sockets:?}") };
    let family = i64::from(family(ip));
    let facts = |event: &crate::harness::Kept| {
        ["domain", "type", "proto", "flags"].map(|name| event.int(name).unwrap())
    };
    assert_eq!(facts(made), [family, STREAM.into(), 0, 0x1000]);
    assert_eq!(facts(waiting), [family, 1, 6, 0]);
    assert_eq!(facts(beginning), [family, i64::from(1 | libc::SOCK_NONBLOCK), 0, 0x40]);

    let [bound] = outcome.of(SOCKET_BIND_X)[..] else { panic!() };
    assert_eq!((bound.int("res"), bound.int("fd")), (Some(0), made.int("fd")));
    assert_eq!(address(bound), end(SocketAddr::new(ip, 0)), "as asked");
    let [listening] = outcome.of(SOCKET_LISTEN_X)[..] else { panic!() };
    assert_eq!((listening.int("res"), listening.int("backlog")), (Some(0), Some(7)));

    let [connected, begun, refused] = outcome.of(SOCKET_CONNECT_X)[..] else { panic!() };
    assert_eq!((connected.int("res"), connected.int("fd")), (Some(0), waiting.int("fd")));
    assert_eq!((tuple(connected), address(connected)), (ends(waits, server), end(server)));
    assert_eq!(begun.int("res"), Some(notes.of("begun")));
    assert_eq!(notes.of("begun"), -i64::from(libc::EINPROGRESS));
    assert_eq!((tuple(begun), address(begun)), (ends(begins, server), end(server)));
    assert_eq!(refused.int("res"), Some(-i64::from(libc::ECONNREFUSED)));
    assert_eq!((tuple(refused), address(refused)), (NONE.to_owned(), end(server)));
    let [error] = outcome.of(SOCKET_GETSOCKOPT_X)[..] else { panic!() };
    assert_eq!([error.int("level"), error.int("optname")], [Some(1), Some(4)]);
    assert_eq!(bytes(error, "val"), [&[1][..], &(-notes.of("error")).to_le_bytes()].concat());

    let [first] = outcome.of(SOCKET_ACCEPT4_6_X)[..] else { panic!() };
    assert_eq!(first.int("fd"), Some(notes.of("first")));
    assert_eq!((tuple(first), first.int("flags")), (ends(waits, server), Some(0x40)));
    let queue = ["queuepct", "queuelen", "queuemax"].map(|name| first.int(name).unwrap());
    assert_eq!(queue, [14, 1, 7], "one waits, seven may");
    let [second] = outcome.of(SOCKET_ACCEPT_5_X)[..] else { panic!() };
    assert_eq!(second.int("fd"), Some(notes.of("second")));
    assert_eq!(tuple(second), ends(begins, server));
    assert_eq!([second.int("queuelen"), second.int("queuemax")], [Some(0), Some(7)]);

    let [sent] = outcome.of(SOCKET_SENDTO_X)[..] else { panic!() };
    assert_eq!([sent.int("res"), sent.int("size")], [Some(200), Some(200)]);
    assert_eq!((bytes(sent, "data"), tuple(sent)), (vec![7; 80], ends(waits, server)));
    let received = outcome.of(SOCKET_RECVFROM_X);
    let results: Vec<_> = received.iter().map(|event| event.int("res").unwrap()).collect();
    assert_eq!(results, [150, -i64::from(libc::EAGAIN), 50, 0]);
    let [read, again, rest, end] = received[..] else { panic!() };
    assert_eq!((bytes(read, "data"), tuple(read)), (vec![7; 80], ends(waits, server)));
    assert_eq!((bytes(again, "data"), tuple(again)), (vec![], NONE.to_owned()));
    assert_eq!((bytes(rest, "data"), rest.int("size")), (vec![7; 50], Some(300)));
    assert_eq!((bytes(end, "data"), tuple(end)), (vec![], ends(waits, server)));
    let [shut] = outcome.of(SOCKET_SHUTDOWN_X)[..] else { panic!() };
    assert_eq!([shut.int("res"), shut.int("how")], [Some(0), Some(1)]);
    assert_eq!(outcome.ended.counts.unreadable, 0);
}

#[test]
fn streams_of_ipv4_tell_both_ends() {
    check("net::tcp4", Ipv4Addr::LOCALHOST.into());
}

#[test]
fn streams_of_ipv6_tell_both_ends() {
    check("net::tcp6", Ipv6Addr::LOCALHOST.into());
}

/// Connects over IPv4 to a socket of both families, and to an unspecified address.
pub(super) fn act_mapped(notes: &mut Notes) {
    let server = calls::socket(libc::AF_INET6, STREAM, 0);
    notes.note("bound", calls::bind(server, &Raw::of("[::]:0".parse().unwrap())));
    if notes.of("bound") != 0 {
        return;
    }
    calls::listen(server, 1);
    let port = calls::local(server).port();
    notes.note("server", port);
    let client = calls::socket(libc::AF_INET, STREAM | libc::SOCK_NONBLOCK, 0);
    calls::connect(client, &Raw::of(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port)));
    notes.note("client", calls::local(client).port());
    calls::accept(server, None);
}

#[test]
fn mapped_addresses_stay_so_and_unspecified_ones_are_the_machines() {
    let outcome = trace("net::mapped");
    if outcome.notes.of("bound") != 0 {
        eprintln!("skipped: no IPv6 here");
        return;
    }
    let v4 = |name| noted(&outcome.notes, Ipv4Addr::LOCALHOST.into(), name);
    let v6 = |name| noted(&outcome.notes, Ipv4Addr::LOCALHOST.to_ipv6_mapped().into(), name);
    let [connected] = outcome.of(SOCKET_CONNECT_X)[..] else { panic!() };
    assert_eq!(tuple(connected), ends(v4("client"), v4("server")));
    let [accepted] = outcome.of(SOCKET_ACCEPT_5_X)[..] else { panic!() };
    assert_eq!(tuple(accepted), ends(v6("client"), v6("server")));
}

pub(super) fn act_options(notes: &mut Notes) {
    let fd = calls::socket(libc::AF_INET, libc::SOCK_STREAM, 0);
    let time = [5u64.to_ne_bytes(), 7u64.to_ne_bytes()].concat();
    calls::set(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, &1u32.to_ne_bytes());
    calls::set(fd, libc::SOL_SOCKET, libc::SO_RCVTIMEO, &time);
    calls::set(fd, libc::SOL_SOCKET, libc::SO_LINGER, &[1, 0, 0, 0, 9, 0, 0, 0]);
    calls::set(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY, &1u32.to_ne_bytes());
    calls::set(-1, libc::SOL_SOCKET, libc::SO_KEEPALIVE, &[]);
    notes.note("fd", fd);
}

#[test]
fn options_have_the_schemas_numbers_and_values() {
    let outcome = trace("net::options");
    let fd = outcome.notes.of("fd");
    let time = [&[4u8][..], &5_000_007_000u64.to_le_bytes()].concat();
    let cases: [([i64; 4], Vec<u8>, i64); 5] = [
        ([0, fd, 1, 2], vec![2, 1, 0, 0, 0], 4),
        ([0, fd, 1, 0x14], time, 16),
        ([0, fd, 1, 13], vec![0, 1, 0, 0, 0, 9, 0, 0, 0], 8),
        ([0, fd, 2, 0], vec![0, 1, 0, 0, 0], 4),
        ([-i64::from(libc::EBADF), -1, 1, 9], vec![2, 0, 0, 0, 0], 0),
    ];
    let events = outcome.of(SOCKET_SETSOCKOPT_X);
    assert_eq!(events.len(), cases.len());
    for (at, (event, (facts, value, length))) in events.iter().zip(cases).enumerate() {
        let found = ["res", "fd", "level", "optname"].map(|name| event.int(name).unwrap());
        assert_eq!(found, facts, "{at}");
        // An empty value has no memory of its own that would be known to hold zeros.
        let found = bytes(event, "val");
        assert_eq!(found.get(..found.len().min(1)), value.get(..1), "{at}");
        assert!(length == 0 || found == value, "{at}: {found:?}");
        assert_eq!(event.int("optlen"), Some(length), "{at}");
    }
}

/// Addresses and headers that are no memory, fds that are no sockets.
pub(super) fn act_bad(notes: &mut Notes) {
    const NOWHERE: usize = 8;
    let fd = calls::socket(libc::AF_INET, libc::SOCK_DGRAM, 0);
    let us = fd as usize;
    notes.note("fd", fd);
    notes.note("family", calls::socket(257, libc::SOCK_STREAM, 0));
    notes.note("bind", calls::raw(libc::SYS_bind, [us, NOWHERE, 16, 0, 0, 0]));
    notes.note("connect", calls::raw(libc::SYS_connect, [us, NOWHERE, 16, 0, 0, 0]));
    notes.note("accept", calls::accept(-1, None));
    notes.note("accept4", calls::accept4(fd, None, libc::SOCK_CLOEXEC));
    notes.note("listen", calls::listen(99, -3));
    notes.note("shutdown", calls::shutdown(fd, 9));
    notes.note("pair", calls::raw(libc::SYS_socketpair, [2, 1, 0, NOWHERE, 0, 0]));
    notes.note("sendto", calls::raw(libc::SYS_sendto, [us, NOWHERE, 16, 0, 0, 0]));
    notes.note("recvfrom", calls::raw(libc::SYS_recvfrom, [99, NOWHERE, 16, 0, NOWHERE, 0]));
    notes.note("sendmsg", calls::raw(libc::SYS_sendmsg, [us, NOWHERE, 0, 0, 0, 0]));
    notes.note("recvmsg", calls::raw(libc::SYS_recvmsg, [us, NOWHERE, 0x40, 0, 0, 0]));
    notes.note("sendmmsg", calls::raw(libc::SYS_sendmmsg, [us, NOWHERE, 2, 0, 0, 0]));
    notes.note("recvmmsg", calls::raw(libc::SYS_recvmmsg, [us, NOWHERE, 2, 0x40, 0, 0]));
}

#[test]
fn what_cannot_be_read_is_null() {
    let outcome = trace("net::bad");
    let fd = outcome.notes.of("fd");
    let cases: &[(&str, event::EventType, i64, &[&str])] = &[
        ("bind", SOCKET_BIND_X, fd, &["addr"]),
        ("connect", SOCKET_CONNECT_X, fd, &["addr", "tuple"]),
        ("listen", SOCKET_LISTEN_X, 99, &[]),
        ("shutdown", SOCKET_SHUTDOWN_X, fd, &[]),
        ("sendto", SOCKET_SENDTO_X, fd, &["data", "tuple"]),
        ("recvfrom", SOCKET_RECVFROM_X, 99, &["data", "tuple"]),
        ("sendmsg", SOCKET_SENDMSG_X, fd, &["data", "size", "tuple"]),
        ("recvmsg", SOCKET_RECVMSG_X, fd, &["data", "tuple", "msgcontrol"]),
        ("sendmmsg", SOCKET_SENDMMSG_X, fd, &["data", "tuple"]),
        ("recvmmsg", SOCKET_RECVMMSG_X, fd, &["data", "tuple", "msgcontrol"]),
    ];
    for (name, kind, fd, nulls) in cases {
        let [event] = outcome.of(*kind)[..] else { panic!("{name}") };
        let result = outcome.notes.of(name);
        assert!(result < 0, "{name}");
        assert_eq!((event.int("res"), event.int("fd")), (Some(result), Some(*fd)), "{name}");
        for null in *nulls {
            assert_eq!(bytes(event, null), b"", "{name} {null}");
        }
    }
    let [shut] = outcome.of(SOCKET_SHUTDOWN_X)[..] else { panic!() };
    assert_eq!(shut.int("how"), Some(0xff));
    let [listening] = outcome.of(SOCKET_LISTEN_X)[..] else { panic!() };
    assert_eq!(listening.int("backlog"), Some(-3));
    let made = outcome.of(SOCKET_SOCKET_X);
    assert_eq!(made[1].int("fd"), Some(outcome.notes.of("family")));
    assert_eq!(made[1].int("domain"), Some(1), "the lowest 8 bits, as libs has them");
    let [pair] = outcome.of(SOCKET_SOCKETPAIR_X)[..] else { panic!() };
    let facts = ["res", "fd1", "fd2", "source", "peer", "domain", "type", "proto"];
    let expected = [outcome.notes.of("pair"), -1, -1, 0, 0, 2, 1, 0];
    assert_eq!(facts.map(|name| pair.int(name).unwrap()), expected);
    for (name, kind) in [("accept", SOCKET_ACCEPT_5_X), ("accept4", SOCKET_ACCEPT4_6_X)] {
        let [event] = outcome.of(kind)[..] else { panic!("{name}") };
        assert_eq!(event.int("fd"), Some(outcome.notes.of(name)));
        assert_eq!((tuple(event), event.int("queuemax")), (NONE.to_owned(), Some(0)));
    }
}
