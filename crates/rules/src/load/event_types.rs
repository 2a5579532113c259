//! Which types of events a condition can be true for, counted as Falco counts them, to warn of
//! rules that look at nearly all events.

use std::collections::HashMap;

use event::{EventType, syscalls};

use crate::filter::{
    Diagnostic,
    ast::{Check, Expr, Literal, Operand, Operator, Right},
};

/// Conditions with more types than that are slow.
pub(super) const MANY: usize = 100;

/// A set of event types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Types([u64; 8]);

impl Types {
    const NONE: Self = Self([0; 8]);

    fn all() -> Self {
        EventType::all().fold(Self::NONE, Self::with)
    }

    fn with(mut self, kind: EventType) -> Self {
        if let Some(word) = self.0.get_mut(usize::from(kind.number() / 64)) {
            *word |= 1 << (kind.number() % 64);
        }
        self
    }

    fn join(self, other: Self, join: impl Fn(u64, u64) -> u64) -> Self {
        let mut joined = self;
        joined.0.iter_mut().zip(other.0).for_each(|(a, b)| *a = join(*a, b));
        joined
    }

    fn inverse(self) -> Self {
        Self::all().join(self, |all, these| all & !these)
    }

    pub(super) fn len(self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }
}

/// The event types of each name.
pub(super) struct Names {
    types: HashMap<&'static str, Types>,
    all: Types,
}

impl Default for Names {
    fn default() -> Self {
        let mut types = HashMap::new();
        for kind in EventType::all().filter(|kind| kind.number() > 1) {
            let types = types.entry(kind.info().name).or_insert(Types::NONE);
            *types = types.with(kind);
        }
        let generic = [syscalls::GENERIC_E, syscalls::GENERIC_X];
        let generic = generic.into_iter().fold(Types::NONE, Types::with);
        for name in syscalls::SYSCALL_NAMES {
            types.entry(name).or_insert(generic);
        }
        Self { types, all: Types::all() }
    }
}

impl Names {
    /// The types for which `expr` (or its contrary, if `negated`) can be true.
    ///
    /// # Errors
    /// `evt.type` within a transformer, or compared with a field: what cannot be said of it.
    pub(super) fn of(&self, expr: &Expr, negated: bool) -> Result<Types, Diagnostic> {
        match expr {
            Expr::And(children) => self.of_children(children, negated, !negated),
            Expr::Or(children) => self.of_children(children, negated, negated),
            Expr::Not(child) => self.of(child, !negated),
            Expr::Macro(_, Some(condition)) => self.of(condition, negated),
            Expr::Macro(_, None) => Ok(self.all),
            Expr::Check(check) => self.of_check(check, negated),
        }
    }

    fn of_children(
        &self,
        children: &[Expr],
        negated: bool,
        all_of_them: bool,
    ) -> Result<Types, Diagnostic> {
        let mut types = if all_of_them { self.all } else { Types::NONE };
        for child in children {
            let of_child = self.of(child, negated)?;
            types = types.join(of_child, |a, b| if all_of_them { a & b } else { a | b });
        }
        Ok(types)
    }

    fn of_check(&self, check: &Check, negated: bool) -> Result<Types, Diagnostic> {
        let compares = matches!(check.op, Operator::Eq | Operator::Ne | Operator::In)
            && check.quantifier.is_none();
        if compares || check.op == Operator::Exists {
            transformed(&check.left)?;
        }
        if !is_event_type(&check.left) {
            return Ok(self.all);
        }
        if check.op == Operator::Exists {
            return Ok(if negated { Types::NONE } else { self.all });
        }
        let named = match &check.right {
            _ if !compares => return Ok(self.all),
            Right::Literal(literal) => self.named(std::slice::from_ref(literal)),
            Right::List(literals) => self.named(literals),
            Right::Operand(operand) => {
                let message = "a rule cannot compare the event type with another field";
                return Err(Diagnostic::new(operand.span(), message));
            }
            Right::Nothing => return Ok(self.all),
        };
        let inverted = negated != (check.op == Operator::Ne);
        Ok(if inverted { named.inverse() } else { named })
    }

    fn named(&self, literals: &[Literal]) -> Types {
        let types = literals.iter().filter_map(|literal| self.types.get(&*literal.text()));
        types.fold(Types::NONE, |all, these| all.join(*these, |a, b| a | b))
    }
}

fn is_event_type(operand: &Operand) -> bool {
    matches!(operand, Operand::Field { name, argument: None }
        if name.text == "evt.type" || name.text == "syscall.type")
}

/// Refuses event types within a transformer.
fn transformed(operand: &Operand) -> Result<(), Diagnostic> {
    let Operand::Transform { args, .. } = operand else { return Ok(()) };
    for arg in args {
        if is_event_type(arg) {
            let message = "a rule cannot transform the event type";
            let error = Diagnostic::new(arg.span(), message);
            return Err(error.hint("compare it with names: evt.type in (open, openat)"));
        }
        transformed(arg)?;
    }
    Ok(())
}
