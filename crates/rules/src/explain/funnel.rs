//! How many events each part of a condition lets through.

use state::Context;

use super::{draw, tree::Node};
use crate::filter::{Checker, Diagnostic, Memory, ast::Expr};

/// The parts that all have to hold, and how they did on some events.
#[derive(Clone, Debug)]
pub struct Funnel {
    steps: Vec<(Node, Step)>,
}

/// One of the parts that all have to hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The part on one line, macros by name, lists shortened.
    pub text: String,
    /// Events for which all parts before this one held.
    pub reached: u64,
    /// Those of them for which this one held too.
    pub passed: u64,
    /// Events for which it held, whatever the others did.
    pub held: u64,
}

impl Funnel {
    /// Prepares a condition, whose macros must have been resolved.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn of(expr: &Expr) -> Result<Self, Vec<Diagnostic>> {
        let mut checker = Checker::default();
        let mut steps = Vec::new();
        for part in conjuncts(expr) {
            let text = draw::shortened(part, draw::FEW);
            if let Some(node) = Node::of(part, &mut checker) {
                steps.push((node, Step { text, reached: 0, passed: 0, held: 0 }));
            }
        }
        if checker.errors.is_empty() { Ok(Self { steps }) } else { Err(checker.errors) }
    }

    /// Counts an event.
    pub fn event(&mut self, context: &Context<'_>, memory: &mut Memory) {
        let mut so_far = true;
        for (node, step) in &mut self.steps {
            let holds = node.holds(context, memory);
            step.held += u64::from(holds);
            step.reached += u64::from(so_far);
            so_far &= holds;
            step.passed += u64::from(so_far);
        }
    }

    /// The parts as they are written.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().map(|(_, step)| step)
    }
}

/// The parts of nested `and`s, in order.
fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::And(parts) => parts.iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}
