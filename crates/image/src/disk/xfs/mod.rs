//! XFS, versions 4 and 5 (XFS Algorithms & Data Structures, 3rd edition; fs/xfs/libxfs/xfs_format.h of
//! Linux). Read only, without the log: what was not yet written to its place is not seen.
//!
//! - here: the superblock, inodes by number, the walk.
//! - `fork`: where a file's bytes lie: in the inode, in extents, in a tree of extents.
//! - `folder`: what is in a folder.

mod folder;
mod fork;

use std::{
    io::{self, Read, Seek, SeekFrom},
    rc::Rc,
};

use fork::Data;

use super::{
    bytes::{be_u16, be_u32, be_u64, byte},
    device::{Device, array},
    tree::{Listed, Node, Tree, Type},
};
use crate::{Content, Error, content::sought};

const MAGIC: &[u8] = b"XFSB";
const INODE_MAGIC: u16 = 0x494e;
/// Bits of `sb_features2` (version 4) and `sb_features_incompat` (version 5): folders tell what is in
/// them.
const FTYPE_4: u32 = 0x200;
const FTYPE: u32 = 1;
/// What is known of `sb_features_incompat`: FTYPE, SPINODES, META_UUID, BIGTIME, NEEDSREPAIR, NREXT64,
/// EXCHRANGE, PARENT.
const KNOWN: u32 = 0xff;
/// `XFS_DIFLAG2_NREXT64`: the inode counts its extents elsewhere.
const MANY_EXTENTS: u64 = 1 << 4;
/// Longest target of a link (`XFS_SYMLINK_MAXLEN`).
const LONGEST_TARGET_BYTES: u64 = 1024;

/// Whether a device has this file system.
pub(crate) fn is_xfs(device: &dyn Device) -> bool {
    array::<4>(device, 0).is_ok_and(|magic| magic == MAGIC)
}

/// The file system's shape.
#[derive(Clone)]
pub(crate) struct Xfs {
    device: Rc<dyn Device>,
    is_5: bool,
    has_types: bool,
    block_bits: u32,
    inode_bits: u32,
    /// Bits of a block's number that count within an allocation group, and blocks that it has.
    group_block_bits: u32,
    group_blocks: u64,
    groups: u64,
    folder_bits: u32,
    root: u64,
    pub(crate) uuid: String,
    pub(crate) label: String,
}

impl Xfs {
    pub(crate) fn open(device: Rc<dyn Device>) -> Result<Self, Error> {
        let block = array::<264>(&*device, 0)?;
        let version = be_u16(&block, 100) & 0xf;
        let incompatible = be_u32(&block, 216);
        if !(4..=5).contains(&version) || (version == 5 && incompatible & !KNOWN != 0) {
            return Err(Error::Unsupported(
                "this XFS has features that are not known; it was made by a later kernel"
                    .to_owned(),
            ));
        }
        let is_5 = version == 5;
        let xfs = Self {
            is_5,
            has_types: if is_5 {
                incompatible & FTYPE != 0
            } else {
                be_u32(&block, 200) & FTYPE_4 != 0
            },
            block_bits: byte(&block, 120).into(),
            inode_bits: byte(&block, 122).into(),
            group_block_bits: byte(&block, 124).into(),
            group_blocks: be_u32(&block, 84).into(),
            groups: be_u32(&block, 88).into(),
            folder_bits: byte(&block, 192).into(),
            root: be_u64(&block, 56),
            uuid: super::uuid(block.get(32..48).unwrap_or_default()),
            label: super::name(block.get(108..120).unwrap_or_default()),
            device,
        };
        xfs.check()?;
        Ok(xfs)
    }

    /// Sizes that Linux has, so that no sum of them is beyond what numbers can say.
    fn check(&self) -> Result<(), Error> {
        let is_right = (9..=16).contains(&self.block_bits)
            && (8..=11).contains(&self.inode_bits)
            && self.inode_bits <= self.block_bits
            && self.group_block_bits < 32
            && self.group_blocks <= 1 << self.group_block_bits
            && self.block_bits + self.folder_bits <= 16;
        if is_right { Ok(()) } else { Err(malformed("its superblock tells sizes that none has")) }
    }

    fn block_bytes(&self) -> u64 {
        1 << self.block_bits
    }

    /// Where a block lies; `None` where no group has it.
    fn place(&self, block: u64) -> Option<u64> {
        let (group, within) =
            (block >> self.group_block_bits, block & ((1 << self.group_block_bits) - 1));
        if group >= self.groups || within >= self.group_blocks {
            return None;
        }
        (group * self.group_blocks + within).checked_mul(self.block_bytes())
    }

