//! The file of a window while it is being written.

use std::{
    fs::File,
    io::{self, Write},
};

/// A file, with the digest and the number of the bytes that went there.
#[derive(Debug)]
pub(super) struct Sink {
    pub(super) file: File,
    pub(super) bytes: u64,
    hasher: blake3::Hasher,
}

impl Sink {
    pub(super) fn new(file: File) -> Self {
        Self { file, bytes: 0, hasher: blake3::Hasher::new() }
    }

    /// The digest as hexadecimal digits.
    pub(super) fn digest(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..count).unwrap_or_default());
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
