//! Layers of images.

use image::{Compression, walk_layer};

use super::disk::Reader;

/// The bytes are a layer, wrapped or not.
pub(crate) fn run(data: &[u8]) {
    let mut open = || Ok(Compression::unwrap(data)?);
    let _ = walk_layer(&mut open, &mut Reader::default());
}
