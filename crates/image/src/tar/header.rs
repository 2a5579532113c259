//! Headers of tar(5): one of each entry, before it those that extend it.

use std::io::{self, Read};

use tar::{EntryType, Header as Block, PaxExtensions};

use crate::{At, Error};

const BLOCK_BYTES: usize = 512;
/// Longest extension header: attributes of a file may stand in it.
const LONGEST_EXTENSION_BYTES: u64 = 1 << 20;
/// Most extension headers before one entry.
const MOST_EXTENSIONS: usize = 16;

/// What an entry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Type {
    File,
    /// A file of which only parts are stored.
    Sparse,
    Folder,
    Symlink,
    Hardlink,
    Other,
}

/// What is told of an entry.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) path: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) kind: Type,
    pub(super) mode: u32,
    pub(super) size_bytes: u64,
}

/// What extension headers say of the entry behind them.
#[derive(Debug, Default)]
struct Extensions {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size_bytes: Option<u64>,
    is_sparse: bool,
}

/// What can be read from front to back, and leave something out.
pub(super) trait Skip: Read {
    /// Leaves bytes out, and says how many there were.
    fn skip(&mut self, bytes: u64) -> io::Result<u64>;
}

impl Skip for Box<dyn Read + '_> {
    fn skip(&mut self, bytes: u64) -> io::Result<u64> {
        io::copy(&mut self.take(bytes), &mut io::sink())
    }
}

impl Skip for At {
    fn skip(&mut self, bytes: u64) -> io::Result<u64> {
        At::skip(self, bytes)
    }
}

/// Reads one header after the other.
pub(super) struct Headers<R> {
    archive: R,
    /// Bytes of the latest entry that were not read, and what fills its last block.
    left_bytes: u64,
    padding_bytes: u64,
    /// Where the next block begins.
    at: u64,
}

impl<R: Skip> Headers<R> {
    pub(super) fn new(archive: R) -> Self {
        Self { archive, left_bytes: 0, padding_bytes: 0, at: 0 }
    }

    /// The next entry; `None` behind the last.
    pub(super) fn next(&mut self) -> Result<Option<Header>, Error> {
        let mut extensions = Extensions::default();
        for _ in 0..MOST_EXTENSIONS {
            let Some(block) = self.block()? else { return Ok(None) };
            // What the library says of it shows bytes as they are.
            let size =
                block.entry_size().map_err(|_| self.malformed("an entry's size is no number"))?;
            match block.entry_type() {
                EntryType::GNULongName => extensions.path = Some(self.long(size)?),
                EntryType::GNULongLink => extensions.link = Some(self.long(size)?),
                EntryType::XHeader => {
                    let text = self.extension(size)?;
                    extensions.read(&text).map_err(|_| self.malformed("its pax header is none"))?;
                }
                EntryType::XGlobalHeader => drop(self.extension(size)?),
                _ => return self.entry(&block, extensions, size).map(Some),
            }
        }
        Err(self.malformed(format!("there are more than {MOST_EXTENSIONS} extension headers")))
    }

