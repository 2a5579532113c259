//! Which rules can match what is done with a file, as far as its names decide that; and what came of
//! that for files of lately: the same few are opened over and over.
//!
//! Names that are equal mostly are the same text in memory, which is compared by its place there. So
//! what is known of a file is found in a few steps, however many rules name files.

use std::sync::Arc;

use state::Text;

use super::pool::{Node, NodeId, Pool};
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

/// Parts of a condition that all have to hold, and that ask about nothing but names of a file.
pub(super) fn parts_of_file(root: NodeId, pool: &Pool) -> Box<[NodeId]> {
    let mut parts = Vec::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        match pool.node(id) {
            Node::And(children) => open.extend(children.iter()),
            Node::Constant(_) => {}
            Node::Test(_) | Node::Not(_) | Node::Or(_) => {
                if is_of_file(id, pool) {
                    parts.push(id);
                }
            }
        }
    }
    parts.into()
}

fn is_of_file(root: NodeId, pool: &Pool) -> bool {
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        match pool.node(id) {
            Node::Test(test) => {
                let tested = pool.tests.get(*test as usize);
                if !tested.is_some_and(|tested| tested.test.is_of_file()) {
                    return false;
                }
            }
            Node::Not(child) => open.push(*child),
            Node::And(children) | Node::Or(children) => open.extend(children.iter()),
            Node::Constant(_) => {}
        }
    }
    true
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
/// Serves one engine at a time.
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
    count: u32,
    rules: [u32; MOST_RULES],
}

impl Files {
    pub(super) fn forget(&mut self) {
        self.slots = vec![None; SLOTS].into();
    }

    /// The rules that came of this step for this file, if that is known.
    #[inline]
    pub(super) fn rules(&self, place: u32, names: FileNames<'_>) -> Option<&[u32]> {
        let known = self.slots.get(slot(place, names))?.as_ref()?;
        let is_same = known.place == place
            && Arc::ptr_eq(&known.name, names.name)
            && Arc::ptr_eq(&known.raw, names.raw);
        if is_same { known.rules.get(..known.count as usize) } else { None }
    }

    /// Remembers what came of this step for this file, unless it is too much.
    pub(super) fn put(&mut self, place: u32, names: FileNames<'_>, found: &[u32]) {
        let Some(slot) = self.slots.get_mut(slot(place, names)) else { return };
        let mut rules = [0; MOST_RULES];
        let Some(room) = rules.get_mut(..found.len()) else { return };
        if names.name.len() > MOST_BYTES || names.raw.len() > MOST_BYTES {
            return;
        }
        room.copy_from_slice(found);
        let (name, raw) = (Arc::clone(names.name), Arc::clone(names.raw));
        *slot = Some(Known { name, raw, place, count: found.len() as u32, rules });
    }
}

#[inline]
fn slot(place: u32, names: FileNames<'_>) -> usize {
    let at = Arc::as_ptr(names.name).addr() as u64 ^ u64::from(place);
    (at.wrapping_mul(SPREAD) >> (u64::BITS - SLOTS.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_a_file_is_that_of_its_names_and_of_the_step() {
        let [one, other]: [Text; 2] = [b"/etc/hosts", b"/etc/group"].map(|it| it[..].into());
        let mut files = Files::default();
        let names = |name, raw| FileNames { name, raw };
        assert_eq!(files.rules(0, names(&one, &one)), None);
        files.put(0, names(&one, &one), &[7]);
        assert_eq!(files.rules(0, names(&one, &one)), None, "nothing is kept before it serves one");
        files.forget();
        files.put(0, names(&one, &one), &[7]);
        files.put(0, names(&other, &other), &[]);
        assert_eq!(files.rules(0, names(&one, &one)), Some(&[7][..]));
        assert_eq!(files.rules(0, names(&other, &other)), Some(&[][..]));
        assert_eq!(files.rules(0, names(&one, &other)), None);
        assert_eq!(files.rules(1, names(&one, &one)), None);
        files.forget();
        assert_eq!(files.rules(0, names(&one, &one)), None);
    }

    #[test]
    fn what_is_too_much_is_not_remembered() {
        let mut files = Files::default();
        files.forget();
        for (bytes, rules, is_kept) in
            [(MOST_BYTES, MOST_RULES, true), (MOST_BYTES + 1, 0, false), (1, MOST_RULES + 1, false)]
        {
            let name: Text = vec![b'a'; bytes].into();
            let names = FileNames { name: &name, raw: &name };
            files.put(0, names, &vec![1; rules]);
            assert_eq!(files.rules(0, names).is_some(), is_kept, "{bytes} {rules}");
        }
    }
}
