//! From the tree to a program: a list of tests, each with the place to go on at if it passes and if
//! it does not. `not` only swaps the two; nothing is evaluated that cannot matter any more.

use std::fmt;

use event::{EventType, syscalls};

use super::{
    ast::Expr,
    check::{Checker, How, Reach, Test},
    operand::Source,
};
use crate::{fields::FieldTraits, value::Value};

/// Where a program goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Goto {
    /// The event matches.
    Accept,
    /// The event does not match.
    Reject,
    /// At this operation.
    Op(u32),
}

/// One operation: a test and where it leads.
#[derive(Clone, Debug)]
pub(super) struct Op {
    pub test: Test,
    pub pass: Goto,
    pub fail: Goto,
    /// The test as a filter's text.
    text: Box<str>,
}

/// A compiled condition. Prints as its operations, one a line.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub ops: Vec<Op>,
    pub types: TypeSet,
    pub levels: usize,
}

/// Compiles a condition whose macros are all resolved. Mistakes are left in `checker`; then the
/// result is of no use.
pub(super) fn compile(expr: &Expr, checker: &mut Checker) -> Program {
    let mut compiler = Compiler { checker, backwards: Vec::new() };
    let sets = compiler.expr(expr, Goto::Accept, Goto::Reject);
    let mut ops = compiler.backwards;
    let count = ops.len() as u32;
    ops.reverse();
    for op in &mut ops {
        op.pass = op.pass.counted_forward(count);
        op.fail = op.fail.counted_forward(count);
    }
    let levels = ops.iter().map(|op| op.test.levels()).max().unwrap_or(0);
    Program { ops, types: sets.may_pass, levels }
}

impl Goto {
    fn counted_forward(self, count: u32) -> Self {
        match self {
            Self::Op(from_the_back) => Self::Op(count - 1 - from_the_back),
            end => end,
        }
    }
}

struct Compiler<'c> {
    checker: &'c mut Checker,
    /// The operations from the last to the first, so that where one leads is known when it is
    /// made. Places count from the back too.
    backwards: Vec<Op>,
}

impl Compiler<'_> {
    fn expr(&mut self, expr: &Expr, pass: Goto, fail: Goto) -> Sets {
        match expr {
            Expr::Not(child) => self.expr(child, fail, pass).swapped(),
            Expr::And(children) => {
                let mut next = pass;
                let mut sets = Sets { may_pass: TypeSet::ALL, may_fail: TypeSet::NONE };
                for child in children.iter().rev() {
                    let of_child = self.expr(child, next, fail);
                    sets.may_pass = sets.may_pass.and(of_child.may_pass);
                    sets.may_fail = sets.may_fail.or(of_child.may_fail);
                    next = self.last();
                }
                sets
            }
            Expr::Or(children) => {
                let mut next = fail;
                let mut sets = Sets { may_pass: TypeSet::NONE, may_fail: TypeSet::ALL };
                for child in children.iter().rev() {
                    let of_child = self.expr(child, pass, next);
                    sets.may_pass = sets.may_pass.or(of_child.may_pass);
                    sets.may_fail = sets.may_fail.and(of_child.may_fail);
                    next = self.last();
                }
                sets
            }
            Expr::Macro(_, Some(condition)) => self.expr(condition, pass, fail),
            Expr::Macro(name, None) => {
                self.checker.unknown_macro(name);
                Sets::ANY
            }
            Expr::Check(check) => {
                let Some(test) = self.checker.test(check) else { return Sets::ANY };
                let sets = Sets::of(&test);
                let text = check.to_string().into();
                self.backwards.push(Op { test, pass, fail, text });
                sets
            }
        }
    }

    fn last(&self) -> Goto {
        Goto::Op((self.backwards.len() as u32).saturating_sub(1))
    }
}

/// A set of event types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TypeSet([u64; 8]);

impl TypeSet {
    const NONE: Self = Self([0; 8]);
    const ALL: Self = Self([u64::MAX; 8]);

    fn of(holds: impl Fn(EventType) -> bool) -> Self {
        let mut set = Self::NONE;
        for kind in EventType::all().filter(|&kind| holds(kind)) {
            set.0[usize::from(kind.number() / 64)] |= 1 << (kind.number() % 64);
        }
        set
    }

    pub(super) fn contains(self, kind: EventType) -> bool {
        let word = self.0.get(usize::from(kind.number() / 64)).copied().unwrap_or(0);
        word >> (kind.number() % 64) & 1 == 1
    }

    fn and(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a &= b);
        self
    }

    fn or(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a |= b);
        self
    }

    /// How many types of the schema are in it.
    pub(super) fn len(self) -> usize {
        EventType::all().filter(|&kind| self.contains(kind)).count()
    }
}

/// Which event types may pass a condition, and which may fail it.
#[derive(Clone, Copy)]
struct Sets {
    may_pass: TypeSet,
    may_fail: TypeSet,
}

impl Sets {
    const ANY: Self = Self { may_pass: TypeSet::ALL, may_fail: TypeSet::ALL };

    fn swapped(self) -> Self {
        Self { may_pass: self.may_fail, may_fail: self.may_pass }
    }

    fn of(test: &Test) -> Self {
        if !test.is_of_type() {
            return Self::ANY;
        }
        Self {
            may_pass: TypeSet::of(|kind| test.of_type(kind) != Some(false)),
            may_fail: TypeSet::of(|kind| test.of_type(kind) != Some(true)),
        }
    }
}

/// Whether the name of such events stands in the event rather than in the schema.
fn names_itself(kind: EventType) -> bool {
    kind == syscalls::GENERIC_X || kind == syscalls::ASYNCEVENT_E
}

impl Test {
    /// Whether the event's type alone decides it, for most types: a test of `evt.type`.
    pub(crate) fn is_of_type(&self) -> bool {
        match (&self.left, &self.how) {
            (Source::Field(field), How::Match(_)) => {
                field.field.traits.contains(FieldTraits::EVENT_TYPE) && self.reach == Reach::One
            }
            _ => false,
        }
    }

    /// Whether events of this type pass, if that is all that decides it.
    pub(super) fn of_type(&self, kind: EventType) -> Option<bool> {
        if names_itself(kind) { None } else { self.of_name(kind.info().name) }
    }

    /// Whether events of this name pass, if that is all that decides it.
    pub(crate) fn of_name(&self, name: &str) -> Option<bool> {
        match &self.how {
            How::Match(matcher) if self.is_of_type() => {
                Some(matcher.matches(Value::Text(name.as_bytes())))
            }
            _ => None,
        }
    }

    pub(crate) fn levels(&self) -> usize {
        self.left.levels()
            + match &self.how {
                How::Against(_, right) => right.levels(),
                How::Exists | How::Match(_) => 0,
            }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types = self.types.len();
        if types < event::schema::EVENT_TYPES {
            writeln!(f, "only {types} event types")?;
        }
        for (at, op) in self.ops.iter().enumerate() {
            writeln!(f, "{at}: {}  pass {}  fail {}", op.text, op.pass, op.fail)?;
        }
        Ok(())
    }
}

impl fmt::Display for Goto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept => f.write_str("accept"),
            Self::Reject => f.write_str("reject"),
            Self::Op(at) => write!(f, "{at}"),
        }
    }
}
