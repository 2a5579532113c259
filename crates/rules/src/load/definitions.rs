//! What rule files define, when everything in them has been resolved.

use std::sync::Arc;

use event::alert::Priority;

use super::source::Sources;
use crate::{
    filter::{Span, ast::Expr},
    format::Format,
};

/// Everything that some rule files define.
#[derive(Clone, Debug)]
pub struct Definitions {
    /// The files.
    pub sources: Arc<Sources>,
    /// Rules in load order: where each was first defined.
    pub rules: Vec<Rule>,
    /// Macros in load order.
    pub macros: Vec<Macro>,
    /// Lists in load order.
    pub lists: Vec<List>,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name, unique.
    pub name: Arc<str>,
    /// What it detects, for people.
    pub desc: String,
    /// Its condition as text: appended parts and exceptions included, macros and lists by name.
    pub condition_text: String,
    /// Its condition, lists drawn in, macros resolved ([`Expr::Macro`] holds their conditions),
    /// everything with its place in the files. A rule for another source has an empty one if it
    /// cannot be parsed.
    pub condition: Expr,
    /// Names of the lists that its own condition draws in.
    pub lists: Vec<Arc<str>>,
    /// Its output as text, as written.
    pub output_text: String,
    /// Its output; `None` if the rule is not active.
    pub output: Option<Format>,
    /// How bad a match is.
    pub priority: Priority,
    /// The source of events that it is for.
    pub source: Arc<str>,
    /// Sorted.
    pub tags: Arc<[Box<str>]>,
    /// Whether it takes part unless somebody says otherwise.
    pub enabled: bool,
    /// Whether a match asks for a recording.
    pub capture: bool,
    /// For how long, ms; 0 if not given.
    pub capture_duration_ms: u32,
    /// Whether to warn when it looks at most types of events.
    pub warn_evttypes: bool,
    /// Its exceptions, in order; they are part of its condition.
    pub exceptions: Vec<Exception>,
    /// Whether it can match anything here.
    pub status: Status,
    /// Place of its name, where it was last defined whole.
    pub span: Span,
    /// Places of its other parts.
    pub places: Places,
}

/// Where the parts of a rule begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Places {
    /// The first line of its description.
    pub desc: Span,
    /// The first line of its condition.
    pub condition: Span,
    /// The first line of its output.
    pub output: Span,
    /// Its priority.
    pub priority: Span,
}

/// What a rule leaves out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exception {
    /// Its name.
    pub name: String,
    /// The fields that are compared.
    pub fields: Vec<String>,
    /// How each is compared.
    pub comps: Vec<String>,
    /// What they are compared with: for one field a text each, for several a list each (values
    /// that are lists themselves are left empty).
    pub values: Vec<Vec<String>>,
    /// Place of its name.
    pub span: Span,
}

impl Rule {
    /// Whether it takes part: active and enabled.
    pub fn is_on(&self) -> bool {
        self.enabled && self.status == Status::Active
    }
}

/// Whether a rule can match anything here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// It can.
    Active,
    /// It is for a source of events that is not there: `k8s_audit`.
    UnknownSource,
    /// It names an unknown field or event type, and said to be skipped then.
    UnknownFilter,
}

/// A macro.
#[derive(Clone, Debug)]
pub struct Macro {
    /// Its name.
    pub name: Arc<str>,
    /// Its condition as text: appended parts included, macros and lists by name.
    pub condition_text: String,
    /// Its condition, resolved.
    pub condition: Arc<Expr>,
    /// Names of the lists that its own condition draws in.
    pub lists: Vec<Arc<str>>,
    /// Whether any rule or macro uses it.
    pub used: bool,
    /// Place of its name.
    pub span: Span,
}

/// A list.
#[derive(Clone, Debug)]
pub struct List {
    /// Its name.
    pub name: Arc<str>,
    /// Its items, those of the lists in it included.
    pub items: Vec<String>,
    /// Whether any rule, macro or list uses it.
    pub used: bool,
    /// Place of its name.
    pub span: Span,
}
