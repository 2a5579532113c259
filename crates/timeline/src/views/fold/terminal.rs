//! The lines that a process showed on terminals, folded where there are many.

use crate::{
    model::{Moment, Process, TerminalLine},
    views::words,
};

/// Lines that stand alone, at the beginning.
const ALONE: usize = 40;

/// One line, or many.
#[derive(Clone, Copy, Debug)]
pub enum TerminalItem<'t> {
    /// A line.
    One(&'t TerminalLine),
    /// Lines behind others.
    Many(&'t [TerminalLine]),
}

impl TerminalItem<'_> {
    /// When the first of them began.
    pub fn first(&self) -> Moment {
        match self {
            Self::One(line) => line.at,
            Self::Many(lines) => lines.first().map_or_else(Moment::default, |line| line.at),
        }
    }

    /// All of it in a line: `$ cd /tmp`, `120 more lines, first: y`.
    pub fn words(&self) -> String {
        match self {
            Self::One(line) => words::terminal_line(line),
            Self::Many(lines) => {
                let number = words::plural(lines.len() as u64, "more line", "more lines");
                let first = lines.first().map(words::terminal_line).unwrap_or_default();
                format!("{number}, first: {first}")
            }
        }
    }
}

/// The lines of a process as items, by time.
pub fn terminal(process: &Process) -> Vec<TerminalItem<'_>> {
    // One more line takes no more room than saying that there is one.
    let alone = if process.terminal.len() == ALONE + 1 { ALONE + 1 } else { ALONE };
    let (first, rest) = process.terminal.split_at(alone.min(process.terminal.len()));
    let rest = (!rest.is_empty()).then_some(TerminalItem::Many(rest));
    first.iter().map(TerminalItem::One).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn many_lines_are_one_item_and_none_is_lost() {
        for (number, items) in [(0, 0), (1, 1), (40, 40), (41, 41), (42, 41), (1_000, 41)] {
            let mut process = testing::process(1);
            process.terminal = (0..number).map(|n| testing::terminal_line("y", n)).collect();
            let folded = terminal(&process);
            assert_eq!(folded.len(), items, "{number}");
            let lines = folded.iter().map(|item| match item {
                TerminalItem::One(_) => 1,
                TerminalItem::Many(lines) => lines.len(),
            });
            assert_eq!(lines.sum::<usize>() as u64, number);
        }
        let mut process = testing::process(1);
        process.terminal = (0..1_000).map(|n| testing::terminal_line("y", n)).collect();
        let last = terminal(&process).last().map(TerminalItem::words);
        assert_eq!(last.as_deref(), Some("960 more lines, first: y"));
    }
}
