//! Bytes that come only once, kept to be read from any place.

use std::{
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
};

use crate::Content;

/// So many bytes are kept in memory; more go to a temporary file.
const IN_MEMORY_BYTES: usize = 4 << 20;

/// Bytes that came only once. Small ones are in memory, which is used again and again; large ones in a
/// temporary file without a name.
#[derive(Debug, Default)]
pub struct Spool {
    memory: Cursor<Vec<u8>>,
    file: Option<(File, u64)>,
}

impl Spool {
    /// Keeps `size_bytes` bytes from here on, or those that there are, if fewer.
    ///
    /// # Errors
    /// If they can't be read, or not be kept.
    pub fn fill(&mut self, from: &mut dyn Read, size_bytes: u64) -> io::Result<()> {
        self.file = None;
        self.memory.set_position(0);
        let memory = self.memory.get_mut();
        memory.clear();
        from.take(size_bytes.min(IN_MEMORY_BYTES as u64)).read_to_end(memory)?;
        let Some(left) = size_bytes.checked_sub(IN_MEMORY_BYTES as u64).filter(|left| *left > 0)
        else {
            return Ok(());
        };
        if memory.len() < IN_MEMORY_BYTES {
            return Ok(());
        }
        let mut file = tempfile::tempfile()?;
        file.write_all(memory)?;
        let copied = io::copy(&mut from.take(left), &mut file)?;
        file.rewind()?;
        self.file = Some((file, IN_MEMORY_BYTES as u64 + copied));
        Ok(())
    }
}

impl Read for Spool {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.file {
            Some((file, _)) => file.read(buffer),
            None => self.memory.read(buffer),
        }
    }
}

impl Seek for Spool {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.file {
            Some((file, _)) => file.seek(to),
            None => self.memory.seek(to),
        }
    }
}

impl Content for Spool {
    fn size_bytes(&self) -> u64 {
        match &self.file {
            Some((_, size_bytes)) => *size_bytes,
            None => self.memory.size_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_once_can_be_read_again() {
        let mut spool = Spool::default();
        for (size, there) in
            [(3, 3), (3, 2), (0, 5), (IN_MEMORY_BYTES, 9 << 20), (5 << 20, 9 << 20), (5 << 20, 9)]
        {
            let bytes: Vec<u8> = (0..there).map(|at| at as u8).collect();
            spool.fill(&mut &bytes[..], size as u64).unwrap();
            let expected = &bytes[..size.min(there)];
            assert_eq!(spool.size_bytes(), expected.len() as u64);
            for _ in 0..2 {
                let mut read = Vec::new();
                spool.read_to_end(&mut read).unwrap();
                assert!(read == expected, "{size} of {there}");
                spool.rewind().unwrap();
            }
        }
    }
}
