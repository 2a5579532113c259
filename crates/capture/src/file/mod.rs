//! Capture files (`.scap`): plain, gzip or zstd; from a file or a pipe.
//!
//! The container is that of pcapng: blocks of `type u32, length u32, body, padding, length u32`,
//! little-endian. A section header opens a recording; then come machine, process, fd, interface
//! and user lists; then events. Block types and their versions are in [`block`].
//!
//! The way of the bytes: [`Reader`] = input (decompression) → window (one buffer, parsed in
//! place) → blocks → lists and events → converter (old events to the current schema). [`Ahead`] does
//! all of that on a thread of its own.
//!
//! Memory is bounded whatever the file says: see [`Reader`]. Lists are handed on entry by entry
//! and may be of any length.

mod ahead;
pub mod block;
mod convert;
mod cursor;
mod event;
mod input;
mod lists;
mod reader;
mod stats;
mod window;
mod write;

pub use ahead::{Ahead, Pace};
pub use convert::Conversions;
pub use input::Compression;
pub use reader::{MAX_EVENT_BLOCK_BYTES, MAX_HELD_BYTES, Reader};
pub use stats::{BlockCount, ReadStats};
pub use write::Writer;
