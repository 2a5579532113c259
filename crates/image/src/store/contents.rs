//! The contents of containerd: `blobs/sha256/HEX` in the folder of its content store, packed as they
//! came, by their digests as in a layout of the Open Container Initiative. Names are not among them.

use std::{path::Path, rc::Rc};

use super::{Held, dir::Dir};
use crate::{
    Error, Image, Platform,
    archive::{Blobs, by_digest},
};

/// The contents of containerd.
#[derive(Debug)]
pub struct Contents(Rc<Blobs>);

impl Contents {
    /// Opens those in this folder of the machine whose root is `root`.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn open(root: &Path, folder: &Path) -> Result<Self, Error> {
        Ok(Self(Rc::new(Blobs::Store(Dir::open(root, folder)?))))
    }

    /// Opens the image whose manifest, or list of manifests, its id names.
    ///
    /// # Errors
    /// If parts of it are missing, can't be read, or are not what their names promise.
    pub fn image(&self, held: &Held, platform: Option<&Platform>) -> Result<Image, Error> {
        let found = by_digest(&self.0, &held.id, held.names.clone(), platform)?;
        Image::of(&self.0, found)
    }
}
