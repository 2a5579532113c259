//! The archive that becomes a guest's root file system.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Component, Path, PathBuf},
};

use cpio::newc::{self, ModeFileType};

use super::{error::Error, programs};

/// A file system being put together; folders come about with what is in them.
#[derive(Default)]
pub(super) struct Tree(BTreeMap<PathBuf, Node>);

enum Node {
    Folder,
    File { bytes: Vec<u8>, mode: u32 },
    Link { target: PathBuf },
}

impl Tree {
    /// A file of these bytes; of two at one path the later counts.
    pub(super) fn bytes(&mut self, guest: impl AsRef<Path>, bytes: Vec<u8>, mode: u32) {
        self.put(guest.as_ref(), Node::File { bytes, mode });
    }

    /// An empty folder.
    pub(super) fn folder(&mut self, guest: impl AsRef<Path>) {
        self.put(guest.as_ref(), Node::Folder);
    }

    /// A file, or a folder with all that is in it, of this machine. Programs come without debug
    /// information and bring the libraries that they load.
    pub(super) fn copy(&mut self, host: &Path, guest: &Path) -> Result<(), Error> {
        let about = host.metadata().map_err(Error::file(host))?;
        if about.is_dir() {
            return self.copy_folder(host, guest);
        }
        let mode = about.permissions().mode() & 0o7777;
        if !programs::is_program(host) {
            let bytes = std::fs::read(host).map_err(Error::file(host))?;
            self.bytes(guest, bytes, mode);
            return Ok(());
        }
        let program = programs::program(host)?;
        self.bytes(guest, program.bytes, mode);
        program.libraries.iter().try_for_each(|path| self.library(path))
    }

    fn copy_folder(&mut self, host: &Path, guest: &Path) -> Result<(), Error> {
        self.folder(guest);
        for entry in host.read_dir().map_err(Error::file(host))? {
            let entry = entry.map_err(Error::file(host))?;
            let (from, to) = (entry.path(), guest.join(entry.file_name()));
            match entry.file_type().map_err(Error::file(&from))? {
                kind if kind.is_symlink() => {
                    let target = from.read_link().map_err(Error::file(&from))?;
                    self.put(&to, Node::Link { target });
                }
                kind if kind.is_dir() || kind.is_file() => self.copy(&from, &to)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn library(&mut self, path: &Path) -> Result<(), Error> {
        if !self.0.contains_key(&rooted(path)) {
            let bytes = std::fs::read(path).map_err(Error::file(path))?;
            self.bytes(path, bytes, 0o755);
        }
        Ok(())
    }

    fn put(&mut self, guest: &Path, node: Node) {
        let path = rooted(guest);
        for folder in path.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty()) {
            self.0.entry(folder.to_path_buf()).or_insert(Node::Folder);
        }
        self.0.insert(path, node);
    }

    /// Writes it as a cpio archive, which the kernel unpacks.
    pub(super) fn write(&self, mut to: impl Write) -> io::Result<()> {
        // In the order of paths, so that folders come before what is in them.
        for (at, (path, node)) in (1..).zip(&self.0) {
            let entry = newc::Builder::new(&path.to_string_lossy()).ino(at).nlink(1);
            let (entry, bytes) = node.describe(entry);
            let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
            let mut entry = entry.write(&mut to, length);
            entry.write_all(bytes)?;
            entry.finish()?;
        }
        newc::trailer(&mut to)?;
        to.flush()
    }
}

impl Node {
    fn describe(&self, entry: newc::Builder) -> (newc::Builder, &[u8]) {
        let (kind, mode, bytes) = match self {
            Node::Folder => (ModeFileType::Directory, 0o755, &[][..]),
            Node::File { bytes, mode } => (ModeFileType::Regular, *mode, bytes.as_slice()),
            Node::Link { target } => {
                (ModeFileType::Symlink, 0o777, target.as_os_str().as_encoded_bytes())
            }
        };
        (entry.mode(mode).set_mode_file_type(kind), bytes)
    }
}

/// A guest's path as it stands in the archive: relative, with nothing odd in it.
fn rooted(path: &Path) -> PathBuf {
    path.components().filter(|part| matches!(part, Component::Normal(_))).collect()
}

/// Where busybox is, of which a guest's commands are made.
pub(super) fn busybox() -> Result<PathBuf, Error> {
    programs::find("busybox")
        .ok_or_else(|| Error::Missing { what: "busybox".into(), mend: "scripts/setup vm" })
}
