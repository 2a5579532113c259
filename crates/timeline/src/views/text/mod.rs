//! A timeline for a terminal of any width.
//!
//! First what it is and its figures, the summary, the alerts; then each session that has to do with
//! them as a tree of processes. Time, process id and tree stand at the left, how it ended at the
//! right; below each process, in the order of time, its alerts, other programs that it ran, rights,
//! connections, files and children. What is alike is one line, which says how to see all of it.
//!
//! - `paint`: pieces of text with a meaning, measured and wrapped.
//! - `rows`: how rows are set on a page.
//! - `entries`, `children`: what stands below a process.
//! - `story`: the walk through the tree; `node` and `details` make its rows.
//! - `top`: what stands above the sessions.
//! - `sheet`: puts all parts on the page.

mod children;
mod details;
mod entries;
mod expand;
mod node;
mod paint;
mod rows;
mod sheet;
mod story;
mod top;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

pub use expand::{Expand, UnknownExpand};
pub use paint::Palette;

use self::{rows::Page, sheet::Sheet, story::Story};
use super::heading::Heading;
use crate::model::{Session, Timeline};

/// How a timeline is shown.
#[derive(Clone, Debug)]
pub struct Options {
    /// Columns of the terminal; fewer than 20 are taken as 20.
    pub width: usize,
    /// Whether colours may be used.
    pub palette: Palette,
    /// Which sessions and processes are shown.
    pub scope: Scope,
    /// What is shown in full instead of folded.
    pub expand: Vec<Expand>,
}

/// Which sessions and processes are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Scope {
    /// Those that have to do with the alerts; others are named in a line. Without alerts, all.
    #[default]
    Related,
    /// All.
    All,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 80, palette: Palette::Plain, scope: Scope::Related, expand: Vec::new() }
    }
}

/// Writes a timeline as text. No line is wider than the width, and no control character but line
/// feeds and colours is written.
pub fn write(
    timeline: &Timeline,
    heading: &Heading,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let options = &Options { width: options.width.max(20), ..options.clone() };
    let mut story = Story::new(timeline, options);
    let alerts = story.alerts();
    let (told, background): (Vec<&Session>, Vec<&Session>) =
        timeline.sessions.iter().partition(|session| story.tells(session));
    let sessions: Vec<_> =
        told.into_iter().map(|session| (session, story.session(session))).collect();
    let left = story.gaps_left();
    let rows = sessions.iter().flat_map(|(_, rows)| rows);
    let page = Page::of(&alerts.iter().chain(rows).chain(&left).collect::<Vec<_>>(), options);
    let mut sheet = Sheet { page, out };
    sheet.top(timeline, heading)?;
    sheet.part("alerts", &alerts)?;
    for (session, rows) in &sessions {
        sheet.session(session, rows)?;
    }
    sheet.part("", &left)?;
    sheet.background(&background)
}
