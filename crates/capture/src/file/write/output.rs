//! Where a capture's bytes go: plain, or through a compressor.

use std::{
    fmt,
    io::{self, BufWriter, Write},
};

use flate2::write::GzEncoder;
use zstd::stream::write::Encoder;

use crate::file::Compression;

const BUFFER_BYTES: usize = 64 * 1024;
/// Level of zstd: its own default, several times the speed of gzip at a better ratio.
const ZSTD_LEVEL: i32 = 3;

pub(super) enum Output<W: Write> {
    Plain(BufWriter<W>),
    Gzip(BufWriter<GzEncoder<W>>),
    Zstd(BufWriter<Encoder<'static, W>>),
}

impl<W: Write> Output<W> {
    pub(super) fn new(output: W, compression: Compression) -> io::Result<Self> {
        Ok(match compression {
            Compression::None => Self::Plain(BufWriter::with_capacity(BUFFER_BYTES, output)),
            Compression::Gzip => {
                let encoder = GzEncoder::new(output, flate2::Compression::default());
                Self::Gzip(BufWriter::with_capacity(BUFFER_BYTES, encoder))
            }
            Compression::Zstd => {
                let mut encoder = Encoder::new(output, ZSTD_LEVEL)?;
                encoder.include_checksum(true)?;
                Self::Zstd(BufWriter::with_capacity(BUFFER_BYTES, encoder))
            }
        })
    }

    pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(output) => output.write_all(bytes),
            Self::Gzip(output) => output.write_all(bytes),
            Self::Zstd(output) => output.write_all(bytes),
        }
    }

    /// Empties the buffer and, at some cost in compression, the compressor.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(output) => output.flush(),
            Self::Gzip(output) => output.flush(),
            Self::Zstd(output) => output.flush(),
        }
    }

    pub(super) fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(output) => output.into_inner().map_err(io::Error::from),
            Self::Gzip(output) => output.into_inner().map_err(io::Error::from)?.finish(),
            Self::Zstd(output) => output.into_inner().map_err(io::Error::from)?.finish(),
        }
    }
}

impl<W: Write> fmt::Debug for Output<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Output(plain)",
            Self::Gzip(_) => "Output(gzip)",
            Self::Zstd(_) => "Output(zstd)",
        })
    }
}
