//! A part of the database of advisories.

use std::{io::Write, path::Path};

use advisories::{Space, db::Part};

/// The bytes are a part.
pub(crate) fn run(data: &[u8]) {
    let mut file = tempfile::tempfile().expect("a file can be made");
    file.write_all(data).expect("a file can be written");
    let part = match Part::of(file, Path::new("part")) {
        Ok(part) => part,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let npm = Space::named("npm");
    let _ = part.entries(["left", "right"].map(|name| (&npm, name)).into_iter());
    let _ = part.details(["CVE-2026-1", "GHSA-1"].into_iter());
    let _ = part.each_entry(|entry| drop(entry.id));
}
