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
    files: Vec<Held>,
    end: usize,
}

#[derive(Clone, Debug)]
struct Held {
    base: usize,
    file: RuleFile,
    /// Where each line but the first begins.
    lines: Vec<usize>,
}

impl Sources {
    /// Adds a file; returns where its first byte is.
    pub fn push(&mut self, file: RuleFile) -> usize {
        let base = self.end;
        // One position more than bytes, so that a span at the end of a file is in that file.
        self.end += file.text.len() + 1;
        let lines = memchr::memchr_iter(b'\n', file.text.as_bytes()).map(|at| at + 1).collect();
        self.files.push(Held { base, file, lines });
        base
    }

    /// The files in order, each with the position of its first byte.
    pub fn files(&self) -> impl Iterator<Item = (usize, &RuleFile)> {
        self.files.iter().map(|held| (held.base, &held.file))
    }

    /// The file that a position is in, and the position in it.
    pub fn file(&self, position: usize) -> Option<(&RuleFile, usize)> {
        self.held(position).map(|held| (&held.file, position - held.base))
    }

    /// File, line and column of the start of a span.
    pub fn place(&self, span: Span) -> Option<(&RuleFile, Place)> {
        let held = self.held(span.start)?;
        let byte = span.start - held.base;
        let before = held.lines.partition_point(|start| *start <= byte);
        let start = before.checked_sub(1).and_then(|line| held.lines.get(line)).copied();
        let line = &held.file.text[start.unwrap_or(0)..];
        let column = Place::of(line, byte - start.unwrap_or(0)).column;
        Some((&held.file, Place { line: before + 1, column }))
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

    fn held(&self, position: usize) -> Option<&Held> {
        let behind = self.files.partition_point(|held| held.base <= position);
        self.files.get(behind.checked_sub(1)?)
    }
}
