//! Files that are written: whole or not at all.

use std::{
    ffi::OsStr,
    fs::{File, Permissions},
    io::{self, BufWriter, ErrorKind, Write},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

use capture::file::Compression;
use clap::ValueEnum;
use tempfile::NamedTempFile;

/// How a recording is compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Method {
    None,
    Gzip,
    Zstd,
}

impl Method {
    /// By the name of its file.
    pub(crate) fn by_name(path: &Path) -> Self {
        match path.extension().and_then(OsStr::to_str) {
            Some("gz") => Self::Gzip,
            Some("zst") => Self::Zstd,
            _ => Self::None,
        }
    }

    /// For the writer.
    pub(crate) fn compression(self) -> Compression {
        match self {
            Self::None => Compression::None,
            Self::Gzip => Compression::Gzip,
            Self::Zstd => Compression::Zstd,
        }
    }
}

/// The mode of what tells what somebody did: for its owner alone.
pub(crate) const PRIVATE: u32 = 0o600;

/// A file in the folder of `path` that takes its place when it is whole; who may read it, its mode
/// says and the umask.
///
/// # Errors
/// If the folder is not there or cannot be written.
pub(crate) fn beside(path: &Path, mode: u32) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".watchkeeper-")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder(path))
        .map_err(without_name)
}

/// The name of a temporary file is nobody's business.
fn without_name(error: io::Error) -> io::Error {
    match (error.raw_os_error(), error.kind()) {
        (Some(_), _) => error,
        (None, ErrorKind::NotFound) => io::Error::from_raw_os_error(libc::ENOENT),
        (None, ErrorKind::PermissionDenied) => io::Error::from_raw_os_error(libc::EACCES),
        (None, ErrorKind::NotADirectory) => io::Error::from_raw_os_error(libc::ENOTDIR),
        (None, ErrorKind::ReadOnlyFilesystem) => io::Error::from_raw_os_error(libc::EROFS),
        (None, ErrorKind::StorageFull) => io::Error::from_raw_os_error(libc::ENOSPC),
        (None, kind) => io::Error::new(kind, kind.to_string()),
    }
}

/// Whether there is something at the path that is written to as it is: a pipe, a device.
pub(crate) fn is_stream(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| !meta.is_file())
}

/// Whether two paths are of the same file, be it there already or not. Pipes and devices take what
/// several write.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    let place =
        |path: &Path| Some((folder(path).canonicalize().ok()?, path.file_name()?.to_owned()));
    match (one.metadata(), other.metadata()) {
        (Ok(one), Ok(other)) => {
            one.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino())
        }
        (Err(_), Err(_)) => place(one).is_some_and(|it| Some(it) == place(other)),
        _ => false,
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether a file can be written there; what is there stays as it is.
///
/// # Errors
/// Why not.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::Error::other("is a folder"));
    }
    if is_stream(path) {
        return Ok(());
    }
    beside(path, PRIVATE).map(drop)
}

/// Writes a file, whole or not at all. Only its owner may read it.
///
/// # Errors
/// Whatever writing says.
pub(crate) fn write(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if is_stream(path) {
        let mut out = BufWriter::new(File::options().write(true).open(path)?);
        write(&mut out)?;
        return out.flush();
    }
    let mut out = BufWriter::new(beside(path, PRIVATE)?);
    write(&mut out)?;
    let temporary = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map(drop).map_err(|error| error.error)
}
