//! The fds of one process.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use crate::Fd;

type Map = HashMap<i64, Fd, foldhash::fast::RandomState>;

/// Open fds by number.
///
/// A child begins with its parent's fds: cloning shares them, and the first change on either side
/// copies them.
#[derive(Clone, Debug, Default)]
pub struct FdTable {
    map: Option<Arc<Map>>,
}

impl FdTable {
    pub(crate) const fn new() -> Self {
        Self { map: None }
    }

    /// The fd with this number.
    pub fn get(&self, num: &i64) -> Option<&Fd> {
        self.map.as_ref()?.get(num)
    }

    /// Number of open fds.
    pub fn len(&self) -> usize {
        self.map.as_ref().map_or(0, |m| m.len())
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every fd with its number, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&i64, &Fd)> {
        self.map.iter().flat_map(|m| m.iter())
    }

    /// Every fd, in no order.
    pub fn values(&self) -> impl Iterator<Item = &Fd> {
        self.iter().map(|(_, fd)| fd)
    }

    /// Every fd, by number.
    pub(crate) fn sorted(&self) -> Vec<&Fd> {
        let mut fds: Vec<&Fd> = self.values().collect();
        fds.sort_unstable_by_key(|fd| fd.num);
        fds
    }

    /// For changing the fd with this number; copies a shared table.
    pub(crate) fn get_mut(&mut self, num: i64) -> Option<&mut Fd> {
        let map = self.map.as_mut().filter(|m| m.contains_key(&num))?;
        Arc::make_mut(map).get_mut(&num)
    }

    /// Opens an fd (over another, if its close was not seen). Returns whether there was room.
    pub(crate) fn insert(&mut self, fd: Fd, limit: usize) -> Inserted {
        let map = Arc::make_mut(self.map.get_or_insert_default());
        let has_room = map.len() < limit;
        match map.entry(fd.num) {
            Entry::Occupied(mut known) => {
                *known.get_mut() = fd;
                Inserted::Replaced
            }
            Entry::Vacant(place) if has_room => {
                place.insert(fd);
                Inserted::Added
            }
            Entry::Vacant(_) => Inserted::Full,
        }
    }

    pub(crate) fn remove(&mut self, num: i64) {
        if self.get(&num).is_some()
            && let Some(map) = self.map.as_mut()
        {
            Arc::make_mut(map).remove(&num);
        }
    }

    /// Closes every fd for which `keep` says no.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Fd) -> bool) {
        if !self.values().all(&keep)
            && let Some(map) = self.map.as_mut()
        {
            Arc::make_mut(map).retain(|_, fd| keep(fd));
        }
    }

    /// Changes every fd for which `which` says yes.
    pub(crate) fn update(&mut self, which: impl Fn(&Fd) -> bool, change: impl Fn(&mut Fd)) {
        if self.values().any(&which)
            && let Some(map) = self.map.as_mut()
        {
            Arc::make_mut(map).values_mut().filter(|fd| which(fd)).for_each(change);
        }
    }

    /// How many fds the next change copies, as others share them.
    pub(crate) fn copied_by_change(&self) -> usize {
        self.map.as_ref().filter(|m| Arc::strong_count(m) > 1).map_or(0, |m| m.len())
    }

    /// How many fds with short names take as much memory as these.
    pub(crate) fn weight(&self) -> usize {
        self.values().map(Fd::weight).sum()
    }

    /// Where the fds are in memory: equal for tables that share them.
    pub(crate) fn address(&self) -> usize {
        self.map.as_ref().map_or(0, |m| Arc::as_ptr(m).addr())
    }

    /// About how many bytes the fds take on this table's account, without their names: its share of
    /// those that it has in common with others, copies of the state among them.
    pub(crate) fn approx_bytes(&self) -> usize {
        const ENTRY: usize = size_of::<(i64, Fd)>() * 8 / 7 + 1;
        self.map.as_ref().map_or(0, |m| m.capacity() * ENTRY / Arc::strong_count(m))
    }
}

/// What became of an fd that was to be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Inserted {
    /// It is new.
    Added,
    /// It took the place of one with the same number.
    Replaced,
    /// There was no room.
    Full,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fd(num: i64) -> Fd {
        Fd { num, ..Fd::default() }
    }

    #[test]
    fn a_clone_shares_until_either_side_changes() {
        let mut parent = FdTable::default();
        assert_eq!(parent.insert(fd(3), 10), Inserted::Added);
        let mut child = parent.clone();
        assert_eq!(parent.address(), child.address());
        child.remove(3);
        assert_ne!(parent.address(), child.address());
        assert_eq!((parent.len(), child.len()), (1, 0));
        assert!(parent.get(&3).is_some());
    }

    #[test]
    fn an_fd_with_a_long_name_weighs_as_much_as_several() {
        let mut table = FdTable::default();
        table.insert(Fd { name: vec![b'n'; 1024].into(), ..fd(3) }, 10);
        table.insert(fd(4), 10);
        assert_eq!(table.weight(), 6);
    }

    #[test]
    fn a_full_table_only_replaces() {
        let mut table = FdTable::default();
        assert_eq!(table.insert(fd(3), 1), Inserted::Added);
        assert_eq!(table.insert(fd(4), 1), Inserted::Full);
        assert_eq!(table.insert(fd(3), 1), Inserted::Replaced);
    }
}
