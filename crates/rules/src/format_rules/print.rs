//! From nodes to text.

use granit_parser::ScalarStyle;

use super::{
    STEP, WIDTH, condition, scalar,
    tree::{Collection, Comment, Document, Entry, Kind, Node, Shape},
};

/// Prints arranged documents of `source`.
pub(super) fn print(source: &str, documents: &[Document]) -> String {
    let mut printer = Printer { source, out: String::with_capacity(source.len()) };
    for (index, document) in documents.iter().enumerate() {
        printer.comments(&document.before, 0, Gaps::Kept);
        if document.marker.is_some() || index > 0 {
            printer.line(0, "---");
        }
        printer.comments(&document.alone, 0, Gaps::Kept);
        if let Some(Node { kind: Kind::Block(items), .. }) = &document.root {
            printer.items(items);
        }
    }
    if documents.is_empty() { source.to_owned() } else { printer.out }
}

/// Where blank lines stand between entries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gaps {
    None,
    Kept,
}

/// Where the first line of a collection goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    /// On a line of its own.
    Own,
    /// Behind the `- ` that has been written.
    Behind,
}

struct Printer<'s> {
    source: &'s str,
    out: String,
}

impl Printer<'_> {
    /// The items of a document, a blank line between any two.
    fn items(&mut self, items: &Collection) {
        for (index, item) in items.entries.iter().enumerate() {
            if index > 0 {
                self.out.push('\n');
            }
            self.above(item, 0, Gaps::Kept);
            self.entry(item, items.shape, 0, First::Own);
        }
        if !items.trailing.is_empty() {
            self.out.push('\n');
            self.comments(&items.trailing, 0, Gaps::Kept);
        }
    }

    fn collection(&mut self, of: &Collection, indent: usize, first: First) {
        let gaps = if of.shape == Shape::Sequence { Gaps::Kept } else { Gaps::None };
        for (index, entry) in of.entries.iter().enumerate() {
            let first = if index == 0 { first } else { First::Own };
            if first == First::Own {
                let gap = entry.above.first().map_or(entry.gap, |comment| comment.gap);
                if gap && gaps == Gaps::Kept && index > 0 {
                    self.out.push('\n');
                }
                self.above(entry, indent, gaps);
            }
            self.entry(entry, of.shape, indent, first);
        }
        let gap = of.trailing.first().is_some_and(|comment| comment.gap);
        if gap && gaps == Gaps::Kept {
            self.out.push('\n');
        }
        self.comments(&of.trailing, indent, gaps);
    }

    /// The comments above an entry, and those of its first key, which cannot stand behind a `- `.
    fn above(&mut self, entry: &Entry, indent: usize, gaps: Gaps) {
        let inner = if entry.key.is_none() { first_comments(&entry.value) } else { Vec::new() };
        self.comments(&entry.above, indent, gaps);
        if inner.is_empty() && !entry.above.is_empty() && entry.gap && gaps == Gaps::Kept {
            self.out.push('\n');
        }
        for comment in inner {
            self.line(indent, &comment.text);
        }
    }

    fn comments(&mut self, comments: &[Comment], indent: usize, gaps: Gaps) {
        for (index, comment) in comments.iter().enumerate() {
            if index > 0 && comment.gap && gaps == Gaps::Kept {
                self.out.push('\n');
            }
            self.line(indent, &comment.text);
        }
    }

    fn entry(&mut self, entry: &Entry, shape: Shape, indent: usize, first: First) {
        if first == First::Own {
            self.blanks(indent);
        }
        match shape {
            Shape::Sequence => self.out.push('-'),
            Shape::Mapping => {
                let key = entry.key.as_ref().map_or("", |key| &self.source[key.start..key.end]);
                self.out.push_str(key);
                self.out.push(':');
            }
        }
        let right = entry.right.as_deref();
        match (&entry.value.kind, shape) {
            (Kind::Block(inner), Shape::Sequence) => {
                self.out.push(' ');
                self.collection(inner, indent + STEP, First::Behind);
            }
            (Kind::Block(inner), Shape::Mapping) => {
                self.right(right);
                self.collection(inner, indent + STEP, First::Own);
            }
            (Kind::Flow(inner), _) => self.flow(inner, indent, right),
            (Kind::Scalar { style, text }, _) => {
                let raw = &self.source[entry.value.start..entry.value.end];
                let is_condition = indent == STEP
                    && entry.key_text() == "condition"
                    && !scalar::is_nothing(*style, text);
                match condition::words(text).filter(|_| is_condition) {
                    Some(words) => self.condition(&words, indent, right),
                    None => self.scalar(Scalar { raw, style: *style, text }, indent, right),
                }
            }
        }
    }

    /// A list in brackets: in its line if it fits, otherwise filled into lines of its own.
    fn flow(&mut self, of: &Collection, indent: usize, right: Option<&str>) {
        let flat = self.flat_collection(of);
        if self.column() + 1 + flat.chars().count() <= WIDTH || of.entries.is_empty() {
            self.out.push(' ');
            self.out.push_str(&flat);
            return self.right(right);
        }
        let (open, close) = brackets(of.shape);
        self.out.push(' ');
        self.out.push_str(open);
        let inner = indent + STEP;
        let mut used = WIDTH;
        for (index, entry) in of.entries.iter().enumerate() {
            let mut text = self.flat_entry(entry);
            text.push_str(if index + 1 < of.entries.len() { "," } else { "" });
            let chars = text.chars().count();
            if used + 1 + chars > WIDTH {
                self.out.push('\n');
                self.blanks(inner);
                used = inner + chars;
            } else {
                self.out.push(' ');
                used += 1 + chars;
            }
            self.out.push_str(&text);
        }
        self.out.push('\n');
        self.blanks(inner);
        self.out.push_str(close);
        self.right(right);
    }

    fn flat_collection(&self, of: &Collection) -> String {
        let (open, close) = brackets(of.shape);
        let entries: Vec<String> = of.entries.iter().map(|entry| self.flat_entry(entry)).collect();
        format!("{open}{}{close}", entries.join(", "))
    }

    fn flat_entry(&self, entry: &Entry) -> String {
        let value = match &entry.value.kind {
            Kind::Block(inner) | Kind::Flow(inner) => self.flat_collection(inner),
            Kind::Scalar { style, text } => {
                scalar::flat(&self.source[entry.value.start..entry.value.end], *style, text)
            }
        };
        match &entry.key {
            Some(key) => format!("{}: {value}", &self.source[key.start..key.end]),
            None => value,
        }
    }

    /// A condition: in its line if it fits there without quotes, otherwise folded.
    fn condition(&mut self, words: &[&str], indent: usize, right: Option<&str>) {
        let flat = words.join(" ");
        if self.column() + 1 + flat.chars().count() <= WIDTH && scalar::is_plain(&flat) {
            self.out.push(' ');
            self.out.push_str(&flat);
            return self.right(right);
        }
        self.out.push_str(" >");
        self.right(right);
        for line in condition::lines(words, indent + STEP) {
            self.line(0, &line);
        }
    }

    fn scalar(&mut self, value: Scalar<'_>, indent: usize, right: Option<&str>) {
        let Scalar { raw, style, text } = value;
        let is_block = matches!(style, ScalarStyle::Folded | ScalarStyle::Literal);
        if is_block && text.is_empty() {
            self.out.push_str(" \"\"");
            return self.right(right);
        }
        if let Some((header, lines)) = scalar::block(raw).filter(|_| is_block) {
            return self.block(&header, &lines, indent, right);
        }
        let flat = scalar::flat(raw, style, text);
        let fits = self.column() + 1 + flat.chars().count() <= WIDTH;
        if !raw.contains('\n') || fits || !scalar::folds(text) {
            if !flat.is_empty() {
                self.out.push(' ');
                self.out.push_str(&flat);
            }
            return self.right(right);
        }
        let lines = scalar::wrapped(text, WIDTH.saturating_sub(indent + STEP));
        self.block(">-", &lines, indent, right);
    }

    fn block(&mut self, header: &str, lines: &[String], indent: usize, right: Option<&str>) {
        self.out.push(' ');
        self.out.push_str(header);
        self.right(right);
        for line in lines {
            self.line(if line.is_empty() { 0 } else { indent + STEP }, line);
        }
    }

    /// The comment behind a value, and the end of its line.
    fn right(&mut self, comment: Option<&str>) {
        if let Some(comment) = comment {
            self.out.push(' ');
            self.out.push_str(comment);
        }
        self.out.push('\n');
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.blanks(indent);
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn blanks(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(' ', count));
    }

    /// How many characters the line has so far.
    fn column(&self) -> usize {
        let start = self.out.rfind('\n').map_or(0, |newline| newline + 1);
        self.out[start..].chars().count()
    }
}

#[derive(Clone, Copy)]
struct Scalar<'a> {
    raw: &'a str,
    style: ScalarStyle,
    text: &'a str,
}

fn brackets(shape: Shape) -> (&'static str, &'static str) {
    match shape {
        Shape::Sequence => ("[", "]"),
        Shape::Mapping => ("{", "}"),
    }
}

/// The comments above the first entries of a collection in block notation.
fn first_comments(node: &Node) -> Vec<&Comment> {
    let mut found = Vec::new();
    let mut node = node;
    while let Kind::Block(Collection { entries, .. }) = &node.kind {
        let Some(first) = entries.first() else { break };
        found.extend(&first.above);
        if first.key.is_some() {
            break;
        }
        node = &first.value;
    }
    found
}
