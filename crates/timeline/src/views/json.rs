//! A timeline for programs: the model as JSON, as `docs/timeline-json.md` tells it.

use std::io::{self, Write};

use crate::model::Timeline;

/// How the JSON is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Over many lines.
    Pretty,
    /// On one line.
    Compact,
}

/// Writes a timeline as one JSON object and a line feed.
pub fn write(timeline: &Timeline, form: Form, out: &mut dyn Write) -> io::Result<()> {
    match form {
        Form::Pretty => serde_json::to_writer_pretty(&mut *out, timeline)?,
        Form::Compact => serde_json::to_writer(&mut *out, timeline)?,
    }
    out.write_all(b"\n")
}
