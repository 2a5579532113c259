//! Windows as files: to their end, or to where they are whole.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek},
};

use capture::{
    Error, Record, Source,
    file::{
        Reader,
        block::{OVERHEAD_BYTES, SECTION},
    },
};

use crate::Window;

/// What a window holds.
#[derive(Debug)]
pub(crate) struct Held {
    /// How many events, of which times.
    pub(crate) window: Window,
    /// Why it cannot be read to its end.
    pub(crate) fault: Option<Error>,
}

/// Reads a window to its end, or to the first damage.
pub(crate) fn read(mut file: &File) -> io::Result<Held> {
    file.rewind()?;
    let mut held = Held { window: Window::default(), fault: None };
    let mut reader = match Reader::new(file) {
        Ok(reader) => reader,
        Err(fault) => return Ok(Held { fault: Some(fault), ..held }),
    };
    loop {
        match reader.next() {
            Ok(Some(Record::Event(event))) => held.window.count(event.ts_ns),
            Ok(Some(_)) => {}
            Ok(None) => return Ok(held),
            Err(fault) => return Ok(Held { fault: Some(fault), ..held }),
        }
    }
}

/// Size and digest of a file.
pub(crate) fn digest(mut file: &File) -> io::Result<(u64, String)> {
    file.rewind()?;
    let mut hasher = blake3::Hasher::new();
    let bytes = io::copy(&mut file, &mut hasher)?;
    Ok((bytes, hasher.finalize().to_hex().to_string()))
}

/// Where the last whole block ends that ends within the first `limit` bytes; 0 if the file does not
/// begin as a capture.
pub(crate) fn whole(mut file: &File, limit: u64) -> io::Result<u64> {
    file.rewind()?;
    let limit = limit.min(file.metadata()?.len());
    let mut input = BufReader::new(file);
    let mut end = 0;
    while let Some(length) = block(&mut input, limit - end, end == 0)? {
        end += length;
    }
    Ok(end)
}

/// Passes over a block; its length if it is whole and no longer than `left`.
fn block(input: &mut BufReader<&File>, left: u64, is_first: bool) -> io::Result<Option<u64>> {
    if left < u64::from(OVERHEAD_BYTES) {
        return Ok(None);
    }
    let (number, length) = (number(input)?, number(input)?);
    let is_wrong = is_first && number != SECTION || length < OVERHEAD_BYTES;
    if is_wrong || u64::from(length) > left {
        return Ok(None);
    }
    input.seek_relative(i64::from(length - OVERHEAD_BYTES))?;
    let trailer = self::number(input)?;
    Ok((trailer == length).then_some(u64::from(length)))
}

fn number(input: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

/// Where a window stops being one, if it does.
pub(crate) fn damage_offset(fault: &Error) -> u64 {
    match fault {
        Error::Truncated { offset, .. }
        | Error::Damaged { offset, .. }
        | Error::Version { offset, .. }
        | Error::Read { offset, .. } => *offset,
        Error::Empty | Error::NotACapture { .. } | Error::Packets | Error::BigEndian => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn block(number: u32, body: &[u8]) -> Vec<u8> {
        let length = (body.len() as u32 + OVERHEAD_BYTES).to_le_bytes();
        [&number.to_le_bytes(), &length[..], body, &length[..]].concat()
    }

    #[test]
    fn whole_blocks_are_passed_over_up_to_the_first_that_is_not() {
        let section = block(SECTION, &[0; 16]);
        let other = block(0x1234, &[7; 100]);
        let huge = [0x1234_u32.to_le_bytes(), u32::MAX.to_le_bytes()].concat();
        let none = [0x1234_u32.to_le_bytes(), 0_u32.to_le_bytes(), 0_u32.to_le_bytes()].concat();
        let trailer = [&other[..other.len() - 1], &[9]].concat();
        let (one, two) = (section.len() as u64, (section.len() + other.len()) as u64);
        let cases: [(&[&[u8]], u64); 9] = [
            (&[], 0),
            (&[&section], one),
            (&[&section, &other], two),
            (&[&section, &other, &section[..20]], two),
            (&[&section, &other, &huge, &other], two),
            (&[&section, &none, &other], one),
            (&[&section, &trailer, &other], one),
            (&[&other, &section], 0),
            (&[b"\x1f\x8b and more of it that is gzip"], 0),
        ];
        for (parts, want) in cases {
            let mut file = tempfile::tempfile().expect("a file");
            file.write_all(&parts.concat()).expect("written");
            assert_eq!(whole(&file, u64::MAX).expect("read"), want);
            for limit in 0..want {
                assert!(whole(&file, limit).expect("read") <= limit);
            }
        }
    }
}
