//! Rows and how they are set: time and process id at the left, the tree and what happened in the
//! middle, how it ended at the right.

use std::io::{self, Write};

use super::{
    Options,
    paint::{Line, Palette, Span, Style, columns, glued, line_columns, paint, plain, span, wrap},
};
use crate::views::words;

/// Below this width there is no column at the right: what would stand there follows the text.
const RIGHT_FROM: usize = 64;
/// Below this width there is no column of times: they stand before the text.
pub(super) const TIMES_FROM: usize = 40;
/// From this width on there is a column of process ids.
pub(super) const PIDS_FROM: usize = 90;
/// Columns that the right column has at least, if rows need them, and at most.
const RIGHT: (usize, usize) = (16, 32);
/// Rows may be so wide even if hardly one is that long.
const MIN_EDGE: usize = 80;

/// Columns of text that the right column must leave.
const MIN_BODY: usize = 20;
/// Columns between the text and the right column.
const GAP: usize = 2;
/// How much further in a row goes on that does not fit on one line.
const HANG: usize = 2;

/// One row, before it is set.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// Stands at the very left, so that the eye finds it.
    pub(super) mark: Option<(char, Style)>,
    /// Time relative to the first alert, ns.
    pub(super) time_ns: Option<i64>,
    pub(super) pid: Option<i64>,
    /// The tree's lines before the text.
    pub(super) stem: Stem,
    pub(super) body: Line,
    /// At the right; the second part ends at the edge.
    pub(super) right: (Line, String),
}

impl Row {
    /// Text alone.
    pub(super) fn of(body: Line) -> Self {
        Self { body, ..Self::default() }
    }

    fn has_right(&self) -> bool {
        !self.right.0.is_empty() || !self.right.1.is_empty()
    }

    fn right_columns(&self) -> usize {
        let gap = if self.right.0.is_empty() || self.right.1.is_empty() { 0 } else { 2 };
        line_columns(&self.right.0) + gap + columns(&self.right.1)
    }

    fn body_columns(&self) -> usize {
        columns(&self.stem.first) + line_columns(&self.body)
    }
}

/// The tree's lines before a row's text: on its first line, and on those that it wraps to.
#[derive(Clone, Debug, Default)]
pub(super) struct Stem {
    pub(super) first: String,
    pub(super) rest: String,
}

/// Columns of a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    width: usize,
    palette: Palette,
    /// Where the right column ends.
    edge: usize,
    times: usize,
    pids: usize,
    right: usize,
}

impl Page {
    /// A page on which these rows look well.
    pub(super) fn of(rows: &[&Row], options: &Options) -> Self {
        let width = options.width;
        let longest =
            |of: &dyn Fn(&Row) -> usize| rows.iter().map(|row| of(row)).max().unwrap_or(0);
        let digits = |row: &Row| row.pid.map_or(0, |pid| pid.to_string().len());
        let seconds = |row: &Row| row.time_ns.map_or(0, |ns| words::relative(ns).len());
        let mut page = Self {
            width,
            palette: options.palette,
            edge: width,
            times: if width < TIMES_FROM { 0 } else { longest(&seconds).max(6) },
            pids: if width < PIDS_FROM { 0 } else { longest(&digits) },
            right: match width {
                0..RIGHT_FROM => 0,
                _ => longest(&Row::right_columns).min((width / 5).clamp(RIGHT.0, RIGHT.1)),
            },
        };
        page.edge = page.fitting_edge(rows);
        page
    }

    /// The least width in which nineteen rows of twenty need not wrap, so that on a wide page the
    /// right column is not far away.
    fn fitting_edge(&self, rows: &[&Row]) -> usize {
        let around = self.gutter() + self.right + GAP;
        let timed = rows.iter().filter(|row| row.has_right());
        let mut needed: Vec<usize> = timed.map(|row| row.body_columns() + around).collect();
        needed.sort_unstable();
        let most = needed.get(needed.len() * 19 / 20).or(needed.last()).copied().unwrap_or(0);
        most.max(MIN_EDGE).min(self.width)
    }

    /// Columns before the tree.
    fn gutter(&self) -> usize {
        let column = |wide: usize| if wide == 0 { 0 } else { wide + 2 };
        2 + column(self.times) + column(self.pids)
    }

    /// Columns that a tree's lines may take.
    pub(super) fn max_stem(width: usize) -> usize {
        (width / 3).max(6)
    }

