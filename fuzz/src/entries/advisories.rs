//! What feeds publish, of whichever form, and vectors of CVSS.

use std::path::Path;

use advisories::{
    db::{Header, Part},
    feeds,
};

/// The first line is the name of a file, and what follows is in it; each line is a vector as well.
pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for score in text.lines().filter_map(advisories::score) {
        assert!((0.0..=10.0).contains(&score.value), "{score:?}");
    }
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (name, rest) = data.split_at(end);
    let bytes = rest.get(1..).unwrap_or_default();
    let Ok(import) = feeds::read(&String::from_utf8_lossy(name), bytes) else { return };
    for part in import.gathered {
        let header = Header { feed: part.header.feed, ..Header::default() };
        let file = tempfile::tempfile().expect("a file can be made");
        let file = part.builder.write(header, None, file).expect("a part can be written");
        let part = Part::of(file, Path::new("part")).expect("what is written can be read");
        let mut entries = 0;
        part.each_entry(|_| entries += 1).expect("what is written is whole");
        assert_eq!(entries, part.header().entries);
    }
}
