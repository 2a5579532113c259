//! Rule files in one style: what `watchkeeper rules fmt` does to a text.
//!
//! [`format_rules`] changes blanks, line breaks, the order of an item's keys and the notation of values;
//! never a comment, the order of items, or what they mean. What it made is parsed again and
//! compared with what it was made from before anybody sees it.
//!
//! - `tree`: the text as nodes that know their place; `comments`: each with what it is about.
//! - `arrange`: the order of keys; `print`, `scalar`, `condition`: nodes to text.
//! - `same`: whether two texts mean the same.

mod arrange;
mod comments;
mod condition;
mod print;
mod same;
mod scalar;
mod tree;

use crate::filter::{Diagnostic, Span};

/// Columns that lines try to keep to.
const WIDTH: usize = 100;
/// Columns of one level.
const STEP: usize = 2;

/// Stands in front of some files, to say that they are UTF-8.
const MARK: char = '\u{feff}';

/// The text of a rule file in the one style. Formatting that again changes nothing.
///
/// # Errors
/// Why it is left alone: it is not YAML, or has what the style cannot keep (anchors, tags,
/// directives, keys that are not plain text).
pub fn format_rules(text: &str) -> Result<String, Diagnostic> {
    let mut lines = text.trim_start_matches(MARK).replace("\r\n", "\n").replace('\r', "\n");
    if !lines.is_empty() && !lines.ends_with('\n') {
        lines.push('\n');
    }
    once(&lines).map_err(|refusal| {
        let Span { start, end } = refusal.span;
        let span = Span { start: place_in(text, start), end: place_in(text, end) };
        Diagnostic { span, ..refusal }
    })
}

/// Where a byte was before the mark was cut off and line breaks became one byte each.
fn place_in(text: &str, at: usize) -> usize {
    let mut place = text.len() - text.trim_start_matches(MARK).len();
    for _ in 0..at {
        let is_break = text.get(place..).is_some_and(|rest| rest.starts_with("\r\n"));
        place += if is_break { 2 } else { 1 };
    }
    place.min(text.len())
}

fn once(text: &str) -> Result<String, Diagnostic> {
    let documents = tree::parse(text)?;
    let mut arranged = documents.clone();
    arrange::arrange(&mut arranged)?;
    let printed = print::print(text, &arranged);
    drop(arranged);
    let again = tree::parse(&printed).map_err(|_| unkept(0))?;
    match same::difference(&documents, &again) {
        None => Ok(printed),
        Some(at) => Err(unkept(at)),
    }
}

fn unkept(at: usize) -> Diagnostic {
    Diagnostic::new(Span { start: at, end: at + 1 }, "has a notation here that cannot be formatted")
        .hint("write it in a simpler way")
}

#[cfg(test)]
mod tests;
