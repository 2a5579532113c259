//! Opening, changing and closing the fds of a thread's process.

use crate::{Fd, FdTable, State, fds::Inserted, threads::Key};

impl State {
    /// The thread that holds this thread's fds.
    pub(crate) fn fd_owner(&self, key: Key) -> Option<Key> {
        match self.threads.get(key)?.shares_fds() {
            true => self.threads.main_of(key),
            false => Some(key),
        }
    }

    /// The fd with this number, for reading.
    pub(crate) fn peek_fd(&self, key: Key, num: i64) -> Option<&Fd> {
        let owner = self.fd_owner(key)?;
        self.threads.get(owner)?.fds.get(&num).filter(|_| num >= 0)
    }

    /// The fd with this number: who holds it, and the number. Its name at this moment becomes the
    /// one that a change of name is measured by.
    pub(crate) fn look_at_fd(&mut self, key: Key, num: i64) -> Option<(Key, i64)> {
        if num < 0 {
            return None;
        }
        let owner = self.fd_owner(key)?;
        let fd = self.threads.get(owner)?.fds.get(&num)?;
        if !std::sync::Arc::ptr_eq(&fd.name, &fd.old_name)
            && let Some(fd) = self.fd_mut((owner, num))
        {
            fd.old_name = fd.name.clone();
        }
        Some((owner, num))
    }

    pub(crate) fn fd_at(&self, place: (Key, i64)) -> Option<&Fd> {
        self.threads.get(place.0)?.fds.get(&place.1)
    }

    pub(crate) fn fd_mut(&mut self, place: (Key, i64)) -> Option<&mut Fd> {
        self.fds_mut(place.0)?.get_mut(place.1)
    }

    /// A thread's own table, for changing: one that is shared is about to be copied, and counts.
    pub(crate) fn fds_mut(&mut self, owner: Key) -> Option<&mut FdTable> {
        let fds = &mut self.threads.get_mut(owner)?.fds;
        self.census.add_fds(fds.copied_by_change());
        Some(fds)
    }

    /// Opens an fd for a thread, whose latest fd it then is.
    pub(crate) fn open_fd(&mut self, key: Key, fd: Fd) -> Option<(Key, i64)> {
        let num = fd.num;
        let owner = self.fd_owner(key)?;
        let kept = self.insert_fd(owner, fd);
        if let Some(thread) = self.threads.get_mut(key) {
            thread.lastevent_fd = num;
        }
        kept.then_some((owner, num))
    }

    /// Puts an fd into a thread's own table. Returns whether there was room.
    pub(crate) fn insert_fd(&mut self, owner: Key, fd: Fd) -> bool {
        let limit = self.limits.fds_per_process;
        let weight = fd.weight();
        let Some(fds) = self.fds_mut(owner) else { return false };
        match fds.insert(fd, limit) {
            Inserted::Added => {
                self.census.add_fds(weight);
                self.count_fds();
                true
            }
            Inserted::Replaced => {
                self.census.add_fds(weight - 1);
                self.count_fds();
                true
            }
            Inserted::Full => {
                self.counters.fds_evicted = self.counters.fds_evicted.saturating_add(1);
                false
            }
        }
    }

    pub(crate) fn remove_fd(&mut self, key: Key, num: i64) {
        if let Some(owner) = self.fd_owner(key)
            && let Some(fds) = self.fds_mut(owner)
        {
            fds.remove(num);
        }
    }
}
