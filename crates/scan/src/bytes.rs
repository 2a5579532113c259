//! Numbers and ranges of bytes that came from outside: whatever lies beyond the end is not there.

use std::{
    collections::BTreeSet,
    io::{Read, SeekFrom},
};

use image::Content;

use crate::Error;

/// In which order the bytes of a number stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    /// The lowest first.
    Little,
    /// The highest first.
    Big,
}

impl Order {
    /// The number of two bytes at this place.
    pub(crate) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let number = array(bytes, at)?;
        Some(if self == Self::Big {
            u16::from_be_bytes(number)
        } else {
            u16::from_le_bytes(number)
        })
    }

    /// The number of four bytes at this place.
    pub(crate) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let number = array(bytes, at)?;
        Some(if self == Self::Big {
            u32::from_be_bytes(number)
        } else {
            u32::from_le_bytes(number)
        })
    }

    /// The number of eight bytes at this place.
    pub(crate) fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let number = array(bytes, at)?;
        Some(if self == Self::Big {
            u64::from_be_bytes(number)
        } else {
            u64::from_le_bytes(number)
        })
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// So many bytes from this place on; fewer where the file ends before.
///
/// # Errors
/// If they can't be read.
pub(crate) fn read_at(content: &mut dyn Content, at: u64, most: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    content.seek(SeekFrom::Start(at))?;
    content.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file in pages, each of which is read once at most: what goes round in circles, or tells of the same
/// bytes again and again, ends there.
pub(crate) struct Pages<'a> {
    content: &'a mut dyn Content,
    page_bytes: u32,
    format: &'static str,
    seen: BTreeSet<u32>,
    /// What values may still have, of the bytes of the file.
    left_bytes: u64,
}

impl<'a> Pages<'a> {
    /// Of a file of this format.
    pub(crate) fn new(content: &'a mut dyn Content, page_bytes: u32, format: &'static str) -> Self {
        let left_bytes = content.size_bytes();
        Self { content, page_bytes, format, seen: BTreeSet::new(), left_bytes }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.content.size_bytes() / u64::from(self.page_bytes)
    }

    /// A whole page, the first being 0.
    ///
    /// # Errors
    /// If it can't be read, was read before, or there is none.
    pub(crate) fn read(&mut self, number: u32) -> Result<Vec<u8>, Error> {
        if !self.seen.insert(number) {
            return Err(self.malformed(format!("page {number} stands in it twice")));
        }
        let size = u64::from(self.page_bytes);
        let page = read_at(self.content, u64::from(number) * size, size)?;
        if page.len() as u64 != size {
            return Err(self.malformed(format!("there is no page {number}")));
        }
        Ok(page)
    }

    /// A byte of a page, which is not read for that.
    ///
    /// # Errors
    /// If it can't be read, or there is none.
    pub(crate) fn peek(&mut self, number: u32, at: u32) -> Result<u8, Error> {
        let place = u64::from(number) * u64::from(self.page_bytes) + u64::from(at);
        let byte = read_at(self.content, place, 1)?.first().copied();
        byte.ok_or_else(|| self.malformed(format!("there is no page {number}")))
    }

    /// Counts a value of so many bytes: together they have no more than the file, whatever pages say of
    /// where they are.
    ///
    /// # Errors
    /// If they have more.
    pub(crate) fn count_value(&mut self, size_bytes: usize) -> Result<(), Error> {
        let left = self.left_bytes.checked_sub(size_bytes as u64);
        let why = "its values have more bytes than it has";
        self.left_bytes = left.ok_or_else(|| self.malformed(why))?;
        Ok(())
    }

    /// It is not as its format has it.
    pub(crate) fn malformed(&self, why: impl ToString) -> Error {
        Error::malformed(self.format, why)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn numbers_beyond_the_end_are_not_there() {
        let bytes = [1, 2, 3, 4, 5];
        assert_eq!(Order::Big.u32(&bytes, 1), Some(0x0203_0405));
        assert_eq!(Order::Little.u16(&bytes, 3), Some(0x0504));
        for at in [2, 5, usize::MAX] {
            assert_eq!(Order::Big.u32(&bytes, at), None);
            assert_eq!(Order::Little.u64(&bytes, at), None);
        }
    }

    #[test]
    fn pages_are_read_once() {
        let mut file = Cursor::new([7_u8; 20]);
        let mut pages = Pages::new(&mut file, 8, "book");
        assert_eq!(pages.count(), 2);
        assert_eq!(pages.read(1).unwrap(), [7; 8]);
        assert_eq!(pages.read(1).unwrap_err().to_string(), "is no book: page 1 stands in it twice");
        assert!(pages.count_value(15).is_ok() && pages.count_value(5).is_ok());
        assert!(pages.count_value(1).is_err());
        assert_eq!(pages.read(2).unwrap_err().to_string(), "is no book: there is no page 2");
    }
}
