//! Which other items of rule files changed a rule: appended to it, or replaced parts of it.

use std::ops::Range;

use rules::{
    filter::{Span, ast::Expr},
    load::{Definitions, Rule, Sources},
};

/// An item of a rule file that changed a rule.
pub(super) struct Change {
    item: Range<usize>,
    /// Where the first part stands that it changed.
    pub(super) span: Span,
    /// Which parts.
    pub(super) parts: Vec<&'static str>,
}

/// The items that changed the rule, in the order of the parts.
pub(super) fn changes(definitions: &Definitions, rule: &Rule) -> Vec<Change> {
    let sources = &definitions.sources;
    let Some(home) = item(sources, rule.span) else { return Vec::new() };
    let mut changes: Vec<Change> = Vec::new();
    for (part, span) in parts(rule) {
        if home.contains(&span.start) {
            continue;
        }
        let Some(item) = item(sources, span) else { continue };
        match changes.iter_mut().find(|change| change.item == item) {
            Some(change) if change.parts.contains(&part) => {}
            Some(change) => change.parts.push(part),
            None => changes.push(Change { item, span, parts: vec![part] }),
        }
    }
    changes
}

/// Parts with the places where they stand.
fn parts(rule: &Rule) -> Vec<(&'static str, Span)> {
    let places = rule.places;
    let mut parts = vec![("description", places.desc)];
    checks(&rule.condition, &mut |span| parts.push(("condition", span)));
    parts.extend(rule.exceptions.iter().map(|exception| ("exceptions", exception.span)));
    parts.push(("output", places.output));
    parts.push(("priority", places.priority));
    // What was left out stands nowhere.
    parts.retain(|(_, span)| span.end > span.start);
    parts
}

/// Places of the checks and macro names of the rule's own condition.
fn checks(expr: &Expr, each: &mut dyn FnMut(Span)) {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| checks(part, each)),
        Expr::Not(part) => checks(part, each),
        Expr::Macro(name, _) => each(name.span),
        Expr::Check(check) => each(check.span),
    }
}

/// The item that a place is in, as positions in all files: from its dash to the next at the same
/// depth.
fn item(sources: &Sources, span: Span) -> Option<Range<usize>> {
    let (file, at) = sources.file(span.start)?;
    let text = &file.text;
    let dashes: Vec<(usize, usize)> = lines(text)
        .filter(|(_, line)| line.trim_start().starts_with("- "))
        .map(|(start, line)| (start, line.len() - line.trim_start().len()))
        .collect();
    let depth = dashes.iter().map(|&(_, depth)| depth).min()?;
    let mut items = dashes.iter().filter(|&&(_, of_item)| of_item == depth);
    let start = items.clone().map(|&(start, _)| start).rfind(|&start| start <= at)?;
    let end = items.find(|&&(next, _)| next > at).map_or(text.len(), |&(next, _)| next);
    let base = span.start - at;
    Some(base + start..base + end)
}

/// Lines with the positions where they begin.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    })
}
