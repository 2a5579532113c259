//! Whether a file is the one that its publisher promises.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::http::{Failure, Http};
use crate::feeds::Proof;

/// Longest file with a hash, bytes.
const LONGEST: u64 = 64 << 10;
const CHUNK_BYTES: usize = 256 << 10;

/// What is promised of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Promised {
    /// Nothing but its form.
    Nothing,
    /// The hash of its bytes.
    File(String),
    /// The hash of what is packed in it.
    Unpacked(String),
}

impl Promised {
    /// Asks what is promised.
    pub(super) fn of(proof: &Proof, http: &Http) -> Result<Self, Failure> {
        match proof {
            Proof::Form => Ok(Self::Nothing),
            Proof::Hash(told) => hash(told)
                .map(Self::File)
                .ok_or_else(|| Failure::Lasting(format!("'{told}' is no SHA-256"))),
            Proof::Sha256(url) => {
                let text = http.text(url, LONGEST)?;
                let first = text.split_whitespace().next().and_then(hash);
                first.map(Self::File).ok_or_else(|| none(http, url))
            }
            Proof::Meta(url) => {
                let text = http.text(url, LONGEST)?;
                let mut lines = text.lines().filter_map(|line| line.trim().split_once(':'));
                let told = lines.find(|(name, _)| *name == "sha256").and_then(|(_, it)| hash(it));
                told.map(Self::Unpacked).ok_or_else(|| none(http, url))
            }
        }
    }

    /// The hash; empty where none is promised.
    pub(super) fn sha256(&self) -> &str {
        match self {
            Self::Nothing => "",
            Self::File(hash) | Self::Unpacked(hash) => hash,
        }
    }

    /// That a file is what was promised.
    pub(super) fn check(&self, path: &Path) -> Result<(), String> {
        let file = || File::open(path).map(BufReader::new);
        let told = match self {
            Self::Nothing => return Ok(()),
            Self::File(_) => file().and_then(of),
            Self::Unpacked(_) => file().and_then(|file| of(MultiGzDecoder::new(file))),
        };
        match told {
            Ok(found) if found == self.sha256() => Ok(()),
            Ok(found) => Err(format!("its SHA-256 is {found}, and {} is published", self.sha256())),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn none(http: &Http, url: &str) -> Failure {
    Failure::Lasting(format!("{}: has no SHA-256", http.place(url)))
}

fn hash(text: &str) -> Option<String> {
    let is_hash = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| text.to_ascii_lowercase())
}

fn of(mut from: impl Read) -> io::Result<String> {
    let (mut hash, mut chunk) = (Sha256::new(), vec![0; CHUNK_BYTES]);
    loop {
        match from.read(&mut chunk)? {
            0 => break,
            read => hash.update(chunk.get(..read).unwrap_or_default()),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
