//! Puts the parts on the page.

use std::io::{self, Write};

use super::{
    paint::{Line, Style, plain, span},
    rows::{Page, Row},
    top,
};
use crate::{
    model::{Session, Timeline},
    views::{
        heading::{Heading, paragraphs},
        words,
    },
};

/// Sessions that are only named, at most.
const MAX_BACKGROUND: usize = 12;

/// A page, and where it is written.
pub(super) struct Sheet<'o> {
    pub(super) page: Page,
    pub(super) out: &'o mut dyn Write,
}

impl Sheet<'_> {
    /// Title, figures, summary.
    pub(super) fn top(&mut self, timeline: &Timeline, heading: &Heading) -> io::Result<()> {
        self.prose(&top::title(timeline, heading), 0)?;
        self.prose(&top::figures_line(timeline, heading), 0)?;
        for paragraph in paragraphs(timeline) {
            self.blank()?;
            self.prose(&vec![plain(paragraph)], 2)?;
        }
        let cuts = words::cuts(&timeline.cuts);
        if !cuts.is_empty() {
            self.blank()?;
            let text = format!("Left out because there was too much: {}.", words::and(&cuts));
            self.prose(&vec![span(Style::Failure, text)], 2)?;
        }
        Ok(())
    }

    /// Rows under a title, if there are any.
    pub(super) fn part(&mut self, title: &str, rows: &[Row]) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.blank()?;
        if !title.is_empty() {
            self.prose(&vec![span(Style::Strong, title)], 0)?;
        }
        rows.iter().try_for_each(|row| self.page.set(row, self.out))
    }

    /// Rows alone.
    pub(super) fn rows(&mut self, rows: &[Row]) -> io::Result<()> {
        rows.iter().try_for_each(|row| self.page.set(row, self.out))
    }

    /// A session with its processes.
    pub(super) fn session(&mut self, session: &Session, rows: &[Row]) -> io::Result<()> {
        self.blank()?;
        self.prose(&top::session(session), 0)?;
        rows.iter().try_for_each(|row| self.page.set(row, self.out))
    }

    /// Sessions that have nothing to do with the alerts.
    pub(super) fn background(&mut self, sessions: &[&Session]) -> io::Result<()> {
        if sessions.is_empty() {
            return Ok(());
        }
        self.blank()?;
        let title = vec![span(Style::Strong, "meanwhile"), span(Style::Faint, " · show: --all")];
        self.prose(&title, 0)?;
        for session in sessions.iter().take(MAX_BACKGROUND) {
            self.prose(&top::background(session), 2)?;
        }
        if let Some(more) = sessions.len().checked_sub(MAX_BACKGROUND).filter(|&more| more > 0) {
            let text =
                format!("and {}", words::plural(more as u64, "more session", "more sessions"));
            self.prose(&vec![span(Style::Faint, text)], 2)?;
        }
        Ok(())
    }

    fn prose(&mut self, line: &Line, indent: usize) -> io::Result<()> {
        self.page.prose(line, indent, self.out)
    }

    fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }
}
