//! Disks of virtual machines: raw, or as QEMU keeps them; partitions, logical volumes, and the file
//! systems on them, put together as the machine's own fstab(5) has them. Nothing is mounted, and no
//! privilege is needed.
//!
//! - `device`: bytes at places; `bytes`: numbers in them.
//! - `qcow2`: QEMU's form.
//! - `partitions`, `lvm`: what a disk is divided into.
//! - `ext4`, `xfs`: file systems; `tree`: the walk over one.

mod bytes;
mod device;
mod ext4;
mod fstab;
mod lvm;
mod partitions;
mod qcow2;
mod tree;
mod xfs;

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    os::unix::fs::FileTypeExt,
    path::Path,
    rc::Rc,
};

use device::{Cached, Device, Extent, Raw, array};
use ext4::Ext;
use fstab::Mount;
use tree::Tree;
use xfs::Xfs;

use crate::{Error, Problem, Visitor};

/// Longest fstab that is read.
const LONGEST_FSTAB_BYTES: u64 = 1 << 20;

/// A disk.
pub struct Disk {
    systems: Vec<System>,
    /// Parts that can't be read, and why.
    unread: Vec<(String, Error)>,
}

/// A file system on a disk.
struct System {
    /// Where it is: `partition 2`, `volume debian-root`.
    place: String,
    /// Names by which fstab(5) may call it, as they stand there.
    names: Vec<String>,
    files: Files,
}

enum Files {
    Ext(Ext),
    Xfs(Xfs),
}

impl Disk {
    /// Opens a disk: a file of either form, or a block device.
    ///
    /// # Errors
    /// If it can't be read, or has no file system that can be.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let at = |source| Error::File { path: path.to_owned(), source };
        let kind = fs::metadata(path).map_err(at)?.file_type();
        let why = match kind.is_dir() {
            true => "it is a folder, not a disk",
            false if !kind.is_file() && !kind.is_block_device() => {
                "it is neither a file nor a block device; write the disk to a file first"
            }
            false => return Self::of_file(File::open(path).map_err(at)?),
        };
        Err(Error::Unsupported(why.to_owned()))
    }

    /// Opens a disk that is in an open file.
    ///
    /// # Errors
    /// If it can't be read, or has no file system that can be.
    pub fn of_file(file: File) -> Result<Self, Error> {
        let size_bytes = (&file).seek(SeekFrom::End(0))?;
        if size_bytes == 0 {
            return Err(Error::Unsupported("it is empty, and no disk".to_owned()));
        }
        Self::of(Rc::new(Raw { file, size_bytes }))
    }

    fn of(file: Rc<dyn Device>) -> Result<Self, Error> {
        let first: [u8; 4] = array(&*file, 0)?;
        let inner: Rc<dyn Device> = match qcow2::is_qcow2(&first) {
            true => Rc::new(qcow2::Qcow2::open(file)?),
            false => file,
        };
        let disk: Rc<dyn Device> = Rc::new(Cached::new(inner));
        let mut disk_parts = Self { systems: Vec::new(), unread: Vec::new() };
        disk_parts.divide(&disk)?;
        if disk_parts.systems.is_empty() && disk_parts.unread.is_empty() {
            return Err(Error::Unsupported(
                "it has no file system that can be read: neither partitions nor ext4 or XFS"
                    .to_owned(),
            ));
        }
        Ok(disk_parts)
    }

    /// Looks at all parts of a disk.
    fn divide(&mut self, disk: &Rc<dyn Device>) -> Result<(), Error> {
        let size_bytes = disk.size_bytes();
        let whole = Extent { device: Rc::clone(disk), start: 0, size_bytes };
        // A file system's first bytes may look like a table of partitions.
        let parts = match partitions::of(disk).filter(|_| !xfs::is_xfs(&whole)) {
            Some(partitions) => partitions
                .into_iter()
                .map(|part| {
                    let names = vec![format!("PARTUUID={}", part.uuid)];
                    (format!("partition {}", part.number), names, part.extent)
                })
                .collect(),
            None => vec![("the disk".to_owned(), Vec::new(), whole)],
        };
        let mut physical = Vec::new();
        for (place, names, extent) in parts {
            match lvm::is_physical(&extent) {
                true => physical.push(extent),
                false => self.add(place, names, Rc::new(extent)),
            }
        }
        for volume in lvm::volumes(&physical)? {
            let place = format!("volume {}", volume.path);
            let names =
                vec![format!("/dev/mapper/{}", volume.name), format!("/dev/{}", volume.path)];
            match volume.device {
                Ok(device) => self.add(place, names, device),
                Err(error) => self.unread.push((place, error)),
            }
        }
        Ok(())
    }

    fn add(&mut self, place: String, mut names: Vec<String>, device: Rc<dyn Device>) {
        let found = if xfs::is_xfs(&*device) {
            Xfs::open(device).map(Files::Xfs)
        } else if ext4::is_ext4(&*device) {
            Ext::open(device).map(Files::Ext)
        } else {
            self.unread.extend(unknown(&*device).map(|error| (place, error)));
            return;
        };
        let files = match found {
            Ok(files) => files,
            Err(error) => return self.unread.push((place, error)),
        };
        let (uuid, label) = match &files {
            Files::Xfs(xfs) => (&xfs.uuid, &xfs.label),
            Files::Ext(ext) => (&ext.uuid, &ext.label),
        };
        names.push(format!("UUID={uuid}"));
        if !label.is_empty() {
            names.push(format!("LABEL={label}"));
        }
        self.systems.push(System { place, names, files });
    }

    /// Walks all of its file systems as one tree.
    ///
    /// # Errors
    /// If none of them can be read. What was wrong with single entries, or with all of a part, was told.
    pub fn walk(&self, visitor: &mut dyn Visitor) -> Result<(), Error> {
        let root = self.root();
        let mounts = root.map(System::fstab).unwrap_or_default();
        for (place, error) in &self.unread {
            let error = Error::Unsupported(format!("{place}: {error}"));
            visitor.problem(Problem { path: Vec::new(), error });
        }
        for system in self.in_order(root) {
            let is_root = root.is_some_and(|root| std::ptr::eq(root, system));
            let mount = if is_root { Some(&b""[..]) } else { system.mount(&mounts) };
            let walked = match mount {
                Some(mount) => system.walk(mount, visitor),
                None => Err(Error::Unsupported("no fstab says where it belongs".to_owned())),
            };
            if let Err(error) = walked {
                let error = Error::Unsupported(format!("{}: {error}", system.place));
                visitor.problem(Problem { path: Vec::new(), error });
            }
        }
        Ok(())
    }

    /// The one with the machine's own fstab, else with its release; the only one is it in any case.
    fn root(&self) -> Option<&System> {
        let has = |file: &'static [u8]| move |system: &&System| system.file(file).is_some();
        let systems = self.systems.iter();
        let by_file = |file| self.systems.iter().find(has(file));
        by_file(b"etc/fstab")
            .or_else(|| by_file(b"etc/os-release"))
            .or_else(|| systems.clone().next().filter(|_| systems.len() == 1))
    }

    /// The root first.
    fn in_order<'a>(&'a self, root: Option<&'a System>) -> impl Iterator<Item = &'a System> {
        let others =
            self.systems.iter().filter(move |it| !root.is_some_and(|root| std::ptr::eq(root, *it)));
        root.into_iter().chain(others)
    }
}

