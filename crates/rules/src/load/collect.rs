//! From items to definitions: what an item defines anew, adds to or changes.
//!
//! Each definition has an index, by when its name was first defined, and a visibility, by when it
//! was last touched. They matter for macros only: a macro sees those whose index is below its
//! visibility.

use std::collections::{HashMap, HashSet};

use super::{
    SYSCALL,
    exceptions::{Exception, Known},
    found::Found,
    item::{Change, ListItem, MacroItem, Mode, Named, Parsed, Parts, RuleItem},
    problem::{Code, Item},
    read::Outcome,
    text::Text,
    version::{OURS, Version},
};
use crate::filter::{Diagnostic, Span};

/// Definitions in the order of their indexes.
#[derive(Debug)]
pub(super) struct Indexed<T> {
    pub all: Vec<Defined<T>>,
    by_name: HashMap<String, usize>,
}

#[derive(Debug)]
pub(super) struct Defined<T> {
    pub index: usize,
    pub visibility: usize,
    pub value: T,
}

impl<T> Default for Indexed<T> {
    fn default() -> Self {
        Self { all: Vec::new(), by_name: HashMap::new() }
    }
}

impl<T> Indexed<T> {
    /// Where the definition of this name is.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    fn get_mut(&mut self, name: &str) -> Option<&mut Defined<T>> {
        let at = self.find(name)?;
        self.all.get_mut(at)
    }

    fn define(&mut self, name: &str, value: T, now: usize) {
        match self.get_mut(name) {
            Some(before) => {
                before.value = value;
                before.visibility = now;
            }
            None => {
                self.by_name.insert(name.to_owned(), self.all.len());
                self.all.push(Defined { index: now, visibility: now, value });
            }
        }
    }
}

/// Everything that items have defined so far.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub lists: Indexed<ListItem>,
    pub macros: Indexed<MacroItem>,
    pub rules: Indexed<RuleItem>,
    /// Lists, macros and rules whose items were wrong: nobody is to be told that they are missing.
    pub broken: HashSet<(&'static str, String)>,
    /// Whether a file could not be read, so that nothing can be said to be missing.
    pub misses_a_file: bool,
    now: usize,
}

impl Collected {
    pub(super) fn add(&mut self, outcome: Outcome, found: &mut Found) {
        match outcome {
            Outcome::Read(parsed) => self.item(parsed, found),
            Outcome::Damaged(item, parsed) => {
                self.broken.insert((item.kind, item.name));
                self.item(parsed, found);
            }
            Outcome::Broken(item) => {
                self.broken.insert((item.kind, item.name));
            }
            Outcome::Nothing => {}
        }
    }

    fn item(&mut self, parsed: Parsed, found: &mut Found) {
        match parsed {
            Parsed::Engine(version, span) => engine(version, span, found),
            Parsed::List(list) => self.list(list, found),
            Parsed::Macro(item) => self.macro_(item, found),
            Parsed::Rule(rule) => self.rule(*rule, found),
            Parsed::Change(change) => self.change(*change, found),
            Parsed::Toggle(name, enabled) => match self.rules.get_mut(&name.text) {
                Some(rule) => rule.value.flags.enabled = enabled,
                None => self.missing("rule", &name, "has 'enabled' alone", found),
            },
        }
    }

    fn tick(&mut self) -> usize {
        self.now += 1;
        self.now - 1
    }

    fn list(&mut self, list: ListItem, found: &mut Found) {
        if list.mode == Mode::Define {
            let now = self.tick();
            self.lists.define(&list.name.text.clone(), list, now);
            return;
        }
        let now = self.now;
        match self.lists.get_mut(&list.name.text) {
            Some(before) => {
                before.value.items.extend(list.items);
                before.visibility = now;
                self.now += 1;
            }
            None => self.missing("list", &list.name, "adds to one", found),
        }
    }

    fn macro_(&mut self, item: MacroItem, found: &mut Found) {
        if item.mode == Mode::Define {
            let now = self.tick();
            self.macros.define(&item.name.text.clone(), item, now);
            return;
        }
        let now = self.now;
        match self.macros.get_mut(&item.name.text) {
            Some(before) => {
                joined(&mut before.value.condition, &item.condition);
                before.visibility = now;
                self.now += 1;
            }
            None => self.missing("macro", &item.name, "adds to one", found),
        }
    }

    fn rule(&mut self, mut rule: RuleItem, found: &mut Found) {
        if !self.same_source(&rule.name, &rule.source, found) {
            return;
        }
        let known = known_source(&rule.source);
        let mut is_sound = true;
        for exception in &mut rule.exceptions {
            is_sound &= given(exception, found) && exception.check(known, found);
        }
        if is_sound {
            let now = self.tick();
            self.rules.define(&rule.name.text.clone(), rule, now);
        } else {
            self.broken.insert(("rule", rule.name.text));
        }
    }

