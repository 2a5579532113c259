//! From the text of rule files to rules: the language around conditions.
//!
//! [`load`] takes files in order and gives [`Definitions`], or every [`Problem`]: files load whole
//! or not at all.
//!
//! - [`source`]: the texts; [`problem`]: what is wrong with them.
//! - [`definitions`]: what comes out.

pub mod definitions;
pub mod problem;
pub mod source;
mod yaml;

pub use definitions::{Definitions, List, Macro, Rule, Status};
pub use problem::{Code, Item, Problem, Problems, Severity};
pub use source::{RuleFile, Sources};

use std::{collections::HashMap, sync::Arc};

use crate::{
    filter::{Diagnostic, Filter, Span, ast::Expr, parse},
    format::Format,
};
use yaml::{Node, Value};

/// What loading gives: definitions, and what is doubtful about them.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the files define.
    pub definitions: Definitions,
    /// What is doubtful; no errors.
    pub warnings: Problems,
}

/// Loads rule files, in order.
///
/// # Errors
/// Every problem, if one of them is an error.
pub fn load(files: Vec<RuleFile>) -> Result<Loaded, Problems> {
    let mut sources = Sources::default();
    let mut list = Vec::new();
    let mut definitions = Definitions {
        sources: Arc::default(),
        rules: Vec::new(),
        macros: Vec::new(),
        lists: Vec::new(),
    };
    let mut macros: HashMap<String, Arc<Expr>> = HashMap::new();
    let mut nodes = Vec::new();
    for file in files {
        let text = file.text.clone();
        let base = sources.push(file);
        match yaml::parse(&text, base) {
            Err(broken) => list.push(Problem::new(
                Code::YamlParse,
                Item { kind: "rules content", name: String::new() },
                Diagnostic::new(broken.span, broken.message),
            )),
            Ok(documents) => {
                for document in &documents {
                    let Value::Sequence(items) = &document.value else { continue };
                    nodes.extend(items.iter().cloned());
                }
            }
        }
    }
    // Lists before macros before rules: conditions see all of them.
    for kind in ["list", "macro", "rule"] {
        for item in nodes.iter().filter(|item| item.get(kind).is_some()) {
            if let Err(problem) = define(item, &mut definitions, &mut macros) {
                list.push(problem);
            }
        }
    }
    let sources = Arc::new(sources);
    definitions.sources = Arc::clone(&sources);
    let problems = Problems { sources, list };
    if problems.errors().next().is_some() {
        Err(problems)
    } else {
        Ok(Loaded { definitions, warnings: problems })
    }
}

fn define(
    item: &Node,
    into: &mut Definitions,
    macros: &mut HashMap<String, Arc<Expr>>,
) -> Result<(), Problem> {
    let text = |key: &str| item.get(key).and_then(Node::text).unwrap_or_default().to_owned();
    let problem = |code, kind, name: &str, diagnostic| {
        Problem::new(code, Item { kind, name: name.to_owned() }, diagnostic)
    };
    if let Some(name) = item.get("list").and_then(Node::text) {
        let mut items = Vec::new();
        if let Some(Node { value: Value::Sequence(nodes), .. }) = item.get("items") {
            for text in nodes.iter().filter_map(Node::text) {
                match into.lists.iter().find(|list| *list.name == *text) {
                    Some(list) => items.extend(list.items.clone()),
                    None => items.push(text.to_owned()),
                }
            }
        }
        into.lists.push(List { name: name.into(), items, used: true, span: item.span });
    } else if let Some(name) = item.get("macro").and_then(Node::text) {
        let expr = condition(&text("condition"), item.span, &into.lists, macros)
            .map_err(|d| problem(Code::CompileCondition, "macro", name, d))?;
        let expr = Arc::new(expr);
        macros.insert(name.to_owned(), Arc::clone(&expr));
        into.macros.push(Macro { name: name.into(), condition: expr, used: true, span: item.span });
    } else if let Some(name) = item.get("rule").and_then(Node::text) {
        let wrong = |d| problem(Code::CompileCondition, "rule", name, d);
        let source = item.get("source").and_then(Node::text).unwrap_or("syscall");
        if source != "syscall" {
            return Ok(());
        }
        let expr = condition(&text("condition"), item.span, &into.lists, macros).map_err(wrong)?;
        Filter::of_tree(&expr)
            .map_err(|e| wrong(Diagnostic::new(item.span, e[0].message.clone())))?;
        let output = Format::compile(text("output").trim())
            .map_err(|r| wrong(Diagnostic::new(item.span, r.to_string())))?;
        let priority = text("priority").parse().map_err(|e: event::alert::UnknownPriority| {
            wrong(Diagnostic::new(item.span, e.to_string()))
        })?;
        let mut tags: Vec<Box<str>> = Vec::new();
        if let Some(Node { value: Value::Sequence(nodes), .. }) = item.get("tags") {
            tags.extend(nodes.iter().filter_map(Node::text).map(Into::into));
        }
        tags.sort();
        into.rules.push(Rule {
            name: name.into(),
            desc: text("desc"),
            condition_text: text("condition"),
            condition: expr,
            output_text: text("output").trim().to_owned(),
            output: Some(output),
            priority,
            source: source.into(),
            tags: tags.into(),
            enabled: text("enabled") != "false",
            capture: false,
            capture_duration_ms: 0,
            exceptions: Vec::new(),
            status: Status::Active,
            span: item.span,
        });
    }
    Ok(())
}

fn condition(
    text: &str,
    span: Span,
    lists: &[List],
    macros: &HashMap<String, Arc<Expr>>,
) -> Result<Expr, Diagnostic> {
    let mut drawn_in = String::new();
    for word in text.split_inclusive([' ', '\t', '\n', '(', ')', ',', '=']) {
        let bare = word.trim_end_matches([' ', '\t', '\n', '(', ')', ',', '=']);
        match lists.iter().rev().find(|list| *list.name == *bare) {
            Some(list) => {
                for (index, item) in list.items.iter().enumerate() {
                    let quoted = item.contains(' ') && !item.starts_with(['"', '\'']);
                    let comma = if index > 0 { "," } else { "" };
                    let quote = if quoted { "\"" } else { "" };
                    drawn_in.push_str(&format!("{comma}{quote}{item}{quote}"));
                }
                let mut rest = &word[bare.len()..];
                if list.items.is_empty() {
                    match drawn_in.trim_end().strip_suffix(',') {
                        Some(before) => drawn_in.truncate(before.len()),
                        None => rest = rest.strip_prefix(',').unwrap_or(rest),
                    }
                }
                drawn_in.push_str(rest);
            }
            None => drawn_in.push_str(word),
        }
    }
    let mut expr = parse::parse(&drawn_in)
        .map_err(|errors| Diagnostic::new(span, errors[0].message.clone()))?;
    resolve(&mut expr, macros);
    Ok(expr)
}

fn resolve(expr: &mut Expr, macros: &HashMap<String, Arc<Expr>>) {
    match expr {
        Expr::And(children) | Expr::Or(children) => {
            children.iter_mut().for_each(|child| resolve(child, macros));
        }
        Expr::Not(child) => resolve(child, macros),
        Expr::Macro(name, body) => *body = macros.get(&name.text).cloned(),
        Expr::Check(_) => {}
    }
}
