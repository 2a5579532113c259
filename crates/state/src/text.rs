//! Shared byte strings.

use std::sync::Arc;

use event::print::path::is_resolved;
use foldhash::fast::FixedState;

/// Bytes shared between threads: names, paths, argument lists.
pub type Text = Arc<[u8]>;

/// The strings of a list in which a NUL stands after each.
pub fn strings(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.strip_suffix(b"\0").map(|l| l.split(|&b| b == 0)).into_iter().flatten()
}

/// A list as a recorder wrote it, with a NUL after each string: the last one's may be missing, and
/// one alone is an empty list.
pub(crate) fn list(recorded: &[u8], pool: &mut Pool) -> Text {
    match recorded {
        b"" | b"\0" => Text::default(),
        [.., 0] => pool.get(recorded),
        _ => pool.get(&[recorded, b"\0"].concat()),
    }
}

/// What stands for text that a recorder could not read.
pub(crate) const NOT_AVAILABLE: &[u8] = b"<NA>";

const CACHE_SLOTS: usize = 2048;

/// A longer string is not kept in the cache.
const MOST_CACHED_BYTES: usize = 64 << 10;

/// A cache of recent strings, so that equal ones share memory: threads of a host repeat the same
/// few hundred names, environments and control groups over and over.
///
/// A string's hash picks its only place, where it replaces the one before: bounded, and no string
/// outlives its last user by more than one stay in the cache.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    /// None until the first string comes.
    slots: Box<[Slot]>,
}

/// A string that is kept.
#[derive(Clone, Debug, Default)]
struct Slot {
    text: Text,
    /// Whether it is a path with nothing to resolve, if somebody asked.
    is_resolved: Option<bool>,
}

/// A copy begins empty: what it hands out is the same.
impl Clone for Pool {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Pool {
    /// The shared copy of `bytes`.
    pub(crate) fn get(&mut self, bytes: &[u8]) -> Text {
        match self.slot(bytes) {
            Some(slot) => slot.text.clone(),
            None => alone(bytes),
        }
    }

    /// The same of a path, and whether [nothing of it has to be resolved](is_resolved), which is looked
    /// at once for a string that comes again.
    pub(crate) fn path(&mut self, path: &[u8]) -> (Text, bool) {
        let Some(slot) = self.slot(path) else { return (alone(path), is_resolved(path)) };
        let is_resolved = *slot.is_resolved.get_or_insert_with(|| is_resolved(path));
        (slot.text.clone(), is_resolved)
    }

    /// The place that has this string now; `None` for one that is not kept.
    #[inline]
    fn slot(&mut self, bytes: &[u8]) -> Option<&mut Slot> {
        use std::hash::BuildHasher;
        if bytes.is_empty() || bytes.len() > MOST_CACHED_BYTES {
            return None;
        }
        if self.slots.is_empty() {
            self.slots = vec![Slot::default(); CACHE_SLOTS].into_boxed_slice();
        }
        let hash = FixedState::default().hash_one(bytes) as usize;
        let slot = self.slots.get_mut(hash % CACHE_SLOTS)?;
        if &*slot.text != bytes {
            *slot = Slot { text: Text::from(bytes), is_resolved: None };
        }
        Some(slot)
    }
}

/// A string that is not kept. Empty ones are one.
fn alone(bytes: &[u8]) -> Text {
    if bytes.is_empty() { Text::default() } else { Text::from(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_split_at_each_nul() {
        let cases: [(&[u8], &[&[u8]]); 4] =
            [(b"", &[]), (b"a\0", &[b"a"]), (b"a\0\0b\0", &[b"a", b"", b"b"]), (b"no end", &[])];
        for (list, want) in cases {
            assert_eq!(strings(list).collect::<Vec<_>>(), want);
        }
    }

    #[test]
    fn equal_strings_share_memory() {
        let mut pool = Pool::default();
        let first = pool.get(b"bash");
        assert!(Arc::ptr_eq(&first, &pool.get(b"bash")));
        assert_eq!(&*pool.get(b"zsh"), b"zsh");
    }

    #[test]
    fn of_paths_it_is_known_whether_they_are_resolved() {
        let mut pool = Pool::default();
        for _ in 0..2 {
            for (path, want) in
                [(&b"/etc/hosts"[..], true), (b"/etc/../hosts", false), (b"", false)]
            {
                let (text, is_resolved) = pool.path(path);
                assert_eq!((&*text, is_resolved), (path, want));
                assert!(Arc::ptr_eq(&text, &pool.get(path)));
            }
        }
    }

    #[test]
    fn long_strings_are_not_kept() {
        let mut pool = Pool::default();
        for (len, kept) in [(MOST_CACHED_BYTES, true), (MOST_CACHED_BYTES + 1, false)] {
            let text = pool.get(&vec![b'x'; len]);
            assert_eq!((text.len(), Arc::strong_count(&text) > 1), (len, kept));
        }
    }
}
