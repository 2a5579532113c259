//! Images where container engines keep them on a disk, which nobody else is asked about.
//!
//! An engine unpacks the layers of an image: what the archive of a layer was made of is a folder, and
//! beside it a record of the archive without the bytes of its files. With both the archive is made
//! again while it is read, so that a layer in a store is walked, and checked against its digest, as any
//! other layer is.
//!
//! - `held`: what a store has, and the one that a name means.
//! - `containers`: the store of Podman, Buildah and CRI-O (containers-storage).
//! - `docker`: the store of Docker.
//! - `contents`: the contents of containerd, packed as they came, with their names.
//! - `bolt`: the database that has those.
//! - `unpacked`: a layer that is a folder.
//! - `rebuilt`: its archive, made again.
//! - `added`: what the folder has beside that.
//! - `dir`: folders of a store, which nothing leads out of.
//!
//! A store may be of a disk that somebody else wrote: ids are names in a folder and nothing else, links
//! lead nowhere outside, lists are bounded, and a chain of layers ends.

mod added;
mod bolt;
mod containers;
mod contents;
mod dir;
mod docker;
mod held;
mod rebuilt;
#[cfg(test)]
mod tests;
mod unpacked;

pub use containers::Containers;
pub use contents::{ContentStore, NamedImages, containerd_names};
pub use docker::DockerStore;
pub use held::{Held, Sought, seek};
pub use rebuilt::{Opened, Rebuilt};
use unpacked::Form;
pub(crate) use unpacked::Unpacked;

use crate::{Config, Digest, Error, Layer};

/// Longest list of images or layers of a store, and longest document of an image there.
const LONGEST_JSON_BYTES: u64 = 64 << 20;

/// Whether an id is a name in a folder and nothing else.
fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.len() <= 128 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The layers of an image, of which there have to be as many as its configuration promises.
fn layers(unpacked: Vec<Unpacked>, config: &Config) -> Result<Vec<Layer>, Error> {
    let (there, told) = (unpacked.len(), config.diff_ids.len());
    if there != told {
        let why = format!("the store has {there} layers, and its configuration tells of {told}");
        return Err(Error::malformed("the image", why));
    }
    let layers = unpacked.into_iter().zip(&config.diff_ids).enumerate();
    Ok(layers
        .map(|(at, (unpacked, diff_id))| Layer::unpacked(unpacked, *diff_id, config, at))
        .collect())
}

/// Checks that a document of an image is the one that its name promises.
fn check(bytes: &[u8], expected: Digest) -> Result<(), Error> {
    let found = Digest::of(bytes);
    if found == expected { Ok(()) } else { Err(Error::Digest { found, expected }) }
}
