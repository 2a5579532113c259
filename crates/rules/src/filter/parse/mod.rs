//! From text to [`ast`](super::ast). A handwritten recursive descent; `or` binds weaker than
//! `and`, `and` weaker than `not`. After a mistake the parser goes on behind the next `and` or `or`,
//! so that one run finds them all.

mod values;

use super::{
    ast::{Check, Expr, Name, Operand, Operator, Quantifier, Right},
    error::{Diagnostic, MOST_MISTAKES, Span},
    lex::{Cursor, Quoted},
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
    Expr::Macro(Name { text: String::new(), span: Span::default() }, None)
}

impl<'s> Parser<'s> {
    fn new(source: &'s str) -> Self {
        Self { cursor: Cursor::new(source), errors: Vec::new(), depth: 0, gave_up: false }
    }

    fn push(&mut self, error: Diagnostic) {
        if !self.gave_up {
            self.errors.push(error);
        }
        if self.errors.len() >= MOST_MISTAKES {
            self.gave_up = true;
            self.cursor.skip_to_end();
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
        let start = self.cursor;
        let child = self.primary().unwrap_or_else(|error| {
            self.push(error);
            if !self.gave_up {
                // From the front, so that the parentheses of a broken list pair up.
                self.cursor = start;
            }
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
                Ok(Expr::Macro(Name { text: name.to_owned(), span }, None))
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
