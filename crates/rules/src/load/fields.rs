//! The values of an item's keys, each of the type that it has to have.

use std::collections::BTreeSet;

use event::alert::Priority;

use super::{
    found::Found,
    item::Named,
    problem::{Code, Item},
    source::Sources,
    text::Text,
    yaml::Node,
};
use crate::filter::{Diagnostic, Span};

/// Whether a key has to be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Need {
    /// It does.
    Required,
    /// It may be missing, but if it is there it has to have a value.
    Optional,
    /// It may be missing or have no value.
    MayBeEmpty,
}

/// A mapping whose values are asked for one by one. What is wrong is remembered.
pub(super) struct Fields<'a, 't> {
    pub node: Node<'t>,
    pub item: Item,
    pub sources: &'a Sources,
    pub found: &'a mut Found,
    /// Whether something was wrong so far.
    pub is_broken: bool,
}

impl<'a, 't> Fields<'a, 't> {
    pub(super) fn new(
        node: Node<'t>,
        kind: &'static str,
        sources: &'a Sources,
        found: &'a mut Found,
    ) -> Self {
        let item = Item { kind, name: String::new() };
        Self { node, item, sources, found, is_broken: false }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.node.get(key).is_some()
    }

    pub(super) fn error(&mut self, span: Span, message: impl Into<String>) {
        self.wrong(Diagnostic::new(span, message));
    }

    pub(super) fn wrong(&mut self, diagnostic: Diagnostic) {
        self.is_broken = true;
        self.found.push(Code::YamlValidate, &self.item, diagnostic);
    }

    pub(super) fn warn(&mut self, code: Code, diagnostic: Diagnostic) {
        self.found.push(code, &self.item, diagnostic);
    }

    /// The place of the item's first key, for what is wrong with all of it.
    pub(super) fn head(&self) -> Span {
        let first = self.node.mapping().and_then(|mut pairs| pairs.next());
        first.map_or(self.node.span(), |(key, value)| {
            let line_ends = value.span().end > key.span().end && value.text().is_some();
            if line_ends { key.span().to(value.span()) } else { key.span() }
        })
    }

    /// A scalar that is not empty.
    pub(super) fn scalar(&mut self, key: &str, need: Need) -> Option<Node<'t>> {
        let Some(value) = self.node.get(key) else {
            if need == Need::Required {
                let message = format!("{} has no '{key}'", self.item.label());
                self.error(self.head(), message);
            }
            return None;
        };
        let is_empty = value.is_null() || value.text() == Some("");
        if is_empty {
            if need != Need::MayBeEmpty {
                self.error(value.span(), format!("'{key}' has no value"));
            }
            return None;
        }
        if value.text().is_none() {
            self.error(start_of(value), format!("'{key}' has to be a text, not {}", value.kind()));
            return None;
        }
        Some(value)
    }

    pub(super) fn text(&mut self, key: &str, need: Need) -> Option<Text> {
        let node = self.scalar(key, need)?;
        text_of(node, self.sources)
    }

    /// The name of the item; from then on messages have it.
    pub(super) fn name(&mut self, key: &str) -> Option<Named> {
        let node = self.scalar(key, Need::Required)?;
        let name = node.text()?.to_owned();
        self.item.name.clone_from(&name);
        Some(Named { text: name, span: node.span() })
    }

    pub(super) fn flag(&mut self, key: &str, need: Need) -> Option<bool> {
        let node = self.scalar(key, need)?;
        let text = node.text()?;
        let value = truth(text);
        if value.is_none() {
            let message = format!("'{key}' has to be true or false, not '{text}'");
            self.error(node.span(), message);
        }
        value
    }

    pub(super) fn number(&mut self, key: &str, need: Need) -> Option<u32> {
        let node = self.scalar(key, need)?;
        let text = node.text()?;
        let value = match text.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        };
        if value.is_none() {
            let message =
                format!("'{key}' has to be a whole number up to {}, not '{text}'", u32::MAX);
            self.error(node.span(), message);
        }
        value
    }

    pub(super) fn priority(&mut self) -> Option<(Priority, Span)> {
        let node = self.scalar("priority", Need::Required)?;
        match node.text()?.parse() {
            Ok(priority) => Some((priority, node.span())),
            Err(unknown) => {
                self.error(node.span(), format!("{unknown}"));
                None
            }
        }
    }

    pub(super) fn tags(&mut self) -> Option<BTreeSet<Box<str>>> {
        self.node.get("tags")?;
        let tags = self.scalars("tags")?;
        Some(tags.into_iter().map(|tag| tag.text.into()).collect())
    }

    /// A list of scalars.
    pub(super) fn scalars(&mut self, key: &str) -> Option<Vec<Named>> {
        let Some(value) = self.node.get(key) else {
            let message = format!("{} has no '{key}'", self.item.label());
            self.error(self.head(), message);
            return None;
        };
        let Some(nodes) = value.sequence() else {
            let message = format!("'{key}' has to be a list, not {}", value.kind());
            let hint = value.text().filter(|_| !value.is_null()).map(|t| format!("write [{t}]"));
            self.wrong(Diagnostic { hint, ..Diagnostic::new(start_of(value), message) });
            return None;
        };
        let mut items = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.text().filter(|_| !node.is_null()) {
                Some(text) => items.push(Named { text: text.to_owned(), span: node.span() }),
                None => {
                    let message =
                        format!("an item of '{key}' has to be a text, not {}", node.kind());
                    self.error(start_of(node), message);
                }
            }
        }
        Some(items)
    }

    /// Warns of keys that mean nothing here, and of those that are there twice.
    pub(super) fn known_keys(&mut self, known: &[&str]) {
        let Some(pairs) = self.node.mapping() else { return };
        let mut seen = BTreeSet::new();
        for (key, _) in pairs {
            let text = key.text().unwrap_or_default();
            if !seen.insert(text) {
                let message = format!("'{text}' is there twice; the first counts");
                self.warn(Code::UnknownKey, Diagnostic::new(key.span(), message));
            } else if !known.contains(&text) {
                let message = format!("unknown key '{text}', which does nothing");
                let mut diagnostic = Diagnostic::new(start_of(key), message);
                diagnostic.hint = self.found.did_you_mean(text, known.iter().copied());
                self.warn(Code::UnknownKey, diagnostic);
            }
        }
    }
}

/// The scalar as text with places.
pub(super) fn text_of(node: Node<'_>, sources: &Sources) -> Option<Text> {
    let (text, style) = node.scalar()?;
    Some(Text::scalar(text, style, node.span(), sources))
}

/// A place to point at: of collections only the start.
pub(super) fn start_of(node: Node<'_>) -> Span {
    let span = node.span();
    if node.text().is_some() { span } else { Span { end: span.start + 1, ..span } }
}

/// YAML's words for true and false: in small letters, in capitals, or with one capital in front.
fn truth(text: &str) -> Option<bool> {
    let small = text.to_ascii_lowercase();
    let capital = text.get(..1)?.to_ascii_uppercase() + small.get(1..)?;
    if text != small && text != capital && text != text.to_ascii_uppercase() {
        return None;
    }
    match small.as_str() {
        "y" | "yes" | "true" | "on" => Some(true),
        "n" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_has_the_words_of_yaml_1_1_in_three_casings() {
        for word in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
            assert_eq!(truth(word), Some(true), "{word}");
        }
        for word in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
            assert_eq!(truth(word), Some(false), "{word}");
        }
        for word in ["", "tRUE", "yEs", "1", "0", "maybe", "ä", "truee"] {
            assert_eq!(truth(word), None, "{word}");
        }
    }
}
