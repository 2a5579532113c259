//! Where files lie while they come: below their feed and their host, as their addresses have it.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use super::FOLDER;
use crate::feeds::Wanted;

const WITHIN: &str = "files";

/// A feed's own folder.
pub(super) struct Room(PathBuf);

impl Room {
    /// That of a feed.
    pub(super) fn of(folder: &Path, feed: &str) -> Self {
        Self(folder.join(FOLDER).join(WITHIN).join(feed))
    }

    /// Where a file lies until it was imported.
    pub(super) fn path(&self, url: &str) -> PathBuf {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let mut path = self.0.clone();
        let names = rest.split('/').filter(|name| !["", ".", ".."].contains(name));
        path.extend(names.map(|name| name.replace("%20", " ").replace("%3A", ":")));
        path
    }

    /// Takes away what an update left that was killed, but for what came of files that are still wanted: it is gone
    /// on with.
    pub(super) fn tidy(&self, wanted: &[Wanted]) {
        let lists = wanted.iter().filter_map(|it| Some(&it.changes.as_ref()?.list));
        let urls = wanted.iter().map(|it| &it.url).chain(lists);
        let kept = urls.flat_map(|url| {
            let path = self.path(url);
            let [part, version] = [PART, VERSION].map(|ending| with(&path, ending));
            [part, version]
        });
        clear(&self.0, &kept.collect());
    }
}

/// Takes away what no feed left.
pub(super) fn tidy(folder: &Path, feeds: &[&str]) {
    for entry in fs::read_dir(folder.join(FOLDER).join(WITHIN)).into_iter().flatten().flatten() {
        if !feeds.iter().any(|feed| entry.file_name() == *feed) {
            // Whatever stays is taken away another time.
            _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Ending of what came of a file so far.
pub(super) const PART: &str = ".part";
/// Ending of which version of it that is.
pub(super) const VERSION: &str = ".version";

/// A path with an ending behind it.
pub(super) fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn clear(folder: &Path, kept: &HashSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => {
                clear(&path, kept);
                // Those that have something stay.
                _ = fs::remove_dir(&path);
            }
            _ if kept.contains(&path) => {}
            _ => _ = fs::remove_file(&path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_no_more_goes() {
        let folder = tempfile::tempdir().unwrap();
        let room = Room::of(folder.path(), "redhat");
        let put = |path: PathBuf| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "x").unwrap();
            path
        };
        let [old, new] = ["https://a.example/x/1.tar.zst", "https://a.example/x/2.tar.zst"];
        let stays = [PART, VERSION].map(|ending| put(with(&room.path(new), ending)));
        let mut goes = [PART, VERSION].map(|ending| put(with(&room.path(old), ending))).to_vec();
        goes.push(put(room.path("https://b.example/records/3.json")));
        goes.push(put(room.path(new)));
        let stranger = put(folder.path().join(".update/files/a.example/1.part"));
        let other = put(with(&Room::of(folder.path(), "kev").path(old), PART));
        tidy(folder.path(), &["redhat", "kev"]);
        room.tidy(&[Wanted::file(new)]);
        assert!(stays.iter().chain([&other]).all(|path| path.exists()));
        assert!(!goes.iter().chain([&stranger]).any(|path| path.exists()));
        assert!(!room.path("https://b.example/records").exists(), "folders that are empty go");
    }
}
