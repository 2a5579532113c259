//! Tables whose columns are not worth the same: where the terminal is too narrow, those that can be spared make
//! room for those that cannot.

use std::io::{self, Write};

use super::{GAP, blanks, cut};

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// What stands above it.
    pub(crate) heading: &'static str,
    /// What becomes of it where there is no room.
    pub(crate) gives: Gives,
}

/// What becomes of a column where there is no room for all, in characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Gives {
    /// It is as wide as its widest cell.
    Nothing,
    /// Its cells are shortened in their middle, down to so many.
    Width(usize),
    /// As that, and it goes where that is not enough.
    Way(usize),
    /// It is the last and has what the others leave: it is cut at its end, and goes first of all where so many are
    /// not left.
    First(usize),
}

/// How the columns of a table stand: each with its width, and none for one that goes.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Layout {
    widths: Vec<Option<usize>>,
    is_whole: bool,
}

impl Layout {
    /// How rows have room in so many characters; `None` where what can give nothing has none.
    pub(crate) fn of(columns: &[Column], rows: &[Vec<String>], room: usize) -> Option<Self> {
        let mut widths: Vec<Option<usize>> =
            columns.iter().enumerate().map(|(at, it)| Some(widest(it, at, rows))).collect();
        let natural = widths.clone();
        spare(columns, &mut widths, None);
        leave_room(columns, &natural, &mut widths, room);
        if !shrink(columns, &mut widths, room, 0) {
            for (at, column) in columns.iter().enumerate() {
                if matches!(column.gives, Gives::Way(_)) {
                    widths = natural.clone();
                    spare(columns, &mut widths, Some(at));
                }
            }
            shrink(columns, &mut widths, room, 0).then_some(())?;
        }
        give_rest(columns, &natural, &mut widths, room);
        let is_whole = widths == natural;
        Some(Self { widths, is_whole })
    }

    /// Whether nothing is shortened and no column is gone.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether a column that need not go has gone, but for the last.
    pub(crate) fn is_bare(&self, columns: &[Column]) -> bool {
        let goes = |it: &Column| matches!(it.gives, Gives::Way(_));
        columns.iter().zip(&self.widths).any(|(column, width)| goes(column) && width.is_none())
    }

