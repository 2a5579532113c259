//! A table on disk: rows in the order of their keys, in blocks that are compressed each by itself, and a list
//! of the first key of each block, and of how many rows it has. A look-up reads one block.
//!
//! A row is how many bytes of its key are those of the key before, the rest of the key, and its value, each
//! with its length. A block is one frame of zstd with a checksum; what many of them have in common may stand in a
//! dictionary (RFC 8878, 5: raw content).

use std::io::{self, Write};

use zstd::bulk::{Compressor, Decompressor};

use super::{
    codec::{Bytes, put},
    runs::{BEFORE, Row, Rows},
};

/// Blocks are closed behind the row with which they have this many bytes.
const BLOCK_BYTES: usize = 32 << 10;
/// Most bytes of a block: no row has more by far.
const MOST_BLOCK_BYTES: usize = 64 << 20;
/// Fewest bytes of a block as stored: the begin of a frame, a row, and a checksum (RFC 8878, 3.1.1).
const LEAST_STORED_BYTES: usize = 16;
/// What higher ones save is less than a dictionary does, and takes several times as long.
const LEVEL: i32 = 4;
/// Most bytes of a dictionary.
pub(crate) const MOST_DICTIONARY_BYTES: usize = 200 << 10;

/// Where a block is, and what it begins with.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Block {
    first_key: Vec<u8>,
    /// How many rows stand before it.
    first_row: u32,
    offset: u64,
    stored_bytes: usize,
}

/// The blocks of a table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Index {
    blocks: Vec<Block>,
    rows: u32,
}

/// Reads bytes of a file at a place.
pub(crate) trait At {
    /// Fills the buffer with what is there.
    ///
    /// # Errors
    /// If there is less, or it can't be read.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
}

/// Writes rows behind what has been written.
pub(crate) struct Table<'a, W> {
    out: &'a mut Counted<W>,
    packer: Compressor<'static>,
    index: Index,
    /// The block that is written just now.
    raw: Vec<u8>,
    first_key: Vec<u8>,
    /// How many rows stand before it.
    first_row: u32,
    last_key: Vec<u8>,
}

impl<'a, W: Write> Table<'a, W> {
    pub(crate) fn new(out: &'a mut Counted<W>, dictionary: &[u8]) -> io::Result<Self> {
        let (raw, first_key, last_key) = Default::default();
        let (packer, index) = (packer(dictionary)?, Index::default());
        Ok(Self { out, packer, index, raw, first_key, first_row: 0, last_key })
    }

    /// Writes a row, whose key has to be behind the one before.
    pub(crate) fn push(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        if self.raw.is_empty() {
            key.clone_into(&mut self.first_key);
            self.last_key.clear();
        }
        row(&self.last_key, key, value, &mut self.raw);
        key.clone_into(&mut self.last_key);
        let rows = self.index.rows.checked_add(1).filter(|rows| *rows < BEFORE);
        self.index.rows = rows.ok_or_else(|| io::Error::other("has more rows than can be kept"))?;
        if self.raw.len() >= BLOCK_BYTES { self.close() } else { Ok(()) }
    }

    fn close(&mut self) -> io::Result<()> {
        if self.raw.len() > MOST_BLOCK_BYTES {
            return Err(io::Error::other("a package has more advisories than can be kept"));
        }
        let stored = self.packer.compress(&self.raw)?;
        let (offset, stored_bytes) = (self.out.count, stored.len());
        self.out.write_all(&stored)?;
        let first_key = std::mem::take(&mut self.first_key);
        let first_row = std::mem::replace(&mut self.first_row, self.index.rows);
        self.index.blocks.push(Block { first_key, first_row, offset, stored_bytes });
        self.raw.clear();
        Ok(())
    }

    /// Tells where the blocks are.
    pub(crate) fn finish(mut self) -> io::Result<Index> {
        if !self.raw.is_empty() {
            self.close()?;
        }
        Ok(self.index)
    }
}

fn row(last: &[u8], key: &[u8], value: &[u8], raw: &mut Vec<u8>) {
    let shared = last.iter().zip(key).take_while(|(a, b)| a == b).count();
    let rest = key.get(shared..).unwrap_or_default();
    put(raw, shared as u64);
    put(raw, rest.len() as u64);
    raw.extend(rest);
    put(raw, value.len() as u64);
    raw.extend(value);
}

/// A frame of these bytes.
pub(crate) fn pack(raw: &[u8]) -> io::Result<Vec<u8>> {
    packer(&[])?.compress(raw)
}

/// Makes frames with checksums.
fn packer(dictionary: &[u8]) -> io::Result<Compressor<'static>> {
    let mut packer = Compressor::with_dictionary(LEVEL, dictionary)?;
    packer.set_parameter(zstd::zstd_safe::CParameter::ChecksumFlag(true))?;
    Ok(packer)
}

