//! The image that another was built on, and how many of its layers are that one's.
//!
//! What was named is looked at first; then what the image says of its base, as far as that is in a store of this
//! machine: no registry is asked for it. Else its instructions let one guess.

use std::{ffi::OsString, path::Path};

use clap::Parser;
use event::visible::visible;
use image::{Image, Reference};
use scan::{Base, How};

use super::{
    source::Source,
    stores::{self, Wanted},
};
use crate::{error::Error, output::Verbosity};

/// What images say of their base (image-spec, annotations.md). Some builders write it as labels.
const NAME: &str = "org.opencontainers.image.base.name";
const DIGEST: &str = "org.opencontainers.image.base.digest";
/// Longest name or digest that is taken from an image.
const LONGEST_BYTES: usize = 1024;

/// Names the base of an image.
#[derive(Parser)]
#[group(skip)]
pub(super) struct BaseArgs {
    /// The image that it was built on, spelled as IMAGE: what is wrong with it is told apart from what own layers
    /// bring. Where not given, what the image says of it counts, if that is in a store of this machine; else it
    /// is guessed by the instructions that made the image.
    #[arg(long, value_name = "IMAGE")]
    base: Option<OsString>,
}

impl BaseArgs {
    /// Where it is, if it is named.
    ///
    /// # Errors
    /// If that names nothing.
    pub(super) fn source(&self) -> Result<Option<Source>, Error> {
        let source = self.base.as_deref().map(Source::of);
        match source.as_ref().and_then(Source::nameless) {
            Some(why) => Err(Error::Usage(format!("--base: {why}"))),
            None => Ok(source),
        }
    }
}

/// The base that was named, which was opened.
///
/// # Errors
/// If the image was not built on it.
pub(super) fn of_named(image: &Image, base: &Image, source: &Source) -> Result<Base, Error> {
    let named = Base {
        name: source.to_string(),
        digest: base.manifest.map(|digest| digest.to_string()).unwrap_or_default(),
        layers: within(base, image),
        how: How::Named,
    };
    if named.layers.is_some() {
        return Ok(named);
    }
    let same = same(base, image);
    let why = match base.layers.len() {
        0 => "it has no layers".to_owned(),
        all => format!("{same} of its {all} layers are those of the image"),
    };
    let text = format!("--base {source}: the image was not built on it: {why}");
    Err(Error::Usage(visible(text.as_bytes()).into_owned()))
}

/// What the image itself tells; `None` where that is nothing.
pub(super) fn of(image: &Image, root: Option<&Path>) -> Option<Base> {
    let (name, digest) = (told(image, NAME), told(image, DIGEST));
    if let Some(layers) = held(image, &name, &digest, root) {
        return Some(Base { name, digest, layers: Some(layers), how: How::Annotated });
    }
    let layers = image.config.guessed_base();
    let how = if layers.is_some() { How::Guessed } else { How::Unknown };
    let is_nothing = layers.is_none() && name.is_empty() && digest.is_empty();
    (!is_nothing).then_some(Base { name, digest, layers, how })
}

fn told(image: &Image, key: &str) -> String {
    let told = image.annotations.get(key).or_else(|| image.config.labels.get(key));
    told.filter(|it| it.len() <= LONGEST_BYTES).map(|it| it.trim().to_owned()).unwrap_or_default()
}

/// How many layers the base has, where a store of this machine has it. A name may have gone on to another image.
fn held(image: &Image, name: &str, digest: &str, root: Option<&Path>) -> Option<usize> {
    let by_digest = Reference::parse(name).ok().filter(|_| !digest.is_empty());
    let by_digest = by_digest.map(|it| format!("{}@{digest}", it.name()));
    let names = by_digest.into_iter().chain([name.to_owned()]).filter(|it| !it.is_empty());
    let platform = image.config.platform();
    let platform = Some(&platform).filter(|it| !it.os.is_empty());
    let mut bases = names.filter_map(|name| {
        let wanted = Wanted { name: &name, platform, root, verbosity: Verbosity::Quiet };
        stores::open_any(wanted).ok()?.ok()
    });
    bases.find_map(|base| within(&base, image))
}

/// How many layers the base has, if they are the lowest of the image.
fn within(base: &Image, image: &Image) -> Option<usize> {
    let all = base.config.diff_ids.len();
    (all > 0 && same(base, image) == all).then_some(all)
}

/// How many of the lowest layers are the same.
fn same(base: &Image, image: &Image) -> usize {
    let pairs = base.config.diff_ids.iter().zip(&image.config.diff_ids);
    pairs.take_while(|(base, own)| base == own).count()
}
