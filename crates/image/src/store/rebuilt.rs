//! The archive of a layer, made again of the record that was kept of it and the files that were
//! unpacked.
//!
//! The record, which Docker and containers-storage share (the library tar-split), is a JSON object on
//! each line: `type` 2 has bytes of the archive as they are (headers and what fills up), as `payload`
//! in base64; `type` 1 stands for the `size` bytes of the file `name`.

use std::{
    borrow::Cow,
    io::{self, BufRead, Cursor, Read},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

use crate::{Error, entry::MOST_ENTRIES, tidy};

/// Longest line of a record. What fills up an archive is recorded by the MiB.
const LONGEST_LINE_BYTES: u64 = 16 << 20;
const FILE: u8 = 1;
const BYTES: u8 = 2;

/// A file that was opened for its bytes.
pub type Opened = Box<dyn Read>;

/// Reads the archive that a record is of.
pub struct Rebuilt<R, F> {
    record: R,
    open: F,
    now: Now,
    /// Lines that were read.
    lines: u64,
}

/// What comes next.
enum Now {
    Bytes(Cursor<Vec<u8>>),
    File { path: Vec<u8>, file: Opened, left_bytes: u64 },
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: u8,
    #[serde(default, borrow)]
    name: Option<Cow<'a, str>>,
    /// In base64, where the name is not UTF-8.
    #[serde(default, borrow)]
    name_raw: Option<Cow<'a, str>>,
    #[serde(default)]
    size: u64,
    #[serde(default, borrow)]
    payload: Option<Cow<'a, str>>,
}

impl<R: BufRead, F: FnMut(&[u8]) -> io::Result<Opened>> Rebuilt<R, F> {
    /// Of a record, and whatever opens the file of a name.
    pub fn new(record: R, open: F) -> Self {
        Self { record, open, now: Now::Bytes(Cursor::default()), lines: 0 }
    }

    /// Goes on with the next line; false where there is none.
    fn next(&mut self) -> Result<bool, Error> {
        let mut line = Vec::new();
        let limit = LONGEST_LINE_BYTES;
        (&mut self.record).take(limit + 1).read_until(b'\n', &mut line)?;
        if line.len() as u64 > limit {
            return Err(Error::Limit {
                what: "a line of the layer's record",
                limit,
                unit: "bytes",
            });
        }
        if line.is_empty() {
            return Ok(false);
        }
        self.lines += 1;
        if self.lines > 2 * MOST_ENTRIES {
            let limit = MOST_ENTRIES;
            return Err(Error::Limit { what: "the layer's record", limit, unit: "entries" });
        }
        if !line.trim_ascii().is_empty() {
            let line: Line<'_> = serde_json::from_slice(&line).map_err(malformed)?;
            self.take(&line)?;
        }
        Ok(true)
    }

    fn take(&mut self, line: &Line<'_>) -> Result<(), Error> {
        match line.kind {
            BYTES => {
                let bytes = decoded(line.payload.as_deref().unwrap_or_default())?;
                self.now = Now::Bytes(Cursor::new(bytes));
            }
            FILE if line.size > 0 => {
                let mut path = Vec::new();
                tidy(&line.name()?, &mut path)?;
                let opened = (self.open)(&path);
                let file = opened.map_err(|error| of_file(&path, &error.to_string()))?;
                self.now = Now::File { path, file, left_bytes: line.size };
            }
            // Whatever has no bytes is whole in its header.
            FILE => {}
            other => return Err(malformed(format!("it has an entry of the unknown type {other}"))),
        }
        Ok(())
    }
}

impl Line<'_> {
    fn name(&self) -> Result<Vec<u8>, Error> {
        match &self.name_raw {
            Some(raw) => decoded(raw),
            None => Ok(self.name.as_deref().unwrap_or_default().as_bytes().to_vec()),
        }
    }
}

impl<R: BufRead, F: FnMut(&[u8]) -> io::Result<Opened>> Read for Rebuilt<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.now.read(buffer)?;
            if read > 0 || buffer.is_empty() || !self.next().map_err(io::Error::other)? {
                return Ok(read);
            }
        }
    }
}

impl Now {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Bytes(bytes) => bytes.read(buffer),
            Self::File { path, file, left_bytes } => {
                let read = file.take(*left_bytes).read(buffer)?;
                if read == 0 && *left_bytes > 0 && !buffer.is_empty() {
                    let why = "it is shorter than it was when the layer was unpacked";
                    return Err(io::Error::other(of_file(path, why)));
                }
                *left_bytes -= read as u64;
                Ok(read)
            }
        }
    }
}

fn decoded(base64: &str) -> Result<Vec<u8>, Error> {
    STANDARD.decode(base64).map_err(malformed)
}

fn malformed(why: impl ToString) -> Error {
    Error::malformed("the layer's record", why)
}

fn of_file(path: &[u8], why: &str) -> Error {
    let path = String::from_utf8_lossy(path);
    Error::Unsupported(format!("the file '{path}' of the layer's folder: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rebuilt(record: &str) -> io::Result<Vec<u8>> {
        let open = |path: &[u8]| match path {
            b"etc/a" => Ok(Box::new(&b"bytes of it"[..]) as Opened),
            _ => Err(io::ErrorKind::NotFound.into()),
        };
        let mut bytes = Vec::new();
        Rebuilt::new(record.as_bytes(), open).read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn an_archive_is_made_of_its_record_and_its_files() {
        let record = r#"{"type":2,"payload":"SGVhZA==","position":0}
{"type":1,"name":"./etc/","payload":null,"position":1}

{"type":1,"name":"./etc/a","size":5,"payload":"YUbwAAAAAAA=","position":2}
{"type":1,"name_raw":"ZXRjL2E=","size":11}
{"type":2,"payload":"ZW5k"}"#;
        assert_eq!(rebuilt(record).unwrap(), b"Headbytesbytes of itend");
        assert_eq!(rebuilt("").unwrap(), b"");
    }

    #[test]
    fn what_is_no_record_is_told() {
        let long = format!("{{\"type\":2,\"payload\":\"{}\"}}", "A".repeat(17 << 20));
        for (record, why) in [
            (r#"{"type":1,"name":"etc/a","size":12}"#, "shorter"),
            (r#"{"type":1,"name":"etc/b","size":1}"#, "'etc/b'"),
            (r#"{"type":1,"name":"../etc/a","size":1}"#, "'..'"),
            (r#"{"type":1,"name":"etc/a","size":-1}"#, "malformed"),
            (r#"{"type":2,"payload":"?"}"#, "malformed"),
            (r#"{"type":3}"#, "type 3"),
            ("{\n}", "malformed"),
            (&long, "limit"),
        ] {
            let error = rebuilt(record).unwrap_err().to_string();
            assert!(error.contains(why), "{}: {error}", &record[..record.len().min(40)]);
        }
    }
}
