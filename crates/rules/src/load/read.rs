//! From a file's YAML to its items.

use std::collections::BTreeSet;

use event::alert::Priority;

use super::{
    exceptions::{self, Given},
    fields::{Fields, Need, start_of},
    found::Found,
    item::{Change, Flags, ListItem, MacroItem, Mode, Named, Parsed, Parts, RuleItem},
    problem::{Code, Item},
    source::Sources,
    version::{OURS, Version},
    yaml::{Node, Tree},
};
use crate::filter::{Diagnostic, Span};

const KINDS: [&str; 5] =
    ["required_engine_version", "required_plugin_versions", "list", "macro", "rule"];

const RULE_KEYS: [&str; 15] = [
    "rule",
    "condition",
    "output",
    "desc",
    "priority",
    "source",
    "enabled",
    "capture",
    "capture_duration",
    "warn_evttypes",
    "skip-if-unknown-filter",
    "tags",
    "exceptions",
    "override",
    "append",
];

/// Keys of a rule that can be added to.
const APPENDABLE: [&str; 5] = ["condition", "output", "desc", "tags", "exceptions"];

/// Keys of a rule that can be replaced.
const REPLACEABLE: [&str; 11] = [
    "condition",
    "output",
    "desc",
    "priority",
    "capture",
    "capture_duration",
    "tags",
    "exceptions",
    "enabled",
    "warn_evttypes",
    "skip-if-unknown-filter",
];

/// What became of an item.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was read.
    Read(Parsed),
    /// Part of it was wrong; the rest may be too.
    Damaged(Item, Parsed),
    /// It was wrong; what it would have defined is not to be missed.
    Broken(Item),
    /// It means nothing, or nothing more.
    Nothing,
}

/// Reads all items of a tree in order.
pub(super) fn items(tree: &Tree<'_>, sources: &Sources, found: &mut Found) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for document in tree.documents().filter(|document| !document.is_null()) {
        match document.sequence() {
            Some(nodes) => outcomes.extend(
                nodes.filter(|node| !node.is_null()).map(|node| item(node, sources, found)),
            ),
            None => {
                let message =
                    format!("a rule file has to be a list of items, not {}", document.kind());
                let error = Diagnostic::new(first_line(document.span(), sources), message)
                    .hint("begin each rule, macro and list with '- '");
                let item = Item { kind: "rules content", name: String::new() };
                found.push(Code::YamlValidate, &item, error);
            }
        }
    }
    outcomes
}

fn first_line(span: Span, sources: &Sources) -> Span {
    let len = sources.text(span).and_then(|text| text.lines().next()).map_or(1, str::len);
    Span { end: span.start + len.max(1), ..span }
}

fn item(node: Node<'_>, sources: &Sources, found: &mut Found) -> Outcome {
    let kind = KINDS.into_iter().find(|kind| node.get(kind).is_some());
    let mut fields = Fields::new(node, kind.unwrap_or("rules content item"), sources, found);
    if node.mapping().is_none() {
        let message = format!("an item has to be a mapping, not {}", node.kind());
        fields.error(start_of(node), message);
        return Outcome::Nothing;
    }
    let parsed = match kind {
        Some("required_engine_version") => engine(&mut fields),
        Some("required_plugin_versions") => plugins(&mut fields),
        Some("list") => list(&mut fields).map(Parsed::List),
        Some("macro") => macro_(&mut fields).map(Parsed::Macro),
        Some(_) => rule(&mut fields),
        None => unknown(&mut fields),
    };
    match parsed {
        Some(parsed) if !fields.is_broken => Outcome::Read(parsed),
        Some(parsed @ Parsed::Rule(_)) => Outcome::Damaged(fields.item, parsed),
        _ if fields.is_broken => Outcome::Broken(fields.item),
        _ => Outcome::Nothing,
    }
}

fn unknown(fields: &mut Fields<'_, '_>) -> Option<Parsed> {
    let first = fields.node.mapping().and_then(|mut pairs| pairs.next()).map(|(key, _)| key);
    let key = first.and_then(Node::text).unwrap_or_default();
    let message = format!("an item of no known kind, which does nothing: '{key}'");
    let mut warning = Diagnostic::new(first.map_or(fields.head(), start_of), message);
    warning.hint = fields.found.did_you_mean(key, KINDS.into_iter());
    warning.hint.get_or_insert_with(|| format!("an item has one of the keys {}", KINDS.join(" ")));
    fields.warn(Code::UnknownItem, warning);
    None
}

