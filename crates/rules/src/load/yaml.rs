//! YAML as a tree in which everything knows its place. An alias is the very node that it stands
//! for, so that a tree is never larger than its text.

use std::borrow::Cow;

use granit_parser::{Event, Parser, ScalarStyle};

use crate::filter::Span;

/// Most nodes in one file, aliases counted as often as they are used.
const MOST_NODES: usize = 2_000_000;
/// Most levels of nodes within each other.
const MOST_LEVELS: usize = 64;

/// The documents of one file.
#[derive(Debug, Default)]
pub(super) struct Tree<'t> {
    nodes: Vec<Held<'t>>,
    documents: Vec<usize>,
}

#[derive(Debug)]
struct Held<'t> {
    span: Span,
    value: Value<'t>,
    /// Nodes in it and itself, those of aliases counted each time.
    count: usize,
    /// Levels in it and itself.
    levels: usize,
}

#[derive(Debug)]
enum Value<'t> {
    Scalar(Cow<'t, str>, ScalarStyle),
    Sequence(Vec<usize>),
    Mapping(Vec<(usize, usize)>),
}

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'t> {
    tree: &'t Tree<'t>,
    id: usize,
}

/// Why a text is not YAML, and where.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    pub span: Span,
    pub message: String,
}

impl<'t> Tree<'t> {
    /// Parses one file whose first byte is at `base` of all [`Sources`](super::Sources).
    pub(super) fn parse(text: &'t str, base: usize) -> Result<Self, Broken> {
        let mut builder =
            Builder { base, tree: Self::default(), open: Vec::new(), anchors: Vec::new() };
        let options = granit_parser::options! { emit_comments: false };
        for next in Parser::new_from_str_with_options(text, options) {
            let (event, span) = next.map_err(|error| {
                let at = base + error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                let message = format!("not YAML: {}", error.info());
                Broken { span: Span { start: at, end: at + 1 }, message }
            })?;
            let range = span.byte_range().unwrap_or_default();
            builder.event(event, Span { start: base + range.start, end: base + range.end })?;
        }
        Ok(builder.tree)
    }

    pub(super) fn documents(&'t self) -> impl Iterator<Item = Node<'t>> {
        self.documents.iter().map(|&id| Node { tree: self, id })
    }
}

struct Builder<'t> {
    base: usize,
    tree: Tree<'t>,
    /// Collections that are still open.
    open: Vec<Open>,
    /// Where the anchors of each number stand; numbers grow.
    anchors: Vec<(usize, usize)>,
}

