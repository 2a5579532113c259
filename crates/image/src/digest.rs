//! Names of contents: `sha256:` and 64 hexadecimal digits.

mod hash;

use std::{
    fmt,
    io::{self, Read},
};

use hash::Hash;
use sha2::{Digest as _, Sha256};

const PREFIX: &str = "sha256:";

/// The SHA-256 of some bytes, which names them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of all these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads it as it is written in manifests; `None` if it is not one of this kind.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?.as_bytes();
        let (pairs, rest) = digits.as_chunks::<2>();
        let mut bytes = [0; 32];
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            let [high, low] = pair.map(hex_digit);
            *byte = high? << 4 | low?;
        }
        Some(Self(bytes))
    }

    /// Its hexadecimal digits.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Manifests have small letters only: another form would be another name.
fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads bytes and computes what names all those that were read.
#[derive(Debug)]
pub struct Digester<R> {
    inner: R,
    hash: Hash,
}

impl<R: Read> Digester<R> {
    /// Nothing was read yet.
    pub fn new(inner: R) -> Self {
        Self { inner, hash: Hash::new() }
    }

    /// Reads what is left, and names all.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn finish(mut self) -> io::Result<Digest> {
        io::copy(&mut self.inner, &mut self.hash)?;
        self.hash.finish()
    }
}

impl<R: Read> Read for Digester<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default())?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1.
    const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn names_are_those_of_the_bytes() {
        assert_eq!(Digest::of(b"abc").to_string(), ABC);
        let mut digester = Digester::new(&b"abc"[..]);
        digester.read_exact(&mut [0; 2]).unwrap();
        assert_eq!(digester.finish().unwrap(), Digest::of(b"abc"));
    }

    #[test]
    fn names_of_many_bytes_are_those_of_few() {
        let bytes: Vec<u8> = (0..5 << 20).map(|at: u32| (at >> 9) as u8).collect();
        for step in [1000, 300 << 10, bytes.len()] {
            let mut digester = Digester::new(&*bytes);
            let mut buffer = vec![0; step];
            for _ in 0..bytes.len() / step / 2 {
                digester.read_exact(&mut buffer).unwrap();
            }
            assert_eq!(digester.finish().unwrap(), Digest::of(&bytes), "{step}");
        }
    }

    #[test]
    fn one_that_is_dropped_in_the_middle_waits_for_nobody() {
        let mut digester = Digester::new(io::repeat(7));
        digester.read_exact(&mut vec![0; 3 << 20]).unwrap();
        drop(digester);
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        assert_eq!(Digest::parse(ABC), Some(Digest::of(b"abc")));
        for wrong in ["", "sha256:", &ABC[7..], &ABC[..70], &format!("{ABC}0"), &ABC.to_uppercase()]
        {
            assert_eq!(Digest::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Digest::parse(&ABC.replace("ba", "bA")), None);
    }
}
