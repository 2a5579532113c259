//! Unix sockets: with paths, abstract and unnamed.

use event::{decode::SockTuple, syscalls::*};

use super::{
    NONE, address, bytes,
    calls::{self, Message, Raw},
    tuple,
};
use crate::{
    harness::{Kept, Notes, trace},
    live,
};

pub(super) fn act(notes: &mut Notes) {
    let server = calls::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0);
    let at = Raw::unix(b"a-socket\0");
    notes.note("bound", calls::bind(server, &at));
    calls::listen(server, 3);
    let client = calls::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0);
    notes.note("connected", calls::connect(client, &at));
    notes.note("client", calls::inode(client));
    let accepted = calls::accept(server, Some(&mut Raw::EMPTY.clone()));
    notes.note("accepted", accepted);
    let mut out = Message::new(None, &[b"take this"], &calls::rights(&[server]));
    notes.note("sent", out.send(client));
    let mut into = Message::new(None, &[&[0; 20]], &[0; 64]);
    notes.note("received", into.receive(accepted, 0));
    notes.note("control", into.control.len() as i64);
    notes.note("given", i32::from_ne_bytes(into.control[16..20].try_into().unwrap()));
    notes.note("answered", calls::send(accepted, b"thanks", None));
    notes.note("heard", calls::receive(client, 20, None, 0));
    let missing = calls::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0);
    notes.note("missing", calls::connect(missing, &Raw::unix(b"no-socket\0")));
}

