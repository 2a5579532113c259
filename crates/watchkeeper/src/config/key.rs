//! Keys: name, type, meaning, example and what they set stand together; maps are read by tables
//! of them.

use crate::yaml::{Node, Place, Wrong};

/// What the manual says of a key.
#[derive(Debug)]
pub(crate) struct Doc {
    /// Its name.
    pub(crate) name: &'static str,
    /// What its value is.
    pub(crate) ty: &'static str,
    /// What holds without it; empty if it is required or there is nothing.
    pub(crate) default: &'static str,
    /// The types of outputs that have it; all, if empty.
    pub(crate) of: &'static [&'static str],
    /// What it means.
    pub(crate) doc: &'static str,
    /// How it is written.
    pub(crate) example: &'static str,
}

/// A key and what it sets in a `T`.
pub(super) struct Key<T> {
    pub(super) doc: Doc,
    pub(super) set: fn(&mut T, &Node, &mut Problems),
}

/// What is wrong with a file.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Wrong>);

impl Problems {
    pub(super) fn add(&mut self, place: Place, message: impl Into<String>) {
        self.wrong(Wrong { place, message: message.into() });
    }

    pub(super) fn wrong(&mut self, wrong: Wrong) {
        self.0.push(wrong);
    }

    /// The result, if there are no problems.
    pub(super) fn none_or<T>(self, result: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(result) } else { Err(self) }
    }

    /// A line for each, in the order of their places. The lines of the file are not repeated:
    /// there may be secrets in them.
    pub(super) fn shown(mut self, file: &str) -> String {
        self.0.sort_by_key(|wrong| (wrong.place.line, wrong.place.column));
        let line = |wrong: &Wrong| {
            let line = wrong.in_file(file);
            line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
        };
        self.0.iter().map(line).collect::<Vec<String>>().join("\n")
    }

    /// What was read; what is wrong with it is kept.
    pub(super) fn right<V>(&mut self, read: Result<V, Wrong>) -> Option<V> {
        read.map_err(|wrong| self.wrong(wrong)).ok()
    }

    /// Reads a map by a table of keys.
    pub(super) fn map<T>(&mut self, keys: &[Key<T>], node: &Node, into: &mut T) {
        for (written, value) in self.right(node.pairs()).unwrap_or_default() {
            let Some(name) = self.right(written.text()) else { continue };
            match keys.iter().find(|key| key.doc.name == name) {
                Some(key) => (key.set)(into, value, self),
                None => {
                    let known: Vec<&str> = keys.iter().map(|key| key.doc.name).collect();
                    self.wrong(written.unknown("key", &name, &known));
                }
            }
        }
    }

    /// The items of a list; nothing is an empty one.
    pub(super) fn items<'n>(&mut self, node: &'n Node) -> &'n [Node] {
        if node.is_null() { &[] } else { self.right(node.list()).unwrap_or_default() }
    }

    /// A single value, parsed.
    pub(super) fn parsed<V, E: ToString>(
        &mut self,
        node: &Node,
        parse: impl FnOnce(&str) -> Result<V, E>,
    ) -> Option<V> {
        let text = self.right(node.text())?;
        parse(&text).map_err(|error| self.add(node.place, error.to_string())).ok()
    }

    /// Sets what a single value says, if it is right.
    pub(super) fn set<V, E: ToString>(
        &mut self,
        slot: &mut V,
        node: &Node,
        parse: impl FnOnce(&str) -> Result<V, E>,
    ) {
        if let Some(value) = self.parsed(node, parse) {
            *slot = value;
        }
    }
}
