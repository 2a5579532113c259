//! Text that was put together from pieces of rule files and still knows where each piece stands.

use granit_parser::ScalarStyle;

use super::source::Sources;
use crate::filter::{
    Span,
    ast::{Check, Expr, Literal, Operand, Right},
    error::Diagnostic,
};

/// A condition or an output, with places.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    text: String,
    pieces: Vec<Piece>,
}

/// A stretch of a [`Text`] up to the next piece.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// First byte in the text.
    at: usize,
    /// Place in the sources. What is behind its end has the place of its end.
    from: Span,
    /// Whether bytes of text and source go together one by one.
    exact: bool,
    /// First byte of the scalar that it is of.
    scalar: usize,
}

impl Text {
    /// A scalar's text, `span` of the sources.
    pub(super) fn scalar(text: &str, style: ScalarStyle, span: Span, sources: &Sources) -> Self {
        let mut whole = Self { text: text.to_owned(), pieces: Vec::new() };
        let source = sources.text(span).unwrap_or_default();
        if source == text {
            whole.pieces.push(Piece { at: 0, from: span, exact: true, scalar: span.start });
            return whole;
        }
        match align(text, source, style) {
            Some(runs) => whole.pieces.extend(runs.into_iter().map(|(at, start, len)| {
                let start = span.start + start;
                let from = Span { start, end: start + len };
                Piece { at, from, exact: true, scalar: span.start }
            })),
            None => {
                whole.pieces.push(Piece { at: 0, from: span, exact: false, scalar: span.start })
            }
        }
        whole
    }

    /// Text that stands for something at `span`.
    pub(super) fn made(text: &str, span: Span) -> Self {
        let mut made = Self::default();
        made.push_made(text, span);
        made
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn push(&mut self, other: &Self) {
        self.push_part(other, 0, other.text.len());
    }

    /// Adds what stands in `other` from `start` to `end`.
    pub(super) fn push_part(&mut self, other: &Self, start: usize, end: usize) {
        let shift = self.text.len();
        self.text.push_str(&other.text[start..end]);
        let first = other.pieces.partition_point(|p| p.at <= start).saturating_sub(1);
        for piece in &other.pieces[first.min(other.pieces.len())..] {
            if piece.at >= end {
                break;
            }
            let cut = start.saturating_sub(piece.at);
            let mut piece = Piece { at: piece.at + cut - start + shift, ..*piece };
            if piece.exact {
                piece.from.start = (piece.from.start + cut).min(piece.from.end);
            }
            self.pieces.push(piece);
        }
    }

    /// Adds text that does not stand anywhere as it is; `span` is the place of what it is for.
    pub(super) fn push_made(&mut self, text: &str, span: Span) {
        let at = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece { at, from: span, exact: false, scalar: span.start });
    }

