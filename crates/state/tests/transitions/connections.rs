//! Sockets and their connections.

use std::net::Ipv6Addr;

use event::snapshot::{FdKind, L4Proto};
use event::syscalls::{
    SOCKET_ACCEPT4_6_X, SOCKET_BIND_X, SOCKET_CONNECT_E, SOCKET_CONNECT_X, SOCKET_RECVFROM_X,
    SOCKET_SENDTO_X, SOCKET_SOCKET_X, SOCKET_SOCKETPAIR_X,
};
use state::FdFlags;

use crate::world::{Int, Value, World, address, text, tuple};

const OWN: [u8; 4] = [10, 0, 0, 1];
const PEER: [u8; 4] = [10, 0, 0, 9];

/// A world in which thread 100 has this socket as fd 5.
fn with_socket(domain: i64, kind: i64) -> World {
    let mut world = World::new();
    let params = [("fd", Int(5)), ("domain", Int(domain)), ("type", Int(kind)), ("proto", Int(0))];
    world.event(SOCKET_SOCKET_X, 100, &params);
    world
}

fn connect(world: &mut World, res: i64, tuple: Value) {
    world.event(SOCKET_CONNECT_X, 100, &[("res", Int(res)), ("fd", Int(5)), ("tuple", tuple)]);
}

#[test]
fn a_new_socket_has_kind_and_protocol() {
    let cases = [
        (2, 1, FdKind::Ipv4Sock, L4Proto::Tcp),
        (2, 2 | 0x80000, FdKind::Ipv4Sock, L4Proto::Udp),
        (10, 1, FdKind::Ipv6Sock, L4Proto::Tcp),
        (1, 1, FdKind::UnixSock, L4Proto::Unknown),
        (16, 3, FdKind::Netlink, L4Proto::Unknown),
        (17, 3, FdKind::Unknown, L4Proto::Unknown),
    ];
    for (domain, kind, fd_kind, l4) in cases {
        let world = with_socket(domain, kind);
        let fd = world.fd(100, 5).unwrap();
        assert_eq!((fd.kind, fd.sock.l4()), (fd_kind, l4), "{domain} {kind}");
    }
}

#[test]
fn connect_names_the_connection_and_makes_a_client() {
    // result, name, whether a connection stands
    let cases = [
        (0, "10.0.0.1:999->10.0.0.9:80", true),
        (-115, "10.0.0.1:999->10.0.0.9:80", true),
        (-111, "", false),
    ];
    for (res, name, connected) in cases {
        let mut world = with_socket(2, 1);
        connect(&mut world, res, tuple((OWN, 999), (PEER, 80)));
        let fd = world.fd(100, 5).unwrap();
        assert_eq!(text(&fd.name), name, "{res}");
        assert_eq!(fd.flags.contains(FdFlags::CONNECTED), connected);
        assert_eq!(fd.flags.contains(FdFlags::ROLE_CLIENT), connected);
    }
}

#[test]
fn the_address_at_the_entry_is_trusted_more_than_the_callers_memory_at_the_exit() {
    let (real, faked) = (address(PEER, 80), address([1, 2, 3, 4], 443));
    // what the caller's memory says at the exit, what the kernel says, the name
    let cases = [
        // The kernel only repeats what the caller's memory says.
        (faked.clone(), tuple((OWN, 9), ([1, 2, 3, 4], 443)), "10.0.0.1:9->10.0.0.9:80"),
        // The kernel knows better.
        (faked, tuple((OWN, 9), ([7, 7, 7, 7], 7)), "10.0.0.1:9->7.7.7.7:7"),
    ];
    for (at_exit, kernel, name) in cases {
        let mut world = with_socket(2, 1);
        world.event(SOCKET_CONNECT_E, 100, &[("fd", Int(5)), ("addr", real.clone())]);
        let params = [("res", Int(0)), ("fd", Int(5)), ("tuple", kernel), ("addr", at_exit)];
        world.event(SOCKET_CONNECT_X, 100, &params);
        assert_eq!(world.fd_name(100, 5).as_deref(), Some(name));
    }
}

#[test]
fn bind_makes_a_server() {
    for (port, kind, role) in
        [(80, FdKind::Ipv4ServSock, FdFlags::ROLE_SERVER), (0, FdKind::Ipv4Sock, FdFlags::empty())]
    {
        let mut world = with_socket(2, 1);
        let params = [("res", Int(0)), ("fd", Int(5)), ("addr", address([0; 4], port))];
        world.event(SOCKET_BIND_X, 100, &params);
        let fd = world.fd(100, 5).unwrap();
        assert_eq!((fd.kind, fd.flags, fd.sock.l4()), (kind, role, L4Proto::Tcp));
        assert_eq!(text(&fd.name), format!("0.0.0.0:{port}"));
    }
}

