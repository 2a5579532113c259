//! The texts of all rule files as one: a span alone says which file it is in.

use std::fmt;

use crate::filter::error::{Place, Span, excerpt};

/// A rule file: what it is called, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFile {
    /// As messages call it: its path.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Rule files one behind the other. A span's positions count through all of them.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<(usize, RuleFile)>,
    end: usize,
}

impl Sources {
    /// Adds a file; returns where its first byte is.
    pub fn push(&mut self, file: RuleFile) -> usize {
        let base = self.end;
        // One position more than bytes, so that a span at the end of a file is in that file.
        self.end += file.text.len() + 1;
        self.files.push((base, file));
        base
    }

    /// The files in order, each with the position of its first byte.
    pub fn files(&self) -> impl Iterator<Item = (usize, &RuleFile)> {
        self.files.iter().map(|(base, file)| (*base, file))
    }

    /// The file that a position is in, and the position in it.
    pub fn file(&self, position: usize) -> Option<(&RuleFile, usize)> {
        let behind = self.files.partition_point(|(base, _)| *base <= position);
        let (base, file) = self.files.get(behind.checked_sub(1)?)?;
        Some((file, position - base))
    }

    /// File, line and column of the start of a span.
    pub fn place(&self, span: Span) -> Option<(&RuleFile, Place)> {
        let (file, byte) = self.file(span.start)?;
        Some((file, Place::of(&file.text, byte)))
    }

    /// The text of a span, as it stands in its file.
    pub fn text(&self, span: Span) -> Option<&str> {
        let (file, start) = self.file(span.start)?;
        file.text.get(start..start + (span.end.checked_sub(span.start)?))
    }

    /// Writes the line of a span with carets under it.
    pub fn excerpt(&self, f: &mut fmt::Formatter<'_>, span: Span) -> fmt::Result {
        match self.file(span.start) {
            Some((file, start)) => {
                let end = start + span.end.saturating_sub(span.start);
                excerpt(f, &file.text, Span { start, end })
            }
            None => Ok(()),
        }
    }
}
