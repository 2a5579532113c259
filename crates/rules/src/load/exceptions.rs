//! Exceptions of rules: what is not worth an alert, and the condition that leaves it out.

use super::{
    fields::{Fields, start_of, text_of},
    found::Found,
    problem::{Code, Item},
    text::Text,
    yaml::Node,
};
use crate::filter::{
    Diagnostic, Span,
    ast::{Operator, Quantifier},
    check_operand,
    parse::parse_operand,
};

/// An exception as its rule has it.
#[derive(Clone, Debug)]
pub(super) struct Exception {
    pub name: String,
    pub span: Span,
    pub fields: Entry,
    pub comps: Entry,
    pub values: Vec<Entry>,
}

/// One text or several.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    None,
    One(Text),
    Many(Vec<Entry>, Span),
}

impl Entry {
    /// Whether anything was given.
    pub(super) fn is_given(&self) -> bool {
        match self {
            Self::None => false,
            Self::One(text) => !text.as_str().is_empty(),
            Self::Many(entries, _) => !entries.is_empty(),
        }
    }

    fn text(&self) -> &str {
        if let Self::One(text) = self { text.as_str() } else { "" }
    }

    fn span(&self) -> Option<Span> {
        match self {
            Self::None => None,
            Self::One(text) => Some(text.span(Span { start: 0, end: text.as_str().len() })),
            Self::Many(_, span) => Some(*span),
        }
    }

    /// The texts, one or several.
    pub(super) fn texts(&self) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::One(text) => vec![text.as_str().to_owned()],
            Self::Many(entries, _) => entries.iter().map(|e| e.text().to_owned()).collect(),
        }
    }
}

/// Whether exceptions stand alone or go to those that a rule has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Given {
    Whole,
    Added,
}

/// Reads `exceptions` of a rule.
pub(super) fn read(rule: &mut Fields<'_, '_>, given: Given) -> Vec<Exception> {
    let Some(node) = rule.node.get("exceptions").filter(|node| !node.is_null()) else {
        return Vec::new();
    };
    let Some(nodes) = node.sequence() else {
        let message = format!("'exceptions' has to be a list, not {}", node.kind());
        rule.error(start_of(node), message);
        return Vec::new();
    };
    let mut exceptions: Vec<Exception> = Vec::new();
    for node in nodes {
        let mut fields = Fields::new(node, "exception", rule.sources, rule.found);
        let exception = read_one(&mut fields, given);
        rule.is_broken |= fields.is_broken;
        let Some(exception) = exception else { continue };
        if exceptions.iter().any(|known| known.name == exception.name) {
            let message = format!("there are two exceptions '{}' in this rule", exception.name);
            let item = Item { kind: "exception", name: exception.name.clone() };
            let diagnostic = Diagnostic::new(exception.span, message);
            rule.found.push(Code::ExceptionNameNotUnique, &item, diagnostic);
        }
        exceptions.push(exception);
    }
    exceptions
}

fn read_one(from: &mut Fields<'_, '_>, given: Given) -> Option<Exception> {
    if from.node.mapping().is_none() {
        let message = format!("an exception has to be a mapping, not {}", from.node.kind());
        from.error(start_of(from.node), message);
        return None;
    }
    let name = from.name("name")?;
    if !from.has("fields") && given == Given::Whole {
        from.error(name.span, format!("exception '{}' has no 'fields'", name.text));
    }
    let fields = part(from, "fields");
    let comps = part(from, "comps");
    let values = values(from, given);
    from.known_keys(&["name", "fields", "comps", "values"]);
    let whole = Exception { name: name.text, span: name.span, fields, comps, values };
    (!from.is_broken).then_some(whole)
}

fn part(from: &mut Fields<'_, '_>, key: &str) -> Entry {
    from.node.get(key).map_or(Entry::None, |node| entry(from, key, node))
}

fn values(from: &mut Fields<'_, '_>, given: Given) -> Vec<Entry> {
    let Some(node) = from.node.get("values") else {
        if given == Given::Added {
            let message = format!("exception '{}' adds no 'values'", from.item.name);
            from.warn(Code::AppendNoValues, Diagnostic::new(from.head(), message));
        }
        return Vec::new();
    };
    match node.sequence() {
        Some(nodes) => nodes.map(|node| entry(from, "values", node)).collect(),
        None => {
            let message = format!("'values' has to be a list, not {}", node.kind());
            from.error(start_of(node), message);
            Vec::new()
        }
    }
}

fn entry(from: &mut Fields<'_, '_>, key: &str, node: Node<'_>) -> Entry {
    if let Some(nodes) = node.sequence() {
        let entries = nodes.map(|node| entry(from, key, node)).collect();
        return Entry::Many(entries, start_of(node));
    }
    match text_of(node, from.sources).filter(|_| !node.is_null()) {
        Some(text) if !text.as_str().is_empty() => Entry::One(text),
        _ if node.is_null() && key != "values" => Entry::None,
        _ => {
            let message = format!("a value of '{key}' has to be a text, not {}", node.kind());
            from.error(start_of(node), message);
            Entry::None
        }
    }
}

