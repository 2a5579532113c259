//! Databases of bbolt, in which containerd keeps names: a tree of pages, in which keys lead to bytes or
//! to buckets, which are trees of their own (`internal/common/page.go` and `bucket.go` of bbolt).
//!
//! Pages are never written in place but for the two that say where the tree begins, of which the one
//! that is whole and newer counts. So a database can be read while somebody writes it, if that is quick.

use std::io::{Read, SeekFrom};

use crate::{Content, Error};

const MAGIC: u32 = 0xed0c_daed;
const VERSION: u32 = 2;
/// Bytes of a page's header, and of each element behind it.
const HEADER_BYTES: usize = 16;
/// Of the page that says where the tree begins: what its checksum is of, from behind the header on.
const META_BYTES: usize = 56;
const BRANCH: u16 = 1;
const LEAF: u16 = 2;
/// An element of a leaf that is a bucket.
const BUCKET: u32 = 1;
/// Sizes of pages: that of the machine's memory.
const PAGE_BYTES: [u64; 3] = [4 << 10, 16 << 10, 64 << 10];
/// So deep may a tree be. Of full pages it would have more than there are bytes.
const MOST_LEVELS: usize = 32;
/// Most bytes that are read of one database, pages that are read again too.
const MOST_BYTES: u64 = 256 << 20;
/// Most keys that are read of one, which may be as short as their places in the page.
const MOST_KEYS: usize = 1 << 20;

/// An open database.
#[derive(Debug)]
pub(super) struct Bolt<R> {
    content: R,
    page_bytes: u64,
    root: u64,
    left_bytes: u64,
    left_keys: usize,
}

/// A tree of keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Bucket {
    /// Its uppermost page.
    Page(u64),
    /// A page that stands where the bucket does.
    Inline(Vec<u8>),
}

/// What a key leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Value {
    /// Bytes.
    Bytes(Vec<u8>),
    /// A tree of its own.
    Bucket(Bucket),
}

impl<R: Content> Bolt<R> {
    /// Opens it.
    ///
    /// # Errors
    /// If it is none.
    pub(super) fn open(content: R) -> Result<Self, Error> {
        let mut bolt =
            Self { content, page_bytes: 0, root: 0, left_bytes: MOST_BYTES, left_keys: MOST_KEYS };
        let mut newest = None;
        for place in std::iter::once(0).chain(PAGE_BYTES) {
            let page = bolt.bytes(place, (HEADER_BYTES + META_BYTES + 8) as u64);
            let meta = page.ok().as_deref().and_then(Meta::parse);
            newest = newest.max(meta);
        }
        let newest = newest.ok_or_else(|| malformed("neither of its first pages is whole"))?;
        (bolt.page_bytes, bolt.root) = (newest.page_bytes, newest.root);
        Ok(bolt)
    }

    /// The bucket of all.
    pub(super) fn root(&self) -> Bucket {
        Bucket::Page(self.root)
    }

    /// What is in a bucket, in the order of the keys.
    ///
    /// # Errors
    /// If a page can't be read, or is malformed.
    pub(super) fn entries(&mut self, bucket: &Bucket) -> Result<Vec<(Vec<u8>, Value)>, Error> {
        let mut entries = Vec::new();
        match bucket {
            Bucket::Inline(page) => self.leaf(page, &mut entries)?,
            Bucket::Page(page) => self.collect(*page, MOST_LEVELS, &mut entries)?,
        }
        Ok(entries)
    }

    /// The bucket that these keys lead to, one after the other, if there is one.
    ///
    /// # Errors
    /// As [`Self::entries`].
    pub(super) fn bucket(&mut self, path: &[&[u8]]) -> Result<Option<Bucket>, Error> {
        let mut bucket = self.root();
        for wanted in path {
            let found = self.entries(&bucket)?.into_iter().find(|(key, _)| key == wanted);
            match found {
                Some((_, Value::Bucket(inner))) => bucket = inner,
                _ => return Ok(None),
            }
        }
        Ok(Some(bucket))
    }

    fn collect(
        &mut self,
        page: u64,
        levels: usize,
        entries: &mut Vec<(Vec<u8>, Value)>,
    ) -> Result<(), Error> {
        let page = self.page(page)?;
        match (number::<2>(&page, 8)? as u16, levels.checked_sub(1)) {
            (LEAF, _) => self.leaf(&page, entries),
            (BRANCH, Some(levels)) => {
                children(&page)?.into_iter().try_for_each(|it| self.collect(it, levels, entries))
            }
            (BRANCH, None) => Err(malformed("its tree is too deep")),
            (kind, _) => Err(malformed(&format!("it has a page of the unknown kind {kind}"))),
        }
    }

