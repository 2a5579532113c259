//! Folders of a store, which nothing leads out of.

use std::{
    fs::File,
    io::{self, Read},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2, statat},
    io::Errno,
};

use crate::{Error, folder::FILE};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// Links may be followed, but not beyond the folder.
const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS);
/// Links mean what they would if the folder was the root.
const IN_ROOT: ResolveFlags = ResolveFlags::IN_ROOT.union(ResolveFlags::NO_MAGICLINKS);

/// Most images of a store.
const MOST_NAMES: usize = 100_000;

/// An open folder of a store.
#[derive(Debug)]
pub(super) struct Dir {
    folder: OwnedFd,
    /// As messages name it.
    shown: PathBuf,
}

impl Dir {
    /// Opens `path` of the machine whose root is `root`: links in it lead to what they mean there.
    pub(super) fn open(root: &Path, path: &Path) -> Result<Self, Error> {
        let shown = root.join(path.strip_prefix("/").unwrap_or(path));
        let folder = openat(CWD, root, FOLDER, Mode::empty())
            .and_then(|root| open_as(root.as_fd(), path.as_os_str().as_encoded_bytes(), IN_ROOT));
        match folder {
            Ok(folder) => Ok(Self { folder, shown }),
            Err(errno) => Err(Error::File { path: shown, source: errno.into() }),
        }
    }

    /// A folder in it.
    pub(super) fn folder(&self, name: &str) -> Result<Self, Error> {
        let folder = open_as(self.folder.as_fd(), name.as_bytes(), BENEATH);
        let folder = folder.map_err(|errno| self.error(name, errno.into()))?;
        Ok(Self { folder, shown: self.shown.join(name) })
    }

    /// A regular file in it.
    pub(super) fn file(&self, name: &str) -> Result<File, Error> {
        let opened = open_file(self.folder.as_fd(), name.as_bytes(), BENEATH);
        opened.map_err(|error| self.error(name, error))
    }

    /// All of a short file in it.
    pub(super) fn read(&self, name: &str, most_bytes: u64) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let read = self.file(name)?.take(most_bytes.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|error| self.error(name, error))?;
        if bytes.len() as u64 > most_bytes {
            return Err(self.error(name, io::ErrorKind::FileTooLarge.into()));
        }
        Ok(bytes)
    }

    /// The same, or nothing where there is none.
    pub(super) fn read_if_there(
        &self,
        name: &str,
        most_bytes: u64,
    ) -> Result<Option<Vec<u8>>, Error> {
        match self.read(name, most_bytes) {
            Err(error) if error.is_not_found() => Ok(None),
            read => read.map(Some),
        }
    }

    /// The names of what is in it.
    pub(super) fn names(&self) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        let entries = rustix::fs::Dir::read_from(&self.folder);
        for entry in entries.map_err(|errno| self.error("", errno.into()))? {
            let entry = entry.map_err(|errno| self.error("", errno.into()))?;
            if names.len() == MOST_NAMES {
                let limit = MOST_NAMES as u64;
                return Err(Error::Limit { what: "a folder of the store", limit, unit: "entries" });
            }
            let name = entry.file_name().to_str().unwrap_or_default();
            if !matches!(name, "." | ".." | "") {
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn error(&self, name: &str, source: io::Error) -> Error {
        Error::File { path: self.shown.join(name), source }
    }
}

impl From<Dir> for OwnedFd {
    fn from(dir: Dir) -> Self {
        dir.folder
    }
}

/// Files of a tree that were its root once: links in there mean what they meant then.
#[derive(Debug)]
pub(super) struct Files<'a> {
    root: BorrowedFd<'a>,
    /// The folder that the last one was in, for the next one is mostly in it too.
    last: Option<(Vec<u8>, OwnedFd)>,
}

impl<'a> Files<'a> {
    pub(super) fn new(dir: &'a Dir) -> Self {
        Self { root: dir.folder.as_fd(), last: None }
    }

    /// Opens a regular file, whose name is tidy.
    pub(super) fn open(&mut self, path: &[u8]) -> io::Result<File> {
        let (folder, name) = parted(path);
        let folder = match self.last.take().filter(|(last, _)| last == folder) {
            Some((_, opened)) => opened,
            None => open_as(self.root, folder, IN_ROOT)?,
        };
        let file = regular(folder.as_fd(), name);
        self.last = Some((parted(path).0.to_vec(), folder));
        file
    }
}

/// Opens a regular file, and nothing else: a device may do something when it is opened.
fn open_file(folder: BorrowedFd<'_>, path: &[u8], resolve: ResolveFlags) -> io::Result<File> {
    let (inner, name) = parted(path);
    regular(open_as(folder, inner, resolve)?.as_fd(), name)
}

fn regular(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<File> {
    let is_file = |mode| FileType::from_raw_mode(mode) == FileType::RegularFile;
    let none = || io::Error::new(io::ErrorKind::InvalidData, "it is no regular file");
    if !is_file(statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode) {
        return Err(none());
    }
    let file = openat(folder, name, FILE, Mode::empty())?;
    // Another may be in its place by now.
    if is_file(fstat(&file)?.st_mode) { Ok(File::from(file)) } else { Err(none()) }
}

fn parted(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()),
        None => (b"", path),
    }
}

/// The kernel gives up where something was renamed or mounted anywhere while it followed a `..`.
fn open_as(folder: BorrowedFd<'_>, path: &[u8], resolve: ResolveFlags) -> Result<OwnedFd, Errno> {
    const ATTEMPTS: usize = 16;
    let path = if path.is_empty() { b"." } else { path };
    let open = || openat2(folder, path, FOLDER, Mode::empty(), resolve);
    let mut attempts = std::iter::repeat_with(open).take(ATTEMPTS);
    let last = attempts.find(|opened| !matches!(opened, Err(Errno::AGAIN)));
    last.unwrap_or(Err(Errno::AGAIN))
}
