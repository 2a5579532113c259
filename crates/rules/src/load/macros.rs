//! Macros: their conditions, those of macros within each other put in.

use std::sync::Arc;

use super::{
    collect::{Collected, Indexed},
    found::Found,
    item::MacroItem,
    lists::Lists,
    problem::{Code, Item},
    text::Text,
};
use crate::filter::{
    Diagnostic, Span,
    ast::{Expr, Name},
    parse,
};

/// Most comparisons of one condition, those of macros counted each time.
pub(super) const MOST_CHECKS: usize = 100_000;
/// Most levels of a condition, those of macros counted.
const MOST_LEVELS: usize = 1_000;
/// Most macros within each other.
const MOST_NESTED: usize = 100;

/// How large a condition is, macros put in.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Size {
    pub checks: usize,
    levels: usize,
    nested: usize,
}

/// The conditions of all macros.
pub(super) struct Macros<'c> {
    named: &'c Indexed<MacroItem>,
    collected: &'c Collected,
    conditions: Vec<Condition>,
}

struct Condition {
    /// As it was parsed, until it is resolved.
    parsed: Option<Expr>,
    lists: Vec<usize>,
    state: State,
}

#[derive(Clone)]
enum State {
    New,
    Open,
    Wrong,
    Done(Arc<Expr>, Size),
}

impl<'c> Macros<'c> {
    /// Parses and resolves all macros.
    pub(super) fn resolve(
        collected: &'c Collected,
        lists: &mut Lists<'c>,
        found: &mut Found,
    ) -> Self {
        let named = &collected.macros;
        let mut conditions = Vec::with_capacity(named.all.len());
        for defined in &named.all {
            let item = Item { kind: "macro", name: defined.value.name.text.clone() };
            conditions.push(
                match parse_condition(&defined.value.condition, lists, named, &item, found) {
                    Some((expr, lists)) => {
                        Condition { parsed: Some(expr), lists, state: State::New }
                    }
                    None => Condition { parsed: None, lists: Vec::new(), state: State::Wrong },
                },
            );
        }
        let mut macros = Self { named, collected, conditions };
        let mut path = Vec::new();
        for at in 0..named.all.len() {
            macros.resolve_one(at, &mut path, found);
        }
        macros
    }

    /// A macro's condition, resolved.
    pub(super) fn condition(&self, at: usize) -> Option<Arc<Expr>> {
        match &self.conditions.get(at)?.state {
            State::Done(expr, _) => Some(Arc::clone(expr)),
            _ => None,
        }
    }

    /// The lists that a macro's own condition draws in.
    pub(super) fn lists(&self, at: usize) -> &[usize] {
        self.conditions.get(at).map_or(&[], |condition| &condition.lists)
    }

    /// Puts macros into a rule's condition, which sees all of them. `None` if that cannot be, for
    /// a reason that has been told.
    pub(super) fn put_into(
        &mut self,
        expr: &mut Expr,
        item: &Item,
        found: &mut Found,
    ) -> Option<Size> {
        let mut walk =
            Walk { visibility: usize::MAX, item, path: &mut Vec::new(), found, is_broken: false };
        let size = self.walk(expr, &mut walk);
        (!walk.is_broken && self.fits(size, None, item, found, expr)).then_some(size)
    }

    fn resolve_one(&mut self, at: usize, path: &mut Vec<usize>, found: &mut Found) {
        let (Some(condition), Some(defined)) =
            (self.conditions.get_mut(at), self.named.all.get(at))
        else {
            return;
        };
        if !matches!(condition.state, State::New) {
            return;
        }
        let Some(mut expr) = condition.parsed.take() else { return };
        condition.state = State::Open;
        let item = Item { kind: "macro", name: defined.value.name.text.clone() };
        path.push(at);
        let mut walk =
            Walk { visibility: defined.visibility, item: &item, path, found, is_broken: false };
        let size = self.walk(&mut expr, &mut walk);
        let is_broken = walk.is_broken;
        path.pop();
        let span = Some(defined.value.name.span);
        let is_sound = !is_broken && self.fits(size, span, &item, found, &expr);
        if let Some(condition) = self.conditions.get_mut(at) {
            condition.state =
                if is_sound { State::Done(Arc::new(expr), size) } else { State::Wrong };
        }
    }

    fn walk(&mut self, expr: &mut Expr, walk: &mut Walk<'_>) -> Size {
        match expr {
            Expr::And(children) | Expr::Or(children) => {
                let mut whole = Size::default();
                for child in children {
                    whole = whole.beside(self.walk(child, walk));
                }
                whole.above()
            }
            Expr::Not(child) => self.walk(child, walk).above(),
            Expr::Check(_) => Size { checks: 1, levels: 1, nested: 0 },
            Expr::Macro(name, condition) => match self.meant(name, walk) {
                Some((body, size)) => {
                    *condition = Some(body);
                    Size { nested: size.nested + 1, ..size.above() }
                }
                None => {
                    walk.is_broken = true;
                    Size::default()
                }
            },
        }
    }

