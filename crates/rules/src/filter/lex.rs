//! Words of the language. They depend on where they stand (`<` is a value behind `=`), so the
//! parser asks for the one that it expects.

use super::error::Span;

/// A position in the source text, and what can be read from there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'s> {
    source: &'s str,
    at: usize,
}

/// What a quoted string turned out to be.
pub(super) enum Quoted<'s> {
    /// What stood between the quotes.
    Closed(&'s str),
    /// No closing quote.
    Open,
}

impl<'s> Cursor<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self { source, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// From `start` to here.
    pub(super) fn span_from(&self, start: usize) -> Span {
        Span { start, end: self.at }
    }

    pub(super) fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.source.len()
    }

    pub(super) fn skip_to_end(&mut self) {
        self.at = self.source.len();
    }

    /// The next byte, 0 at the end.
    pub(super) fn peek(&self) -> u8 {
        self.source.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Skips one character.
    pub(super) fn bump(&mut self) {
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
    }

    /// Skips blanks; returns whether there were any.
    pub(super) fn blank(&mut self) -> bool {
        !self.take(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | 0x08)).is_empty()
    }

    pub(super) fn is_at_blank(&self) -> bool {
        let mut ahead = *self;
        ahead.blank()
    }

    /// Skips exactly this text.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    /// Skips `word` if a blank, a parenthesis or the end stands behind it.
    pub(super) fn keyword(&mut self, word: &str) -> bool {
        let found = self.is_keyword(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    pub(super) fn is_keyword(&self, word: &str) -> bool {
        self.rest().strip_prefix(word).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(|c: char| is_space(c as u32) || "()".contains(c))
        })
    }

    /// `[a-zA-Z][a-zA-Z0-9_]*`, also with dots between such: `open_write`, `proc.name`.
    pub(super) fn dotted_name(&mut self) -> Option<&'s str> {
        let start = self.at;
        self.identifier()?;
        while self.peek() == b'.' {
            let dot = self.at;
            self.at += 1;
            if self.identifier().is_none() {
                self.at = dot;
                break;
            }
        }
        Some(&self.source[start..self.at])
    }

    pub(super) fn identifier(&mut self) -> Option<&'s str> {
        if !self.peek().is_ascii_alphabetic() {
            return None;
        }
        Some(self.take(|b| b.is_ascii_alphanumeric() || b == b'_'))
    }

    /// Letters only.
    pub(super) fn word(&mut self) -> &'s str {
        self.take(|b| b.is_ascii_alphabetic())
    }

    /// Everything up to a blank, quote, parenthesis, comma or `=`.
    pub(super) fn bare(&mut self) -> Option<&'s str> {
        let text = self.take(|b| !is_space(u32::from(b)) && !b"()\"'=,".contains(&b));
        (!text.is_empty()).then_some(text)
    }

    /// An argument in brackets without quotes.
    pub(super) fn bare_argument(&mut self) -> Option<&'s str> {
        let text = self.take(|b| !is_space(u32::from(b)) && !b"[]\"'".contains(&b));
        (!text.is_empty()).then_some(text)
    }

    /// A quoted string, if there is a quote.
    pub(super) fn quoted(&mut self) -> Option<(u8, Quoted<'s>)> {
        let quote = self.peek();
        if quote != b'"' && quote != b'\'' {
            return None;
        }
        let bytes = self.source.as_bytes();
        let start = self.at + 1;
        let end = (start..bytes.len())
            .find(|&at| bytes[at] == quote && (at == start || bytes[at - 1] != b'\\'));
        match end {
            Some(end) => {
                self.at = end + 1;
                Some((quote, Quoted::Closed(&self.source[start..end])))
            }
            None => Some((quote, Quoted::Open)),
        }
    }

    /// A decimal or hexadecimal number: `-1`, `0x1f`, `1.5e+3`.
    pub(super) fn number(&mut self) -> Option<&'s str> {
        let start = self.at;
        if self.eat("0x") || self.eat("0X") {
            if !self.take(|b| b.is_ascii_hexdigit()).is_empty() {
                return Some(&self.source[start..self.at]);
            }
            self.at = start;
        }
        if matches!(self.peek(), b'+' | b'-') {
            self.at += 1;
        }
        if self.digits().is_empty() {
            self.at = start;
            return None;
        }
        if self.eat(".") {
            self.digits();
        }
        self.exponent();
        Some(&self.source[start..self.at])
    }

    fn exponent(&mut self) {
        let start = self.at;
        let signed = (self.eat("e") || self.eat("E")) && (self.eat("+") || self.eat("-"));
        if !signed || self.digits().is_empty() {
            self.at = start;
        }
    }

    fn digits(&mut self) -> &'s str {
        self.take(|b| b.is_ascii_digit())
    }

    /// Skips the bytes that `belongs` is true for. It has to treat all bytes above ASCII alike.
    fn take(&mut self, belongs: impl Fn(u8) -> bool) -> &'s str {
        let rest = self.rest();
        let len = rest.bytes().position(|b| !belongs(b)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }
}

fn is_space(c: u32) -> bool {
    matches!(c, 0x09..=0x0d | 0x20)
}
