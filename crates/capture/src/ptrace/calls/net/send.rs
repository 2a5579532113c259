//! What goes out.
//!
//! Data and addresses are read before the call, for the kernel copies them early in it. Data of a
//! call that failed is kept as well, as with libs.

use event::syscalls::{SOCKET_SENDMMSG_X, SOCKET_SENDMSG_X, SOCKET_SENDTO_X};

use super::{
    super::{Enter, Exit, Saved},
    DATA_BYTES,
    address::Address,
    ends::{Act, Ends, Way},
    message::{self, Kept},
};
use crate::ptrace::socket::ADDRESS_BYTES;

/// Bytes that are read before it is known whether the datagram goes to a name server: questions are
/// no longer than this.
const QUESTION_BYTES: usize = 512;

/// How much of what was sent an event keeps.
fn kept(ends: Option<&Ends>, data: &[u8], sent: i64, size: u64) -> usize {
    let most = match ends.and_then(Ends::name_server) {
        Some(_) => QUESTION_BYTES,
        None => DATA_BYTES,
    };
    let bytes = u64::try_from(sent).ok().filter(|sent| *sent > 0).unwrap_or(size);
    most.min(usize::try_from(bytes).unwrap_or(usize::MAX)).min(data.len())
}

pub(super) fn enter_to(enter: &Enter<'_>, saved: &mut Saved) {
    let call = enter.call;
    let size = usize::try_from(call.arg(2)).unwrap_or(usize::MAX).min(QUESTION_BYTES);
    saved.keep(|bytes| enter.memory.bytes(call.arg(1), size, bytes));
    let length = (call.arg(5) as u32 as usize).min(ADDRESS_BYTES);
    saved.keep(|bytes| enter.memory.bytes(call.arg(4), length, bytes));
}

pub(super) fn to(exit: &mut Exit<'_>) {
    let (fd, result, size) = (exit.call.int(0), exit.result, exit.call.arg(2) as u32);
    let data = exit.saved.text(0).unwrap_or_default();
    let given = exit.saved.text(1).and_then(Address::of_kernel);
    let ends = if exit.succeeded() { Ends::of(exit, fd, given, Act::Traffic) } else { None };
    let data = &data[..kept(ends.as_ref(), data, result, size.into())];
    let mut tuple = std::mem::take(&mut exit.emit.scratch);
    tuple.clear();
    ends.iter().for_each(|ends| ends.write(Way::Out, &mut tuple));
    exit.start(SOCKET_SENDTO_X).i64(result).raw(data).i64(fd.into()).u32(size).raw(&tuple);
    exit.end();
    exit.emit.scratch = tuple;
}

pub(super) fn enter_message(enter: &Enter<'_>, saved: &mut Saved) {
    message::keep_sent(&enter.memory, enter.call.arg(1), QUESTION_BYTES, saved);
}

pub(super) fn message(exit: &mut Exit<'_>) {
    let (fd, result) = (exit.call.int(0), exit.result);
    let Some(sent) = Kept::of(exit.saved, 0) else {
        exit.start(SOCKET_SENDMSG_X).i64(result).null().i64(fd.into()).null().null();
        return exit.end();
    };
    let size = sent.header.total as u32;
    let (tuple, data) = told(exit, fd, &sent, result);
    exit.start(SOCKET_SENDMSG_X).i64(result).raw(data).i64(fd.into()).u32(size).raw(&tuple);
    exit.end();
    exit.emit.scratch = tuple;
}

/// The ends of a message that was sent, and as much of its data as an event keeps.
fn told<'a>(exit: &mut Exit<'a>, fd: i32, sent: &Kept<'a>, bytes: i64) -> (Vec<u8>, &'a [u8]) {
    let given = Address::of_kernel(sent.name);
    let ends = if exit.succeeded() { Ends::of(exit, fd, given, Act::Traffic) } else { None };
    let mut tuple = std::mem::take(&mut exit.emit.scratch);
    tuple.clear();
    ends.iter().for_each(|ends| ends.write(Way::Out, &mut tuple));
    (tuple, &sent.data[..kept(ends.as_ref(), sent.data, bytes, sent.header.total)])
}

pub(super) fn enter_messages(enter: &Enter<'_>, saved: &mut Saved) {
    let call = enter.call;
    for address in message::row(&enter.memory, call.arg(1), call.arg(2)) {
        message::keep_sent(&enter.memory, address, QUESTION_BYTES, saved);
    }
}

/// One event for each message that was sent (libs stops after 16).
pub(super) fn messages(exit: &mut Exit<'_>) {
    let (fd, result) = (exit.call.int(0), exit.result);
    let count = usize::try_from(result).unwrap_or(0);
    if count == 0 {
        exit.start(SOCKET_SENDMMSG_X).i64(result).i64(fd.into()).u32(0).null().null();
        return exit.end();
    }
    for at in 0..count {
        let Some(sent) = Kept::of(exit.saved, at) else {
            exit.emit.counts.unreadable += 1;
            continue;
        };
        let moved = i64::from(sent.header.moved(&exit.memory));
        let (tuple, data) = told(exit, fd, &sent, moved);
        exit.start(SOCKET_SENDMMSG_X)
            .i64(moved)
            .i64(fd.into())
            .u32(sent.header.total as u32)
            .raw(data)
            .raw(&tuple);
        exit.end();
        exit.emit.scratch = tuple;
    }
}