fn engine(fields: &mut Fields<'_, '_>) -> Option<Parsed> {
    let node = fields.scalar("required_engine_version", Need::Required)?;
    let text = node.text()?;
    let Some(version) = Version::parse(text) else {
        let message = format!("'{text}' is not a version");
        let error =
            Diagnostic::new(node.span(), message).hint(format!("write {OURS}, for example"));
        fields.wrong(error);
        return None;
    };
    fields.known_keys(&["required_engine_version"]);
    Some(Parsed::Engine(version, node.span()))
}

/// There are no plugins here, so that none is too old: rules for sources of plugins stay inactive.
fn plugins(fields: &mut Fields<'_, '_>) -> Option<Parsed> {
    let value = fields.node.get("required_plugin_versions")?;
    let Some(nodes) = value.sequence() else {
        let message = format!("'required_plugin_versions' has to be a list, not {}", value.kind());
        fields.error(start_of(value), message);
        return None;
    };
    for node in nodes {
        let mut names = BTreeSet::new();
        plugin(fields, node, &mut names);
        let Some(alternatives) = node.get("alternatives") else { continue };
        match alternatives.sequence() {
            Some(nodes) => nodes.for_each(|node| plugin(fields, node, &mut names)),
            None => {
                let message =
                    format!("'alternatives' has to be a list, not {}", alternatives.kind());
                fields.error(start_of(alternatives), message);
            }
        }
    }
    fields.known_keys(&["required_plugin_versions"]);
    None
}

fn plugin<'t>(fields: &mut Fields<'_, 't>, node: Node<'t>, names: &mut BTreeSet<String>) {
    if node.mapping().is_none() {
        fields.error(start_of(node), format!("a plugin has to be a mapping, not {}", node.kind()));
        return;
    }
    let mut entry = Fields::new(node, "required_plugin_versions", fields.sources, fields.found);
    let name = entry.name("name");
    let version = entry.scalar("version", Need::Required);
    entry.known_keys(&["name", "version", "alternatives"]);
    let mut wrong = None;
    if let (Some(name), Some(version)) = (name, version) {
        let text = version.text().unwrap_or_default();
        if Version::parse_whole(text).is_none() {
            let message = format!("'{text}' is not a version of plugin '{}'", name.text);
            wrong = Some(Diagnostic::new(version.span(), message).hint("write 0.1.0, for example"));
        } else if !names.insert(name.text.clone()) {
            let message = format!("plugin '{}' is there twice", name.text);
            wrong = Some(Diagnostic::new(name.span, message));
        }
    }
    if let Some(wrong) = wrong {
        entry.is_broken = true;
        entry.found.push(Code::Validate, &entry.item, wrong);
    }
    fields.is_broken |= entry.is_broken;
}

fn list(fields: &mut Fields<'_, '_>) -> Option<ListItem> {
    let name = fields.name("list")?;
    if !is_bare(&name.text) {
        let message = format!("'{}' is not a good name for a list", name.text);
        let warning = Diagnostic::new(name.span, message)
            .hint("leave out blanks, quotes, parentheses, commas and '='");
        fields.warn(Code::InvalidListName, warning);
    }
    let items = fields.scalars("items");
    let mode = mode(fields, "items");
    fields.known_keys(&["list", "items", "append", "override"]);
    Some(ListItem { name, items: items?, mode })
}

fn macro_(fields: &mut Fields<'_, '_>) -> Option<MacroItem> {
    let name = fields.name("macro")?;
    if !is_identifier(&name.text) {
        let message = format!("'{}' is not a good name for a macro", name.text);
        let warning = Diagnostic::new(name.span, message)
            .hint("begin with a letter; use letters, digits and '_'");
        fields.warn(Code::InvalidMacroName, warning);
    }
    let condition = fields.text("condition", Need::Required);
    let mode = mode(fields, "condition");
    fields.known_keys(&["macro", "condition", "append", "override"]);
    Some(MacroItem { name, condition: condition?, mode })
}

