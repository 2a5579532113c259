//! What the stores of container engines have beside layers: records of archives, and databases of names.

use std::io::{self, Cursor, Read};

use image::{Opened, Rebuilt, Sought, containerd_names, seek, walk_layer};

use super::disk::Reader;

/// So much of an archive is made again: sizes of files are what the record says.
const ARCHIVE_BYTES: u64 = 1 << 20;
/// What each file has.
const FILE: &[u8] = &[b'x'; 4096];

/// The bytes are a record, and a database.
pub(crate) fn run(data: &[u8]) {
    let mut open = || {
        let files = |_: &[u8]| -> io::Result<Opened> { Ok(Box::new(FILE)) };
        Ok(Box::new(Rebuilt::new(data, files).take(ARCHIVE_BYTES)) as Box<dyn Read>)
    };
    let _ = walk_layer(&mut open, &mut Reader::default());
    let Ok(images) = containerd_names(Cursor::new(data)) else { return };
    let held: Vec<_> = images.into_iter().map(|(_, held)| held).collect();
    for image in &held {
        // Whatever an image is called, it is found by that.
        assert!(!matches!(seek(&held, image.title()), Sought::None(_)));
    }
}
