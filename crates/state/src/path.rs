//! Joining and normalising paths.

use crate::Fd;

/// Longest path, with its final NUL, that is worked on (`SCAP_MAX_PATH_SIZE` of the schema's
/// tools); longer ones become [`TOO_LONG`].
const MAX_BYTES: usize = 1024;

/// What stands for a path that is too long.
const TOO_LONG: &[u8] = b"/DIR_TOO_LONG/FILENAME_TOO_LONG";

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
        path.extend(self.slash.then_some(b'/'));
        path
    }

    fn len(self) -> usize {
        self.path.len() + usize::from(self.slash)
    }

    fn is_empty(self) -> bool {
        self.path.is_empty()
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
    if base.len() + path.len() + 1 > MAX_BYTES {
        out.extend_from_slice(TOO_LONG);
        return;
    }
    let relative = path.first().is_some_and(|&b| b != b'/');
    let based = relative && !base.is_empty();
    if based {
        out.extend_from_slice(base.path);
        out.extend(base.slash.then_some(b'/'));
    }
    let mut rest = path;
    while let Some(&byte) = rest.first() {
        let at_component = out.last().is_none_or(|&b| b == b'/');
        rest = match rest {
            [b'.', b'.', b'/', tail @ ..] if at_component => up(out, tail),
            [b'.', b'.'] if at_component => up(out, &[]),
            [b'.', b'/', tail @ ..] if at_component => tail,
            [b'.'] if at_component => &[],
            // A slash that would double the last one, or make a relative path absolute.
            [b'/', tail @ ..] if out.last() == Some(&b'/') || (out.is_empty() && based) => tail,
            [_, tail @ ..] => {
                out.push(byte);
                tail
            }
            [] => break,
        };
    }
    if out.len() > 1 && out.last() == Some(&b'/') {
        out.pop();
    }
}

/// Drops the last component; the first byte goes only with a relative component.
fn up<'p>(out: &mut Vec<u8>, rest: &'p [u8]) -> &'p [u8] {
    if out.len() > 1 {
        let inner = &out[..out.len() - 1];
        let keep = inner.iter().rposition(|&b| b == b'/').map_or(0, |slash| slash + 1);
        out.truncate(keep);
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(base: &str, path: &str) -> String {
        let mut out = Vec::new();
        join(base.as_bytes(), path.as_bytes(), &mut out);
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
            assert_eq!(joined(base, path), expected, "{base:?} + {path:?}");
        }
    }

    #[test]
    fn a_path_that_is_too_long_is_replaced() {
        assert_eq!(joined("/", &"a".repeat(1022)).len(), 1023);
        assert_eq!(joined("/", &"a".repeat(1023)), "/DIR_TOO_LONG/FILENAME_TOO_LONG");
    }
}
