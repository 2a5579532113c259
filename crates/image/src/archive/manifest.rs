//! Which parts an image has: image-spec's index.md, manifest.md and image-layout.md; of `docker save`
//! the list in `manifest.json`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Platform, Source,
    blobs::Blobs,
    contents::{Blob, Role},
};
use crate::{Digest, Error};

/// Where the name of an image stands in an index.
const REF_NAME: &str = "org.opencontainers.image.ref.name";
const FULL_NAME: &str = "io.containerd.image.name";
/// What the configuration of an image says that it is.
const CONFIGS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];
/// So deep may an index be in another.
const MOST_LEVELS: u32 = 4;

/// A part of an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Descriptor {
    /// Where it lies.
    pub(super) name: String,
    /// What names its bytes, where that is told.
    pub(super) digest: Option<Digest>,
    /// How many bytes it has, where that is told.
    pub(super) size_bytes: Option<u64>,
    /// What it is to the image.
    pub(super) role: Role,
}

impl Descriptor {
    /// Checks that bytes are those that are promised.
    pub(super) fn check(&self, bytes: &[u8]) -> Result<(), Error> {
        let found = Digest::of(bytes);
        match self.digest {
            Some(expected) if expected != found => Err(Error::Digest { found, expected }),
            _ => Ok(()),
        }
    }

    /// A part that has only a name.
    fn named(name: &str, digest: Option<Digest>, role: Role) -> Self {
        Self { name: name.to_owned(), digest, size_bytes: None, role }
    }

    /// A part of a layout, which lies where its digest says.
    fn blob(blob: Blob) -> Self {
        let name = format!("blobs/sha256/{}", blob.digest.hex());
        Self { name, digest: Some(blob.digest), size_bytes: blob.size_bytes, role: blob.role }
    }

    /// The part as whoever has contents by their digests knows it.
    pub(super) fn as_blob(&self) -> Option<Blob> {
        let (size_bytes, role) = (self.size_bytes, self.role);
        self.digest.map(|digest| Blob { digest, size_bytes, role })
    }
}

/// The parts of one image.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) source: Source,
    pub(super) names: Vec<String>,
    pub(super) manifest: Option<Digest>,
    /// Whether an index said that it is for the platform that was asked for.
    pub(super) is_of_platform: bool,
    pub(super) config: Descriptor,
    pub(super) layers: Vec<Descriptor>,
    pub(super) annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Listed>,
}

