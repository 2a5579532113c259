//! Hashes of Berkeley DB (`Packages`), as its `db_page.h` lays pages out. Numbers are as the machine has
//! them that wrote it.
//!
//! The keys of `Packages` are numbers, its values are headers; key 0 holds the last number. A value that
//! is longer than a quarter of a page stands in a chain of pages of its own.

use image::Content;

use super::{LONGEST_HEADER_BYTES, Take};
use crate::{
    Error,
    bytes::{Order, Pages, read_at},
};

const FORMAT: &str = "hash of Berkeley DB";
const HASH_MAGIC: u32 = 0x0006_1561;
const BTREE_MAGIC: u32 = 0x0005_3162;
/// What a page has before its own.
const PAGE_HEADER_BYTES: usize = 26;
/// Kinds of pages.
const HASH_UNSORTED: u8 = 2;
const OVERFLOW: u8 = 7;
const HASH: u8 = 13;
/// Kinds of values.
const INLINE: u8 = 1;
const ELSEWHERE: u8 = 3;
/// Pages begin with a sum of what is on them.
const HAS_SUMS: u8 = 1;

/// Hands on the header of each package.
pub(super) fn headers(content: &mut dyn Content, take: &mut Take<'_>) -> Result<(), Error> {
    let start = read_at(content, 0, 512)?;
    let order = order(&start)?;
    let page_bytes = order.u32(&start, 20).unwrap_or_default();
    if !page_bytes.is_power_of_two() || !(512..=65536).contains(&page_bytes) {
        return Err(Error::malformed(FORMAT, format!("its pages have {page_bytes} bytes")));
    }
    if start.get(24) != Some(&0) || start.get(26).is_none_or(|flags| flags & HAS_SUMS != 0) {
        return Err(Error::Unsupported("its pages are encrypted or have sums".to_owned()));
    }
    let last = order.u32(&start, 32).unwrap_or_default();
    let mut pages = Pages::new(content, page_bytes, FORMAT);
    // A hash's pages and those of long values are read once each.
    let count = u32::try_from(pages.count()).unwrap_or(u32::MAX);
    for number in 1..count.min(last.saturating_add(1)) {
        if matches!(pages.peek(number, 25)?, HASH | HASH_UNSORTED) {
            let page = Page { order, bytes: pages.read(number)? };
            page.values(&mut pages, take)?;
        }
    }
    Ok(())
}

fn order(start: &[u8]) -> Result<Order, Error> {
    let has =
        |magic| [Order::Little, Order::Big].into_iter().find(|it| it.u32(start, 12) == Some(magic));
    match (has(HASH_MAGIC), has(BTREE_MAGIC)) {
        (Some(order), _) => Ok(order),
        (None, Some(_)) => {
            Err(Error::Unsupported("is a tree of Berkeley DB, not a hash".to_owned()))
        }
        (None, None) => Err(Error::malformed(FORMAT, "it does not begin as one")),
    }
}

struct Page {
    order: Order,
    bytes: Vec<u8>,
}

impl Page {
    /// Values of a page of a hash: places of keys and values take turns, and what they tell of is laid
    /// down from the end of the page on.
    fn values(&self, pages: &mut Pages<'_>, take: &mut Take<'_>) -> Result<(), Error> {
        let count = usize::from(self.order.u16(&self.bytes, 20).unwrap_or_default());
        for index in (1..count).step_by(2) {
            let (Some(start), Some(end)) = (self.place(index), self.place(index - 1)) else {
                return Err(pages.malformed("a page tells of values beyond its end"));
            };
            let value = self.bytes.get(start..end).unwrap_or_default();
            pages.count_value(value.len())?;
            match value.first() {
                Some(&INLINE) if value.len() > 8 => take(value.get(1..).unwrap_or_default()),
                Some(&ELSEWHERE) => take(&self.chain(value, pages)?),
                // The last number, or a value that rpm does not write.
                _ => {}
            }
        }
        Ok(())
    }

    fn place(&self, index: usize) -> Option<usize> {
        self.order.u16(&self.bytes, PAGE_HEADER_BYTES + index * 2).map(usize::from)
    }

    /// A value that has pages of its own: the first one's number stands with its length.
    fn chain(&self, value: &[u8], pages: &mut Pages<'_>) -> Result<Vec<u8>, Error> {
        let length = u64::from(self.order.u32(value, 8).unwrap_or_default());
        if length > LONGEST_HEADER_BYTES {
            return Err(pages.malformed("a value is longer than any header"));
        }
        let mut whole = Vec::new();
        let mut next = self.order.u32(value, 4).unwrap_or_default();
        while next != 0 && (whole.len() as u64) < length {
            let page = pages.read(next)?;
            if page.get(25) != Some(&OVERFLOW) {
                return Err(pages.malformed(format!("page {next} is no part of a value")));
            }
            let used = usize::from(self.order.u16(&page, 22).unwrap_or_default());
            let end = PAGE_HEADER_BYTES.saturating_add(used).min(page.len());
            whole.extend_from_slice(page.get(PAGE_HEADER_BYTES..end).unwrap_or_default());
            next = self.order.u32(&page, 16).unwrap_or_default();
        }
        Ok(whole)
    }
}
