//! One event with everything around it, for conditions and formats to be tried on.

use event::{
    EventBuilder, EventType,
    snapshot::{FdKind, L4Proto},
    syscalls::READ_X,
};
use state::{Audience, Context, Fd, FdFlags, SockInfo, State, Thread};

/// Time of the event: 2023-07-28 15:14:22.731217947 UTC.
pub(crate) const TS_NS: u64 = 1_690_557_262_731_217_947;

/// `nginx`, process 42, reads a request from a connection of which it is the server.
pub(crate) fn with_context<R>(run: impl FnOnce(&Context<'_>) -> R) -> R {
    with_context_of(READ_X, run)
}

/// The same process and connection; an event of another type has no parameters.
#[allow(dead_code, reason = "not every test needs other types")]
pub(crate) fn with_context_of<R>(kind: EventType, run: impl FnOnce(&Context<'_>) -> R) -> R {
    let fd = Fd {
        num: 5,
        kind: FdKind::Ipv4Sock,
        name: b"10.0.0.1:40000->10.1.0.2:443"[..].into(),
        sock: SockInfo::Ipv4 {
            sip: [10, 0, 0, 1].into(),
            dip: [10, 1, 0, 2].into(),
            sport: 40_000,
            dport: 443,
            l4: L4Proto::Tcp,
        },
        flags: FdFlags::ROLE_SERVER,
        ..Fd::default()
    };
    with_fd(kind, Some(&fd), run)
}

/// The same process, and whatever it works on.
#[allow(dead_code, reason = "not every test needs other files")]
pub(crate) fn with_fd<R>(
    kind: EventType,
    fd: Option<&Fd>,
    run: impl FnOnce(&Context<'_>) -> R,
) -> R {
    let mut builder = EventBuilder::default();
    builder.start(kind, TS_NS, 42, 3);
    if kind == READ_X {
        builder.i64(16).raw(b"GET / HTTP/1.1\r\n").i64(5).u32(1024);
    }
    let state = State::default();
    let mut thread = Thread::default();
    (thread.tid, thread.pid, thread.uid) = (42, 42, 0);
    thread.lastevent_fd = 5;
    thread.comm = b"Nginx"[..].into();
    thread.exepath = b"/usr/sbin/nginx"[..].into();
    thread.exe = b"/usr/sbin/nginx"[..].into();
    thread.cwd = b"/var/www/"[..].into();
    thread.args = b"-g\0daemon off;\0"[..].into();
    let event = builder.event().expect("the parameters fit");
    run(&Context {
        event,
        num: 7,
        first_ts_ns: TS_NS - 61_000_000_005,
        prev_ts_ns: TS_NS - 2_000_000_009,
        audience: Audience::Readers,
        state: &state,
        thread: Some(&thread),
        fd,
    })
}
