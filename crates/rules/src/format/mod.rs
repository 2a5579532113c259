//! Output formats: text with `%field` in it.
//!
//! `%proc.name`, `%proc.aname[2]`, `%tolower(proc.name)`; `%20proc.name` pads or cuts to 20 bytes.
//! A name ends where no longer one is known: `%proc.name.` is the field and a full stop. A `*` in
//! front of everything prints events that lack a value too, with `<NA>` in its place.

mod compose;
mod render;
pub(crate) mod sanitize;

use std::ops::ControlFlow;

use state::Context;

pub use event::json::string as json_string;
pub use render::{field_json, field_text, json, text};
pub use sanitize::safe_text;

use crate::{
    fields::{FieldError, FieldRef, FieldTraits},
    filter::{
        Diagnostic, Memory, Report, Source, Span, check_operand, error::MOST_MISTAKES,
        parse::parse_operand,
    },
};

/// Stands for a missing value.
pub const MISSING: &str = "<NA>";

/// Widest column; what is wider is a mistake.
const MAX_WIDTH: usize = 65_535;

/// Most fields of a format and texts between them.
const MOST_PIECES: usize = 2_000;

/// A compiled output format.
#[derive(Clone, Debug)]
pub struct Format {
    pieces: Vec<Piece>,
    missing: Missing,
    levels: usize,
}

/// What happens to an event that lacks one of the values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// It is not printed.
    Skips,
    /// `<NA>` stands for the value.
    IsMarked,
}

#[derive(Clone, Debug)]
enum Piece {
    Literal(Box<str>),
    Value { source: Source, width: Option<usize>, key: Key },
}

/// A name in JSON, and whether an earlier piece has the same.
#[derive(Clone, Debug)]
struct Key {
    /// Quoted, with its colon.
    json: Box<[u8]>,
    name: Box<str>,
    is_repeated: bool,
}

impl Key {
    fn new(name: &str, is_repeated: bool) -> Self {
        let mut json = Vec::new();
        json_string(name.as_bytes(), &mut json);
        json.push(b':');
        Self { json: json.into(), name: name.into(), is_repeated }
    }
}

impl Format {
    /// Compiles a format.
    ///
    /// # Errors
    /// Everything that is wrong with it; messages call the text `format`.
    pub fn compile(source: &str) -> Result<Self, Report> {
        let mut format = Self { pieces: Vec::new(), missing: Missing::Skips, levels: 1 };
        let mut errors = Vec::new();
        let mut at = 0;
        if source.starts_with('*') {
            format.missing = Missing::IsMarked;
            at = 1;
        }
        while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
            let literal = rest.find('%').unwrap_or(rest.len());
            if literal > 0 {
                format.pieces.push(Piece::Literal(rest[..literal].into()));
                at += literal;
                continue;
            }
            match format.field(&rest[1..]) {
                Ok(len) => at += 1 + len,
                Err(found) => {
                    errors.extend(found.into_iter().map(|error| shifted(error, at + 1)));
                    at += 1;
                }
            }
            errors.extend(format.too_long(at));
            if errors.len() >= MOST_MISTAKES || format.pieces.len() > MOST_PIECES {
                break;
            }
        }
        if source.is_empty() {
            errors.push(Diagnostic::new(Span::default(), "the format is empty"));
        }
        if errors.is_empty() { Ok(format) } else { Err(Report::new("format", source, errors)) }
    }

    fn too_long(&self, at: usize) -> Option<Diagnostic> {
        let message = format!("more than {MOST_PIECES} fields and texts between them");
        let span = Span { start: at - 1, end: at };
        (self.pieces.len() > MOST_PIECES).then(|| Diagnostic::new(span, message))
    }

    /// Adds the field at the start of `rest`, behind its `%`; returns its length.
    fn field(&mut self, rest: &str) -> Result<usize, Vec<Diagnostic>> {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let width = match rest[..digits].parse::<usize>() {
            Ok(width) if width <= MAX_WIDTH => Some(width).filter(|&width| width > 0),
            Ok(_) => return Err(vec![too_wide(digits)]),
            Err(_) if digits > 0 => return Err(vec![too_wide(digits)]),
            Err(_) => None,
        };
        let (source, len) = operand(&rest[digits..])
            .map_err(|errors| errors.into_iter().map(|e| shifted(e, digits)).collect::<Vec<_>>())?;
        let name = &rest[digits..digits + len];
        let is_repeated = self.names().any(|known| known == name);
        let key = Key::new(name, is_repeated);
        self.levels = self.levels.max(source.levels());
        self.pieces.push(Piece::Value { source, width, key });
        Ok(digits + len)
    }

    /// Names of the values as written, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value { key, .. } => Some(&*key.name),
            Piece::Literal(_) => None,
        })
    }

    /// What happens to an event that lacks one of the values.
    pub fn missing(&self) -> Missing {
        self.missing
    }

    /// The same format, whatever stood in front of it.
    #[must_use]
    pub fn with_missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// Appends the event as text, without a line break. Returns whether there is one: if not,
    /// a value is missing and nothing was appended.
    pub fn text(&self, context: &Context<'_>, memory: &mut Memory, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Value { source, width, .. } => {
                    let from = out.len();
                    if !value_text(source, context, memory, self.levels, out) {
                        if self.missing == Missing::Skips {
                            out.truncate(start);
                            return false;
                        }
                        out.extend_from_slice(MISSING.as_bytes());
                    }
                    sanitize::sanitize_from(out, from);
                    if let Some(width) = width {
                        out.resize(from + width, b' ');
                    }
                }
            }
        }
        true
    }

    /// Appends the event as a JSON object: each value under its name as written, `null` if it is
    /// missing.
    pub fn json(&self, context: &Context<'_>, memory: &mut Memory, out: &mut Vec<u8>) {
        out.push(b'{');
        let mut first = true;
        for piece in &self.pieces {
            let Piece::Value { source, key, .. } = piece else { continue };
            if key.is_repeated {
                continue;
            }
            if !first {
                out.push(b',');
            }
            first = false;
            out.extend_from_slice(&key.json);
            value_json(source, context, memory, self.levels, out);
        }
        out.push(b'}');
    }
}

