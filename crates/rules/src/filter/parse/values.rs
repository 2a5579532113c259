//! What stands on both sides of an operator: fields, transformers, values, lists.

use super::{Parsed, Parser};
use crate::filter::{
    ast::{Listed, Literal, Name, Operand, Operator, Right},
    error::{Diagnostic, Span},
    escape::unescape,
    lex::Quoted,
    transform::Transformer,
};

impl Parser<'_> {
    /// A field or a transformer.
    pub(super) fn operand(&mut self) -> Parsed<Operand> {
        let start = self.cursor.at();
        let Some(text) = self.cursor.dotted_name() else {
            let span = self.next_token();
            let found = self.found(span);
            return Err(Diagnostic::new(span, format!("expected a field, found {found}")));
        };
        let name = Name { text: text.to_owned(), span: self.cursor.span_from(start) };
        if self.cursor.peek() == b'(' {
            self.transform(name)
        } else if text.contains('.') {
            Ok(Operand::Field { argument: self.bracket()?, name })
        } else {
            let hint = format!("put text into quotes: \"{text}\"");
            Err(Diagnostic::new(name.span, format!("'{text}' is not a field")).hint(hint))
        }
    }

    fn transform(&mut self, name: Name) -> Parsed<Operand> {
        if Transformer::named(&name.text).is_none() && name.text != "val" {
            return Err(Transformer::unknown(&name));
        }
        self.deeper(name.span.start)?;
        self.cursor.eat("(");
        let args = self.items(Self::argument);
        self.depth -= 1;
        let args = args?;
        let Some(first) = args.first() else {
            let message = format!("{}() needs a field", name.text);
            return Err(Diagnostic::new(name.span, message));
        };
        if name.text == "val" && !(args.len() == 1 && matches!(first, Operand::Field { .. })) {
            return Err(Diagnostic::new(first.span(), "val() takes one field and nothing else"));
        }
        Ok(Operand::Transform { name, args, selector: self.bracket()? })
    }

    fn argument(&mut self) -> Parsed<Operand> {
        let start = self.cursor.at();
        if let Some(number) = self.cursor.number() {
            return Ok(Operand::Literal(self.literal(number, start)));
        }
        if let Some(literal) = self.quoted()? {
            return Ok(Operand::Literal(literal));
        }
        if self.cursor.eat("(") {
            self.deeper(start)?;
            let items = self.items(Self::argument);
            self.depth -= 1;
            return Ok(Operand::List(items?, Listed(self.cursor.span_from(start))));
        }
        self.operand()
    }

    /// Items up to and with the closing parenthesis; the opening one is behind us.
    fn items<T>(&mut self, item: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let open = self.cursor.at().saturating_sub(1);
        let mut items = Vec::new();
        self.cursor.blank();
        if self.cursor.eat(")") {
            return Ok(items);
        }
        loop {
            self.cursor.blank();
            items.push(item(self)?);
            self.cursor.blank();
            if self.cursor.eat(")") {
                return Ok(items);
            }
            if !self.cursor.eat(",") {
                return Err(self.expected_in_list(open));
            }
        }
    }

    fn expected_in_list(&self, open: usize) -> Diagnostic {
        if self.cursor.is_at_end() {
            let span = Span { start: open, end: open + 1 };
            return Diagnostic::new(span, "'(' without its ')'");
        }
        let span = self.next_token();
        let found = self.found(span);
        Diagnostic::new(span, format!("expected ',' or ')', found {found}"))
            .hint("put values with blanks, commas, parentheses or '=' into quotes")
    }

    /// An argument in brackets, if there is one.
    pub(super) fn bracket(&mut self) -> Parsed<Option<Literal>> {
        let start = self.cursor.at();
        if !self.cursor.eat("[") {
            return Ok(None);
        }
        let value = match self.quoted()? {
            Some(literal) => Some(literal),
            None => {
                let start = self.cursor.at();
                self.cursor.bare_argument().map(|text| self.literal(text, start))
            }
        };
        match value {
            Some(mut literal) if self.cursor.eat("]") => {
                literal.span = self.cursor.span_from(start);
                Ok(Some(literal))
            }
            Some(_) => {
                let span = Span { start, end: start + 1 };
                Err(Diagnostic::new(span, "'[' without its ']'"))
            }
            None => {
                let span = self.next_token();
                Err(Diagnostic::new(span, "expected an argument between '[' and ']'"))
            }
        }
    }

    pub(super) fn list_or_operand(&mut self, op: Operator) -> Parsed<Right> {
        match self.right_operand()? {
            Some(operand) => Ok(Right::Operand(operand)),
            None => self.list(op),
        }
    }

    pub(super) fn list(&mut self, op: Operator) -> Parsed<Right> {
        if self.cursor.eat("(") {
            return Ok(Right::List(self.items(Self::value)?));
        }
        let start = self.cursor.at();
        match self.cursor.identifier() {
            Some(name) => Ok(Right::Literal(self.literal(name, start))),
            None => {
                let span = self.next_token();
                let found = self.found(span);
                let message = format!("'{}' needs a list, found {found}", op.symbol());
                Err(Diagnostic::new(span, message).hint(format!("write {} (a, b, c)", op.symbol())))
            }
        }
    }

    pub(super) fn number_or_operand(&mut self, op: Operator) -> Parsed<Right> {
        if let Some(operand) = self.right_operand()? {
            return Ok(Right::Operand(operand));
        }
        let start = self.cursor.at();
        if let Some(number) = self.cursor.number() {
            return Ok(Right::Literal(self.literal(number, start)));
        }
        let span = self.next_token();
        let found = self.found(span);
        let message = format!("'{}' needs a number, found {found}", op.symbol());
        Err(Diagnostic::new(span, message).hint("to compare with another field, write val(FIELD)"))
    }

    pub(super) fn value_or_operand(&mut self, op: Operator) -> Parsed<Right> {
        if let Some(operand) = self.right_operand()? {
            return Ok(Right::Operand(operand));
        }
        self.value().map(Right::Literal).map_err(|mut error| {
            if error.hint.is_none() && error.message.starts_with("expected a value") {
                error.hint = Some(format!("write a value behind '{}'", op.symbol()));
            }
            error
        })
    }

    /// `val(...)` or a transformer; all else is a value.
    fn right_operand(&mut self) -> Parsed<Option<Operand>> {
        let mut ahead = self.cursor;
        let is_transform = ahead.identifier().is_some_and(|name| {
            ahead.peek() == b'(' && (name == "val" || Transformer::named(name).is_some())
        });
        if is_transform { self.operand().map(Some) } else { Ok(None) }
    }

    /// A quoted or bare string.
    fn value(&mut self) -> Parsed<Literal> {
        if let Some(literal) = self.quoted()? {
            return Ok(literal);
        }
        let start = self.cursor.at();
        if let Some(text) = self.cursor.bare() {
            return Ok(self.literal(text, start));
        }
        let span = self.next_token();
        let found = self.found(span);
        Err(Diagnostic::new(span, format!("expected a value, found {found}")))
    }

    fn quoted(&mut self) -> Parsed<Option<Literal>> {
        let start = self.cursor.at();
        match self.cursor.quoted() {
            None => Ok(None),
            Some((quote, Quoted::Closed(text))) => {
                let bytes = unescape(text, quote).map_err(|bad| {
                    let at = start + 1 + bad.at;
                    Diagnostic::new(Span { start: at, end: at + bad.len }, bad.message)
                        .hint("a backslash itself is written \\\\")
                })?;
                Ok(Some(Literal { bytes, quoted: true, span: self.cursor.span_from(start) }))
            }
            Some((quote, Quoted::Open)) => {
                let span = Span { start, end: start + 1 };
                let message = format!("{} without its end", char::from(quote));
                let error = Diagnostic::new(span, message)
                    .hint("a quote behind a backslash does not end a string");
                Err(self.fatal(error))
            }
        }
    }

    fn literal(&self, text: &str, start: usize) -> Literal {
        let bytes = text.as_bytes().to_vec();
        Literal { bytes, quoted: false, span: self.cursor.span_from(start) }
    }
}
