//! YAML as nodes that keep their notation, place and comments.

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

use super::comments;
use crate::filter::{Diagnostic, Span};

/// Most levels of nodes within each other.
const MOST_LEVELS: usize = 64;

/// One document of a file.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// First byte of its `---`, if it has one.
    pub marker: Option<usize>,
    /// Comments in front of its `---`.
    pub before: Vec<Comment>,
    /// Its items; `None` if there are none.
    pub root: Option<Node>,
    /// Comments, if there are no items.
    pub alone: Vec<Comment>,
}

/// A comment on lines of its own.
#[derive(Clone, Debug)]
pub(super) struct Comment {
    /// With its `#`.
    pub text: String,
    /// Whether a blank line stands in front.
    pub gap: bool,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Scalar { style: ScalarStyle, text: String },
    Block(Collection),
    Flow(Collection),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    Sequence,
    Mapping,
}

/// A sequence or mapping.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    pub shape: Shape,
    /// Where its entries begin in their lines, from 0.
    pub column: usize,
    pub entries: Vec<Entry>,
    /// Comments behind the last entry.
    pub trailing: Vec<Comment>,
}

/// An item of a sequence, or a key and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: Option<Node>,
    pub value: Node,
    pub above: Vec<Comment>,
    /// The comment behind it on its line.
    pub right: Option<String>,
    /// Whether a blank line stands in front.
    pub gap: bool,
}

impl Entry {
    pub(super) fn start(&self) -> usize {
        self.key.as_ref().unwrap_or(&self.value).start
    }

    pub(super) fn end(&self) -> usize {
        self.key.as_ref().map_or(0, |key| key.end).max(self.value.end)
    }

    /// The text of its key; empty in sequences.
    pub(super) fn key_text(&self) -> &str {
        self.key.as_ref().and_then(Node::text).unwrap_or_default()
    }
}

impl Node {
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            Kind::Block(_) | Kind::Flow(_) => None,
        }
    }

    pub(super) fn collection(&self) -> Option<&Collection> {
        match &self.kind {
            Kind::Block(collection) | Kind::Flow(collection) => Some(collection),
            Kind::Scalar { .. } => None,
        }
    }

    pub(super) fn collection_mut(&mut self) -> Option<&mut Collection> {
        match &mut self.kind {
            Kind::Block(collection) | Kind::Flow(collection) => Some(collection),
            Kind::Scalar { .. } => None,
        }
    }
}

/// Parses a text.
pub(super) fn parse(text: &str) -> Result<Vec<Document>, Diagnostic> {
    let options = granit_parser::options! { max_buffered_comment_events: usize::MAX };
    let mut builder =
        Builder { source: text, documents: Vec::new(), open: Vec::new(), comments: Vec::new() };
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = next.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or(text.len());
            Diagnostic::new(Span { start: at, end: at + 1 }, error.info().to_string())
        })?;
        let column = span.start.col();
        let range = span.byte_range().unwrap_or_default();
        builder.event(event, Span { start: range.start, end: range.end }, column)?;
    }
    let Builder { mut documents, comments, .. } = builder;
    comments::attach(text, &mut documents, &comments);
    Ok(documents)
}

struct Builder<'s> {
    source: &'s str,
    documents: Vec<Document>,
    open: Vec<Open>,
    comments: Vec<Span>,
}

