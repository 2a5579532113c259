//! Regular files of a folder that somebody else may have written: nothing leads out of it, and nothing else
//! is opened. A device may do something when it is opened, and a pipe waits for whoever writes into it.

use std::{
    fs::File,
    io::{self, Read},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2},
    io::Errno,
};

/// Opens a regular file of a folder, wherever links lead as far as `resolve` lets them.
pub(crate) fn open(folder: BorrowedFd<'_>, path: &[u8], resolve: ResolveFlags) -> io::Result<File> {
    let resolve = resolve.union(ResolveFlags::NO_MAGICLINKS);
    let open = |flags| openat2(folder, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve);
    let none = || io::Error::new(io::ErrorKind::InvalidData, "it is no regular file");
    if !is_regular(&open(OFlags::PATH)?)? {
        return Err(none());
    }
    let file = open(OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)?;
    // Another may be in its place by now.
    if is_regular(&file)? { Ok(File::from(file)) } else { Err(none()) }
}

/// All of a short file of the machine whose root is `root`: links in it lead to what they mean there.
/// `None` where there is none.
///
/// # Errors
/// If it can't be read, is no regular file, or is too long.
pub fn read_short(root: &Path, path: &Path, most_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, root, flags, Mode::empty())?;
    let path = path.as_os_str().as_encoded_bytes();
    let file = match open(root.as_fd(), path, ResolveFlags::IN_ROOT) {
        Err(error) if is_absent(&error) => return Ok(None),
        file => file?,
    };
    let mut bytes = Vec::new();
    file.take(most_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most_bytes {
        true => Err(io::ErrorKind::FileTooLarge.into()),
        false => Ok(Some(bytes)),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn is_regular(file: &OwnedFd) -> Result<bool, Errno> {
    Ok(FileType::from_raw_mode(fstat(file)?.st_mode) == FileType::RegularFile)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn files_of_another_machine_are_its_own() {
        let (machine, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (root, etc) = (machine.path(), machine.path().join("etc"));
        fs::create_dir(&etc).unwrap();
        fs::write(root.join("real"), "its own").unwrap();
        fs::write(other.path().join("real"), "not its own").unwrap();
        symlink("/real", etc.join("link")).unwrap();
        symlink(other.path().join("real"), etc.join("out")).unwrap();
        symlink("../../../../../real", etc.join("up")).unwrap();
        rustix::fs::mkfifoat(CWD, etc.join("pipe"), 0o600.into()).unwrap();
        let read = |path: &str| read_short(root, Path::new(path), 7);
        for path in ["/real", "/etc/link", "/etc/up"] {
            assert_eq!(read(path).unwrap(), Some(b"its own".to_vec()), "{path}");
        }
        for path in ["/none", "/real/none", "/etc/out"] {
            assert_eq!(read(path).unwrap(), None, "{path}");
        }
        assert_eq!(read("/etc/pipe").unwrap_err().to_string(), "it is no regular file");
        assert!(read("/etc").is_err());
        let long = read_short(root, Path::new("/real"), 6).unwrap_err();
        assert_eq!(long.kind(), io::ErrorKind::FileTooLarge);
    }
}
