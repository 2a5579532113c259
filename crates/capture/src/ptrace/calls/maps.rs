//! Memory: executable mappings, memfd, memory of others.
//!
//! Mappings that are not executable don't stop: there are very many, and they load nothing.

use event::{
    EventType,
    syscalls::{MEMFD_CREATE_X, MMAP_X, MPROTECT_X, PROCESS_VM_READV_X, PROCESS_VM_WRITEV_X},
};

use super::{
    DATA_BYTES, Enter, Exit, Row, Saved, When, nothing,
    params::{
        Param::{Arg64, Data, Flags, Int, Kept, Result, U32},
        generic, path_0, row,
    },
    renumbered,
};
use crate::ptrace::memory::Memory;

const EXECUTABLE: When = When::Bits { arg: 2, mask: libc::PROT_EXEC as u32 };

pub(super) const TABLE: &[Row] = &[
    Row { when: EXECUTABLE, ..row(libc::SYS_mmap, "mmap", nothing, mmap) },
    Row { when: EXECUTABLE, ..row(libc::SYS_mprotect, "mprotect", nothing, mprotect) },
    Row { when: EXECUTABLE, ..generic(libc::SYS_pkey_mprotect, "pkey_mprotect") },
    // Shared memory attached to be executed.
    Row { when: When::Bits { arg: 2, mask: SHM_EXEC }, ..generic(libc::SYS_shmat, "shmat") },
    row(libc::SYS_memfd_create, "memfd_create", path_0, |exit| {
        exit.event(MEMFD_CREATE_X, &[Result, Kept(0), Flags(1, |flags| flags & MEMFD_FLAGS)]);
    }),
    generic(libc::SYS_memfd_secret, "memfd_secret"),
    row(libc::SYS_process_vm_readv, "process_vm_readv", nothing, readv),
    row(libc::SYS_process_vm_writev, "process_vm_writev", enter_writev, writev),
    generic(libc::SYS_process_madvise, "process_madvise"),
    // Makes a process's readable mappings executable from then on, or its layout known.
    generic(libc::SYS_personality, "personality"),
];

const SHM_EXEC: u32 = libc::SHM_EXEC as u32;

/// `PROT_*` of the kernel in the schema's numbering.
///
/// Source: asm-generic/mman-common.h, and the schema's symbols (`event::symbols::PROT_FLAGS`).
const PROT_FLAGS: &[(u32, u32)] =
    &[(1, 1), (2, 2), (4, 4), (8, 8), (0x0100_0000, 0x10), (0x0200_0000, 0x20)];

/// `MAP_*` of the kernel in the schema's numbering; `MAP_RENAME` and `MAP_INHERIT` are other
/// systems'.
///
/// Source: asm-generic/mman.h, asm/mman.h of x86, and the schema's symbols
/// (`event::symbols::MMAP_FLAGS`).
const MAP_FLAGS: &[(u32, u32)] = &[
    (1, 1),            // MAP_SHARED
    (2, 2),            // MAP_PRIVATE
    (0x10, 4),         // MAP_FIXED
    (0x20, 8),         // MAP_ANONYMOUS
    (0x40, 0x10),      // MAP_32BIT
    (0x100, 0x200),    // MAP_GROWSDOWN
    (0x800, 0x400),    // MAP_DENYWRITE
    (0x1000, 0x800),   // MAP_EXECUTABLE
    (0x2000, 0x4000),  // MAP_LOCKED
    (0x4000, 0x40),    // MAP_NORESERVE
    (0x8000, 0x80),    // MAP_POPULATE
    (0x1_0000, 0x100), // MAP_NONBLOCK
];

fn mmap(exit: &mut Exit<'_>) {
    let has = exit.status();
    let [size, resident, swapped] = [has.vmsize_kb, has.vmrss_kb, has.vmswap_kb].map(U32);
    let asked = [Arg64(0), Arg64(1), Flags(2, access), Flags(3, map_flags), Int(4), Arg64(5)];
    let [address, length, access, flags, fd, offset] = asked;
    exit.event(
        MMAP_X,
        &[Result, size, resident, swapped, address, length, access, flags, fd, offset],
    );
}

fn mprotect(exit: &mut Exit<'_>) {
    exit.event(MPROTECT_X, &[Result, Arg64(0), Arg64(1), Flags(2, access)]);
}

fn access(flags: u32) -> u32 {
    renumbered(flags, PROT_FLAGS)
}

fn map_flags(flags: u32) -> u32 {
    renumbered(flags, MAP_FLAGS)
}

/// The flags that the schema has, which have the kernel's numbers.
const MEMFD_FLAGS: u32 = 7;

/// What another process had in its memory is in the caller's behind the call.
fn readv(exit: &mut Exit<'_>) {
    let mut data = std::mem::take(&mut exit.emit.scratch);
    data.clear();
    gather(exit.memory, exit.call.arg(1), exit.call.arg(2), &mut data);
    others_memory(exit, PROCESS_VM_READV_X, &data);
    exit.emit.scratch = data;
}

/// What is to be written is in the caller's memory before the call.
fn enter_writev(enter: &Enter<'_>, saved: &mut Saved) {
    saved.keep(|data| {
        gather(enter.memory, enter.call.arg(1), enter.call.arg(2), data);
        Ok(())
    });
}

fn writev(exit: &mut Exit<'_>) {
    others_memory(exit, PROCESS_VM_WRITEV_X, exit.saved.text(0).unwrap_or_default());
}

/// The event, with as much of the data as was moved.
fn others_memory(exit: &mut Exit<'_>, kind: EventType, data: &[u8]) {
    let moved = usize::try_from(exit.result).unwrap_or(0).min(data.len());
    exit.event(kind, &[Result, Int(0), Data(data.get(..moved).unwrap_or_default())]);
}

/// Appends the first bytes of a vector of buffers, of the caller's.
fn gather(memory: Memory, vectors: u64, count: u64, data: &mut Vec<u8>) {
    let start = data.len();
    for (address, bytes) in memory.vectors(vectors, count) {
        let room = DATA_BYTES.saturating_sub(data.len() - start);
        let most = usize::try_from(bytes).unwrap_or(usize::MAX).min(room);
        if room == 0 || memory.bytes(address, most, data).is_err() {
            break;
        }
    }
}
