//! One writer at a time.
//!
//! The file `lock` says who it is, and locks work for it on most file systems. Somebody may remove it
//! while it is held, so the folder itself is locked as well, where that can be done.

use std::{
    fs::{File, TryLockError},
    io::{self, ErrorKind, Read, Seek, Write},
    os::unix::fs::MetadataExt,
    process,
};

use crate::{Error, dir::Dir};

pub(crate) const FILE: &str = "lock";
/// As much as is read of who holds the lock.
const MAX_HOLDER_BYTES: u64 = 64;
/// How often a lock is taken that somebody removes meanwhile.
const MOST_TRIES: u32 = 100;

/// The lock, held until it is dropped, by whatever end the process comes to.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    folder: Dir,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file would leave it to a process that was just forked and has yet to begin.
        let _ = self.file.unlock();
        self.folder.unlock();
    }
}

impl Lock {
    /// Takes the lock of the store in `root`, or tells who has it.
    pub(crate) fn take(root: &Dir) -> Result<Self, Error> {
        let file = lock_file(root)?;
        // Opened once more, for a lock belongs to what was opened.
        let folder = root.sub(".")?;
        if folder.try_lock() == Err(ErrorKind::WouldBlock) {
            return Err(Error::Locked { path: root.path().to_owned(), holder: holder(&file) });
        }
        sign(&file).map_err(|source| root.io_error("write", FILE, source))?;
        Ok(Self { file, folder })
    }
}

/// The file `lock`, locked.
fn lock_file(root: &Dir) -> Result<File, Error> {
    for _ in 0..MOST_TRIES {
        let file = root.keep(FILE)?;
        match file.try_lock() {
            Ok(()) if is_still(&file, root) => return Ok(file),
            // It was removed since it was opened.
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked { path: root.path().to_owned(), holder: holder(&file) });
            }
            Err(TryLockError::Error(source)) => return Err(root.io_error("lock", FILE, source)),
        }
    }
    Err(root.io_error("lock", FILE, ErrorKind::ResourceBusy.into()))
}

/// Whether the file is what `lock` stands for now.
fn is_still(file: &File, root: &Dir) -> bool {
    let ino = file.metadata().map(|meta| meta.ino());
    ino.is_ok_and(|ino| root.look(FILE).is_ok_and(|meta| meta.ino == ino))
}

/// Writes down who holds the lock, for whoever wants it.
fn sign(mut file: &File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", process::id())
}

fn holder(file: &File) -> String {
    let mut text = String::new();
    // A file without a number means that the holder was just about to write it.
    let _ = file.take(MAX_HOLDER_BYTES).read_to_string(&mut text);
    match text.trim().parse::<u32>() {
        Ok(pid) => format!("process {pid}"),
        Err(_) => "another process".to_owned(),
    }
}
