//! The table `Packages` of a database of SQLite (`rpmdb.sqlite`), as SQLite's description of its file
//! format lays trees out. All numbers are big-endian.
//!
//! Page 1 holds the tree of the schema, whose rows have the first page of each table's tree. The rows of
//! `Packages` have a number and a header; a row that is too long for its page goes on in a chain of others.

use image::Content;

use super::{LONGEST_HEADER_BYTES, Take};
use crate::{
    Error,
    bytes::{Order, Pages, read_at},
};

/// What a database begins with.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

const FORMAT: &str = "database of SQLite";
/// What page 1 has before its own.
const FILE_HEADER_BYTES: usize = 100;
/// Kinds of pages of a table's tree.
const INNER: u8 = 5;
const LEAF: u8 = 13;
/// Most levels of a tree.
const MOST_LEVELS: usize = 20;

/// Hands on the header of each package.
pub(super) fn headers(content: &mut dyn Content, take: &mut Take<'_>) -> Result<(), Error> {
    let start = read_at(content, 0, FILE_HEADER_BYTES as u64)?;
    let page_bytes = match Order::Big.u16(&start, 16) {
        Some(1) => 65536,
        size => u32::from(size.unwrap_or_default()),
    };
    if !page_bytes.is_power_of_two() || page_bytes < 512 {
        return Err(Error::malformed(FORMAT, format!("its pages have {page_bytes} bytes")));
    }
    let reserved = u32::from(start.get(20).copied().unwrap_or_default());
    let usable = usize::try_from(page_bytes - reserved).unwrap_or_default();
    let mut tables = Tables { pages: Pages::new(content, page_bytes, FORMAT), usable };
    let mut root = None;
    tables.rows(1, &mut |row| {
        let is_packages = row.column(0) == Some(b"table") && row.column(1) == Some(b"Packages");
        root = root.or(row.column(3).filter(|_| is_packages).and_then(number));
    })?;
    let why = "it has no table 'Packages'";
    let root = root.ok_or_else(|| Error::malformed(FORMAT, why))?;
    tables.rows(root, &mut |row| {
        if let Some(header) = row.column(1) {
            take(header);
        }
    })
}

/// A number of up to eight bytes.
fn number(bytes: &[u8]) -> Option<u32> {
    let number = bytes
        .iter()
        .try_fold(0_u64, |number, byte| Some(number.checked_mul(256)? | u64::from(*byte)))?;
    u32::try_from(number).ok()
}

/// Trees of tables.
struct Tables<'a> {
    pages: Pages<'a>,
    /// What a page has for its own, in bytes.
    usable: usize,
}

impl Tables<'_> {
    /// Hands on the rows of the tree whose first page this is.
    fn rows(&mut self, root: u32, take: &mut dyn FnMut(&Row<'_>)) -> Result<(), Error> {
        let mut ahead = vec![(root, 0)];
        while let Some((number, level)) = ahead.pop() {
            let page = self.page(number)?;
            let base = if number == 1 { FILE_HEADER_BYTES } else { 0 };
            match page.get(base) {
                Some(&INNER) if level < MOST_LEVELS => {
                    let below = inner(&page, base).map(|child| (child, level + 1));
                    ahead.extend(below.collect::<Vec<_>>().into_iter().rev());
                }
                Some(&LEAF) => {
                    for cell in cells(&page, base, 8) {
                        let payload = self.payload(&page, cell)?;
                        take(&Row { payload: &payload });
                    }
                }
                _ => return Err(self.pages.malformed(format!("page {number} is of no table"))),
            }
        }
        Ok(())
    }

    /// A page, the first being 1.
    fn page(&mut self, number: u32) -> Result<Vec<u8>, Error> {
        match number.checked_sub(1) {
            Some(index) => self.pages.read(index),
            None => Err(self.pages.malformed("it goes on at page 0")),
        }
    }

    /// The bytes of a row: length, key, what the page has of it, where the rest is.
    fn payload(&mut self, page: &[u8], cell: usize) -> Result<Vec<u8>, Error> {
        let beyond = |pages: &Pages<'_>| pages.malformed("a row is not where its page has it");
        let parts = varint(page, cell).and_then(|(length, at)| Some((length, varint(page, at)?.1)));
        let (length, at) = parts.ok_or_else(|| beyond(&self.pages))?;
        if length > LONGEST_HEADER_BYTES {
            return Err(self.pages.malformed("a row is longer than any header"));
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.pages.count_value(length)?;
        let here = self.local(length);
        let mut payload = page.get(at..at + here).ok_or_else(|| beyond(&self.pages))?.to_vec();
        let mut next =
            Order::Big.u32(page, at + here).filter(|_| here < length).unwrap_or_default();
        while next != 0 && payload.len() < length {
            let page = self.page(next)?;
            let end = self.usable.min(4 + length - payload.len());
            payload.extend_from_slice(page.get(4..end).unwrap_or_default());
            next = Order::Big.u32(&page, 0).unwrap_or_default();
        }
        Ok(payload)
    }

    /// How much of a row of this length its page has.
    fn local(&self, length: usize) -> usize {
        let most = self.usable.saturating_sub(35);
        if length <= most {
            return length;
        }
        let least = (self.usable.saturating_sub(12) * 32 / 255).saturating_sub(23);
        let whole_pages =
            least + length.saturating_sub(least) % self.usable.saturating_sub(4).max(1);
        if whole_pages <= most { whole_pages } else { least }
    }
}

/// Pages below one that has no rows.
fn inner(page: &[u8], base: usize) -> impl Iterator<Item = u32> {
    let last = Order::Big.u32(page, base + 8);
    cells(page, base, 12).filter_map(|cell| Order::Big.u32(page, cell)).chain(last)
}

/// Places of what a page has, behind its header of this length.
fn cells(page: &[u8], base: usize, header: usize) -> impl Iterator<Item = usize> {
    let count = Order::Big.u16(page, base + 3).unwrap_or_default();
    let place = move |at: u16| Order::Big.u16(page, base + header + usize::from(at) * 2);
    (0..count).map_while(place).map(usize::from)
}

/// A number that takes one to nine bytes, and where it ends.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut number = 0;
    for index in 0..8 {
        let byte = *bytes.get(at + index)?;
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((number, at + index + 1));
        }
    }
    Some((number << 8 | u64::from(*bytes.get(at + 8)?), at + 9))
}

/// A row: the length of its head, the type of each column, the columns.
struct Row<'a> {
    payload: &'a [u8],
}

impl<'a> Row<'a> {
    /// The bytes of a column; `None` if there are none, or the column says that without any.
    fn column(&self, index: usize) -> Option<&'a [u8]> {
        let (head, mut at) = varint(self.payload, 0)?;
        let mut place = usize::try_from(head).ok()?;
        for column in 0.. {
            if u64::try_from(at).ok()? >= head {
                break;
            }
            let (kind, next) = varint(self.payload, at)?;
            let length = usize::try_from(length(kind)).ok()?;
            let end = place.checked_add(length)?;
            if column == index {
                return self.payload.get(place..end).filter(|bytes| !bytes.is_empty());
            }
            (at, place) = (next, end);
        }
        None
    }
}

/// How many bytes a column of this type has.
fn length(kind: u64) -> u64 {
    match kind {
        0..=4 => kind,
        5 => 6,
        6 | 7 => 8,
        8..=11 => 0,
        _ => (kind - 12) / 2,
    }
}
