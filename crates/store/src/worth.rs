//! Which of two incidents of the same id tells more: the same recording may be read again, with less
//! memory, or cut off.

use std::cmp::Reverse;

use crate::{Ended, Error, MANIFEST_FILE, Manifest, Summary, kept, store::Shared};

/// An incident that is in its place, and whole.
pub(crate) struct There {
    manifest: Manifest,
    manifest_bytes: u64,
}

/// The incident in whose place a draft would come; `None` if there is none that could stay.
pub(crate) fn there(shared: &Shared, draft: &Manifest) -> Option<There> {
    let read = kept::steadily(&shared.incidents, draft.id, |dir| {
        let manifest = kept::manifest(dir, draft.id)?;
        let window = kept::window_is_there(dir, manifest.files.window.bytes);
        let manifest_bytes = dir.look(MANIFEST_FILE)?.bytes;
        Ok::<_, Error>(window.ok().map(|()| There { manifest, manifest_bytes }))
    });
    read.ok().flatten().flatten()
}

impl There {
    /// Whether it tells as much as a draft that was interrupted.
    pub(crate) fn tells_as_much(&self, draft: &Manifest) -> bool {
        worth(&self.manifest) >= worth(draft)
    }

    /// Whether it tells more than a draft for which the same was asked for.
    pub(crate) fn tells_more(&self, draft: &Manifest) -> bool {
        let asked = |it: &Manifest| (it.window.before_ns, it.window.after_ns);
        asked(&self.manifest) == asked(draft) && worth(&self.manifest) > worth(draft)
    }

    pub(crate) fn summary(&self) -> Summary {
        Summary::of(&self.manifest, self.manifest_bytes)
    }
}

/// What an incident tells, the larger the more.
fn worth(it: &Manifest) -> impl Ord {
    let window = &it.window;
    let clipped = u8::from(window.clipped.start) + u8::from(window.clipped.end);
    let missing = (Reverse(window.look_back_missing_ns), Reverse(clipped));
    (it.alerts_total, it.ended != Ended::Interrupted, window.events, missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Id;

    type Change = fn(&mut Manifest);

    #[test]
    fn alerts_count_most_then_a_whole_end_then_events_then_what_is_missing() {
        // Each of these outweighs all that follow.
        let changes: [Change; 5] = [
            |it| it.alerts_total = 2,
            |it| it.ended = Ended::Quiet,
            |it| it.window.events = 2,
            |it| it.window.look_back_missing_ns = 0,
            |it| it.window.clipped.start = false,
        ];
        let poor = || {
            let mut it = Manifest::new(Id::of(&[]));
            (it.alerts_total, it.window.events, it.window.look_back_missing_ns) = (1, 1, 9);
            it.window.clipped.start = true;
            it
        };
        for (place, change) in changes.iter().enumerate() {
            let (mut richer, mut poorer) = (poor(), poor());
            change(&mut richer);
            changes.iter().skip(place + 1).for_each(|change| change(&mut poorer));
            let there =
                |manifest: &Manifest| There { manifest: manifest.clone(), manifest_bytes: 0 };
            assert!(there(&richer).tells_more(&poorer), "{place}");
            assert!(!there(&poorer).tells_as_much(&richer), "{place}");
            assert!(!there(&richer).tells_more(&richer) && there(&richer).tells_as_much(&richer));
            poorer.window.before_ns = 1;
            assert!(!there(&richer).tells_more(&poorer), "something else was asked for");
        }
    }
}
