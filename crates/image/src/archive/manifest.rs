//! Which parts an image has: image-spec's index.md, manifest.md and image-layout.md; of `docker save`
//! the list in `manifest.json`.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::Deserialize;

use super::{Source, blobs::Blobs};
use crate::{Digest, Error};

/// Where the name of an image stands in an index.
const REF_NAME: &str = "org.opencontainers.image.ref.name";
const FULL_NAME: &str = "io.containerd.image.name";
/// So deep may an index be in another.
const MOST_LEVELS: u32 = 4;

/// An operating system on a processor: `linux/arm64/v8`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct Platform {
    /// `linux`.
    pub os: String,
    /// `amd64`.
    pub architecture: String,
    /// `v8`.
    #[serde(default)]
    pub variant: Option<String>,
}

impl Platform {
    /// What this program runs on.
    pub fn own() -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        Self { os: "linux".to_owned(), architecture: architecture.to_owned(), variant: None }
    }

    /// Whether what is there is what was asked for, which need not name a variant.
    fn is_met_by(&self, other: &Self) -> bool {
        self.os == other.os
            && self.architecture == other.architecture
            && (self.variant.is_none() || self.variant == other.variant)
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('/').map(str::to_owned);
        let (Some(os), Some(architecture), variant, None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(format!(
                "'{text}' is no platform; write it as linux/amd64 or linux/arm64/v8"
            ));
        };
        Ok(Self { os, architecture, variant })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

/// A part of an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Descriptor {
    /// Where it lies.
    pub(super) name: String,
    /// What names its bytes, where that is told.
    pub(super) digest: Option<Digest>,
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

    /// A part of a layout, which lies where its digest says.
    fn blob(text: &str) -> Result<Self, Error> {
        let digest = Digest::parse(text)
            .ok_or_else(|| malformed(format!("'{text}' is no digest that can be checked")))?;
        Ok(Self { name: format!("blobs/sha256/{}", digest.hex()), digest: Some(digest) })
    }
}

/// The parts of one image.
#[derive(Debug)]
pub(crate) struct Found {
    pub(super) source: Source,
    pub(super) names: Vec<String>,
    pub(super) manifest: Option<Digest>,
    pub(super) config: Descriptor,
    pub(super) layers: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Listed>,
}

#[derive(Clone, Deserialize)]
struct Listed {
    digest: String,
    #[serde(default, rename = "mediaType")]
    media_type: String,
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
}

impl Manifest {
    pub(crate) fn parse(json: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(json).map_err(malformed)
    }

    /// What names its configuration.
    pub(crate) fn config(&self) -> Result<Digest, Error> {
        let text = &self.config.digest;
        Digest::parse(text)
            .ok_or_else(|| malformed(format!("'{text}' is no digest that can be checked")))
    }
}

#[derive(Deserialize)]
struct Part {
    digest: String,
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
        Ok(json) => saved(&json, name),
        Err(_) => layout(blobs, name, platform),
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
        config: Descriptor { digest: digest_in(&chosen.config), name: chosen.config.clone() },
        layers: chosen
            .layers
            .iter()
            .map(|name| Descriptor { name: name.clone(), digest: None })
            .collect(),
    })
}

/// The digest that a configuration's name is made of.
fn digest_in(name: &str) -> Option<Digest> {
    let stem = name.rsplit('/').next().unwrap_or(name);
    Digest::parse(&format!("sha256:{}", stem.strip_suffix(".json").unwrap_or(stem)))
}

fn layout(blobs: &Blobs, name: Option<&str>, platform: Option<&Platform>) -> Result<Found, Error> {
    let index = blobs.json("index.json").map_err(|_| {
        Error::Unsupported(
            "it is no image: there is neither a manifest.json (docker save) nor an index.json (OCI)"
                .to_owned(),
        )
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
        Blobs::Archive { .. } => Source::OciArchive,
        Blobs::Store(_) => Source::Containerd,
    };
    parts(blobs, chosen, source, names, platform)
}

/// The image whose manifest, or index of manifests, has this digest.
pub(crate) fn by_digest(
    blobs: &Blobs,
    digest: &str,
    names: Vec<String>,
    platform: Option<&Platform>,
) -> Result<Found, Error> {
    let digest = digest.to_owned();
    let listed = Listed { digest, media_type: String::new(), platform: None, annotations: None };
    parts(blobs, &listed, Source::Containerd, names, platform)
}

fn parts(
    blobs: &Blobs,
    listed: &Listed,
    source: Source,
    names: Vec<String>,
    platform: Option<&Platform>,
) -> Result<Found, Error> {
    let (digest, manifest) = manifest(blobs, listed, platform)?;
    let layers = manifest.layers.iter().map(|it| Descriptor::blob(&it.digest));
    let layers = layers.collect::<Result<_, _>>()?;
    let config = Descriptor::blob(&manifest.config.digest)?;
    Ok(Found { source, names, manifest: digest, config, layers })
}

/// The manifest that an entry leads to, by way of indices of platforms.
fn manifest(
    blobs: &Blobs,
    listed: &Listed,
    platform: Option<&Platform>,
) -> Result<(Option<Digest>, Manifest), Error> {
    let mut listed = listed.clone();
    for _ in 0..MOST_LEVELS {
        let part = Descriptor::blob(&listed.digest)?;
        let json = blobs.part(&part)?;
        if !listed.is_index(&json) {
            return Ok((part.digest, serde_json::from_slice(&json).map_err(malformed)?));
        }
        let index: Index = serde_json::from_slice(&json).map_err(malformed)?;
        let images: Vec<Listed> =
            index.manifests.into_iter().filter(|it| !it.is_attestation()).collect();
        listed = by_platform(&images, platform)?.clone();
    }
    Err(malformed(format!("there are more than {MOST_LEVELS} indices in each other")))
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

    fn is_index(&self, json: &[u8]) -> bool {
        self.media_type.ends_with(".index.v1+json")
            || self.media_type.ends_with(".manifest.list.v2+json")
            || (self.media_type.is_empty() && serde_json::from_slice::<Index>(json).is_ok())
    }
}

fn by_platform<'a>(images: &'a [Listed], platform: Option<&Platform>) -> Result<&'a Listed, Error> {
    if let ([only], None) = (images, platform) {
        return Ok(only);
    }
    let own = Platform::own();
    let wanted = platform.unwrap_or(&own);
    let met = |image: &&Listed| image.platform.as_ref().is_some_and(|it| wanted.is_met_by(it));
    images.iter().find(met).ok_or_else(|| {
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
