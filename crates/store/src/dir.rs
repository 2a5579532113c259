//! A folder, held open: what is done in it stays in it, whatever is renamed meanwhile, and no
//! symbolic link leads out of it.

use std::{
    ffi::{CStr, CString},
    fs::File,
    io::{self, Read, Write},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{self as sys, AtFlags, FileType, FlockOperation, Mode, OFlags, RenameFlags, Stat},
    io::Errno,
};

use crate::Error;

const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::RDONLY).union(OFlags::CLOEXEC);
/// What is recorded is nobody else's business.
const FOLDER_MODE: Mode = Mode::RWXU;
const FILE_MODE: Mode = Mode::RUSR.union(Mode::WUSR);
/// Folders within each other that are removed; a store has three.
const MAX_DEPTH: u32 = 8;

/// A folder held open.
#[derive(Debug)]
pub(crate) struct Dir {
    fd: OwnedFd,
    /// Where it was when it was opened, for messages.
    path: PathBuf,
}

/// What is told of a file without opening it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Meta {
    pub(crate) kind: FileType,
    pub(crate) bytes: u64,
    pub(crate) ino: u64,
    pub(crate) mtime_ns: i64,
}

/// What should have a name.
#[derive(Clone, Copy)]
enum Wanted {
    Folder,
    File,
}

impl Wanted {
    fn kind(self) -> FileType {
        match self {
            Self::Folder => FileType::Directory,
            Self::File => FileType::RegularFile,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Folder => "a folder",
            Self::File => "a file",
        }
    }
}