    /// Adds text that stands at `span` as it is.
    pub(super) fn push_exact(&mut self, text: &str, span: Span) {
        let at = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece { at, from: span, exact: true, scalar: span.start });
    }

    /// Adds a separator, which has the place of what is before it.
    pub(super) fn push_between(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Cuts it off behind `len` bytes.
    pub(super) fn truncate(&mut self, len: usize) {
        self.text.truncate(len);
        let keep = self.pieces.partition_point(|piece| piece.at < len);
        self.pieces.truncate(keep);
    }

    /// Without blanks around it.
    pub(super) fn trimmed(&self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        let mut trimmed = Self::default();
        trimmed.push_part(self, start, start + self.text.trim().len());
        trimmed
    }

    /// Place in the sources of a stretch of the text.
    pub(super) fn span(&self, span: Span) -> Span {
        let Some(first) = self.piece(span.start) else { return Span::default() };
        let start = first.position(span.start);
        if !first.exact {
            return first.from;
        }
        let last = span.end.checked_sub(1).filter(|last| *last >= span.start);
        let end = match last.and_then(|last| Some((self.piece(last)?, last))) {
            Some((piece, last)) if piece.scalar == first.scalar && piece.exact => {
                piece.position(last) + 1
            }
            Some((piece, _)) if piece.scalar == first.scalar => piece.from.end,
            Some(_) => first.from.end,
            None => start + 1,
        };
        Span { start, end: end.max(start + 1) }
    }

    /// The same diagnostic at its place in the sources.
    pub(super) fn placed(&self, diagnostic: Diagnostic) -> Diagnostic {
        Diagnostic { span: self.span(diagnostic.span), ..diagnostic }
    }

    /// Gives everything in a tree that was parsed from this text its place in the sources.
    pub(super) fn place(&self, expr: &mut Expr) {
        match expr {
            Expr::And(children) | Expr::Or(children) => {
                children.iter_mut().for_each(|child| self.place(child));
            }
            Expr::Not(child) => self.place(child),
            Expr::Macro(name, _) => name.span = self.span(name.span),
            Expr::Check(check) => self.place_check(check),
        }
    }

    fn place_check(&self, check: &mut Check) {
        check.span = self.span(check.span);
        check.op_span = self.span(check.op_span);
        self.place_operand(&mut check.left);
        match &mut check.right {
            Right::Nothing => {}
            Right::Literal(literal) => self.place_literal(literal),
            Right::List(literals) => literals.iter_mut().for_each(|l| self.place_literal(l)),
            Right::Operand(operand) => self.place_operand(operand),
        }
    }

    fn place_operand(&self, operand: &mut Operand) {
        match operand {
            Operand::Field { name, argument: bracket } => {
                name.span = self.span(name.span);
                bracket.iter_mut().for_each(|b| self.place_literal(b));
            }
            Operand::Transform { name, args, selector } => {
                name.span = self.span(name.span);
                args.iter_mut().for_each(|arg| self.place_operand(arg));
                selector.iter_mut().for_each(|s| self.place_literal(s));
            }
            Operand::Literal(literal) => self.place_literal(literal),
            Operand::List(items, listed) => {
                listed.0 = self.span(listed.0);
                items.iter_mut().for_each(|item| self.place_operand(item));
            }
        }
    }

    fn place_literal(&self, literal: &mut Literal) {
        literal.span = self.span(literal.span);
    }

    fn piece(&self, at: usize) -> Option<&Piece> {
        let behind = self.pieces.partition_point(|piece| piece.at <= at);
        self.pieces.get(behind.saturating_sub(1))
    }
}

impl Piece {
    fn position(&self, at: usize) -> usize {
        if !self.exact {
            return self.from.start;
        }
        let most = self.from.end.saturating_sub(1).max(self.from.start);
        (self.from.start + at.saturating_sub(self.at)).min(most)
    }
}

/// Stretches that are the same in a scalar's text and in its source: where in the text, where in
/// the source, how long. `None` if they don't go together after all.
fn align(text: &str, source: &str, style: ScalarStyle) -> Option<Vec<(usize, usize, usize)>> {
    let (text, source) = (text.as_bytes(), source.as_bytes());
    let quoted = matches!(style, ScalarStyle::DoubleQuoted | ScalarStyle::SingleQuoted);
    let mut runs: Vec<(usize, usize, usize)> = Vec::new();
    let (mut at, mut from) = (0, usize::from(quoted));
    while at < text.len() {
        let (taken, read) = step(&text[at..], source.get(from..)?, style)?;
        if taken > 0 {
            match runs.last_mut() {
                Some((a, f, len)) if *a + *len == at && *f + *len == from && taken == read => {
                    *len += taken;
                }
                _ => runs.push((at, from, read)),
            }
        }
        (at, from) = (at + taken, from + read);
    }
    Some(runs)
}

/// How many bytes of text and of source go together next.
fn step(text: &[u8], source: &[u8], style: ScalarStyle) -> Option<(usize, usize)> {
    let blank = |b: u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    let (first, next) = (*text.first()?, source.first().copied());
    match (style, next) {
        (ScalarStyle::DoubleQuoted, Some(b'\\')) => Some(escape(text, source)),
        (ScalarStyle::SingleQuoted, Some(b'\'')) if first == b'\'' => Some((1, 2)),
        (_, Some(next)) if next == first => Some((1, 1)),
        // Line breaks and indentation may have become one blank, or none.
        (_, Some(next)) if blank(next) && !blank(first) => Some((0, 1)),
        (_, Some(next)) if blank(next) => Some((1, 1)),
        (_, _) if blank(first) => Some((1, 0)),
        _ => None,
    }
}

/// An escape of a text in double quotes.
fn escape(text: &[u8], source: &[u8]) -> (usize, usize) {
    let digits = match source.get(1) {
        Some(b'\n' | b'\r') => return (0, 2),
        Some(b'x') => 2,
        Some(b'u') => 4,
        Some(b'U') => 8,
        _ => 0,
    };
    let char_bytes = 1 + text.iter().skip(1).take_while(|b| **b & 0xc0 == 0x80).count();
    (char_bytes, (2 + digits).min(source.len()))
}
