//! Calls of 32-bit programs.

use crate::ptrace::memory::Memory;

/// The number and arguments on x86-64 of a call of i386; `None` if it is not recorded.
pub(in crate::ptrace) fn native(
    _number: u32,
    _args: [u64; 6],
    _memory: Memory,
) -> Option<(u32, [u64; 6])> {
    None
}

/// Numbers of i386 that are recorded.
pub(in crate::ptrace) fn numbers() -> Vec<u32> {
    Vec::new()
}
