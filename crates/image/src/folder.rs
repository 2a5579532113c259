//! A folder of this machine.
//!
//! Every entry is opened from its folder by its name alone, and never through a symbolic link: nothing
//! outside the tree is read, whatever changes meanwhile. What is no regular file is not opened.

use std::{
    ffi::{CStr, CString},
    fs::File,
    os::fd::OwnedFd,
    path::Path,
};

use rustix::{
    fs::{
        AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fgetxattr, fstat, fstatfs, openat,
        readlinkat, statat,
    },
    io::Errno,
};

use crate::{
    Entry, Error, Kind, Part, Problem, Visitor, Want, Whiteout, entry::MOST_LEVELS, tar::whiteout,
};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
pub(crate) const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// Kinds of file systems that have no files on a disk (linux/magic.h): of the kernel itself, and such
/// as other machines or programs serve.
const NO_DISK: [u64; 22] = [
    0x9fa0,      // proc
    0x6265_6572, // sysfs
    0x1cd1,      // devpts
    0x0027_e0eb, // cgroup
    0x6367_7270, // cgroup2
    0x6462_6720, // debugfs
    0x7472_6163, // tracefs
    0x7363_6673, // securityfs
    0xf97c_ff8c, // selinux
    0xcafe_4a11, // bpf
    0x6165_676c, // pstore
    0xde5e_81e4, // efivarfs
    0x1980_0202, // mqueue
    0x9584_58f6, // hugetlbfs
    0x4249_4e4d, // binfmt_misc
    0x6573_5546, // fuse
    0x6969,      // nfs
    0xff53_4d42, // cifs
    0xfe53_4d42, // smb2
    0x0102_1997, // 9p
    0x0187,      // autofs
    0x6e73_6673, // nsfs
];

/// How far a walk goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bounds {
    /// Wherever the folder leads.
    Everywhere,
    /// Not into file systems that have no files on a disk of this machine: its own `/proc`, say.
    Disks,
}

/// A folder of this machine.
#[derive(Debug)]
pub struct Folder {
    root: OwnedFd,
    bounds: Bounds,
    marks: Marks,
}

/// What entries may say of those below them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Marks {
    /// Nothing.
    None,
    /// What overlayfs and its like have for that (`overlayfs.rst` of the kernel, "whiteouts and opaque
    /// directories"): a character device 0:0 is a whiteout, and an extended attribute makes a folder
    /// hide what is below. Where devices can't be made, `fuse-overlayfs` has names as archives do.
    Overlay,
}

/// By which a folder hides what is below: of overlayfs, of the same within the namespace of a user, and of
/// `fuse-overlayfs`.
const OPAQUE: [&str; 3] =
    ["trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque"];

impl Folder {
    /// Opens it.
    ///
    /// # Errors
    /// If it can't be opened, or is none.
    pub fn open(path: &Path, bounds: Bounds) -> Result<Self, Error> {
        let root = openat(CWD, path, FOLDER, Mode::empty())
            .map_err(|source| Error::File { path: path.to_owned(), source: source.into() })?;
        Ok(Self { root, bounds, marks: Marks::None })
    }

    /// One that is open.
    pub(crate) fn of(root: OwnedFd) -> Self {
        Self { root, bounds: Bounds::Everywhere, marks: Marks::None }
    }

    /// One that is open and has what a layer of overlayfs has, whose marks are told as whiteouts.
    pub(crate) fn of_layer(root: OwnedFd) -> Self {
        Self { root, bounds: Bounds::Everywhere, marks: Marks::Overlay }
    }

    /// Walks it, entries of a folder in the order of their names.
    ///
    /// # Errors
    /// If it can't be read at all. What was wrong with single entries was told.
    pub fn walk(&self, visitor: &mut dyn Visitor) -> Result<(), Error> {
        let device = fstat(&self.root).map_err(|errno| Error::Io(errno.into()))?.st_dev;
        let names = names(&self.root).map_err(|errno| Error::Io(errno.into()))?;
        let mut walk =
            Walk { bounds: self.bounds, marks: self.marks, path: Vec::new(), levels: Vec::new() };
        walk.levels.push(Level { names, device, path_bytes: 0, folder: None });
        while let Some(level) = walk.levels.last_mut() {
            let Some(name) = level.names.pop() else {
                walk.levels.pop();
                continue;
            };
            walk.path.truncate(level.path_bytes);
            if let Err(errno) = walk.look(&self.root, &name, visitor) {
                let error = Error::Io(errno.into());
                visitor.problem(Problem { path: walk.path.clone(), error });
            }
        }
        Ok(())
    }
}

/// A folder that the walk is in.
struct Level {
    /// Those to look at, the first one last.
    names: Vec<CString>,
    device: u64,
    /// Bytes of the walk's path that are the folder's.
    path_bytes: usize,
    /// `None` is the root.
    folder: Option<OwnedFd>,
}

