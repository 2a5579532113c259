//! A file that is read from a place of one's own.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
    sync::Arc,
};

use crate::content::sought;

/// Reads a file from a place of its own, whoever else reads the same file.
#[derive(Clone, Debug)]
pub struct At {
    file: Arc<File>,
    place: u64,
    size_bytes: u64,
}

impl At {
    /// From its beginning.
    ///
    /// # Errors
    /// If its end can't be found.
    pub fn start(file: Arc<File>) -> io::Result<Self> {
        let size_bytes = (&*file).seek(SeekFrom::End(0))?;
        Ok(Self { file, place: 0, size_bytes })
    }

    /// Leaves bytes out, and says how many there were.
    ///
    /// # Errors
    /// None; it is like reading them.
    pub fn skip(&mut self, bytes: u64) -> io::Result<u64> {
        let skipped = bytes.min(self.size_bytes.saturating_sub(self.place));
        self.place += skipped;
        Ok(skipped)
    }
}

impl Read for At {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.place)?;
        self.place += read as u64;
        Ok(read)
    }
}

impl Seek for At {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.place = sought(to, self.place, self.size_bytes)?;
        Ok(self.place)
    }
}
