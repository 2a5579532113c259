//! A store that was reached.

use std::{
    fs::File,
    io::{BufWriter, Seek, Write},
    path::{Path, PathBuf},
    rc::Rc,
};

use engines::images::{self, ImagesError, ListedImage};
use image::{Containers, ContentStore, DockerStore, Held, Image, Source};

use super::{Wanted, escaped};
use crate::{error::Error, output::progress};

/// Longest archive that an engine may hand out. The largest images that people make are a tenth of it.
const MOST_ARCHIVE_BYTES: u64 = 256 << 30;
const BUFFER_BYTES: usize = 1 << 20;

/// A store that was reached.
pub(super) enum Reached {
    /// Docker, which is asked.
    Docker { socket: PathBuf, held: Vec<Held> },
    /// Docker, whose disk is read.
    DockerDisk { place: PathBuf, store: DockerStore },
    /// The store of Podman, Buildah and CRI-O.
    Containers { place: PathBuf, store: Containers },
    /// containerd, of which names are asked, or read from its disk; contents are read.
    Containerd { place: PathBuf, contents: Rc<ContentStore>, held: Vec<Held> },
}

impl Reached {
    /// What it has.
    pub(super) fn held(&self) -> &[Held] {
        match self {
            Self::Docker { held, .. } | Self::Containerd { held, .. } => held,
            Self::DockerDisk { store, .. } => store.held(),
            Self::Containers { store, .. } => store.held(),
        }
    }

    /// Where it is, for people.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Docker { socket: place, .. }
            | Self::DockerDisk { place, .. }
            | Self::Containers { place, .. }
            | Self::Containerd { place, .. } => place.display().to_string(),
        }
    }

    /// One of its images.
    pub(super) fn image(&self, held: &Held, wanted: Wanted<'_>) -> Result<Image, Error> {
        let image = match self {
            Self::Docker { socket, .. } => return exported(socket, held, wanted),
            Self::DockerDisk { store, .. } => store.image(held, wanted.platform),
            Self::Containers { store, .. } => store.image(held, wanted.platform),
            Self::Containerd { contents, .. } => contents.image(held, wanted.platform),
        };
        image.map_err(|error| at(wanted, error))
    }
}

fn at(wanted: Wanted<'_>, error: image::Error) -> Error {
    match error {
        // They name the file themselves.
        image::Error::File { .. } => Error::Usage(escaped(&error)),
        error => Error::Usage(format!("{}: {}", wanted.name, escaped(&error))),
    }
}

/// What Docker hands out of an image, in a file without a name.
fn exported(socket: &Path, held: &Held, wanted: Wanted<'_>) -> Result<Image, Error> {
    let file = spooled(socket, held, wanted).map_err(|error| Error::Usage(error.to_string()))?;
    let image = Image::of_file(file, None, wanted.platform).map_err(|error| at(wanted, error))?;
    Ok(Image { source: Source::Docker, names: held.names.clone(), ..image })
}

fn spooled(socket: &Path, held: &Held, wanted: Wanted<'_>) -> Result<File, ImagesError> {
    let bar = progress(None, wanted.verbosity);
    let mut file = BufWriter::with_capacity(BUFFER_BYTES, tempfile::tempfile()?);
    // By its name Docker tells the name in the archive, too; what has none has an id.
    let name = held.names.iter().find(|name| !name.contains('@')).unwrap_or(&held.id);
    let done =
        images::export_docker(socket, name, MOST_ARCHIVE_BYTES, &mut bar.wrap_write(&mut file));
    bar.finish_and_clear();
    done?;
    file.flush()?;
    let mut file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

/// What an engine tells of an image.
pub(super) fn held(listed: ListedImage) -> Held {
    Held { id: listed.id, names: listed.names, digests: listed.digests }
}
