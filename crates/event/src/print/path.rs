//! Paths, and how relative ones become absolute.

use super::{Names, sink::Sink, text};
use crate::{Event, Param, ParamType, schema::Detail, words};

/// Longest path that [`join`] makes.
pub const MAX_PATH_BYTES: usize = 1024;

/// What stands for a path that is too long.
pub const TOO_LONG: &[u8] = b"/DIR_TOO_LONG/FILENAME_TOO_LONG";

/// The directory fd that stands for the working directory (`AT_FDCWD`).
pub const AT_FDCWD: i64 = -100;

pub(super) fn print(event: &Event<'_>, param: &Param<'_>, names: &impl Names, out: &mut Sink<'_>) {
    let path = text::until_nul(param.bytes);
    out.value(path);
    if path.is_empty() || path.starts_with(b"/") || path == b"<NA>" || !names.has_thread() {
        return;
    }
    out.meaning(|out| match dir_fd(event, param) {
        Some(fd) if fd != AT_FDCWD => match names.fd(fd) {
            Some(dir) if !dir.name.is_empty() => join(&[dir.name, slash(dir.name)], path, out),
            _ => join(&[], path, out),
        },
        _ => join(&[names.cwd()], path, out),
    });
}

/// The directory fd that a path is relative to; `None`: the working directory.
fn dir_fd(event: &Event<'_>, param: &Param<'_>) -> Option<i64> {
    let (ParamType::FsRelPath, Detail::DirFd(index)) = (param.info.ty, &param.info.detail) else {
        return None;
    };
    let dir = event.param(*index)?;
    if dir.info.ty == ParamType::Fd { dir.int() } else { None }
}

/// What is missing between a directory's name and a path below it.
fn slash(dir: &[u8]) -> &'static [u8] {
    if dir.ends_with(b"/") { b"" } else { b"/" }
}

/// Appends `path` as seen from the directory whose name is the parts of `base` together (with a
/// slash at its end; ignored if `path` is absolute). `.` and `..` in `path` are resolved, doubled
/// slashes and a final one removed; `base` is taken as it is. [`TOO_LONG`] if what comes of it does not
/// fit: a way there that is only long, up and down again, hides nothing.
pub fn join(base: &[&[u8]], path: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    if is_resolved(path) {
        begin(base, path, out);
        out.extend_from_slice(path);
    } else {
        resolve(base, path, out);
    }
    if out.len() - start >= MAX_PATH_BYTES {
        out.truncate(start);
        out.extend_from_slice(TOO_LONG);
    }
}

/// Puts the directory in front of a relative path.
fn begin(base: &[&[u8]], path: &[u8], out: &mut Vec<u8>) {
    if !path.is_empty() && !path.starts_with(b"/") {
        base.iter().for_each(|part| out.extend_from_slice(part));
    }
}

/// Joins step by step.
fn resolve(base: &[&[u8]], path: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    begin(base, path, out);
    let rooted = out.len() > start;
    let mut rest = path;
    while !rest.is_empty() {
        rest = &rest[step(start, rooted, rest, out)..];
    }
    if out.len() > start + 1 && out.ends_with(b"/") {
        out.pop();
    }
}

/// Whether a path surely has nothing to resolve: no name that begins with a dot, no doubled or final
/// slash. Nearly every path is so, and a look at its bytes costs less than a step for each.
pub fn is_resolved(path: &[u8]) -> bool {
    if path.is_empty() || path.starts_with(b".") || path.ends_with(b"/") {
        return false;
    }
    let Some(end) = path.last_chunk() else {
        return !path.windows(2).any(|pair| matches!(pair, b"//" | b"/."));
    };
    let mut slash_before = 0;
    let mut steps = 0;
    for bytes in path.as_chunks().0 {
        let (slashes, begins) = slashes(*bytes);
        steps |= (slashes << 8 | slash_before) & begins;
        slash_before = slashes >> 56;
    }
    // It has some bytes again, but none is left out.
    let (slashes, begins) = slashes(*end);
    (steps | (slashes << 8 & begins)) == 0
}

/// Which bytes are slashes, and which are slashes or dots: the two differ in their last bit alone. A
/// dot behind a slash may count as a slash.
fn slashes(bytes: [u8; words::BYTES]) -> (u64, u64) {
    let word = words::word(bytes);
    let slash = words::all(b'/');
    (words::zeros(word ^ slash), words::zeros((word | words::all(1)) ^ slash))
}

