//! Joining and normalising paths.

use event::print::path::MAX_PATH_BYTES;

use crate::Fd;

/// What stands for a directory whose fd is not known.
pub(crate) const UNKNOWN: &[u8] = b"<UNKNOWN>";

/// Where relative paths begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaseDir<'a> {
    path: &'a [u8],
    /// Whether a slash belongs behind it.
    slash: bool,
}

impl<'a> From<&'a [u8]> for BaseDir<'a> {
    fn from(path: &'a [u8]) -> Self {
        Self { path, slash: false }
    }
}

impl<'a> BaseDir<'a> {
    /// The directory that an fd refers to.
    pub fn of(fd: &'a Fd) -> Self {
        let slash = fd.name.last().is_some_and(|&b| b != b'/');
        Self { path: &fd.name, slash }
    }

    /// Whether the directory fd was not known.
    pub(crate) fn is_unknown(self) -> bool {
        self.path == UNKNOWN
    }

    /// The directory as it stands before a relative path.
    pub(crate) fn to_vec(self) -> Vec<u8> {
        let mut path = self.path.to_vec();
        path.extend_from_slice(self.slash());
        path
    }

    fn slash(self) -> &'static [u8] {
        if self.slash { b"/" } else { b"" }
    }
}

/// Joins `path` to `base` into `out`, without `.`, `..`, doubled and final slashes in `path`.
///
/// `base` is taken as it is: it should end in a slash, for none is put in. An absolute `path`
/// replaces it; an empty `path` gives nothing. A relative result stays relative, and its `..` go
/// no further up than its beginning.
pub fn join<'b>(base: impl Into<BaseDir<'b>>, path: &[u8], out: &mut Vec<u8>) {
    let base = base.into();
    out.clear();
    event::print::path::join(&[base.path, base.slash()], path, out);
}

/// Whether a path that has [nothing to resolve](event::print::path::is_resolved) is what [`join`] makes of it.
pub(crate) fn is_whole(base: BaseDir<'_>, path: &[u8]) -> bool {
    let bytes = base.path.len() + base.slash().len() + path.len() + 1;
    path.starts_with(b"/") && bytes <= MAX_PATH_BYTES
}

#[cfg(test)]
mod tests {
    use event::print::path::is_resolved;

    use super::*;

    fn both_ways(base: &str, path: &str) -> String {
        let mut out = Vec::new();
        join(base.as_bytes(), path.as_bytes(), &mut out);
        if is_resolved(path.as_bytes()) && is_whole(base.as_bytes().into(), path.as_bytes()) {
            assert_eq!(out, path.as_bytes());
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn paths_are_joined_and_normalised() {
        for (base, path, expected) in [
            ("", "", ""),
            ("/tmp/", "", ""),
            ("/", "..", "/"),
            ("/", "a", "/a"),
            ("/a/", "b/./c/", "/a/b/c"),
            ("/a/b/", "../c", "/a/c"),
            ("/a/", "../../../c", "/c"),
            ("/a/", "//x///y", "/x/y"),
            ("/a/", "/", "/"),
            ("/a/", ".", "/a"),
            ("/a", "b", "/ab"),
            ("a/", "..", ""),
            ("a/", "..//b", "b"),
            ("", "..", ""),
            ("", "../a", "a"),
            ("", "./a/b", "a/b"),
            ("", "a/../b", "b"),
            ("", "a/..//b", "/b"),
            ("/a/", ".hidden/...", "/a/.hidden/..."),
            ("/a/", "b/..c", "/a/b/..c"),
            ("<UNKNOWN>", "f", "<UNKNOWN>f"),
        ] {
            assert_eq!(both_ways(base, path), expected, "{base:?} + {path:?}");
        }
    }

    #[test]
    fn a_path_that_is_too_long_is_replaced() {
        assert_eq!(both_ways("/", &"a".repeat(1022)).len(), 1023);
        assert_eq!(both_ways("/", &"a".repeat(1023)), "/DIR_TOO_LONG/FILENAME_TOO_LONG");
    }
}