impl System {
    fn walk(&self, mount: &[u8], visitor: &mut dyn Visitor) -> Result<(), Error> {
        match &self.files {
            Files::Ext(ext) => tree::walk(ext, mount, visitor),
            Files::Xfs(xfs) => tree::walk(xfs, mount, visitor),
        }
    }

    /// A file's bytes.
    fn file(&self, path: &[u8]) -> Option<Vec<u8>> {
        match &self.files {
            Files::Ext(ext) => read(ext, path),
            Files::Xfs(xfs) => read(xfs, path),
        }
    }

    fn fstab(&self) -> Vec<Mount> {
        fstab::parse(&self.file(b"etc/fstab").unwrap_or_default())
    }

    /// Where fstab(5) puts it.
    fn mount<'a>(&self, mounts: &'a [Mount]) -> Option<&'a [u8]> {
        let is_meant =
            |mount: &&Mount| self.names.iter().any(|name| name.eq_ignore_ascii_case(&mount.what));
        mounts.iter().find(is_meant).map(|mount| mount.path.as_slice())
    }
}

/// Reads a short file by its name, which leads over no links.
fn read<T: Tree>(tree: &T, path: &[u8]) -> Option<Vec<u8>> {
    let (mut id, mut so_far) = (tree.root(), Vec::new());
    for part in path.split(|byte| *byte == b'/') {
        let entries = tree.list(&id, &so_far).ok()?;
        id = entries.into_iter().find(|(name, _)| name == part)?.1;
        if !so_far.is_empty() {
            so_far.push(b'/');
        }
        so_far.extend_from_slice(part);
    }
    if tree.node(&id, &so_far).ok()?.kind != tree::Type::File {
        return None;
    }
    let mut bytes = Vec::new();
    let content = tree.open(&id, &so_far).ok()?;
    content.take(LONGEST_FSTAB_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What else a part may have, which is not read. What is nothing, and what holds no files, is not told.
fn unknown(device: &dyn Device) -> Option<Error> {
    let at = |place| array::<8>(device, place).unwrap_or_default();
    let what = if &at(0x1_0040) == b"_BHRfS_M" {
        "Btrfs"
    } else if at(0).starts_with(b"LUKS\xba\xbe") {
        "an encrypted volume (LUKS)"
    } else if at(32).starts_with(b"NXSB") {
        "APFS"
    } else if at(3).starts_with(b"NTFS") {
        "NTFS"
    } else if at(0).starts_with(b"hsqs") {
        "SquashFS"
    } else if at(0x400).starts_with(&[0x10, 0x20, 0xf5, 0xf2]) {
        "F2FS"
    } else {
        return None;
    };
    Some(Error::Unsupported(format!("{what} is not read")))
}

/// A UUID as people write it.
fn uuid(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        if [4, 6, 8, 10].contains(&at) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// A name that ends at a NUL.
fn name(bytes: &[u8]) -> String {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

#[cfg(test)]
mod tests;
