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

impl Instruction {
    /// Whether it says what an image runs, as Docker writes that (`/bin/sh -c #(nop)  CMD ["bash"]`), BuildKit
    /// (`CMD ["bash"]`) and Buildah (`/bin/sh -c #(nop) CMD ["bash"]`).
    fn is_of_what_runs(&self) -> bool {
        let text = self.created_by.trim();
        let text = text.split_once("#(nop)").map_or(text, |(_, rest)| rest.trim_start());
        let mut words = text.split([' ', '[']);
        self.empty_layer && matches!(words.next(), Some("CMD" | "ENTRYPOINT"))
    }
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

    /// How many of the lowest layers are of the image that it was built on, as its instructions let one guess: those
    /// below the last command or entry point that stands before another layer. Most images end with theirs, and
    /// what is built on one goes on from there. `None` where there is none, or nobody knows which instruction made
    /// which layer.
    ///
    /// Who says in the middle of a Dockerfile what to run is guessed wrong, and so is a base without either.
    pub fn guessed_base(&self) -> Option<usize> {
        let made = |all: &[Instruction]| all.iter().filter(|it| !it.empty_layer).count();
        let total = made(&self.history);
        if total != self.diff_ids.len() {
            return None;
        }
        let ends = self.history.iter().enumerate().filter(|(_, it)| it.is_of_what_runs());
        let mut below = ends.filter_map(|(at, _)| Some(made(self.history.get(..at)?)));
        below.rfind(|count| (1..total).contains(count))
    }

    /// The instruction that made a layer, counted from the lowest; `None` where the makers do not say.
    pub fn instruction(&self, layer: usize) -> Option<&Instruction> {
        let made = || self.history.iter().filter(|instruction| !instruction.empty_layer);
        // Otherwise nobody knows which made which.
        (made().count() == self.diff_ids.len()).then(|| made().nth(layer)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(history: &[&str]) -> Config {
        let instruction = |text: &&str| {
            let (kind, created_by) = text.split_once(' ').unwrap();
            let (created_by, empty_layer) = (created_by.to_owned(), kind == "-");
            Instruction { created_by, empty_layer, ..Instruction::default() }
        };
        let history: Vec<Instruction> = history.iter().map(instruction).collect();
        let made = history.iter().filter(|it| !it.empty_layer).count();
        let diff_ids = (0..made).map(|at| Digest::of(&[at as u8])).collect();
        Config { history, diff_ids, ..Config::default() }
    }

    #[test]
    fn a_base_is_guessed_by_what_it_runs() {
        for (history, expected) in [
            // debian, python on it, and what is built on that.
            (
                &[
                    "+ /bin/sh -c #(nop) ADD file:1 in /",
                    "- /bin/sh -c #(nop)  CMD [\"bash\"]",
                    "+ RUN /bin/sh -c apt-get install python",
                    "- CMD [\"python3\"]",
                    "- WORKDIR /srv",
                    "+ COPY . . # buildkit",
                    "- ENTRYPOINT [\"app\"]",
                    "- CMD [\"serve\"]",
                ][..],
                Some(2),
            ),
            (&["+ ADD rootfs.tar /", "- CMD [\"bash\"]"], None),
            (&["+ ADD rootfs.tar /", "+ RUN cmd CMD", "- CMD sh"], None),
            (&["- CMD early", "+ ADD rootfs.tar /"], None),
            (&["+ ADD a /", "- /bin/sh -c #(nop) ENTRYPOINT [\"a\"]", "+ RUN b"], Some(1)),
            (&["+ ADD a /", "- ENV CMD=1", "+ RUN b"], None),
            (&[], None),
        ] {
            assert_eq!(config(history).guessed_base(), expected, "{history:?}");
        }
        let mut untold = config(&["+ ADD a /", "- CMD a", "+ RUN b"]);
        untold.diff_ids.push(Digest::of(b"more"));
        assert_eq!(untold.guessed_base(), None);
    }
}
