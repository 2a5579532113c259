//! The layers of an image, checked while they are walked.

use std::{
    cell::Cell,
    io::{self, BufReader, Read},
    rc::Rc,
};

use super::{blobs::Blobs, config::Config, manifest::Descriptor};
use crate::{Compression, Digest, Digester, Error, Visitor, store::Unpacked, walk_layer};

const BUFFER_BYTES: usize = 256 << 10;
/// What unwraps to more than this, and to so many times what it was, is made to fill disks. Tests have
/// smaller disks.
const SUSPICIOUS_BYTES: u64 = if cfg!(test) { 64 << 20 } else { 4 << 30 };
const MOST_TIMES: u64 = 250;

/// A layer of an image.
#[derive(Debug)]
pub struct Layer {
    /// What names its bytes when they are unwrapped (`diff_id`).
    pub diff_id: Digest,
    /// What names its bytes as they lie there, where that is told.
    pub digest: Option<Digest>,
    /// The instruction that made it, where its makers say.
    pub instruction: Option<String>,
    stored: Stored,
}

/// Where the bytes of a layer are.
#[derive(Debug)]
enum Stored {
    Packed { blobs: Rc<Blobs>, part: Descriptor },
    Unpacked(Unpacked),
}

/// The layers of an image, the lowest first.
pub(super) fn of(
    blobs: &Rc<Blobs>,
    parts: &[Descriptor],
    config: &Config,
) -> Result<Vec<Layer>, Error> {
    if parts.len() != config.diff_ids.len() {
        let (layers, told) = (parts.len(), config.diff_ids.len());
        let why = format!("it has {layers} layers, and its configuration tells of {told}");
        return Err(Error::malformed("the image's manifest", why));
    }
    let layers =
        parts.iter().zip(&config.diff_ids).enumerate().map(|(at, (part, diff_id))| Layer {
            diff_id: *diff_id,
            digest: part.digest,
            instruction: config.instruction(at).map(|it| it.created_by.clone()),
            stored: Stored::Packed { blobs: Rc::clone(blobs), part: part.clone() },
        });
    Ok(layers.collect())
}

impl Layer {
    /// A layer that a store has as a folder.
    pub(crate) fn unpacked(folder: Unpacked, diff_id: Digest, config: &Config, at: usize) -> Self {
        let instruction = config.instruction(at).map(|it| it.created_by.clone());
        Self { diff_id, digest: None, instruction, stored: Stored::Unpacked(folder) }
    }

    /// How many bytes it has as it lies there, where that is told.
    pub fn size_bytes(&self) -> Option<u64> {
        match &self.stored {
            Stored::Packed { part, .. } => part.size_bytes,
            Stored::Unpacked(_) => None,
        }
    }

    /// Whether its bytes are checked against the image's promise when it is walked: not where it was
    /// unpacked, and nothing tells of what.
    pub fn is_checked(&self) -> bool {
        match &self.stored {
            Stored::Packed { .. } => true,
            Stored::Unpacked(folder) => folder.has_record(),
        }
    }

    /// Walks it. All its bytes are read, and are those that the image promises.
    ///
    /// # Errors
    /// If they are not there, are damaged, or are others; what came before that was told.
    pub fn walk(&self, visitor: &mut dyn Visitor) -> Result<(), Error> {
        match &self.stored {
            Stored::Packed { blobs, part } => walk_layer(&mut || self.open(blobs, part), visitor),
            Stored::Unpacked(folder) => folder.walk(self.diff_id, visitor),
        }
    }

    fn open(&self, blobs: &Blobs, part: &Descriptor) -> Result<Box<dyn Read>, Error> {
        let count = Rc::new(Cell::new(0));
        let stored = Counted::new(blobs.read(part)?, Rc::clone(&count));
        let stored: Box<dyn Read> = match self.digest {
            Some(expected) => Box::new(Checked::new(stored, expected)),
            None => Box::new(stored),
        };
        let plain = Compression::unwrap(BufReader::with_capacity(BUFFER_BYTES, stored))?;
        Ok(checked(plain, count, self.diff_id))
    }
}

/// The plain bytes of a layer, which end where they are beyond measure for so many that are `stored`, and
/// fail at their end where they are not those that were promised.
pub(crate) fn checked<'a>(
    plain: impl Read + 'a,
    stored: Rc<Cell<u64>>,
    diff_id: Digest,
) -> Box<dyn Read + 'a> {
    let plain = Bounded::new(plain, stored, "the layer");
    Box::new(BufReader::with_capacity(BUFFER_BYTES, Checked::new(plain, diff_id)))
}

/// Counts the bytes that are read.
pub(crate) struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R> Counted<R> {
    pub(crate) fn new(inner: R, count: Rc<Cell<u64>>) -> Self {
        Self { inner, count }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.set(self.count.get().saturating_add(read as u64));
        Ok(read)
    }
}

/// Ends where what is unwrapped is beyond measure.
pub(crate) struct Bounded<R> {
    inner: R,
    stored: Rc<Cell<u64>>,
    what: &'static str,
    bytes: u64,
}

impl<R> Bounded<R> {
    /// What is unwrapped of so many bytes that are `stored` is `what`.
    pub(crate) fn new(inner: R, stored: Rc<Cell<u64>>, what: &'static str) -> Self {
        Self { inner, stored, what, bytes: 0 }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes = self.bytes.saturating_add(read as u64);
        let most = self.stored.get().saturating_mul(MOST_TIMES).max(SUSPICIOUS_BYTES);
        if self.bytes > most {
            let (what, limit) = (self.what, most);
            return Err(io::Error::other(Error::Limit { what, limit, unit: "bytes" }));
        }
        Ok(read)
    }
}

/// Fails at its end where the bytes are not those that were promised.
struct Checked<R> {
    digester: Option<Digester<R>>,
    expected: Digest,
}

impl<R: Read> Checked<R> {
    fn new(inner: R, expected: Digest) -> Self {
        Self { digester: Some(Digester::new(inner)), expected }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(digester) = &mut self.digester else { return Ok(0) };
        let read = digester.read(buffer)?;
        if read == 0
            && !buffer.is_empty()
            && let Some(digester) = self.digester.take()
        {
            let (found, expected) = (digester.finish()?, self.expected);
            if found != expected {
                return Err(io::Error::other(Error::Digest { found, expected }));
            }
        }
        Ok(read)
    }
}
