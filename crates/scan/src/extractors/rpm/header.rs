//! The header of a package as databases keep it (rpm's format of headers, without what marks its begin
//! in files): the numbers of entries and of bytes of data, the entries, the data. All numbers are
//! big-endian.
//!
//! An entry that covers a region may stand first; others follow after those of the region, and stand
//! for them where both have a tag. Offsets of all are from the begin of the data.

use crate::{Error, bytes::Order};

/// Most entries, and most bytes of data (rpm's own limits).
const MOST_ENTRIES: usize = 0xffff;
const MOST_DATA_BYTES: usize = 256 << 20;
/// What an entry takes: tag, type, offset, count.
const ENTRY_BYTES: usize = 16;
/// Longest name of a folder of files.
const LONGEST_NAME_BYTES: usize = 4096;

/// Tags (rpm's list of them).
pub(super) const NAME: u32 = 1000;
pub(super) const VERSION: u32 = 1001;
pub(super) const RELEASE: u32 = 1002;
pub(super) const EPOCH: u32 = 1003;
pub(super) const VENDOR: u32 = 1011;
pub(super) const LICENSE: u32 = 1014;
pub(super) const ARCH: u32 = 1022;
pub(super) const SOURCERPM: u32 = 1044;
const DIRINDEXES: u32 = 1116;
const BASENAMES: u32 = 1117;
const DIRNAMES: u32 = 1118;
pub(super) const MODULARITYLABEL: u32 = 5096;

const INT32: u32 = 4;
const STRING: u32 = 6;
const STRING_ARRAY: u32 = 8;
const STRING_I18N: u32 = 9;

/// A header.
pub(super) struct Header<'a> {
    entries: &'a [u8],
    data: &'a [u8],
}

/// An entry, and the data from its own on.
struct Entry<'a> {
    kind: u32,
    count: usize,
    data: &'a [u8],
}

impl<'a> Header<'a> {
    /// Finds its parts.
    pub(super) fn parse(blob: &'a [u8]) -> Result<Self, Error> {
        let too_short = || Error::malformed("list of packages", "a header ends before its end");
        let length = |at| Order::Big.u32(blob, at).and_then(|length| usize::try_from(length).ok());
        let (Some(entries), Some(data)) = (length(0), length(4)) else { return Err(too_short()) };
        if entries > MOST_ENTRIES || data > MOST_DATA_BYTES {
            let why = format!("a header has {entries} entries of {data} bytes");
            return Err(Error::malformed("list of packages", why));
        }
        let (_, rest) = blob.split_at_checked(8).ok_or_else(too_short)?;
        let (entries, rest) = rest.split_at_checked(entries * ENTRY_BYTES).ok_or_else(too_short)?;
        Ok(Self { entries, data: rest.get(..data).ok_or_else(too_short)? })
    }

    /// A text that is not empty.
    pub(super) fn text(&self, tag: u32) -> Option<String> {
        let entry = self.find(tag)?;
        let is_text = matches!(entry.kind, STRING | STRING_ARRAY | STRING_I18N);
        let text = String::from_utf8_lossy(entry.strings().next().filter(|_| is_text)?);
        Some(text.into_owned()).filter(|text| !text.is_empty() && text != "(none)")
    }

    /// A number.
    pub(super) fn number(&self, tag: u32) -> Option<u32> {
        let entry = self.find(tag).filter(|entry| entry.kind == INT32 && entry.count > 0)?;
        Order::Big.u32(entry.data, 0)
    }

    /// The folder, with its slash at the end, and the name in it of each file.
    pub(super) fn files(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let array = |tag| self.find(tag).filter(|entry| entry.kind == STRING_ARRAY);
        let folders: Vec<&[u8]> = array(DIRNAMES).iter().flat_map(Entry::strings).collect();
        let indexes = self.find(DIRINDEXES).filter(|entry| entry.kind == INT32);
        let indexes = indexes.map_or(&[][..], |entry| entry.data);
        let names: Vec<&[u8]> = array(BASENAMES).iter().flat_map(Entry::strings).collect();
        names.into_iter().enumerate().filter_map(move |(at, name)| {
            let index = Order::Big.u32(indexes, at.checked_mul(4)?)?;
            let folder = folders.get(usize::try_from(index).ok()?)?;
            (folder.len() + name.len() <= LONGEST_NAME_BYTES).then_some((*folder, name))
        })
    }

    fn find(&self, tag: u32) -> Option<Entry<'a>> {
        let entries = self.entries.chunks_exact(ENTRY_BYTES);
        let entry = entries.rev().find(|entry| Order::Big.u32(entry, 0) == Some(tag))?;
        let number = |at| Order::Big.u32(entry, at).and_then(|number| usize::try_from(number).ok());
        let data = self.data.get(number(8)?..)?;
        Some(Entry { kind: Order::Big.u32(entry, 4)?, count: number(12)?, data })
    }
}

impl<'a> Entry<'a> {
    /// Those of its texts that have an end.
    fn strings(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = self.data;
        (0..self.count).map_while(move |_| {
            let end = memchr::memchr(0, rest)?;
            let text = rest.get(..end)?;
            rest = rest.get(end + 1..)?;
            Some(text)
        })
    }
}
