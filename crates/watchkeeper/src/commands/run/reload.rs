//! Rules that are loaded again: when their files change, and on request.
//!
//! A thread looks at the files every second and loads and compiles what has changed, while the old
//! rules go on; the agent takes the new ones between two events. Files are told apart by what the
//! system says of them, so editors that write in place, those that put another file in its place, and
//! folders whose names are switched all count. Files that are being written settle first.

use std::{
    fs::Metadata,
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread::Builder,
    time::Duration,
};

use rules::load::Loaded;

use crate::{
    detector::{Detector, Recipe},
    error::Error,
    rule_files::{self, Sources},
};

/// How often the files are looked at; they have to be the same twice before they are loaded.
const LOOK: Duration = Duration::from_secs(1);

/// What became of rules that were loaded again; why not, in words.
pub(super) type Reloaded = Result<(Detector, Loaded), Error>;

/// The thread that loads rules again.
pub(super) struct Reloader {
    ask: Sender<()>,
    made: Receiver<Reloaded>,
}

impl Reloader {
    /// Watches the files of rules that were loaded when they were as `seen` says. Rules that came with
    /// the program don't change, so there is nothing to watch.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(super) fn start(recipe: Recipe, seen: Vec<Seen>) -> io::Result<Option<Self>> {
        let Sources::Paths(paths) = recipe.sources.clone() else { return Ok(None) };
        let ((ask, asked), (tell, made)) = (channel(), channel());
        let mut watched = Watched { paths, loaded: seen.clone(), last: seen };
        Builder::new().name("rules".to_owned()).spawn(move || {
            loop {
                let is_asked = match asked.recv_timeout(LOOK) {
                    Ok(()) => true,
                    Err(RecvTimeoutError::Timeout) => false,
                    Err(RecvTimeoutError::Disconnected) => return,
                };
                if (watched.have_changed() || is_asked) && tell.send(recipe.make()).is_err() {
                    return;
                }
            }
        })?;
        Ok(Some(Self { ask, made }))
    }

    /// Has the rules loaded again, whether they have changed or not.
    pub(super) fn ask(&self) {
        // The thread lives as long as this.
        let _ = self.ask.send(());
    }

    /// Rules that were loaded since this was last asked.
    pub(super) fn made(&self) -> Option<Reloaded> {
        self.made.try_recv().ok()
    }
}

/// A rule file as it was; without what the system says of it if it could not be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Seen {
    path: PathBuf,
    stamp: Option<Stamp>,
}

/// Device, inode, size, and times of the last change of its bytes and of itself.
type Stamp = (u64, u64, u64, (i64, i64), (i64, i64));

/// How the files are now that these paths stand for.
pub(super) fn look(paths: &[PathBuf]) -> Vec<Seen> {
    let found = paths.iter().flat_map(|path| rule_files::find(path));
    let path = |found: Result<PathBuf, rule_files::Unreadable>| match found {
        Ok(path) => path,
        Err(unreadable) => PathBuf::from(unreadable.file.name),
    };
    found.map(path).map(|path| Seen { stamp: stamp(&path), path }).collect()
}

fn stamp(path: &Path) -> Option<Stamp> {
    let of = |meta: Metadata| {
        let times = ((meta.mtime(), meta.mtime_nsec()), (meta.ctime(), meta.ctime_nsec()));
        (meta.dev(), meta.ino(), meta.len(), times.0, times.1)
    };
    path.metadata().ok().map(of)
}

/// Files that are watched.
struct Watched {
    paths: Vec<PathBuf>,
    /// As they were when they were loaded, or found to be wrong.
    loaded: Vec<Seen>,
    /// As they were when they were looked at last.
    last: Vec<Seen>,
}

impl Watched {
    /// Whether they are others than were loaded, and no longer change.
    fn have_changed(&mut self) -> bool {
        let now = look(&self.paths);
        let have_settled = now == self.last;
        let changed = have_settled && now != self.loaded;
        if changed {
            self.loaded.clone_from(&now);
        }
        self.last = now;
        changed
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn changes_count_once_they_have_settled() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a.yaml"), "[]").unwrap();
        let paths = vec![folder.path().to_owned(), at("no/such.yaml")];
        let seen = look(&paths);
        let mut watched = Watched { paths, loaded: seen.clone(), last: seen };
        let mut settles = |what: &str| {
            assert!(!watched.have_changed(), "{what}: it may go on");
            assert!(watched.have_changed(), "{what}");
            assert!(!watched.have_changed(), "{what}: once");
        };
        fs::write(at("a.yaml"), "[ ]").unwrap();
        settles("written in place");
        fs::write(at("b.yaml"), "[]").unwrap();
        settles("another file");
        fs::write(at("c"), "[ ]").unwrap();
        fs::rename(at("c"), at("a.yaml")).unwrap();
        settles("another in its place");
        fs::remove_file(at("b.yaml")).unwrap();
        settles("one less");
        fs::create_dir(at("no")).unwrap();
        fs::write(at("no/such.yaml"), "[]").unwrap();
        settles("one that was not there");
    }
}
