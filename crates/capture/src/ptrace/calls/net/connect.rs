//! From `socket` to `shutdown`.

use event::syscalls::{
    SOCKET_ACCEPT_5_X, SOCKET_ACCEPT4_6_X, SOCKET_BIND_X, SOCKET_CONNECT_X, SOCKET_LISTEN_X,
    SOCKET_SHUTDOWN_X, SOCKET_SOCKET_X, SOCKET_SOCKETPAIR_X,
};

use super::{
    super::{Enter, Exit, Saved},
    address::Address,
    ends::{Act, Ends, Way},
};
use crate::ptrace::socket::ADDRESS_BYTES;

/// Flags of fds in the schema's numbering (`PPM_O_NONBLOCK`, `PPM_O_CLOEXEC`).
const NONBLOCK: u32 = 0x40;
const CLOEXEC: u32 = 0x1000;

/// What the schema has for a family that libs does not know, and for a way to shut that is none.
const UNSPECIFIED: u32 = 0;
const SHUT_UNKNOWN: u8 = 0xff;

/// The greatest family that libs knows (`AF_NFC`), and those below it that it does not.
const LAST_FAMILY: u32 = 39;
const UNKNOWN_FAMILIES: [u32; 2] = [27, 28];

fn flags(flags: i32) -> u32 {
    let bit = |theirs, ours| if flags & theirs != 0 { ours } else { 0 };
    bit(libc::SOCK_NONBLOCK, NONBLOCK) | bit(libc::SOCK_CLOEXEC, CLOEXEC)
}

/// libs looks at the lowest 8 bits only.
fn family(family: u64) -> u32 {
    let family = family as u32 & 0xff;
    let known = family <= LAST_FAMILY && !UNKNOWN_FAMILIES.contains(&family);
    if known { family } else { UNSPECIFIED }
}

pub(super) fn socket(exit: &mut Exit<'_>) {
    let (call, result) = (exit.call, exit.result);
    exit.start(SOCKET_SOCKET_X)
        .i64(result)
        .u32(family(call.arg(0)))
        .u32(call.int(1) as u32)
        .u32(call.int(2) as u32)
        .u32(flags(call.int(1)));
    exit.end();
}

pub(super) fn socketpair(exit: &mut Exit<'_>) {
    let (call, result) = (exit.call, exit.result);
    let mut fds = [-1, -1];
    let mut ends = (0, 0);
    if exit.succeeded()
        && let Some(bytes) = exit.memory.array::<8>(call.arg(3))
    {
        let [a, b, c, d, e, f, g, h] = bytes;
        fds = [i32::from_le_bytes([a, b, c, d]), i32::from_le_bytes([e, f, g, h])];
        ends = exit.emit.sockets.pair(exit.tid, exit.pid, fds);
    }
    exit.start(SOCKET_SOCKETPAIR_X)
        .i64(result)
        .i64(fds[0].into())
        .i64(fds[1].into())
        .u64(ends.0)
        .u64(ends.1)
        .u32(family(call.arg(0)))
        .u32(call.int(1) as u32)
        .u32(call.int(2) as u32);
    exit.end();
}

/// Keeps the address that a call is given (its second and third argument).
pub(super) fn enter_address(enter: &Enter<'_>, saved: &mut Saved) {
    let length = (enter.call.arg(2) as u32 as usize).min(ADDRESS_BYTES);
    saved.keep(|bytes| enter.memory.bytes(enter.call.arg(1), length, bytes));
}

/// The address that was kept.
fn given(exit: &Exit<'_>) -> Option<Address> {
    Address::of_kernel(exit.saved.text(0)?)
}

/// The address is that of the memory, as with libs: port 0 and an empty unix address stay so, though
/// the kernel picks another. Where it has bound the socket to something else than was asked for,
/// the memory was changed after it was read here, and the socket's own address counts.
pub(super) fn bind(exit: &mut Exit<'_>) {
    let fd = exit.call.int(0);
    let mut address = given(exit);
    if exit.succeeded()
        && let Some(ends) = Ends::of(exit, fd, None, Act::Traffic)
        && !address.as_ref().is_some_and(|address| leads_to(address, ends.local()))
    {
        address = Some(ends.local().clone());
    }
    let mut bytes = std::mem::take(&mut exit.emit.scratch);
    bytes.clear();
    address.iter().for_each(|address| address.write(&mut bytes));
    let result = exit.result;
    exit.start(SOCKET_BIND_X).i64(result).raw(&bytes).i64(fd.into());
    exit.end();
    exit.emit.scratch = bytes;
}

