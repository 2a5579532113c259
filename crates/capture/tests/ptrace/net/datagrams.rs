//! UDP, with and without connections, in all forms of messages.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use event::syscalls::*;

use super::{
    NONE, bytes,
    calls::{self, Message, Raw},
    ends, has, noted, tuple,
};
use crate::harness::{Notes, trace};

fn socket(ip: IpAddr) -> i32 {
    let family = if ip.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    calls::socket(family, libc::SOCK_DGRAM, 0)
}

pub(super) fn act(notes: &mut Notes, ip: IpAddr) {
    let (server, client) = (socket(ip), socket(ip));
    calls::bind(server, &Raw::of(SocketAddr::new(ip, 0)));
    let at = Raw::of(calls::local(server));
    notes.note("server", at.ip().port());
    notes.note("sent", calls::send(client, b"without a connection", Some(&at)));
    notes.note("client", calls::local(client).port());
    let mut from = Raw::EMPTY;
    notes.note("received", calls::receive(server, 100, Some(&mut from), 0));
    assert_eq!(from.ip().port(), calls::local(client).port());
    calls::send(client, &[9; 300], Some(&at));
    notes.note("cut", calls::receive(server, 50, None, libc::MSG_TRUNC));
    notes.note("connected", calls::connect(client, &at));
    notes.note("plain", calls::send(client, b"with one", None));
    notes.note("again", calls::receive(server, 100, Some(&mut Raw::EMPTY.clone()), 0));
    let on = 1u32.to_ne_bytes();
    calls::set(server, libc::SOL_SOCKET, libc::SO_TIMESTAMP, &on);
    let mut out = Message::new(None, &[b"three ", b"", b"parts"], b"");
    notes.note("sendmsg", out.send(client));
    let mut into = Message::new(Some(Raw::EMPTY), &[&[0; 2], &[0; 100]], &[0; 64]);
    notes.note("recvmsg", into.receive(server, 0));
    notes.note("control", into.control.len() as i64);
    let mut gone = Raw::EMPTY;
    gone.length = 16;
    notes.note("parted", calls::connect(client, &gone));
    let mut out = Message::new(Some(at), &[b"named"], b"");
    notes.note("named", out.send(client));
}