impl Dir {
    /// Opens the folder that somebody named; links on the way to it are theirs.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let error = |source: Errno| io_error("open", path, source);
        let fd = sys::open(path, FOLDER, Mode::empty()).map_err(error)?;
        Ok(Self { fd, path: path.to_owned() })
    }

    /// Where it was when it was opened.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a folder in it.
    pub(crate) fn sub(&self, name: &str) -> Result<Self, Error> {
        match sys::openat(&self.fd, name, FOLDER | OFlags::NOFOLLOW, Mode::empty()) {
            Ok(fd) => Ok(Self { fd, path: self.path.join(name) }),
            Err(source) => Err(self.refused("open", name, Wanted::Folder, source)),
        }
    }

    /// Opens a folder in it, which is made if it is not there.
    pub(crate) fn make(&self, name: &str) -> Result<Self, Error> {
        match sys::mkdirat(&self.fd, name, FOLDER_MODE) {
            Ok(()) | Err(Errno::EXIST) => self.sub(name),
            Err(source) => Err(self.error("make", name, source)),
        }
    }

    /// Opens a file for reading.
    pub(crate) fn read(&self, name: &str) -> Result<File, Error> {
        self.file(name, OFlags::RDONLY, "open")
    }

    /// Opens a file for reading and writing.
    pub(crate) fn edit(&self, name: &str) -> Result<File, Error> {
        self.file(name, OFlags::RDWR, "write")
    }

    /// Opens a file for reading and writing, which is made if it is not there.
    pub(crate) fn keep(&self, name: &str) -> Result<File, Error> {
        self.file(name, OFlags::RDWR | OFlags::CREATE, "write")
    }

    /// Opens a file for writing behind what it has.
    pub(crate) fn append(&self, name: &str) -> Result<File, Error> {
        self.file(name, OFlags::WRONLY | OFlags::APPEND, "write")
    }

    /// Makes a file that must not be there yet.
    pub(crate) fn create(&self, name: &str) -> Result<File, Error> {
        self.file(name, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL, "write")
    }

    fn file(&self, name: &str, flags: OFlags, doing: &'static str) -> Result<File, Error> {
        // Without NONBLOCK, a pipe that somebody put there would hold us up.
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = match sys::openat(&self.fd, name, flags, FILE_MODE) {
            Ok(fd) => File::from(fd),
            Err(source) => return Err(self.refused(doing, name, Wanted::File, source)),
        };
        let stat = sys::fstat(&file).map_err(|source| self.error("look at", name, source))?;
        if kind(&stat) != FileType::RegularFile {
            return Err(Error::Kind { path: self.path.join(name), wanted: Wanted::File.name() });
        }
        Ok(file)
    }

    /// A file's bytes; `None` if there are more than `max`.
    pub(crate) fn bytes(&self, name: &str, max: u64) -> Result<Option<Vec<u8>>, Error> {
        let mut bytes = Vec::new();
        let read = self.read(name)?.take(max.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|source| self.io_error("read", name, source))?;
        Ok((bytes.len() as u64 <= max).then_some(bytes))
    }

    /// Writes a file, and waits until it is on the disk.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.discard(name)?;
        let mut file = self.create(name)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        written.map_err(|source| self.io_error("write", name, source))
    }

    /// Writes a file that is there whole, on the disk, or as it was before.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let new = format!(".{name}.new");
        let put = self.write(&new, bytes).and_then(|()| self.rename(&new, self, name));
        if put.is_err() {
            // The message that counts is the first.
            let _ = self.discard(&new);
        }
        put
    }

    /// Whether it is what `name` in `parent` stands for now.
    pub(crate) fn is_still(&self, parent: &Self, name: &str) -> bool {
        let this = sys::fstat(&self.fd).map(|stat| stat.st_ino);
        this.is_ok_and(|ino| parent.look(name).is_ok_and(|meta| meta.ino == ino))
    }

    /// What a name in it stands for.
    pub(crate) fn look(&self, name: &str) -> Result<Meta, Error> {
        let stat = sys::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|source| self.error("look at", name, source))?;
        Ok(Meta {
            kind: kind(&stat),
            bytes: u64::try_from(stat.st_size).unwrap_or_default(),
            ino: stat.st_ino,
            mtime_ns: stat.st_mtime.wrapping_mul(1_000_000_000).wrapping_add(nanos(&stat)),
        })
    }

    /// The names in it, sorted. Names that are no UTF-8 are nobody's here, and shown with U+FFFD.
    pub(crate) fn names(&self) -> Result<Vec<String>, Error> {
        let names = names(&self.fd).map_err(|source| io_error("list", &self.path, source))?;
        let mut names: Vec<_> = names.iter().map(|name| name.to_string_lossy().into()).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Gives what is here another name there, in place of what has it.
    pub(crate) fn rename(&self, name: &str, to: &Self, new: &str) -> Result<(), Error> {
        sys::renameat(&self.fd, name, &to.fd, new)
            .map_err(|source| self.error("rename", name, source))
    }

    /// The same with what the system offers beyond that. [`io::ErrorKind::Unsupported`] or
    /// `InvalidInput` where the file system does not.
    pub(crate) fn rename_with(
        &self,
        name: &str,
        to: &Self,
        new: &str,
        flags: RenameFlags,
    ) -> Result<(), Error> {
        sys::renameat_with(&self.fd, name, &to.fd, new, flags)
            .map_err(|source| self.error("rename", name, source))
    }

    /// Removes a file, if it is there.
    pub(crate) fn discard(&self, name: &str) -> Result<(), Error> {
        match sys::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(source) => Err(self.error("remove", name, source)),
        }
    }

    /// Removes a file, a link, or a folder and what is in it.
    pub(crate) fn remove(&self, name: &str) -> Result<(), Error> {
        remove(&self.fd, &CString::new(name).unwrap_or_default(), MAX_DEPTH)
            .map_err(|source| self.error("remove", name, source))
    }

    /// Removes all that is in it but these names; what can be, if not all can.
    pub(crate) fn remove_all_but(&self, kept: &[&str]) -> Result<(), Error> {
        let names = names(&self.fd).map_err(|source| io_error("list", &self.path, source))?;
        let others =
            names.iter().filter(|name| !kept.iter().any(|it| it.as_bytes() == name.to_bytes()));
        let removed = others.map(|name| {
            let error = |source| self.error("remove", &name.to_string_lossy(), source);
            remove(&self.fd, name, MAX_DEPTH).map_err(error)
        });
        removed.fold(Ok(()), Result::and)
    }

    /// Locks it for whoever opened it, if nobody else has.
    pub(crate) fn try_lock(&self) -> Result<(), io::ErrorKind> {
        sys::flock(&self.fd, FlockOperation::NonBlockingLockExclusive).map_err(|errno| errno.kind())
    }

    /// Gives the lock up.
    pub(crate) fn unlock(&self) {
        let _ = sys::flock(&self.fd, FlockOperation::Unlock);
    }

    /// Keeps others out of it.
    pub(crate) fn close_to_others(&self) -> Result<(), Error> {
        sys::fchmod(&self.fd, FOLDER_MODE).map_err(|source| io_error("close", &self.path, source))
    }

    /// Waits until names made, changed and removed in it are on the disk.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        sys::fsync(&self.fd).map_err(|source| io_error("sync", &self.path, source))
    }

    /// Why a name could not be opened: a link and things of other kinds are told as such.
    fn refused(&self, doing: &'static str, name: &str, wanted: Wanted, source: Errno) -> Error {
        let path = self.path.join(name);
        match self.look(name).map(|meta| meta.kind) {
            Ok(FileType::Symlink) => Error::Symlink(path),
            Ok(kind) if kind != wanted.kind() => Error::Kind { path, wanted: wanted.name() },
            _ => self.error(doing, name, source),
        }
    }

    fn error(&self, doing: &'static str, name: &str, source: Errno) -> Error {
        self.io_error(doing, name, source.into())
    }

    /// An error about something in it.
    pub(crate) fn io_error(&self, doing: &'static str, name: &str, source: io::Error) -> Error {
        Error::Io { doing, path: self.path.join(name), source }
    }
}

