//! Reads the memory of a stopped thread.

use std::io;

use super::{calls::Abi, waits};

const PAGE_BYTES: u64 = 4096;
/// Most buffers of a vector that are looked at (`UIO_MAXIOV`).
const MAX_VECTORS: usize = 1024;

/// Pairs of words of this many bytes each, at most 8.
pub(super) fn pairs(bytes: &[u8], word_bytes: usize) -> impl Iterator<Item = (u64, u64)> {
    let number =
        |part: &[u8]| part.iter().rev().fold(0, |value: u64, byte| (value << 8) | u64::from(*byte));
    let pairs = bytes.chunks_exact(2 * word_bytes).map(move |pair| pair.split_at(word_bytes));
    pairs.map(move |(first, second)| (number(first), number(second)))
}

/// A thread's memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    pub(super) tid: i32,
    pub(super) abi: Abi,
}

impl Memory {
    /// Appends up to `most` bytes from `address` on; fewer where the memory ends.
    ///
    /// # Errors
    /// If there is nothing at the address.
    pub(super) fn bytes(&self, address: u64, most: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let start = out.len();
        out.resize(start + most, 0);
        let read = match out.get_mut(start..) {
            Some(space) if most > 0 => self.fill(address, space),
            _ => Ok(0),
        };
        out.truncate(start + read.as_ref().copied().unwrap_or(0));
        read.map(drop)
    }

    /// Appends the text at `address`, without its NUL, at most `most` bytes.
    ///
    /// # Errors
    /// If there is nothing at the address, or the memory ends before the text does: for the kernel
    /// this is a fault as well.
    pub(super) fn text(&self, address: u64, most: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let (begin, mut at) = (out.len(), address);
        while out.len() - begin < most {
            // Up to the page's end, for the next one may not be there.
            let page = (PAGE_BYTES - at % PAGE_BYTES) as usize;
            let step = page.min(most - (out.len() - begin)).min(256.max(page.min(512)));
            let start = out.len();
            match self.bytes(at, step, out) {
                Ok(()) => {}
                Err(error) => {
                    out.truncate(begin);
                    return Err(error);
                }
            }
            let new = out.get(start..).unwrap_or_default();
            if let Some(end) = new.iter().position(|byte| *byte == 0) {
                out.truncate(start + end);
                return Ok(());
            }
            if new.is_empty() {
                return Ok(());
            }
            at = at.wrapping_add(new.len() as u64);
        }
        Ok(())
    }

    /// A value of `N` bytes.
    pub(super) fn array<const N: usize>(&self, address: u64) -> Option<[u8; N]> {
        let mut value = [0; N];
        (self.fill(address, &mut value).ok()? == N).then_some(value)
    }

    /// 32 bits.
    pub(super) fn u32(&self, address: u64) -> Option<u32> {
        self.array(address).map(u32::from_le_bytes)
    }

    /// 64 bits.
    pub(super) fn u64(&self, address: u64) -> Option<u64> {
        self.array(address).map(u64::from_le_bytes)
    }

    /// A pointer, a `long` or a `size_t`, as wide as the program has it.
    pub(super) fn word(&self, address: u64) -> Option<u64> {
        match self.abi {
            Abi::Bits64 => self.u64(address),
            Abi::Bits32 => self.u32(address).map(u64::from),
        }
    }

    /// Bytes of a word.
    pub(super) fn word_bytes(&self) -> u64 {
        match self.abi {
            Abi::Bits64 => 8,
            Abi::Bits32 => 4,
        }
    }

    /// A vector of buffers (`struct iovec`): each one's address and length.
    pub(super) fn vectors(&self, address: u64, count: u64) -> Vec<(u64, u64)> {
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(MAX_VECTORS);
        let mut bytes = Vec::new();
        let word = self.word_bytes() as usize;
        if count == 0 || self.bytes(address, count * 2 * word, &mut bytes).is_err() {
            return Vec::new();
        }
        pairs(&bytes, word).collect()
    }

    fn fill(&self, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
        waits::read(self.tid, address, buffer)
    }
}