#[test]
fn accept_opens_a_connection_as_its_server() {
    let mut world = with_socket(2, 1);
    let params =
        [("fd", Int(6)), ("tuple", tuple((PEER, 999), (OWN, 80))), ("flags", Int(1 << 12))];
    let context = world.event(SOCKET_ACCEPT4_6_X, 100, &params);
    assert_eq!(context.thread.map(|t| t.lastevent_fd), Some(6));
    let fd = world.fd(100, 6).unwrap();
    assert_eq!(text(&fd.name), "10.0.0.9:999->10.0.0.1:80");
    assert_eq!((fd.flags, fd.open_flags), (FdFlags::ROLE_SERVER | FdFlags::CONNECTED, 1 << 12));
    assert_eq!(fd.sock.l4(), L4Proto::Tcp);
}

#[test]
fn datagrams_tell_the_ends_of_a_socket_that_never_connected() {
    // way, ends, name, role
    let cases = [
        (
            SOCKET_SENDTO_X,
            tuple((OWN, 999), (PEER, 53)),
            "10.0.0.1:999->10.0.0.9:53",
            FdFlags::ROLE_CLIENT,
        ),
        // An end that the kernel left open is the machine's own address.
        (
            SOCKET_SENDTO_X,
            tuple(([0; 4], 999), (PEER, 53)),
            "10.0.0.1:999->10.0.0.9:53",
            FdFlags::ROLE_CLIENT,
        ),
        (
            SOCKET_RECVFROM_X,
            tuple((PEER, 53), (OWN, 999)),
            "10.0.0.9:53->10.0.0.1:999",
            FdFlags::ROLE_SERVER,
        ),
    ];
    for (kind, ends, name, role) in cases {
        let mut world = with_socket(2, 2);
        world.event(kind, 100, &[("res", Int(1)), ("fd", Int(5)), ("tuple", ends)]);
        let fd = world.fd(100, 5).unwrap();
        assert_eq!(text(&fd.name), name, "{}", kind.info().name);
        assert_eq!(fd.flags, role | FdFlags::CONNECTED);
    }
}

#[test]
fn an_answer_does_not_turn_a_connection_round() {
    let mut world = with_socket(2, 2);
    let there = [("res", Int(1)), ("fd", Int(5)), ("tuple", tuple((OWN, 999), (PEER, 53)))];
    world.event(SOCKET_SENDTO_X, 100, &there);
    let back = [("res", Int(1)), ("fd", Int(5)), ("tuple", tuple((PEER, 53), (OWN, 999)))];
    let context = world.event(SOCKET_RECVFROM_X, 100, &back);
    assert!(context.fd.is_some_and(|fd| !fd.name_changed()));
    assert_eq!(world.fd_name(100, 5).as_deref(), Some("10.0.0.1:999->10.0.0.9:53"));
}

#[test]
fn a_message_through_an_unknown_socket_makes_it_known() {
    let mut world = World::new();
    let params = [("res", Int(1)), ("fd", Int(8)), ("tuple", tuple((OWN, 999), (PEER, 53)))];
    world.event(SOCKET_SENDTO_X, 100, &params);
    let fd = world.fd(100, 8).unwrap();
    assert_eq!((fd.sock.l4(), text(&fd.name)), (L4Proto::Udp, "10.0.0.1:999->10.0.0.9:53".into()));
}

#[test]
fn unix_sockets_are_named_by_both_ends_and_path() {
    let mut unix = vec![1];
    unix.extend(0xabu64.to_le_bytes());
    unix.extend(0xcdu64.to_le_bytes());
    unix.extend(b"/run/x\0");
    let mut world = with_socket(1, 1);
    connect(&mut world, 0, Value::Bytes(unix));
    assert_eq!(world.fd_name(100, 5).as_deref(), Some("ab->cd /run/x"));
}

#[test]
fn both_ends_of_a_socket_pair_open() {
    let mut world = World::new();
    let params =
        [("res", Int(0)), ("fd1", Int(5)), ("fd2", Int(6)), ("source", Int(1)), ("peer", Int(2))];
    let context = world.event(SOCKET_SOCKETPAIR_X, 100, &params);
    assert_eq!(context.fd.map(|fd| fd.num), Some(5));
    assert!([5, 6].iter().all(|&num| world.fd(100, num).unwrap().kind == FdKind::UnixSock));
}

