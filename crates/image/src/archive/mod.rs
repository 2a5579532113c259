//! Images: layouts of the Open Container Initiative (image-spec v1.1), as folders and archives, and what
//! `docker save` writes.
//!
//! - `blobs`: where the parts lie: in a folder, in an archive, with somebody who has them by digests.
//! - `contents`: whoever has them by digests.
//! - `platform`: what they are made for.
//! - `manifest`: which parts an image has.
//! - `config`: what its makers say of it.
//! - `layer`: its layers, checked while they are walked.

mod blobs;
mod config;
mod contents;
mod layer;
mod manifest;
mod platform;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fs::File, path::Path, rc::Rc};

use blobs::Blobs;
pub use config::{Config, Instruction};
pub use contents::{Blob, Contents, Role};
pub use layer::Layer;
pub(crate) use layer::{Bounded, Counted, checked};
pub(crate) use manifest::Manifest;
pub use platform::Platform;

use crate::{Digest, Error};

/// Where an image lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// A folder with `oci-layout` and `index.json`.
    OciLayout,
    /// The same in an archive.
    OciArchive,
    /// What `docker save` writes.
    DockerArchive,
    /// A registry.
    Registry,
    /// The store of Podman, Buildah and CRI-O.
    Containers,
    /// The store of Docker.
    Docker,
    /// The contents of containerd.
    Containerd,
}

/// An image: what its makers say of it, and its layers, the lowest first.
#[derive(Debug)]
pub struct Image {
    /// Where it lies.
    pub source: Source,
    /// The names that it has there.
    pub names: Vec<String>,
    /// What names its manifest, where it has one.
    pub manifest: Option<Digest>,
    /// What names its configuration, which is the image's id.
    pub id: Digest,
    /// What its makers say of it.
    pub config: Config,
    /// What its manifest remarks, by key; nothing where it has no manifest.
    pub annotations: BTreeMap<String, String>,
    /// Its layers, the lowest first.
    pub layers: Vec<Layer>,
}

impl Image {
    /// Opens an image in a folder or an archive. Where there are several, `name` or `platform` says
    /// which.
    ///
    /// # Errors
    /// If it can't be read, parts are missing or not what their names promise, or it can't be said which
    /// image is meant.
    pub fn open(
        path: &Path,
        name: Option<&str>,
        platform: Option<&Platform>,
    ) -> Result<Self, Error> {
        let blobs = Blobs::open(path)?;
        let found = manifest::find(&blobs, name, platform)?;
        Self::of(blobs, found, platform)
    }

    /// Opens the image that a digest leads to, which is that of its manifest, or of an index of images
    /// for several platforms.
    ///
    /// # Errors
    /// If parts can't be had or are not what their digests promise, or none is for that platform.
    pub fn open_by_digest(
        contents: Rc<dyn Contents>,
        digest: Digest,
        platform: Option<&Platform>,
        source: Source,
        names: Vec<String>,
    ) -> Result<Self, Error> {
        let blobs = Blobs::Contents(contents);
        let found = manifest::by_digest(&blobs, digest, platform, source, names)?;
        Self::of(blobs, found, platform)
    }

    /// Opens an image that is in an open archive.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn of_file(
        file: File,
        name: Option<&str>,
        platform: Option<&Platform>,
    ) -> Result<Self, Error> {
        let blobs = Blobs::of_file(file)?;
        let found = manifest::find(&blobs, name, platform)?;
        Self::of(blobs, found, platform)
    }

    fn of(
        blobs: Blobs,
        found: manifest::Found,
        platform: Option<&Platform>,
    ) -> Result<Self, Error> {
        let blobs = Rc::new(blobs);
        let config = blobs.part(&found.config)?;
        let id = Digest::of(&config);
        let config = Config::parse(&config)?;
        // What an index says counts, for makers are often careless in their configurations.
        config.check_platform(platform.filter(|_| !found.is_of_platform))?;
        let layers = layer::of(&blobs, &found.layers, &config)?;
        Ok(Self {
            source: found.source,
            names: found.names,
            manifest: found.manifest,
            id,
            config,
            annotations: found.annotations,
            layers,
        })
    }
}
