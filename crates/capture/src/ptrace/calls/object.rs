//! What an fd is, and whether the name that a call was given leads there.
//!
//! A name is read before the kernel reads it, so another thread may put another one in its place in
//! between. What was opened can't be changed that way. So a name stands in the event only if it
//! leads to what was opened:
//!
//! 1. It is the object's own path, whatever stood in memory; most names are.
//! 2. Or it leads there still, by way of links, from the thread's own root and working directory.
//!    What the kernel knows of paths without asking a file system is enough nearly always; where it
//!    is not, file systems are asked, but none that is served by a program (FUSE), for that program
//!    may be one that waits for us.
//! 3. Or it is one of the names in /proc that are another file for each process.
//!
//! Otherwise the object's own path stands there. That is so as well if the file was renamed, or its
//! name was taken by another one, just after the call: that path is true, too.
//!
//! What is left: the fd itself may be closed by another thread, or be another file by now (`dup2`),
//! when we look. Such a call stops as well and is in the record, around the one that it deceives
//! about; an fd that is closed again leaves the name that was given, and no inode.

use std::{
    borrow::Cow,
    ffi::{CStr, CString, OsStr},
    fs::{self, File},
    io::{self, ErrorKind},
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::ffi::{OsStrExt, OsStringExt},
        unix::fs::OpenOptionsExt,
    },
};

use super::{Exit, flags, served};
use crate::ptrace::sys::{self, Follow, Identity};

/// The file behind an fd.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Object {
    /// Device, as the schema has it.
    pub(super) dev: u32,
    /// Inode number.
    pub(super) ino: u64,
    identity: Identity,
}

impl Exit<'_> {
    /// The file behind an fd of the thread; `None` if it is closed again.
    pub(super) fn file(&self, fd: i64) -> Option<Object> {
        let path = CString::new(format!("/proc/{}/fd/{fd}", self.tid)).ok()?;
        let identity = sys::identity(&path).ok()?;
        let dev = flags::device(identity.major, identity.minor);
        Some(Object { dev, ino: identity.ino, identity })
    }

    /// The path of the file behind an fd of the thread, as seen from the thread's root.
    ///
    /// Sockets and the like have a name instead (`socket:[17]`); what was removed has ` (deleted)`
    /// at its end.
    pub(super) fn path_of(&self, fd: i64) -> Option<Vec<u8>> {
        within_root(self.tid, link(&format!("/proc/{}/fd/{fd}", self.tid))?)
    }

    /// The name to tell of what was opened as `fd`: the one that was given, if it leads there.
    pub(super) fn true_name<'n>(
        &self,
        given: &Given<'n>,
        fd: i64,
        object: &Object,
    ) -> Cow<'n, [u8]> {
        let given_one = Cow::Borrowed(given.name);
        // Sockets and the like have no path.
        let path = link(&format!("/proc/{}/fd/{fd}", self.tid));
        let Some(path) = path.filter(|path| path.starts_with(b"/")) else { return given_one };
        if given.is_path(&path) {
            return given_one;
        }
        match within_root(self.tid, path) {
            Some(path) if !given.leads_to(self.pid, object, &path) => {
                Cow::Owned(without_mark(&path).to_vec())
            }
            _ => given_one,
        }
    }
}

/// A path without what the kernel appends to those of removed files.
fn without_mark(path: &[u8]) -> &[u8] {
    path.strip_suffix(b" (deleted)").unwrap_or(path)
}

/// A name that a call was given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given<'n> {
    pub(super) tid: i32,
    /// What it is relative to.
    pub(super) dirfd: i32,
    pub(super) name: &'n [u8],
}

/// What is found under a name.
#[derive(Debug)]
pub(super) enum Found {
    /// A file, and an fd of ours that names it.
    File(Identity, OwnedFd),
    Nothing,
    /// It cannot be said.
    Unknown,
}