/// Both ends in a tuple, and the path.
fn unix(event: &Kept) -> (u64, u64, String) {
    match SockTuple::parse(&bytes(event, "tuple")) {
        Ok(SockTuple::Unix { source, destination, path }) => {
            (source, destination, String::from_utf8(path.to_vec()).unwrap())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_sides_of_a_unix_connection_tell_the_same_ends() {
    let outcome = trace("net::unix");
    let notes = &outcome.notes;
    let [bound] = outcome.of(SOCKET_BIND_X)[..] else { panic!() };
    assert_eq!(address(bound), format!("Ok(Unix({:?}))", b"a-socket"));
    let [connected, missing] = outcome.of(SOCKET_CONNECT_X)[..] else { panic!() };
    let client = notes.of("client") as u64;
    let (server, client) = match live::is_on() {
        // Where the sockets are in the kernel.
        true => (unix(connected).0, unix(connected).1),
        false => (client | 1 << 32, client),
    };
    assert!(server != client && client != 0);
    assert_eq!(unix(connected), (server, client, "a-socket".to_owned()));
    assert_eq!((missing.int("res"), tuple(missing)), (Some(-2), NONE.to_owned()));
    assert_eq!(address(missing), format!("Ok(Unix({:?}))", b"no-socket"));
    let [accepted] = outcome.of(SOCKET_ACCEPT_5_X)[..] else { panic!() };
    assert_eq!(accepted.int("fd"), Some(notes.of("accepted")));
    assert_eq!(unix(accepted), (server, client, "a-socket".to_owned()));
    let [sent] = outcome.of(SOCKET_SENDMSG_X)[..] else { panic!() };
    assert_eq!(unix(sent), (server, client, "a-socket".to_owned()));
    let [received] = outcome.of(SOCKET_RECVMSG_X)[..] else { panic!() };
    assert_eq!(unix(received), (server, client, "a-socket".to_owned()));
    assert_eq!(bytes(received, "data"), b"take this");
    let control = bytes(received, "msgcontrol");
    assert_eq!(control.len() as i64, notes.of("control"));
    assert_eq!(control[12..16], libc::SCM_RIGHTS.to_ne_bytes());
    assert_eq!(control[16..20], (notes.of("given") as i32).to_ne_bytes());
    let [answered] = outcome.of(SOCKET_SENDTO_X)[..] else { panic!() };
    assert_eq!(unix(answered), (client, server, String::new()));
    let [heard] = outcome.of(SOCKET_RECVFROM_X)[..] else { panic!() };
    assert_eq!(unix(heard), (client, server, String::new()));
}

pub(super) fn act_datagrams(notes: &mut Notes) {
    let name = format!("\0watchkeeper-{}", std::process::id());
    notes.note("pid", std::process::id());
    let server = calls::socket(libc::AF_UNIX, libc::SOCK_DGRAM, 0);
    calls::bind(server, &Raw::unix(name.as_bytes()));
    let client = calls::socket(libc::AF_UNIX, libc::SOCK_DGRAM, 0);
    notes.note("picked", calls::bind(client, &Raw::unix(b"")));
    notes.note("client", calls::inode(client));
    notes.note("server", calls::inode(server));
    notes.note("sent", calls::send(client, b"to a name", Some(&Raw::unix(name.as_bytes()))));
    notes.note("received", calls::receive(server, 20, Some(&mut Raw::EMPTY.clone()), 0));
    notes.note("connected", calls::connect(client, &Raw::unix(name.as_bytes())));
    notes.note("again", calls::send(client, b"connected", None));
    let mut fds = [0i32; 2];
    let at = fds.as_mut_ptr() as usize;
    let (family, kind) = (libc::AF_UNIX as usize, (libc::SOCK_DGRAM | libc::SOCK_CLOEXEC) as usize);
    notes.note("pair", calls::raw(libc::SYS_socketpair, [family, kind, 0, at, 0, 0]));
    for (fd, name) in fds.into_iter().zip(["one", "other"]) {
        notes.note(name, fd);
        notes.note(&format!("{name}.inode"), calls::inode(fd));
    }
    notes.note("through", calls::send(fds[0], b"through", None));
    let link = calls::socket(libc::AF_NETLINK, libc::SOCK_RAW, 0);
    let mut netlink = Raw::EMPTY;
    (netlink.bytes[0], netlink.length) = (libc::AF_NETLINK as u8, 12);
    notes.note("netlink", calls::bind(link, &netlink));
}

#[test]
fn abstract_names_and_pairs() {
    let outcome = trace("net::unix_datagrams");
    let notes = &outcome.notes;
    let name = format!("watchkeeper-{}", notes.of("pid"));
    let [pair] = outcome.of(SOCKET_SOCKETPAIR_X)[..] else { panic!() };
    let [first, again, through] = outcome.of(SOCKET_SENDTO_X)[..] else { panic!() };
    let [received] = outcome.of(SOCKET_RECVFROM_X)[..] else { panic!() };
    let inode = |name: &str| match name {
        _ if !live::is_on() => notes.of(name) as u64,
        // Where the sockets are in the kernel.
        "client" => unix(first).1,
        "server" => unix(received).0,
        "one.inode" => pair.int("source").unwrap() as u64,
        _ => pair.int("peer").unwrap() as u64,
    };
    let [bound, picked, netlink] = outcome.of(SOCKET_BIND_X)[..] else { panic!() };
    assert_eq!(bytes(bound, "addr"), [b"\x01", name.as_bytes(), b"\0"].concat());
    assert_eq!((picked.int("res"), bytes(picked, "addr")), (Some(0), b"\x01\0".to_vec()));
    assert_eq!((netlink.int("res"), bytes(netlink, "addr")), (Some(notes.of("netlink")), vec![]));
    assert_eq!(unix(first), (0, inode("client"), name.clone()));
    assert_eq!(unix(received), (inode("server"), 0, name.clone()));
    let [connected] = outcome.of(SOCKET_CONNECT_X)[..] else { panic!() };
    assert_eq!(unix(connected), (inode("server"), inode("client"), name.clone()));
    assert_eq!(unix(again), (inode("server"), inode("client"), name));
    let facts = ["res", "fd1", "fd2", "source", "peer", "domain", "type", "proto"];
    let kind = i64::from(libc::SOCK_DGRAM | libc::SOCK_CLOEXEC);
    let of = |name| notes.of(name);
    let [one, other] = ["one.inode", "other.inode"].map(|name| inode(name) as i64);
    assert_ne!(one, other);
    let expected = [0, of("one"), of("other"), one, other, 1, kind, 0];
    assert_eq!(facts.map(|name| pair.int(name).unwrap()), expected);
    assert_eq!(unix(through), (inode("other.inode"), inode("one.inode"), String::new()));
}