    /// Writes the headings and the rows.
    pub(crate) fn write(
        &self,
        columns: &[Column],
        rows: &[Vec<String>],
        out: &mut impl Write,
    ) -> io::Result<()> {
        let headings: Vec<String> = columns.iter().map(|it| it.heading.to_owned()).collect();
        let has_headings = headings.iter().any(|it| !it.is_empty());
        let mut line = String::new();
        for row in has_headings.then_some(&headings).into_iter().chain(rows) {
            line.clear();
            for ((cell, column), width) in row.iter().zip(columns).zip(&self.widths) {
                let Some(width) = *width else { continue };
                let is_last = matches!(column.gives, Gives::First(_));
                let cell = if is_last { cut(cell, Some(width)) } else { shortened(cell, width) };
                line.push_str(&cell);
                blanks(&mut line, width.saturating_sub(cell.chars().count()));
                line.push_str(GAP);
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn widest(column: &Column, at: usize, rows: &[Vec<String>]) -> usize {
    let cells = rows.iter().filter_map(|row| row.get(at));
    let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or_default();
    widest.max(column.heading.chars().count())
}

/// How many characters all that is there takes.
fn taken(widths: &[Option<usize>]) -> usize {
    let there = || widths.iter().flatten();
    there().sum::<usize>() + GAP.len() * there().count().saturating_sub(1)
}

/// Shortens the widest again and again, but not below so many characters; whether there is room then.
fn shrink(columns: &[Column], widths: &mut [Option<usize>], room: usize, least: usize) -> bool {
    while taken(widths) > room {
        let can = columns.iter().zip(widths.iter_mut()).filter_map(|(column, width)| {
            let width = width.as_mut()?;
            match column.gives {
                Gives::Width(own) | Gives::Way(own) if *width > own.max(least) => Some(width),
                _ => None,
            }
        });
        let Some(widest) = can.max_by_key(|width| **width) else { return false };
        *widest -= 1;
    }
    true
}

/// So many characters of a name or version are enough for most.
const ENOUGH: usize = 20;

/// Shortens what is longer than most, where that leaves enough for the last.
fn leave_room(
    columns: &[Column],
    natural: &[Option<usize>],
    widths: &mut [Option<usize>],
    room: usize,
) {
    let Some((Gives::First(least), Some(natural))) =
        columns.last().map(|it| it.gives).zip(natural.last().copied())
    else {
        return;
    };
    let mut shortened = widths.to_vec();
    let room = room.saturating_sub(GAP.len() + least.min(natural));
    if shrink(columns, &mut shortened, room, ENOUGH) {
        widths.copy_from_slice(&shortened);
    }
}

/// Leaves out what goes up to here, and the last.
fn spare(columns: &[Column], widths: &mut [Option<usize>], up_to: Option<usize>) {
    for (at, (column, width)) in columns.iter().zip(widths).enumerate() {
        match column.gives {
            Gives::First(_) => *width = None,
            Gives::Way(_) if up_to.is_some_and(|up_to| at <= up_to) => *width = None,
            _ => {}
        }
    }
}

/// What is left is for the last, if that is enough.
fn give_rest(
    columns: &[Column],
    natural: &[Option<usize>],
    widths: &mut [Option<usize>],
    room: usize,
) {
    let rest = room.saturating_sub(taken(widths) + GAP.len());
    for ((column, natural), width) in columns.iter().zip(natural).zip(widths) {
        if let (Gives::First(least), Some(natural)) = (column.gives, *natural)
            && rest >= least.min(natural)
        {
            *width = Some(rest.min(natural));
        }
    }
}

/// So many characters at most, with `…` for what is missing in the middle: both the beginning and the end of a name or
/// a version tell it from others.
fn shortened(cell: &str, width: usize) -> String {
    let count = cell.chars().count();
    if count <= width {
        return cell.to_owned();
    }
    let kept = width.saturating_sub(1);
    let tail = kept / 2;
    let head = cell.chars().take(kept - tail);
    head.chain(['…']).chain(cell.chars().skip(count - tail)).collect()
}

/// Behind the first of several lines of one text.
const INDENT: &str = "    ";

/// Writes a text with blanks before it, on lines of so many characters at most, those behind the first further in; a
/// word that is longer is not broken.
pub(crate) fn write_wrapped(
    before: &str,
    text: &str,
    width: usize,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut line = before.to_owned();
    let mut is_begun = false;
    for word in text.split(' ') {
        if is_begun && line.chars().count() + 1 + word.chars().count() > width {
            writeln!(out, "{}", line.trim_end())?;
            INDENT.clone_into(&mut line);
        } else if is_begun {
            line.push(' ');
        }
        line.push_str(word);
        is_begun = true;
    }
    writeln!(out, "{line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 5] = [
        Column { heading: "HOW", gives: Gives::Nothing },
        Column { heading: "NAME", gives: Gives::Width(6) },
        Column { heading: "FROM", gives: Gives::Way(5) },
        Column { heading: "TO", gives: Gives::Nothing },
        Column { heading: "ABOUT", gives: Gives::First(10) },
    ];

    fn rows() -> Vec<Vec<String>> {
        let rows = [
            ["bad", "a-long-name", "1:2.3-4.el9", "1:2.3-5.el9", "what it is about"],
            ["worse", "b", "1", "2", ""],
        ];
        rows.iter().map(|row| row.iter().map(|&cell| cell.to_owned()).collect()).collect()
    }

    /// At so many characters; none where there is no room.
    fn at(room: usize) -> Option<String> {
        let layout = Layout::of(&COLUMNS, &rows(), room)?;
        let mut out = Vec::new();
        layout.write(&COLUMNS, &rows(), &mut out).unwrap();
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn what_can_be_spared_makes_room_for_what_cannot() {
        for (room, expected) in [
            (
                62,
                "HOW    NAME         FROM         TO           ABOUT\n\
                 bad    a-long-name  1:2.3-4.el9  1:2.3-5.el9  what it is about\n\
                 worse  b            1            2\n",
            ),
            (
                60,
                "HOW    NAME         FROM         TO           ABOUT\n\
                 bad    a-long-name  1:2.3-4.el9  1:2.3-5.el9  what it is ab…\n\
                 worse  b            1            2\n",
            ),
            (
                50,
                "HOW    NAME         FROM         TO\n\
                 bad    a-long-name  1:2.3-4.el9  1:2.3-5.el9\n\
                 worse  b            1            2\n",
            ),
            (
                38,
                "HOW    NAME      FROM      TO\n\
                 bad    a-lo…ame  1:2.…el9  1:2.3-5.el9\n\
                 worse  b         1         2\n",
            ),
            (
                32,
                "HOW    NAME         TO\n\
                 bad    a-long-name  1:2.3-5.el9\n\
                 worse  b            2\n",
            ),
        ] {
            assert_eq!(at(room).unwrap(), expected, "{room}");
        }
        assert_eq!(at(25), None, "what gives nothing is never cut");
    }

    #[test]
    fn texts_are_wrapped_at_words() {
        let mut out = Vec::new();
        write_wrapped("  ", "a name 1.2.3: fixed in 1:2.3.4-long", 16, &mut out).unwrap();
        let told = String::from_utf8(out).unwrap();
        assert_eq!(told, "  a name 1.2.3:\n    fixed in\n    1:2.3.4-long\n");
    }

    #[test]
    fn lines_are_never_longer_than_there_is_room_and_say_what_gives_nothing() {
        let mut fits = 0;
        for room in 0..120 {
            let Some(text) = at(room) else { continue };
            fits += 1;
            for line in text.lines() {
                assert!(line.chars().count() <= room, "{room}: {line}");
            }
            assert!(text.contains("worse") && text.contains("1:2.3-5.el9"), "{room}: {text}");
        }
        assert_eq!(fits, 120 - 26, "what gives nothing and the least of the name take 26");
        let none = Layout::of(&COLUMNS, &[], 80).unwrap();
        assert!(none.is_whole() && !none.is_bare(&COLUMNS));
    }
}
