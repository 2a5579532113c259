//! Look-ups of texts that were made lately, and what they gave: the same few files are opened over
//! and over.
//!
//! What a look-up gives depends on the index and the text alone, so an answer stays right for as
//! long as the engine is the same. A text's hash picks its only place, where it replaces the one
//! before: bounded, and nothing is allocated after the first event.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::{index::Index, set::RuleSet};

/// A longer text is looked up each time.
const MOST_BYTES: usize = 127;
/// So is one that more rules are found for.
const MOST_RULES: usize = 8;
const SLOTS: usize = 1024;

/// See the module. Serves one engine at a time, and none before it [forgot](Self::forget).
#[derive(Clone, Debug, Default)]
pub(super) struct Recent {
    slots: Box<[Slot]>,
}

/// A look-up and what it gave.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// `u32::MAX`: none.
    index: u32,
    rules: [u32; MOST_RULES],
    count: u8,
    bytes: u8,
    text: [u8; MOST_BYTES],
}

const EMPTY: Slot =
    Slot { index: u32::MAX, rules: [0; MOST_RULES], count: 0, bytes: 0, text: [0; MOST_BYTES] };

impl Recent {
    pub(super) fn forget(&mut self) {
        self.slots = vec![EMPTY; SLOTS].into();
    }

    /// Adds the rules that this index, which has this place, gives for a text.
    pub(super) fn look_up(
        &mut self,
        (place, index): (u32, &Index),
        text: &[u8],
        found: &mut RuleSet,
    ) {
        let mut add = |rules: &[u32]| found.add_all(rules);
        if !index.is_dear() || text.len() > MOST_BYTES {
            return index.each_of_text(text, add);
        }
        let hash = FixedState::with_seed(place.into()).hash_one(text) as usize;
        let Some(slot) = self.slots.get_mut(hash % SLOTS) else {
            return index.each_of_text(text, add);
        };
        if slot.has(place, text) {
            return add(slot.rules());
        }
        slot.clear();
        let mut fits = true;
        index.each_of_text(text, |rules| {
            add(rules);
            fits = fits && slot.add(rules);
        });
        if fits {
            slot.set(place, text);
        }
    }
}

impl Slot {
    fn has(&self, place: u32, text: &[u8]) -> bool {
        self.index == place && self.text.get(..usize::from(self.bytes)) == Some(text)
    }

    fn rules(&self) -> &[u32] {
        self.rules.get(..usize::from(self.count)).unwrap_or_default()
    }

    fn clear(&mut self) {
        self.index = u32::MAX;
        self.count = 0;
    }

    /// Returns whether there was room.
    fn add(&mut self, rules: &[u32]) -> bool {
        let start = usize::from(self.count);
        let end = start + rules.len();
        let Some(room) = self.rules.get_mut(start..end) else { return false };
        room.copy_from_slice(rules);
        self.count = end as u8;
        true
    }

    fn set(&mut self, place: u32, text: &[u8]) {
        let Some(room) = self.text.get_mut(..text.len()) else { return };
        room.copy_from_slice(text);
        self.bytes = text.len() as u8;
        self.index = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Key;

    fn index(rules: u32) -> Index {
        let keys = [Key::Starts(b"/a"[..].into()), Key::Has(b"/ab"[..].into())];
        Index::new(0, (0..rules).map(|rule| (rule, &keys[..]))).expect("few keys")
    }

    #[test]
    fn a_look_up_gives_the_same_when_it_is_made_again() {
        let long = [b"/ab".as_slice(), &[b'c'; MOST_BYTES]].concat();
        let texts: [&[u8]; 6] = [b"/ab", b"/a", b"", b"b", &long[..MOST_BYTES], &long];
        for rules in [1, MOST_RULES as u32 / 2, MOST_RULES as u32, 100] {
            let indexes = [index(rules), index(1)];
            let mut recent = Recent::default();
            recent.forget();
            for _ in 0..3 {
                for (text, (place, index)) in
                    texts.iter().flat_map(|text| (0..).zip(&indexes).map(move |it| (text, it)))
                {
                    let (mut direct, mut found) = (RuleSet::default(), RuleSet::default());
                    direct.clear(100);
                    index.each_of_text(text, |rules| direct.add_all(rules));
                    found.clear(100);
                    recent.look_up((place, index), text, &mut found);
                    assert!(found.iter().eq(direct.iter()), "{text:?} of {rules}");
                }
            }
        }
    }
}
