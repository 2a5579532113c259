//! YAML as a tree in which everything knows its place.

use granit_parser::{Event, Parser, ScalarStyle};

use crate::filter::Span;

/// Most nodes in one file, aliases counted as often as they are used.
const MOST_NODES: usize = 2_000_000;
/// Most levels of nodes within each other.
const MOST_LEVELS: usize = 64;

/// A node and its place, in bytes from the start of all [`Sources`](super::Sources).
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub span: Span,
    pub value: Value,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Scalar { text: String, style: ScalarStyle },
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

/// Why a text is not YAML, and where.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    pub span: Span,
    pub message: String,
}

/// Parses the documents of one file whose first byte is at `base`.
pub(super) fn parse(text: &str, base: usize) -> Result<Vec<Node>, Broken> {
    let mut builder =
        Builder { base, documents: Vec::new(), open: Vec::new(), anchors: Vec::new(), nodes: 0 };
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| {
            let at = base + error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
            Broken { span: Span { start: at, end: at + 1 }, message: error.info().to_string() }
        })?;
        builder.event(event, span)?;
    }
    Ok(builder.documents)
}

struct Builder {
    base: usize,
    documents: Vec<Node>,
    /// Collections that are still open, with their anchors.
    open: Vec<(Node, usize)>,
    anchors: Vec<(usize, Node)>,
    nodes: usize,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: granit_parser::Span) -> Result<(), Broken> {
        let range = span.byte_range().unwrap_or_default();
        let span = Span { start: self.base + range.start, end: self.base + range.end };
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let value = Value::Scalar { text: text.into_owned(), style };
                self.close(Node { span, value }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.open(span, Value::Sequence(Vec::new()), anchor)
            }
            Event::MappingStart(_, anchor, _) => {
                self.open(span, Value::Mapping(Vec::new()), anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some((mut node, anchor)) => {
                    node.span.end = span.end.max(node.span.start);
                    self.close(node, anchor)
                }
                None => Ok(()),
            },
            Event::Alias(id) => {
                let known = self.anchors.iter().rev().find(|(known, _)| *known == id);
                match known.map(|(_, node)| node.clone()) {
                    Some(node) => self.close(Node { span, ..node }, 0),
                    None => {
                        Err(Broken { span, message: "an alias within its own anchor".to_owned() })
                    }
                }
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, span: Span, value: Value, anchor: usize) -> Result<(), Broken> {
        if self.open.len() >= MOST_LEVELS {
            let message = format!("more than {MOST_LEVELS} levels within each other");
            return Err(Broken { span, message });
        }
        self.open.push((Node { span, value }, anchor));
        Ok(())
    }

    fn close(&mut self, node: Node, anchor: usize) -> Result<(), Broken> {
        self.nodes += node.count();
        if self.nodes > MOST_NODES {
            let message = format!("more than {MOST_NODES} values, counting those of aliases");
            return Err(Broken { span: node.span, message });
        }
        if anchor != 0 {
            self.anchors.push((anchor, node.clone()));
        }
        match self.open.last_mut() {
            None => self.documents.push(node),
            Some((Node { value: Value::Sequence(items), .. }, _)) => items.push(node),
            Some((Node { value: Value::Mapping(pairs), .. }, _)) => match pairs.last_mut() {
                Some((key, value)) if value.is_pending() && key.span.start <= node.span.start => {
                    *value = node;
                }
                _ => pairs.push((node, Node::pending())),
            },
            Some((Node { value: Value::Scalar { .. }, .. }, _)) => {}
        }
        Ok(())
    }
}

impl Node {
    fn pending() -> Self {
        Self {
            span: Span { start: usize::MAX, end: usize::MAX },
            value: Value::Sequence(Vec::new()),
        }
    }

    fn is_pending(&self) -> bool {
        self.span.start == usize::MAX
    }

    fn count(&self) -> usize {
        match &self.value {
            Value::Scalar { .. } => 1,
            Value::Sequence(items) => items.iter().map(Self::count).sum::<usize>() + 1,
            Value::Mapping(pairs) => {
                pairs.iter().map(|(k, v)| k.count() + v.count()).sum::<usize>() + 1
            }
        }
    }

    /// The value of a key of a mapping.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Mapping(pairs) => {
                pairs.iter().find(|(k, _)| k.text() == Some(key)).map(|(_, v)| v)
            }
            _ => None,
        }
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
}