    /// The macro that a name means.
    fn meant(&mut self, name: &Name, walk: &mut Walk<'_>) -> Option<(Arc<Expr>, Size)> {
        let visible = |at: &usize| {
            self.named.all.get(*at).is_some_and(|defined| defined.index < walk.visibility)
        };
        let Some(at) = self.named.find(&name.text).filter(visible) else {
            self.undefined(name, walk);
            return None;
        };
        if walk.path.len() > MOST_NESTED {
            walk.error(name.span, format!("more than {MOST_NESTED} macros within each other"));
            return None;
        }
        self.resolve_one(at, walk.path, walk.found);
        match &self.conditions.get(at)?.state {
            State::Done(body, size) => Some((Arc::clone(body), *size)),
            State::Open => {
                let message = self.cycle(at, walk.path);
                // It is told of the macro that it began with.
                let first = self.named.all.get(at)?.value.name.text.clone();
                let item = Item { kind: "macro", name: first };
                walk.found.push_once(Code::Validate, &item, Diagnostic::new(name.span, message));
                None
            }
            State::New | State::Wrong => None,
        }
    }

    fn undefined(&self, name: &Name, walk: &mut Walk<'_>) {
        let is_broken = self.collected.broken.contains(&("macro", name.text.clone()));
        if is_broken || self.collected.misses_a_file {
            return;
        }
        let later = self.named.find(&name.text).is_some();
        let error = if later {
            let message = format!("macro '{}' is used before it is defined", name.text);
            Diagnostic::new(name.span, message).hint("define it further up")
        } else {
            let message = format!("undefined macro '{}'", name.text);
            let mut error = Diagnostic::new(name.span, message);
            error.hint = walk.found.did_you_mean(&name.text, self.named.names());
            error.hint.get_or_insert_with(|| {
                "a condition compares a field, such as proc.name = bash, or names a macro"
                    .to_owned()
            });
            error
        };
        walk.found.push_once(Code::Validate, walk.item, error);
    }

    /// `macro 'a' uses itself: a > b > a`.
    fn cycle(&self, first: usize, path: &[usize]) -> String {
        let name = |at: &usize| self.named.all.get(*at).map_or("", |d| d.value.name.text.as_str());
        let from = path.iter().position(|at| *at == first).unwrap_or(0);
        let mut names: Vec<_> = path[from..].iter().map(name).collect();
        names.push(name(&first));
        format!("reference loop in macro '{}': {}", name(&first), names.join(" > "))
    }

    fn fits(
        &self,
        size: Size,
        span: Option<Span>,
        item: &Item,
        found: &mut Found,
        expr: &Expr,
    ) -> bool {
        let message = if size.checks > MOST_CHECKS {
            format!("more than {MOST_CHECKS} comparisons, those of macros counted")
        } else if size.levels > MOST_LEVELS {
            format!("more than {MOST_LEVELS} levels of conditions, those of macros counted")
        } else if size.nested > MOST_NESTED {
            format!("more than {MOST_NESTED} macros within each other")
        } else {
            return true;
        };
        let span = span.unwrap_or_else(|| first_span(expr));
        found.push(Code::CompileCondition, item, Diagnostic::new(span, message));
        false
    }
}

/// The place of the first comparison or macro of a condition.
pub(super) fn first_span(expr: &Expr) -> Span {
    match expr {
        Expr::And(children) | Expr::Or(children) => children.first().map(first_span),
        Expr::Not(child) => Some(first_span(child)),
        Expr::Macro(name, _) => Some(name.span),
        Expr::Check(check) => Some(check.span),
    }
    .unwrap_or_default()
}

struct Walk<'w> {
    visibility: usize,
    item: &'w Item,
    path: &'w mut Vec<usize>,
    found: &'w mut Found,
    is_broken: bool,
}

impl Walk<'_> {
    fn error(&mut self, span: Span, message: String) {
        self.found.push_once(Code::Validate, self.item, Diagnostic::new(span, message));
    }
}

impl Size {
    fn beside(self, other: Self) -> Self {
        Self {
            checks: self.checks.saturating_add(other.checks),
            levels: self.levels.max(other.levels),
            nested: self.nested.max(other.nested),
        }
    }

    fn above(self) -> Self {
        Self { levels: self.levels + 1, ..self }
    }
}

/// Draws lists into a condition and parses it; everything in it has its place in the files.
pub(super) fn parse_condition(
    condition: &Text,
    lists: &mut Lists<'_>,
    macros: &Indexed<MacroItem>,
    item: &Item,
    found: &mut Found,
) -> Option<(Expr, Vec<usize>)> {
    let (text, drawn) = match lists.draw_in(condition, macros) {
        Ok(drawn) => drawn,
        Err(wrong) => {
            if let Some(wrong) = wrong {
                found.push(Code::CompileCondition, item, wrong);
            }
            return None;
        }
    };
    match parse::parse(text.as_str()) {
        Ok(mut expr) => {
            text.place(&mut expr);
            Some((expr, drawn))
        }
        Err(errors) => {
            for error in errors {
                found.push_once(Code::CompileCondition, item, text.placed(error));
            }
            None
        }
    }
}
