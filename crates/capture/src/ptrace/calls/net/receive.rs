//! What comes in.
//!
//! Where data and addresses go is kept before the call; what the kernel wrote there is read after
//! it.

use event::syscalls::{SOCKET_RECVFROM_X, SOCKET_RECVMMSG_X, SOCKET_RECVMSG_X};

use super::{
    super::{Enter, Exit, Saved},
    ANSWER_BYTES, DATA_BYTES,
    address::Address,
    answers::tell_answer,
    connect::written_address,
    ends::{Act, Ends, Way},
    message::{self, Kept},
    rights::tell_rights,
};
use crate::ptrace::{memory::Memory, socket::ADDRESS_BYTES};

/// How much of what was received an event keeps.
fn kept(ends: Option<&Ends>, received: u64) -> usize {
    let most = match ends.and_then(Ends::name_server) {
        Some(_) => ANSWER_BYTES,
        None => DATA_BYTES,
    };
    most.min(usize::try_from(received).unwrap_or(usize::MAX))
}

/// Keeps how much room there is for the address of who sends.
pub(super) fn enter_from(enter: &Enter<'_>, saved: &mut Saved) {
    saved.numbers[0] = enter.memory.u32(enter.call.arg(5)).unwrap_or(0).into();
}

pub(super) fn from(exit: &mut Exit<'_>) {
    let (call, result) = (exit.call, exit.result);
    let fd = call.int(0);
    let (mut data, mut tuple) = (Vec::new(), std::mem::take(&mut exit.emit.scratch));
    tuple.clear();
    let mut ends = None;
    if let Ok(received) = u64::try_from(result) {
        let given = written_address(exit, 4, 5, exit.saved.numbers[0]);
        ends = Ends::of(exit, fd, given, Act::Traffic);
        // With `MSG_TRUNC` the result is the datagram's length, which may be more than was written.
        let most = kept(ends.as_ref(), received.min(call.arg(2)));
        // What cannot be read was not written.
        let _ = exit.memory.bytes(call.arg(1), most, &mut data);
        ends.iter().for_each(|ends| ends.write(Way::In, &mut tuple));
    }
    exit.start(SOCKET_RECVFROM_X)
        .i64(result)
        .raw(&data)
        .raw(&tuple)
        .i64(fd.into())
        .u32(call.arg(2) as u32);
    exit.end();
    exit.emit.scratch = tuple;
    tell_answer(exit, ends.as_ref(), &data);
}

pub(super) fn enter_message(enter: &Enter<'_>, saved: &mut Saved) {
    message::keep_received(&enter.memory, enter.call.arg(1), ANSWER_BYTES, saved);
}

/// What came in with a message.
#[derive(Default)]
struct Received {
    ends: Option<Ends>,
    data: Vec<u8>,
    tuple: Vec<u8>,
    control: Vec<u8>,
}

impl Received {
    fn of(exit: &mut Exit<'_>, fd: i32, kept_of: &Kept<'_>, bytes: u64) -> Self {
        let memory = exit.memory;
        let from = sender(&memory, kept_of);
        let ends = Ends::of(exit, fd, from, Act::Traffic);
        let mut received = Self { ends, ..Self::default() };
        let most = kept(received.ends.as_ref(), bytes.min(kept_of.header.total));
        kept_of.received(&memory, most, &mut received.data);
        received.ends.iter().for_each(|ends| ends.write(Way::In, &mut received.tuple));
        kept_of.header.control_written(&memory, &mut received.control);
        received
    }
}

/// The address of who sent a message, as the kernel has written it.
fn sender(memory: &Memory, kept: &Kept<'_>) -> Option<Address> {
    if kept.header.name == 0 {
        return None;
    }
    let written = kept.header.name_written(memory)?;
    let most = written.min(kept.header.name_length).min(ADDRESS_BYTES as u64) as usize;
    let mut bytes = Vec::new();
    memory.bytes(kept.header.name, most, &mut bytes).ok()?;
    Address::of_kernel(&bytes)
}

pub(super) fn message(exit: &mut Exit<'_>) {
    let (fd, result) = (exit.call.int(0), exit.result);
    let mut received = Received::default();
    if let Ok(bytes) = u64::try_from(result)
        && let Some(kept) = Kept::of(exit.saved, 0)
    {
        received = Received::of(exit, fd, &kept, bytes);
    }
    tell_rights(exit, &received.control, exit.call.arg(2));
    exit.start(SOCKET_RECVMSG_X)
        .i64(result)
        .u32(u32::try_from(result).unwrap_or(0))
        .raw(&received.data)
        .raw(&received.tuple)
        .raw(&received.control)
        .i64(fd.into());
    exit.end();
    tell_answer(exit, received.ends.as_ref(), &received.data);
}

pub(super) fn enter_messages(enter: &Enter<'_>, saved: &mut Saved) {
    let call = enter.call;
    for address in message::row(&enter.memory, call.arg(1), call.arg(2)) {
        message::keep_received(&enter.memory, address, ANSWER_BYTES, saved);
    }
}

/// One event for each message that came in (libs stops after 16).
pub(super) fn messages(exit: &mut Exit<'_>) {
    let (fd, result) = (exit.call.int(0), exit.result);
    let count = usize::try_from(result).unwrap_or(0);
    if count == 0 {
        exit.start(SOCKET_RECVMMSG_X).i64(result).i64(fd.into()).u32(0).null().null().null();
        return exit.end();
    }
    let mut row = Vec::new();
    for at in 0..count {
        let Some(kept) = Kept::of(exit.saved, at) else {
            exit.emit.counts.unreadable += 1;
            continue;
        };
        let moved = kept.header.moved(&exit.memory);
        row.push((moved, Received::of(exit, fd, &kept, moved.into())));
    }
    for (_, received) in &row {
        tell_rights(exit, &received.control, exit.call.arg(3));
    }
    for (moved, received) in row {
        exit.start(SOCKET_RECVMMSG_X)
            .i64(moved.into())
            .i64(fd.into())
            .u32(moved)
            .raw(&received.data)
            .raw(&received.tuple)
            .raw(&received.control);
        exit.end();
        tell_answer(exit, received.ends.as_ref(), &received.data);
    }
}
