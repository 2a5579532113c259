//! Sockets: made, bound, connected, accepted; what is sent and received.
//!
//! - `connect`: from `socket` to `shutdown`; `connecting`: where connections go that do not stand
//!   yet; `options`: of sockets;
//! - `send`, `receive`: what goes out and comes in; `message`: `struct msghdr`;
//! - `address`: one end, as the kernel and as events have it; `ends`: both ends of a socket, asked of
//!   the kernel after the call;
//! - `answers`: what name servers say.
//!
//! Addresses that a call is given, and what it sends, are read before it; what it wrote, after it.
//! What a connection really is says the kernel: an address in memory counts only where it knows none.

mod address;
mod answers;
mod connect;
mod connecting;
mod ends;
mod message;
mod options;
mod receive;
pub(super) mod rights;
mod send;

use super::{DATA_BYTES, Row, When, nothing, number, params::row};

pub(super) use answers::read_answer;
pub(super) use ends::Sockets;

/// Bytes of a datagram to or from a name server that an event keeps.
const ANSWER_BYTES: usize = 4096;

pub(super) const TABLE: &[Row] = &[
    row(libc::SYS_socket, "socket", nothing, connect::socket),
    row(libc::SYS_socketpair, "socketpair", nothing, connect::socketpair),
    row(libc::SYS_bind, "bind", connect::enter_address, connect::bind),
    row(libc::SYS_connect, "connect", connect::enter_address, connect::connect),
    row(libc::SYS_listen, "listen", nothing, connect::listen),
    row(libc::SYS_accept, "accept", connect::enter_accept, connect::accept),
    row(libc::SYS_accept4, "accept4", connect::enter_accept, connect::accept4),
    row(libc::SYS_shutdown, "shutdown", nothing, connect::shutdown),
    row(libc::SYS_setsockopt, "setsockopt", options::enter_set, options::set),
    Row {
        number: number(libc::SYS_getsockopt),
        name: "getsockopt",
        when: When::OneOf { arg: 2, values: &[libc::SO_ERROR as u32] },
        enter: nothing,
        exit: options::get,
    },
    row(libc::SYS_sendto, "sendto", send::enter_to, send::to),
    row(libc::SYS_sendmsg, "sendmsg", send::enter_message, send::message),
    row(libc::SYS_sendmmsg, "sendmmsg", send::enter_messages, send::messages),
    row(libc::SYS_recvfrom, "recvfrom", receive::enter_from, receive::from),
    row(libc::SYS_recvmsg, "recvmsg", receive::enter_message, receive::message),
    row(libc::SYS_recvmmsg, "recvmmsg", receive::enter_messages, receive::messages),
];
