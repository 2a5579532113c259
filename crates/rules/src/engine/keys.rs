//! What values must look like for a condition to hold.

use std::sync::Arc;

use super::{
    Map,
    pool::{Node, NodeId, Pool},
};
use crate::filter::Key;

/// Most values of one set; with more of them looking up is no gain.
const MOST_VALUES: usize = 3;
/// Most keys of one set.
const MOST_KEYS: usize = 10_000;

/// A value and the keys of which it must have one.
#[derive(Clone, Debug)]
pub(super) struct Keyed {
    /// The left side of tests, as text.
    pub value: Arc<str>,
    /// A test with that left side, by its place in the pool.
    pub test: u32,
    pub keys: Vec<Key>,
}

/// One of these values must have one of its keys, else the condition does not hold. Sorted by
/// value.
pub(super) type KeySet = Vec<Keyed>;

/// Key sets of nodes, found once.
#[derive(Default)]
pub(super) struct Keys {
    found: Map<NodeId, Option<Arc<KeySet>>>,
}

impl Keys {
    /// The key set of a node, if it has one.
    pub(super) fn of(&mut self, id: NodeId, pool: &Pool) -> Option<Arc<KeySet>> {
        if let Some(found) = self.found.get(&id) {
            return found.clone();
        }
        let set = self.find(id, pool);
        self.found.insert(id, set.clone());
        set
    }

    fn find(&mut self, id: NodeId, pool: &Pool) -> Option<Arc<KeySet>> {
        match pool.node(id) {
            Node::Test(place) => {
                let tested = pool.tests.get(*place as usize)?;
                let keys = tested.test.keys()?;
                let value = Arc::clone(&tested.left);
                Some(Arc::new(vec![Keyed { value, test: *place, keys }]))
            }
            // Any part will do: that which lets the least through.
            Node::And(children) => children
                .iter()
                .filter_map(|&child| self.of(child, pool))
                .min_by_key(|set| (breadth(set), set.len())),
            Node::Or(children) => {
                let mut all: KeySet = Vec::new();
                for &child in children {
                    add(&mut all, &*self.of(child, pool)?);
                    if all.len() > MOST_VALUES || count(&all) > MOST_KEYS {
                        return None;
                    }
                }
                Some(Arc::new(all))
            }
            Node::Not(_) | Node::Constant(_) => None,
        }
    }
}

/// How much a key set lets through, in no unit.
pub(super) fn breadth(set: &KeySet) -> u32 {
    set.iter().flat_map(|keyed| &keyed.keys).map(breadth_of).fold(0, u32::saturating_add)
}

/// Values are what a rule names far less often than they have a part that it names; short parts are
/// in many.
fn breadth_of(key: &Key) -> u32 {
    const LONG: usize = 16;
    let of_part = |text: &[u8]| LONG.saturating_sub(text.len()).max(1) as u32;
    match key {
        Key::Is(_) | Key::Number(_) => 8,
        Key::Starts(text) | Key::Ends(text) => 4 * of_part(text),
        Key::Has(text) => 16 * of_part(text),
    }
}

fn count(set: &KeySet) -> usize {
    set.iter().map(|keyed| keyed.keys.len()).sum()
}

fn add(all: &mut KeySet, more: &KeySet) {
    for keyed in more {
        match all.binary_search_by(|known| known.value.cmp(&keyed.value)) {
            Ok(at) => all[at].keys.extend(keyed.keys.iter().cloned()),
            Err(at) => all.insert(at, keyed.clone()),
        }
    }
}