    fn change(&mut self, change: Change, found: &mut Found) {
        if !self.same_source(&change.name, &change.source, found) {
            return;
        }
        for (parts, is_added) in [(change.append, true), (change.replace, false)] {
            let Some(parts) = parts else { continue };
            let does = if is_added { "adds to one" } else { "changes one" };
            let now = self.now;
            let Some(before) = self.rules.get_mut(&change.name.text) else {
                self.missing("rule", &change.name, does, found);
                return;
            };
            if parts.is_empty() {
                let message = format!("rule '{}' adds nothing", change.name.text);
                let error = Diagnostic::new(change.name.span, message)
                    .hint("give it a condition or exceptions");
                found.push(Code::Validate, &item("rule", &change.name.text), error);
                return;
            }
            let is_sound = if is_added {
                append(&mut before.value, parts, found)
            } else {
                replace(&mut before.value, parts, found)
            };
            before.visibility = now;
            self.now += 1;
            if !is_sound {
                self.broken.insert(("rule", change.name.text.clone()));
            }
        }
    }

    fn same_source(&self, name: &Named, source: &str, found: &mut Found) -> bool {
        let before = self.rules.find(&name.text).and_then(|at| self.rules.all.get(at));
        let Some(before) = before.map(|rule| &rule.value.source) else { return true };
        if source.is_empty() || before == source {
            return true;
        }
        let message = format!("rule '{}' is for source '{before}', not '{source}'", name.text);
        let error = Diagnostic::new(name.span, message);
        found.push(Code::Validate, &item("rule", &name.text), error);
        false
    }

    fn missing(&self, kind: &'static str, name: &Named, does: &str, found: &mut Found) {
        if self.misses_a_file || self.broken.contains(&(kind, name.text.clone())) {
            return;
        }
        let message =
            format!("{kind} '{}' {does}, but there is none of this name before", name.text);
        let mut error = Diagnostic::new(name.span, message);
        error.hint = match kind {
            "list" => found.did_you_mean(&name.text, self.lists.names()),
            "macro" => found.did_you_mean(&name.text, self.macros.names()),
            _ => found.did_you_mean(&name.text, self.rules.names()),
        };
        found.push(Code::Validate, &item(kind, &name.text), error);
    }
}

/// Whether events of this source are known here.
pub(super) fn known_source(source: &str) -> Known {
    if source == SYSCALL { Known::Source } else { Known::Nothing }
}

fn item(kind: &'static str, name: &str) -> Item {
    Item { kind, name: name.to_owned() }
}

fn engine(wanted: Version, span: Span, found: &mut Found) {
    if !OURS.serves(wanted) {
        let message =
            format!("these rules need version {wanted} of the rule language, this is {OURS}");
        let error = Diagnostic::new(span, message);
        found.push(Code::Validate, &item("required_engine_version", ""), error);
    }
}

fn joined(before: &mut Text, more: &Text) {
    before.push_between(" ");
    before.push(more);
}

/// Whether an exception says which fields it is about.
fn given(exception: &Exception, found: &mut Found) -> bool {
    let is_given = exception.fields.is_given();
    if !is_given {
        let message = format!("exception '{}' has no 'fields'", exception.name);
        exception.told(found, Diagnostic::new(exception.span, message));
    }
    is_given
}

fn append(rule: &mut RuleItem, parts: Parts, found: &mut Found) -> bool {
    let texts = [
        (&mut rule.condition, parts.condition),
        (&mut rule.output, parts.output),
        (&mut rule.desc, parts.desc),
    ];
    for (before, more) in texts {
        if let Some(more) = more {
            joined(before, &more);
        }
    }
    rule.tags.extend(parts.tags.unwrap_or_default());
    let mut is_sound = true;
    for exception in parts.exceptions.unwrap_or_default() {
        is_sound &= append_exception(rule, exception, found);
    }
    is_sound
}

fn append_exception(rule: &mut RuleItem, mut exception: Exception, found: &mut Found) -> bool {
    let same = rule.exceptions.iter_mut().find(|known| known.name == exception.name);
    let Some(known) = same else {
        if !given(&exception, found) {
            return false;
        }
        if exception.values.is_empty() {
            let message = format!("exception '{}' has no 'values'", exception.name);
            exception.told(found, Diagnostic::new(exception.span, message));
            return false;
        }
        let is_sound = exception.check(known_source(&rule.source), found);
        rule.exceptions.push(exception);
        return is_sound;
    };
    for (key, part) in [("fields", &exception.fields), ("comps", &exception.comps)] {
        if part.is_given() {
            let message = format!("exception '{}' has its '{key}' already", exception.name);
            let error = Diagnostic::new(exception.span, message).hint("give 'values' only");
            exception.told(found, error);
            return false;
        }
    }
    known.values.append(&mut exception.values);
    true
}

fn replace(rule: &mut RuleItem, parts: Parts, found: &mut Found) -> bool {
    fn set<T>(into: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *into = value;
        }
    }
    set(&mut rule.condition, parts.condition);
    set(&mut rule.output, parts.output);
    set(&mut rule.desc, parts.desc);
    set(&mut rule.tags, parts.tags);
    set(&mut rule.priority, parts.priority);
    set(&mut rule.capture_duration_ms, parts.capture_duration_ms);
    let flags = &mut rule.flags;
    set(&mut flags.capture, parts.capture);
    set(&mut flags.enabled, parts.enabled);
    set(&mut flags.warn_evttypes, parts.warn_evttypes);
    set(&mut flags.skip_if_unknown_filter, parts.skip_if_unknown_filter);
    let Some(mut exceptions) = parts.exceptions else { return true };
    let known = known_source(&rule.source);
    let mut is_sound = true;
    for exception in &mut exceptions {
        is_sound &= given(exception, found) && exception.check(known, found);
    }
    rule.exceptions = exceptions;
    is_sound
}
