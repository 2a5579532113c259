//! Threads by id.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::groups::Groups;
use crate::Thread;

/// Names a thread for as long as it is in the table; a key to one that is gone finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    slot: u32,
    age: u32,
}

#[derive(Clone, Debug, Default)]
struct Slot {
    /// How often the slot changed hands.
    age: u32,
    thread: Option<Box<Thread>>,
}

/// All threads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    slots: Vec<Slot>,
    free: Vec<u32>,
    index: HashMap<i64, u32, RandomState>,
    /// The thread that was found last, for the next event is often its own.
    last: Option<(i64, u32)>,
    pub(super) groups: Groups,
}

impl Table {
    /// Number of threads.
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// Every thread, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Thread> {
        self.index.values().filter_map(|&slot| self.slots.get(slot as usize)?.thread.as_deref())
    }

    /// Every key, in no order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> {
        self.index.values().map(|&slot| self.key_of(slot))
    }

    /// The thread with this id.
    pub(crate) fn find(&self, tid: i64) -> Option<Key> {
        match self.last {
            Some((last, slot)) if last == tid => Some(self.key_of(slot)),
            _ => self.index.get(&tid).map(|&slot| self.key_of(slot)),
        }
    }

    /// As [`Table::find`], for an event of the thread's own.
    pub(crate) fn find_active(&mut self, tid: i64) -> Option<Key> {
        let key = self.find(tid)?;
        self.last = Some((tid, key.slot));
        Some(key)
    }

    pub(crate) fn get(&self, key: Key) -> Option<&Thread> {
        self.slots.get(key.slot as usize).filter(|s| s.age == key.age)?.thread.as_deref()
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut Thread> {
        let slot = self.slots.get_mut(key.slot as usize).filter(|s| s.age == key.age)?;
        slot.thread.as_deref_mut()
    }

    /// The thread with this id.
    pub(crate) fn thread(&self, tid: i64) -> Option<&Thread> {
        self.get(self.find(tid)?)
    }

    /// Stores a thread that is not found by its id yet, see [`Table::publish`].
    pub(super) fn store(&mut self, thread: Thread) -> Option<Key> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slots.push(Slot::default());
                u32::try_from(self.slots.len() - 1).ok()?
            }
        };
        self.slots.get_mut(slot as usize)?.thread = Some(Box::new(thread));
        Some(self.key_of(slot))
    }

    /// Makes a stored thread be found by its id. One that had the same id is gone.
    pub(super) fn publish(&mut self, key: Key) {
        let Some(tid) = self.get(key).map(|t| t.tid) else { return };
        self.last = None;
        if let Some(old) = self.index.insert(tid, key.slot)
            && old != key.slot
        {
            self.release(old);
        }
    }

    /// Forgets a thread.
    pub(super) fn erase(&mut self, tid: i64) {
        self.last = None;
        if let Some(slot) = self.index.remove(&tid) {
            self.release(slot);
        }
    }

    fn release(&mut self, slot: u32) {
        let Some(place) = self.slots.get_mut(slot as usize) else { return };
        let gone = place.thread.take();
        place.age = place.age.wrapping_add(1);
        self.free.push(slot);
        if let Some(group) = gone.and_then(|t| t.group) {
            self.groups.leave(group);
        }
    }

    fn key_of(&self, slot: u32) -> Key {
        Key { slot, age: self.slots.get(slot as usize).map_or(0, |s| s.age) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_to_a_thread_that_is_gone_finds_nothing() {
        let mut table = Table::default();
        let old = table.store(Thread { tid: 5, ..Thread::default() }).unwrap();
        assert_eq!(table.find(5), None, "not published yet");
        table.publish(old);
        assert_eq!(table.find_active(5), Some(old));
        let new = table.store(Thread { tid: 5, ..Thread::default() }).unwrap();
        table.publish(new);
        assert!(table.get(old).is_none());
        assert_eq!(table.find(5), Some(new));
        table.erase(5);
        assert!(table.get(new).is_none());
        assert_eq!((table.find(5), table.len()), (None, 0));
    }
}
