//! Which paths were made or written within the window, and which are known to lead nowhere; by
//! container, for the same path in another one is another file.

use state::Text;

use crate::build::draft::Map;

/// Paths that were made or written within the window.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    paths: Paths,
    /// Paths at which there was nothing when they were looked at last.
    gone: Paths,
    /// Whether the recorder says itself when a file is made.
    told: bool,
    /// Beginning of the window, ns.
    first_ns: u64,
}

/// A set of paths, within bounds: later ones are not told to be new.
#[derive(Debug, Default)]
struct Paths {
    list: Map<Text, ()>,
    /// Bytes of all that were ever put in.
    bytes: usize,
}

/// Most bytes of the paths of each kind.
const MOST_BYTES: usize = 8 << 20;

impl Paths {
    fn insert(&mut self, path: &[u8]) {
        const ENTRY_BYTES: usize = 32;
        if self.bytes < MOST_BYTES && !self.list.contains_key(path) {
            self.bytes += path.len() + ENTRY_BYTES;
            self.list.insert(path.into(), ());
        }
    }
}

impl Changed {
    pub(crate) fn begin(&mut self, first_ns: u64) {
        self.first_ns = first_ns;
    }

    pub(crate) fn insert(&mut self, container: &[u8], path: &[u8]) {
        self.paths.insert(&key(container, path));
    }

    pub(crate) fn contains(&self, container: &[u8], path: &[u8]) -> bool {
        !path.is_empty() && self.paths.list.contains_key(key(container, path).as_slice())
    }

    /// There is nothing at a path. Recorders of today say themselves when a file is made; then this is
    /// not needed.
    pub(crate) fn is_gone(&mut self, container: &[u8], path: &[u8]) {
        if !self.told {
            self.gone.insert(&key(container, path));
        }
    }

    /// A file was opened that was to be made if it was not there. Whether it was made.
    pub(crate) fn is_made(&mut self, container: &[u8], path: &[u8], told: bool) -> bool {
        self.told |= told;
        told || self.gone.list.remove(key(container, path).as_slice()).is_some()
    }

    /// Whether something that was written at this time was written within the window up to now.
    pub(crate) fn is_recent(&self, written_ns: u64, now_ns: u64) -> bool {
        self.first_ns != 0 && (self.first_ns..=now_ns).contains(&written_ns)
    }
}

/// A path in a container, as one text.
pub(crate) fn key(container: &[u8], path: &[u8]) -> Vec<u8> {
    [container, b"\0", path].concat()
}
