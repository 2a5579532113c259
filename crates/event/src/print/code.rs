//! Numbers with a name: errors, signals, syscalls.

use super::{number, sink::Sink};
use crate::{
    names::{errno_name, signal_name},
    syscalls::SYSCALL_NAMES,
};

/// Appends the name of the error that a negative result stands for, if it has one. As results of
/// 64 bits may be cut from 32, only the lower half counts.
pub(super) fn write_errno(result: i64, out: &mut Vec<u8>) {
    if let Some(name) = errno_name((result as i32).unsigned_abs()).filter(|_| (result as i32) < 0) {
        out.extend_from_slice(name.as_bytes());
    }
}

/// The result, and the error that it stands for: `-2(ENOENT)`.
pub(super) fn print_errno(result: Option<i64>, out: &mut Sink<'_>) -> bool {
    let Some(result) = result else {
        return false;
    };
    number::decimal(result, out.buffer());
    if result < 0 {
        out.meaning(|out| write_errno(result, out));
    }
    true
}

/// The syscall's code and name: `3(read)`.
pub(super) fn print_syscall(code: Option<i64>, out: &mut Sink<'_>) -> bool {
    let Some(code) = code else {
        return false;
    };
    match usize::try_from(code).ok().and_then(|at| SYSCALL_NAMES.get(at)) {
        Some(name) => {
            number::decimal(code, out.buffer());
            out.meaning(|out| out.extend_from_slice(name.as_bytes()));
        }
        None => out.value(b"<unknown syscall>"),
    }
    true
}

/// The signal's number and name: `9(SIGKILL)`.
pub(super) fn print_signal(signal: Option<i64>, out: &mut Sink<'_>) -> bool {
    let Some(signal) = signal else {
        return false;
    };
    number::decimal(signal, out.buffer());
    if let Some(name) = u8::try_from(signal).ok().and_then(signal_name) {
        out.meaning(|out| out.extend_from_slice(name.as_bytes()));
    }
    true
}

/// The names of the signals in a set, separated by spaces.
pub(super) fn print_signals(set: Option<i64>, out: &mut Sink<'_>) -> bool {
    let Some(set) = set else {
        return false;
    };
    let mut separator: &[u8] = b"";
    for bit in (0..32u8).filter(|bit| set >> bit & 1 == 1) {
        if let Some(name) = signal_name(bit + 1) {
            out.value(separator);
            out.value(name.as_bytes());
            separator = b" ";
        }
    }
    true
}