/// Whether the fields of a rule's source are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Known {
    Source,
    Nothing,
}

impl Exception {
    fn item(&self) -> Item {
        Item { kind: "exception", name: self.name.clone() }
    }

    /// Fills in what was left out, and checks that fields and operators are some and go together.
    pub(super) fn check(&mut self, known: Known, found: &mut Found) -> bool {
        self.default_comps();
        let wrong = match (&self.fields, &self.comps) {
            (Entry::Many(fields, _), Entry::Many(comps, _)) => self.check_many(fields, comps),
            (Entry::Many(..), _) => {
                Some(self.at_comps("'fields' is a list, so 'comps' has to be one"))
            }
            (Entry::One(_), Entry::One(comp)) => self.check_one(comp.as_str().trim()),
            _ => Some(self.at_comps("'fields' is a single one, so 'comps' has to be one operator")),
        };
        let unknown = || match known {
            Known::Source => self.unknown_field(),
            Known::Nothing => None,
        };
        match wrong.or_else(unknown) {
            Some(wrong) => {
                found.push(Code::Validate, &self.item(), wrong);
                false
            }
            None => true,
        }
    }

    fn default_comps(&mut self) {
        if self.comps.is_given() {
            return;
        }
        self.comps = match &self.fields {
            Entry::Many(fields, span) => {
                let equal = || Entry::One(Text::made("=", *span));
                Entry::Many(fields.iter().map(|_| equal()).collect(), *span)
            }
            _ => Entry::One(Text::made("in", self.span)),
        };
    }

    fn at_comps(&self, message: &str) -> Diagnostic {
        Diagnostic::new(self.comps.span().unwrap_or(self.span), message)
    }

    fn check_many(&self, fields: &[Entry], comps: &[Entry]) -> Option<Diagnostic> {
        if fields.len() != comps.len() {
            let (fields, comps) = (fields.len(), comps.len());
            return Some(
                self.at_comps(&format!("{fields} fields, but {comps} operators in 'comps'")),
            );
        }
        comps.iter().find(|comp| Comparison::parse(comp.text()).is_none()).map(|comp| {
            let message = format!("'{}' is not an operator", comp.text());
            let error = Diagnostic::new(comp.span().unwrap_or(self.span), message);
            let all: Vec<_> = Operator::ALL.into_iter().map(Operator::symbol).collect();
            error.hint(format!("operators are {}", all.join(" ")))
        })
    }

    fn check_one(&self, comp: &str) -> Option<Diagnostic> {
        let comparison = Comparison::parse(comp);
        if comparison.is_some_and(Comparison::takes_list) {
            return None;
        }
        let message = format!("'{comp}' does not compare one field with a list");
        let hint = "write in, pmatch, intersects, or an operator with oneof, anyof or allof";
        Some(self.at_comps(&message).hint(hint))
    }

    fn unknown_field(&self) -> Option<Diagnostic> {
        let fields = match &self.fields {
            Entry::Many(fields, _) => fields.as_slice(),
            one => std::slice::from_ref(one),
        };
        fields.iter().find_map(|field| {
            let wrong = lhs_error(field.text())?;
            let span = field.span().unwrap_or(self.span);
            Some(Diagnostic { span, ..wrong })
        })
    }

    /// Adds `and not …` to a condition.
    ///
    /// # Errors
    /// Values that don't go with the fields.
    pub(super) fn add_to(&self, condition: &mut Text) -> Result<(), Diagnostic> {
        let mut left_out = Text::default();
        match (&self.fields, &self.comps) {
            (Entry::Many(fields, _), Entry::Many(comps, _)) => {
                self.tuples(fields, comps, &mut left_out)?;
            }
            (Entry::One(field), Entry::One(comp)) => self.list(field, comp, &mut left_out)?,
            _ => {}
        }
        if !left_out.as_str().is_empty() {
            condition.push_made(" and not ", self.span);
            condition.push(&left_out);
        }
        Ok(())
    }

    /// `(field in (a, b))`.
    fn list(&self, field: &Text, comp: &Text, out: &mut Text) -> Result<(), Diagnostic> {
        for value in &self.values {
            let Entry::One(value) = value else {
                let span = value.span().unwrap_or(self.span);
                let message = "'fields' is a single one, so each value has to be a text";
                return Err(Diagnostic::new(span, message));
            };
            if out.as_str().is_empty() {
                out.push_made("(", self.span);
                out.push(field);
                out.push_between(" ");
                out.push(&comp.trimmed());
                out.push_between(" (");
            } else {
                out.push_between(", ");
            }
            quoted(value, out);
        }
        if !self.values.is_empty() {
            out.push_between("))");
        }
        Ok(())
    }

