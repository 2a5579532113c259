//! A timeline for a terminal of any width.
//!
//! First what it is and its figures, the summary, the alerts; then each session that has to do with
//! them as a tree of processes. Time, process id and tree stand at the left, how it ended at the
//! right; below each process, in the order of time, its alerts, other programs that it ran, rights,
//! connections, files and children. What is alike is one line, which says how to see all of it.
//!
//! - `paint`: pieces of text with a meaning, measured and wrapped.
//! - `rows`: how rows are set on a page.
//! - `entries`, `children`: what stands below a process; `lineage`: ancestors that did nothing.
//! - `story`: the walk through the tree; `node` and `details` make its rows.
//! - `top`: what stands above the sessions.
//! - `sheet`: puts all parts on the page.

mod children;
mod details;
mod entries;
mod expand;
mod lineage;
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

use self::{
    rows::{Page, Row},
    sheet::Sheet,
    story::Story,
};
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
    let told = Told::of(timeline, options);
    let mut sheet = Sheet { page: told.page(options), out };
    sheet.top(timeline, heading)?;
    sheet.part("alerts", &told.alerts)?;
    for (session, rows) in &told.sessions {
        sheet.session(session, rows)?;
    }
    sheet.part("", &told.gaps)?;
    sheet.background(&told.background)
}

/// A session's tree by itself, or gaps that lie beside all sessions.
pub(super) struct Part<'t> {
    pub(super) session: Option<&'t Session>,
    pub(super) text: String,
}

/// The trees of a timeline one by one, without what stands above and below them.
pub(super) fn sessions<'t>(timeline: &'t Timeline, options: &Options) -> io::Result<Vec<Part<'t>>> {
    let told = Told::of(timeline, options);
    let page = told.page(options);
    let set = |session, rows: &[Row]| {
        let mut text = Vec::new();
        Sheet { page, out: &mut text }.rows(rows)?;
        Ok(Part { session, text: String::from_utf8_lossy(&text).into_owned() })
    };
    let sessions = told.sessions.iter().map(|(session, rows)| set(Some(*session), rows));
    let gaps = (!told.gaps.is_empty()).then(|| set(None, &told.gaps));
    sessions.chain(gaps).collect()
}

/// All rows of a timeline.
struct Told<'t> {
    alerts: Vec<Row>,
    sessions: Vec<(&'t Session, Vec<Row>)>,
    /// Gaps that lie beside all sessions.
    gaps: Vec<Row>,
    /// Sessions that are only named.
    background: Vec<&'t Session>,
}

impl<'t> Told<'t> {
    fn of(timeline: &'t Timeline, options: &Options) -> Self {
        let mut story = Story::new(timeline, options);
        let alerts = story.alerts();
        let (told, background): (Vec<&Session>, Vec<&Session>) =
            timeline.sessions.iter().partition(|session| story.tells(session));
        let sessions = told.into_iter().map(|session| (session, story.session(session))).collect();
        Self { alerts, sessions, gaps: story.gaps_left(), background }
    }

    fn page(&self, options: &Options) -> Page {
        let rows = self.sessions.iter().flat_map(|(_, rows)| rows);
        let all: Vec<&Row> = self.alerts.iter().chain(rows).chain(&self.gaps).collect();
        Page::of(&all, options)
    }
}
