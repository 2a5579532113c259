//! Joins a long capture from a short one: its event blocks, repeated.
//!
//! Blocks are those of pcapng: type u32, length u32 with the header and the trailer, body, the
//! length again; little-endian.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use crate::Fault;

/// Block types that hold an event: `EV` in its versions, and their forms with flags.
const EVENT_BLOCKS: [u32; 7] = [0x204, 0x208, 0x216, 0x217, 0x221, 0x222, 0x8010_ABCD];

/// A short capture, taken apart.
pub(crate) struct Parts<'a> {
    /// What stands before the first event.
    pub(crate) head: &'a [u8],
    /// The events' blocks.
    pub(crate) events: &'a [u8],
    /// How many there are.
    pub(crate) count: u64,
}

impl<'a> Parts<'a> {
    /// Takes an uncompressed capture apart.
    pub(crate) fn of(bytes: &'a [u8]) -> Result<Self, Fault> {
        let (mut at, mut head, mut count) = (0, bytes.len(), 0);
        while let Some((kind, len)) = block(&bytes[at..]) {
            if EVENT_BLOCKS.contains(&kind) {
                head = head.min(at);
                count += 1;
            }
            at += len;
        }
        if count == 0 || at != bytes.len() {
            return Err(Fault::NotCapture { at });
        }
        Ok(Self { head: &bytes[..head], events: &bytes[head..], count })
    }

    /// Writes the head and `times` times the events to `path`, all or nothing.
    pub(crate) fn write(&self, times: u64, path: &Path) -> io::Result<()> {
        let half = path.with_extension("part");
        let mut out = BufWriter::new(File::create(&half)?);
        out.write_all(self.head)?;
        for _ in 0..times {
            out.write_all(self.events)?;
        }
        out.into_inner()?.sync_all()?;
        std::fs::rename(half, path)
    }
}

/// The blocks of an uncompressed capture, up to damage.
pub(crate) fn blocks(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (whole, rest) = bytes.split_at(block(bytes)?.1);
        bytes = rest;
        Some(whole)
    })
}

/// Whether a block holds an event.
pub(crate) fn is_event(bytes: &[u8]) -> bool {
    block(bytes).is_some_and(|(kind, _)| EVENT_BLOCKS.contains(&kind))
}

/// Type and length of the block at the start of `bytes`.
fn block(bytes: &[u8]) -> Option<(u32, usize)> {
    let word = |at: usize| -> Option<u32> {
        Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
    };
    let len = word(4)? as usize;
    (len >= 12 && len <= bytes.len()).then_some((word(0)?, len))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block_of(kind: u32, body: &[u8]) -> Vec<u8> {
        let len = (12 + body.len() as u32).to_le_bytes();
        [&kind.to_le_bytes(), &len, body, &len].concat()
    }

    #[test]
    fn the_events_repeat_and_the_head_does_not() {
        let head = [block_of(0x0A0D_0D0A, &[1; 16]), block_of(0x201, &[2; 8])].concat();
        let events = [block_of(0x204, &[3; 24]), block_of(0x221, &[4; 4])].concat();
        let bytes = [head.clone(), events.clone()].concat();
        let parts = Parts::of(&bytes).expect("a capture");
        assert_eq!(parts.count, 2);

        let path = std::env::temp_dir().join(format!("xtask-join-{}.scap", std::process::id()));
        parts.write(3, &path).expect("written");
        let written = std::fs::read(&path).expect("there");
        std::fs::remove_file(&path).expect("removed");
        assert_eq!(written, [head, events.clone(), events.clone(), events].concat());
    }

    #[test]
    fn blocks_are_walked_up_to_damage() {
        let (one, two) = (block_of(1, b"one!"), block_of(0x216, b""));
        let bytes = [&one[..], &two, &[9; 11]].concat();
        assert_eq!(blocks(&bytes).collect::<Vec<_>>(), [&one[..], &two]);
        assert!(!is_event(&one) && is_event(&two));
    }

    #[test]
    fn what_is_no_capture_is_refused() {
        let lies = [block_of(0x204, &[0; 4]), vec![4, 2, 0, 0, 255, 0, 0, 0]].concat();
        for (bytes, at) in [(vec![], 0), (b"hello, world".to_vec(), 0), (lies, 16)] {
            assert_eq!(Parts::of(&bytes).err(), Some(Fault::NotCapture { at }), "{bytes:?}");
        }
    }
}
