//! Where a file's bytes lie: in the inode, in extents, in a tree of extents.

use std::{collections::HashSet, io, io::ErrorKind};

use super::{
    super::bytes::{be_u16, be_u32, be_u64},
    Inode, Xfs,
};

/// Formats of a fork (`xfs_dinode_fmt`).
const LOCAL: u8 = 1;
const EXTENTS: u8 = 2;
const TREE: u8 = 3;
/// Most extents of a file. A file of 64 GiB in the smallest pieces that anybody sees has fewer.
const MOST_EXTENTS: usize = 1_000_000;
/// Highest tree (`XFS_BTREE_MAXLEVELS`).
const MOST_LEVELS: u16 = 9;
const RECORD_BYTES: usize = 16;

/// A file's bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Data {
    /// They are these.
    Here(Vec<u8>),
    /// They are in these blocks, in the order of their places in the file.
    Mapped(Vec<Mapping>),
}

/// Blocks of a file that lie one behind the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Mapping {
    /// The first one's place in the file, in blocks.
    pub(super) at: u64,
    /// The first one.
    pub(super) block: u64,
    pub(super) blocks: u64,
    /// They were set aside, and nothing was written to them.
    is_empty: bool,
}

impl Mapping {
    /// Reads a record (`xfs_bmbt_rec`): 1 bit, 54 bits, 52 bits, 21 bits.
    fn parse(record: &[u8]) -> Self {
        let (high, low) = (be_u64(record, 0), be_u64(record, 8));
        Self {
            is_empty: high >> 63 == 1,
            at: high >> 9 & ((1 << 54) - 1),
            block: (high & 0x1ff) << 43 | low >> 21,
            blocks: low & 0x1f_ffff,
        }
    }
}

/// Where an inode's bytes lie.
pub(super) fn data(xfs: &Xfs, inode: &Inode) -> io::Result<Data> {
    let fork = inode.fork();
    let mut mappings = Vec::new();
    match inode.format {
        LOCAL => return Ok(Data::Here(fork.to_vec())),
        EXTENTS => {
            let there = (fork.len() / RECORD_BYTES) as u64;
            records(fork, inode.extents.min(there) as usize, &mut mappings)?;
        }
        TREE => {
            let level = be_u16(fork, 0);
            let pointers = pointers(fork, 4, be_u16(fork, 2).into());
            if level == 0 || level > MOST_LEVELS {
                return Err(ErrorKind::InvalidData.into());
            }
            let mut walk = Walk { xfs, mappings: &mut mappings, seen: HashSet::new() };
            pointers.into_iter().try_for_each(|block| walk.block(block, level - 1))?;
        }
        _ => return Err(ErrorKind::Unsupported.into()),
    }
    mappings.sort_unstable_by_key(|mapping| mapping.at);
    Ok(Data::Mapped(mappings))
}

/// A walk over a tree of extents.
struct Walk<'a> {
    xfs: &'a Xfs,
    mappings: &'a mut Vec<Mapping>,
    /// A block that is in a tree twice makes it one without end.
    seen: HashSet<u64>,
}

impl Walk<'_> {
    fn block(&mut self, block: u64, level: u16) -> io::Result<()> {
        let place = self.xfs.place(block).filter(|_| self.seen.insert(block));
        let mut bytes = vec![0; self.xfs.block_bytes() as usize];
        self.xfs.device.read_at(&mut bytes, place.ok_or(ErrorKind::InvalidData)?)?;
        let header = match bytes.get(..4) {
            Some(b"BMAP") => 24,
            Some(b"BMA3") => 72,
            _ => return Err(ErrorKind::InvalidData.into()),
        };
        if be_u16(&bytes, 4) != level {
            return Err(ErrorKind::InvalidData.into());
        }
        let count = be_u16(&bytes, 6).into();
        if level == 0 {
            return records(bytes.get(header..).unwrap_or_default(), count, self.mappings);
        }
        let pointers = pointers(&bytes, header, count);
        pointers.into_iter().try_for_each(|block| self.block(block, level - 1))
    }
}

/// Pointers of a node: behind as many keys as it has room for.
fn pointers(node: &[u8], header: usize, count: usize) -> Vec<u64> {
    let room = node.len().saturating_sub(header) / 16;
    (0..count.min(room)).map(|at| be_u64(node, header + 8 * room + 8 * at)).collect()
}

fn records(bytes: &[u8], count: usize, mappings: &mut Vec<Mapping>) -> io::Result<()> {
    let (records, _) = bytes.as_chunks::<RECORD_BYTES>();
    mappings.extend(records.iter().take(count).map(|record| Mapping::parse(record)));
    if mappings.len() > MOST_EXTENTS { Err(ErrorKind::InvalidData.into()) } else { Ok(()) }
}

/// Reads some bytes from a place of a file on, and says how many.
pub(super) fn read(xfs: &Xfs, data: &Data, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mappings = match data {
        Data::Here(bytes) => {
            let bytes = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
            let size = bytes.len().min(buffer.len());
            buffer.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            return Ok(size);
        }
        Data::Mapped(mappings) => mappings,
    };
    let (block, skip) = (at >> xfs.block_bits, at & (xfs.block_bytes() - 1));
    let behind = mappings.partition_point(|mapping| mapping.at <= block);
    let mapping = behind.checked_sub(1).and_then(|it| mappings.get(it));
    let mapping = mapping.filter(|mapping| block - mapping.at < mapping.blocks);
    let (blocks, place) = match mapping {
        Some(mapping) => {
            let into = block - mapping.at;
            let place = xfs.place(mapping.block + into).ok_or(ErrorKind::InvalidData)?;
            (mapping.blocks - into, (!mapping.is_empty).then_some(place))
        }
        // A hole, up to what comes next.
        None => (mappings.get(behind).map_or(u64::MAX, |next| next.at - block), None),
    };
    let here = blocks.saturating_mul(xfs.block_bytes()).saturating_sub(skip);
    let size = here.min(buffer.len() as u64) as usize;
    let Some(buffer) = buffer.get_mut(..size) else { return Ok(0) };
    match place {
        Some(place) => xfs.device.read_at(buffer, place + skip)?,
        None => buffer.fill(0),
    }
    Ok(size)
}

/// What a number of 32 bits says where only some structures have it.
pub(super) fn magic(block: &[u8]) -> u32 {
    be_u32(block, 0)
}
