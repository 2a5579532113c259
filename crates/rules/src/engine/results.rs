//! What tests and shared parts of conditions gave on the event at hand.

/// Results on the event at hand.
#[derive(Debug, Default)]
pub(super) struct Results {
    /// Twice the mark of the event that each is of, plus one for true.
    marked: Vec<u32>,
    pub(super) mark: u32,
}

impl Results {
    /// Those of other events don't count any more.
    pub(super) fn forget(&mut self, slots: usize) -> &mut Self {
        self.mark += 1;
        if self.marked.len() < slots || self.mark > u32::MAX / 2 {
            self.marked.clear();
            self.marked.resize(slots, 0);
            self.mark = 1;
        }
        self
    }

    pub(super) fn of(&self, slot: usize) -> Option<bool> {
        let result = *self.marked.get(slot)?;
        (result >> 1 == self.mark).then_some(result & 1 == 1)
    }

    pub(super) fn set(&mut self, slot: usize, result: bool) {
        if let Some(kept) = self.marked.get_mut(slot) {
            *kept = self.mark << 1 | u32::from(result);
        }
    }
}
