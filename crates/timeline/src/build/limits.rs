//! Bounds on what a timeline holds, and the count of what they cut.

use crate::model::Cuts;

/// Bounds on what a timeline holds. What does not fit is counted in [`Cuts`].
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Processes.
    pub processes: usize,
    /// Commands.
    pub commands: usize,
    /// Files: rows of all processes together.
    pub files: usize,
    /// Connections: rows of all processes together.
    pub connections: usize,
    /// Changes of privileges: rows of all processes together.
    pub privileges: usize,
    /// Lines of terminals, of all processes together.
    pub terminal: usize,
    /// Alerts; equal ones count once.
    pub alerts: usize,
    /// Gaps.
    pub gaps: usize,
    /// Bytes of names, paths and arguments; each is kept whole or not at all.
    pub text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            processes: 50_000,
            commands: 200_000,
            files: 200_000,
            connections: 50_000,
            privileges: 50_000,
            terminal: 100_000,
            alerts: 10_000,
            gaps: 1_000,
            text_bytes: 64 << 20,
        }
    }
}

/// What asks for room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Row {
    Process,
    Command,
    File,
    Connection,
    Privilege,
    Terminal,
    Alert,
}

/// The room that is left.
#[derive(Debug)]
pub(super) struct Budget {
    left: Limits,
    pub(super) cuts: Cuts,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self { left: limits, cuts: Cuts::default() }
    }

    /// Takes the room for a row with this many bytes of text; counts it as cut if there is none.
    pub(super) fn admit(&mut self, row: Row, bytes: usize) -> bool {
        let fits = self.has_room(row, bytes);
        if fits {
            *self.left_of(row) -= 1;
            self.left.text_bytes -= bytes;
        } else {
            self.cut(row);
        }
        fits
    }

    /// Whether there is room for a row with this many bytes of text.
    pub(super) fn has_room(&mut self, row: Row, bytes: usize) -> bool {
        bytes <= self.left.text_bytes && *self.left_of(row) > 0
    }

    /// Counts a row as cut.
    pub(super) fn cut(&mut self, row: Row) {
        *self.cut_of(row) += 1;
    }

    /// Takes the room for text that belongs to no row.
    pub(super) fn take_text(&mut self, bytes: usize) -> bool {
        let fits = bytes <= self.left.text_bytes;
        if fits {
            self.left.text_bytes -= bytes;
        }
        fits
    }

    fn left_of(&mut self, row: Row) -> &mut usize {
        match row {
            Row::Process => &mut self.left.processes,
            Row::Command => &mut self.left.commands,
            Row::File => &mut self.left.files,
            Row::Connection => &mut self.left.connections,
            Row::Privilege => &mut self.left.privileges,
            Row::Terminal => &mut self.left.terminal,
            Row::Alert => &mut self.left.alerts,
        }
    }

    fn cut_of(&mut self, row: Row) -> &mut u64 {
        match row {
            Row::Process => &mut self.cuts.processes,
            Row::Command => &mut self.cuts.commands,
            Row::File => &mut self.cuts.files,
            Row::Connection => &mut self.cuts.connections,
            Row::Privilege => &mut self.cuts.privileges,
            Row::Terminal => &mut self.cuts.terminal,
            Row::Alert => &mut self.cuts.alerts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted() {
        let limits = Limits { files: 2, text_bytes: 10, ..Limits::default() };
        let mut budget = Budget::new(limits);
        let admitted = [(Row::File, 4), (Row::File, 7), (Row::Command, 6), (Row::Alert, 1)]
            .map(|(row, bytes)| budget.admit(row, bytes));
        assert_eq!(admitted, [true, false, true, false]);
        assert!(budget.admit(Row::File, 0) && !budget.admit(Row::File, 0));
        assert_eq!(budget.cuts, Cuts { files: 2, alerts: 1, ..Cuts::default() });
    }
}