/// The bytes of a frame, which are no more than this.
pub(crate) fn unpack(stored: &[u8], most_bytes: usize) -> io::Result<Vec<u8>> {
    zstd::bulk::decompress(stored, length(stored, most_bytes)?)
}

/// How many bytes a frame has.
fn length(stored: &[u8], most_bytes: usize) -> io::Result<usize> {
    let told = zstd::zstd_safe::get_frame_content_size(stored).ok().flatten();
    let told = told.and_then(|it| usize::try_from(it).ok());
    let told = told.ok_or_else(|| io::Error::other("a block does not tell its length"))?;
    match told > most_bytes {
        true => Err(io::Error::other("a block has more bytes than it may have")),
        false => Ok(told),
    }
}

/// A writer that knows how much was written.
pub(crate) struct Counted<W> {
    inner: W,
    pub(crate) count: u64,
}

impl<W: Write> Counted<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, count: 0 }
    }

    pub(crate) fn into_inner(self) -> W {
        self.inner
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.count += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Index {
    /// How many rows the table has.
    pub(crate) fn rows(&self) -> u32 {
        self.rows
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        put(out, self.blocks.len() as u64);
        for (at, block) in self.blocks.iter().enumerate() {
            let end = self.blocks.get(at + 1).map_or(self.rows, |next| next.first_row);
            put(out, block.first_key.len() as u64);
            out.extend(&block.first_key);
            put(out, u64::from(end - block.first_row));
            put(out, block.offset);
            put(out, block.stored_bytes as u64);
        }
    }

    /// Reads a list whose blocks lie one behind the other before this place of the file, in the order of their
    /// keys, so that there are no more of them than have room there.
    pub(crate) fn read(bytes: &mut Bytes<'_>, end: u64) -> Option<Self> {
        let (mut free_from, mut rows) = (0, 0_u32);
        let mut last_key: Option<&[u8]> = None;
        let blocks = bytes.each(|bytes| {
            let length = bytes.length()?;
            let key = bytes.take(length)?;
            last_key.replace(key).is_none_or(|last| last < key).then_some(())?;
            let first_row = rows;
            let own = u32::try_from(bytes.number()?).ok()?;
            rows = rows.checked_add(own).filter(|rows| *rows < BEFORE)?;
            let offset = bytes.number().filter(|it| *it >= free_from)?;
            let fits = |it: &usize| (LEAST_STORED_BYTES..=MOST_BLOCK_BYTES).contains(it);
            let stored_bytes = bytes.length().filter(fits)?;
            free_from = offset.checked_add(stored_bytes as u64).filter(|it| *it <= end)?;
            Some(Block { first_key: key.to_vec(), first_row, offset, stored_bytes })
        })?;
        Some(Self { blocks, rows })
    }

    /// Reads all rows; blocks have checksums.
    pub(crate) fn check(&self, file: &impl At, dictionary: &[u8]) -> io::Result<()> {
        let (mut cursor, mut row) = (Cursor::new(self, file, dictionary), Row::default());
        while cursor.next(&mut row)? {}
        match cursor.number == self.rows {
            true => Ok(()),
            false => Err(io::Error::other("has other rows than its list of blocks tells")),
        }
    }

    /// Which block has a key, if any has.
    fn at(&self, key: &[u8]) -> Option<usize> {
        self.blocks.partition_point(|block| block.first_key.as_slice() <= key).checked_sub(1)
    }

    /// Which block has a row, by its place among all, if any has; and the place of its first.
    fn at_row(&self, number: u32) -> Option<(usize, u32)> {
        let at = self.blocks.partition_point(|block| block.first_row <= number).checked_sub(1)?;
        Some((at, self.blocks.get(at)?.first_row))
    }
}

/// Reads blocks.
struct Blocks<'a, F> {
    index: &'a Index,
    file: &'a F,
    dictionary: &'a [u8],
    unpacker: Option<Decompressor<'static>>,
}

impl<'a, F: At> Blocks<'a, F> {
    fn new(index: &'a Index, file: &'a F, dictionary: &'a [u8]) -> Self {
        Self { index, file, dictionary, unpacker: None }
    }

    fn load(&mut self, at: usize) -> io::Result<Vec<u8>> {
        let Some(block) = self.index.blocks.get(at) else { return Ok(Vec::new()) };
        let mut stored = vec![0; block.stored_bytes];
        self.file.read_exact_at(&mut stored, block.offset)?;
        let length = length(&stored, MOST_BLOCK_BYTES)?;
        let unpacker = match &mut self.unpacker {
            Some(unpacker) => unpacker,
            none => none.insert(Decompressor::with_dictionary(self.dictionary)?),
        };
        unpacker.decompress(&stored, length)
    }
}

