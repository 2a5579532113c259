//! From text to [`ast`](super::ast). A handwritten recursive descent; `or` binds weaker than
//! `and`, `and` weaker than `not`. After a mistake the parser goes on behind the next `and` or `or`,
//! so that one run finds them all.

use super::{
    ast::{Check, Expr, Listed, Literal, Name, Operand, Operator, Quantifier, Right},
    error::{Diagnostic, Span},
    escape::unescape,
    lex::{Cursor, Quoted},
    transform::Transformer,
};
use crate::fields::nearest;

/// Most levels of parentheses and transformers within each other.
pub const MAX_DEPTH: usize = 200;

/// Parses a condition.
///
/// # Errors
/// Every mistake against the grammar, at least one.
pub fn parse(source: &str) -> Result<Expr, Vec<Diagnostic>> {
    let mut parser = Parser::new(source);
    parser.cursor.blank();
    if parser.cursor.is_at_end() {
        return Err(vec![Diagnostic::new(Span::default(), "the filter is empty")]);
    }
    let expr = parser.whole();
    if parser.errors.is_empty() { Ok(expr) } else { Err(parser.errors) }
}

/// Parses a field or a transformer at the start of `source`, as formats have them; returns it and
/// its length.
///
/// # Errors
/// Every mistake against the grammar, at least one.
pub(crate) fn parse_operand(source: &str) -> Result<(Operand, usize), Vec<Diagnostic>> {
    let mut parser = Parser::new(source);
    let operand = parser.operand();
    match operand {
        Ok(operand) if parser.errors.is_empty() => Ok((operand, parser.cursor.at())),
        Ok(_) => Err(parser.errors),
        Err(error) => {
            parser.push(error);
            Err(parser.errors)
        }
    }
}

struct Parser<'s> {
    cursor: Cursor<'s>,
    errors: Vec<Diagnostic>,
    depth: usize,
    /// Whether what follows would only be consequences of the last mistake.
    gave_up: bool,
}

type Parsed<T> = Result<T, Diagnostic>;

/// Stands for what could not be parsed; never leaves the parser, as there is an error then.
fn broken() -> Expr {
    Expr::Macro(Name { text: String::new(), span: Span::default() })
}

impl<'s> Parser<'s> {
    fn new(source: &'s str) -> Self {
        Self { cursor: Cursor::new(source), errors: Vec::new(), depth: 0, gave_up: false }
    }

    fn push(&mut self, error: Diagnostic) {
        if !self.gave_up {
            self.errors.push(error);
        }
    }

    /// A mistake that makes no sense of all the rest.
    fn fatal(&mut self, error: Diagnostic) -> Diagnostic {
        self.push(error.clone());
        self.gave_up = true;
        self.cursor.skip_to_end();
        error
    }

    fn whole(&mut self) -> Expr {
        let mut expr = self.or();
        while !self.cursor.is_at_end() {
            // Only a ')' too many stops below the end.
            let start = self.cursor.at();
            self.cursor.bump();
            self.error(start, "')' without its '('");
            self.end_of_check();
            while self.cursor.keyword("and") || self.cursor.keyword("or") {
                expr = self.or();
            }
        }
        expr
    }

    fn or(&mut self) -> Expr {
        let mut children = vec![self.and()];
        while self.cursor.keyword("or") {
            children.push(self.and());
        }
        single_or(children, Expr::Or)
    }

    fn and(&mut self) -> Expr {
        let mut children = vec![self.not()];
        self.end_of_check();
        while self.cursor.keyword("and") {
            children.push(self.not());
            self.end_of_check();
        }
        single_or(children, Expr::And)
    }

    fn not(&mut self) -> Expr {
        let mut negated = false;
        self.cursor.blank();
        while self.cursor.is_keyword("not") && !self.cursor.rest().starts_with("not)") {
            self.cursor.keyword("not");
            negated = !negated;
            self.cursor.blank();
        }
        let child = self.primary().unwrap_or_else(|error| {
            self.push(error);
            self.skip_check();
            broken()
        });
        match child {
            Expr::Not(inner) if negated => *inner,
            child if negated => Expr::Not(Box::new(child)),
            child => child,
        }
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let start = self.cursor.at();
        if self.cursor.eat("(") {
            return self.group(start);
        }
        let mut ahead = self.cursor;
        match ahead.dotted_name() {
            Some("and" | "or" | "not") | None => Err(self.expected_condition()),
            Some(name) if ahead.peek() == b'(' || name.contains('.') => {
                let left = self.operand()?;
                self.check(left)
            }
            Some(name) => {
                self.cursor = ahead;
                let span = self.cursor.span_from(start);
                Ok(Expr::Macro(Name { text: name.to_owned(), span }))
            }
        }
    }

