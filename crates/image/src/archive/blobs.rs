//! Where the parts of an image lie: in a folder, or in an archive.

use std::{
    cell::Cell,
    collections::HashMap,
    fs::{self, File},
    io::{self, BufReader, Read},
    os::fd::AsFd,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat};

use super::{
    contents::Contents,
    layer::{Bounded, Counted},
    manifest::Descriptor,
};
use crate::{
    At, Compression, Error, regular,
    tar::{Place, index},
    tidy,
};

/// Longest manifest, index or configuration. Registries stop at 4 MiB.
const LONGEST_JSON_BYTES: u64 = 16 << 20;
/// So many links of an archive are followed: older ones have them in place of layers that are alike.
const MOST_LINKS: u32 = 4;
const BUFFER_BYTES: usize = 256 << 10;

/// The parts of an image.
#[derive(Debug)]
pub(super) enum Blobs {
    Folder(PathBuf),
    Archive { file: At, places: HashMap<Vec<u8>, Place> },
    Contents(Rc<dyn Contents>),
}

impl Blobs {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let at = |source| Error::File { path: path.to_owned(), source };
        let kind = fs::metadata(path).map_err(at)?.file_type();
        if kind.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        if !kind.is_file() {
            return Err(Error::Unsupported(
                "it is neither a file nor a folder; write the image to a file first".to_owned(),
            ));
        }
        let file = File::open(path).map_err(at)?;
        Self::of_file(file).map_err(|error| match error {
            Error::Io(source) => at(source),
            error => error,
        })
    }

    /// An archive that is open.
    pub(super) fn of_file(file: File) -> Result<Self, Error> {
        let file = unwrapped(At::start(Arc::new(file))?)?;
        let places = index(file.clone())?;
        Ok(Self::Archive { file, places })
    }

    /// A part, from its beginning.
    pub(super) fn read(&self, part: &Descriptor) -> Result<Box<dyn Read>, Error> {
        match (self, part.as_blob()) {
            (Self::Contents(contents), Some(blob)) => contents.open(&blob),
            _ => self.named(&part.name),
        }
    }

    /// The part of this name, where parts have names.
    fn named(&self, name: &str) -> Result<Box<dyn Read>, Error> {
        let mut path = Vec::new();
        tidy(name.as_bytes(), &mut path)?;
        let missing = || Error::Missing(name.to_owned());
        match self {
            Self::Folder(folder) => within(folder, &path, name),
            Self::Archive { file, places } => {
                let (start, size_bytes) = place(places, path).ok_or_else(missing)?;
                let mut part = file.clone();
                io::Seek::seek(&mut part, io::SeekFrom::Start(start))?;
                Ok(Box::new(part.take(size_bytes)))
            }
            Self::Contents(_) => Err(missing()),
        }
    }

    /// A short document of this name.
    pub(super) fn json(&self, name: &str) -> Result<Vec<u8>, Error> {
        document(&mut self.named(name)?)
    }

    /// A part that an image names, which is what its digest promises.
    pub(super) fn part(&self, part: &Descriptor) -> Result<Vec<u8>, Error> {
        let bytes = document(&mut self.read(part)?)?;
        part.check(&bytes)?;
        Ok(bytes)
    }
}

/// All of a short document.
fn document(from: &mut dyn Read) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    from.take(LONGEST_JSON_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST_JSON_BYTES {
        let limit = LONGEST_JSON_BYTES;
        return Err(Error::Limit { what: "a document of the image", limit, unit: "bytes" });
    }
    Ok(bytes)
}

/// The archive itself; where it is wrapped as a whole, unwrapped into a file without a name, for parts
/// are read in an order of their own.
fn unwrapped(file: At) -> Result<At, Error> {
    let mut first = [0; 4];
    let read = file.clone().read(&mut first)?;
    let is_wrapped = Compression::of(first.get(..read).unwrap_or_default()) != Compression::None;
    let stored = Rc::new(Cell::new(0));
    let from = Counted::new(file.clone(), Rc::clone(&stored));
    let from = Compression::unwrap(BufReader::with_capacity(BUFFER_BYTES, from))?;
    let mut from = Bounded::new(from, stored, "the archive");
    let mut header = Vec::new();
    (&mut from).take(512).read_to_end(&mut header)?;
    // All that images are kept in have this in their first header.
    if header.get(257..262) != Some(b"ustar") {
        let why = "it is no image: it is not an archive (tar)";
        return Err(Error::Unsupported(why.to_owned()));
    }
    if !is_wrapped {
        return Ok(file);
    }
    let mut plain = tempfile::tempfile()?;
    io::copy(&mut header.chain(from), &mut plain)?;
    Ok(At::start(Arc::new(plain))?)
}

/// A regular file in a folder, wherever links in there lead, but never outside.
fn within(folder: &Path, path: &[u8], name: &str) -> Result<Box<dyn Read>, Error> {
    let at = |source: io::Error| Error::File { path: folder.join(name), source };
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = openat(CWD, folder, flags, Mode::empty()).map_err(|errno| at(errno.into()))?;
    Ok(Box::new(regular::open(folder.as_fd(), path, ResolveFlags::BENEATH).map_err(at)?))
}

fn place(places: &HashMap<Vec<u8>, Place>, mut name: Vec<u8>) -> Option<(u64, u64)> {
    for _ in 0..=MOST_LINKS {
        match places.get(&name)? {
            Place::Bytes { start, size_bytes } => return Some((*start, *size_bytes)),
            Place::Link(target) => tidy(target, &mut name).ok()?,
        }
    }
    None
}
