//! What has bytes at places: a file, a part of something, several parts one behind the other.

use std::{
    cell::RefCell,
    fs::File,
    io::{self, ErrorKind},
    os::unix::fs::FileExt,
    rc::Rc,
};

/// Bytes at places.
pub(crate) trait Device {
    /// Fills the buffer from this place on.
    ///
    /// # Errors
    /// If there are not so many bytes, or they can't be read.
    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<()>;

    /// How many bytes there are.
    fn size_bytes(&self) -> u64;
}

/// So many bytes, as an array.
pub(crate) fn array<const N: usize>(device: &dyn Device, place: u64) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    device.read_at(&mut bytes, place)?;
    Ok(bytes)
}

/// A disk as it is.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) file: File,
    pub(crate) size_bytes: u64,
}

impl Device for Raw {
    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<()> {
        self.file.read_exact_at(buffer, place)
    }

    fn size_bytes(&self) -> u64 {
        self.size_bytes
    }
}

/// A part of a device.
#[derive(Clone)]
pub(crate) struct Extent {
    pub(crate) device: Rc<dyn Device>,
    pub(crate) start: u64,
    pub(crate) size_bytes: u64,
}

impl Device for Extent {
    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<()> {
        let end = place.checked_add(buffer.len() as u64).filter(|end| *end <= self.size_bytes);
        let start = self.start.checked_add(place).filter(|_| end.is_some());
        self.device.read_at(buffer, start.ok_or(ErrorKind::UnexpectedEof)?)
    }

    fn size_bytes(&self) -> u64 {
        self.size_bytes
    }
}

/// Parts of devices, one behind the other.
pub(crate) struct Joined(pub(crate) Vec<Extent>);

impl Device for Joined {
    fn read_at(&self, buffer: &mut [u8], mut place: u64) -> io::Result<()> {
        let mut left = buffer;
        for extent in &self.0 {
            if left.is_empty() {
                break;
            }
            if place >= extent.size_bytes {
                place -= extent.size_bytes;
                continue;
            }
            let here = usize::try_from(extent.size_bytes - place).unwrap_or(usize::MAX);
            let (now, later) = left.split_at_mut(here.min(left.len()));
            extent.read_at(now, place)?;
            (left, place) = (later, 0);
        }
        if left.is_empty() { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }

    fn size_bytes(&self) -> u64 {
        self.0.iter().map(|extent| extent.size_bytes).sum()
    }
}

const CHUNK_BYTES: u64 = 32 << 10;
const CHUNKS: usize = 256;

/// Remembers what was read last: file systems read few bytes at a time, again and again.
pub(crate) struct Cached {
    device: Rc<dyn Device>,
    /// A chunk each, at the place that its number says.
    chunks: RefCell<Vec<Option<Chunk>>>,
}

/// A chunk's number and bytes.
type Chunk = (u64, Box<[u8]>);

impl Cached {
    pub(crate) fn new(device: Rc<dyn Device>) -> Self {
        Self { device, chunks: RefCell::new((0..CHUNKS).map(|_| None).collect()) }
    }

    /// Copies what there is of a chunk.
    fn copy(&self, number: u64, skip: usize, buffer: &mut [u8]) -> io::Result<()> {
        let mut chunks = self.chunks.borrow_mut();
        let slot = chunks.get_mut(number as usize % CHUNKS).ok_or(ErrorKind::InvalidInput)?;
        let chunk = match slot {
            Some((known, chunk)) if *known == number => chunk,
            slot => {
                let start = number * CHUNK_BYTES;
                let size = self.device.size_bytes().saturating_sub(start).min(CHUNK_BYTES);
                let mut chunk = vec![0; size as usize].into_boxed_slice();
                self.device.read_at(&mut chunk, start)?;
                &mut slot.insert((number, chunk)).1
            }
        };
        let bytes = chunk.get(skip..skip + buffer.len()).ok_or(ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

impl Device for Cached {
    fn read_at(&self, buffer: &mut [u8], mut place: u64) -> io::Result<()> {
        let mut left = buffer;
        while !left.is_empty() {
            let (number, skip) = (place / CHUNK_BYTES, (place % CHUNK_BYTES) as usize);
            let here = (CHUNK_BYTES as usize - skip).min(left.len());
            let (now, later) = left.split_at_mut(here);
            self.copy(number, skip, now)?;
            place = place.checked_add(here as u64).ok_or(ErrorKind::InvalidInput)?;
            left = later;
        }
        Ok(())
    }

    fn size_bytes(&self) -> u64 {
        self.device.size_bytes()
    }
}

/// For tests: bytes in memory.
#[cfg(test)]
impl Device for Vec<u8> {
    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<()> {
        let start = usize::try_from(place).map_err(|_| ErrorKind::UnexpectedEof)?;
        let end = start.checked_add(buffer.len()).ok_or(ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(self.get(start..end).ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn size_bytes(&self) -> u64 {
        self.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_parts_of_parts_are_devices() {
        let whole: Rc<dyn Device> = Rc::new((0..=255).collect::<Vec<u8>>());
        let extent = |start, size_bytes| Extent { device: Rc::clone(&whole), start, size_bytes };
        let joined = Joined(vec![extent(10, 2), extent(0, 0), extent(100, 3)]);
        assert_eq!(joined.size_bytes(), 5);
        assert_eq!(array::<5>(&joined, 0).unwrap(), [10, 11, 100, 101, 102]);
        assert_eq!(array::<2>(&joined, 3).unwrap(), [101, 102]);
        assert!(array::<2>(&joined, 4).is_err());
        assert!(array::<3>(&extent(254, 9), 0).is_err());
        assert!(array::<1>(&extent(1, 1), u64::MAX).is_err());
    }

    #[test]
    fn what_is_remembered_is_what_is_there() {
        let bytes: Vec<u8> = (0..3 * CHUNK_BYTES + 7).map(|at| (at % 251) as u8).collect();
        let cached = Cached::new(Rc::new(bytes.clone()));
        for (place, size) in
            [(0, 10), (CHUNK_BYTES - 3, 9), (5, 2 * CHUNK_BYTES), (3 * CHUNK_BYTES, 7)]
        {
            for _ in 0..2 {
                let mut read = vec![0; size as usize];
                cached.read_at(&mut read, place).unwrap();
                assert!(read == bytes[place as usize..(place + size) as usize]);
            }
        }
        assert!(cached.read_at(&mut [0; 8], 3 * CHUNK_BYTES).is_err());
        assert!(cached.read_at(&mut [0; 8], u64::MAX - 3).is_err());
    }
}