/// Whether who asks for `asked` may be bound to `local`.
fn leads_to(asked: &Address, local: &Address) -> bool {
    match (asked, local) {
        (Address::Inet(ip, 0), Address::Inet(bound, _)) => ip == bound,
        (Address::Inet6(ip, 0), Address::Inet6(bound, _)) => ip == bound,
        (Address::Unix(path), Address::Unix(_)) if path.is_empty() => true,
        (Address::Other, Address::Other) => true,
        _ => asked == local,
    }
}

/// The connection is asked of the kernel, the address is that of the memory before the call.
pub(super) fn connect(exit: &mut Exit<'_>) {
    let (fd, result) = (exit.call.int(0), exit.result);
    let address = given(exit);
    let begun = result == 0 || result == -i64::from(libc::EINPROGRESS);
    let ends = if begun { Ends::of(exit, fd, address.clone(), Act::Connect) } else { None };
    let mut bytes = std::mem::take(&mut exit.emit.scratch);
    bytes.clear();
    ends.iter().for_each(|ends| ends.write(Way::Out, &mut bytes));
    let tuple_bytes = bytes.len();
    address.iter().for_each(|address| address.write(&mut bytes));
    let (tuple, address) = bytes.split_at(tuple_bytes);
    exit.start(SOCKET_CONNECT_X).i64(result).raw(tuple).i64(fd.into()).raw(address);
    exit.end();
    exit.emit.scratch = bytes;
}

pub(super) fn listen(exit: &mut Exit<'_>) {
    let (call, result) = (exit.call, exit.result);
    let (fd, backlog) = (call.int(0), call.int(1));
    exit.start(SOCKET_LISTEN_X).i64(result).i64(fd.into()).u32(backlog as u32);
    exit.end();
}

/// Keeps how much room there is for the address of who connects.
pub(super) fn enter_accept(enter: &Enter<'_>, saved: &mut Saved) {
    saved.numbers[0] = enter.memory.u32(enter.call.arg(2)).unwrap_or(0).into();
}

pub(super) fn accept(exit: &mut Exit<'_>) {
    let (tuple, (waiting, most)) = accepted(exit);
    let result = exit.result;
    exit.start(SOCKET_ACCEPT_5_X)
        .i64(result)
        .raw(&tuple)
        .u8(percent(waiting, most))
        .u32(waiting)
        .u32(most);
    exit.end();
    exit.emit.scratch = tuple;
}

pub(super) fn accept4(exit: &mut Exit<'_>) {
    let (tuple, (waiting, most)) = accepted(exit);
    let (result, flags) = (exit.result, flags(exit.call.int(3)));
    exit.start(SOCKET_ACCEPT4_6_X)
        .i64(result)
        .raw(&tuple)
        .u8(percent(waiting, most))
        .u32(waiting)
        .u32(most)
        .u32(flags);
    exit.end();
    exit.emit.scratch = tuple;
}

fn percent(waiting: u32, most: u32) -> u8 {
    (u64::from(waiting) * 100).checked_div(most.into()).unwrap_or(0) as u8
}

/// The connection that was accepted, and how many more wait for it. The latter is known of TCP; of
/// others it is 0, as libs writes when it knows nothing (of unix sockets it writes the most that may
/// wait).
fn accepted(exit: &mut Exit<'_>) -> (Vec<u8>, (u32, u32)) {
    let mut tuple = std::mem::take(&mut exit.emit.scratch);
    tuple.clear();
    if !exit.succeeded() {
        return (tuple, (0, 0));
    }
    let from = written_address(exit, 1, 2, exit.saved.numbers[0]);
    if let Some(ends) = Ends::of(exit, exit.result as i32, from, Act::Accept) {
        ends.write(Way::In, &mut tuple);
    }
    let listener = exit.emit.sockets.copy(exit.tid, exit.pid, exit.call.int(0));
    (tuple, listener.and_then(|listener| listener.waiting()).unwrap_or((0, 0)))
}

/// The address that the kernel has written where argument `to` points, into `room` bytes at most;
/// argument `length` points to how long it is.
pub(super) fn written_address(
    exit: &Exit<'_>,
    to: usize,
    length: usize,
    room: u64,
) -> Option<Address> {
    let call = exit.call;
    if call.arg(to) == 0 {
        return None;
    }
    let length = u64::from(exit.memory.u32(call.arg(length))?);
    let mut bytes = Vec::new();
    let most = length.min(room).min(ADDRESS_BYTES as u64) as usize;
    exit.memory.bytes(call.arg(to), most, &mut bytes).ok()?;
    Address::of_kernel(&bytes)
}

pub(super) fn shutdown(exit: &mut Exit<'_>) {
    let (call, result) = (exit.call, exit.result);
    let how = u8::try_from(call.int(1)).ok().filter(|how| *how <= 2).unwrap_or(SHUT_UNKNOWN);
    exit.start(SOCKET_SHUTDOWN_X).i64(result).i64(call.int(0).into()).u8(how);
    exit.end();
}
