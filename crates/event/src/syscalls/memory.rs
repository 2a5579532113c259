//! Address space: mappings, protection, locking.

use crate::symbols::{MEMFD_CREATE_FLAGS, MLOCK2_FLAGS, MLOCKALL_FLAGS, MMAP_FLAGS, PROT_FLAGS};

use super::events;

events! {
    10 BRK_1_E "brk" Memory Syscall [OLD_VERSION CONVERTER_MANAGED] ("size": Uint32 Dec);
    11 BRK_1_X "brk" Memory Syscall [OLD_VERSION CONVERTER_MANAGED] ("res": Uint64 Hex);
    158 BRK_4_E "brk" Memory Syscall [OLD_VERSION CONVERTER_MANAGED] ("addr": Uint64 Hex);
    159 BRK_4_X "brk" Memory Syscall [CONVERTER_MANAGED] (
        "res": Uint64 Hex,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "addr": Uint64 Hex,
    );
    160 MMAP_E "mmap" Memory Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] (
        "addr": Uint64 Hex,
        "length": Uint64 Dec,
        "prot": Flags32 Hex Detail::Symbols(PROT_FLAGS),
        "flags": Flags32 Hex Detail::Symbols(MMAP_FLAGS),
        "fd": Fd Dec,
        "offset": Uint64 Dec,
    );
    161 MMAP_X "mmap" Memory Syscall [USES_FD CONVERTER_MANAGED] (
        "res": Errno Hex,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "addr": Uint64 Hex,
        "length": Uint64 Dec,
        "prot": Flags32 Hex Detail::Symbols(PROT_FLAGS),
        "flags": Flags32 Hex Detail::Symbols(MMAP_FLAGS),
        "fd": Fd Dec,
        "offset": Uint64 Dec,
    );
    162 MMAP2_E "mmap2" Memory Syscall [USES_FD OLD_VERSION CONVERTER_MANAGED] (
        "addr": Uint64 Hex,
        "length": Uint64 Dec,
        "prot": Flags32 Hex Detail::Symbols(PROT_FLAGS),
        "flags": Flags32 Hex Detail::Symbols(MMAP_FLAGS),
        "fd": Fd Dec,
        "pgoffset": Uint64 Dec,
    );
    163 MMAP2_X "mmap2" Memory Syscall [USES_FD CONVERTER_MANAGED] (
        "res": Errno Hex,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "addr": Uint64 Hex,
        "length": Uint64 Dec,
        "prot": Flags32 Hex Detail::Symbols(PROT_FLAGS),
        "flags": Flags32 Hex Detail::Symbols(MMAP_FLAGS),
        "fd": Fd Dec,
        "pgoffset": Uint64 Dec,
    );
    164 MUNMAP_E "munmap" Memory Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "addr": Uint64 Hex,
        "length": Uint64 Dec,
    );
    165 MUNMAP_X "munmap" Memory Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "vm_size": Uint32 Dec,
        "vm_rss": Uint32 Dec,
        "vm_swap": Uint32 Dec,
        "addr": Uint64 Hex,
        "length": Uint64 Dec,
    );
    328 MPROTECT_E "mprotect" Memory Syscall [OLD_VERSION CONVERTER_MANAGED] (
        "addr": Uint64 Hex,
        "length": Uint64 Dec,
        "prot": Flags32 Hex Detail::Symbols(PROT_FLAGS),
    );
    329 MPROTECT_X "mprotect" Memory Syscall [CONVERTER_MANAGED] (
        "res": Errno Dec,
        "addr": Uint64 Hex,
        "length": Uint64 Dec,
        "prot": Flags32 Hex Detail::Symbols(PROT_FLAGS),
    );
    344 MLOCK_E "mlock" Memory Syscall [OLD_VERSION] ();
    345 MLOCK_X "mlock" Memory Syscall [] ("res": Errno Dec, "addr": Uint64 Hex, "len": Uint64 Dec);
    346 MUNLOCK_E "munlock" Memory Syscall [OLD_VERSION] ();
    347 MUNLOCK_X "munlock" Memory Syscall [] (
        "res": Errno Dec,
        "addr": Uint64 Hex,
        "len": Uint64 Dec,
    );
    348 MLOCKALL_E "mlockall" Memory Syscall [OLD_VERSION] ();
    349 MLOCKALL_X "mlockall" Memory Syscall [] (
        "res": Errno Dec,
        "flags": Flags32 Hex Detail::Symbols(MLOCKALL_FLAGS),
    );
    350 MUNLOCKALL_E "munlockall" Memory Syscall [OLD_VERSION] ();
    351 MUNLOCKALL_X "munlockall" Memory Syscall [] ("res": Errno Dec);
    370 MLOCK2_E "mlock2" Memory Syscall [OLD_VERSION] ();
    371 MLOCK2_X "mlock2" Memory Syscall [] (
        "res": Errno Dec,
        "addr": Uint64 Hex,
        "len": Uint64 Dec,
        "flags": Flags32 Hex Detail::Symbols(MLOCK2_FLAGS),
    );
    404 MEMFD_CREATE_E "memfd_create" Memory Syscall [CREATES_FD MODIFIES_STATE OLD_VERSION] ();
    405 MEMFD_CREATE_X "memfd_create" Memory Syscall [CREATES_FD MODIFIES_STATE] (
        "fd": Fd Dec,
        "name": CharBuf Na,
        "flags": Flags32 Hex Detail::Symbols(MEMFD_CREATE_FLAGS),
    );
}
