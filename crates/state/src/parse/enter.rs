//! Keeping what the entry into a syscall said until its exit.

use super::At;
use crate::{
    State,
    thread::{Enter, MOST_ENTER_BYTES},
    threads::Key,
};

impl State {
    /// Keeps the parameters of a syscall's entry with its thread.
    pub(super) fn store_enter(
        &mut self,
        at: &At<'_>,
        dirfd: i64,
        flags: u32,
        bytes: &[u8],
    ) -> Option<()> {
        let thread = self.threads.get_mut(at.thread?)?;
        let mut enter = match thread.enter.take() {
            Some(enter) => enter,
            None => self.spare_enters.take(),
        };
        enter.kind = at.event.kind.number();
        enter.dirfd = dirfd;
        enter.flags = flags;
        enter.bytes.clear();
        enter.bytes.extend_from_slice(bytes.get(..MOST_ENTER_BYTES).unwrap_or(bytes));
        self.threads.get_mut(at.thread?)?.enter = Some(enter);
        Some(())
    }

    /// Takes what was kept for the exit at hand.
    pub(super) fn take_enter(&mut self, key: Key, exit: u16) -> Option<Box<Enter>> {
        let thread = self.threads.get_mut(key)?;
        if !thread.enter_valid || thread.enter.as_ref()?.kind.checked_add(1) != Some(exit) {
            return None;
        }
        thread.enter.take()
    }

    /// Gives back what [`State::take_enter`] took.
    pub(super) fn put_enter_back(&mut self, key: Key, enter: Option<Box<Enter>>) {
        if let Some(enter) = enter
            && let Some(thread) = self.threads.get_mut(key)
        {
            thread.enter = Some(enter);
        }
    }
}
