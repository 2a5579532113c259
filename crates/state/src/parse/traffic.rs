//! Data that comes in and goes out: `read`, `recvfrom`, `write`, `sendto` and their kin.
//!
//! Datagrams tell both ends, which a socket that never called connect does not know otherwise.

use event::{
    decode::{SockTuple, family},
    syscalls::{
        SOCKET_RECV_X, SOCKET_RECVFROM_X, SOCKET_RECVMMSG_X, SOCKET_RECVMSG_X, SOCKET_SEND_X,
        SOCKET_SENDMMSG_X, SOCKET_SENDMSG_X, SOCKET_SENDTO_X,
    },
};

use super::{At, params, socket, tuple, tuple::Way};
use crate::{FdFlags, State, fds};

/// Where messages that are sent tell fd and ends.
const SENT_FD: usize = 2;
const SENT_TUPLE: usize = 4;

/// Data came in.
pub(super) fn received(state: &mut State, at: &At<'_>) -> Option<()> {
    params::success(&at.event)?;
    let tuple_at = match at.event.kind {
        SOCKET_RECVFROM_X => Some(2),
        SOCKET_RECVMSG_X => Some(3),
        SOCKET_RECVMMSG_X | SOCKET_RECV_X => Some(4),
        _ => None,
    };
    moved(state, at, tuple_at, Way::In)
}

/// Data went out.
pub(super) fn sent(state: &mut State, at: &mut At<'_>) -> Option<()> {
    params::success(&at.event)?;
    let kind = at.event.kind;
    let one = matches!(kind, SOCKET_SEND_X | SOCKET_SENDTO_X | SOCKET_SENDMSG_X);
    if one && at.fd.is_none() {
        missed_socket(state, at);
    }
    let tuple_at = (one || kind == SOCKET_SENDMMSG_X).then_some(SENT_TUPLE);
    moved(state, at, tuple_at, Way::Out)
}

/// A message went out through a socket whose making was not seen.
fn missed_socket(state: &mut State, at: &mut At<'_>) -> Option<()> {
    let key = at.thread?;
    let num = at.event.int(SENT_FD)?;
    match *params::bytes(&at.event, SENT_TUPLE)?.first()? {
        af @ (family::INET | family::INET6) => socket::add_missed(state, at, key, num, af),
        _ => None,
    }
}

/// Data moved, so the connection stands; its ends and name follow the event, if it tells them.
fn moved(state: &mut State, at: &At<'_>, tuple_at: Option<usize>, way: Way) -> Option<()> {
    let place = at.fd?;
    let fd = state.fd_at(place)?;
    let wants_tuple = fd.name.is_empty() || !fd.is_tcp();
    if fd.is_ip_sock() && !fd.is_just_connected() {
        state.fd_mut(place)?.set_connected();
    }
    let tuple_at = tuple_at.filter(|_| wants_tuple)?;
    let tuple = SockTuple::parse(params::bytes(&at.event, tuple_at)?).ok()?;
    let mut changed = state.fd_at(place)?.clone();
    if !tuple::update_from_datagram(&mut changed, &tuple, &state.interfaces) {
        return None;
    }
    *state.fd_mut(place)? = changed;
    let fd = state.fd_mut(place)?;
    if !fd.is_ip_sock() {
        fd.name = fds::socktuple_name(&tuple);
        return Some(());
    }
    if fd.has_no_role() {
        let table = state.fds(state.threads.get(at.thread?)?);
        let role = tuple::guess_role(state.fd_at(place)?, table, way);
        state.fd_mut(place)?.flags |= role;
    }
    let fd = state.fd_mut(place)?;
    let turned = match way {
        Way::In => FdFlags::ROLE_CLIENT,
        Way::Out => FdFlags::ROLE_SERVER,
    };
    if fd.flags.contains(turned) {
        fd.sock.swap();
    }
    if let Some(name) = fds::tuple_name(&fd.sock) {
        fd.name = name;
    }
    Some(())
}
