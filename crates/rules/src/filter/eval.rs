//! Runs a program on an event.

use std::ops::ControlFlow;

use state::Context;

use super::{
    check::{How, Reach, Test},
    compile::{Goto, Program},
    matcher::{Key, compare},
    operand::Source,
};
use crate::{
    fields::{FieldTraits, Scratch},
    value::Value,
};

/// Reusable memory for evaluation. One serves any number of filters, one after the other; it grows
/// to what the deepest of them needs and then allocates no more.
#[derive(Debug, Default)]
pub struct Memory {
    levels: Vec<Scratch>,
}

impl Memory {
    /// At least this many levels.
    pub(crate) fn levels(&mut self, count: usize) -> &mut [Scratch] {
        if self.levels.len() < count {
            self.levels.resize_with(count, Scratch::default);
        }
        &mut self.levels
    }
}

impl Program {
    pub(super) fn matches(&self, context: &Context<'_>, memory: &mut Memory) -> bool {
        if !self.types.contains(context.event.kind) {
            return false;
        }
        let scratch = memory.levels(self.levels);
        let mut at = 0;
        // Every jump goes forward, so this ends.
        while let Some(op) = self.ops.get(at as usize) {
            match if op.test.passes(context, scratch) { op.pass } else { op.fail } {
                Goto::Accept => return true,
                Goto::Reject => return false,
                Goto::Op(next) => at = next,
            }
        }
        false
    }
}

impl Test {
    /// Keys of which at least one must fit one of the values that [`Test::each_value`] hands over
    /// if the test is to pass; `None` if there are no such, or if they would tell too little.
    pub(crate) fn keys(&self) -> Option<Vec<Key>> {
        let has_few_values = matches!(
            &self.left,
            Source::Field(field) if field.field.traits.contains(FieldTraits::FEW_VALUES)
        );
        match (&self.how, self.reach) {
            _ if has_few_values => None,
            (How::Match(matcher), Reach::One | Reach::Any) => matcher.keys(),
            _ => None,
        }
    }

    /// Whether, of a known file, its [names](crate::fields::FileNames) alone decide if it passes.
    pub(crate) fn is_of_file(&self) -> bool {
        !matches!(self.how, How::Against(..)) && self.left.is_of_file()
    }

    /// Hands over the values of the left side that the test looks at.
    #[inline]
    pub(crate) fn each_value(
        &self,
        context: &Context<'_>,
        scratch: &mut [Scratch],
        mut receive: impl FnMut(Value<'_>),
    ) {
        if self.reach == Reach::One {
            if let Some(value) = self.left.value(context, scratch) {
                receive(value);
            }
            return;
        }
        self.left.each(context, scratch, &mut |value| {
            receive(value);
            ControlFlow::Continue(())
        });
    }

    #[inline]
    pub(crate) fn passes(&self, context: &Context<'_>, scratch: &mut [Scratch]) -> bool {
        match (&self.how, self.reach) {
            (How::Match(matcher), Reach::One) => {
                self.left.value(context, scratch).is_some_and(|value| matcher.matches(value))
            }
            _ => self.passes_otherwise(context, scratch),
        }
    }

    /// [`Test::passes`] for the tests that are rarer than one of one value against constants.
    #[inline(never)]
    fn passes_otherwise(&self, context: &Context<'_>, scratch: &mut [Scratch]) -> bool {
        match (&self.how, self.reach) {
            (How::Exists, Reach::One) => self.left.value(context, scratch).is_some(),
            (How::Exists, _) => {
                self.left.each(context, scratch, &mut |_| ControlFlow::Continue(()))
            }
            (How::Match(matcher), reach) => {
                let mut passed = false;
                let mut failed = false;
                let there = self.left.each(context, scratch, &mut |value| {
                    let passes = matcher.matches(value);
                    passed |= passes;
                    failed |= !passes;
                    let decided = if reach == Reach::Any { passed } else { failed };
                    if decided { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                });
                there
                    && match reach {
                        Reach::One | Reach::Any => passed,
                        Reach::AllOfSome => passed && !failed,
                        Reach::All => !failed,
                    }
            }
            (How::Against(op, right), _) => {
                let (mine, others) = scratch.split_at_mut(self.left.levels().min(scratch.len()));
                match (self.left.value(context, mine), right.value(context, others)) {
                    (Some(left), Some(right)) => compare(*op, left, right),
                    _ => false,
                }
            }
        }
    }
}
