//! Puts captures together block by block.

#![allow(dead_code, clippy::expect_used, reason = "each test uses a part of it")]

use capture::{Error, Record, Source, file::Reader};

/// A capture under construction.
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Bytes {
    pub(crate) fn new() -> Self {
        Self(Vec::new()).block(0x0A0D_0D0A, &section(&[]))
    }

    pub(crate) fn block(mut self, number: u32, body: &[u8]) -> Self {
        let padded = body.len().next_multiple_of(4);
        let length = (padded as u32 + 12).to_le_bytes();
        self.0.extend(number.to_le_bytes());
        self.0.extend(length);
        self.0.extend(body);
        self.0.resize(self.0.len() + padded - body.len(), 0);
        self.0.extend(length);
        self
    }

    pub(crate) fn reader(&self) -> Reader<&[u8]> {
        Reader::new(&self.0[..]).expect("opens")
    }

    /// All records as text, and the error if there was one.
    pub(crate) fn read(&self) -> (Vec<String>, Option<Error>) {
        let mut reader = self.reader();
        let mut seen = Vec::new();
        loop {
            match reader.next() {
                Ok(Some(record)) => seen.push(format!("{record:?}")),
                Ok(None) => return (seen, None),
                Err(error) => return (seen, Some(error)),
            }
        }
    }

    #[track_caller]
    pub(crate) fn gives(&self, expected: &[Record<'_>]) {
        let mut reader = self.reader();
        for record in expected {
            assert_eq!(reader.next().expect("undamaged").as_ref(), Some(record));
        }
        assert_eq!(reader.next().expect("undamaged"), None);
    }
}

pub(crate) fn section(options: &[u8]) -> Vec<u8> {
    let mut body = vec![0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 2, 0];
    body.extend([0xFF; 8]);
    body.extend(options);
    body
}

pub(crate) fn string(out: &mut Vec<u8>, text: &[u8]) {
    out.extend((text.len() as u16).to_le_bytes());
    out.extend(text);
}
