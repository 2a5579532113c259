//! Sockets and files of the host, opened so that nobody leads elsewhere.
//!
//! A path of the machine is looked up below the host's root as if that was the root: links in it lead
//! to what they mean there. What belongs to a user is looked up below a folder of that user; links
//! may not lead out of it, and no mount is crossed: a file system that a program of the user serves
//! could let the reader wait for ever.

use std::{
    fs::File,
    io::{self, Read},
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fstat, openat2},
    io::Errno,
};
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
    let root = open_as(CWD, root, OFlags::PATH, ResolveFlags::empty())?;
    open_as(root.as_fd(), path, flags, ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS)
}

fn open_below(folder: &OwnedFd, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_XDEV | ResolveFlags::NO_MAGICLINKS;
    open_as(folder.as_fd(), path, flags, resolve)
}

/// The kernel gives up where something was renamed or mounted anywhere while it followed a `..`.
fn open_as(
    folder: BorrowedFd<'_>,
    path: &Path,
    flags: OFlags,
    resolve: ResolveFlags,
) -> io::Result<OwnedFd> {
    const ATTEMPTS: usize = 16;
    let open = || openat2(folder, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve);
    let mut attempts = std::iter::repeat_with(open).take(ATTEMPTS);
    let last = attempts.find(|opened| !matches!(opened, Err(Errno::AGAIN)));
    Ok(last.unwrap_or(Err(Errno::AGAIN))?)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    fn place(root: &Path, within: Option<&str>, path: &str) -> Place {
        Place { host_root: root.into(), within: within.map(Into::into), path: path.into() }
    }

    #[test]
    fn links_lead_to_what_they_mean_on_the_host() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("run/engine")).unwrap();
        fs::create_dir_all(root.path().join("var")).unwrap();
        symlink("/run", root.path().join("var/run")).unwrap();
        symlink("../../../../run", root.path().join("var/up")).unwrap();
        for path in ["/run/engine", "/var/run/engine", "/var/up/engine", "/../../run/engine"] {
            assert!(place(root.path(), None, path).folder().is_ok(), "{path}");
        }
        let missing = place(root.path(), None, "/proc/self").folder().unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn nothing_of_a_user_leads_out_of_the_users_folder() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("home/anna");
        fs::create_dir_all(home.join("own")).unwrap();
        fs::create_dir_all(root.path().join("srv/other")).unwrap();
        for (link, target) in [("in", "own"), ("up", "../../srv"), ("to", "/srv"), ("p", "/proc")] {
            symlink(target, home.join(link)).unwrap();
        }
        let open = |path| place(root.path(), Some("/home/anna"), path).folder();
        assert!(open("own").is_ok() && open("in").is_ok());
        for path in ["up/other", "to/other", "p/self", "../..", "/srv/other"] {
            assert!(open(path).is_err(), "{path}");
        }
    }

    #[test]
    fn files_are_read_whole_or_not_at_all() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("file"), [b'x'; 100]).unwrap();
        fs::create_dir(root.path().join("folder")).unwrap();
        let folder = place(root.path(), None, "/").folder().unwrap();
        assert_eq!(folder.read("file", 100).unwrap().len(), 100);
        let kind = |path, most| folder.read(path, most).unwrap_err().kind();
        assert_eq!(kind("file", 99), io::ErrorKind::FileTooLarge);
        assert_eq!(kind("folder", 99), io::ErrorKind::InvalidData);
        assert_eq!(kind("gone", 99), io::ErrorKind::NotFound);
    }
}
