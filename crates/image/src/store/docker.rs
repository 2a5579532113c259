//! The store of Docker on its disk, for where its daemon does not run:
//!
//! - `image/DRIVER/repositories.json`: names of images; `image/DRIVER/imagedb/content/sha256/ID`: the
//!   configuration of one;
//! - `image/DRIVER/layerdb/sha256/CHAIN/`: of each layer on those below it (image-spec, config.md,
//!   "layer chain id") the name of its folder (`cache-id`) and the record of its archive
//!   (`tar-split.json.gz`);
//! - `overlay2/CACHE/diff`, or `vfs/dir/CACHE`: the folder of a layer.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    rc::Rc,
};

use serde::Deserialize;

use super::{Form, Held, LONGEST_JSON_BYTES, Unpacked, check, dir::Dir, is_plain, layers};
use crate::{Config, Digest, Error, Image, Platform, Source};

/// The drivers whose folders can be read.
const DRIVERS: [&str; 3] = ["overlay2", "fuse-overlayfs", "vfs"];
/// Longest name of a folder.
const LONGEST_ID_BYTES: u64 = 256;

/// The store of Docker on its disk.
#[derive(Debug)]
pub struct DockerStore {
    folder: Rc<Dir>,
    held: Vec<Held>,
    /// By the ids of images.
    drivers: BTreeMap<String, &'static str>,
}

#[derive(Default, Deserialize)]
struct Repositories {
    /// Of each repository, ids by names.
    #[serde(rename = "Repositories", default)]
    names: BTreeMap<String, BTreeMap<String, String>>,
}

impl DockerStore {
    /// Opens the store in this folder of the machine whose root is `root`; `None` where there is none.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn open(root: &Path, folder: &Path) -> Result<Option<Self>, Error> {
        let folder = match Dir::open(root, folder) {
            Err(error) if error.is_not_found() => return Ok(None),
            opened => Rc::new(opened?),
        };
        let mut store = Self { folder, held: Vec::new(), drivers: BTreeMap::new() };
        let mut is_there = false;
        for driver in DRIVERS {
            is_there |= store.add(driver)?;
        }
        Ok(is_there.then_some(store))
    }

    /// Adds what there is of a driver; false where that is nothing.
    fn add(&mut self, driver: &'static str) -> Result<bool, Error> {
        let ids = match self.folder.folder(&format!("image/{driver}/imagedb/content/sha256")) {
            Err(error) if error.is_not_found() => return Ok(false),
            folder => folder?.names()?,
        };
        let path = format!("image/{driver}/repositories.json");
        let json = self.folder.read_if_there(&path, LONGEST_JSON_BYTES)?;
        let names: Repositories = match json {
            Some(json) => serde_json::from_slice(&json).map_err(|error| malformed(&path, error))?,
            None => Repositories::default(),
        };
        let mut by_id: BTreeMap<String, BTreeSet<String>> =
            ids.into_iter().map(|id| (format!("sha256:{id}"), BTreeSet::new())).collect();
        for (name, id) in names.names.into_values().flatten() {
            by_id.entry(id).or_default().insert(name);
        }
        for (id, names) in by_id {
            self.drivers.insert(id.clone(), driver);
            let names: Vec<String> = names.into_iter().collect();
            let digests = names.iter().filter_map(|name| Some(name.split_once('@')?.1.to_owned()));
            self.held.push(Held { id, digests: digests.collect(), names });
        }
        Ok(true)
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
        let driver = self.drivers.get(&held.id).ok_or_else(gone)?;
        let id = Digest::parse(&held.id).ok_or_else(gone)?;
        let path = format!("image/{driver}/imagedb/content/sha256/{}", id.hex());
        let config = self.folder.read(&path, LONGEST_JSON_BYTES)?;
        check(&config, id)?;
        let config = Config::parse(&config)?;
        config.check_platform(platform)?;
        let unpacked = chains(&config.diff_ids)
            .map(|chain| self.unpacked(driver, &chain))
            .collect::<Result<_, _>>()?;
        Ok(Image {
            source: Source::Docker,
            names: held.names.clone(),
            manifest: None,
            id,
            layers: layers(unpacked, &config)?,
            config,
            // Its store keeps no manifests.
            annotations: BTreeMap::new(),
        })
    }

    fn unpacked(&self, driver: &str, chain: &Digest) -> Result<Unpacked, Error> {
        let of_layer = format!("image/{driver}/layerdb/sha256/{}", chain.hex());
        let path = format!("{of_layer}/cache-id");
        let cache = self.folder.read(&path, LONGEST_ID_BYTES)?;
        let cache = std::str::from_utf8(&cache).unwrap_or_default().trim();
        if !is_plain(cache) {
            return Err(malformed(&path, format!("'{cache}' is no name of a layer's folder")));
        }
        let (folder, form) = match driver {
            "vfs" => (format!("vfs/dir/{cache}"), Form::Whole),
            _ => (format!("{driver}/{cache}/diff"), Form::Difference),
        };
        Unpacked::new(&self.folder, folder, form, &format!("{of_layer}/tar-split.json.gz"))
    }
}

/// What names each layer on those below it.
fn chains(diff_ids: &[Digest]) -> impl Iterator<Item = Digest> {
    diff_ids.iter().scan(None, |below: &mut Option<Digest>, diff_id| {
        let chain = match below {
            Some(below) => Digest::of(format!("{below} {diff_id}").as_bytes()),
            None => *diff_id,
        };
        *below = Some(chain);
        Some(chain)
    })
}

fn malformed(path: &str, why: impl std::fmt::Display) -> Error {
    Error::malformed("the store", format!("{path}: {why}"))
}
