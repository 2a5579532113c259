//! Reading and writing, with sizes and the beginning of the data.
//!
//! What is written is read from memory before the call, what was read behind it. How much a call
//! moved is its result.

use event::syscalls as ev;

use super::{
    DATA_BYTES, Enter, Exit, Row, Saved, nothing,
    params::{
        Param::{Arg32, Arg64, Data, Flags, Int, Result, U32, U64},
        generic, row,
    },
};
use crate::ptrace::memory::{Memory, pairs};

pub(super) const TABLE: &[Row] = &[
    row(libc::SYS_read, "read", nothing, |exit| {
        with_data_read(exit, |exit, data| {
            exit.event(ev::READ_X, &[Result, Data(data), Int(0), Arg32(2)]);
        });
    }),
    row(libc::SYS_pread64, "pread64", nothing, |exit| {
        with_data_read(exit, |exit, data| {
            exit.event(ev::PREAD_X, &[Result, Data(data), Int(0), Arg32(2), Arg64(3)]);
        });
    }),
    row(libc::SYS_readv, "readv", save_buffers, |exit| {
        with_data_gathered(exit, |exit, size, data| {
            exit.event(ev::READV_X, &[Result, U32(size), Data(data), Int(0)]);
        });
    }),
    row(libc::SYS_preadv, "preadv", save_buffers, preadv),
    row(libc::SYS_preadv2, "preadv2", save_buffers, preadv),
    row(libc::SYS_write, "write", save_data, |exit| {
        exit.event(ev::WRITE_X, &[Result, Data(written(exit)), Int(0), Arg32(2)]);
    }),
    row(libc::SYS_pwrite64, "pwrite64", save_data, |exit| {
        exit.event(ev::PWRITE_X, &[Result, Data(written(exit)), Int(0), Arg32(2), Arg64(3)]);
    }),
    row(libc::SYS_writev, "writev", save_gathered, |exit| {
        let (data, size) = (Data(written(exit)), U32(exit.saved.numbers[0] as u32));
        exit.event(ev::WRITEV_X, &[Result, data, Int(0), size]);
    }),
    row(libc::SYS_pwritev, "pwritev", save_gathered, pwritev),
    row(libc::SYS_pwritev2, "pwritev2", save_gathered, pwritev),
    row(libc::SYS_sendfile, "sendfile", nothing, |exit| {
        // Where the next one would begin: what the call left there.
        let offset = U64(exit.memory.word(exit.call.arg(2)).unwrap_or(0));
        exit.event(ev::SENDFILE_X, &[Result, offset, Int(0), Int(1), Arg64(3)]);
    }),
    row(libc::SYS_splice, "splice", nothing, |exit| {
        let flags = Flags(5, super::flags::splice);
        exit.event(ev::SPLICE_X, &[Result, Int(0), Int(2), Arg64(4), flags]);
    }),
    // The schema's recorder tells where offsets stand in memory, not what they are.
    row(libc::SYS_copy_file_range, "copy_file_range", nothing, |exit| {
        let params = [Result, Int(2), Arg64(3), Int(0), Arg64(1), Arg64(4)];
        exit.event(ev::COPY_FILE_RANGE_X, &params);
    }),
    generic(libc::SYS_tee, "tee"),
    generic(libc::SYS_vmsplice, "vmsplice"),
];

/// Of an answer of the domain name system more is kept, for later connections have names by it.
const DNS_BYTES: usize = 4096;

/// The same as `preadv`, with flags that the schema has no place for.
fn preadv(exit: &mut Exit<'_>) {
    with_data_gathered(exit, |exit, size, data| {
        exit.event(ev::PREADV_X, &[Result, U32(size), Data(data), Int(0), Arg64(3)]);
    });
}

/// The same as `pwritev`, with flags that the schema has no place for.
fn pwritev(exit: &mut Exit<'_>) {
    let (data, size) = (Data(written(exit)), U32(exit.saved.numbers[0] as u32));
    exit.event(ev::PWRITEV_X, &[Result, data, Int(0), size, Arg64(3)]);
}

/// Keeps the beginning of the buffer that is about to be written.
fn save_data(enter: &Enter<'_>, saved: &mut Saved) {
    let bytes = usize::try_from(enter.call.arg(2)).unwrap_or(usize::MAX).min(DATA_BYTES);
    saved.keep(|data| enter.memory.bytes(enter.call.arg(1), bytes, data));
}