fn is_bare(name: &str) -> bool {
    !name.contains(|c: char| "()\"'=,".contains(c) || c.is_ascii_whitespace() || c == '\x0b')
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether a list or macro adds to the one before it.
fn mode(fields: &mut Fields<'_, '_>, key: &str) -> Mode {
    let append = append_flag(fields);
    let overrides = overrides(fields, &[key], &[key]);
    both_ways(fields, append, &overrides);
    if append || overrides.append.contains(key) { Mode::Append } else { Mode::Define }
}

fn append_flag(fields: &mut Fields<'_, '_>) -> bool {
    let append = fields.flag("append", Need::Optional).unwrap_or(false);
    if append {
        let span = fields.node.get("append").map_or(fields.head(), Node::span);
        let warning = Diagnostic::new(span, "'append' is deprecated")
            .hint("write 'override' with 'append' for each key, such as condition: append");
        fields.warn(Code::DeprecatedItem, warning);
    }
    append
}

fn both_ways(fields: &mut Fields<'_, '_>, append: bool, overrides: &Overrides) {
    if append && !overrides.is_empty() {
        let span = fields.node.get("append").map_or(fields.head(), Node::span);
        let error = Diagnostic::new(span, "'append' and 'override' don't go together")
            .hint("leave out 'append'");
        fields.wrong(error);
    }
}

/// Keys under `override`.
#[derive(Debug, Default)]
struct Overrides {
    append: BTreeSet<String>,
    replace: BTreeSet<String>,
}

impl Overrides {
    fn is_empty(&self) -> bool {
        self.append.is_empty() && self.replace.is_empty()
    }
}

fn overrides(fields: &mut Fields<'_, '_>, appendable: &[&str], replaceable: &[&str]) -> Overrides {
    let mut overrides = Overrides::default();
    let Some(node) = fields.node.get("override").filter(|node| !node.is_null()) else {
        return overrides;
    };
    let Some(pairs) = node.mapping() else {
        let message = format!("'override' has to be a mapping, not {}", node.kind());
        fields.wrong(
            Diagnostic::new(start_of(node), message).hint("write condition: append under it"),
        );
        return overrides;
    };
    for (key_node, value) in pairs {
        let key = key_node.text().unwrap_or_default();
        let (can_append, can_replace) = (appendable.contains(&key), replaceable.contains(&key));
        match value.text().unwrap_or_default() {
            "append" if can_append => {
                overrides.append.insert(key.to_owned());
            }
            "replace" if can_replace => {
                overrides.replace.insert(key.to_owned());
            }
            "append" | "replace" => {
                let what = value.text().unwrap_or_default();
                let error =
                    Diagnostic::new(key_node.span(), format!("'{key}' cannot take '{what}'"));
                fields.wrong(if can_replace {
                    error.hint(format!("write {key}: replace"))
                } else {
                    error.hint(format!("keys that can are {}", replaceable.join(" ")))
                });
            }
            other => {
                let error =
                    Diagnostic::new(start_of(value), format!("'{other}' is not an override"));
                fields.wrong(match (can_append, can_replace) {
                    (true, true) => error.hint(format!("write {key}: append or {key}: replace")),
                    (_, true) => error.hint(format!("write {key}: replace")),
                    _ => error.hint("write append or replace"),
                });
            }
        }
    }
    overrides
}

fn rule(fields: &mut Fields<'_, '_>) -> Option<Parsed> {
    let name = fields.name("rule")?;
    let source = fields.text("source", Need::MayBeEmpty);
    let source = source.map_or(String::new(), |source| source.as_str().to_owned());
    let append = append_flag(fields);
    let overrides = overrides(fields, &APPENDABLE, &REPLACEABLE);
    both_ways(fields, append, &overrides);
    let parsed = if fields.has("override") && fields.is_broken {
        None
    } else if !overrides.is_empty() {
        Some(Parsed::Change(Box::new(change(fields, name, source, &overrides))))
    } else if append {
        let parts = appended(fields);
        let change = Change { name, source, append: Some(parts), replace: None };
        Some(Parsed::Change(Box::new(change)))
    } else if ["condition", "output", "desc", "priority"].iter().any(|key| fields.has(key)) {
        whole(fields, name, source).map(|rule| Parsed::Rule(Box::new(rule)))
    } else {
        toggle(fields, name)
    };
    fields.known_keys(&RULE_KEYS);
    parsed
}

fn toggle(fields: &mut Fields<'_, '_>, name: Named) -> Option<Parsed> {
    if !fields.has("enabled") {
        let message = format!("rule '{}' has no 'condition'", name.text);
        let hint =
            "a rule has condition, desc, output and priority; to change another, write 'override'";
        fields.wrong(Diagnostic::new(name.span, message).hint(hint));
        return None;
    }
    let enabled = fields.flag("enabled", Need::Required)?;
    let span = fields.node.get("enabled").map_or(name.span, Node::span);
    let warning = Diagnostic::new(span, "'enabled' alone is deprecated")
        .hint("write 'override' with enabled: replace under it");
    fields.warn(Code::DeprecatedItem, warning);
    Some(Parsed::Toggle(name, enabled))
}

/// What `append: true` adds.
fn appended(fields: &mut Fields<'_, '_>) -> Parts {
    let condition = fields.text("condition", Need::Optional);
    let has_exceptions = fields.has("exceptions");
    let exceptions = has_exceptions.then(|| exceptions::read(fields, Given::Added));
    Parts { condition, exceptions, ..Parts::default() }
}

/// A rule as a whole. What is missing but its condition stays empty, so that the rest can be looked
/// at too.
fn whole(fields: &mut Fields<'_, '_>, name: Named, source: String) -> Option<RuleItem> {
    let condition = fields.text("condition", Need::Required);
    let output = fields.text("output", Need::Required);
    let desc = fields.text("desc", Need::Required);
    let no_priority = (Priority::Debug, fields.head());
    let priority = fields.priority().unwrap_or(no_priority);
    fields.scalar("source", Need::Optional);
    let default = Flags::default();
    let mut flag = |key, default| fields.flag(key, Need::Optional).unwrap_or(default);
    let flags = Flags {
        enabled: flag("enabled", default.enabled),
        capture: flag("capture", default.capture),
        warn_evttypes: flag("warn_evttypes", default.warn_evttypes),
        skip_if_unknown_filter: flag("skip-if-unknown-filter", default.skip_if_unknown_filter),
    };
    let capture_duration_ms = fields.number("capture_duration", Need::Optional).unwrap_or(0);
    let tags = fields.tags().unwrap_or_default();
    let exceptions = exceptions::read(fields, Given::Whole);
    Some(RuleItem {
        name,
        desc: desc.unwrap_or_default(),
        condition: condition?,
        output: output.unwrap_or_default().trimmed(),
        priority,
        source: if source.is_empty() { super::SYSCALL.to_owned() } else { source },
        tags,
        exceptions,
        flags,
        capture_duration_ms,
    })
}

fn change(
    fields: &mut Fields<'_, '_>,
    name: Named,
    source: String,
    overrides: &Overrides,
) -> Change {
    for (way, keys) in [("append", &overrides.append), ("replace", &overrides.replace)] {
        for key in keys.iter().filter(|key| !fields.has(key)).cloned().collect::<Vec<_>>() {
            let span = fields.node.get("override").and_then(|o| o.get(&key)).map(Node::span);
            let message = format!("'override' has {key}: {way}, but there is no '{key}'");
            fields.error(span.unwrap_or(name.span), message);
        }
    }
    without_override(fields, overrides);
    let append = &overrides.append;
    let replace = &overrides.replace;
    let added = (!append.is_empty()).then(|| parts(fields, append, Given::Added));
    let replaced = (!replace.is_empty()).then(|| parts(fields, replace, Given::Whole));
    Change { name, source, append: added, replace: replaced }
}

fn without_override(fields: &mut Fields<'_, '_>, overrides: &Overrides) {
    let Some(pairs) = fields.node.mapping() else { return };
    for (key, _) in pairs {
        let text = key.text().unwrap_or_default();
        let is_meant = overrides.append.contains(text) || overrides.replace.contains(text);
        if !is_meant && (APPENDABLE.contains(&text) || REPLACEABLE.contains(&text)) {
            let message = format!("'override' does not say what becomes of '{text}'");
            let error = Diagnostic::new(key.span(), message);
            fields.wrong(error.hint(format!("write {text}: replace under 'override'")));
        }
    }
}

/// The parts that `keys` name.
fn parts(fields: &mut Fields<'_, '_>, keys: &BTreeSet<String>, given: Given) -> Parts {
    let mut parts = Parts::default();
    // Missing ones have been told.
    for key in keys.iter().filter(|key| fields.has(key)).cloned().collect::<Vec<_>>() {
        let need = Need::Required;
        match key.as_str() {
            "condition" => parts.condition = fields.text(&key, need),
            "output" => parts.output = fields.text(&key, need),
            "desc" => parts.desc = fields.text(&key, need),
            "tags" => parts.tags = fields.tags(),
            "exceptions" => parts.exceptions = Some(exceptions::read(fields, given)),
            "priority" => parts.priority = fields.priority(),
            "capture" => parts.capture = fields.flag(&key, need),
            "capture_duration" => parts.capture_duration_ms = fields.number(&key, need),
            "enabled" => parts.enabled = fields.flag(&key, need),
            "warn_evttypes" => parts.warn_evttypes = fields.flag(&key, need),
            _ => parts.skip_if_unknown_filter = fields.flag(&key, need),
        }
    }
    parts
}
