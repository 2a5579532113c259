//! Tables for people: columns that stand below each other, and lines that fit the terminal.
//!
//! - `fitted`: tables of which some columns make room for others.

pub(crate) mod fitted;

use std::io::{self, IsTerminal, Write};

/// Between two columns.
const GAP: &str = "  ";

/// Columns of the terminal; none if the output goes elsewhere, where lines are whole.
pub(crate) fn terminal_width() -> Option<usize> {
    let size = terminal_size::terminal_size().filter(|_| io::stdout().is_terminal());
    size.map(|(width, _)| usize::from(width.0))
}

/// Prints rows of as many cells, the headings among them. A column is as wide as its widest cell, but no wider
/// than `widest`, so that one long name does not push all others aside; the last is as long as it is. Lines are
/// cut at `width`, if any.
pub(crate) fn print<R: AsRef<[String]>>(
    rows: &[R],
    widest: usize,
    width: Option<usize>,
    out: &mut impl Write,
) -> io::Result<()> {
    let count = rows.first().map_or(0, |row| row.as_ref().len());
    let mut widths = vec![0; count.saturating_sub(1)];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row.as_ref()) {
            *width = cell.chars().count().min(widest).max(*width);
        }
    }
    let mut line = String::new();
    for row in rows {
        line.clear();
        for (at, cell) in row.as_ref().iter().enumerate() {
            let pad = widths.get(at).map_or(0, |width| width.saturating_sub(cell.chars().count()));
            line.push_str(cell);
            blanks(&mut line, pad);
            line.push_str(GAP);
        }
        writeln!(out, "{}", cut(line.trim_end(), width))?;
    }
    Ok(())
}

fn blanks(line: &mut String, count: usize) {
    line.extend(std::iter::repeat_n(' ', count));
}

/// A line of so many characters at most, if any; `…` stands for what is missing.
pub(crate) fn cut(line: &str, width: Option<usize>) -> String {
    match width {
        Some(width) if line.chars().count() > width => {
            line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(rows: &[[&str; 3]], widest: usize, width: Option<usize>) -> String {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|&cell| cell.to_owned()).collect()).collect();
        let mut out = Vec::new();
        print(&rows, widest, width, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_stand_below_each_other_and_one_long_cell_moves_only_its_own_line() {
        let rows = [["A", "B", "C"], ["aé", "b", "the last"], ["a very long name", "bb", ""]];
        assert_eq!(
            printed(&rows, 4, None),
            "A     B   C\naé    b   the last\na very long name  bb\n"
        );
        assert_eq!(printed(&[], 4, None), "");
    }

    #[test]
    fn lines_end_where_the_terminal_does() {
        let rows = [["A", "B", "C"], ["a", "b", "the last"]];
        assert_eq!(printed(&rows, 4, Some(10)), "A  B  C\na  b  the…\n");
        assert_eq!(cut("no room", Some(0)), "…");
        assert_eq!(cut("é to the end", Some(12)), "é to the end");
    }
}
