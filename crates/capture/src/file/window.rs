//! One buffer over a stream: what was read and not yet used, contiguous.

use std::io::{self, ErrorKind, Read};

/// Bytes that the buffer has from the start.
pub(super) const START_BYTES: usize = 256 * 1024;

/// A sliding view of a stream. The buffer grows only as bytes really arrive, so a length that lies
/// costs nothing.
#[derive(Debug)]
pub(super) struct Window<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Where `start` is in the stream.
    offset: u64,
    ended: bool,
    /// Why reading ended, if not because of the stream's end.
    failure: Option<io::Error>,
}

impl<R: Read> Window<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            buffer: vec![0; START_BYTES],
            start: 0,
            end: 0,
            offset: 0,
            ended: false,
            failure: None,
        }
    }

    /// Bytes at hand.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Where the bytes at hand begin in the stream.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Where the bytes at hand end in the stream.
    pub(super) fn end_offset(&self) -> u64 {
        self.offset + (self.end - self.start) as u64
    }

    pub(super) fn input(&self) -> &R {
        &self.input
    }

    /// Bytes of memory held.
    pub(super) fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Makes `wanted` bytes available and says how many there are: fewer only where the stream
    /// ends or cannot be read further (see [`Window::failure`]).
    #[inline]
    pub(super) fn fill(&mut self, wanted: usize) -> usize {
        let there = self.end - self.start;
        if there >= wanted { there } else { self.refill(wanted) }
    }

    #[cold]
    fn refill(&mut self, wanted: usize) -> usize {
        while self.end - self.start < wanted && !self.ended {
            self.make_room(wanted);
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    self.failure = Some(error);
                }
            }
        }
        self.end - self.start
    }

    /// Whether something other than its end stopped the reading.
    pub(super) fn failed(&self) -> bool {
        self.failure.is_some()
    }

    /// What that was, once.
    pub(super) fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Sees to it that more can be read: moves what is left to the front only if the wanted bytes
    /// do not fit behind, and grows only once the buffer is full.
    fn make_room(&mut self, wanted: usize) {
        if self.start.saturating_add(wanted) <= self.buffer.len() {
            return;
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        } else if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
    }

    /// Is done with the first `count` bytes at hand.
    #[inline]
    pub(super) fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.offset += count as u64;
    }

    /// Is done with the next `count` bytes, at hand or not; says how many there were.
    pub(super) fn skip(&mut self, count: u64) -> u64 {
        let mut left = count;
        while left > 0 {
            let there = self.fill(1);
            if there == 0 {
                break;
            }
            let step = usize::try_from(left).unwrap_or(there).min(there);
            self.consume(step);
            left -= step as u64;
        }
        count - left
    }
}
