//! Options of sockets.

use event::syscalls::{SOCKET_GETSOCKOPT_X, SOCKET_SETSOCKOPT_X};

use super::super::{Abi, Enter, Exit, Saved};

/// Levels in the schema's numbering.
const LEVEL_SOCKET: u8 = 1;
const LEVEL_TCP: u8 = 2;

/// What the first byte of a value says of the rest.
const BYTES: u8 = 0;
const ERROR: u8 = 1;
const NUMBER_32: u8 = 2;
const NUMBER_64: u8 = 3;
const TIME: u8 = 4;

/// Most bytes of a value that are kept; libs keeps up to 64 KiB.
const VALUE_BYTES: u64 = 4096;

/// Options of linux/socket.h that libc lacks here, or has on some targets only.
const SO_RCVTIMEO_NEW: i32 = 66;
const SO_SNDTIMEO_NEW: i32 = 67;

fn level(level: i32) -> u8 {
    match level {
        libc::SOL_SOCKET => LEVEL_SOCKET,
        libc::IPPROTO_TCP => LEVEL_TCP,
        _ => 0,
    }
}

/// An option's number in the schema: that of the kernel, up to where the kernel's have gaps.
fn option(level: i32, name: i32) -> u8 {
    if level != libc::SOL_SOCKET {
        return 0;
    }
    match name {
        1..=50 => name as u8,
        libc::SO_PEERGROUPS => 0x33,
        libc::SO_MEMINFO => 0x34,
        libc::SO_COOKIE => 0x35,
        SO_RCVTIMEO_NEW => 0x14,
        SO_SNDTIMEO_NEW => 0x15,
        _ => 0,
    }
}

/// Appends a value. Its memory counts as zeros where it cannot be read, as with libs.
fn write(exit: &Exit<'_>, value: &[u8], out: &mut Vec<u8>) {
    let (level, name) = (exit.call.int(1), exit.call.int(2));
    let word = |at: usize| {
        let bytes = value.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
        u64::from_le_bytes(bytes.unwrap_or_default())
    };
    // The former forms of times are as wide as the program's longs.
    let is_narrow = exit.call.abi == Abi::Bits32 && name < SO_RCVTIMEO_NEW;
    let (seconds, microseconds) = match (word(0), word(8)) {
        (both, _) if is_narrow => (both & 0xffff_ffff, both >> 32),
        both => both,
    };
    let half = value.get(..4).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
    match name {
        _ if level != libc::SOL_SOCKET => whole(value, out),
        libc::SO_ERROR => {
            out.push(ERROR);
            out.extend_from_slice(&(-i64::from(i32::from_le_bytes(half))).to_le_bytes());
        }
        libc::SO_RCVTIMEO | libc::SO_SNDTIMEO | SO_RCVTIMEO_NEW | SO_SNDTIMEO_NEW => {
            let nanoseconds = seconds.wrapping_mul(1_000_000_000);
            let nanoseconds = nanoseconds.wrapping_add(microseconds.wrapping_mul(1000));
            out.push(TIME);
            out.extend_from_slice(&nanoseconds.to_le_bytes());
        }
        libc::SO_COOKIE => {
            out.push(NUMBER_64);
            out.extend_from_slice(&word(0).to_le_bytes());
        }
        // SO_LINGER, SO_PEERCRED, SO_ATTACH_FILTER, SO_PEERNAME, SO_ATTACH_BPF are no numbers.
        1..=49 if ![13, 17, 26, 28].contains(&name) => {
            out.push(NUMBER_32);
            out.extend_from_slice(&half);
        }
        _ => whole(value, out),
    }
}

fn whole(value: &[u8], out: &mut Vec<u8>) {
    out.push(BYTES);
    out.extend_from_slice(value);
}

/// Keeps the value. libs reads numbers whatever length is given.
pub(super) fn enter_set(enter: &Enter<'_>, saved: &mut Saved) {
    let length = u64::from(enter.call.arg(4) as u16);
    let length = match enter.call.int(1) {
        libc::SOL_SOCKET => length.max(16),
        _ => length,
    };
    let most = length.min(VALUE_BYTES) as usize;
    saved.keep(|bytes| enter.memory.bytes(enter.call.arg(3), most, bytes));
}

pub(super) fn set(exit: &mut Exit<'_>) {
    let (call, result) = (exit.call, exit.result);
    let length = call.arg(4) as u16;
    let value = exit.saved.text(0).unwrap_or_default();
    let mut bytes = std::mem::take(&mut exit.emit.scratch);
    bytes.clear();
    write(exit, value, &mut bytes);
    // What was read beyond the value's end is no part of one that is kept as it is.
    if bytes.first() == Some(&BYTES) {
        bytes.truncate(1 + usize::from(length));
    }
    exit.start(SOCKET_SETSOCKOPT_X)
        .i64(result)
        .i64(call.int(0).into())
        .u8(level(call.int(1)))
        .u8(option(call.int(1), call.int(2)))
        .raw(&bytes)
        .u32(length.into());
    exit.end();
    exit.emit.scratch = bytes;
}

/// Only `SO_ERROR` is recorded: it says what became of a connection that was begun without waiting.
pub(super) fn get(exit: &mut Exit<'_>) {
    let (call, result) = (exit.call, exit.result);
    if call.int(1) != libc::SOL_SOCKET {
        return;
    }
    let length = exit.memory.u32(call.arg(4)).unwrap_or(0);
    let mut bytes = std::mem::take(&mut exit.emit.scratch);
    bytes.clear();
    let value = exit.memory.array::<4>(call.arg(3)).unwrap_or_default();
    write(exit, &value, &mut bytes);
    exit.start(SOCKET_GETSOCKOPT_X)
        .i64(result)
        .i64(call.int(0).into())
        .u8(level(call.int(1)))
        .u8(option(call.int(1), call.int(2)))
        .raw(&bytes)
        .u32(length);
    exit.end();
    exit.emit.scratch = bytes;
}
