//! `connect`.

use event::{
    decode::{SockAddr, SockTuple, addr::mapped},
    snapshot::FdKind,
};

use super::{At, params, tuple};
use crate::{Fd, FdFlags, SockInfo, State, fds};

/// The connection is being made.
const EINPROGRESS: i64 = 115;

/// Longest path of a unix socket.
const UNIX_PATH_BYTES: usize = 108;

/// The call begins: the address as the caller gave it cannot be changed behind the recorder's back
/// any more, unlike at the return.
pub(super) fn enter(state: &mut State, at: &At<'_>) -> Option<()> {
    let address = at.event.bytes(1).unwrap_or_default();
    state.store_enter(at, 0, 0, address)
}

/// The call returns, with the connection made or under way.
pub(super) fn connect(state: &mut State, at: &At<'_>) -> Option<()> {
    let key = at.thread?;
    let place = at.fd?;
    let result = params::result(&at.event)?;
    if result < 0 && result != -EINPROGRESS {
        return None;
    }
    state.fd_mut(place)?.set_connected();
    let enter = state.take_enter(key, at.event.kind.number());
    let entered = enter.as_ref().and_then(|e| SockAddr::parse(&e.bytes).ok());
    let done = fill(state, at, place, entered);
    state.put_enter_back(key, enter);
    done
}

fn fill(
    state: &mut State,
    at: &At<'_>,
    place: (crate::threads::Key, i64),
    entered: Option<SockAddr<'_>>,
) -> Option<()> {
    let returned = params::bytes(&at.event, 3).and_then(|b| SockAddr::parse(b).ok());
    let tuple = params::bytes(&at.event, 1);
    let fd = state.fd_mut(place)?;
    let Some(tuple) = tuple else {
        // TCP fast open with a cookie of old: nothing was sent yet.
        fill_destination(fd, &entered?);
        return Some(());
    };
    let tuple = trusted(SockTuple::parse(tuple).ok()?, returned, entered);
    match tuple.unmapped() {
        SockTuple::Unix { source, destination, path } if fd.kind == FdKind::UnixSock => {
            fd.set_sock(FdKind::UnixSock, SockInfo::Unix { source, destination });
            fd.name = fds::unix_name(source, destination, path);
        }
        SockTuple::Unix { .. } | SockTuple::Other(_) => return None,
        ends => {
            tuple::set_kind(fd, &ends);
            let changed = tuple::update(&mut fd.sock, &ends);
            if changed && fd.flags.contains(FdFlags::ROLE_SERVER) && fd.is_udp() {
                fd.sock.swap();
            }
            if let Some(name) = fds::tuple_name(&fd.sock) {
                fd.name = name;
            }
        }
    }
    if fd.has_no_role() {
        fd.flags |= FdFlags::ROLE_CLIENT;
    }
    Some(())
}

/// The tuple, with its destination taken from the entry if the kernel did not know better: if the
/// tuple only repeats what the caller's memory said at the return, the caller may have changed it.
fn trusted<'t>(
    tuple: SockTuple<'t>,
    returned: Option<SockAddr<'_>>,
    entered: Option<SockAddr<'t>>,
) -> SockTuple<'t> {
    let (Some(returned), Some(entered)) = (returned, entered) else { return tuple };
    match (tuple, returned, entered) {
        (
            SockTuple::Inet { sip, sport, dip, dport },
            SockAddr::Inet(ip, port),
            SockAddr::Inet(to, to_port),
        ) if (dip, dport) == (ip, port) => SockTuple::Inet { sip, sport, dip: to, dport: to_port },
        (
            SockTuple::Inet6 { sip, sport, dip, dport },
            SockAddr::Inet6(ip, port),
            SockAddr::Inet6(to, to_port),
        ) if (dip, dport) == (ip, port) => SockTuple::Inet6 { sip, sport, dip: to, dport: to_port },
        (
            SockTuple::Unix { source, destination, path },
            SockAddr::Unix(returned),
            SockAddr::Unix(entered),
        ) if cut(path) == cut(returned) => SockTuple::Unix { source, destination, path: entered },
        _ => tuple,
    }
}

fn cut(path: &[u8]) -> &[u8] {
    path.get(..UNIX_PATH_BYTES).unwrap_or(path)
}

/// Takes the destination from the address alone. The name follows only for families that have no
/// ports.
fn fill_destination(fd: &mut Fd, address: &SockAddr<'_>) {
    match *address {
        SockAddr::Inet(ip, port) => {
            fd.set_sock_kind(FdKind::Ipv4Sock);
            if let SockInfo::Ipv4 { dip, dport, .. } = &mut fd.sock {
                (*dip, *dport) = (ip, port);
            }
        }
        SockAddr::Inet6(ip, port) => match mapped(ip) {
            Some(ip) => fill_destination(fd, &SockAddr::Inet(ip, port)),
            None => {
                fd.set_sock_kind(FdKind::Ipv6Sock);
                if let SockInfo::Ipv6 { dip, dport, .. } = &mut fd.sock {
                    (*dip, *dport) = (ip, port);
                }
            }
        },
        // The event has no tuple to be named after.
        SockAddr::Unix(_) | SockAddr::Other(_) => fd.name = crate::Text::from(&b"NULL"[..]),
    }
}
