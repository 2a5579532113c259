//! Which of some files have changed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};

/// How often files are looked at.
const EVERY: Duration = Duration::from_millis(300);
/// How many folders within each other are looked into.
const DEEPEST: usize = 16;

/// When files were written, and how long they are.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Stamps(BTreeMap<PathBuf, Option<(SystemTime, u64)>>);

impl Stamps {
    /// Looks at these files and at all in these folders.
    pub(super) fn of(paths: &[PathBuf]) -> Self {
        let mut stamps = Self::default();
        paths.iter().for_each(|path| stamps.add(path, DEEPEST));
        stamps
    }

    fn add(&mut self, path: &Path, levels: usize) {
        let meta = path.metadata().ok();
        if meta.as_ref().is_some_and(fs::Metadata::is_dir) {
            let inside = fs::read_dir(path).into_iter().flatten().flatten();
            if levels > 0 {
                inside.for_each(|entry| self.add(&entry.path(), levels - 1));
            }
            return;
        }
        let stamp = meta.and_then(|meta| Some((meta.modified().ok()?, meta.len())));
        self.0.insert(path.to_owned(), stamp);
    }

    /// Waits until any of the files is another than now, and says which.
    pub(super) fn wait(&self, paths: &[PathBuf]) -> PathBuf {
        loop {
            thread::sleep(EVERY);
            if let Some(path) = self.changed(&Self::of(paths)) {
                return path;
            }
        }
    }

    fn changed(&self, now: &Self) -> Option<PathBuf> {
        let all = now.0.keys().chain(self.0.keys());
        all.into_iter().find(|path| now.0.get(*path) != self.0.get(*path)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_written_added_or_removed_have_changed() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("inner/a.yaml");
        fs::create_dir(dir.path().join("inner")).expect("made");
        let paths = [dir.path().to_owned()];
        let before = Stamps::of(&paths);
        assert_eq!(before.changed(&Stamps::of(&paths)), None);
        fs::write(&file, "a").expect("written");
        let with = Stamps::of(&paths);
        assert_eq!(before.changed(&with), Some(file.clone()));
        fs::write(&file, "longer").expect("written");
        assert_eq!(with.changed(&Stamps::of(&paths)), Some(file.clone()));
        fs::remove_file(&file).expect("removed");
        assert_eq!(with.changed(&Stamps::of(&paths)), Some(file));
    }
}
