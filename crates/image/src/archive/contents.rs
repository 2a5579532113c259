//! Contents that are had by their digests alone: of a registry, or of a store of this machine.

use std::{fmt, io::Read};

use crate::{Digest, Error};

/// What a part is to its image.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// A manifest or an index.
    Manifest,
    /// What its makers say of it.
    Config,
    /// A layer.
    Layer,
}

/// A part of an image.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Blob {
    /// What names its bytes.
    pub digest: Digest,
    /// How many bytes it has, where that is told.
    pub size_bytes: Option<u64>,
    /// What it is to its image.
    pub role: Role,
}

/// Whoever has contents by their digests.
pub trait Contents: fmt::Debug {
    /// The bytes of a part, from their beginning, as they lie there. Who reads them checks their digest,
    /// and may ask for the same part again: of a layer with hard links, for one.
    ///
    /// # Errors
    /// If it can't be had.
    fn open(&self, blob: &Blob) -> Result<Box<dyn Read>, Error>;
}
