//! What an entry of a tree is, and how its name is written.

/// Longest name of an entry, with its folders, in bytes. Linux itself stops at 4,096.
const LONGEST_BYTES: usize = 16 * 1024;
/// Most folders that an entry may be in.
pub(crate) const MOST_LEVELS: usize = 512;
/// Most entries of a tree that tells of them itself: what loops is told, not walked for ever.
pub(crate) const MOST_ENTRIES: u64 = 20_000_000;

/// What an entry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind<'a> {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link to this target, as it stands there.
    Symlink(&'a [u8]),
    /// Another name of a file of the same tree.
    Hardlink(&'a [u8]),
    /// A device, a pipe, a socket.
    Other,
}

/// An entry of a tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry<'a> {
    /// Its name within the tree, as [`tidy`] writes it: `usr/bin/env`.
    pub path: &'a [u8],
    /// What it is.
    pub kind: Kind<'a>,
    /// Permission bits, as `stat(2)` has them.
    pub mode: u32,
    /// Size of a file in bytes, as the tree tells it.
    pub size_bytes: u64,
}

impl<'a> Entry<'a> {
    /// The last part of its name.
    pub fn name(&self) -> &'a [u8] {
        self.path.rsplit(|byte| *byte == b'/').next().unwrap_or(self.path)
    }

    /// Whether somebody may execute it.
    pub fn is_executable(&self) -> bool {
        self.kind == Kind::File && self.mode & 0o111 != 0
    }
}

/// Why a name is not one within a tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadName {
    /// It has `..` in it.
    #[error("its name leads out of the tree with '..'")]
    LeadsOut,
    /// It has a NUL in it.
    #[error("its name has a NUL in it")]
    Nul,
    /// It is too long.
    #[error("its name is longer than {LONGEST_BYTES} bytes")]
    TooLong,
    /// It is in too many folders.
    #[error("it is in more than {MOST_LEVELS} folders")]
    TooDeep,
}

/// Writes a name within a tree in the one way in which this crate hands names on: no slash in front or
/// at the end, no empty parts, no `.`. The tree itself is the empty name.
///
/// # Errors
/// If it would lead out of the tree, or no tree can have it.
pub fn tidy(name: &[u8], out: &mut Vec<u8>) -> Result<(), BadName> {
    out.clear();
    if name.contains(&0) {
        return Err(BadName::Nul);
    }
    if name.len() > LONGEST_BYTES {
        return Err(BadName::TooLong);
    }
    let mut levels = 0;
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => continue,
            b".." => return Err(BadName::LeadsOut),
            _ => {}
        }
        levels += 1;
        if levels > MOST_LEVELS {
            return Err(BadName::TooDeep);
        }
        if !out.is_empty() {
            out.push(b'/');
        }
        out.extend_from_slice(part);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_in_one_way() {
        for (name, expected) in [
            ("./usr//bin/./env", "usr/bin/env"),
            ("/etc/passwd", "etc/passwd"),
            ("usr/lib/", "usr/lib"),
            ("./", ""),
            ("", ""),
            ("...", "..."),
            (" a / b", " a / b"),
        ] {
            let mut out = b"before".to_vec();
            tidy(name.as_bytes(), &mut out).unwrap();
            assert_eq!(out, expected.as_bytes(), "{name}");
        }
    }

    #[test]
    fn names_that_no_tree_has_are_refused() {
        let deep = "a/".repeat(MOST_LEVELS + 1);
        let long = "a".repeat(LONGEST_BYTES + 1);
        for (name, why) in [
            ("../etc/passwd", BadName::LeadsOut),
            ("a/../../b", BadName::LeadsOut),
            ("a/..", BadName::LeadsOut),
            ("a\0b", BadName::Nul),
            (&deep, BadName::TooDeep),
            (&long, BadName::TooLong),
        ] {
            assert_eq!(tidy(name.as_bytes(), &mut Vec::new()), Err(why), "{}", &name[..5]);
        }
    }
}