struct Walk {
    bounds: Bounds,
    marks: Marks,
    path: Vec<u8>,
    levels: Vec<Level>,
}

impl Walk {
    /// Looks at an entry of the innermost folder.
    fn look(
        &mut self,
        root: &OwnedFd,
        name: &CStr,
        visitor: &mut dyn Visitor,
    ) -> Result<(), Errno> {
        if !self.path.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(name.to_bytes());
        let Some(level) = self.levels.last() else { return Ok(()) };
        let folder = level.folder.as_ref().unwrap_or(root);
        let stat = match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            // It went away since the folder was read.
            Err(Errno::NOENT) => return Ok(()),
            stat => stat?,
        };
        let kind = FileType::from_raw_mode(stat.st_mode);
        if self.marks == Marks::Overlay && self.is_mark(kind, &stat, visitor) {
            return Ok(());
        }
        match kind {
            FileType::RegularFile => self.file(folder, name, &stat, visitor),
            FileType::Directory => {
                let entered = self.enter(folder, name, &stat, level.device, visitor)?;
                self.levels.extend(entered);
                Ok(())
            }
            FileType::Symlink => {
                let target = readlinkat(folder, name, Vec::new())?;
                visitor.entry(&self.entry(Kind::Symlink(target.as_bytes()), &stat));
                Ok(())
            }
            _ => {
                visitor.entry(&self.entry(Kind::Other, &stat));
                Ok(())
            }
        }
    }

    /// Whether the entry only says that what was below is gone.
    fn is_mark(&self, kind: FileType, stat: &Stat, visitor: &mut dyn Visitor) -> bool {
        if kind == FileType::CharacterDevice && stat.st_rdev == 0 {
            visitor.whiteout(Whiteout::Entry(&self.path));
            return true;
        }
        kind == FileType::RegularFile && whiteout(&self.path, visitor)
    }

    fn entry<'a>(&'a self, kind: Kind<'a>, stat: &Stat) -> Entry<'a> {
        let size_bytes = if kind == Kind::File { stat.st_size.cast_unsigned() } else { 0 };
        Entry { path: &self.path, kind, mode: stat.st_mode & 0o7777, size_bytes }
    }

    fn file(
        &self,
        folder: &OwnedFd,
        name: &CStr,
        stat: &Stat,
        visitor: &mut dyn Visitor,
    ) -> Result<(), Errno> {
        if visitor.entry(&self.entry(Kind::File, stat)) != Want::Content {
            return Ok(());
        }
        let file = openat(folder, name, FILE, Mode::empty())?;
        // Another may be in its place by now.
        let stat = fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Ok(());
        }
        let entry = self.entry(Kind::File, &stat);
        visitor.content(&entry, &mut Part::new(File::from(file), 0, entry.size_bytes));
        Ok(())
    }

    fn enter(
        &self,
        folder: &OwnedFd,
        name: &CStr,
        stat: &Stat,
        device: u64,
        visitor: &mut dyn Visitor,
    ) -> Result<Option<Level>, Errno> {
        if visitor.entry(&self.entry(Kind::Folder, stat)) == Want::Skip {
            return Ok(None);
        }
        if self.levels.len() > MOST_LEVELS {
            let error = crate::entry::BadName::TooDeep.into();
            visitor.problem(Problem { path: self.path.clone(), error });
            return Ok(None);
        }
        let inner = openat(folder, name, FOLDER | OFlags::NOFOLLOW, Mode::empty())?;
        let is_other_system = stat.st_dev != device;
        if self.bounds == Bounds::Disks && is_other_system && !is_on_disk(&inner)? {
            return Ok(None);
        }
        if self.marks == Marks::Overlay && is_opaque(&inner) {
            visitor.whiteout(Whiteout::Within(&self.path));
        }
        let names = names(&inner)?;
        let path_bytes = self.path.len();
        Ok(Some(Level { names, device: stat.st_dev, path_bytes, folder: Some(inner) }))
    }
}

fn is_opaque(folder: &OwnedFd) -> bool {
    let mut value = [0; 1];
    OPAQUE.iter().any(|name| fgetxattr(folder, *name, &mut value) == Ok(1) && &value == b"y")
}

fn is_on_disk(folder: &OwnedFd) -> Result<bool, Errno> {
    let kind = fstatfs(folder)?.f_type as u64 & 0xffff_ffff;
    Ok(!NO_DISK.contains(&kind))
}

/// The names of what is in a folder, the last one first.
fn names(folder: &OwnedFd) -> Result<Vec<CString>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let name = entry?.file_name().to_owned();
        if !matches!(name.to_bytes(), b"." | b"..") {
            names.push(name);
        }
    }
    names.sort_unstable_by(|a, b| b.cmp(a));
    Ok(names)
}
