//! What wraps a layer: nothing, gzip (RFC 1952), or zstd (RFC 8878), told by the first bytes.

use std::io::{self, BufRead, Read};

use flate2::bufread::MultiGzDecoder;

/// Most memory that a zstd frame may ask for, as a power of two: 128 MiB, as `zstd -d` has it.
const ZSTD_WINDOW_LOG: u32 = 27;

/// How bytes are wrapped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compression {
    /// As they are.
    None,
    /// By gzip.
    Gzip,
    /// By zstd.
    Zstd,
}

impl Compression {
    /// By their first bytes.
    pub fn of(first: &[u8]) -> Self {
        match first {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            // A skippable frame, as lazily pulled layers begin with.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    /// Reads what is wrapped.
    ///
    /// # Errors
    /// If the first bytes can't be read.
    pub fn unwrap<'a>(mut from: impl BufRead + 'a) -> io::Result<Box<dyn Read + 'a>> {
        Ok(match Self::of(from.fill_buf()?) {
            Self::None => Box::new(from),
            Self::Gzip => Box::new(MultiGzDecoder::new(from)),
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(from)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Box::new(decoder)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn what_is_wrapped_is_read() {
        let plain = b"some bytes".repeat(100);
        let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&plain).unwrap();
        let gzip = gzip.finish().unwrap();
        let zstd = zstd::encode_all(&plain[..], 1).unwrap();
        let skipped = [&[0x51, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9][..], &zstd].concat();
        for wrapped in [&plain, &gzip, &zstd, &skipped, &[&gzip[..], &gzip].concat()] {
            let mut read = Vec::new();
            Compression::unwrap(&wrapped[..]).unwrap().read_to_end(&mut read).unwrap();
            assert!(read.chunks(plain.len()).all(|part| part == plain));
        }
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        let zstd = zstd::encode_all(&b"some bytes"[..], 1).unwrap();
        for wrapped in [&[0x1f, 0x8b, 8][..], &zstd[..zstd.len() - 1]] {
            let read = Compression::unwrap(wrapped).unwrap().read_to_end(&mut Vec::new());
            assert!(read.is_err());
        }
    }
}