/// Looks rows up. Those that are asked for in the order of their keys cost each block once.
pub(crate) struct Lookup<'a, F> {
    blocks: Blocks<'a, F>,
    loaded: Option<(usize, Vec<u8>)>,
}

impl<'a, F: At> Lookup<'a, F> {
    pub(crate) fn new(index: &'a Index, file: &'a F, dictionary: &'a [u8]) -> Self {
        Self { blocks: Blocks::new(index, file, dictionary), loaded: None }
    }

    /// The value of a key, if there is one.
    ///
    /// # Errors
    /// If its block can't be read, or is damaged.
    pub(crate) fn get(&mut self, key: &[u8]) -> io::Result<Option<&[u8]>> {
        let Some(at) = self.blocks.index.at(key) else { return Ok(None) };
        find(self.block(at)?, key).ok_or_else(damaged)
    }

    /// The key and the value of a row, by its place among all.
    ///
    /// # Errors
    /// If there is none, or its block can't be read, or is damaged.
    pub(crate) fn row(&mut self, number: u32) -> io::Result<(Vec<u8>, &[u8])> {
        let (at, first) = self.blocks.index.at_row(number).ok_or_else(damaged)?;
        let (mut bytes, mut key) = (Bytes(self.block(at)?), Vec::new());
        for _ in first..number {
            next(&mut bytes, &mut key).ok_or_else(damaged)?;
        }
        let value = next(&mut bytes, &mut key).ok_or_else(damaged)?;
        Ok((key, value))
    }

    fn block(&mut self, at: usize) -> io::Result<&[u8]> {
        if self.loaded.as_ref().is_none_or(|(loaded, _)| *loaded != at) {
            self.loaded = Some((at, self.blocks.load(at)?));
        }
        Ok(self.loaded.as_ref().map_or(&[][..], |(_, raw)| raw))
    }
}

fn damaged() -> io::Error {
    io::Error::other("a block is not as it should be")
}

/// Hands on all rows, in the order of their keys.
pub(crate) struct Cursor<'a, F> {
    blocks: Blocks<'a, F>,
    /// The next block.
    at: usize,
    raw: Vec<u8>,
    /// So much of the block was handed on.
    done: usize,
    /// So many rows were handed on.
    number: u32,
    key: Vec<u8>,
}

impl<'a, F: At> Cursor<'a, F> {
    pub(crate) fn new(index: &'a Index, file: &'a F, dictionary: &'a [u8]) -> Self {
        let blocks = Blocks::new(index, file, dictionary);
        Self { blocks, at: 0, raw: Vec::new(), done: 0, number: 0, key: Vec::new() }
    }
}

impl<F: At> Rows for Cursor<'_, F> {
    fn next(&mut self, row: &mut Row) -> io::Result<bool> {
        while self.done >= self.raw.len() {
            if self.at >= self.blocks.index.blocks.len() {
                return Ok(false);
            }
            self.raw = self.blocks.load(self.at)?;
            (self.at, self.done) = (self.at + 1, 0);
            self.key.clear();
        }
        let rest = self.raw.get(self.done..).unwrap_or_default();
        let mut bytes = Bytes(rest);
        let value = next(&mut bytes, &mut self.key);
        let value = value.ok_or_else(damaged)?;
        row.value.clear();
        row.value.extend_from_slice(value);
        row.key.clone_from(&self.key);
        row.of = BEFORE | self.number;
        self.number = self.number.saturating_add(1);
        self.done += rest.len() - bytes.0.len();
        Ok(true)
    }
}

/// The value of a key in a block; `None` outside where that is damaged, inside where it has none.
fn find<'a>(raw: &'a [u8], wanted: &[u8]) -> Option<Option<&'a [u8]>> {
    let (mut bytes, mut key) = (Bytes(raw), Vec::new());
    while !bytes.is_empty() {
        let value = next(&mut bytes, &mut key)?;
        match key.as_slice().cmp(wanted) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => return Some(Some(value)),
            std::cmp::Ordering::Greater => break,
        }
    }
    Some(None)
}