impl Given<'_> {
    /// Looks for the file, following links.
    pub(super) fn find(&self) -> Found {
        match self.look_up() {
            Ok((identity, fd)) => Found::File(identity, fd),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Found::Nothing
            }
            Err(_) => Found::Unknown,
        }
    }

    /// Whether the name leads to what was opened and has this path.
    fn leads_to(&self, pid: i32, object: &Object, path: &[u8]) -> bool {
        let own = without_mark(path);
        if self.full().is_some_and(|full| [own, path].contains(&&*plain(&full))) {
            return true;
        }
        match self.find() {
            Found::File(identity, _) if identity == object.identity => true,
            Found::File(_, found) => {
                let found = link(&format!("/proc/self/fd/{}", found.as_raw_fd()))
                    .and_then(|path| within_root(self.tid, path))
                    .unwrap_or_default();
                is_same_for_us(pid, path, &found)
                    // A file without a name, in the directory that was given.
                    || (path != own && parent(own) == found)
                    || self.is_magic_of(object)
            }
            Found::Nothing | Found::Unknown => self.is_magic_of(object),
        }
    }

    fn look_up(&self) -> io::Result<(Identity, OwnedFd)> {
        let full = CString::new(self.full().ok_or(ErrorKind::Unsupported)?)?;
        let root = directory(&format!("/proc/{}/root", self.tid))?;
        let found = match sys::look_up(root.as_fd(), &full, Follow::Known) {
            Err(error) if is_too_much(&error) => self.ask(&root, &full)?,
            Err(error) if is_refused(&error) => match served::by_programs(self.tid) {
                Some(served) if served.is_empty() => plainly(self.tid, full.to_bytes())?,
                _ => return Err(error),
            },
            found => found?,
        };
        Ok((sys::identity_of(found.as_fd())?, found))
    }

    /// Asks the file systems, but none that a program serves: where there are such, only the one
    /// that the file's directory is on, if the way there is known.
    fn ask(&self, root: &File, full: &CStr) -> io::Result<OwnedFd> {
        let served = served::by_programs(self.tid).ok_or(ErrorKind::Unsupported)?;
        if served.is_empty() {
            return sys::look_up(root.as_fd(), full, Follow::All);
        }
        let full = full.to_bytes();
        let at = full.iter().rposition(|byte| *byte == b'/').ok_or(ErrorKind::Unsupported)?;
        let (directory, name) = full.split_at(at + 1);
        let directory = sys::look_up(root.as_fd(), &CString::new(directory)?, Follow::Known)?;
        let Identity { major, minor, .. } = sys::identity_of(directory.as_fd())?;
        if served.contains(&(major, minor)) || matches!(name, b"" | b"." | b"..") {
            return Err(ErrorKind::Unsupported.into());
        }
        sys::look_up(directory.as_fd(), &CString::new(name)?, Follow::Here)
    }

    /// Whether the name is this path, both as seen from our root.
    fn is_path(&self, path: &[u8]) -> bool {
        let base = if self.name.starts_with(b"/") { Some(Vec::new()) } else { self.base() };
        base.is_some_and(|base| {
            let full = plain(&[&base, &b"/"[..], self.name].concat());
            [without_mark(path), path].contains(&&*full)
        })
    }

    /// The name from the thread's root on.
    fn full(&self) -> Option<Vec<u8>> {
        if self.name.starts_with(b"/") {
            return Some(self.name.to_vec());
        }
        let base = within_root(self.tid, self.base()?)?;
        Some([&base, &b"/"[..], self.name].concat()).filter(|_| !self.name.is_empty())
    }

    /// The directory that the name is relative to, as seen from our root.
    fn base(&self) -> Option<Vec<u8>> {
        let base = match self.dirfd {
            libc::AT_FDCWD => format!("/proc/{}/cwd", self.tid),
            fd => format!("/proc/{}/fd/{fd}", self.tid),
        };
        link(&base).filter(|base| base.starts_with(b"/"))
    }

    /// Whether the name is one by which a process finds its own fds and program, and leads there.
    fn is_magic_of(&self, object: &Object) -> bool {
        let Some(full) = self.full() else { return false };
        let full = plain(&full);
        let rest = match &*full {
            b"/dev/stdin" => &b"fd/0"[..],
            b"/dev/stdout" => b"fd/1",
            b"/dev/stderr" => b"fd/2",
            full => {
                let dev = full.strip_prefix(b"/dev/").filter(|rest| rest.starts_with(b"fd/"));
                let own = ["/proc/self/", "/proc/thread-self/"];
                let own = own.iter().find_map(|own| full.strip_prefix(own.as_bytes()));
                let Some(rest) = dev.or(own) else { return false };
                rest
            }
        };
        // Nothing beyond the link itself, which no file system is asked about.
        let is_link = matches!(rest, b"exe" | b"cwd" | b"root")
            || rest.strip_prefix(b"fd/").is_some_and(|fd| fd.iter().all(u8::is_ascii_digit));
        let path = [format!("/proc/{}/", self.tid).as_bytes(), rest].concat();
        let found = CString::new(path).ok().and_then(|path| sys::identity(&path).ok());
        is_link && found == Some(object.identity)
    }
}