    fn leaf(&mut self, page: &[u8], entries: &mut Vec<(Vec<u8>, Value)>) -> Result<(), Error> {
        let limit = MOST_KEYS as u64;
        let over = || Error::Limit { what: "the database", limit, unit: "keys" };
        let count = number::<2>(page, 10)? as usize;
        self.left_keys = self.left_keys.checked_sub(count).ok_or_else(over)?;
        leaf(page, entries)
    }

    /// A page, with those that it goes on in.
    fn page(&mut self, number_of_page: u64) -> Result<Vec<u8>, Error> {
        let far = || malformed("it has a page beyond its end");
        let place = number_of_page.checked_mul(self.page_bytes).ok_or_else(far)?;
        let header = self.bytes(place, HEADER_BYTES as u64)?;
        let pages = number::<4>(&header, 12)? + 1;
        self.bytes(place, pages.checked_mul(self.page_bytes).ok_or_else(far)?)
    }

    fn bytes(&mut self, place: u64, count: u64) -> Result<Vec<u8>, Error> {
        let limit = MOST_BYTES;
        let over = || Error::Limit { what: "the database", limit, unit: "bytes to read" };
        self.left_bytes = self.left_bytes.checked_sub(count).ok_or_else(over)?;
        self.content.seek(SeekFrom::Start(place))?;
        let mut bytes = Vec::new();
        (&mut self.content).take(count).read_to_end(&mut bytes)?;
        match bytes.len() as u64 == count {
            true => Ok(bytes),
            false => Err(malformed("it has a page beyond its end")),
        }
    }
}

/// Where the tree begins, the newer being greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Meta {
    transaction: u64,
    page_bytes: u64,
    root: u64,
}

impl Meta {
    fn parse(page: &[u8]) -> Option<Self> {
        let meta = page.get(HEADER_BYTES..)?;
        let at = |place| number::<8>(meta, place).ok();
        let word = |place| number::<4>(meta, place).ok();
        let page_bytes = word(8)?;
        let is_whole = word(0)? == u64::from(MAGIC)
            && word(4)? == u64::from(VERSION)
            && PAGE_BYTES.contains(&page_bytes)
            && at(META_BYTES)? == fnv(meta.get(..META_BYTES)?);
        is_whole.then_some(Self { transaction: at(48)?, page_bytes, root: at(16)? })
    }
}

/// FNV-1a of 64 bits.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Where each element of a page stands.
fn elements(page: &[u8]) -> Result<impl Iterator<Item = usize>, Error> {
    let count = number::<2>(page, 10)? as usize;
    Ok((0..count).map(|at| HEADER_BYTES * (at + 1)))
}

/// The pages below a page.
fn children(page: &[u8]) -> Result<Vec<u64>, Error> {
    elements(page)?.map(|at| number::<8>(page, at + 8)).collect()
}

fn leaf(page: &[u8], entries: &mut Vec<(Vec<u8>, Value)>) -> Result<(), Error> {
    if number::<2>(page, 8)? as u16 != LEAF {
        return Err(malformed("it has a bucket that is no leaf where it should be one"));
    }
    let mut left_bytes = page.len();
    for at in elements(page)? {
        let part = |which: usize| number::<4>(page, at + 4 * which);
        let (flags, place) = (part(0)? as u32, at.saturating_add(part(1)? as usize));
        let (key_bytes, value_bytes) = (part(2)? as usize, part(3)? as usize);
        let value = place.saturating_add(key_bytes);
        let key = slice(page, place, key_bytes)?.to_vec();
        let bytes = slice(page, value, value_bytes)?;
        // Elements may lie over each other, but not have more than there is.
        left_bytes = left_bytes
            .checked_sub(key_bytes.saturating_add(value_bytes))
            .ok_or_else(|| malformed("it has a page whose elements have more bytes than it"))?;
        let value = match flags & BUCKET {
            0 => Value::Bytes(bytes.to_vec()),
            _ => Value::Bucket(bucket(bytes)?),
        };
        entries.push((key, value));
    }
    Ok(())
}

/// A small bucket stands behind its header.
fn bucket(bytes: &[u8]) -> Result<Bucket, Error> {
    match number::<8>(bytes, 0)? {
        0 => {
            let page = bytes.get(HEADER_BYTES..);
            Ok(Bucket::Inline(page.ok_or_else(|| malformed("it has half a bucket"))?.to_vec()))
        }
        page => Ok(Bucket::Page(page)),
    }
}

fn slice(page: &[u8], start: usize, count: usize) -> Result<&[u8], Error> {
    let slice = page.get(start..start.saturating_add(count));
    slice.ok_or_else(|| malformed("it has an element beyond the end of its page"))
}

/// A number, the least byte first, as processors of today write it.
fn number<const N: usize>(bytes: &[u8], start: usize) -> Result<u64, Error> {
    let bytes = slice(bytes, start, N)?.iter().rev();
    Ok(bytes.fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn malformed(why: &str) -> Error {
    Error::malformed("the database", why)
}
