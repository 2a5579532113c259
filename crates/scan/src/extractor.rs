//! What an extractor is: which files it reads, and what it finds in one.

use std::{
    io::{BufRead, BufReader, Read, SeekFrom},
    ops::Range,
};

use image::{Content, Entry};

use crate::{Distro, Error, Package, extractors::Project, project::Role};

/// Longest file that is read as a whole.
const LONGEST_BYTES: u64 = 64 << 20;
/// Longest line.
const LONGEST_LINE_BYTES: usize = 1 << 20;

/// What an extractor's files say of a tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Setting {
    /// What a distribution's package manager installed, and which distribution that is.
    System,
    /// What is installed otherwise.
    Installed,
    /// What a source tree asks for, installed or not.
    Declared,
    /// What a source tree asks for, in files that are installed with a program as well.
    Shipped,
    /// Which files packages have that are told of elsewhere. It is read where somebody asks for owners.
    Files,
}

/// Which files an extractor reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pattern {
    /// This very file.
    Path(&'static str),
    /// Files of this name in any folder.
    Name(&'static str),
    /// Files whose names end so.
    Suffix(&'static str),
    /// Files whose whole names end so, which begins with a slash: `/node_modules/.package-lock.json`.
    PathEnd(&'static str),
    /// Files in this folder, not in those within it, whose names end so.
    In(&'static str, &'static str),
    /// Files whose names are like this from the root of the tree, or, if it begins with `**/`, from any
    /// folder. Of each part, the begin may be `*`: anything that ends so. `opt/*/*.spdx`.
    Like(&'static str),
    /// Files and folders in this folder: nothing but their names is read.
    EntryOf(&'static str),
    /// Files in any folder of this name, not in those within it, whose names end so.
    Within(&'static str, &'static str),
    /// Files whose names begin and end so.
    Affixes(&'static str, &'static str),
    /// Files that may be executed.
    Executable,
}

/// Whether a name is like this.
pub(crate) fn is_like(path: &[u8], like: &str) -> bool {
    let mut parts = path.rsplit(|byte| *byte == b'/');
    for wanted in like.rsplit('/') {
        if wanted == "**" {
            return true;
        }
        let is_part = |part: &[u8]| match wanted.strip_prefix('*') {
            Some(end) => part.ends_with(end.as_bytes()),
            None => part == wanted.as_bytes(),
        };
        if !parts.next().is_some_and(is_part) {
            return false;
        }
    }
    parts.next().is_none()
}

/// Reads packages out of files of one form.
#[derive(Debug)]
pub struct Extractor {
    /// Its name.
    pub name: &'static str,
    /// What it reads, in a few words.
    pub about: &'static str,
    /// What its files say of a tree.
    pub setting: Setting,
    /// Which files it reads.
    pub files: &'static [Pattern],
    /// Reads one.
    pub extract: fn(&mut Input<'_>, &mut Found) -> Result<(), Error>,
}

/// Files of one of several packages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnedRange {
    /// Its place among [`Found::packages`].
    pub package: usize,
    /// Its files among [`Found::owned`].
    pub owned: Range<usize>,
    /// Its files among [`Found::owned_by_others`].
    pub others: Range<usize>,
}

/// What a file has.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Packages that it tells of. Their locations are added later.
    pub packages: Vec<Package>,
    /// The distribution that it tells of.
    pub distro: Option<Distro>,
    /// Names of files that belong to packages, from the root of the tree.
    pub owned: Vec<Vec<u8>>,
    /// Names of files that belong to packages that the distribution does not look after: what is in them
    /// is listed.
    pub owned_by_others: Vec<Vec<u8>>,
    /// Which of those are of which package, where the file tells of several.
    pub ranges: Vec<OwnedRange>,
    /// Files of a package that is told of elsewhere, from the root of the tree; read only where that is asked.
    pub files: Vec<Vec<u8>>,
    /// Licences of a system's package, which stand elsewhere than the package does.
    pub licences: Vec<(String, Vec<String>)>,
    /// A Maven project, whose packages are listed when those above it are known.
    pub(crate) pom: Option<Box<Project>>,
    /// What it has for other files of its project, or wants of them.
    pub role: Option<Role>,
}

impl Found {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty()
            && self.distro.is_none()
            && self.owned.is_empty()
            && self.owned_by_others.is_empty()
            && self.files.is_empty()
            && self.licences.is_empty()
            && self.pom.is_none()
            && self.role.is_none()
    }
}

/// A file to read packages out of.
pub struct Input<'a> {
    /// The file.
    pub entry: Entry<'a>,
    content: &'a mut dyn Content,
}

impl<'a> Input<'a> {
    /// From its beginning.
    ///
    /// # Errors
    /// If it can't be read from there.
    pub fn new(entry: Entry<'a>, content: &'a mut dyn Content) -> Result<Self, Error> {
        content.seek(SeekFrom::Start(0))?;
        Ok(Self { entry, content })
    }

    /// Its name from the root of the tree, odd bytes replaced.
    pub fn path(&self) -> String {
        String::from_utf8_lossy(self.entry.path).into_owned()
    }

    /// The name of the folder that it is in, at this distance; empty beyond the root.
    pub fn folder(&self, above: usize) -> String {
        let mut parts = self.entry.path.rsplit(|byte| *byte == b'/').skip(1 + above);
        String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned()
    }

    /// To read from any place.
    pub fn content(&mut self) -> &mut dyn Content {
        self.content
    }

    /// All of it.
    ///
    /// # Errors
    /// If it can't be read, or is too large.
    pub fn bytes(&mut self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        (&mut self.content).take(LONGEST_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LONGEST_BYTES {
            return Err(Error::Limit { what: "the file", limit: LONGEST_BYTES, unit: "bytes" });
        }
        Ok(bytes)
    }

    /// All of it, bytes that are no text replaced. What marks its encoding is left out.
    ///
    /// # Errors
    /// If it can't be read, or is too large.
    pub fn text(&mut self) -> Result<String, Error> {
        let bytes = self.bytes()?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    /// Calls `take` for each line, without its end, and its number, until that says that it is enough.
    ///
    /// # Errors
    /// If it can't be read, a line is too long, or `take` fails.
    pub fn lines(
        &mut self,
        mut take: impl FnMut(usize, &str) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut reader = BufReader::with_capacity(64 << 10, &mut self.content);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let most = LONGEST_LINE_BYTES as u64 + 1;
            if (&mut reader).take(most).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.len() > LONGEST_LINE_BYTES {
                let why = format!("it is longer than {LONGEST_LINE_BYTES} bytes");
                return Err(Error::Line { line: number, why });
            }
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            take(number, &String::from_utf8_lossy(text))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_like_patterns_part_by_part() {
        for (path, like, expected) in [
            ("opt/bitnami/a/.spdx-a.spdx", "opt/bitnami/*/*.spdx", true),
            ("opt/bitnami/a/b/.spdx-a.spdx", "opt/bitnami/*/*.spdx", false),
            ("x/opt/bitnami/a/.spdx-a.spdx", "opt/bitnami/*/*.spdx", false),
            ("wp-content/plugins/a/a.php", "**/wp-content/plugins/*/*.php", true),
            ("srv/wp-content/plugins/a/a.php", "**/wp-content/plugins/*/*.php", true),
            ("plugins/a/a.php", "**/wp-content/plugins/*/*.php", false),
            ("a", "a", true),
            ("a/b", "b", false),
        ] {
            assert_eq!(is_like(path.as_bytes(), like), expected, "{path} {like}");
        }
    }
}
