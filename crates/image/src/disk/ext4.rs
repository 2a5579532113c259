//! ext2, ext3 and ext4, read by the crate `ext4-view`.

use std::{error::Error as StdError, io, rc::Rc};

use ext4_view::{Ext4, Ext4Error, Ext4Read, FileType, Path};

use super::{
    device::{Device, array},
    tree::{Listed, Node, Tree, Type},
};
use crate::{Content, Error};

/// Where the magic number stands, and what it is.
const MAGIC_PLACE: u64 = 1024 + 56;
const MAGIC: [u8; 2] = [0x53, 0xef];

/// Whether a device has such a file system.
pub(crate) fn is_ext4(device: &dyn Device) -> bool {
    array::<2>(device, MAGIC_PLACE).is_ok_and(|magic| magic == MAGIC)
}

/// A file system.
pub(crate) struct Ext {
    inner: Ext4,
    pub(crate) uuid: String,
    pub(crate) label: String,
}

struct Reader(Rc<dyn Device>);

impl Ext4Read for Reader {
    fn read(
        &mut self,
        place: u64,
        buffer: &mut [u8],
    ) -> Result<(), Box<dyn StdError + Send + Sync + 'static>> {
        self.0.read_at(buffer, place).map_err(Into::into)
    }
}

impl Ext {
    pub(crate) fn open(device: Rc<dyn Device>) -> Result<Self, Error> {
        let block = array::<136>(&*device, 1024)?;
        let inner = Ext4::load(Box::new(Reader(device))).map_err(error)?;
        let uuid = super::uuid(block.get(104..120).unwrap_or_default());
        Ok(Self { inner, uuid, label: super::name(block.get(120..136).unwrap_or_default()) })
    }

    /// A name from the root on, as the crate has it.
    fn absolute(path: &[u8]) -> Vec<u8> {
        [b"/", path].concat()
    }
}

/// What the crate knows of a file without reading it anew.
#[derive(Clone)]
pub(crate) struct Known(Option<ext4_view::DirEntry>);

impl Tree for Ext {
    type Id = Known;

    fn root(&self) -> Known {
        Known(None)
    }

    fn list(&self, _: &Known, path: &[u8]) -> Result<Listed<Known>, Error> {
        let path = Self::absolute(path);
        let path = Path::try_from(path.as_slice()).map_err(|why| malformed(format!("{why:?}")))?;
        let mut entries = Vec::new();
        for entry in self.inner.read_dir(path).map_err(error)? {
            let entry = entry.map_err(error)?;
            let name = entry.file_name().as_ref().to_vec();
            if !matches!(name.as_slice(), b"." | b"..") {
                entries.push((name, Known(Some(entry))));
            }
        }
        Ok(entries)
    }

    fn node(&self, id: &Known, path: &[u8]) -> Result<Node, Error> {
        let metadata = match &id.0 {
            Some(entry) => entry.metadata().map_err(error)?,
            None => self.inner.symlink_metadata("/").map_err(error)?,
        };
        let kind = match metadata.file_type() {
            FileType::Regular => Type::File,
            FileType::Directory => Type::Folder,
            FileType::Symlink => Type::Symlink,
            _ => Type::Other,
        };
        let target = if kind == Type::Symlink {
            let path = Self::absolute(path);
            let path =
                Path::try_from(path.as_slice()).map_err(|why| malformed(format!("{why:?}")))?;
            let target = self.inner.read_link(path).map_err(error)?;
            AsRef::<[u8]>::as_ref(&target).to_vec()
        } else {
            Vec::new()
        };
        let mode = u32::from(metadata.mode()) & 0o7777;
        Ok(Node { kind, mode, size_bytes: metadata.len(), target })
    }

    fn open(&self, _: &Known, path: &[u8]) -> Result<Box<dyn Content>, Error> {
        let path = Self::absolute(path);
        let path = Path::try_from(path.as_slice()).map_err(|why| malformed(format!("{why:?}")))?;
        Ok(Box::new(self.inner.open(path).map_err(error)?))
    }
}

impl Content for ext4_view::File {
    fn size_bytes(&self) -> u64 {
        self.metadata().len()
    }
}

fn error(error: Ext4Error) -> Error {
    match error {
        Ext4Error::Io(source) => Error::Io(io::Error::other(source)),
        other => malformed(other),
    }
}

fn malformed(why: impl ToString) -> Error {
    Error::malformed("the ext4 file system", why)
}
