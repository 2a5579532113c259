//! Scenarios on the disk: captures, and beside them the truth about each.
//!
//! A folder holds `captures/NAME.scap`, and `truth/NAME.json` beside `captures` or one folder
//! higher, where several recorders share it. A folder of such folders is as good.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::truth::Truth;
use crate::error::Error;

const ENDINGS: [&str; 3] = [".scap", ".scap.gz", ".scap.zst"];

/// Something that was done while a recorder watched.
#[derive(Debug)]
pub(super) struct Scenario {
    /// The capture's name without its ending.
    pub(super) name: String,
    pub(super) capture: PathBuf,
    pub(super) kind: Kind,
    pub(super) truth: Truth,
}

/// Whether alerts are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Attack,
    Benign,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Attack => "attack",
            Self::Benign => "benign",
        }
    }
}

/// Finds the scenarios of a folder, sorted by name.
pub(super) fn find(folder: &Path) -> Result<Vec<Scenario>, Error> {
    let mut found = Vec::new();
    for collection in collections(folder)? {
        let truths = [collection.join("truth"), collection.join("../truth")];
        let truths = truths.into_iter().find(|path| path.is_dir());
        for capture in captures(&collection.join("captures"))? {
            found.push(scenario(capture, truths.as_deref())?);
        }
    }
    if found.is_empty() {
        return Err(Error::Usage(format!(
            "{}: no scenarios; they are captures/NAME.scap, with truth/NAME.json beside that \
             folder",
            folder.display()
        )));
    }
    Ok(found)
}

/// Finds captures of ordinary work: in the folder itself or in `captures` in it.
pub(super) fn find_benign(folder: &Path) -> Result<Vec<Scenario>, Error> {
    let inner = folder.join("captures");
    let found = captures(if inner.is_dir() { &inner } else { folder })?;
    if found.is_empty() {
        return Err(Error::Usage(format!("{}: no captures (.scap)", folder.display())));
    }
    let benign = |capture: PathBuf| Scenario {
        name: name_of(&capture),
        capture,
        kind: Kind::Benign,
        truth: Truth::default(),
    };
    Ok(found.into_iter().map(benign).collect())
}

fn collections(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let inside = entries(folder)?;
    if folder.join("captures").is_dir() {
        return Ok(vec![folder.to_owned()]);
    }
    Ok(inside.into_iter().filter(|path| path.join("captures").is_dir()).collect())
}

fn captures(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = entries(folder)?;
    found.retain(|path| {
        let name = path.to_string_lossy();
        ENDINGS.iter().any(|ending| name.ends_with(ending)) && path.is_file()
    });
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let at = |source| Error::File { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(at)?.collect::<io::Result<Vec<_>>>();
    let mut paths: Vec<_> = entries.map_err(at)?.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    Ok(paths)
}

fn scenario(capture: PathBuf, truths: Option<&Path>) -> Result<Scenario, Error> {
    let name = name_of(&capture);
    let truth = truths.map(|folder| folder.join(format!("{name}.json")));
    let Some(truth) = truth.filter(|path| path.exists()) else {
        let kind = if is_benign_name(&name) { Kind::Benign } else { Kind::Attack };
        return Ok(Scenario { name, capture, kind, truth: Truth::default() });
    };
    let truth = Truth::read(&truth)?;
    let kind = if truth.is_benign() { Kind::Benign } else { Kind::Attack };
    Ok(Scenario { name, capture, kind, truth })
}

fn name_of(capture: &Path) -> String {
    let name = capture.file_name().unwrap_or_default().to_string_lossy();
    let bare = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending));
    bare.unwrap_or(&name).to_owned()
}

/// Without a truth file the name has to say it: `b` and digits, as in `b03_backup`.
fn is_benign_name(name: &str) -> bool {
    name.strip_prefix('b').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    #[test]
    fn truth_stands_beside_the_captures_or_one_folder_higher() {
        let dir = tempfile::tempdir().expect("a folder");
        write(&dir.path().join("one/captures/h1.scap"), "");
        write(&dir.path().join("one/captures/b2.scap.gz"), "");
        write(&dir.path().join("one/captures/notes.txt"), "");
        write(&dir.path().join("truth/h1.json"), r#"{"kind": "benign", "title": "t"}"#);
        for folder in [dir.path().to_owned(), dir.path().join("one")] {
            let found = find(&folder).expect("scenarios");
            let found: Vec<_> = found.iter().map(|s| (&*s.name, s.kind, &*s.truth.title)).collect();
            assert_eq!(found, [("b2", Kind::Benign, ""), ("h1", Kind::Benign, "t")]);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let dir = tempfile::tempdir().expect("a folder");
        let says = |expected: &str| {
            let error = find(dir.path()).expect_err("refused").to_string();
            assert!(error.contains(expected), "{error}");
        };
        says("no scenarios");
        write(&dir.path().join("captures/h1.scap"), "");
        write(&dir.path().join("truth/h1.json"), "{\n  \"steps\": 3\n}");
        says("h1.json:2:12: not a truth file: invalid type: integer `3`");
        write(&dir.path().join("truth/h1.json"), "{\"steps\": [");
        says("h1.json:1:11: not a truth file: EOF while parsing a list");
    }
}
