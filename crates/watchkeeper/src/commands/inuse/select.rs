//! Which places are asked for.

use clap::Parser;
use inuse::{Index, Key, Place, What};

use crate::{
    error::Error,
    in_use::{in_folder, words},
    incidents,
};

/// Which store, and which of its places.
#[derive(Parser)]
#[group(skip)]
pub(super) struct Places {
    #[command(flatten)]
    store: incidents::Place,
    /// Only of this host: the host itself, without its containers.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["container", "image"])]
    host: Option<String>,
    /// Only of the image of this container, by name or the beginning of its id.
    #[arg(long, value_name = "CONTAINER", conflicts_with = "image")]
    container: Option<String>,
    /// Only of this image, by name or the beginning of its id.
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
}

impl Places {
    /// What the store has.
    ///
    /// # Errors
    /// If it has nothing, or that can't be read.
    pub(super) fn index(&self) -> Result<Index, Error> {
        in_folder(&self.store.folder()?)
    }

    /// Those that are asked for.
    ///
    /// # Errors
    /// If there are none.
    pub(super) fn of<'i>(&self, index: &'i Index) -> Result<Vec<(&'i Key, &'i Place)>, Error> {
        let asked: Vec<_> = index.places().filter(|(key, it)| self.has(key, it)).collect();
        if !asked.is_empty()
            || (self.host.is_none() && self.container.is_none() && self.image.is_none())
        {
            return Ok(asked);
        }
        let known: Vec<String> = index.places().map(|(key, it)| words::place(key, it)).collect();
        Err(Error::Usage(format!("nothing was watched there; what was: {}", known.join(", "))))
    }

    fn has(&self, key: &Key, place: &Place) -> bool {
        let is = |name: &[u8], asked: &str| name == asked.as_bytes();
        let begins =
            |name: &[u8], asked: &str| !asked.is_empty() && name.starts_with(asked.as_bytes());
        if let Some(host) = &self.host {
            return key.what == What::Host && is(&key.host, host);
        }
        if let Some(container) = &self.container {
            let of_id = matches!(&key.what, What::Container(id) if begins(id, container));
            return of_id
                || place
                    .containers
                    .iter()
                    .any(|(id, it)| is(&it.name, container) || begins(id, container));
        }
        if let Some(image) = &self.image {
            let ids = [&place.image.id, &place.image.digest];
            return is(&place.image.name, image)
                || ids.iter().any(|id| begins(plain(id), plain_text(image)));
        }
        true
    }
}

/// Without what says how it was made.
fn plain(id: &[u8]) -> &[u8] {
    id.strip_prefix(b"sha256:").unwrap_or(id)
}

fn plain_text(id: &str) -> &str {
    id.strip_prefix("sha256:").unwrap_or(id)
}
