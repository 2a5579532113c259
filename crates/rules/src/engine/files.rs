//! Which rules can match what is done with a file, as far as its names decide that; and what came of
//! that for files of lately: the same few are opened over and over.
//!
//! Names that are equal mostly are the same text in memory, which is compared by its place there. So
//! what is known of a file is found in a few steps, however many rules name files.

use std::sync::Arc;

use state::Text;

use super::{
    Map,
    cost::Costs,
    pool::{Node, NodeId, Pool},
};
use crate::fields::FileNames;

/// Those of a class of event types, or of those events of it that pass gates.
#[derive(Clone, Debug)]
pub(super) struct FileStep {
    /// Different for each step of an engine.
    pub place: u32,
    /// Indexes of names and what is made of them.
    pub looks: Box<[u32]>,
    /// Rules that none of them decides about, but whose conditions have parts about names alone.
    pub rest: Box<[u32]>,
}

/// Finds parts of conditions that ask about nothing but names of a file.
#[derive(Debug, Default)]
pub(super) struct Parts {
    known: Map<NodeId, bool>,
}

/// What costs more is no part: of a file that was not there before, all are asked for, whatever else would have
/// ended it.
const MOST_COST: u32 = 32;

impl Parts {
    /// Parts of a condition that all have to hold, the cheapest first.
    pub(super) fn of(&mut self, root: NodeId, pool: &Pool, costs: &mut Costs) -> Vec<NodeId> {
        let mut parts = Vec::new();
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            match pool.node(id) {
                Node::And(children) => open.extend(children.iter()),
                Node::Constant(_) => {}
                Node::Test(_) | Node::Not(_) | Node::Or(_) => {
                    if costs.of(id, pool) <= MOST_COST && self.is_of_file(id, pool) {
                        parts.push(id);
                    }
                }
            }
        }
        costs.of_and(&parts, pool)
    }

    fn is_of_file(&mut self, id: NodeId, pool: &Pool) -> bool {
        if let Some(&known) = self.known.get(&id) {
            return known;
        }
        let is_of_file = match pool.node(id) {
            Node::Test(test) => {
                pool.tests.get(*test as usize).is_some_and(|tested| tested.test.is_of_file())
            }
            Node::Not(child) => self.is_of_file(*child, pool),
            Node::And(children) | Node::Or(children) => {
                children.iter().all(|&child| self.is_of_file(child, pool))
            }
            Node::Constant(_) => true,
        };
        self.known.insert(id, is_of_file);
        is_of_file
    }
}

/// Most rules that are remembered of one file.
pub(super) const MOST_RULES: usize = 6;
/// Files with longer names are not remembered.
const MOST_BYTES: usize = 255;
/// A power of two.
const SLOTS: usize = 1024;
/// Spreads places in memory over the slots: 2^64 divided by the golden ratio.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Files of lately and the rules that came of them: each has one place, where it replaces the one before.
/// Serves one engine at a time, and none before it [forgot](Self::forget).
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    slots: Box<[Option<Known>]>,
}

/// What came of a step for a file.
#[derive(Clone, Debug)]
struct Known {
    /// While they are kept, no other text is at their place in memory.
    name: Text,
    raw: Text,
    place: u32,
    /// How many rules; more than there is room for, if they are too many.
    count: u32,
    rules: [u32; MOST_RULES],
}

/// What is known of a step for a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Came<'f> {
    /// These rules came of it.
    Rules(&'f [u32]),
    /// So much that it is no use to find out again.
    TooMuch,
    /// It was not there lately.
    Unknown,
}

impl Files {
    pub(super) fn forget(&mut self) {
        self.slots = vec![None; SLOTS].into();
    }

    /// What came of this step for this file.
    #[inline]
    pub(super) fn came(&self, place: u32, names: FileNames<'_>) -> Came<'_> {
        match self.slots.get(slot(place, names)) {
            Some(Some(known))
                if known.place == place
                    && Arc::ptr_eq(&known.name, names.name)
                    && Arc::ptr_eq(&known.raw, names.raw) =>
            {
                known.rules.get(..known.count as usize).map_or(Came::TooMuch, Came::Rules)
            }
            _ if names.name.len() > MOST_BYTES || names.raw.len() > MOST_BYTES => Came::TooMuch,
            _ => Came::Unknown,
        }
    }

    /// Remembers what came of this step for this file.
    pub(super) fn put(&mut self, place: u32, names: FileNames<'_>, found: &[u32]) {
        let Some(slot) = self.slots.get_mut(slot(place, names)) else { return };
        let mut rules = [0; MOST_RULES];
        if let Some(room) = rules.get_mut(..found.len()) {
            room.copy_from_slice(found);
        }
        let (name, raw) = (Arc::clone(names.name), Arc::clone(names.raw));
        *slot = Some(Known { name, raw, place, count: found.len() as u32, rules });
    }
}

#[inline]
fn slot(place: u32, names: FileNames<'_>) -> usize {
    let [name, raw] = [names.name, names.raw].map(|text| Arc::as_ptr(text).addr() as u64);
    let mixed = name ^ raw.rotate_left(u64::BITS / 2) ^ u64::from(place);
    (mixed.wrapping_mul(SPREAD) >> (u64::BITS - SLOTS.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_a_file_is_that_of_its_names_and_of_the_step() {
        let [one, other]: [Text; 2] = [b"/etc/hosts", b"/etc/group"].map(|it| it[..].into());
        let mut files = Files::default();
        let names = |name, raw| FileNames { name, raw };
        assert_eq!(files.came(0, names(&one, &one)), Came::Unknown);
        files.put(0, names(&one, &one), &[7]);
        assert_eq!(files.came(0, names(&one, &one)), Came::Unknown, "it serves nobody yet");
        files.forget();
        files.put(0, names(&one, &one), &[7]);
        files.put(0, names(&other, &other), &[]);
        assert_eq!(files.came(0, names(&one, &one)), Came::Rules(&[7]));
        assert_eq!(files.came(0, names(&other, &other)), Came::Rules(&[]));
        assert_eq!(files.came(0, names(&one, &other)), Came::Unknown);
        assert_eq!(files.came(1, names(&one, &one)), Came::Unknown);
        files.forget();
        assert_eq!(files.came(0, names(&one, &one)), Came::Unknown);
    }

    #[test]
    fn of_what_is_too_much_that_alone_is_remembered() {
        let mut files = Files::default();
        files.forget();
        let names = |name| FileNames { name, raw: name };
        let [short, long]: [Text; 2] = [MOST_BYTES, MOST_BYTES + 1].map(|it| vec![b'a'; it].into());
        assert_eq!(files.came(0, names(&short)), Came::Unknown);
        assert_eq!(files.came(0, names(&long)), Came::TooMuch);
        files.put(0, names(&short), &[1; MOST_RULES]);
        assert_eq!(files.came(0, names(&short)), Came::Rules(&[1; MOST_RULES]));
        files.put(0, names(&short), &[1; MOST_RULES + 1]);
        assert_eq!(files.came(0, names(&short)), Came::TooMuch);
    }
}
