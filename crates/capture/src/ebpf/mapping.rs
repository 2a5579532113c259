//! Memory that is shared with the kernel.

use std::{ffi::c_void, io, os::fd::BorrowedFd, ptr, slice, sync::atomic::AtomicU64};

use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// A mapping, unmapped when dropped.
#[derive(Debug)]
pub(super) struct Mapping {
    start: *mut c_void,
    bytes: usize,
}

// SAFETY: the memory is shared with the kernel alone, and lives as long as the value; what is in it
// is read with atomics or after them.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Maps so many bytes of what a descriptor of the kernel's stands for, from this offset on.
    pub(super) fn new(
        fd: BorrowedFd<'_>,
        bytes: usize,
        access: ProtFlags,
        offset: u64,
    ) -> io::Result<Self> {
        // SAFETY: the kernel chooses the place, so no memory of ours is replaced.
        let start = unsafe { mmap(ptr::null_mut(), bytes, access, MapFlags::SHARED, fd, offset) }?;
        Ok(Self { start, bytes })
    }

    /// Its first byte.
    pub(super) fn start(&self) -> *const u8 {
        self.start.cast()
    }

    /// The number at its start.
    pub(super) fn position(&self) -> &AtomicU64 {
        // SAFETY: a mapping has at least a page, whose start is aligned; whoever else writes the
        // number, the kernel, does so atomically.
        unsafe { &*self.start.cast::<AtomicU64>() }
    }

    /// All of it as numbers.
    pub(super) fn numbers(&self) -> &[AtomicU64] {
        // SAFETY: so many numbers are within the mapping, whose start is aligned; any bytes are numbers,
        // and whoever else writes them, the kernel, does so atomically.
        unsafe { slice::from_raw_parts(self.start.cast(), self.bytes / size_of::<AtomicU64>()) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: this is what was mapped, and nothing borrows from it any more.
        let _ = unsafe { munmap(self.start, self.bytes) };
    }
}