/// Whether the kernel knows too little of a path, or takes no such question (before Linux 5.12).
fn is_too_much(error: &io::Error) -> bool {
    error.kind() == ErrorKind::WouldBlock || error.raw_os_error() == Some(libc::EINVAL)
}

/// Whether there is no such question: before Linux 5.6, or in a sandbox.
fn is_refused(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM))
}

/// What a path leads to from a thread's root on; absolute links on its way are followed from ours.
fn plainly(tid: i32, path: &[u8]) -> io::Result<OwnedFd> {
    let path = [format!("/proc/{tid}/root/").as_bytes(), path].concat();
    let found =
        File::options().read(true).custom_flags(libc::O_PATH).open(OsStr::from_bytes(&path));
    found.map(OwnedFd::from)
}

/// Whether a path in /proc that is ours is the same file for a process.
fn is_same_for_us(pid: i32, theirs: &[u8], ours: &[u8]) -> bool {
    let own = |id: u32| format!("/proc/{id}/").into_bytes();
    match (theirs.strip_prefix(&*own(pid as u32)), ours.strip_prefix(&*own(std::process::id()))) {
        (Some(theirs), Some(ours)) => theirs == ours,
        _ => false,
    }
}

/// A path from a thread's root on, made of one from ours on.
fn within_root(tid: i32, path: Vec<u8>) -> Option<Vec<u8>> {
    let root = link(&format!("/proc/{tid}/root"))?;
    if root == b"/" {
        return Some(path);
    }
    match path.strip_prefix(&*root) {
        Some(b"") => Some(b"/".to_vec()),
        Some(rest) if rest.starts_with(b"/") => Some(rest.to_vec()),
        _ => Some(path),
    }
}

/// A path without `.`, `..` and empty parts.
fn plain(path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.iter().flat_map(|part| [b"/", *part]).flatten().copied().collect()
}

fn parent(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    path.get(..end.max(1)).unwrap_or_default()
}

fn link(path: &str) -> Option<Vec<u8>> {
    Some(fs::read_link(OsStr::from_bytes(path.as_bytes())).ok()?.into_os_string().into_vec())
}

fn directory(path: &str) -> io::Result<File> {
    File::options().read(true).custom_flags(libc::O_PATH | libc::O_DIRECTORY).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_plain_as_the_state_does() {
        for (path, expected) in [
            (&b"/a//b/./c/../d/"[..], &b"/a/b/d"[..]),
            (b"/../..", b""),
            (b"/", b""),
            (b"/\xff", b"/\xff"),
        ] {
            assert_eq!(plain(path), expected, "{path:?}");
        }
        assert_eq!(
            (parent(b"/tmp/#1"), parent(b"/#1"), parent(b"")),
            (&b"/tmp"[..], &b"/"[..], &b""[..])
        );
    }

    #[test]
    fn paths_are_followed_where_the_kernel_has_no_better_question() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        std::os::unix::fs::symlink("file", folder.path().join("link")).unwrap();
        let [file, link, none] = ["file", "link", "none"].map(|name| {
            let path = folder.path().join(name).into_os_string().into_vec();
            plainly(sys::own_tid(), &path).and_then(|fd| sys::identity_of(fd.as_fd())).ok()
        });
        assert!(file.is_some() && file == link && none.is_none());
    }

    #[test]
    fn magic_links_of_ours_and_theirs_are_told_apart_by_their_ends_only() {
        let own = std::process::id();
        for (theirs, ours, same) in [
            ("/proc/7/mounts".to_owned(), format!("/proc/{own}/mounts"), true),
            ("/proc/7/mounts".to_owned(), format!("/proc/{own}/maps"), false),
            ("/proc/77/mounts".to_owned(), format!("/proc/{own}/mounts"), false),
            ("/etc/x".to_owned(), "/etc/x".to_owned(), false),
        ] {
            assert_eq!(
                is_same_for_us(7, theirs.as_bytes(), ours.as_bytes()),
                same,
                "{theirs} {ours}"
            );
        }
    }
}