/// Keeps the beginning of several buffers, and the length of all.
fn save_gathered(enter: &Enter<'_>, saved: &mut Saved) {
    let buffers = buffers(enter);
    let total = buffers.iter().fold(0u64, |total, (_, bytes)| total.wrapping_add(*bytes));
    saved.numbers[0] = total;
    saved.keep(|data| {
        gather(enter.memory, &buffers, DATA_BYTES, data);
        Ok(())
    });
}

/// Keeps where data will be read to: the first of the buffers, as pairs of 64 bits.
fn save_buffers(enter: &Enter<'_>, saved: &mut Saved) {
    let buffers = buffers(enter);
    let mut bytes = 0u64;
    saved.keep(|kept| {
        for (address, length) in buffers.iter().filter(|(_, length)| *length > 0) {
            kept.extend_from_slice(&address.to_le_bytes());
            kept.extend_from_slice(&length.to_le_bytes());
            bytes = bytes.saturating_add(*length);
            if bytes >= DNS_BYTES as u64 {
                break;
            }
        }
        Ok(())
    });
}

/// All buffers of a vector; none if it is longer than the kernel takes or is not in memory, for then
/// the call fails.
fn buffers(enter: &Enter<'_>) -> Vec<(u64, u64)> {
    let count = enter.call.arg(2);
    let buffers = enter.memory.vectors(enter.call.arg(1), count);
    if buffers.len() as u64 == count { buffers } else { Vec::new() }
}

/// Appends the beginning of buffers; less where one is not in memory.
fn gather(memory: Memory, buffers: &[(u64, u64)], most: usize, out: &mut Vec<u8>) {
    let end = out.len() + most;
    for (address, bytes) in buffers {
        let wanted = usize::try_from(*bytes).unwrap_or(usize::MAX).min(end - out.len());
        if wanted == 0 {
            continue;
        }
        let start = out.len();
        if memory.bytes(*address, wanted, out).is_err() || out.len() - start < wanted {
            return;
        }
    }
}

/// The beginning of what was written, or was to be if the call failed.
fn written<'a>(exit: &Exit<'a>) -> &'a [u8] {
    let saved = exit.saved;
    let data = saved.text(0).unwrap_or_default();
    match usize::try_from(exit.result) {
        Ok(bytes) if bytes > 0 => data.get(..bytes).unwrap_or(data),
        _ => data,
    }
}

/// Hands on the beginning of what a call read into its buffer.
fn with_data_read(exit: &mut Exit<'_>, then: impl FnOnce(&mut Exit<'_>, &[u8])) {
    let (address, bytes) = (exit.call.arg(1), usize::try_from(exit.result).unwrap_or(0));
    with_data(exit, &[(address, bytes as u64)], |exit, data| then(exit, data));
}

/// Hands on how much a call read into several buffers, and the beginning of it.
fn with_data_gathered(exit: &mut Exit<'_>, then: impl FnOnce(&mut Exit<'_>, u32, &[u8])) {
    let buffers: Vec<(u64, u64)> = pairs(exit.saved.text(0).unwrap_or_default(), 8).collect();
    let size = u32::try_from(exit.result.max(0)).unwrap_or(u32::MAX);
    with_data(exit, &buffers, |exit, data| then(exit, size, data));
}

/// Hands on the beginning of what a call read into buffers.
fn with_data(exit: &mut Exit<'_>, buffers: &[(u64, u64)], then: impl FnOnce(&mut Exit<'_>, &[u8])) {
    let bytes = usize::try_from(exit.result).unwrap_or(0);
    let mut data = std::mem::take(&mut exit.emit.scratch);
    data.clear();
    let mut is_answer = false;
    if bytes > 0 {
        gather(exit.memory, buffers, bytes.min(DATA_BYTES), &mut data);
        is_answer = looks_like_dns(&data) && is_socket(exit);
        if data.len() < bytes && is_answer {
            data.clear();
            gather(exit.memory, buffers, bytes.min(DNS_BYTES), &mut data);
        }
        if data.is_empty() {
            exit.emit.counts.unreadable += 1;
        }
    }
    then(exit, &data);
    if is_answer {
        super::net::read_answer(exit, &data);
    }
    exit.emit.scratch = data;
}

/// Whether data begins like an answer to one question (RFC 1035, 4.1.1).
fn looks_like_dns(data: &[u8]) -> bool {
    const ANSWER: u8 = 0x80;
    const OPCODE: u8 = 0x78;
    matches!(data, [_, _, flags, _, 0, 1, 0, answers, ..] if flags & ANSWER != 0 && flags & OPCODE == 0 && *answers > 0)
}

fn is_socket(exit: &Exit<'_>) -> bool {
    exit.path_of(i64::from(exit.call.int(0))).is_some_and(|name| name.starts_with(b"socket:"))
}
