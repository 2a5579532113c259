//! One writer at a time.

use std::{
    fs::{File, TryLockError},
    io::{self, Read, Seek, Write},
    process,
};

use crate::{Error, dir::Dir};

pub(crate) const FILE: &str = "lock";
/// As much as is read of who holds the lock.
const MAX_HOLDER_BYTES: u64 = 64;

/// The lock, held until it is dropped, by whatever end the process comes to.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file would leave it to a process that was just forked and has yet to begin.
        let _ = self.file.unlock();
    }
}

impl Lock {
    /// Takes the lock of the store in `root`, or tells who has it.
    pub(crate) fn take(root: &Dir) -> Result<Self, Error> {
        let file = root.keep(FILE)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked { path: root.path().to_owned(), holder: holder(&file) });
            }
            Err(TryLockError::Error(source)) => return Err(root.io_error("lock", FILE, source)),
        }
        sign(&file).map_err(|source| root.io_error("write", FILE, source))?;
        Ok(Self { file })
    }
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
