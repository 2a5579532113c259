//! Archives of tar (POSIX 1003.1, pax): headers and files in blocks of 512 bytes, and two blocks of zeros for an end.

use std::{
    cell::Cell,
    io::{self, Read},
};

use super::{File, Left, Limits, Take, Unread};

/// Bytes of zeros that are the end.
const END_BYTES: u64 = 1024;
const CHUNK_BYTES: usize = 64 << 10;

/// Hands on each file of an archive, which has to have its end.
pub(super) fn each(
    name: &str,
    from: &mut dyn Read,
    limits: &Limits,
    take: Take<'_>,
) -> Result<(), Unread> {
    let zeros = Cell::new(0);
    let mut archive = tar::Archive::new(Watched { from, zeros: &zeros });
    let mut left = Left::of(limits);
    let mut bytes = Vec::new();
    let mut last = None;
    for entry in archive.entries()? {
        let mut entry = entry.map_err(|error| cut(error, last.as_deref()))?;
        left.entry()?;
        let within = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if entry.header().entry_type().is_file() {
            let in_archive = format!("{name}/{}", within.trim_start_matches("./"));
            left.file(&mut entry, &mut bytes)
                .and_then(|()| {
                    take(File { name: &in_archive, bytes: &bytes }).map_err(Unread::Wrong)
                })
                .map_err(|unread| unread.within(&within))?;
        } else {
            // It is read over.
            left.take(entry.size()).map_err(|unread| unread.within(&within))?;
        }
        last = Some(within);
    }
    // What reads entries stops within the end, whose second block may be missing.
    let behind = rest(archive.into_inner().from, &mut Left::of(limits))?;
    if zeros.get() + behind.zeros < END_BYTES {
        let last = last.map_or_else(String::new, |last| format!(" behind {last}"));
        return Err(Unread::Wrong(format!("is cut short: its end is missing{last}; get it again")));
    }
    match behind.is_more {
        true => Err(Unread::Wrong(
            "has something behind its end; where several archives were put together, import each"
                .to_owned(),
        )),
        false => Ok(()),
    }
}

/// What is behind the last entry.
#[derive(Default)]
struct Behind {
    /// So many zeros.
    zeros: u64,
    /// Whether there is anything else.
    is_more: bool,
}

/// Reads what is left, to the end of what it is packed in, whose checksum stands there.
fn rest(from: &mut dyn Read, left: &mut Left<'_>) -> Result<Behind, Unread> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut behind = Behind::default();
    loop {
        let read = match from.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if read == 0 {
            return Ok(behind);
        }
        left.take(read as u64)?;
        if !behind.is_more {
            let zeros = chunk.iter().take(read).take_while(|byte| **byte == 0).count();
            behind.zeros += zeros as u64;
            behind.is_more = zeros < read;
        }
    }
}

/// Why there is no next entry, and behind which.
fn cut(error: io::Error, last: Option<&str>) -> Unread {
    match last {
        Some(last) => Unread::Io(error).within(&format!("behind {last}")),
        None => Unread::Io(error),
    }
}

/// What is read, and how many zeros it ends with so far.
struct Watched<'a> {
    from: &'a mut dyn Read,
    zeros: &'a Cell<u64>,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count();
        let before = if zeros == read { self.zeros.get() } else { 0 };
        self.zeros.set(before + zeros as u64);
        Ok(read)
    }
}
