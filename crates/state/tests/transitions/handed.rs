//! Fds that a process was given with a message.

use event::{
    EventBuilder,
    handed::{Handed, NOTICE},
    snapshot::{FdEntry, FdKind, FdTarget, L4Proto},
    syscalls::{
        ASYNCEVENT_E, DUP2_X, EXECVE_19_X, PIDFD_GETFD_X, SOCKET_ACCEPT4_6_X, SOCKET_BIND_X,
    },
};
use state::FdFlags;

use crate::world::{Int, Text, World, address, tuple};

const OWN: ([u8; 4], u16) = ([10, 0, 0, 1], 4444);
const PEER: ([u8; 4], u16) = ([203, 0, 113, 9], 50_000);

const CONNECTION: FdTarget<'_> = FdTarget::Ipv4 {
    sip: std::net::Ipv4Addr::new(10, 0, 0, 1),
    dip: std::net::Ipv4Addr::new(203, 0, 113, 9),
    sport: OWN.1,
    dport: PEER.1,
    l4: L4Proto::Tcp,
};

fn hand(world: &mut World, tid: i64, fd: i64, target: FdTarget<'_>, closes_on_exec: bool) {
    let mut data = Vec::new();
    Handed { fd: FdEntry { fd, ino: 9, target }, closes_on_exec }.write_notice(&mut data);
    tell(world, tid, &data);
}

fn tell(world: &mut World, tid: i64, data: &[u8]) {
    let mut builder = EventBuilder::default();
    builder.start(ASYNCEVENT_E, world.now_ns, tid, 0).u32(0).text(NOTICE).raw(data);
    world.state.event(builder.event().unwrap());
}

#[test]
fn a_shell_on_a_connection_that_was_handed_over_is_on_a_connection() {
    let mut world = World::new();
    // A thread shares what its process has.
    hand(&mut world, 101, 7, CONNECTION, true);
    assert_eq!(world.fd_name(100, 7).unwrap(), "10.0.0.1:4444->203.0.113.9:50000");
    assert!(world.fd(100, 7).unwrap().flags.contains(FdFlags::ROLE_CLIENT | FdFlags::CONNECTED));
    world.event(DUP2_X, 100, &[("res", Int(0)), ("oldfd", Int(7)), ("newfd", Int(0))]);
    world.event(EXECVE_19_X, 100, &[("res", Int(0)), ("exe", Text("/bin/sh"))]);
    assert_eq!(world.fd(100, 0).unwrap().kind, FdKind::Ipv4Sock);
    assert!(world.fd(100, 7).is_none(), "an exec closes it");
}

#[test]
fn whoever_accepted_it_says_which_way_a_connection_goes() {
    let accept = |world: &mut World| {
        let params = [("fd", Int(8)), ("tuple", tuple(PEER, OWN))];
        world.event(SOCKET_ACCEPT4_6_X, 1, &params);
    };
    let bind = |world: &mut World| {
        let params = [("fd", Int(8)), ("domain", Int(2)), ("type", Int(1)), ("proto", Int(0))];
        world.event(event::syscalls::SOCKET_SOCKET_X, 1, &params);
        let params = [("res", Int(0)), ("fd", Int(8)), ("addr", address([0; 4], OWN.1))];
        world.event(SOCKET_BIND_X, 1, &params);
    };
    // The parent of who is given it.
    for before in [accept as fn(&mut World), bind] {
        let mut world = World::new();
        before(&mut world);
        hand(&mut world, 100, 7, CONNECTION, false);
        assert_eq!(world.fd_name(100, 7).unwrap(), "203.0.113.9:50000->10.0.0.1:4444");
        assert!(world.fd(100, 7).unwrap().flags.contains(FdFlags::ROLE_SERVER));
    }
}

#[test]
fn whoever_nobody_knew_has_what_it_was_given() {
    let mut world = World::new();
    let file = FdTarget::File { open_flags: 1, name: b"/etc/shadow", dev: 8 };
    hand(&mut world, 777, 5, file, false);
    assert_eq!(world.fd_name(777, 5).unwrap(), "/etc/shadow");
}

#[test]
fn what_is_taken_from_who_is_not_known_is_known() {
    let mut world = World::new();
    hand(&mut world, 100, 9, CONNECTION, true);
    let taken = [("fd", Int(9)), ("pid_fd", Int(4)), ("target_fd", Int(0))];
    let context = world.event(PIDFD_GETFD_X, 100, &taken);
    assert_eq!(context.fd.unwrap().kind, FdKind::Ipv4Sock);
}

#[test]
fn what_is_damaged_changes_nothing() {
    let mut world = World::new();
    hand(&mut world, 100, -1, CONNECTION, false);
    tell(&mut world, 100, b"\x01");
    let mut data = Vec::new();
    let fd = FdEntry { fd: 7, ino: 9, target: CONNECTION };
    Handed { fd, closes_on_exec: false }.write_notice(&mut data);
    data.pop();
    tell(&mut world, 100, &data);
    assert!(world.fd(100, 7).is_none() && world.fd(100, -1).is_none());
}
