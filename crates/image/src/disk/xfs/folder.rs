//! What is in a folder: in the inode itself, or in blocks of entries. Indices to those are not needed.

use std::{io, io::ErrorKind};

use super::{
    super::bytes::{be_u16, be_u32, be_u64, byte},
    Inode, Xfs,
    fork::{self, Data},
};

/// Magic numbers of blocks of entries: alone with their index, and one of several; versions 4 and 5.
const ALONE: [u32; 2] = [0x5844_3242, 0x5844_4233];
const ONE_OF: [u32; 2] = [0x5844_3244, 0x5844_4433];
/// Where a folder's index begins, which has no entries (`XFS_DIR2_LEAF_OFFSET`).
const INDEX: u64 = 1 << 35;
/// What stands in place of an inode's number where there is no entry.
const UNUSED: u16 = 0xffff;
/// Most entries of a folder.
const MOST_ENTRIES: usize = 4_000_000;

type Entries = Vec<(Vec<u8>, u64)>;

/// Names and inodes of what is in a folder.
pub(super) fn list(xfs: &Xfs, inode: &Inode) -> io::Result<Entries> {
    let data = xfs.data(inode)?;
    let mappings = match &data {
        Data::Here(bytes) => return Ok(short(xfs, bytes)),
        Data::Mapped(mappings) => mappings,
    };
    let folder_bytes = xfs.block_bytes() << xfs.folder_bits;
    let mut block = vec![0; folder_bytes as usize];
    let mut entries = Vec::new();
    for mapping in mappings {
        let (start, end) =
            (mapping.at << xfs.block_bits, (mapping.at + mapping.blocks) << xfs.block_bits);
        let mut at = start.next_multiple_of(folder_bytes);
        while at < end.min(INDEX) {
            fill(xfs, &data, at, &mut block)?;
            read(xfs, &block, &mut entries)?;
            at += folder_bytes;
        }
    }
    Ok(entries)
}

fn fill(xfs: &Xfs, data: &Data, at: u64, block: &mut [u8]) -> io::Result<()> {
    let mut filled = 0;
    while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match fork::read(xfs, data, at + filled as u64, rest)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            read => filled += read,
        }
    }
    Ok(())
}

/// Entries in the inode (`xfs_dir2_sf_hdr`): numbers of inodes have 8 bytes if any needs them.
fn short(xfs: &Xfs, bytes: &[u8]) -> Entries {
    let (count, large) = (byte(bytes, 0), byte(bytes, 1));
    let number_bytes = if large == 0 { 4 } else { 8 };
    let number = |at| if large == 0 { be_u32(bytes, at).into() } else { be_u64(bytes, at) };
    let mut entries = Vec::new();
    let mut at = 2 + number_bytes;
    for _ in 0..count {
        let name = at + 3;
        let end = name + usize::from(byte(bytes, at));
        let Some(text) = bytes.get(name..end).filter(|name| !name.is_empty()) else { break };
        let inode = end + usize::from(xfs.has_types);
        entries.push((text.to_vec(), number(inode)));
        at = inode + number_bytes;
    }
    entries
}

/// Entries of a block, each at a multiple of 8 bytes.
fn read(xfs: &Xfs, block: &[u8], entries: &mut Entries) -> io::Result<()> {
    let magic = fork::magic(block);
    let mut at = match magic {
        _ if [ALONE[0], ONE_OF[0]].contains(&magic) => 16,
        _ if [ALONE[1], ONE_OF[1]].contains(&magic) => 64,
        _ => return Err(ErrorKind::InvalidData.into()),
    };
    let end = match ALONE.contains(&magic) {
        // The index, 8 bytes for each, and its count lie at the end.
        true => {
            let tail = block.len().saturating_sub(8);
            tail.saturating_sub(8 * be_u32(block, tail) as usize)
        }
        false => block.len(),
    };
    while at < end {
        if be_u16(block, at) == UNUSED {
            at += usize::from(be_u16(block, at + 2)).max(8);
            continue;
        }
        let (inode, name) = (be_u64(block, at), at + 9);
        let text = block.get(name..name + usize::from(byte(block, at + 8))).unwrap_or_default();
        if text.is_empty() || entries.len() == MOST_ENTRIES {
            return Err(ErrorKind::InvalidData.into());
        }
        if !matches!(text, b"." | b"..") {
            entries.push((text.to_vec(), inode));
        }
        // Its type, if told, and its own place follow.
        at = (name + text.len() + usize::from(xfs.has_types) + 2).next_multiple_of(8);
    }
    Ok(())
}
