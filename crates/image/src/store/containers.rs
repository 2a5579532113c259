//! The store of Podman, Buildah and CRI-O (containers-storage), which has of each driver
//!
//! - `DRIVER-images/images.json`: names, ids, digests and uppermost layers of images; in
//!   `DRIVER-images/ID/` the manifest and the configuration of one, by names in base64;
//! - `DRIVER-layers/layers.json`: what is below each layer; `DRIVER-layers/ID.tar-split.gz`: the record
//!   of its archive;
//! - `overlay/ID/diff`, or `vfs/dir/ID`: the folder of a layer.
//!
//! A store may go on in others (`additionalimagestores`).

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    rc::Rc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, de::DeserializeOwned};

use super::{Form, Held, LONGEST_JSON_BYTES, Unpacked, check, dir::Dir, is_plain, layers};
use crate::{Config, Digest, Error, Image, Platform, Source, archive::Manifest};

/// A store of Podman, Buildah and CRI-O, with those that it goes on in.
#[derive(Debug)]
pub struct Containers {
    parts: Vec<Part>,
    held: Vec<Held>,
}

/// What a store has of one driver.
#[derive(Debug)]
struct Part {
    folder: Rc<Dir>,
    driver: Driver,
    images: Vec<Record>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Driver {
    Overlay,
    Vfs,
}

/// One of `images.json`.
#[derive(Debug, Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    digest: Option<String>,
    /// The uppermost one; a list of images has none.
    #[serde(default)]
    layer: Option<String>,
}

/// One of `layers.json`.
#[derive(Debug, Deserialize)]
struct LayerRecord {
    id: String,
    #[serde(default)]
    parent: Option<String>,
}

impl Containers {
    /// Opens the stores in these folders of the machine whose root is `root`; `None` where there are none.
    ///
    /// # Errors
    /// If one can't be read.
    pub fn open(root: &Path, folders: &[PathBuf]) -> Result<Option<Self>, Error> {
        let mut parts = Vec::new();
        for folder in folders {
            match Dir::open(root, folder) {
                Ok(dir) => Part::all(&Rc::new(dir), &mut parts)?,
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        let held = parts.iter().flat_map(|part| &part.images).map(Record::held).collect();
        Ok((!parts.is_empty()).then_some(Self { parts, held }))
    }

    /// The images that it has.
    pub fn held(&self) -> &[Held] {
        &self.held
    }

    /// Opens one of them.
    ///
    /// # Errors
    /// If parts of it are missing, can't be read, or are not what their names promise.
    pub fn image(&self, held: &Held, platform: Option<&Platform>) -> Result<Image, Error> {
        let gone = || Error::Missing(format!("the image {}", held.id));
        let of_part = |part: &'_ Part| part.images.iter().position(|it| it.held().id == held.id);
        let found = self.parts.iter().find_map(|part| Some((part, of_part(part)?)));
        let (part, record) =
            found.and_then(|(part, at)| Some((part, part.images.get(at)?))).ok_or_else(gone)?;
        let manifest = part.document(record, "manifest")?;
        let id = Manifest::config_of(&manifest)?;
        let config = part.document(record, &id.to_string())?;
        check(&config, id)?;
        let config = Config::parse(&config)?;
        config.check_platform(platform)?;
        let unpacked =
            self.chain(record.layer.clone().unwrap_or_default(), config.diff_ids.len())?;
        Ok(Image {
            source: Source::Containers,
            names: held.names.clone(),
            manifest: Some(Digest::of(&manifest)),
            id,
            layers: layers(unpacked, &config)?,
            config,
            annotations: Manifest::annotations_of(&manifest),
        })
    }

    /// The layers up to this one, the lowest first: so many, or one more if there are more.
    fn chain(&self, uppermost: String, count: usize) -> Result<Vec<Unpacked>, Error> {
        let parents = self.parts.iter().map(Part::parents).collect::<Result<Vec<_>, _>>()?;
        let mut chain = Vec::new();
        let mut next = uppermost;
        while !next.is_empty() && chain.len() <= count {
            let found = self
                .parts
                .iter()
                .zip(&parents)
                .find_map(|(part, parents)| Some((part, parents.get(&next)?)));
            let (part, parent) =
                found.ok_or_else(|| Error::Missing(format!("the layer '{next}'")))?;
            chain.push(part.unpacked(&next)?);
            next.clone_from(parent);
        }
        chain.reverse();
        Ok(chain)
    }
}

impl Record {
    fn held(&self) -> Held {
        Held {
            id: format!("sha256:{}", self.id),
            names: self.names.clone().unwrap_or_default(),
            digests: self.digest.clone().into_iter().collect(),
        }
    }
}

impl Part {
    /// What a store has, of each driver.
    fn all(folder: &Rc<Dir>, parts: &mut Vec<Self>) -> Result<(), Error> {
        for driver in [Driver::Overlay, Driver::Vfs] {
            let path = format!("{}-images/images.json", driver.name());
            if let Some(images) = json(folder, &path)? {
                parts.push(Self { folder: Rc::clone(folder), driver, images });
            }
        }
        Ok(())
    }

    /// A document of an image, by its name.
    fn document(&self, image: &Record, name: &str) -> Result<Vec<u8>, Error> {
        if !is_plain(&image.id) {
            return Err(bad_id(&image.id));
        }
        let is_short = name.bytes().all(|it| matches!(it, b'.' | b'0'..=b'9' | b'a'..=b'z'));
        let name = if is_short { name.to_owned() } else { format!("={}", STANDARD.encode(name)) };
        let path = format!("{}-images/{}/{name}", self.driver.name(), image.id);
        self.folder.read(&path, LONGEST_JSON_BYTES)
    }

    /// What is below each layer; nothing is below the lowest.
    fn parents(&self) -> Result<HashMap<String, String>, Error> {
        let path = format!("{}-layers/layers.json", self.driver.name());
        let layers: Vec<LayerRecord> = json(&self.folder, &path)?.unwrap_or_default();
        Ok(layers.into_iter().map(|it| (it.id, it.parent.unwrap_or_default())).collect())
    }

    fn unpacked(&self, layer: &str) -> Result<Unpacked, Error> {
        if !is_plain(layer) {
            return Err(bad_id(layer));
        }
        let (folder, form) = match self.driver {
            Driver::Overlay => (format!("overlay/{layer}/diff"), Form::Difference),
            Driver::Vfs => (format!("vfs/dir/{layer}"), Form::Whole),
        };
        let record = format!("{}-layers/{layer}.tar-split.gz", self.driver.name());
        Unpacked::new(&self.folder, folder, form, &record)
    }
}

impl Driver {
    fn name(self) -> &'static str {
        match self {
            Self::Overlay => "overlay",
            Self::Vfs => "vfs",
        }
    }
}

fn json<T: DeserializeOwned>(folder: &Dir, path: &str) -> Result<Option<T>, Error> {
    let Some(bytes) = folder.read_if_there(path, LONGEST_JSON_BYTES)? else { return Ok(None) };
    let parsed = serde_json::from_slice(&bytes);
    let malformed = |error| Error::malformed("the store", format!("{path}: {error}"));
    parsed.map(Some).map_err(malformed)
}

fn bad_id(id: &str) -> Error {
    Error::malformed("the store", format!("'{id}' is no id of an image or a layer"))
}
