//! The order of keys, and block notation where comments need it.

use std::borrow::Borrow;

use super::tree::{Collection, Document, Entry, Kind, Node, Shape, refusal};
use crate::filter::{Diagnostic, Span};

/// Keys in the order in which they are written; others follow in the order that they had.
const KEYS: [&[&str]; 5] = [
    &[
        "rule",
        "desc",
        "condition",
        "output",
        "priority",
        "tags",
        "source",
        "enabled",
        "exceptions",
        "warn_evttypes",
        "skip-if-unknown-filter",
        "capture",
        "capture_duration",
        "append",
        "override",
    ],
    &["macro", "condition", "append", "override"],
    &["list", "items", "append", "override"],
    &["name", "fields", "comps", "values"],
    &["name", "version", "alternatives"],
];

/// Arranges documents for printing.
pub(super) fn arrange(documents: &mut [Document]) -> Result<(), Diagnostic> {
    for root in documents.iter_mut().filter_map(|document| document.root.as_mut()) {
        let span = Span { start: root.start, end: root.end };
        in_block(root);
        match &mut root.kind {
            Kind::Block(items) if items.shape == Shape::Sequence && !items.entries.is_empty() => {
                items.entries.iter_mut().for_each(|item| in_block(&mut item.value));
                collection(items)?;
            }
            _ => return Err(refusal(span, "not a list of rules, macros and lists")),
        }
    }
    Ok(())
}

/// Turns a collection into block notation, which an empty one does not have.
fn in_block(node: &mut Node) {
    let empty = Kind::Scalar { style: granit_parser::ScalarStyle::Plain, text: String::new() };
    node.kind = match std::mem::replace(&mut node.kind, empty) {
        Kind::Flow(flow) if !flow.entries.is_empty() => Kind::Block(flow),
        kind => kind,
    };
}

fn collection(into: &mut Collection) -> Result<(), Diagnostic> {
    if into.shape == Shape::Mapping {
        sort(&mut into.entries);
    }
    for entry in &mut into.entries {
        if entry.value.collection().is_some_and(has_comments) {
            in_block(&mut entry.value);
        }
        let span = Span { start: entry.value.start, end: entry.value.end };
        match &mut entry.value.kind {
            Kind::Flow(inner) if !inner.trailing.is_empty() => {
                return Err(refusal(span, "a comment in an empty list"));
            }
            Kind::Block(inner) | Kind::Flow(inner) => collection(inner)?,
            Kind::Scalar { .. } => {}
        }
    }
    Ok(())
}

fn has_comments(collection: &Collection) -> bool {
    let of_entry = |entry: &Entry| {
        !entry.above.is_empty()
            || entry.right.is_some()
            || entry.value.collection().is_some_and(has_comments)
    };
    !collection.trailing.is_empty() || collection.entries.iter().any(of_entry)
}

/// Sorts the entries of a mapping; equal keys stay in their order.
pub(super) fn sort<E: Borrow<Entry>>(entries: &mut [E]) {
    let has = |key: &str| entries.iter().any(|entry| entry.borrow().key_text() == key);
    let Some(keys) = KEYS.iter().find(|keys| keys.first().is_some_and(|first| has(first))) else {
        return;
    };
    let is_plugin = has("version");
    let keys = if is_plugin && keys[0] == "name" { KEYS[4] } else { keys };
    let rank = |key: &str| keys.iter().position(|known| *known == key).unwrap_or(keys.len());
    entries.sort_by_key(|entry| rank(entry.borrow().key_text()));
}
