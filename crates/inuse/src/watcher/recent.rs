//! What was noted a moment ago, and needs no second look.

use std::sync::Arc;

use state::Text;

/// Places to remember in, a power of two.
const SLOTS: usize = 256;
/// Texts are at least so many bytes apart in memory, as a power of two.
const APART: u32 = 5;

/// Paths that were read. One takes the place of another.
#[derive(Debug, Default)]
pub(super) struct Recent {
    slots: Vec<Option<Read>>,
}

/// A path that was read in a container, or on the host, in this second.
#[derive(Clone, Debug)]
struct Read {
    path: Text,
    container: Text,
    s: u32,
}

impl Recent {
    /// Whether it was noted, under these very texts. Texts that are equal elsewhere in memory are others.
    #[inline]
    pub(super) fn has(&self, path: &Text, container: &Text, s: u32) -> bool {
        self.slots.get(slot(path)).and_then(Option::as_ref).is_some_and(|read| {
            read.s == s && Arc::ptr_eq(&read.path, path) && Arc::ptr_eq(&read.container, container)
        })
    }

    /// It is noted.
    pub(super) fn add(&mut self, path: &Text, container: &Text, s: u32) {
        self.slots.resize(SLOTS, None);
        if let Some(place) = self.slots.get_mut(slot(path)) {
            *place = Some(Read { path: path.clone(), container: container.clone(), s });
        }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.slots.clear();
    }
}

fn slot(path: &Text) -> usize {
    (Arc::as_ptr(path).addr() >> APART) & (SLOTS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_known_for_its_second_and_container_alone() {
        let [path, host, container] = ["/a", "", "c"].map(|it| Text::from(it.as_bytes()));
        let mut recent = Recent::default();
        assert!(!recent.has(&path, &host, 1));
        recent.add(&path, &host, 1);
        assert!(recent.has(&path, &host, 1));
        assert!(!recent.has(&path, &host, 2) && !recent.has(&path, &container, 1));
        assert!(!recent.has(&Text::from(&b"/a"[..]), &host, 1), "another text");
        recent.clear();
        assert!(!recent.has(&path, &host, 1));
    }
}