    /// The bytes of the latest entry.
    pub(super) fn content(&mut self) -> impl Read + '_ {
        Rest(self)
    }

    /// Where they begin.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// What is behind the last entry.
    pub(super) fn rest(self) -> R {
        self.archive
    }

    fn entry(&mut self, block: &Block, extensions: Extensions, size: u64) -> Result<Header, Error> {
        let size_bytes = extensions.size_bytes.unwrap_or(size);
        let kind = match block.entry_type() {
            EntryType::GNUSparse => Type::Sparse,
            _ if extensions.is_sparse => Type::Sparse,
            EntryType::Regular | EntryType::Continuous => Type::File,
            EntryType::Directory => Type::Folder,
            EntryType::Symlink => Type::Symlink,
            EntryType::Link => Type::Hardlink,
            _ => Type::Other,
        };
        self.skip_maps(block)?;
        // What is no file may tell a size all the same, and has no bytes.
        let stored = match kind {
            Type::File | Type::Sparse => size_bytes,
            Type::Other => size_bytes.min(size),
            _ => 0,
        };
        self.begin(stored);
        Ok(Header {
            path: extensions.path.unwrap_or_else(|| block.path_bytes().into_owned()),
            link: extensions
                .link
                .or_else(|| block.link_name_bytes().map(|name| name.into_owned()))
                .unwrap_or_default(),
            kind,
            mode: block.mode().unwrap_or(0),
            size_bytes: stored,
        })
    }

    /// Lists of holes that stand between a header of GNU tar and the bytes.
    fn skip_maps(&mut self, block: &Block) -> Result<(), Error> {
        let mut goes_on = block.entry_type() == EntryType::GNUSparse
            && block.as_gnu().is_some_and(tar::GnuHeader::is_extended);
        while goes_on {
            let mut map = [0; BLOCK_BYTES];
            self.archive.read_exact(&mut map)?;
            self.at += BLOCK_BYTES as u64;
            // 21 parts of 24 bytes, then whether there are more.
            goes_on = map.get(504).is_some_and(|more| *more == 1);
        }
        Ok(())
    }

    /// The next header's block; `None` at the end.
    fn block(&mut self) -> Result<Option<Block>, Error> {
        self.skip()?;
        let mut bytes = [0; BLOCK_BYTES];
        match fill(&mut self.archive, &mut bytes)? {
            0 => return Ok(None),
            BLOCK_BYTES => {}
            _ => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        }
        if bytes.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let block = Block::from_byte_slice(&bytes);
        let sum = checksum(&bytes);
        if block.cksum().ok() != Some(sum) {
            return Err(self.malformed("the header's checksum is wrong"));
        }
        self.at += BLOCK_BYTES as u64;
        Ok(Some(block.clone()))
    }

    fn begin(&mut self, bytes: u64) {
        self.left_bytes = bytes;
        self.padding_bytes = bytes.wrapping_neg() % BLOCK_BYTES as u64;
    }

    /// Leaves what was not read.
    fn skip(&mut self) -> Result<(), Error> {
        let bytes = self.left_bytes.saturating_add(self.padding_bytes);
        let skipped = self.archive.skip(bytes)?;
        // Some writers leave the last block's padding out.
        if skipped < self.left_bytes {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        self.at = self.at.saturating_add(skipped);
        (self.left_bytes, self.padding_bytes) = (0, 0);
        Ok(())
    }

    /// A name of GNU tar, which ends at a NUL.
    fn long(&mut self, size: u64) -> Result<Vec<u8>, Error> {
        let mut name = self.extension(size)?;
        if let Some(end) = name.iter().position(|byte| *byte == 0) {
            name.truncate(end);
        }
        Ok(name)
    }

    fn extension(&mut self, size: u64) -> Result<Vec<u8>, Error> {
        if size > LONGEST_EXTENSION_BYTES {
            let limit = LONGEST_EXTENSION_BYTES;
            return Err(Error::Limit { what: "an extension header", limit, unit: "bytes" });
        }
        self.begin(size);
        let mut bytes = Vec::new();
        self.content().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn malformed(&self, why: impl ToString) -> Error {
        let why = format!("at byte {}: {}", self.at, why.to_string());
        Error::malformed("the archive", why)
    }
}

impl Extensions {
    /// Reads records of pax(1): `LENGTH KEY=VALUE`, with a line feed.
    fn read(&mut self, text: &[u8]) -> io::Result<()> {
        for record in PaxExtensions::new(text) {
            let record = record?;
            match record.key_bytes() {
                b"path" | b"GNU.sparse.name" => self.path = Some(record.value_bytes().to_vec()),
                b"linkpath" => self.link = Some(record.value_bytes().to_vec()),
                b"size" => {
                    let size = record.value().ok().and_then(|value| value.parse().ok());
                    self.size_bytes = Some(size.ok_or(io::ErrorKind::InvalidData)?);
                }
                key if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
                _ => {}
            }
        }
        Ok(())
    }
}

/// The bytes of the latest entry.
struct Rest<'a, R>(&'a mut Headers<R>);

impl<R: Skip> Read for Rest<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Headers { archive, left_bytes, at, .. } = &mut *self.0;
        let read = archive.take(*left_bytes).read(buffer)?;
        *left_bytes -= read as u64;
        *at += read as u64;
        Ok(read)
    }
}

/// Reads until the buffer is full or nothing is left, and says how much that was.
fn fill(from: &mut dyn Read, buffer: &mut [u8; BLOCK_BYTES]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The sum of all bytes, those of the sum itself taken as blanks.
fn checksum(bytes: &[u8; BLOCK_BYTES]) -> u32 {
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    let (before, rest) = bytes.split_at(148);
    sum(before) + 8 * u32::from(b' ') + sum(rest.get(8..).unwrap_or_default())
}