/// An IPv6 connection, or an IPv6 address, as the schema encodes it.
fn v6(ends: &[(&str, u16)]) -> Value {
    let mut bytes = vec![10];
    for (ip, port) in ends {
        bytes.extend(ip.parse::<Ipv6Addr>().unwrap().octets());
        bytes.extend(port.to_le_bytes());
    }
    Value::Bytes(bytes)
}

const MAPPED: [(&str, u16); 2] = [("::ffff:10.0.0.1", 999), ("::ffff:10.0.0.9", 80)];
const REAL: [(&str, u16); 2] = [("2001:db8::1", 999), ("2001:db8::9", 80)];

#[test]
fn an_ipv6_socket_that_speaks_ipv4_is_an_ipv4_socket_of_the_same_protocol() {
    // the ends of connections made one after the other; kind, protocol and name then
    let mapped = (FdKind::Ipv4Sock, L4Proto::Tcp, "10.0.0.1:999->10.0.0.9:80");
    let known = (FdKind::Ipv6Sock, L4Proto::Tcp, "2001:db8::1:999->2001:db8::9:80");
    let cases: [(&[_], _); 4] = [
        (&[MAPPED], mapped),
        (&[REAL], known),
        (&[REAL, MAPPED], mapped),
        (&[MAPPED, REAL], known),
    ];
    for (connections, want) in cases {
        let mut world = with_socket(10, 1);
        for ends in connections {
            connect(&mut world, 0, v6(ends));
        }
        let fd = world.fd(100, 5).unwrap();
        assert_eq!((fd.kind, fd.sock.l4(), &*text(&fd.name)), want, "{connections:?}");
    }
}

#[test]
fn datagrams_of_an_ipv6_socket_that_speaks_ipv4_are_udp() {
    let mut world = with_socket(10, 2);
    let params = [("res", Int(1)), ("fd", Int(5)), ("tuple", v6(&MAPPED))];
    world.event(SOCKET_SENDTO_X, 100, &params);
    let fd = world.fd(100, 5).unwrap();
    let name = "10.0.0.1:999->10.0.0.9:80";
    assert_eq!((fd.kind, fd.sock.l4(), &*text(&fd.name)), (FdKind::Ipv4Sock, L4Proto::Udp, name));
}

#[test]
fn a_socket_bound_to_an_ipv6_port_stays_bound_and_is_named_after_the_last_datagram() {
    // bound to, datagram, kind, name; `::` counts as IPv4
    let cases = [
        ("2001:db8::1", REAL, FdKind::Ipv6ServSock, "2001:db8::1:999->2001:db8::9:80"),
        ("::", REAL, FdKind::Ipv4ServSock, "2001:db8::1:999->2001:db8::9:80"),
        ("::", MAPPED, FdKind::Ipv4Sock, "10.0.0.1:999->10.0.0.9:80"),
    ];
    for (own, ends, kind, name) in cases {
        let mut world = with_socket(10, 2);
        let params = [("res", Int(0)), ("fd", Int(5)), ("addr", v6(&[(own, 80)]))];
        world.event(SOCKET_BIND_X, 100, &params);
        for way in [SOCKET_RECVFROM_X, SOCKET_RECVFROM_X] {
            world.event(way, 100, &[("res", Int(1)), ("fd", Int(5)), ("tuple", v6(&ends))]);
        }
        let fd = world.fd(100, 5).unwrap();
        assert_eq!((fd.kind, &*text(&fd.name)), (kind, name), "{own} {ends:?}");
        assert_eq!((fd.sock.l4(), fd.flags.contains(FdFlags::ROLE_SERVER)), (L4Proto::Udp, true));
    }
}

#[test]
fn the_role_of_an_ipv6_socket_is_guessed_from_its_address() {
    // source, role of a socket that receives first; fd 6 is an IPv4 socket that has no ports yet
    let cases = [
        ("2001:db8::1", FdFlags::ROLE_SERVER),
        ("2001:db8::1:2:3:4", FdFlags::ROLE_CLIENT),
        ("2001:db8::1:0:3:4", FdFlags::ROLE_SERVER),
    ];
    for (source, role) in cases {
        let mut world = with_socket(10, 2);
        let other = [("fd", Int(6)), ("domain", Int(2)), ("type", Int(1)), ("proto", Int(0))];
        world.event(SOCKET_SOCKET_X, 100, &other);
        let ends = v6(&[(source, 53), ("2001:db8::9", 999)]);
        world.event(SOCKET_RECVFROM_X, 100, &[("res", Int(1)), ("fd", Int(5)), ("tuple", ends)]);
        assert_eq!(world.fd(100, 5).unwrap().flags, role | FdFlags::CONNECTED, "{source}");
    }
}
