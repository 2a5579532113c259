//! For tests of fields: a small machine, and what a field prints after an event on it.

use event::{
    Event, EventBuilder, EventType,
    snapshot::{FdEntry, FdKind, FdTarget, Interface, L4Proto, Record, ThreadEntry},
};
use state::{Limits, State};

use super::{FieldRef, Scratch};
use crate::format;

/// Thread of every event.
pub(super) const TID: i64 = 10;

/// A machine with the addresses 127.0.0.1 and 10.0.2.15, and a process with these fds:
///
/// - 3 `/etc/passwd` (device 8:1, inode 99)
/// - 4 directory `/home/ann`
/// - 5 TCP 10.0.2.15:40000->203.0.113.9:443
/// - 6 TCP ::7:1->2001:db8::1:53, UDP
/// - 7 TCP listening on 0.0.0.0:80
/// - 8 UNIX socket `/run/a.sock`
/// - 9 pipe without name
pub(super) fn machine() -> State {
    let mut state = State::new(Limits::default());
    for interface in [[127, 0, 0, 1], [10, 0, 2, 15]] {
        state.record(&Record::Interface(Interface::V4 {
            name: b"eth0",
            address: interface.into(),
            netmask: [255, 255, 255, 0].into(),
            broadcast: [255; 4].into(),
            speed: 0,
        }));
    }
    state.record(&Record::Thread(ThreadEntry {
        tid: TID,
        pid: TID,
        vtid: TID,
        vpid: TID,
        ptid: 1,
        comm: b"cat",
        exe: b"cat",
        cwd: b"/home/",
        fd_limit: 1024,
        ..ThreadEntry::default()
    }));
    for (fd, ino, target) in fds() {
        state.record(&Record::Fd(TID, FdEntry { fd, ino, target }));
    }
    state
}

fn fds() -> [(i64, u64, FdTarget<'static>); 7] {
    let (tcp, udp) = (L4Proto::Tcp, L4Proto::Udp);
    let (own, peer) = ([10, 0, 2, 15].into(), [203, 0, 113, 9].into());
    let peer6 = [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into();
    let own6 = [0, 0, 0, 0, 0, 0, 0, 7].into();
    [
        (3, 99, FdTarget::File { open_flags: 1, name: b"/etc/passwd", dev: 0x801 }),
        (4, 98, FdTarget::Named(FdKind::Directory, b"/home/ann")),
        (5, 0, FdTarget::Ipv4 { sip: own, dip: peer, sport: 40_000, dport: 443, l4: tcp }),
        (6, 0, FdTarget::Ipv6 { sip: own6, dip: peer6, sport: 1, dport: 53, l4: udp }),
        (7, 0, FdTarget::Ipv4Server { ip: [0; 4].into(), port: 80, l4: tcp }),
        (8, 0, FdTarget::Unix { source: 0xa, destination: 0xb, name: b"/run/a.sock" }),
        (9, 0, FdTarget::Named(FdKind::Fifo, b"")),
    ]
}

/// An event of [`TID`] with these parameters.
pub(super) fn event(kind: EventType, params: impl Fn(&mut EventBuilder)) -> EventBuilder {
    let mut builder = EventBuilder::default();
    builder.start(kind, 1_000, TID, 0);
    params(&mut builder);
    builder
}

/// What a field prints after the event; `None` if it has no value.
pub(super) fn printed(state: &mut State, event: Event<'_>, field: &str) -> Option<String> {
    let field = FieldRef::parse(field).expect("a field");
    let mut out = Vec::new();
    let there = format::field_text(&field, &state.event(event), &mut Scratch::default(), &mut out);
    there.then(|| String::from_utf8(out).expect("UTF-8"))
}

/// What several fields print after the same event on [`machine`].
pub(super) fn check(event: &EventBuilder, expected: &[(&str, Option<&str>)]) {
    let event = event.event().expect("an event");
    for (field, expected) in expected {
        let printed = printed(&mut machine(), event, field);
        assert_eq!(printed.as_deref(), *expected, "{field} of {}", event.info().name);
    }
}