    fn group(&mut self, start: usize) -> Parsed<Expr> {
        self.deeper(start)?;
        let child = self.or();
        self.depth -= 1;
        if self.cursor.eat(")") {
            return Ok(child);
        }
        let span = Span { start, end: start + 1 };
        Err(self.fatal(Diagnostic::new(span, "'(' without its ')'")))
    }

    /// Counts one more level; too many end the parse.
    fn deeper(&mut self, start: usize) -> Parsed<()> {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            return Ok(());
        }
        self.depth -= 1;
        let span = self.cursor.span_from(start);
        let message = format!("more than {MAX_DEPTH} levels of parentheses");
        Err(self.fatal(Diagnostic::new(span, message)))
    }

    fn expected_condition(&self) -> Diagnostic {
        let span = self.next_token();
        let found = self.found(span);
        let error = Diagnostic::new(span, format!("expected a condition, found {found}"));
        match self.cursor.peek() {
            b'%' => error.hint("fields are written without '%' in a filter"),
            b'!' => error.hint("write 'not' for '!'"),
            b'"' | b'\'' => error.hint("a condition begins with a field, such as proc.name"),
            _ => error,
        }
    }

    /// A field or a transformer.
    fn operand(&mut self) -> Parsed<Operand> {
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
    fn bracket(&mut self) -> Parsed<Option<Literal>> {
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

    /// An operator and its right side.
    fn check(&mut self, left: Operand) -> Parsed<Expr> {
        self.cursor.blank();
        let op_start = self.cursor.at();
        let op = self.operator()?;
        let mut op_span = self.cursor.span_from(op_start);
        let had_blank = self.cursor.blank();
        let mut quantifier = None;
        if had_blank && !op.takes_list() && !op.takes_number() {
            quantifier = self.quantifier();
            if quantifier.is_some() {
                op_span = Span { start: op_start, end: op_span.end };
            }
        }
        let right = match op {
            Operator::Exists => Right::Nothing,
            _ if quantifier.is_some() => self.list(op)?,
            _ if op.takes_list() => self.list_or_operand(op)?,
            _ if op.takes_number() => self.number_or_operand(op)?,
            _ => self.value_or_operand(op)?,
        };
        let mut span = self.cursor.span_from(left.span().start);
        if op == Operator::Exists {
            span.end = op_span.end;
        }
        Ok(Expr::Check(Box::new(Check { left, op, quantifier, op_span, right, span })))
    }

    fn operator(&mut self) -> Parsed<Operator> {
        const SYMBOLS: [(&str, Operator); 7] = [
            ("==", Operator::Eq),
            ("=", Operator::Eq),
            ("!=", Operator::Ne),
            ("<=", Operator::Le),
            ("<", Operator::Lt),
            (">=", Operator::Ge),
            (">", Operator::Gt),
        ];
        for (symbol, op) in SYMBOLS {
            if self.cursor.eat(symbol) {
                return Ok(op);
            }
        }
        let start = self.cursor.at();
        let mut ahead = self.cursor;
        let word = ahead.word();
        let named = Operator::ALL.into_iter().find(|op| op.symbol() == word);
        match named {
            Some(op) if op == Operator::Exists || op.takes_list() => {
                self.cursor = ahead;
                Ok(op)
            }
            // What follows such a word has to stand apart from it.
            Some(op) if ahead.is_at_end() || ahead.is_at_blank() => {
                self.cursor = ahead;
                Ok(op)
            }
            Some(op) => {
                let span = Span { start, end: start + word.len() };
                Err(Diagnostic::new(span, format!("'{}' needs a blank behind it", op.symbol())))
            }
            None => Err(self.unknown_operator()),
        }
    }

    fn unknown_operator(&self) -> Diagnostic {
        let span = self.next_token();
        let found = self.found(span);
        let error = Diagnostic::new(span, format!("expected an operator, found {found}"));
        let word = &self.cursor.rest()[..span.end - span.start];
        match nearest(word, Operator::ALL.into_iter().map(Operator::symbol)) {
            Some(near) if !word.is_empty() => error.hint(format!("did you mean '{near}'?")),
            _ => {
                let all: Vec<_> = Operator::ALL.into_iter().map(Operator::symbol).collect();
                error.hint(format!("operators are {}", all.join(" ")))
            }
        }
    }

    /// `oneof`, `anyof`, `allof`, if a list stands behind it: else it is an ordinary value.
    fn quantifier(&mut self) -> Option<Quantifier> {
        let mut ahead = self.cursor;
        let word = ahead.word();
        let found = Quantifier::ALL.into_iter().find(|q| q.symbol() == word)?;
        let list_follows = ahead.blank()
            && (ahead.peek() == b'('
                || (ahead.peek().is_ascii_alphabetic()
                    && !["and", "or", "not"].iter().any(|word| ahead.is_keyword(word))));
        list_follows.then(|| {
            self.cursor = ahead;
            found
        })
    }

    fn list_or_operand(&mut self, op: Operator) -> Parsed<Right> {
        match self.right_operand()? {
            Some(operand) => Ok(Right::Operand(operand)),
            None => self.list(op),
        }
    }

    fn list(&mut self, op: Operator) -> Parsed<Right> {
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

    fn number_or_operand(&mut self, op: Operator) -> Parsed<Right> {
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

    fn value_or_operand(&mut self, op: Operator) -> Parsed<Right> {
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

    /// Behind a check there can only be `and`, `or`, `)` and the end.
    fn end_of_check(&mut self) {
        self.cursor.blank();
        if self.at_boundary() {
            return;
        }
        let span = self.next_token();
        let found = self.found(span);
        let error = Diagnostic::new(span, format!("expected 'and' or 'or', found {found}"));
        let rest = self.cursor.rest();
        let error = if rest.starts_with("&&") {
            error.hint("write 'and' for '&&'")
        } else if rest.starts_with("||") {
            error.hint("write 'or' for '||'")
        } else {
            error.hint("put values with blanks, commas, parentheses or '=' into quotes")
        };
        self.push(error);
        self.skip_check();
    }

    fn at_boundary(&self) -> bool {
        let cursor = &self.cursor;
        cursor.is_at_end()
            || cursor.peek() == b')'
            || cursor.is_keyword("and")
            || cursor.is_keyword("or")
    }

    /// Goes to the next `and`, `or` or `)` of this level, or to the end.
    fn skip_check(&mut self) {
        let mut level = 0usize;
        let mut word_start = true;
        loop {
            if self.cursor.is_at_end() || (level == 0 && word_start && self.at_boundary()) {
                return;
            }
            match self.cursor.peek() {
                b')' if level == 0 => return,
                b')' => level -= 1,
                b'(' => level += 1,
                _ => {}
            }
            word_start = matches!(self.cursor.peek(), b' ' | b'\t' | b'\r' | b'\n' | b')');
            if !matches!(self.cursor.quoted(), Some((_, Quoted::Closed(_)))) {
                self.cursor.bump();
            }
        }
    }

    fn error(&mut self, start: usize, message: &str) {
        self.push(Diagnostic::new(self.cursor.span_from(start), message));
    }

    /// The place of whatever comes next, for messages.
    fn next_token(&self) -> Span {
        let mut ahead = self.cursor;
        let start = ahead.at();
        if ahead.bare().is_none() {
            ahead.bump();
        }
        ahead.span_from(start)
    }

    fn found(&self, span: Span) -> String {
        let text = &self.cursor.rest()[..span.end - span.start];
        let short: String = text.chars().take(40).collect();
        match text {
            "" => "the end".to_owned(),
            _ if short.len() < text.len() => format!("'{short}…'"),
            _ => format!("'{text}'"),
        }
    }
}

fn single_or(mut children: Vec<Expr>, many: impl Fn(Vec<Expr>) -> Expr) -> Expr {
    match children.pop() {
        Some(only) if children.is_empty() => only,
        Some(last) => {
            children.push(last);
            many(children)
        }
        None => broken(),
    }
}
