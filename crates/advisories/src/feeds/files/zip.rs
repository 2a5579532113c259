//! ZIP archives (APPNOTE), of which each file has a checksum.

use std::{cell::RefCell, fs, io, os::unix::fs::FileExt};

use flate2::{Crc, Decompress, FlushDecompress, Status, read::DeflateDecoder};
use rawzip::{
    CompressionMethod, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipEntry, ZipLocator, ZipVerification,
};

use super::{File, Left, Limits, Take, Unread};

/// So much is read at once: files mostly lie one behind the other, and have some thousand bytes each.
const AHEAD_BYTES: usize = 256 << 10;

/// Files that have no more are unpacked at once; nearly all have not.
const SMALL_BYTES: u64 = 1 << 20;

/// Hands on each file of an archive.
pub(super) fn each(
    name: &str,
    file: fs::File,
    limits: &Limits,
    take: Take<'_>,
) -> Result<(), Unread> {
    let malformed = |error: rawzip::Error| {
        Unread::Wrong(format!("is cut short, or no ZIP archive: {error}; get it again"))
    };
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let end = file.metadata()?.len();
    let located = ZipLocator::new().locate_in_reader(Ahead::new(file), &mut buffer, end);
    let archive = located.map_err(|(_, error)| malformed(error))?;
    let mut table = archive.entries(&mut buffer);
    let mut left = Left::of(limits);
    let mut bytes = Vec::new();
    // To make one anew for each file would take as long as to unpack a small one.
    let mut inflater = None;
    let mut small = Small::new();
    let mut path = format!("{name}/");
    while let Some(record) = table.next_entry().map_err(malformed)? {
        left.entry()?;
        let raw = record.file_path();
        let within = String::from_utf8_lossy(raw.as_ref());
        if within.ends_with('/') {
            continue;
        }
        let entry = archive.get_entry(record.wayfinder()).map_err(malformed)?;
        let read = match record.compression_method() {
            CompressionMethod::STORE => {
                left.file(&mut entry.verifying_reader(entry.reader()), &mut bytes)
            }
            CompressionMethod::DEFLATE if small.unpack(&entry, &mut bytes) => left.unpacked(&bytes),
            CompressionMethod::DEFLATE => {
                let unpacked = match &mut inflater {
                    Some(inflater) => {
                        DeflateDecoder::reset(inflater, entry.reader());
                        inflater
                    }
                    none => none.insert(DeflateDecoder::new(entry.reader())),
                };
                left.file(&mut entry.verifying_reader(unpacked), &mut bytes)
            }
            _ => {
                let why = "is packed in a way that is not known; pack it with deflate".to_owned();
                Err(Unread::Wrong(why))
            }
        };
        read.and_then(|()| {
            path.truncate(name.len() + 1);
            path.push_str(&within);
            take(File { name: &path, bytes: &bytes }).map_err(Unread::Wrong)
        })
        .map_err(|unread| unread.within(&within))?;
    }
    Ok(())
}

/// Unpacks small files: what they are packed as is read whole, and unpacked in one step.
struct Small {
    inflater: Decompress,
    packed: Vec<u8>,
}

impl Small {
    fn new() -> Self {
        Self { inflater: Decompress::new(false), packed: Vec::new() }
    }

    /// Whether that is all of it, and what was packed. What is larger, or damaged, is read piece by piece, which tells
    /// what is wrong with it.
    fn unpack(&mut self, entry: &ZipEntry<'_, Ahead>, bytes: &mut Vec<u8>) -> bool {
        let mut reader = entry.reader();
        let expected = reader.claim_verifier();
        let (from, to) = entry.compressed_data_range();
        let packed_bytes = to.saturating_sub(from);
        if packed_bytes.max(expected.uncompressed_size) > SMALL_BYTES {
            return false;
        }
        self.packed.resize(packed_bytes as usize, 0);
        if io::Read::read_exact(&mut reader, &mut self.packed).is_err() {
            return false;
        }
        bytes.clear();
        bytes.reserve(expected.uncompressed_size as usize);
        self.inflater.reset(false);
        let status = self.inflater.decompress_vec(&self.packed, bytes, FlushDecompress::Finish);
        // Of what the processor has for it, which the archive's own reader does without.
        let mut crc = Crc::new();
        crc.update(bytes);
        let told = ZipVerification { crc: crc.sum(), uncompressed_size: bytes.len() as u64 };
        matches!(status, Ok(Status::StreamEnd)) && expected.valid(told).is_ok()
    }
}

/// A file of which more is read than was asked for.
struct Ahead {
    file: fs::File,
    /// From where on it was read, and what is there.
    read: RefCell<(u64, Vec<u8>)>,
}

impl Ahead {
    fn new(file: fs::File) -> Self {
        Self { file, read: RefCell::default() }
    }
}

impl ReaderAt for Ahead {
    fn read_at(&self, to: &mut [u8], offset: u64) -> io::Result<usize> {
        if to.len() >= AHEAD_BYTES {
            return self.file.read_at(to, offset);
        }
        let mut read = self.read.borrow_mut();
        let (from, bytes) = &mut *read;
        let is_there = |from: u64, bytes: &[u8]| {
            let at = usize::try_from(offset.checked_sub(from)?).ok()?;
            bytes.get(at..).filter(|rest| !rest.is_empty()).map(|_| at)
        };
        let at = match is_there(*from, bytes) {
            Some(at) => at,
            None => {
                bytes.resize(AHEAD_BYTES, 0);
                let count = self.file.read_at(bytes, offset).inspect_err(|_| bytes.clear())?;
                bytes.truncate(count);
                *from = offset;
                0
            }
        };
        let rest = bytes.get(at..).unwrap_or_default();
        let count = rest.len().min(to.len());
        if let (Some(to), Some(rest)) = (to.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(rest);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn what_is_read_ahead_is_what_is_there() {
        let whole: Vec<u8> = (0..AHEAD_BYTES * 2 + 7).map(|at| (at / 3) as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&whole).unwrap();
        let ahead = Ahead::new(file);
        for (offset, length) in [
            (0, 10),
            (5, 100),
            (AHEAD_BYTES - 3, 10),
            (AHEAD_BYTES * 2, 7),
            (3, AHEAD_BYTES + 9),
            (AHEAD_BYTES, AHEAD_BYTES - 1),
            (0, 1),
        ] {
            let mut read = vec![0; length];
            ahead.read_exact_at(&mut read, offset as u64).unwrap();
            assert_eq!(read, whole[offset..offset + length], "{offset} {length}");
        }
        for offset in [whole.len() as u64, whole.len() as u64 + 9] {
            assert_eq!(ahead.read_at(&mut [0; 9], offset).unwrap(), 0, "{offset}");
        }
    }
}