/// Reads a row: makes the key before its key, and hands on its value.
fn next<'a>(bytes: &mut Bytes<'a>, key: &mut Vec<u8>) -> Option<&'a [u8]> {
    let shared = bytes.length().filter(|shared| *shared <= key.len())?;
    key.truncate(shared);
    let rest = bytes.length()?;
    key.extend(bytes.take(rest)?);
    let length = bytes.length()?;
    bytes.take(length)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    impl At for Vec<u8> {
        fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
            let from = offset as usize;
            let there = self.get(from..from + buffer.len());
            buffer.copy_from_slice(there.ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        }
    }

    const DICTIONARY: &[u8] = b"what many rows have, value value";

    fn table(rows: &BTreeMap<Vec<u8>, Vec<u8>>) -> (Index, Vec<u8>) {
        let mut out = Counted::new(Vec::new());
        let mut table = Table::new(&mut out, DICTIONARY).unwrap();
        rows.iter().for_each(|(key, value)| table.push(key, value).unwrap());
        let index = table.finish().unwrap();
        let mut bytes = Vec::new();
        index.write(&mut bytes);
        let end = out.count;
        assert_eq!(Index::read(&mut Bytes(&bytes), end).as_ref(), Some(&index), "is read back");
        assert_eq!(
            Index::read(&mut Bytes(&bytes), end.saturating_sub(1)),
            None.or(rows.is_empty().then_some(Index::default()))
        );
        (index, out.into_inner())
    }

    #[test]
    fn rows_are_found_in_whichever_block_they_are() {
        let key = |number: u32| format!("key {number:06}").into_bytes();
        let rows = (0..9000).map(|at| (key(at * 2), vec![at as u8; 9])).collect();
        let (index, file) = table(&rows);
        assert!(index.blocks.len() > 3, "{} blocks", index.blocks.len());
        let mut lookup = Lookup::new(&index, &file, DICTIONARY);
        for number in 0..18_002 {
            let found = lookup.get(&key(number)).unwrap().map(<[u8]>::to_vec);
            assert_eq!(found, rows.get(&key(number)).cloned());
        }
        assert_eq!(lookup.get(b"a").unwrap(), None);
        for number in (0..9000).step_by(7) {
            let found = lookup.row(number).map(|(key, value)| (key, value.to_vec())).unwrap();
            assert_eq!(found, (key(number * 2), vec![number as u8; 9]));
        }
        assert!(lookup.row(9000).is_err());
        let mut all = BTreeMap::new();
        let (mut cursor, mut row) = (Cursor::new(&index, &file, DICTIONARY), Row::default());
        while cursor.next(&mut row).unwrap() {
            all.insert(row.key.clone(), row.value.clone());
        }
        assert_eq!(all, rows);
    }

    #[test]
    fn a_damaged_block_is_an_error() {
        let rows = BTreeMap::from([(b"a".to_vec(), b"value".repeat(9)), (b"b".to_vec(), vec![])]);
        let (index, file) = table(&rows);
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 0x41;
            let found = Lookup::new(&index, &damaged, DICTIONARY)
                .get(b"a")
                .map(|it| it.map(<[u8]>::to_vec));
            assert!(found.is_err(), "byte {at}: {found:?}");
        }
        assert!(Lookup::new(&index, &file[..9].to_vec(), DICTIONARY).get(b"a").is_err());
    }

    #[test]
    fn blocks_that_cannot_lie_there_are_refused() {
        let read = |blocks: &[(&str, u64, usize)]| {
            let block = |(key, offset, stored_bytes): &(&str, u64, usize)| Block {
                first_key: key.as_bytes().to_vec(),
                first_row: 0,
                offset: *offset,
                stored_bytes: *stored_bytes,
            };
            let mut bytes = Vec::new();
            Index { blocks: blocks.iter().map(block).collect(), rows: 0 }.write(&mut bytes);
            Index::read(&mut Bytes(&bytes), 100).is_some()
        };
        assert!(read(&[("a", 8, 40), ("b", 50, 50)]));
        for blocks in [
            [("a", 8, 0), ("b", 50, 50)],
            [("a", 8, 40), ("b", 47, 50)],
            [("a", 50, 50), ("b", 8, 40)],
            [("a", 8, 40), ("b", 50, 51)],
            [("a", 8, 40), ("b", u64::MAX, 50)],
            [("b", 8, 40), ("a", 50, 50)],
            [("a", 8, 40), ("a", 50, 50)],
        ] {
            assert!(!read(&blocks), "{blocks:?}");
        }
    }

    proptest! {
        #[test]
        fn any_rows_are_found_and_no_others(
            rows in prop::collection::btree_map(prop::collection::vec(0_u8..3, 0..5), prop::collection::vec(any::<u8>(), 0..9), 0..40),
            others in prop::collection::vec(prop::collection::vec(0_u8..4, 0..5), 0..20),
        ) {
            let (index, file) = table(&rows);
            let mut lookup = Lookup::new(&index, &file, DICTIONARY);
            for key in rows.keys().chain(&others) {
                prop_assert_eq!(lookup.get(key).unwrap(), rows.get(key).map(Vec::as_slice));
            }
        }
    }
}
