//! The files in which Podman and CRI-O keep their containers.
//!
//! Podman has no daemon, and its socket is there only where somebody switched it on. Its storage,
//! which it shares with CRI-O, has
//!
//! - `overlay-containers/containers.json`: all containers with names and image; those that are removed
//!   when they end (`--rm`) in `volatile-containers.json` beside it;
//! - `overlay-containers/ID/userdata/config.json`: the OCI runtime spec of one;
//! - `overlay-images/images.json`: names and digests of images, and in `overlay-images/ID/` the
//!   configuration of one, which has the labels that it brings along.
//!
//! What `podman run --label` adds, and addresses, are in a database, which is not read.

mod map;

use std::io;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::de::DeserializeOwned;

pub(crate) use map::{Container, Found, Image, describe};

use crate::{
    description::Description,
    failure::{Failure, Said},
    lenient::read,
    place::{Folder, Place},
};

/// Drivers that a storage may be of; each names its folders.
const DRIVERS: [&str; 4] = ["overlay", "vfs", "btrfs", "zfs"];
const LISTS: [&str; 2] = ["containers.json", "volatile-containers.json"];

/// An open storage.
pub(crate) struct Storage {
    folder: Folder,
    driver: &'static str,
    most_bytes: usize,
}

impl Storage {
    pub(crate) fn open(place: &Place, most_bytes: usize) -> Result<Self, Failure> {
        let folder = place.folder().map_err(Failure::of_opening)?;
        for driver in DRIVERS {
            match folder.folder(format!("{driver}-containers")) {
                Ok(_) => return Ok(Self { folder, driver, most_bytes }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Failure::Open(error)),
            }
        }
        Err(Failure::Absent)
    }

    /// The container whose id begins so.
    pub(crate) fn ask(&self, id: &str) -> Said<Description> {
        for list in LISTS {
            let containers = self.containers(list)?;
            let found = containers.into_iter().find(|container| container.id.starts_with(id));
            if let Some(container) = found.filter(|container| is_plain(&container.id)) {
                return self.container(container).map(Some);
            }
        }
        Ok(None)
    }

    /// Ids of all containers: whether one runs is not told.
    pub(crate) fn list(&self) -> Result<Vec<String>, Failure> {
        let mut ids = Vec::new();
        for list in LISTS {
            ids.extend(self.containers(list)?.into_iter().map(|container| container.id));
        }
        Ok(ids)
    }

    fn containers(&self, list: &str) -> Result<Vec<Container>, Failure> {
        let path = format!("{}-containers/{list}", self.driver);
        Ok(self.json(&path)?.unwrap_or_default())
    }

    fn container(&self, container: Container) -> Result<Description, Failure> {
        let spec = format!("{}-containers/{}/userdata/config.json", self.driver, container.id);
        // It is written when the container begins, so it may still be missing.
        let spec = self.json(&spec)?.unwrap_or_default();
        // Without its image a container is still what it is.
        let image = self.image(&container.image).unwrap_or_default();
        let config = self.image_config(&container.image).unwrap_or_default();
        Ok(describe(Found { container, spec, image, config }))
    }

    fn image(&self, id: &str) -> Option<Image> {
        let images = self.json::<Vec<Image>>(&format!("{}-images/images.json", self.driver));
        images.ok()??.into_iter().find(|image| image.id == id)
    }

    fn image_config(&self, id: &str) -> Option<map::ImageConfig> {
        if !is_plain(id) {
            return None;
        }
        let name = STANDARD.encode(format!("sha256:{id}"));
        self.json(&format!("{}-images/{id}/={name}", self.driver)).ok()?
    }

    fn json<T: DeserializeOwned>(&self, path: &str) -> Said<T> {
        match self.folder.read(path, self.most_bytes) {
            Ok(json) => {
                read(&json).map(Some).map_err(|error| Failure::garbage(format!("{path}: {error}")))
            }
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound => Ok(None),
                io::ErrorKind::FileTooLarge => {
                    Err(Failure::TooLong { most_bytes: self.most_bytes })
                }
                _ => Err(Failure::Open(error)),
            },
        }
    }
}

/// Whether this is a name in a folder and nothing else.
fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
