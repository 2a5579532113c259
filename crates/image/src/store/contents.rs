//! The contents of containerd: `blobs/sha256/HEX` in the folder of its content store, packed as they
//! came. Names are not among them.

use std::{io::Read, path::Path};

use super::dir::Dir;
use crate::{Blob, Contents, Error};

/// The contents of containerd, on its disk.
#[derive(Debug)]
pub struct ContentStore(Dir);

impl ContentStore {
    /// Opens those in this folder of the machine whose root is `root`.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn open(root: &Path, folder: &Path) -> Result<Self, Error> {
        Dir::open(root, folder).map(Self)
    }
}

impl Contents for ContentStore {
    fn open(&self, blob: &Blob) -> Result<Box<dyn Read>, Error> {
        let file = self.0.file(&format!("blobs/sha256/{}", blob.digest.hex()))?;
        Ok(Box::new(file))
    }
}
