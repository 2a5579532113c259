//! What one item of a rule file says, typed, each part with its place; nothing looked up yet.

use std::collections::BTreeSet;

use event::alert::Priority;

use super::{exceptions::Exception, text::Text, version::Version};
use crate::filter::Span;

/// An item of a rule file.
#[derive(Debug)]
pub(super) enum Parsed {
    /// `required_engine_version`.
    Engine(Version, Span),
    /// `list`.
    List(ListItem),
    /// `macro`.
    Macro(MacroItem),
    /// `rule`, whole.
    Rule(Box<RuleItem>),
    /// `rule`, to be added to or changed.
    Change(Box<Change>),
    /// `rule` with nothing but `enabled`.
    Toggle(Named, bool),
}

/// A name and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub text: String,
    pub span: Span,
}

/// Whether a definition is one of its own or adds to that before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    Define,
    Append,
}

#[derive(Debug)]
pub(super) struct ListItem {
    pub name: Named,
    pub items: Vec<Named>,
    pub mode: Mode,
}

#[derive(Debug)]
pub(super) struct MacroItem {
    pub name: Named,
    pub condition: Text,
    pub mode: Mode,
}

/// A rule as one item defines it, or as several have made it.
#[derive(Clone, Debug)]
pub(super) struct RuleItem {
    pub name: Named,
    pub desc: Text,
    pub condition: Text,
    pub output: Text,
    pub priority: (Priority, Span),
    pub source: String,
    pub tags: BTreeSet<Box<str>>,
    pub exceptions: Vec<Exception>,
    pub flags: Flags,
    pub capture_duration_ms: u32,
}

/// What is on or off about a rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flags {
    pub enabled: bool,
    pub capture: bool,
    pub warn_evttypes: bool,
    pub skip_if_unknown_filter: bool,
}

impl Default for Flags {
    fn default() -> Self {
        Self { enabled: true, capture: false, warn_evttypes: true, skip_if_unknown_filter: false }
    }
}

/// What an item adds to a rule, then what it replaces.
#[derive(Debug)]
pub(super) struct Change {
    pub name: Named,
    pub source: String,
    pub append: Option<Parts>,
    pub replace: Option<Parts>,
}

/// Parts of a rule.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub condition: Option<Text>,
    pub output: Option<Text>,
    pub desc: Option<Text>,
    pub tags: Option<BTreeSet<Box<str>>>,
    pub exceptions: Option<Vec<Exception>>,
    pub priority: Option<(Priority, Span)>,
    pub capture: Option<bool>,
    pub capture_duration_ms: Option<u32>,
    pub enabled: Option<bool>,
    pub warn_evttypes: Option<bool>,
    pub skip_if_unknown_filter: Option<bool>,
}

impl Parts {
    pub(super) fn is_empty(&self) -> bool {
        self.condition.is_none()
            && self.output.is_none()
            && self.desc.is_none()
            && self.tags.is_none()
            && self.exceptions.is_none()
            && self.priority.is_none()
            && self.capture.is_none()
            && self.capture_duration_ms.is_none()
            && self.enabled.is_none()
            && self.warn_evttypes.is_none()
            && self.skip_if_unknown_filter.is_none()
    }
}
