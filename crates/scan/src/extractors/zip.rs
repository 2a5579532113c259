//! Archives of ZIP (APPNOTE.TXT of PKWARE), as extractors read them: a few entries of each.

use std::io::{Read, Seek};

use flate2::read::DeflateDecoder;
use rawzip::{
    CompressionMethod, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder,
};

use crate::Error;

const FORMAT: &str = "ZIP archive";
/// Most entries of one archive that are looked into.
const MOST_ENTRIES: usize = 10_000;
/// Longest name of an entry that is looked into.
const LONGEST_NAME_BYTES: usize = 4096;
/// Most that is unpacked of one file, with all that is in it.
const MOST_UNPACKED_BYTES: u64 = 2 << 30;

/// An archive whose table of entries was found.
pub(super) struct Archive<R> {
    inner: ZipArchive<R>,
    buffer: Vec<u8>,
}

/// An entry that was asked for, and what as.
pub(super) struct Entry<W> {
    pub what: W,
    pub name: String,
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
}
/// Finds the table of an archive's entries, which is at the end.
pub(super) fn open<R: Read + Seek>(content: R) -> Result<Archive<impl ReaderAt>, Error> {
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let inner = ZipArchive::from_seekable(content, &mut buffer)
        .map_err(|error| Error::malformed(FORMAT, error))?;
    Ok(Archive { inner, buffer })
}

impl<R: ReaderAt> Archive<R> {
    /// The entries that somebody asks for by their names, up to where the table can be read.
    pub(super) fn entries<W>(
        &mut self,
        asked: impl Fn(&[u8]) -> Option<W>,
    ) -> (Vec<Entry<W>>, Result<(), Error>) {
        let mut found = Vec::new();
        let mut table = self.inner.entries(&mut self.buffer);
        loop {
            let record = match table.next_entry() {
                Ok(Some(record)) => record,
                Ok(None) => return (found, Ok(())),
                Err(error) => return (found, Err(Error::malformed(FORMAT, error))),
            };
            let path = record.file_path();
            let name: &[u8] = path.as_ref();
            if name.len() > LONGEST_NAME_BYTES {
                continue;
            }
            let Some(what) = asked(name) else { continue };
            if found.len() == MOST_ENTRIES {
                let limit = MOST_ENTRIES as u64;
                let error = Error::Limit { what: "the archive", limit, unit: "archives in it" };
                return (found, Err(error));
            }
            found.push(Entry {
                what,
                name: String::from_utf8_lossy(name).into_owned(),
                place: record.wayfinder(),
                method: record.compression_method(),
            });
        }
    }
}

/// What may still be unpacked of one file, with the archives in it.
pub(super) struct Budget {
    pub left_bytes: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left_bytes: MOST_UNPACKED_BYTES }
    }
}

impl Budget {
    /// What an entry has as text, as far as `most_bytes`.
    pub(super) fn text<R: ReaderAt, W>(
        &mut self,
        archive: &Archive<R>,
        entry: &Entry<W>,
        most_bytes: u64,
    ) -> Result<String, Error> {
        let mut bytes = Vec::new();
        self.unpack(archive, entry, most_bytes, |from, most| {
            from.take(most).read_to_end(&mut bytes)?;
            Ok(())
        })?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Hands on the bytes of an entry, and how many of them may be read.
    pub(super) fn unpack<R: ReaderAt, W>(
        &mut self,
        archive: &Archive<R>,
        entry: &Entry<W>,
        most_bytes: u64,
        take: impl FnOnce(&mut dyn Read, u64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let body = archive
            .inner
            .get_entry(entry.place)
            .map_err(|error| Error::malformed(FORMAT, error))?;
        let packed = body.reader();
        let mut unpacked: Box<dyn Read + '_> = match entry.method {
            CompressionMethod::STORE => Box::new(packed),
            CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(packed)),
            _ => {
                let why = format!("'{}' is packed neither plain nor with deflate", entry.name);
                return Err(Error::Unsupported(why));
            }
        };
        let mut counted =
            Counted { inner: &mut unpacked, left_bytes: self.left_bytes.min(most_bytes) };
        let before = counted.left_bytes;
        let taken = take(&mut counted, most_bytes);
        self.left_bytes -= before - counted.left_bytes;
        if self.left_bytes == 0 {
            let limit = MOST_UNPACKED_BYTES;
            return Err(Error::Limit { what: "what is in the archive", limit, unit: "bytes" });
        }
        taken
    }
}

/// Ends where no more may be read.
struct Counted<'a, R: ?Sized> {
    inner: &'a mut R,
    left_bytes: u64,
}

impl<R: Read + ?Sized> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = (&mut *self.inner).take(self.left_bytes).read(buffer)?;
        self.left_bytes = self.left_bytes.saturating_sub(read as u64);
        Ok(read)
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use std::io::Write;

    use rawzip::CompressionMethod;

    /// An archive of these files.
    pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
        for (at, (name, bytes)) in files.iter().enumerate() {
            let method =
                if at % 2 == 0 { CompressionMethod::DEFLATE } else { CompressionMethod::STORE };
            let (mut entry, config) =
                archive.new_file(name).compression_method(method).start().unwrap();
            let descriptor = if method == CompressionMethod::STORE {
                let mut writer = config.wrap(&mut entry);
                writer.write_all(bytes).unwrap();
                writer.finish().unwrap().1
            } else {
                let level = flate2::Compression::fast();
                let mut writer = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, level));
                writer.write_all(bytes).unwrap();
                let (encoder, descriptor) = writer.finish().unwrap();
                encoder.finish().unwrap();
                descriptor
            };
            entry.finish(descriptor).unwrap();
        }
        archive.finish().unwrap();
        out
    }
}
