//! Why a source cannot go on.

use std::io;

use thiserror::Error;

/// Why a source cannot go on. Every record before the place named here was handed on.
#[derive(Debug, Error)]
pub enum Error {
    /// The input has no bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The input does not begin like a capture.
    #[error(
        "not a capture: it begins with {found}; a .scap begins with 0a 0d 0d 0a, plain or in gzip or zstd"
    )]
    NotACapture {
        /// Its first bytes, as hexadecimal digits.
        found: String,
    },
    /// A capture of network packets, which has the same container format.
    #[error("a capture of network packets (pcapng), not of system calls; a .scap is needed")]
    Packets,
    /// Written on a big-endian machine.
    #[error("a big-endian capture, which is not supported")]
    BigEndian,
    /// Written by a later format.
    #[error(
        "capture format {major}.{minor} at byte {offset} is newer than 1.x; update this program"
    )]
    Version {
        /// Major version of the section.
        major: u16,
        /// Minor version of the section.
        minor: u16,
        /// Where the section begins, in uncompressed bytes.
        offset: u64,
    },
    /// The input ends inside a block.
    #[error("truncated: the input ends at byte {end}, inside the block at byte {offset}")]
    Truncated {
        /// Where the block begins, in uncompressed bytes.
        offset: u64,
        /// Where the input ends, in uncompressed bytes.
        end: u64,
    },
    /// The bytes contradict the format.
    #[error("damaged at byte {offset}: {damage}")]
    Damaged {
        /// Where the block or entry begins, in uncompressed bytes.
        offset: u64,
        /// What is wrong with it.
        damage: Damage,
    },
    /// Reading or decompressing failed.
    #[error("cannot read on after byte {offset} (byte {input_offset} of the file): {source}")]
    Read {
        /// How far the uncompressed bytes go.
        offset: u64,
        /// How much of the file was taken in.
        input_offset: u64,
        /// What the system or the decompressor says.
        source: io::Error,
    },
}

/// What is wrong with a block.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
pub enum Damage {
    /// A length that no block can have.
    #[error("a block of type {kind:#x} says that it is {length} bytes long")]
    BlockLength {
        /// Block type.
        kind: u32,
        /// Its length as written.
        length: u32,
    },
    /// The lengths at both ends of a block differ.
    #[error(
        "a block of type {kind:#x} is {length} bytes long at its head and {trailer} at its end"
    )]
    Trailer {
        /// Block type.
        kind: u32,
        /// Length at its head.
        length: u32,
        /// Length at its end.
        trailer: u32,
    },
    /// A section header without the byte-order mark.
    #[error("a section header without its byte-order mark")]
    ByteOrder,
    /// An event block larger than the reader's bound.
    #[error("an event block of {length} bytes, more than {max}")]
    EventTooLarge {
        /// Its length as written.
        length: u32,
        /// Largest that is read.
        max: u32,
    },
    /// An event that does not fit into its block.
    #[error("an event of type {kind} whose parameters do not fit into it")]
    Event {
        /// Number of the event type.
        kind: u16,
    },
    /// An entry of a list that does not fit into it.
    #[error("an entry of the {list} list that does not fit")]
    Entry {
        /// Which list.
        list: &'static str,
    },
}