    /// `((f = a and g = b) or (f = c and g = d))`.
    fn tuples(&self, fields: &[Entry], comps: &[Entry], out: &mut Text) -> Result<(), Diagnostic> {
        for (index, tuple) in self.values.iter().enumerate() {
            let values = match tuple {
                Entry::Many(values, _) if values.len() == fields.len() => values,
                _ => return Err(self.wrong_length(tuple, fields.len())),
            };
            let span = tuple.span().unwrap_or(self.span);
            out.push_made(if index == 0 { "((" } else { " or (" }, span);
            for (at, ((field, comp), value)) in fields.iter().zip(comps).zip(values).enumerate() {
                if at > 0 {
                    out.push_between(" and ");
                }
                self.comparison(field, comp, value, out)?;
            }
            out.push_between(")");
        }
        if !self.values.is_empty() {
            out.push_between(")");
        }
        Ok(())
    }

    fn comparison(
        &self,
        field: &Entry,
        comp: &Entry,
        value: &Entry,
        out: &mut Text,
    ) -> Result<(), Diagnostic> {
        let (Entry::One(field), Entry::One(comp)) = (field, comp) else {
            return Err(Diagnostic::new(self.span, "fields and operators have to be texts"));
        };
        out.push(field);
        out.push_between(" ");
        out.push(&comp.trimmed());
        out.push_between(" ");
        match value {
            Entry::Many(values, span) => {
                out.push_made("(", *span);
                for (at, value) in values.iter().enumerate() {
                    let Entry::One(value) = value else {
                        let span = value.span().unwrap_or(*span);
                        return Err(Diagnostic::new(span, "lists within lists of values"));
                    };
                    if at > 0 {
                        out.push_between(", ");
                    }
                    quoted(value, out);
                }
                out.push_between(")");
            }
            Entry::One(value)
                if Comparison::parse(comp.as_str()).is_some_and(Comparison::takes_list) =>
            {
                let open = value.as_str().starts_with('(');
                out.push_between(if open { "" } else { "(" });
                out.push(value);
                out.push_between(if open { "" } else { ")" });
            }
            Entry::One(value) => quoted(value, out),
            Entry::None => {}
        }
        Ok(())
    }

    fn wrong_length(&self, tuple: &Entry, fields: usize) -> Diagnostic {
        let span = tuple.span().unwrap_or(self.span);
        let found = match tuple {
            Entry::Many(values, _) => format!("{} values", values.len()),
            _ => "one text".to_owned(),
        };
        let message = format!("{found} for {fields} fields");
        Diagnostic::new(span, message)
            .hint("each of 'values' is a list with one value for each field")
    }

    pub(super) fn told(&self, found: &mut Found, wrong: Diagnostic) {
        found.push(Code::Validate, &self.item(), wrong);
    }
}

/// Adds a value, in quotes if it has a blank and no quotes yet.
pub(super) fn quoted(value: &Text, out: &mut Text) {
    let bare = !value.as_str().contains(' ') || value.as_str().starts_with(['"', '\'']);
    out.push_between(if bare { "" } else { "\"" });
    out.push(value);
    out.push_between(if bare { "" } else { "\"" });
}

/// An operator, maybe with a quantifier.
#[derive(Clone, Copy, Debug)]
struct Comparison {
    op: Operator,
    quantifier: Option<Quantifier>,
}

impl Comparison {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let word = words.next()?;
        let word = if word == "==" { "=" } else { word };
        let op = Operator::ALL.into_iter().find(|op| op.symbol() == word)?;
        let quantifier = match words.next() {
            None => None,
            Some(word) => {
                let known = Quantifier::ALL.into_iter().find(|q| q.symbol() == word);
                Some(known.filter(|_| op.takes_quantifier())?)
            }
        };
        words.next().is_none().then_some(Self { op, quantifier })
    }

    fn takes_list(self) -> bool {
        self.op.takes_list() || self.quantifier.is_some()
    }
}

impl Operator {
    fn takes_quantifier(self) -> bool {
        !self.takes_list() && !self.takes_number() && self != Self::Exists
    }
}

/// What is wrong with a text as the left side of a comparison.
fn lhs_error(text: &str) -> Option<Diagnostic> {
    let whole = Span { start: 0, end: text.len() };
    match parse_operand(text) {
        Ok((operand, len)) if len == text.len() => {
            check_operand(&operand).err().and_then(|errors| errors.into_iter().next())
        }
        Ok(_) => Some(Diagnostic::new(whole, format!("'{text}' is not a field"))),
        Err(errors) => errors.into_iter().next(),
    }
}
