//! The reader's end of a ring buffer of the kernel (`BPF_MAP_TYPE_RINGBUF`).
//!
//! Three pieces of memory are shared with the kernel: a page with the reader's position, a page with
//! the writers', and the data, which is mapped twice in a row so that a record that goes over the end
//! is in one piece. A record is eight bytes of header and its data, in a multiple of eight bytes. The
//! header's first word has the length, a bit that says that it is still being made, and one that says
//! that it was given up. Source: kernel/bpf/ringbuf.c, libbpf's ringbuf.c.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    slice,
    sync::atomic::{AtomicU32, Ordering},
};

use rustix::{mm::ProtFlags, param::page_size};

use super::mapping::Mapping;

const HEADER_BYTES: u64 = 8;
/// `BPF_RINGBUF_BUSY_BIT`.
const BUSY: u32 = 1 << 31;
/// `BPF_RINGBUF_DISCARD_BIT`.
const DISCARDED: u32 = 1 << 30;

/// Reads one ring. There may be one reader of a ring only.
#[derive(Debug)]
pub(super) struct Ring {
    fd: OwnedFd,
    /// How far was read; ours to write.
    read: Mapping,
    /// How far was written, and from the second page on the data, twice.
    written: Mapping,
    bytes: u64,
    /// Where the data begins in that mapping: one page.
    data_at: usize,
    /// The record at hand.
    front: Option<Front>,
}

/// Where a record is.
#[derive(Clone, Copy, Debug)]
struct Front {
    at: u64,
    bytes: u64,
}

impl Ring {
    /// Maps the ring of a map that has so many bytes.
    pub(super) fn open(map: BorrowedFd<'_>, bytes: u32) -> io::Result<Self> {
        let page = page_size();
        let both = ProtFlags::READ | ProtFlags::WRITE;
        let read = Mapping::new(map, page, both, 0)?;
        let all = page + 2 * bytes as usize;
        let written = Mapping::new(map, all, ProtFlags::READ, page as u64)?;
        let fd = map.try_clone_to_owned()?;
        Ok(Self { fd, read, written, bytes: u64::from(bytes), data_at: page, front: None })
    }

    /// The record that comes next, which stays until [`Ring::advance`]; `None` if there is none yet.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<&[u8]> {
        if self.front.is_none() {
            self.front = self.find();
        }
        self.front.map(|front| self.data(front))
    }

    /// Looks for the record that comes next.
    fn find(&self) -> Option<Front> {
        loop {
            let at = self.read.position().load(Ordering::Relaxed);
            if at >= self.written.position().load(Ordering::Acquire) {
                return None;
            }
            let head = self.head(at).load(Ordering::Acquire);
            if head & BUSY != 0 {
                return None;
            }
            let front = Front { at, bytes: u64::from(head & !DISCARDED) };
            if head & DISCARDED == 0 {
                return Some(front);
            }
            self.go_over(front);
        }
    }

    /// Gives the memory of the record that was peeked at back to the kernel.
    #[inline]
    pub(super) fn advance(&mut self) {
        if let Some(front) = self.front.take() {
            self.go_over(front);
        }
    }

    fn go_over(&self, front: Front) {
        let next = front.at + (HEADER_BYTES + front.bytes).next_multiple_of(8);
        self.read.position().store(next, Ordering::Release);
    }

    /// Whether something waits to be read, finished or not.
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting_bytes() > 0
    }

    /// Whether so much waits that it is no time to let it wait: half of the ring.
    pub(super) fn is_filling(&self) -> bool {
        self.waiting_bytes() > self.bytes / 2
    }

    fn waiting_bytes(&self) -> u64 {
        let read = self.read.position().load(Ordering::Relaxed);
        self.written.position().load(Ordering::Relaxed).saturating_sub(read)
    }

    fn head(&self, at: u64) -> &AtomicU32 {
        // SAFETY: positions are multiples of eight, and within the data once taken modulo its size;
        // the kernel writes headers atomically.
        unsafe { &*self.at(at).cast::<AtomicU32>() }
    }

    fn data(&self, front: Front) -> &[u8] {
        let bytes = front.bytes.min(self.bytes - HEADER_BYTES) as usize;
        // SAFETY: a record begins within the data's first mapping and is no longer than the data, so
        // its end is within the second; the kernel leaves it alone until it is advanced over, which
        // takes `&mut self`.
        unsafe { slice::from_raw_parts(self.at(front.at).add(HEADER_BYTES as usize), bytes) }
    }

    fn at(&self, position: u64) -> *const u8 {
        let offset = self.data_at + (position & (self.bytes - 1)) as usize;
        // SAFETY: one page and the data's size, a power of two, are within the mapping.
        unsafe { self.written.start().add(offset) }
    }
}

/// What can be waited for: something to read.
impl AsFd for Ring {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