struct Open {
    start: usize,
    style: StructureStyle,
    collection: Collection,
    key: Option<Node>,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span, column: usize) -> Result<(), Diagnostic> {
        match event {
            Event::DocumentStart(explicit, version) => {
                self.document(span, explicit, version.is_some())
            }
            Event::Comment(..) => {
                self.comments.push(span);
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                refuse_properties(span, anchor, tag.is_some())?;
                let start = self.scalar_start(span, style);
                let end = start.max(self.scalar_end(span));
                self.close(Node {
                    start,
                    end,
                    kind: Kind::Scalar { style, text: text.into_owned() },
                })
            }
            Event::SequenceStart(style, anchor, tag) => {
                refuse_properties(span, anchor, tag.is_some())?;
                self.open(span, column, style, Shape::Sequence)
            }
            Event::MappingStart(style, anchor, tag) => {
                refuse_properties(span, anchor, tag.is_some())?;
                self.open(span, column, style, Shape::Mapping)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(_) => Err(refusal(span, "an alias, which a formatted file cannot have")),
            _ => Ok(()),
        }
    }

    fn document(&mut self, span: Span, explicit: bool, versioned: bool) -> Result<(), Diagnostic> {
        let marker =
            (explicit && self.source[span.start..].starts_with("---")).then_some(span.start);
        let from = self.documents.last().map_or(0, |last| last.root.as_ref().map_or(0, |r| r.end));
        let head = self.source.get(from..span.start).unwrap_or_default();
        if versioned || head.lines().any(|line| line.starts_with('%')) {
            return Err(refusal(
                span,
                "a document with directives, which a formatted file cannot have",
            ));
        }
        let empty = Document { marker, before: Vec::new(), root: None, alone: Vec::new() };
        self.documents.push(empty);
        Ok(())
    }

    fn open(
        &mut self,
        span: Span,
        column: usize,
        style: StructureStyle,
        shape: Shape,
    ) -> Result<(), Diagnostic> {
        if self.open.len() >= MOST_LEVELS {
            return Err(refusal(
                span,
                &format!("more than {MOST_LEVELS} levels within each other"),
            ));
        }
        let opened = self.source[span.start..].starts_with(['[', '{']);
        if style == StructureStyle::Flow && !opened {
            return Err(refusal(span, "a mapping without braces in a list in brackets"));
        }
        let collection = Collection { shape, column, entries: Vec::new(), trailing: Vec::new() };
        self.open.push(Open { start: span.start, style, collection, key: None });
        Ok(())
    }

    fn end(&mut self, span: Span) -> Result<(), Diagnostic> {
        let Some(Open { start, style, mut collection, .. }) = self.open.pop() else {
            return Ok(());
        };
        collection.entries.shrink_to_fit();
        let last = collection.entries.last().map_or(start, Entry::end);
        self.close(match style {
            StructureStyle::Flow => Node { start, end: span.end, kind: Kind::Flow(collection) },
            StructureStyle::Block => Node { start, end: last, kind: Kind::Block(collection) },
        })
    }

    fn close(&mut self, node: Node) -> Result<(), Diagnostic> {
        let Some(parent) = self.open.last_mut() else {
            if let Some(document) = self.documents.last_mut() {
                document.root = Some(node);
            }
            return Ok(());
        };
        if parent.collection.shape == Shape::Mapping && parent.key.is_none() {
            refuse_key(self.source, &node)?;
            parent.key = Some(node);
            return Ok(());
        }
        let key = parent.key.take();
        let gap = comments::has_gap(self.source, key.as_ref().unwrap_or(&node).start);
        let entry = Entry { key, value: node, above: Vec::new(), right: None, gap };
        parent.collection.entries.push(entry);
        Ok(())
    }

    /// Where a scalar begins: those in block notation at their `>` or `|`.
    fn scalar_start(&self, span: Span, style: ScalarStyle) -> usize {
        let mark = match style {
            ScalarStyle::Folded => '>',
            ScalarStyle::Literal => '|',
            _ => return span.start,
        };
        let line_start = self.source[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
        let head = self.source[..line_start].trim_end();
        let header = head.rfind('\n').map_or(0, |newline| newline + 1);
        let line = &head[header..];
        let found = line.match_indices(mark).find(|&(at, _)| is_block_header(line, at));
        found.map_or(span.start, |(at, _)| header + at)
    }

    /// Where its last line with anything on it ends, blanks at the end of that included.
    fn scalar_end(&self, span: Span) -> usize {
        let raw = &self.source[span.start..span.end];
        let end = raw.trim_end().len();
        span.start + raw[end..].find('\n').map_or(raw.len(), |newline| end + newline)
    }
}

fn is_block_header(line: &str, at: usize) -> bool {
    let behind =
        line[at + 1..].trim_start_matches(|c: char| c.is_ascii_digit() || "+-".contains(c));
    line[..at].ends_with([' ', '\t'])
        && (behind.trim().is_empty()
            || behind.starts_with([' ', '\t']) && behind.trim_start().starts_with('#'))
}

fn refuse_properties(span: Span, anchor: usize, tagged: bool) -> Result<(), Diagnostic> {
    match (anchor, tagged) {
        (0, false) => Ok(()),
        (0, true) => Err(refusal(span, "a tag, which a formatted file cannot have")),
        _ => Err(refusal(span, "an anchor, which a formatted file cannot have")),
    }
}

fn refuse_key(source: &str, key: &Node) -> Result<(), Diagnostic> {
    let raw = &source[key.start..key.end];
    let simple = key.text().is_some() && !raw.is_empty() && !raw.contains('\n');
    let span = Span { start: key.start, end: key.end };
    if simple { Ok(()) } else { Err(refusal(span, "a key that is not a plain text")) }
}

pub(super) fn refusal(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(span, what).hint("the file is left as it is")
}