impl Meta {
    /// Whether it is an ordinary file.
    pub(crate) fn is_file(&self) -> bool {
        self.kind == FileType::RegularFile
    }
}

fn names(folder: &OwnedFd) -> Result<Vec<CString>, Errno> {
    let mut names = Vec::new();
    for entry in sys::Dir::read_from(folder)? {
        let name = entry?.file_name().to_owned();
        if !matches!(name.to_bytes(), b"." | b"..") {
            names.push(name);
        }
    }
    Ok(names)
}

fn remove(folder: &OwnedFd, name: &CStr, depth: u32) -> Result<(), Errno> {
    let stat = sys::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    if kind(&stat) != FileType::Directory {
        return sys::unlinkat(folder, name, AtFlags::empty());
    }
    if depth > 0 {
        let inner = sys::openat(folder, name, FOLDER | OFlags::NOFOLLOW, Mode::empty())?;
        names(&inner)?.iter().try_for_each(|name| remove(&inner, name, depth - 1))?;
    }
    sys::unlinkat(folder, name, AtFlags::REMOVEDIR)
}

fn io_error(doing: &'static str, path: &Path, source: Errno) -> Error {
    Error::Io { doing, path: path.to_owned(), source: source.into() }
}

fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

/// The type of the field differs between architectures.
#[allow(clippy::unnecessary_cast)]
fn nanos(stat: &Stat) -> i64 {
    stat.st_mtime_nsec as i64
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::{ffi::OsStrExt, fs::symlink},
    };

    use super::*;

    fn dir() -> (tempfile::TempDir, Dir) {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = Dir::open(folder.path()).expect("a folder");
        (folder, dir)
    }

    #[test]
    fn removing_a_folder_removes_links_and_not_what_they_point_to() {
        let (folder, dir) = dir();
        let elsewhere = tempfile::tempdir().expect("a folder");
        fs::write(elsewhere.path().join("mine"), "x").expect("a file");
        let inner = folder.path().join("a/b/c");
        fs::create_dir_all(&inner).expect("folders");
        symlink(elsewhere.path(), inner.join("link")).expect("a link");
        symlink("..", folder.path().join("a/loop")).expect("a link");
        let odd = std::ffi::OsStr::from_bytes(b"\xff\n");
        fs::write(inner.join(odd), "x").expect("a file");
        dir.remove("a").expect("removed");
        assert_eq!(dir.names().expect("names"), [""; 0]);
        assert!(elsewhere.path().join("mine").exists());
        assert_eq!(dir.remove("a").expect_err("gone").io_kind(), Some(io::ErrorKind::NotFound));
    }

    #[test]
    fn folders_too_deep_for_a_store_are_not_removed() {
        let (folder, dir) = dir();
        fs::create_dir_all(folder.path().join("a/".repeat(12))).expect("folders");
        let error = dir.remove("a").expect_err("refused");
        assert_eq!(error.io_kind(), Some(io::ErrorKind::DirectoryNotEmpty));
    }

    #[test]
    fn what_is_put_is_there_whole_or_as_before() {
        let (folder, dir) = dir();
        dir.put("file", b"one").expect("put");
        dir.put("file", b"two").expect("put");
        assert_eq!(dir.bytes("file", 3).expect("read").as_deref(), Some(&b"two"[..]));
        assert_eq!(dir.bytes("file", 2).expect("read"), None, "more than was asked for");
        fs::remove_file(folder.path().join("file")).expect("removed");
        fs::create_dir(folder.path().join("file")).expect("a folder");
        assert!(dir.put("file", b"three").is_err());
        assert_eq!(dir.names().expect("names"), ["file"], "nothing is left of the attempt");
    }
}
