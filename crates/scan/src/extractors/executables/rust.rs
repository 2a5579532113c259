//! Crates that a program was built from: cargo-auditable puts their list, JSON in zlib, into the section
//! `.dep-v0`.

use std::io::Read;

use flate2::read::ZlibDecoder;
use serde::Deserialize;

use super::elf::Elf;
use crate::{Error, Extractor, Kind, Package, Pattern, Setting};

/// Crates of a program.
pub(crate) const BINARY: Extractor = Extractor {
    name: "rust-binary",
    about: "crates that a program was built from with cargo-auditable",
    setting: Setting::Installed,
    files: &[Pattern::Executable],
    extract: |input, found| {
        let Some(mut elf) = Elf::open(input.content())? else { return Ok(()) };
        if let Some(range) = elf.section(b".dep-v0")? {
            found.packages = packages(&elf.read(range, LONGEST_BYTES)?)?;
        }
        Ok(())
    },
};

/// Longest list, with and without what wraps it.
const LONGEST_BYTES: u64 = 8 << 20;
const FORMAT: &str = "list of crates";

#[derive(Deserialize)]
struct List {
    packages: Vec<Crate>,
}

#[derive(Deserialize)]
struct Crate {
    name: String,
    version: String,
    #[serde(default)]
    kind: Use,
}

/// What a crate is needed for.
#[derive(Deserialize, Default, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Use {
    #[default]
    Runtime,
    /// To build, which says nothing of the program.
    #[serde(other)]
    Other,
}

fn packages(wrapped: &[u8]) -> Result<Vec<Package>, Error> {
    let mut text = Vec::new();
    let read = ZlibDecoder::new(wrapped).take(LONGEST_BYTES + 1).read_to_end(&mut text);
    read.map_err(|error| Error::malformed(FORMAT, error))?;
    if text.len() as u64 > LONGEST_BYTES {
        return Err(Error::Limit {
            what: "the list of crates",
            limit: LONGEST_BYTES,
            unit: "bytes",
        });
    }
    let list: List =
        serde_json::from_slice(&text).map_err(|error| Error::malformed(FORMAT, error))?;
    let runtime = list.packages.into_iter().filter(|it| it.kind == Use::Runtime);
    Ok(runtime.map(|it| Package::new(Kind::Cargo, it.name, it.version)).collect())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;
    use crate::extractors::{executables::testing::program, found, listed};

    fn wrapped(text: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn crates_of_a_program_are_listed() {
        let list = r#"{"packages":[
            {"name":"adler","version":"0.2.3","source":"registry"},
            {"name":"cc","version":"1.0","source":"registry","kind":"build"},
            {"name":"tool","version":"0.1.0","source":"local","dependencies":[0],"root":true},
            {"name":"own","version":"1.0.0+x","source":"git","kind":"runtime"}]}"#;
        let program = program(b".dep-v0", &wrapped(list.as_bytes()));
        let expected = ["adler 0.2.3", "tool 0.1.0", "own 1.0.0+x"];
        assert_eq!(listed(&BINARY, "usr/bin/tool", program), expected);
    }

    #[test]
    fn what_is_no_list_is_told_of() {
        for (section, why) in [
            (b"no zlib".to_vec(), "corrupt deflate stream"),
            (wrapped(b"{}"), "missing field `packages` at line 1 column 2"),
            (wrapped(&vec![b' '; 9 << 20]), "the list of crates has more than 8388608 bytes"),
        ] {
            let error = found(&BINARY, "usr/bin/tool", program(b".dep-v0", &section)).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
    }

    #[test]
    fn programs_without_a_list_have_none() {
        for file in
            [program(b".dep-v", b"x"), b"#!/bin/sh".to_vec(), b"\x7fELF".to_vec(), Vec::new()]
        {
            assert!(found(&BINARY, "usr/bin/tool", file).unwrap().is_empty());
        }
    }
}
