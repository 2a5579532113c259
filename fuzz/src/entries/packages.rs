//! Files that extractors read packages out of.

use std::io::Cursor;

use image::{Entry, Kind};
use scan::{Found, Input, extractors};

/// The bytes as a file of this name, for the extractor of this name.
pub(super) fn read(name: &str, path: &str, data: &[u8]) {
    let extractor = extractors::ALL.iter().find(|it| it.name == name).expect("there is one");
    let size_bytes = data.len() as u64;
    let entry = Entry { path: path.as_bytes(), kind: Kind::File, mode: 0o755, size_bytes };
    let mut content = Cursor::new(data);
    let mut found = Found::default();
    let mut input = Input::new(entry, &mut content).expect("a cursor goes anywhere");
    match (extractor.extract)(&mut input, &mut found) {
        Ok(()) => {}
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    assert!(found.packages.iter().all(|package| package.locations.len() <= 1));
}