    fn inode(&self, number: u64) -> io::Result<Inode> {
        let in_block_bits = self.block_bits - self.inode_bits;
        let within = number & ((1 << in_block_bits) - 1);
        let place = self.place(number >> in_block_bits).ok_or(io::ErrorKind::InvalidData)?;
        let mut bytes = vec![0; 1 << self.inode_bits];
        self.device.read_at(&mut bytes, place + (within << self.inode_bits))?;
        Inode::parse(bytes).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    fn data(&self, inode: &Inode) -> io::Result<Data> {
        fork::data(self, inode)
    }
}

/// An inode.
#[derive(Clone, Debug)]
struct Inode {
    bytes: Vec<u8>,
    mode: u16,
    format: u8,
    size_bytes: u64,
    extents: u64,
    core_bytes: usize,
    fork_bytes: usize,
}

impl Inode {
    fn parse(bytes: Vec<u8>) -> Option<Self> {
        if be_u16(&bytes, 0) != INODE_MAGIC {
            return None;
        }
        let core_bytes = if byte(&bytes, 4) >= 3 { 176 } else { 100 };
        let has_many = byte(&bytes, 4) >= 3 && be_u64(&bytes, 120) & MANY_EXTENTS != 0;
        let fork = usize::from(byte(&bytes, 82)) * 8;
        let most = bytes.len().checked_sub(core_bytes)?;
        Some(Self {
            mode: be_u16(&bytes, 2),
            format: byte(&bytes, 5),
            size_bytes: be_u64(&bytes, 56),
            extents: if has_many { be_u64(&bytes, 24) } else { be_u32(&bytes, 76).into() },
            core_bytes,
            fork_bytes: if fork == 0 { most } else { fork.min(most) },
            bytes,
        })
    }

    fn kind(&self) -> Type {
        match self.mode & 0o170_000 {
            0o100_000 => Type::File,
            0o040_000 => Type::Folder,
            0o120_000 => Type::Symlink,
            _ => Type::Other,
        }
    }

    /// What the inode itself has of its data.
    fn fork(&self) -> &[u8] {
        self.bytes.get(self.core_bytes..self.core_bytes + self.fork_bytes).unwrap_or_default()
    }
}

impl Tree for Xfs {
    type Id = u64;

    fn root(&self) -> u64 {
        self.root
    }

    fn list(&self, folder: &u64, _: &[u8]) -> Result<Listed<u64>, Error> {
        let inode = self.inode(*folder)?;
        folder::list(self, &inode).map_err(Error::from)
    }

    fn node(&self, id: &u64, _: &[u8]) -> Result<Node, Error> {
        let inode = self.inode(*id)?;
        let kind = inode.kind();
        let target = if kind == Type::Symlink { self.target(&inode)? } else { Vec::new() };
        Ok(Node {
            kind,
            mode: u32::from(inode.mode) & 0o7777,
            size_bytes: inode.size_bytes,
            target,
        })
    }

    fn open(&self, id: &u64, _: &[u8]) -> Result<Box<dyn Content>, Error> {
        let inode = self.inode(*id)?;
        let data = self.data(&inode)?;
        Ok(Box::new(File { xfs: self.clone(), data, size_bytes: inode.size_bytes, at: 0 }))
    }
}

impl Xfs {
    /// Where a link leads. A long target lies in blocks, which in version 5 begin with a header.
    fn target(&self, inode: &Inode) -> io::Result<Vec<u8>> {
        let size = inode.size_bytes.min(LONGEST_TARGET_BYTES) as usize;
        let data = self.data(inode)?;
        let Data::Mapped(mappings) = &data else {
            return Ok(inode.fork().get(..size).unwrap_or_default().to_vec());
        };
        let header = if self.is_5 { 56 } else { 0 };
        let mut target = Vec::new();
        for mapping in mappings.iter().take(2) {
            let place = self.place(mapping.block).ok_or(io::ErrorKind::InvalidData)?;
            let bytes = (mapping.blocks.min(4) << self.block_bits) as usize;
            let mut block = vec![0; bytes];
            self.device.read_at(&mut block, place)?;
            target.extend_from_slice(block.get(header..).unwrap_or_default());
        }
        target.truncate(size);
        Ok(target)
    }
}

/// A file's bytes.
struct File {
    xfs: Xfs,
    data: Data,
    size_bytes: u64,
    at: u64,
}

impl Read for File {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.size_bytes.saturating_sub(self.at).min(buffer.len() as u64) as usize;
        let Some(buffer) = buffer.get_mut(..left).filter(|buffer| !buffer.is_empty()) else {
            return Ok(0);
        };
        let read = fork::read(&self.xfs, &self.data, self.at, buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for File {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = sought(to, self.at, self.size_bytes)?;
        Ok(self.at)
    }
}

impl Content for File {
    fn size_bytes(&self) -> u64 {
        self.size_bytes
    }
}

fn malformed(why: impl ToString) -> Error {
    Error::malformed("the XFS file system", why)
}
