//! The bytes of a file.

use std::io::{self, Read, Seek, SeekFrom};

/// The bytes of a file, to be read from any place.
pub trait Content: Read + Seek {
    /// How many bytes there are.
    fn size_bytes(&self) -> u64;
}

/// The place that is sought, from where one is in so many bytes.
///
/// # Errors
/// If it would be before the beginning.
pub(crate) fn sought(to: SeekFrom, at: u64, size_bytes: u64) -> io::Result<u64> {
    let place = match to {
        SeekFrom::Start(place) => Some(place),
        SeekFrom::End(by) => size_bytes.checked_add_signed(by),
        SeekFrom::Current(by) => at.checked_add_signed(by),
    };
    place.ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// A part of something that can be read from any place.
#[derive(Debug)]
pub struct Part<R> {
    inner: R,
    start: u64,
    size_bytes: u64,
    at: u64,
}

impl<R: Read + Seek> Part<R> {
    /// The bytes from `start` on.
    pub fn new(inner: R, start: u64, size_bytes: u64) -> Self {
        Self { inner, start, size_bytes, at: 0 }
    }

    /// All of it.
    ///
    /// # Errors
    /// If its end can't be found.
    pub fn whole(mut inner: R) -> io::Result<Self> {
        let size_bytes = inner.seek(SeekFrom::End(0))?;
        Ok(Self::new(inner, 0, size_bytes))
    }
}

impl<R: Read + Seek> Read for Part<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size_bytes.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let most = left.min(buffer.len());
        let Some(buffer) = buffer.get_mut(..most).filter(|buffer| !buffer.is_empty()) else {
            return Ok(0);
        };
        let place = self.start.checked_add(self.at).ok_or(io::ErrorKind::InvalidData)?;
        self.inner.seek(SeekFrom::Start(place))?;
        let read = self.inner.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl<R> Seek for Part<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = sought(to, self.at, self.size_bytes)?;
        Ok(self.at)
    }
}

impl<R: Read + Seek> Content for Part<R> {
    fn size_bytes(&self) -> u64 {
        self.size_bytes
    }
}

impl<T: AsRef<[u8]>> Content for io::Cursor<T> {
    fn size_bytes(&self) -> u64 {
        self.get_ref().as_ref().len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_a_file_of_its_own() {
        let mut part = Part::new(io::Cursor::new(b"0123456789"), 2, 5);
        let mut read = String::new();
        part.read_to_string(&mut read).unwrap();
        assert_eq!((read.as_str(), part.size_bytes()), ("23456", 5));
        part.seek(SeekFrom::End(-2)).unwrap();
        let mut two = [0; 2];
        part.read_exact(&mut two).unwrap();
        assert_eq!(&two, b"56");
        assert_eq!(part.read(&mut two).unwrap(), 0);
        assert_eq!(part.seek(SeekFrom::Start(9)).unwrap(), 9);
        assert_eq!(part.read(&mut two).unwrap(), 0);
        assert!(part.seek(SeekFrom::Current(-10)).is_err());
    }

    #[test]
    fn a_part_that_lies_about_its_size_ends_where_the_bytes_do() {
        let mut read = Vec::new();
        Part::new(io::Cursor::new(b"abc"), 1, u64::MAX).read_to_end(&mut read).unwrap();
        assert_eq!(read, b"bc");
        let mut far = Part::new(io::Cursor::new(b"abc"), u64::MAX, 9);
        far.seek(SeekFrom::Start(1)).unwrap();
        assert!(far.read(&mut [0; 2]).is_err());
    }
}
