//! `struct msghdr`, and rows of them (`struct mmsghdr`), as wide as the program has them.
//!
//! What a call is given in them is kept before it; the kernel writes lengths into them afterwards.

use super::super::{Abi, Saved};
use crate::ptrace::memory::Memory;

/// Most messages that one call sends or receives (`UIO_MAXIOV`).
const MOST_MESSAGES: u64 = 1024;

/// Where the parts of a message header are.
struct Layout {
    name_length: u64,
    vectors: u64,
    count: u64,
    control: u64,
    control_length: u64,
    /// Bytes of a header without its padding; in a row, the message's length follows behind it.
    size: u64,
    /// From one header to the next, in a row.
    step: u64,
}

const BITS_64: Layout = Layout {
    name_length: 8,
    vectors: 16,
    count: 24,
    control: 32,
    control_length: 40,
    size: 56,
    step: 64,
};

const BITS_32: Layout = Layout {
    name_length: 4,
    vectors: 8,
    count: 12,
    control: 16,
    control_length: 20,
    size: 28,
    step: 32,
};

fn layout(memory: &Memory) -> &'static Layout {
    match memory.abi {
        Abi::Bits64 => &BITS_64,
        Abi::Bits32 => &BITS_32,
    }
}

/// A message header. Lengths are what the program gave.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Header {
    /// Where it stands.
    pub(super) address: u64,
    pub(super) name: u64,
    pub(super) name_length: u64,
    vectors: u64,
    count: u64,
    control: u64,
    control_length: u64,
    /// Bytes of all buffers together.
    pub(super) total: u64,
}

const WORDS: usize = 8;

impl Header {
    fn read(memory: &Memory, address: u64) -> Option<Self> {
        let layout = layout(memory);
        let at = |offset: u64| address.wrapping_add(offset);
        Some(Self {
            address,
            name: memory.word(address)?,
            name_length: memory.u32(at(layout.name_length))?.into(),
            vectors: memory.word(at(layout.vectors))?,
            count: memory.word(at(layout.count))?,
            control: memory.word(at(layout.control))?,
            control_length: memory.word(at(layout.control_length))?,
            total: 0,
        })
    }

    fn words(&self) -> [u64; WORDS] {
        let Self { address, name, name_length, vectors, count, control, control_length, total } =
            *self;
        [address, name, name_length, vectors, count, control, control_length, total]
    }

    fn of_words(bytes: &[u8]) -> Option<Self> {
        let mut words = [0; WORDS];
        for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().ok()?);
        }
        let [address, name, name_length, vectors, count, control, control_length, total] = words;
        Some(Self { address, name, name_length, vectors, count, control, control_length, total })
    }

    /// How long the address is that the kernel has written.
    pub(super) fn name_written(&self, memory: &Memory) -> Option<u64> {
        memory.u32(self.address.wrapping_add(layout(memory).name_length)).map(u64::from)
    }

    /// Appends the control messages that the kernel has written (rights, credentials, times); none
    /// if they are longer than an event can have.
    pub(super) fn control_written(&self, memory: &Memory, out: &mut Vec<u8>) {
        let at = self.address.wrapping_add(layout(memory).control_length);
        let length = memory.word(at).unwrap_or(0).min(self.control_length);
        if self.control != 0 && length <= u16::MAX.into() {
            // What cannot be read was not written.
            let _ = memory.bytes(self.control, length as usize, out);
        }
    }

    /// How many bytes of this message of a row the kernel has moved.
    pub(super) fn moved(&self, memory: &Memory) -> u32 {
        memory.u32(self.address.wrapping_add(layout(memory).size)).unwrap_or(0)
    }
}

/// Addresses of a row's headers, of which the call was given `count`.
pub(super) fn row(memory: &Memory, first: u64, count: u64) -> impl Iterator<Item = u64> + use<> {
    let step = layout(memory).step;
    // The kernel takes the count for 32 bits.
    let count = u64::from(count as u32).min(MOST_MESSAGES);
    (0..count).map(move |at| first.wrapping_add(at * step))
}

/// Kept of each message: its header; what the address in it is; which bytes its buffers hold, or
/// where the buffers are.
const KEPT: usize = 3;

/// Keeps a message that is to be sent: header, address, and up to `most` bytes of data.
pub(super) fn keep_sent(memory: &Memory, address: u64, most: usize, saved: &mut Saved) {
    let (header, vectors) = keep_header(memory, address, saved);
    let name_length = header.name_length.min(128) as usize;
    saved.keep(|bytes| memory.bytes(header.name, name_length, bytes));
    saved.keep(|bytes| {
        gather(memory, &vectors, most, bytes);
        Ok(())
    });
}

/// Keeps a message that is to be received: header, and where its first `most` bytes go.
pub(super) fn keep_received(memory: &Memory, address: u64, most: usize, saved: &mut Saved) {
    let (_, vectors) = keep_header(memory, address, saved);
    saved.keep(|_| Ok(()));
    saved.keep(|bytes| {
        let mut room = 0;
        for (to, length) in vectors {
            if room >= most as u64 {
                break;
            }
            bytes.extend_from_slice(&to.to_le_bytes());
            bytes.extend_from_slice(&length.to_le_bytes());
            room = room.saturating_add(length);
        }
        Ok(())
    });
}

fn keep_header(memory: &Memory, address: u64, saved: &mut Saved) -> (Header, Vec<(u64, u64)>) {
    let mut header = Header::read(memory, address);
    let vectors = header.map(|header| memory.vectors(header.vectors, header.count));
    let vectors = vectors.unwrap_or_default();
    saved.keep(|bytes| {
        let header = header.as_mut().ok_or(std::io::ErrorKind::InvalidInput)?;
        let lengths = vectors.iter().map(|(_, length)| *length);
        header.total = lengths.fold(0, u64::wrapping_add);
        header.words().iter().for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
        Ok(())
    });
    (header.unwrap_or_default(), vectors)
}

/// What was kept of a message.
pub(super) struct Kept<'a> {
    pub(super) header: Header,
    /// The address, of a message that was to be sent.
    pub(super) name: &'a [u8],
    /// The data, or where it goes.
    pub(super) data: &'a [u8],
}

impl<'a> Kept<'a> {
    /// What was kept of a call's message, by its place in the row; `None` if it could not be read.
    pub(super) fn of(saved: &'a Saved, at: usize) -> Option<Self> {
        let header = Header::of_words(saved.text(at * KEPT)?)?;
        let part = |part| saved.text(at * KEPT + part).unwrap_or_default();
        Some(Self { header, name: part(1), data: part(2) })
    }

    /// Appends up to `most` bytes of what was received.
    pub(super) fn received(&self, memory: &Memory, most: usize, out: &mut Vec<u8>) {
        let word = |bytes: &[u8]| bytes.try_into().map(u64::from_le_bytes).unwrap_or(0);
        let pairs = self.data.chunks_exact(16).map(|pair| pair.split_at(8));
        let vectors: Vec<_> = pairs.map(|(to, length)| (word(to), word(length))).collect();
        gather(memory, &vectors, most, out);
    }
}

/// Appends up to `most` bytes of what is in these buffers, up to one that cannot be read.
fn gather(memory: &Memory, vectors: &[(u64, u64)], most: usize, out: &mut Vec<u8>) {
    let end = out.len() + most;
    for &(from, length) in vectors {
        let wanted = (end - out.len()).min(usize::try_from(length).unwrap_or(usize::MAX));
        let before = out.len();
        let done = memory.bytes(from, wanted, out);
        if done.is_err() || out.len() - before < wanted || out.len() == end {
            return;
        }
    }
}
