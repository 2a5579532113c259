//! A condition on one event: each part's result, each check's values.

use state::Context;

use super::{
    draw::{self, safe},
    shown::Shown,
    tree::{Leaf, Node},
};
use crate::filter::{Memory, Span};

/// A part of a condition on one event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trace {
    /// What kind of part.
    pub kind: Kind,
    /// A check as it is written, a macro's name; empty for the others. Safe to show.
    pub text: String,
    /// A check's text with long lists shortened; a macro's name; empty for the others.
    pub short: String,
    /// Its place; that of the first part, where it has none of its own.
    pub span: Span,
    /// Whether it holds.
    pub holds: bool,
    /// Whether the whole condition would need no other part to have the result it has.
    pub decides: bool,
    /// What the event has for the fields and transformers of a check.
    pub values: Vec<Shown>,
    /// The parts of which it is made; all of them have been evaluated.
    pub children: Vec<Trace>,
}

/// A kind of part.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// Holds if all of its children do.
    And,
    /// Holds if one of its children does.
    Or,
    /// Holds if its only child does not.
    Not,
    /// Holds if its only child does.
    Macro,
    /// A comparison.
    Check,
}

impl Kind {
    /// `and`, `or`, `not`, `macro`, `check`.
    pub fn name(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Or => "or",
            Self::Not => "not",
            Self::Macro => "macro",
            Self::Check => "check",
        }
    }
}

impl Trace {
    pub(super) fn of(root: &Node, context: &Context<'_>, memory: &mut Memory) -> Self {
        let mut trace = Self::part(root, context, memory);
        trace.mark_deciding();
        trace
    }

    fn part(node: &Node, context: &Context<'_>, memory: &mut Memory) -> Self {
        match node {
            Node::All(parts) => {
                let children = Self::each(parts, context, memory);
                let holds = children.iter().all(|child| child.holds);
                Self::group(Kind::And, children, holds)
            }
            Node::Any(parts) => {
                let children = Self::each(parts, context, memory);
                let holds = children.iter().any(|child| child.holds);
                Self::group(Kind::Or, children, holds)
            }
            Node::Not(part) => {
                let child = Self::part(part, context, memory);
                let holds = !child.holds;
                Self::group(Kind::Not, vec![child], holds)
            }
            Node::Macro { name, span, condition } => {
                let child = Self::part(condition, context, memory);
                let holds = child.holds;
                let text = safe(name);
                let group = Self::group(Kind::Macro, vec![child], holds);
                Self { short: text.clone(), text, span: *span, ..group }
            }
            Node::Check(leaf) => Self::check(leaf, context, memory),
        }
    }

    fn each(parts: &[Node], context: &Context<'_>, memory: &mut Memory) -> Vec<Self> {
        parts.iter().map(|part| Self::part(part, context, memory)).collect()
    }

    fn group(kind: Kind, children: Vec<Self>, holds: bool) -> Self {
        Self {
            kind,
            text: String::new(),
            short: String::new(),
            span: children.first().map(|child| child.span).unwrap_or_default(),
            holds,
            decides: false,
            values: Vec::new(),
            children,
        }
    }

    fn check(leaf: &Leaf, context: &Context<'_>, memory: &mut Memory) -> Self {
        Self {
            kind: Kind::Check,
            text: safe(&leaf.check.to_string()),
            short: draw::check(&leaf.check, draw::FEW),
            span: leaf.check.span,
            holds: leaf.holds(context, memory),
            decides: false,
            values: leaf.asked.iter().map(|asked| asked.shown(context, memory)).collect(),
            children: Vec::new(),
        }
    }

    /// A part of something that decides does so too if it pulled in the direction of the result:
    /// the false parts of an `and` that is false, all parts of one that is true.
    fn mark_deciding(&mut self) {
        self.decides = true;
        let (kind, holds) = (self.kind, self.holds);
        for child in &mut self.children {
            if kind == Kind::Not || child.holds == holds {
                child.mark_deciding();
            }
        }
    }
}
