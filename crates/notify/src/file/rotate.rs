//! Rotation: `alerts.jsonl` becomes `alerts.jsonl.1`, which became `alerts.jsonl.2`, and so on.

use std::{
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// When a file is moved out of the way, and how many of the old ones are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotate {
    /// Before it would grow beyond so many bytes.
    pub size_bytes: Option<u64>,
    /// When it is so old and something is to be written.
    pub age: Option<Duration>,
    /// So many old ones are kept, at least 1.
    pub keep: u32,
}

impl Default for Rotate {
    fn default() -> Self {
        Self { size_bytes: Some(100 << 20), age: None, keep: 7 }
    }
}

impl Rotate {
    pub(super) fn is_due(&self, meta: &Metadata, line_bytes: u64) -> bool {
        let too_large = self.size_bytes.is_some_and(|most| meta.len() + line_bytes > most);
        too_large || self.age.is_some_and(|most| age(meta).is_some_and(|age| age >= most))
    }

    /// Moves the file and the older ones up by one. The oldest gives way only if all names are
    /// taken, so that a rotation that was cut off in the middle costs nothing.
    pub(super) fn shift(&self, path: &Path) -> io::Result<()> {
        let keep = self.keep.max(1);
        let free = (1..keep).find(|&n| !numbered(path, n).exists()).unwrap_or(keep);
        for n in (1..free).rev() {
            fs::rename(numbered(path, n), numbered(path, n + 1))?;
        }
        fs::rename(path, numbered(path, 1))
    }
}

/// Since it was made, as far as its file system knows.
fn age(meta: &Metadata) -> Option<Duration> {
    let since = meta.created().or_else(|_| meta.modified()).ok()?;
    SystemTime::now().duration_since(since).ok()
}

fn numbered(path: &Path, n: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{n}"));
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files of a folder as `name=content`, sorted.
    fn files(folder: &Path) -> Vec<String> {
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut all: Vec<String> =
            paths.map(|p| format!("{}={}", name(&p), fs::read_to_string(&p).unwrap())).collect();
        all.sort();
        all
    }

    #[test]
    fn files_move_up_by_one_and_the_oldest_gives_way() {
        let cases: [(&[&str], &[&str]); 4] = [
            (&["a"], &["a.1=a"]),
            (&["a", "a.1", "a.2"], &["a.1=a", "a.2=a.1", "a.3=a.2"]),
            (&["a", "a.1", "a.2", "a.3"], &["a.1=a", "a.2=a.1", "a.3=a.2"]),
            // Cut off before the first was moved: none is lost for the gap.
            (&["a", "a.2", "a.3"], &["a.1=a", "a.2=a.2", "a.3=a.3"]),
        ];
        for (before, after) in cases {
            let folder = tempfile::tempdir().unwrap();
            for name in before {
                fs::write(folder.path().join(name), name).unwrap();
            }
            let rotate = Rotate { keep: 3, ..Rotate::default() };
            rotate.shift(&folder.path().join("a")).unwrap();
            assert_eq!(files(folder.path()), after, "{before:?}");
        }
    }
}