fn check(act: &str, ip: IpAddr) {
    if !has(ip) {
        return;
    }
    let outcome = trace(act);
    let notes = &outcome.notes;
    let (server, connected) = (noted(notes, ip, "server"), noted(notes, ip, "client"));
    // Before it is connected, a socket has a port and no address of its own.
    let open: IpAddr = match ip {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let unconnected = noted(notes, open, "client");
    let nobody = SocketAddr::new(open, 0);

    let [first, long, plain] = outcome.of(SOCKET_SENDTO_X)[..] else { panic!() };
    assert_eq!((first.int("res"), tuple(first)), (Some(20), ends(unconnected, server)));
    assert_eq!(bytes(first, "data"), b"without a connection");
    assert_eq!((bytes(long, "data"), long.int("size")), (vec![9; 80], Some(300)));
    assert_eq!(
        (bytes(plain, "data"), tuple(plain)),
        (b"with one".to_vec(), ends(connected, server))
    );
    let [got, cut, again] = outcome.of(SOCKET_RECVFROM_X)[..] else { panic!() };
    assert_eq!((got.int("res"), got.int("size")), (Some(20), Some(100)));
    assert_eq!((bytes(got, "data"), tuple(got)), (bytes(first, "data"), ends(connected, server)));
    // Nobody asked who sent it, so nobody knows.
    assert_eq!((cut.int("res"), tuple(cut)), (Some(300), ends(nobody, server)));
    assert_eq!(bytes(cut, "data"), vec![9; 50]);
    assert_eq!(tuple(again), ends(connected, server));

    let [made, parted] = outcome.of(SOCKET_CONNECT_X)[..] else { panic!() };
    assert_eq!(tuple(made), ends(connected, server));
    assert_eq!((parted.int("res"), bytes(parted, "addr")), (Some(0), vec![]));
    let own = noted(notes, open, "client");
    let left = bytes(parted, "tuple");
    assert!(left.ends_with(&[0; 2]), "{left:?} {own}");

    let [out, named] = outcome.of(SOCKET_SENDMSG_X)[..] else { panic!() };
    assert_eq!((out.int("res"), out.int("size")), (Some(11), Some(11)));
    assert_eq!(
        (bytes(out, "data"), tuple(out)),
        (b"three parts".to_vec(), ends(connected, server))
    );
    assert_eq!((bytes(named, "data"), named.int("res")), (b"named".to_vec(), Some(5)));
    assert!(tuple(named).contains(&format!("dport: {}", server.port())), "{}", tuple(named));
    let [into] = outcome.of(SOCKET_RECVMSG_X)[..] else { panic!() };
    assert_eq!((into.int("res"), into.int("size")), (Some(11), Some(11)));
    assert_eq!((bytes(into, "data"), tuple(into)), (bytes(out, "data"), ends(connected, server)));
    let control = bytes(into, "msgcontrol");
    assert_eq!(control.len() as i64, notes.of("control"));
    assert_eq!(control[12..16], libc::SO_TIMESTAMP.to_ne_bytes());
}

#[test]
fn datagrams_of_ipv4_tell_both_ends() {
    check("net::udp4", Ipv4Addr::LOCALHOST.into());
}

#[test]
fn datagrams_of_ipv6_tell_both_ends() {
    check("net::udp6", Ipv6Addr::LOCALHOST.into());
}

const MANY: usize = 20;

/// Rows of messages, more than libs follows.
pub(super) fn act_rows(notes: &mut Notes) {
    let ip = Ipv4Addr::LOCALHOST.into();
    let (server, client) = (socket(ip), socket(ip));
    calls::bind(server, &Raw::of(SocketAddr::new(ip, 0)));
    let at = Raw::of(calls::local(server));
    notes.note("server", at.ip().port());
    let message = |number: usize| {
        let body = vec![number as u8; 10 * number];
        Message::new(Some(at), &[b"head", &body], b"")
    };
    let mut out: Vec<Message> = (0..MANY).map(message).collect();
    notes.note("sent", calls::send_rows(client, &mut out));
    notes.note("client", calls::local(client).port());
    let room = |_| Message::new(Some(Raw::EMPTY), &[&[0; 3], &[0; 400]], &[0; 64]);
    let mut into: Vec<Message> = (0..MANY + 4).map(room).collect();
    notes.note("received", calls::receive_rows(server, &mut into, libc::MSG_DONTWAIT));
    notes.note("none", calls::receive_rows(server, &mut into, libc::MSG_DONTWAIT));
}

#[test]
fn each_message_of_a_row_has_its_event() {
    let outcome = trace("net::rows");
    let notes = &outcome.notes;
    assert_eq!([notes.of("sent"), notes.of("received")], [MANY as i64; 2]);
    let ip = Ipv4Addr::LOCALHOST.into();
    let (server, client) = (noted(notes, ip, "server"), noted(notes, ip, "client"));
    let unconnected = noted(notes, Ipv4Addr::UNSPECIFIED.into(), "client");
    let (sent, received) = (outcome.of(SOCKET_SENDMMSG_X), outcome.of(SOCKET_RECVMMSG_X));
    assert_eq!((sent.len(), received.len()), (MANY, MANY + 1));
    for number in 0..MANY {
        let data = [b"head".to_vec(), vec![number as u8; 10 * number]].concat();
        let kept = &data[..data.len().min(80)];
        let bytes_moved = Some(data.len() as i64);
        for (event, ends) in
            [(sent[number], ends(unconnected, server)), (received[number], ends(client, server))]
        {
            assert_eq!((event.int("res"), event.int("size")), (bytes_moved, bytes_moved));
            assert_eq!((bytes(event, "data"), tuple(event)), (kept.to_vec(), ends), "{number}");
        }
        assert_eq!(bytes(received[number], "msgcontrol"), b"");
    }
    let none = received[MANY];
    assert_eq!((none.int("res"), none.int("size")), (Some(notes.of("none")), Some(0)));
    assert_eq!(tuple(none), NONE);
}