pub(crate) fn value_text(
    source: &Source,
    context: &Context<'_>,
    memory: &mut Memory,
    levels: usize,
    out: &mut Vec<u8>,
) -> bool {
    let scratch = memory.levels(levels);
    match (source, scratch.first_mut()) {
        (Source::Field(field), Some(first)) => field_text(field, context, first, out),
        _ if source.is_list() => {
            let start = out.len();
            out.push(b'(');
            let there = source.each(context, scratch, &mut |value| {
                if out.len() > start + 1 {
                    out.push(b',');
                }
                text(value, FieldTraits::NONE, out);
                ControlFlow::Continue(())
            });
            out.push(b')');
            out.truncate(if there { out.len() } else { start });
            there
        }
        _ => match source.value(context, scratch) {
            Some(value) => {
                text(value, FieldTraits::NONE, out);
                true
            }
            None => false,
        },
    }
}

pub(crate) fn value_json(
    source: &Source,
    context: &Context<'_>,
    memory: &mut Memory,
    levels: usize,
    out: &mut Vec<u8>,
) {
    let scratch = memory.levels(levels);
    match (source, scratch.first_mut()) {
        (Source::Field(field), Some(first)) => field_json(field, context, first, out),
        _ if source.is_list() => {
            let start = out.len();
            out.push(b'[');
            let there = source.each(context, scratch, &mut |value| {
                if out.len() > start + 1 {
                    out.push(b',');
                }
                json(value, FieldTraits::NONE, out);
                ControlFlow::Continue(())
            });
            out.push(b']');
            if !there {
                out.truncate(start);
                out.extend_from_slice(b"null");
            }
        }
        _ => match source.value(context, scratch) {
            Some(value) => json(value, FieldTraits::NONE, out),
            None => out.extend_from_slice(b"null"),
        },
    }
}

/// The field or transformer at the start of `text`, and its length.
fn operand(text: &str) -> Result<(Source, usize), Vec<Diagnostic>> {
    let errors = match parse_operand(text) {
        Ok((operand, len)) => match check_operand(&operand) {
            Ok(source) => return printable(source, len),
            Err(errors) => errors,
        },
        Err(errors) => errors,
    };
    // Text may follow a name without anything between.
    let name = text.bytes().take_while(|&b| b == b'.' || b == b'_' || b.is_ascii_alphanumeric());
    let longest = name.count();
    let shorter =
        (1..=longest).rev().find_map(|len| match FieldRef::resolve(text.get(..len)?, None) {
            Ok(field) => Some(Ok((Source::Field(field), len))),
            Err(error @ FieldError::ArgumentNeeded(_)) => Some(Err((error, len))),
            Err(_) => None,
        });
    match shorter {
        Some(Ok((source, len))) => printable(source, len),
        Some(Err((error, len))) if text.as_bytes().get(len) != Some(&b'[') => {
            let span = Span { start: 0, end: len };
            Err(vec![Diagnostic { span, message: error.to_string(), hint: error.hint() }])
        }
        _ => Err(errors),
    }
}

fn printable(source: Source, len: usize) -> Result<(Source, usize), Vec<Diagnostic>> {
    match &source {
        Source::Field(field) if !field.field.is_printable() => {
            let message = format!("'{}' can be filtered by, but not printed", field.field.name);
            Err(vec![Diagnostic::new(Span { start: 0, end: len }, message)])
        }
        _ => Ok((source, len)),
    }
}

fn shifted(mut error: Diagnostic, by: usize) -> Diagnostic {
    error.span.start += by;
    error.span.end += by;
    error
}

fn too_wide(digits: usize) -> Diagnostic {
    let message = format!("a width of more than {MAX_WIDTH}");
    Diagnostic::new(Span { start: 0, end: digits }, message)
}