    /// Sets a row: one line, or several.
    pub(super) fn set(&self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let mut body = self.before(row);
        body.extend(row.body.iter().cloned());
        let taken = self.gutter() + columns(&row.stem.first);
        let beside = self.is_beside(row, taken);
        if !beside {
            body.extend(follow(row));
        }
        let end = if beside { self.edge.saturating_sub(self.right + GAP) } else { self.width };
        let hang = if self.times == 0 { 0 } else { HANG };
        let room = end.saturating_sub(taken);
        let deeper = columns(&row.stem.rest).saturating_sub(columns(&row.stem.first));
        for (at, line) in wrap(&body, room, deeper + hang).into_iter().enumerate() {
            let mut set = self.left(row, at == 0);
            if at > 0 {
                set.push(plain(" ".repeat(hang)));
            }
            set.extend(line);
            if beside && at == 0 {
                self.right(row, &mut set);
            }
            self.line(&set, out)?;
        }
        Ok(())
    }

    /// Whether there is a right column and room enough before it.
    fn is_beside(&self, row: &Row, taken: usize) -> bool {
        row.has_right()
            && row.right_columns() <= self.right
            && taken + MIN_BODY + GAP + self.right <= self.edge
    }

    /// The time, where it has no column.
    fn before(&self, row: &Row) -> Line {
        let time = row.time_ns.filter(|_| self.times == 0);
        time.map(|ns| span(Style::Faint, format!("{} ", words::relative(ns)))).into_iter().collect()
    }

    /// Mark, time, id and tree.
    fn left(&self, row: &Row, first: bool) -> Line {
        let mark = row.mark.filter(|_| first);
        let mut line = vec![match mark {
            Some((mark, style)) => span(style, format!("{mark} ")),
            None => plain("  "),
        }];
        let time = row.time_ns.filter(|_| first).map(words::relative).unwrap_or_default();
        let pid = row.pid.filter(|_| first).map(|pid| pid.to_string()).unwrap_or_default();
        for (text, wide) in [(time, self.times), (pid, self.pids)] {
            if wide > 0 {
                line.push(span(Style::Faint, format!("{text:>wide$}  ")));
            }
        }
        let stem = if first { &row.stem.first } else { &row.stem.rest };
        line.push(span(Style::Faint, stem.as_str()));
        line
    }

    /// Pads to the right column and adds it.
    fn right(&self, row: &Row, line: &mut Line) {
        let from = self.edge.saturating_sub(self.right);
        line.push(plain(" ".repeat(from.saturating_sub(line_columns(line)))));
        line.extend(row.right.0.iter().cloned());
        let end = &row.right.1;
        if !end.is_empty() {
            let used = line_columns(line) + columns(end);
            line.push(plain(" ".repeat(self.edge.saturating_sub(used))));
            line.push(span(Style::Faint, end.as_str()));
        }
    }

    /// Writes one line without blanks at its end.
    fn line(&self, line: &[Span], out: &mut dyn Write) -> io::Result<()> {
        let mut line = line.to_vec();
        while let Some(last) = line.last_mut() {
            last.text.truncate(last.text.trim_end_matches(' ').len());
            if !last.text.is_empty() {
                break;
            }
            line.pop();
        }
        let mut text = String::new();
        paint(&line, self.palette, &mut text);
        text.push('\n');
        out.write_all(text.as_bytes())
    }

    /// Sets running text over the page's width, indented.
    pub(super) fn prose(
        &self,
        text: &[Span],
        indent: usize,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        const MOST: usize = 100;
        let indent = if self.width < TIMES_FROM { 0 } else { indent };
        for line in wrap(text, self.width.min(MOST).saturating_sub(indent), 0) {
            let mut set = vec![plain(" ".repeat(indent))];
            set.extend(line);
            self.line(&set, out)?;
        }
        Ok(())
    }
}

/// What would stand at the right, after the text.
fn follow(row: &Row) -> Line {
    let mut line = Vec::new();
    if !row.right.0.is_empty() {
        line.push(plain("  "));
        line.extend(row.right.0.iter().map(|part| span(part.style, glued(&part.text))));
    }
    if !row.right.1.is_empty() {
        line.push(span(Style::Faint, format!("  {}", glued(&row.right.1))));
    }
    line
}
