//! rpm's own database (`Packages.db`): pages of slots, then blobs. All numbers are little-endian.
//!
//! The first two slots are the header of the file: `RpmP`, version, generation, pages of slots. A slot has
//! `Slot`, the package's number (0: free), and the place and length of its blob in blocks of 16 bytes. A
//! blob has `BlbS`, the package's number, generation, length in bytes; the header of the package follows.

use image::Content;

use super::{LONGEST_HEADER_BYTES, Take};
use crate::{
    Error,
    bytes::{Order, read_at},
};

/// What a database begins with.
pub(super) const MAGIC: &[u8] = b"RpmP";

const FORMAT: &str = "database of rpm";
const SLOT_BYTES: usize = 16;
const PAGE_BYTES: u64 = 4096;
const BLOCK_BYTES: u64 = 16;
/// Most pages of slots, for half a million packages.
const MOST_PAGES: u32 = 2048;

/// Hands on the header of each package.
pub(super) fn headers(content: &mut dyn Content, take: &mut Take<'_>) -> Result<(), Error> {
    let size_bytes = content.size_bytes();
    let start = read_at(content, 0, 32)?;
    let (version, pages) = (Order::Little.u32(&start, 4), Order::Little.u32(&start, 12));
    if version != Some(0) {
        return Err(Error::malformed(FORMAT, "its version is not 0"));
    }
    let pages = pages.filter(|pages| *pages <= MOST_PAGES);
    let pages = pages.ok_or_else(|| Error::malformed(FORMAT, "it has too many slots"))?;
    let slots = read_at(content, 0, u64::from(pages) * PAGE_BYTES)?;
    // Blobs do not overlap, so together they are no longer than the file.
    let mut left_bytes = size_bytes;
    for slot in slots.chunks_exact(SLOT_BYTES).skip(2) {
        let Some((number, at)) = place(slot)? else { continue };
        let blob = blob(content, number, at, left_bytes)?;
        left_bytes = left_bytes.saturating_sub(blob.len() as u64);
        take(&blob);
    }
    Ok(())
}

/// The package's number, and where its blob is; `None` if the slot is free.
fn place(slot: &[u8]) -> Result<Option<(u32, u64)>, Error> {
    let number = Order::Little.u32(slot, 4).unwrap_or_default();
    let block = Order::Little.u32(slot, 8).unwrap_or_default();
    if !slot.starts_with(b"Slot") {
        return Err(Error::malformed(FORMAT, "a slot is not marked as one"));
    }
    Ok((number != 0).then_some((number, u64::from(block) * BLOCK_BYTES)))
}

fn blob(content: &mut dyn Content, number: u32, at: u64, left: u64) -> Result<Vec<u8>, Error> {
    let malformed = |why: &str| Error::malformed(FORMAT, format!("package {number} {why}"));
    let start = read_at(content, at, 16)?;
    if !start.starts_with(b"BlbS") || Order::Little.u32(&start, 4) != Some(number) {
        return Err(malformed("is not where its slot has it"));
    }
    let length = u64::from(Order::Little.u32(&start, 12).unwrap_or_default());
    if length > left.min(LONGEST_HEADER_BYTES) {
        return Err(malformed("is longer than what is there"));
    }
    read_at(content, at + 16, length)
}