struct Open {
    start: Span,
    anchor: usize,
    kind: OpenKind,
    children: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum OpenKind {
    Sequence,
    Mapping,
}

impl<'t> Builder<'t> {
    fn event(&mut self, event: Event<'t>, span: Span) -> Result<(), Broken> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let held = Held { span, value: Value::Scalar(text, style), count: 1, levels: 1 };
                self.add(held, anchor)
            }
            Event::SequenceStart(_, anchor, _) => self.open(span, OpenKind::Sequence, anchor),
            Event::MappingStart(_, anchor, _) => self.open(span, OpenKind::Mapping, anchor),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => {
                let known = self.anchors.binary_search_by_key(&anchor, |(known, _)| *known);
                match known.ok().and_then(|at| self.anchors.get(at)) {
                    Some(&(_, id)) => {
                        self.put(id);
                        Ok(())
                    }
                    None => Err(Broken { span, message: "an alias within its own anchor".into() }),
                }
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, start: Span, kind: OpenKind, anchor: usize) -> Result<(), Broken> {
        if self.open.len() >= MOST_LEVELS {
            return Err(too_deep(start));
        }
        self.open.push(Open { start, anchor, kind, children: Vec::new() });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Broken> {
        let Some(Open { start, anchor, kind, children }) = self.open.pop() else { return Ok(()) };
        let inner = |id: &usize| self.tree.nodes.get(*id);
        let count =
            children.iter().filter_map(inner).fold(1usize, |n, c| n.saturating_add(c.count));
        let levels = children.iter().filter_map(inner).map(|c| c.levels).max().unwrap_or(0) + 1;
        let span = Span { start: start.start, end: end.end.max(start.end) };
        if count > MOST_NODES {
            let message = format!("more than {MOST_NODES} values, counting those of aliases");
            return Err(Broken { span: Span { end: start.start + 1, ..span }, message });
        }
        if levels + self.open.len() > MOST_LEVELS {
            return Err(too_deep(start));
        }
        let value = match kind {
            OpenKind::Sequence => Value::Sequence(children),
            OpenKind::Mapping => {
                let pairs = children.chunks_exact(2);
                Value::Mapping(pairs.map(|pair| (pair[0], pair[1])).collect())
            }
        };
        self.add(Held { span, value, count, levels }, anchor)
    }

    fn add(&mut self, held: Held<'t>, anchor: usize) -> Result<(), Broken> {
        let id = self.tree.nodes.len();
        if id >= MOST_NODES {
            let message = format!("more than {MOST_NODES} values");
            return Err(Broken { span: Span { end: held.span.start + 1, ..held.span }, message });
        }
        self.tree.nodes.push(held);
        if anchor != 0 {
            let at = self.anchors.partition_point(|(known, _)| *known < anchor);
            self.anchors.insert(at, (anchor, id));
        }
        self.put(id);
        debug_assert!(self.tree.nodes[id].span.start >= self.base);
        Ok(())
    }

    fn put(&mut self, id: usize) {
        match self.open.last_mut() {
            Some(open) => open.children.push(id),
            None => self.tree.documents.push(id),
        }
    }
}

fn too_deep(at: Span) -> Broken {
    let message = format!("more than {MOST_LEVELS} levels within each other");
    Broken { span: Span { end: at.start + 1, ..at }, message }
}

impl<'t> Node<'t> {
    /// Its place, in bytes from the start of all [`Sources`](super::Sources).
    pub(super) fn span(self) -> Span {
        self.tree.nodes[self.id].span
    }

    fn value(self) -> &'t Value<'t> {
        &self.tree.nodes[self.id].value
    }

    /// A scalar's text and how it is written.
    pub(super) fn scalar(self) -> Option<(&'t str, ScalarStyle)> {
        match self.value() {
            Value::Scalar(text, style) => Some((text, *style)),
            _ => None,
        }
    }

    /// The text of a scalar.
    pub(super) fn text(self) -> Option<&'t str> {
        self.scalar().map(|(text, _)| text)
    }

    /// Nothing at all, or one of YAML's words for it.
    pub(super) fn is_null(self) -> bool {
        let words = ["", "~", "null", "Null", "NULL"];
        self.scalar()
            .is_some_and(|(text, style)| style == ScalarStyle::Plain && words.contains(&text))
    }

    pub(super) fn sequence(self) -> Option<impl ExactSizeIterator<Item = Node<'t>>> {
        match self.value() {
            Value::Sequence(ids) => Some(ids.iter().map(move |&id| Node { id, ..self })),
            _ => None,
        }
    }

    pub(super) fn mapping(self) -> Option<impl Iterator<Item = (Node<'t>, Node<'t>)>> {
        match self.value() {
            Value::Mapping(ids) => Some(
                ids.iter().map(move |&(k, v)| (Node { id: k, ..self }, Node { id: v, ..self })),
            ),
            _ => None,
        }
    }

    /// The value of a key of a mapping; of equal keys, the first.
    pub(super) fn get(self, key: &str) -> Option<Node<'t>> {
        self.mapping()?.find(|(k, _)| k.text() == Some(key)).map(|(_, value)| value)
    }

    /// What it is, for messages.
    pub(super) fn kind(self) -> &'static str {
        match self.value() {
            _ if self.is_null() => "nothing",
            Value::Scalar(..) => "a text",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }
}
