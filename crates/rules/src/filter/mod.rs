//! Conditions over fields: the language of Falco's rules, which is that of sysdig's filters too.
//!
//! [`Filter::compile`] goes all the way from text to something that can be asked about events:
//!
//! - `lex`, [`parse`], [`ast`]: text to tree; [`error`]: what is wrong, where, and how to mend it.
//! - `check`, `typing`, `constant`, `transform`: names to fields, types against operators, constants as the
//!   field's type wants them.
//! - `compile`: tree to a flat program; `matcher`: sets, searchers, automata, prepared once.
//! - `operand`, `eval`: the program on an event, without allocation.
//!
//! A comparison whose field has no value is false, whatever the operator, also `!=`.

pub mod ast;
mod check;
mod compile;
mod constant;
pub mod error;
mod escape;
mod eval;
mod lex;
mod matcher;
mod operand;
pub mod parse;
mod services;
mod transform;
mod typing;

use std::fmt;

use event::EventType;
use state::Context;

pub(crate) use {
    check::{Checker, Test},
    matcher::{Key, Rolling, Side, automaton},
    operand::Source,
};
pub use {
    error::{Diagnostic, Report, Span},
    eval::Memory,
    transform::Transformer,
};

/// A compiled condition. Prints as its program, the same on every machine.
///
/// ```
/// use rules::filter::Filter;
/// let filter = Filter::compile("proc.name = bash and evt.type in (open, openat)")?;
/// assert!(Filter::compile("proc.nme = bash").is_err());
/// # Ok::<(), rules::filter::Report>(())
/// ```
#[derive(Clone, Debug)]
pub struct Filter {
    program: compile::Program,
    warnings: Vec<Diagnostic>,
}

impl Filter {
    /// Compiles the text of a condition, in which no macros are known.
    ///
    /// # Errors
    /// Everything that is wrong with it; messages call the text `filter`.
    pub fn compile(source: &str) -> Result<Self, Report> {
        let report = |errors| Report::new("filter", source, errors);
        let expr = parse::parse(source).map_err(report)?;
        Self::of_tree(&expr).map_err(report)
    }

    /// Compiles a tree, whose macros must have been resolved.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn of_tree(expr: &ast::Expr) -> Result<Self, Vec<Diagnostic>> {
        let mut checker = check::Checker::default();
        let program = compile::compile(expr, &mut checker);
        if checker.errors.is_empty() {
            Ok(Self { program, warnings: checker.warnings })
        } else {
            Err(checker.errors)
        }
    }

    /// Whether the event matches.
    pub fn matches(&self, context: &Context<'_>, memory: &mut Memory) -> bool {
        self.program.matches(context, memory)
    }

    /// Whether events of this type can match at all; if not, they need not be looked at.
    pub fn may_match(&self, kind: EventType) -> bool {
        self.program.types.contains(kind)
    }

    /// What is doubtful about the filter.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }
}

/// Whether a shell pattern (`*`, `?`, `[a-z]`) matches a text as a whole, letters of either case.
pub fn matches_glob(pattern: &str, text: &str) -> bool {
    matcher::glob(pattern.as_bytes(), text.as_bytes(), matcher::Case::Folded)
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.program.fmt(f)
    }
}

/// Checks a field or a transformer that stands alone.
pub(crate) fn check_operand(operand: &ast::Operand) -> Result<Source, Vec<Diagnostic>> {
    let mut checker = check::Checker::default();
    checker.operand(operand).map_err(|error| {
        checker.errors.push(error);
        checker.errors
    })
}