/// Takes in the next piece of a path; its length in bytes.
fn step(start: usize, rooted: bool, rest: &[u8], out: &mut Vec<u8>) -> usize {
    let at_component = out.len() == start || out.ends_with(b"/");
    match rest {
        [b'.', b'.', b'/', ..] if at_component => up(start, 3, out),
        [b'.', b'.'] if at_component => up(start, 2, out),
        [b'.', b'/', ..] if at_component => 2,
        [b'.'] if at_component => 1,
        [b'/', ..] if out.len() > start && out.ends_with(b"/") => 1,
        [b'/', ..] if out.len() == start && rooted => 1,
        _ => {
            out.push(rest[0]);
            1
        }
    }
}

/// Drops the last component, never the root.
fn up(start: usize, taken: usize, out: &mut Vec<u8>) -> usize {
    if out.len() > start + 1 {
        out.pop();
        while out.len() > start && !out.ends_with(b"/") {
            out.pop();
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_are_resolved() {
        let cases = [
            ("/root/", "a", "/root/a"),
            ("/root/", "./a/./b", "/root/a/b"),
            ("/root/", "..", "/"),
            ("/root/", "../etc/passwd", "/etc/passwd"),
            ("/", "../../x", "/x"),
            ("/root/", "../../../x", "/x"),
            ("/root/", "a//b/", "/root/a/b"),
            ("/root/", "a/..", "/root"),
            ("/root/", ".", "/root"),
            ("/root/", "...", "/root/..."),
            ("/root/", ".hidden", "/root/.hidden"),
            ("/root/", "a.", "/root/a."),
            ("/root/", "/etc//x/../y", "/etc/y"),
            ("/root/", "/", "/"),
            ("/root/", "", ""),
            ("", "foo/../a", "a"),
            ("", "/foo/../a", "/a"),
            ("", "foo", "foo"),
            ("/a/../b/", "c", "/a/../b/c"),
            ("/root", "a", "/roota"),
        ];
        for (base, path, expected) in cases {
            let mut out = b"x=".to_vec();
            join(&[base.as_bytes()], path.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out[2..]), expected, "{base} + {path}");
        }
    }

    #[test]
    fn steps_leave_a_path_as_it_is_that_has_nothing_to_resolve() {
        let names = ["", "a", ".", "..", ".a", "a.", "abcdef", "abcdefg"];
        let pieces = names.iter().flat_map(|name| [format!("/{name}"), (*name).to_owned()]);
        let pieces: Vec<String> = pieces.collect();
        for base in ["", "/", "/b", "/b/", "b/"] {
            for (one, two, three) in pieces
                .iter()
                .flat_map(|one| pieces.iter().map(move |two| (one, two)))
                .flat_map(|(one, two)| pieces.iter().map(move |three| (one, two, three)))
            {
                let path = [one.as_str(), two, three].concat();
                let mut stepped = Vec::new();
                resolve(&[base.as_bytes()], path.as_bytes(), &mut stepped);
                let mut joined = Vec::new();
                join(&[base.as_bytes()], path.as_bytes(), &mut joined);
                assert_eq!(joined, stepped, "{base} + {path}");
            }
        }
    }

    #[test]
    fn a_path_that_is_too_long_says_so() {
        let long = vec![b'a'; MAX_PATH_BYTES - 2];
        let mut out = Vec::new();
        join(&[b"/"], &long, &mut out);
        assert_eq!(out.len(), MAX_PATH_BYTES - 1);
        out.clear();
        join(&[b"/", b"b"], &long, &mut out);
        assert_eq!(out, TOO_LONG);
        out.truncate(2);
        join(&[b"/b/"], &[&b"c/../"[..], &b"d".repeat(MAX_PATH_BYTES)].concat(), &mut out);
        assert_eq!(out, [&b"/D"[..], TOO_LONG].concat());
    }

    #[test]
    fn a_long_way_to_a_short_path_is_no_long_path() {
        for base in ["", "/", "/home/"] {
            let path = ["/etc/..".repeat(500), "//etc/./shadow".to_owned()].concat();
            let mut out = Vec::new();
            join(&[base.as_bytes()], path.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), "/etc/shadow");
        }
    }
}
