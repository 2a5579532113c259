//! What a reader saw, counted while reading.

use super::{
    Compression, Conversions,
    block::{KINDS, Kind},
};

/// What a reader saw so far; every figure is counted, none assumed.
#[derive(Clone, Debug, Default)]
pub struct ReadStats {
    /// How the file is compressed.
    pub compression: Compression,
    /// Recordings in the file.
    pub sections: u64,
    /// Format of the last section: major and minor.
    pub version: (u16, u16),
    /// Uncompressed bytes used.
    pub bytes: u64,
    /// Bytes of the file taken in.
    pub input_bytes: u64,
    /// Threads handed on.
    pub threads: u64,
    /// Fds handed on.
    pub fds: u64,
    /// Interface addresses handed on.
    pub interfaces: u64,
    /// Users handed on.
    pub users: u64,
    /// Groups handed on.
    pub groups: u64,
    /// Events handed on: those that are numbered.
    pub delivered: u64,
    /// Event blocks skipped because the schema does not have their type.
    pub unknown_events: u64,
    /// Events from which parameters that the schema does not have were cut.
    pub surplus_params: u64,
    /// What was done to events of older schemas.
    pub conversions: Conversions,
    /// Time of the first event handed on that has one, ns since the epoch.
    pub first_ts_ns: Option<u64>,
    /// Latest time of an event handed on, ns since the epoch.
    pub last_ts_ns: Option<u64>,
    counts: [u64; KINDS.len() + 1],
    block_bytes: [u64; KINDS.len() + 1],
}

/// Blocks of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockCount {
    /// What the block holds, with its version.
    pub name: &'static str,
    /// How many.
    pub count: u64,
    /// Their bytes, with head, padding and end.
    pub bytes: u64,
}

impl ReadStats {
    pub(super) fn new(compression: Compression) -> Self {
        Self { compression, ..Self::default() }
    }

    #[inline]
    pub(super) fn block(&mut self, at: usize, bytes: u32) {
        self.counts[at] += 1;
        self.block_bytes[at] += u64::from(bytes);
    }

    #[inline]
    pub(super) fn delivered(&mut self, ts_ns: u64) {
        self.delivered += 1;
        if ts_ns == 0 {
            return;
        }
        if self.first_ts_ns.is_none() {
            self.first_ts_ns = Some(ts_ns);
        }
        self.last_ts_ns = self.last_ts_ns.max(Some(ts_ns));
    }

    /// The types of blocks seen, with their number and bytes; unknown ones last, together.
    pub fn blocks(&self) -> impl Iterator<Item = BlockCount> + '_ {
        let names = KINDS.iter().map(|(.., name)| *name).chain(["unknown"]);
        names
            .zip(self.counts.iter().zip(&self.block_bytes))
            .map(|(name, (&count, &bytes))| BlockCount { name, count, bytes })
            .filter(|block| block.count > 0)
    }

    /// Blocks of unknown types, skipped.
    pub fn unknown_blocks(&self) -> u64 {
        self.counts[KINDS.len()]
    }

    /// Whether nothing that belongs to a capture of system calls was seen.
    pub(super) fn only_section_and_unknown(&self) -> bool {
        let others =
            KINDS.iter().zip(&self.counts).filter(|((_, kind, _), _)| *kind != Kind::Section);
        others.map(|(_, count)| count).sum::<u64>() == 0
    }

    /// Event blocks of every version.
    pub fn event_blocks(&self) -> u64 {
        let kinds = KINDS.iter().zip(&self.counts);
        kinds.filter(|((_, kind, _), _)| matches!(kind, Kind::Event(_))).map(|(_, n)| n).sum()
    }
}
