//! What the makers of an image say of it (image-spec, config.md). Docker's own form has the same keys.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Platform;
use crate::{Digest, Error};

/// Most layers of an image. Docker and the kernel stop at 128.
const MOST_LAYERS: usize = 4096;

/// What the makers of an image say of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Config {
    /// Processor: `amd64`.
    pub architecture: String,
    /// Operating system: `linux`.
    pub os: String,
    /// Variant of the processor: `v8`.
    pub variant: Option<String>,
    /// When it was made, as it stands there.
    pub created: Option<String>,
    /// `NAME=VALUE` of its environment.
    pub env: Vec<String>,
    /// What it runs: the entry point, then the command.
    pub command: Vec<String>,
    /// As whom.
    pub user: String,
    /// Where.
    pub working_dir: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// What names the bytes of its layers, the lowest first.
    pub diff_ids: Vec<Digest>,
    /// The instructions that made it, those that made no layer too.
    pub history: Vec<Instruction>,
}

/// An instruction that an image was made by.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct Instruction {
    /// When, as it stands there.
    #[serde(default)]
    pub created: Option<String>,
    /// The instruction: `RUN /bin/sh -c apt-get update`.
    #[serde(default)]
    pub created_by: String,
    /// What its maker remarks.
    #[serde(default)]
    pub comment: String,
    /// Whether it made no layer.
    #[serde(default)]
    pub empty_layer: bool,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    os: String,
    #[serde(default)]
    variant: Option<String>,
    #[serde(default)]
    created: Option<String>,
    #[serde(default)]
    config: Option<Run>,
    rootfs: RootFs,
    #[serde(default)]
    history: Option<Vec<Instruction>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Run {
    env: Option<Vec<String>>,
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    user: Option<String>,
    working_dir: Option<String>,
    labels: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct RootFs {
    #[serde(default)]
    diff_ids: Option<Vec<String>>,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let malformed = |why: String| Error::malformed("the image's configuration", why);
        let document: Document =
            serde_json::from_slice(json).map_err(|error| malformed(error.to_string()))?;
        let diff_ids = document.rootfs.diff_ids.unwrap_or_default();
        if diff_ids.len() > MOST_LAYERS {
            return Err(Error::Limit {
                what: "the image",
                limit: MOST_LAYERS as u64,
                unit: "layers",
            });
        }
        let digest = |text: &String| {
            Digest::parse(text)
                .ok_or_else(|| malformed(format!("'{text}' is no digest of a layer")))
        };
        let run = document.config.unwrap_or_default();
        let command = run.entrypoint.into_iter().chain(run.cmd).flatten().collect();
        Ok(Self {
            architecture: document.architecture,
            os: document.os,
            variant: document.variant,
            created: document.created,
            env: run.env.unwrap_or_default(),
            command,
            user: run.user.unwrap_or_default(),
            working_dir: run.working_dir.unwrap_or_default(),
            labels: run.labels.unwrap_or_default(),
            diff_ids: diff_ids.iter().map(digest).collect::<Result<_, _>>()?,
            history: document.history.unwrap_or_default(),
        })
    }

    /// What it is made for.
    pub fn platform(&self) -> Platform {
        let (os, architecture) = (self.os.clone(), self.architecture.clone());
        Platform { os, architecture, variant: self.variant.clone() }
    }

    /// Checks that it is made for a platform, where one was asked for.
    ///
    /// # Errors
    /// If it is made for another one.
    pub fn check_platform(&self, wanted: Option<&Platform>) -> Result<(), Error> {
        match wanted.filter(|wanted| !self.is_for(wanted)) {
            None => Ok(()),
            Some(wanted) => Err(Error::Unsupported(format!(
                "there is no image for {wanted}, only one for {}",
                self.platform()
            ))),
        }
    }

    /// Whether it is made for a platform, or does not say what for.
    fn is_for(&self, platform: &Platform) -> bool {
        let own = self.platform();
        // Variants are left out more often than not.
        let own = match own.variant {
            None => Platform { variant: platform.variant.clone(), ..own },
            Some(_) => own,
        };
        self.os.is_empty() || platform.is_met_by(&own)
    }

    /// The instruction that made a layer, counted from the lowest; `None` where the makers do not say.
    pub fn instruction(&self, layer: usize) -> Option<&Instruction> {
        let made = || self.history.iter().filter(|instruction| !instruction.empty_layer);
        // Otherwise nobody knows which made which.
        (made().count() == self.diff_ids.len()).then(|| made().nth(layer)).flatten()
    }
}
