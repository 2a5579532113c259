//! The whole database as one artifact: an image of the Open Container Initiative (image-spec v1.1) whose layers
//! have a part each, so that whatever moves and keeps images moves and keeps it, and a part that is the same is
//! fetched once.
//!
//! - `write`: as a layout, in a folder or an archive; `read`: from there, or from a registry.

mod read;
mod write;

use image::Image;

pub(super) use self::{read::take, write::write};

/// What the artifact is.
const TYPE: &str = "application/vnd.watchkeeper.advisories.v3";
/// The label with the format of the database.
const FORMAT_LABEL: &str = "watchkeeper.advisories.format";
/// Whether an image is such an artifact.
pub(crate) fn is_artifact(image: &Image) -> bool {
    image.config.labels.contains_key(FORMAT_LABEL)
}

/// How names of files of parts end.
const SUFFIX: &str = ".advisories";
