//! Sockets and files of the host, opened so that nobody leads elsewhere.
//!
//! A path of the machine is looked up below the host's root as if that was the root: links in it lead
//! to what they mean there. What belongs to a user is looked up below a folder of that user; links
//! may not lead out of it, and no mount is crossed: a file system that a program of the user serves
//! could let the reader wait for ever.

use std::{
    fs::File,
    io::{self, Read},
    os::fd::{AsRawFd, OwnedFd},
    path::{Path, PathBuf},
};

use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fstat, openat2};
use tokio::net::UnixStream;

use crate::failure::Failure;

/// Where a socket or folder is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) host_root: PathBuf,
    /// The folder of a user beyond which nothing is reached, by path on the host.
    pub(crate) within: Option<PathBuf>,
    /// By path on the host, or below `within`.
    pub(crate) path: PathBuf,
}

/// An open folder.
#[derive(Debug)]
pub(crate) struct Folder(OwnedFd);

impl Place {
    /// As messages name it.
    pub(crate) fn shown(&self) -> PathBuf {
        self.within.as_ref().map_or_else(|| self.path.clone(), |within| within.join(&self.path))
    }

    /// Connects to the socket.
    pub(crate) async fn connect(&self) -> Result<UnixStream, Failure> {
        let socket = self.open(OFlags::PATH).map_err(Failure::of_opening)?;
        // What was looked up is what is connected to, and there is no limit to its path's length.
        let path = format!("/proc/self/fd/{}", socket.as_raw_fd());
        UnixStream::connect(path).await.map_err(Failure::Connect)
    }

    /// Opens the folder.
    pub(crate) fn folder(&self) -> io::Result<Folder> {
        self.open(OFlags::PATH | OFlags::DIRECTORY).map(Folder)
    }

    fn open(&self, flags: OFlags) -> io::Result<OwnedFd> {
        let Some(within) = &self.within else {
            return open_on_host(&self.host_root, &self.path, flags);
        };
        let within = open_on_host(&self.host_root, within, OFlags::PATH | OFlags::DIRECTORY)?;
        open_below(&within, &self.path, flags)
    }
}

impl Folder {
    /// A path that leads to it for as long as it is open.
    pub(crate) fn path(&self) -> PathBuf {
        format!("/proc/self/fd/{}", self.0.as_raw_fd()).into()
    }

    /// Opens a folder in this one.
    pub(crate) fn folder(&self, path: impl AsRef<Path>) -> io::Result<Self> {
        open_below(&self.0, path.as_ref(), OFlags::PATH | OFlags::DIRECTORY).map(Self)
    }

    /// The whole of a file, if it is a file and not longer.
    ///
    /// # Errors
    /// `NotFound` if there is none; `InvalidData` if it is something else; `FileTooLarge`.
    pub(crate) fn read(&self, path: impl AsRef<Path>, most_bytes: usize) -> io::Result<Vec<u8>> {
        // A pipe that nobody writes to would be waited for.
        let file = open_below(&self.0, path.as_ref(), OFlags::RDONLY | OFlags::NONBLOCK)?;
        read(file, most_bytes)
    }
}

/// Reads a file of the host.
pub(crate) fn read_on_host(root: &Path, path: &Path, most_bytes: usize) -> io::Result<Vec<u8>> {
    read(open_on_host(root, path, OFlags::RDONLY | OFlags::NONBLOCK)?, most_bytes)
}

fn read(file: OwnedFd, most_bytes: usize) -> io::Result<Vec<u8>> {
    if !FileType::from_raw_mode(fstat(&file)?.st_mode).is_file() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(most_bytes).unwrap_or(u64::MAX).saturating_add(1);
    File::from(file).take(most).read_to_end(&mut bytes)?;
    if bytes.len() > most_bytes {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

fn open_on_host(root: &Path, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    let flags = flags | OFlags::CLOEXEC;
    let root =
        openat2(CWD, root, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::empty())?;
    Ok(openat2(
        root,
        path,
        flags,
        Mode::empty(),
        ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS,
    )?)
}

fn open_below(folder: &OwnedFd, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_XDEV | ResolveFlags::NO_MAGICLINKS;
    Ok(openat2(folder, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve)?)
}
