//! A condition as the tree that it is written as, walked the way the language is defined.

use state::Context;

use super::{shown::Asked, trace::Trace};
use crate::filter::{
    Checker, Diagnostic, Memory, Span, Test,
    ast::{Check, Expr},
};

/// A condition, checked once, to be walked on any number of events.
///
/// Nothing is shared or reordered: `and` holds if all of its parts do, `or` if one does, `not` if
/// its part does not, a macro if its condition does, and a check whose value is missing never.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(super) root: Node,
}

/// How far an event is from the other result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Distance {
    /// Whether the condition holds.
    pub holds: bool,
    /// How many checks, at least, would have to come out differently for it to turn.
    pub checks: usize,
}

/// A part of a condition.
#[derive(Clone, Debug)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Macro { name: String, span: Span, condition: Box<Node> },
    Check(Box<Leaf>),
}

/// A check and what it asks the event for.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub check: Check,
    pub test: Test,
    pub asked: Vec<Asked>,
}

impl Tree {
    /// Prepares a condition, whose macros must have been resolved.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn of(expr: &Expr) -> Result<Self, Vec<Diagnostic>> {
        let mut checker = Checker::default();
        match Node::of(expr, &mut checker) {
            Some(root) if checker.errors.is_empty() => Ok(Self { root }),
            _ => Err(checker.errors),
        }
    }

    /// Whether the condition holds for the event.
    pub fn holds(&self, context: &Context<'_>, memory: &mut Memory) -> bool {
        self.root.holds(context, memory)
    }

    /// Whether the condition holds, and by how much.
    pub fn distance(&self, context: &Context<'_>, memory: &mut Memory) -> Distance {
        self.root.distance(context, memory)
    }

    /// Every part of the condition with its result, every check with its values.
    pub fn trace(&self, context: &Context<'_>, memory: &mut Memory) -> Trace {
        Trace::of(&self.root, context, memory)
    }
}

impl Node {
    /// `None` if there is a mistake in it, which then is in `checker`.
    pub(super) fn of(expr: &Expr, checker: &mut Checker) -> Option<Self> {
        Some(match expr {
            Expr::And(parts) => Self::All(Self::each_of(parts, checker)?),
            Expr::Or(parts) => Self::Any(Self::each_of(parts, checker)?),
            Expr::Not(part) => Self::Not(Box::new(Self::of(part, checker)?)),
            Expr::Macro(name, Some(condition)) => Self::Macro {
                name: name.text.clone(),
                span: name.span,
                condition: Box::new(Self::of(condition, checker)?),
            },
            Expr::Macro(name, None) => {
                checker.unknown_macro(name);
                return None;
            }
            Expr::Check(check) => {
                let test = checker.test(check)?;
                let asked = Asked::by(check);
                Self::Check(Box::new(Leaf { check: Check::clone(check), test, asked }))
            }
        })
    }

    fn each_of(parts: &[Expr], checker: &mut Checker) -> Option<Vec<Self>> {
        // All are looked at, so that all mistakes are found.
        let parts: Vec<_> = parts.iter().map(|part| Self::of(part, checker)).collect();
        parts.into_iter().collect()
    }

    pub(super) fn holds(&self, context: &Context<'_>, memory: &mut Memory) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(context, memory)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(context, memory)),
            Self::Not(part) => !part.holds(context, memory),
            Self::Macro { condition, .. } => condition.holds(context, memory),
            Self::Check(leaf) => leaf.holds(context, memory),
        }
    }

    fn distance(&self, context: &Context<'_>, memory: &mut Memory) -> Distance {
        let mut each = |parts: &[Self]| -> Vec<Distance> {
            parts.iter().map(|part| part.distance(context, memory)).collect()
        };
        match self {
            Self::All(parts) => Distance::of(&each(parts), false),
            Self::Any(parts) => Distance::of(&each(parts), true),
            Self::Not(part) => {
                let Distance { holds, checks } = part.distance(context, memory);
                Distance { holds: !holds, checks }
            }
            Self::Macro { condition, .. } => condition.distance(context, memory),
            Self::Check(leaf) => Distance { holds: leaf.holds(context, memory), checks: 1 },
        }
    }
}

impl Distance {
    /// Of parts one of which is enough to make the whole `decisive`: all that are have to turn, or
    /// else any one.
    fn of(parts: &[Self], decisive: bool) -> Self {
        let deciding = || parts.iter().filter(|part| part.holds == decisive);
        let all: usize = deciding().map(|part| part.checks).sum();
        if all > 0 {
            return Self { holds: decisive, checks: all };
        }
        let nearest = parts.iter().map(|part| part.checks).min().unwrap_or(0);
        Self { holds: !decisive, checks: nearest }
    }
}

impl Leaf {
    pub(super) fn holds(&self, context: &Context<'_>, memory: &mut Memory) -> bool {
        self.test.passes(context, memory.levels(self.test.levels()))
    }
}
