//! The bytes of a capture: plain, or out of gzip or zstd, told apart by their first bytes.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Chain, Cursor, ErrorKind, Read},
};

use flate2::bufread::GzDecoder;

use crate::Error;

/// Largest window of a zstd frame, as a power of two: 8 MiB, which RFC 8878 asks of every decoder
/// and every level up to 19 needs at most.
const ZSTD_WINDOW_LOG: u32 = 23;
const COMPRESSED_BUFFER_BYTES: usize = 64 * 1024;
/// Most bytes asked of a decoder at once. What it has made when it meets damage is lost up to the
/// last step, so steps are small.
const DECODED_STEP_BYTES: usize = 4096;

/// How a file is compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// gzip, of any number of members.
    Gzip,
    /// zstd, of any number of frames.
    Zstd,
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        })
    }
}

type Raw<R> = Chain<Cursor<Vec<u8>>, Counted<R>>;

/// An opened input.
pub(super) enum Input<R: Read> {
    Plain(Raw<R>),
    Gzip(Box<Gzip<R>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, BufReader<Raw<R>>>>),
}

impl<R: Read> Input<R> {
    /// Looks at the first bytes and picks the decoder.
    pub(super) fn open(input: R) -> Result<Self, Error> {
        let mut input = Counted { input, bytes: 0 };
        let head = read_head(&mut input)?;
        let compression = detect(&head)?;
        let raw = Cursor::new(head).chain(input);
        Ok(match compression {
            Compression::None => Self::Plain(raw),
            Compression::Gzip => Self::Gzip(Box::new(Gzip {
                member: Some(GzDecoder::new(buffered(raw))),
                ended: false,
            })),
            Compression::Zstd => {
                Self::Zstd(Box::new(zstd_decoder(raw).map_err(|source| Error::Read {
                    offset: 0,
                    input_offset: 0,
                    source,
                })?))
            }
        })
    }

    pub(super) fn compression(&self) -> Compression {
        match self {
            Self::Plain(_) => Compression::None,
            Self::Gzip(_) => Compression::Gzip,
            Self::Zstd(_) => Compression::Zstd,
        }
    }

    /// Bytes of the file taken in so far.
    pub(super) fn taken_bytes(&self) -> u64 {
        match self {
            Self::Plain(raw) => raw.get_ref().1.bytes,
            Self::Gzip(gzip) => {
                gzip.member.as_ref().map_or(0, |m| m.get_ref().get_ref().get_ref().1.bytes)
            }
            Self::Zstd(zstd) => zstd.get_ref().get_ref().get_ref().1.bytes,
        }
    }
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let step = buffer.len().min(DECODED_STEP_BYTES);
        match (self, buffer.get_mut(..step).unwrap_or_default()) {
            (Self::Plain(raw), _) => raw.read(buffer),
            (Self::Gzip(gzip), step) => gzip.read(step),
            (Self::Zstd(zstd), step) => zstd.read(step),
        }
    }
}

impl<R: Read> fmt::Debug for Input<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Input").field(&self.compression()).finish()
    }
}

fn buffered<R: Read>(raw: Raw<R>) -> BufReader<Raw<R>> {
    BufReader::with_capacity(COMPRESSED_BUFFER_BYTES, raw)
}

fn zstd_decoder<R: Read>(
    raw: Raw<R>,
) -> io::Result<zstd::stream::read::Decoder<'static, BufReader<Raw<R>>>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(buffered(raw))?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(decoder)
}

fn read_head<R: Read>(input: &mut Counted<R>) -> Result<Vec<u8>, Error> {
    let mut head = Vec::with_capacity(4);
    match input.take(4).read_to_end(&mut head) {
        Ok(0) => Err(Error::Empty),
        Ok(_) => Ok(head),
        Err(source) => Err(Error::Read { offset: 0, input_offset: 0, source }),
    }
}

fn detect(head: &[u8]) -> Result<Compression, Error> {
    match head {
        [0x0A, 0x0D, 0x0D, 0x0A] => Ok(Compression::None),
        [0x1F, 0x8B, ..] => Ok(Compression::Gzip),
        [0x28, 0xB5, 0x2F, 0xFD] => Ok(Compression::Zstd),
        _ => Err(not_a_capture(head)),
    }
}

/// The error for bytes that begin otherwise than a capture.
pub(super) fn not_a_capture(head: &[u8]) -> Error {
    let digits: Vec<String> = head.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    Error::NotACapture { found: digits.join(" ") }
}

/// Counts what passes.
pub(super) struct Counted<R> {
    input: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.bytes += count as u64;
        Ok(count)
    }
}

/// All members of a gzip file one after the other. What follows the last member and is none is
/// ignored, as gzip itself does.
pub(super) struct Gzip<R: Read> {
    member: Option<GzDecoder<BufReader<Raw<R>>>>,
    ended: bool,
}

impl<R: Read> Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.ended {
            let Some(member) = self.member.as_mut() else { break };
            let count = match member.read(buffer) {
                Err(error) if error.kind() != ErrorKind::Interrupted => {
                    self.ended = true;
                    return Err(error);
                }
                other => other?,
            };
            if count > 0 {
                return Ok(count);
            }
            self.next_member()?;
        }
        Ok(0)
    }

    fn next_member(&mut self) -> io::Result<()> {
        let Some(member) = self.member.as_mut() else { return Ok(()) };
        // The member stays until this is known, so that a read that was interrupted can go on.
        self.ended = member.get_mut().fill_buf()?.first() != Some(&0x1F);
        if !self.ended {
            self.member = self.member.take().map(|ended| GzDecoder::new(ended.into_inner()));
        }
        Ok(())
    }
}
