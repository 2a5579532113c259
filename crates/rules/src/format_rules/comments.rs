//! Which comment is about what.

use super::tree::{Collection, Comment, Document, Kind};
use crate::filter::Span;

/// Gives each comment to the entry that it stands above, or behind on its line.
pub(super) fn attach(source: &str, documents: &mut [Document], comments: &[Span]) {
    for &span in comments {
        let text = source[span.start..span.end].trim_end();
        let line_start = source[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
        let lead = &source[line_start..span.start];
        let place = Place {
            source,
            at: span.start,
            column: indentation(lead),
            comment: Comment { text: text.to_owned(), gap: has_gap(source, span.start) },
        };
        let behind = documents.partition_point(|d| d.marker.is_some_and(|at| at <= span.start));
        let before_marker = behind == 0 && documents.first().is_some_and(|d| d.marker.is_some());
        let Some(document) = documents.get_mut(behind.saturating_sub(1)) else { continue };
        match document.root.as_mut().and_then(|root| root.collection_mut()) {
            _ if before_marker => document.before.push(place.comment),
            None => document.alone.push(place.comment),
            Some(root) => {
                if lead.trim().is_empty() || !right(root, &place) {
                    own_line(root, place);
                }
            }
        }
    }
}

/// Whether this byte is the first of its line, but for dashes, and the line before is blank.
pub(super) fn has_gap(source: &str, at: usize) -> bool {
    let head = source[..at].trim_end_matches([' ', '\t', '-']);
    let Some(before) = head.strip_suffix('\n') else { return false };
    let before = before.trim_end_matches([' ', '\t']);
    before.is_empty() || before.ends_with('\n')
}

/// In `- # about the item` that of the dash.
fn indentation(lead: &str) -> usize {
    lead.len() - lead.trim_start().len()
}

struct Place<'s> {
    source: &'s str,
    at: usize,
    column: usize,
    comment: Comment,
}

/// Tries to put a comment behind the entry on its line.
fn right(into: &mut Collection, place: &Place<'_>) -> bool {
    let behind = into.entries.partition_point(|entry| entry.start() < place.at);
    let Some(entry) = behind.checked_sub(1).and_then(|i| into.entries.get_mut(i)) else {
        return false;
    };
    let value = &mut entry.value;
    let reached = value.start < place.at;
    match &mut value.kind {
        Kind::Block(inner) if reached => return right(inner, place),
        Kind::Flow(inner) if reached && place.at < value.end => return right(inner, place),
        _ => {}
    }
    let key_end = entry.key.as_ref().map_or(0, |key| key.end);
    let end = if reached { value.end.min(place.at) } else { key_end };
    if place.source[end..place.at].contains('\n') || entry.right.is_some() {
        return false;
    }
    entry.right = Some(place.comment.text.clone());
    true
}

/// Puts a comment above the entry behind it, or behind the last one of a collection.
fn own_line(into: &mut Collection, place: Place<'_>) {
    let behind = into.entries.partition_point(|entry| entry.start() < place.at);
    let has_next = behind < into.entries.len();
    let column = into.column;
    if let Some(entry) = behind.checked_sub(1).and_then(|i| into.entries.get_mut(i)) {
        let inside = place.at < entry.end();
        match &mut entry.value.kind {
            Kind::Scalar { .. } if inside => return entry.above.push(place.comment),
            Kind::Block(inner) | Kind::Flow(inner) if inside => return own_line(inner, place),
            Kind::Block(inner)
                if place.column >= inner.column && (inner.column > column || !has_next) =>
            {
                return own_line(inner, place);
            }
            _ => {}
        }
    }
    match into.entries.get_mut(behind) {
        Some(next) => next.above.push(place.comment),
        None => into.trailing.push(place.comment),
    }
}