#[derive(Clone, Deserialize)]
struct Listed {
    digest: String,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    platform: Option<Platform>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

/// What an image consists of.
#[derive(Deserialize)]
pub(crate) struct Manifest {
    config: Part,
    layers: Vec<Part>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Part {
    digest: String,
    #[serde(default, rename = "mediaType")]
    media_type: String,
    #[serde(default)]
    size: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

/// Finds the image that is meant.
pub(super) fn find(
    blobs: &Blobs,
    name: Option<&str>,
    platform: Option<&Platform>,
) -> Result<Found, Error> {
    // What Docker saves now has both; its own list has the names as people know them.
    match blobs.json("manifest.json") {
        Err(error) if error.is_missing() => layout(blobs, name, platform),
        json => saved(&json?, name),
    }
}

fn saved(json: &[u8], name: Option<&str>) -> Result<Found, Error> {
    let images: Vec<Saved> = serde_json::from_slice(json).map_err(malformed)?;
    let of = |image: &Saved| image.repo_tags.clone().unwrap_or_default();
    let chosen = choose(&images, name, |image| of(image))?;
    Ok(Found {
        source: Source::DockerArchive,
        names: of(chosen),
        manifest: None,
        is_of_platform: false,
        config: Descriptor::named(&chosen.config, digest_in(&chosen.config), Role::Config),
        layers: chosen
            .layers
            .iter()
            .map(|name| Descriptor::named(name, None, Role::Layer))
            .collect(),
        annotations: BTreeMap::new(),
    })
}

/// The digest that a configuration's name is made of.
fn digest_in(name: &str) -> Option<Digest> {
    let stem = name.rsplit('/').next().unwrap_or(name);
    Digest::parse(&format!("sha256:{}", stem.strip_suffix(".json").unwrap_or(stem)))
}

fn layout(blobs: &Blobs, name: Option<&str>, platform: Option<&Platform>) -> Result<Found, Error> {
    let neither =
        "it is no image: there is neither a manifest.json (docker save) nor an index.json (OCI)";
    let index = blobs.json("index.json").map_err(|error| match error.is_missing() {
        true => Error::Unsupported(neither.to_owned()),
        false => error,
    })?;
    let index: Index = serde_json::from_slice(&index).map_err(malformed)?;
    let images: Vec<Listed> =
        index.manifests.into_iter().filter(|it| !it.is_attestation()).collect();
    // Images of several platforms by one name are one image.
    let chosen = match name {
        None if images.iter().all(|image| image.platform.is_some()) && images.len() > 1 => {
            by_platform(&images, platform)?
        }
        _ => choose(&images, name, Listed::names)?,
    };
    let names = chosen.names();
    let source = match blobs {
        Blobs::Folder(_) => Source::OciLayout,
        Blobs::Archive { .. } | Blobs::Contents(_) => Source::OciArchive,
    };
    led_to(blobs, chosen.clone(), platform, source, names)
}

/// The image that a digest leads to, by way of indices of platforms.
pub(super) fn by_digest(
    blobs: &Blobs,
    digest: Digest,
    platform: Option<&Platform>,
    source: Source,
    names: Vec<String>,
) -> Result<Found, Error> {
    let top = Listed { digest: digest.to_string(), size: None, platform: None, annotations: None };
    led_to(blobs, top, platform, source, names)
}

/// The image that an entry leads to, by way of indices of platforms.
fn led_to(
    blobs: &Blobs,
    mut listed: Listed,
    platform: Option<&Platform>,
    source: Source,
    names: Vec<String>,
) -> Result<Found, Error> {
    for _ in 0..MOST_LEVELS {
        let part = Descriptor::blob(blob(&listed.digest, listed.size, Role::Manifest)?);
        match Document::parse(&blobs.part(&part)?)? {
            Document::Manifest(manifest) => {
                let (config, layers) = manifest.parts()?;
                let told = platform.zip(listed.platform.as_ref());
                let is_of_platform = told.is_some_and(|(wanted, told)| wanted.is_met_by(told));
                let (digest, annotations) = (part.digest, manifest.annotations.unwrap_or_default());
                return Ok(Found {
                    source,
                    names,
                    manifest: digest,
                    is_of_platform,
                    config,
                    layers,
                    annotations,
                });
            }
            Document::Index(index) => {
                let images: Vec<Listed> =
                    index.manifests.into_iter().filter(|it| !it.is_attestation()).collect();
                listed = by_platform(&images, platform)?.clone();
            }
        }
    }
    Err(malformed(format!("there are more than {MOST_LEVELS} indices in each other")))
}

fn blob(digest: &str, size_bytes: Option<u64>, role: Role) -> Result<Blob, Error> {
    let digest = Digest::parse(digest)
        .ok_or_else(|| malformed(format!("'{digest}' is no digest that can be checked")))?;
    Ok(Blob { digest, size_bytes, role })
}

/// What a digest of an image may lead to.
enum Document {
    Index(Index),
    Manifest(Manifest),
}

/// The keys by which documents are told from each other. What media type they are said to have counts
/// for nothing: a document must not be one thing to one reader and another to the next.
#[derive(Deserialize)]
struct Keys {
    manifests: Option<serde::de::IgnoredAny>,
    layers: Option<serde::de::IgnoredAny>,
    config: Option<serde::de::IgnoredAny>,
    #[serde(rename = "fsLayers")]
    fs_layers: Option<serde::de::IgnoredAny>,
}

impl Document {
    fn parse(json: &[u8]) -> Result<Self, Error> {
        let keys: Keys = serde_json::from_slice(json).map_err(malformed)?;
        match (keys.manifests.is_some(), keys.layers.is_some() || keys.config.is_some()) {
            (true, true) => Err(malformed("it is both an index and a manifest")),
            (true, false) => serde_json::from_slice(json).map(Self::Index).map_err(malformed),
            (false, true) => serde_json::from_slice(json).map(Self::Manifest).map_err(malformed),
            (false, false) if keys.fs_layers.is_some() => Err(Error::Unsupported(
                "its manifest has Docker's schema 1, which was given up in 2017; push the image \
                 again with a tool of today"
                    .to_owned(),
            )),
            (false, false) => Err(malformed("it is neither an index nor a manifest of an image")),
        }
    }
}

impl Manifest {
    /// What names the configuration that a manifest tells of.
    pub(crate) fn config_of(json: &[u8]) -> Result<Digest, Error> {
        match Document::parse(json)? {
            Document::Manifest(manifest) => {
                Ok(blob(&manifest.config.digest, None, Role::Config)?.digest)
            }
            Document::Index(_) => Err(Error::Unsupported(
                "it is a list of images, not an image; name one of them".to_owned(),
            )),
        }
    }

    /// What a manifest remarks; nothing where it is none.
    pub(crate) fn annotations_of(json: &[u8]) -> BTreeMap<String, String> {
        match Document::parse(json) {
            Ok(Document::Manifest(manifest)) => manifest.annotations.unwrap_or_default(),
            Ok(Document::Index(_)) | Err(_) => BTreeMap::new(),
        }
    }

    /// Configuration and layers.
    fn parts(&self) -> Result<(Descriptor, Vec<Descriptor>), Error> {
        let media_type = &self.config.media_type;
        if !media_type.is_empty() && !CONFIGS.contains(&media_type.as_str()) {
            return Err(Error::Unsupported(format!(
                "it is no image: its configuration is of the type '{}'",
                media_type.escape_debug()
            )));
        }
        let layers = self.layers.iter().map(|part| part.descriptor(Role::Layer));
        Ok((self.config.descriptor(Role::Config)?, layers.collect::<Result<_, _>>()?))
    }
}

impl Part {
    fn descriptor(&self, role: Role) -> Result<Descriptor, Error> {
        Ok(Descriptor::blob(blob(&self.digest, self.size, role)?))
    }
}

impl Listed {
    fn names(&self) -> Vec<String> {
        let annotations = self.annotations.iter().flatten();
        annotations
            .filter(|(key, _)| [REF_NAME, FULL_NAME].contains(&key.as_str()))
            .map(|(_, name)| name.clone())
            .collect()
    }

    /// What BuildKit says of an image stands beside it, as if it were one.
    fn is_attestation(&self) -> bool {
        self.platform.as_ref().is_some_and(|platform| platform.os == "unknown")
    }
}

fn by_platform<'a>(images: &'a [Listed], platform: Option<&Platform>) -> Result<&'a Listed, Error> {
    if let ([only], None) = (images, platform) {
        return Ok(only);
    }
    let own = Platform::own();
    let wanted = platform.unwrap_or(&own);
    let met = |image: &&Listed| image.platform.as_ref().is_some_and(|it| wanted.is_met_by(it));
    // What an entry without a platform is for, only what it leads to can say.
    let untold = || images.iter().find(|image| image.platform.is_none());
    images.iter().find(met).or_else(untold).ok_or_else(|| {
        let there: Vec<String> =
            images.iter().filter_map(|it| it.platform.as_ref()).map(Platform::to_string).collect();
        Error::Unsupported(format!(
            "there is no image for {wanted}; choose one with --platform: {}",
            there.join(", ")
        ))
    })
}

/// The one of this name, or the only one.
fn choose<'a, T>(
    images: &'a [T],
    name: Option<&str>,
    names: impl Fn(&T) -> Vec<String>,
) -> Result<&'a T, Error> {
    let found = match name {
        Some(name) => images.iter().find(|image| names(image).iter().any(|it| it == name)),
        None => match images {
            [only] => Some(only),
            _ => None,
        },
    };
    found.ok_or_else(|| {
        let there: Vec<String> = images.iter().flat_map(&names).collect();
        Error::Unsupported(match (name, images.len()) {
            (_, 0) => "there is no image in it".to_owned(),
            (Some(name), _) => {
                format!("there is no image '{name}'; there are: {}", there.join(", "))
            }
            (None, count) => {
                format!("there are {count} images; choose one with --image: {}", there.join(", "))
            }
        })
    })
}

fn malformed(why: impl ToString) -> Error {
    Error::malformed("the image's manifest", why)
}
