//! Memory.

use crate::schema::Symbol;

/// Access to memory (`PROT_*`).
pub static PROT_FLAGS: &[Symbol] = &[
    Symbol::new("PROT_READ", 1),
    Symbol::new("PROT_WRITE", 2),
    Symbol::new("PROT_EXEC", 4),
    Symbol::new("PROT_SEM", 8),
    Symbol::new("PROT_GROWSDOWN", 0x10),
    Symbol::new("PROT_GROWSUP", 0x20),
    Symbol::new("PROT_SAO", 0x40),
    Symbol::new("PROT_NONE", 0),
];

/// Flags of `mmap(2)`.
pub static MMAP_FLAGS: &[Symbol] = &[
    Symbol::new("MAP_SHARED", 1),
    Symbol::new("MAP_PRIVATE", 2),
    Symbol::new("MAP_FIXED", 4),
    Symbol::new("MAP_ANONYMOUS", 8),
    Symbol::new("MAP_32BIT", 0x10),
    Symbol::new("MAP_RENAME", 0x20),
    Symbol::new("MAP_NORESERVE", 0x40),
    Symbol::new("MAP_POPULATE", 0x80),
    Symbol::new("MAP_NONBLOCK", 0x100),
    Symbol::new("MAP_GROWSDOWN", 0x200),
    Symbol::new("MAP_DENYWRITE", 0x400),
    Symbol::new("MAP_EXECUTABLE", 0x800),
    Symbol::new("MAP_INHERIT", 0x1000),
    Symbol::new("MAP_FILE", 0x2000),
    Symbol::new("MAP_LOCKED", 0x4000),
];

/// Flags of `mlockall(2)`.
pub static MLOCKALL_FLAGS: &[Symbol] =
    &[Symbol::new("MCL_CURRENT", 1), Symbol::new("MCL_FUTURE", 2), Symbol::new("MCL_ONFAULT", 4)];

/// Flags of `mlock2(2)`.
pub static MLOCK2_FLAGS: &[Symbol] = &[Symbol::new("MLOCK_ONFAULT", 1)];

/// Flags of `memfd_create(2)`.
pub static MEMFD_CREATE_FLAGS: &[Symbol] = &[
    Symbol::new("MFD_CLOEXEC", 1),
    Symbol::new("MFD_ALLOW_SEALING", 2),
    Symbol::new("MFD_HUGETLB", 4),
];
