//! Opening, changing and closing the fds of a thread's process.

use crate::{Fd, State, fds::Inserted, threads::Key};

/// The fds of all processes are counted each time that this share of the limit was added.
const CENSUS_SHARE: usize = 16;

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
        let thread = self.threads.get_mut(owner)?;
        let fd = thread.fds.get(&num)?;
        if !std::sync::Arc::ptr_eq(&fd.name, &fd.old_name)
            && let Some(fd) = thread.fds.get_mut(num)
        {
            fd.old_name = fd.name.clone();
        }
        Some((owner, num))
    }

    pub(crate) fn fd_at(&self, place: (Key, i64)) -> Option<&Fd> {
        self.threads.get(place.0)?.fds.get(&place.1)
    }

    pub(crate) fn fd_mut(&mut self, place: (Key, i64)) -> Option<&mut Fd> {
        self.threads.get_mut(place.0)?.fds.get_mut(place.1)
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
        let Some(thread) = self.threads.get_mut(owner) else { return false };
        match thread.fds.insert(fd, limit) {
            Inserted::Added => {
                self.note_added_fds(1);
                true
            }
            Inserted::Replaced => true,
            Inserted::Full => {
                self.counters.fds_evicted += 1;
                false
            }
        }
    }

    pub(crate) fn remove_fd(&mut self, key: Key, num: i64) {
        if let Some(owner) = self.fd_owner(key)
            && let Some(thread) = self.threads.get_mut(owner)
        {
            thread.fds.remove(num);
        }
    }

    /// Fds were added; if there may be too many by now, they are counted, and the processes that
    /// were idle longest lose theirs.
    fn note_added_fds(&mut self, count: usize) {
        self.fds_added = self.fds_added.saturating_add(count);
        if self.fds_added <= self.limits.fds / CENSUS_SHARE {
            return;
        }
        self.fds_added = 0;
        let mut total: usize = self.threads.iter().map(|t| t.fds.weight()).sum();
        let target = self.limits.fds - self.limits.fds / CENSUS_SHARE;
        if total <= target {
            return;
        }
        let mut idle: Vec<(u64, i64, usize)> = self
            .threads
            .iter()
            .filter(|t| !t.fds.is_empty())
            .map(|t| (t.lastaccess_ts_ns, t.tid, t.fds.weight()))
            .collect();
        idle.sort_unstable();
        for (_, tid, weight) in idle {
            if total <= target {
                break;
            }
            total = total.saturating_sub(weight);
            self.drop_fds(tid);
        }
    }

    fn drop_fds(&mut self, tid: i64) {
        if let Some(thread) = self.threads.find(tid).and_then(|key| self.threads.get_mut(key)) {
            self.counters.fds_evicted += thread.fds.len() as u64;
            thread.fds = crate::FdTable::new();
        }
    }
}
