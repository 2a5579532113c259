//! A condition with everything that it refers to drawn in, laid out over lines.

use std::collections::BTreeSet;

use crate::{
    filter::ast::{Check, Expr, Operand, Right},
    format::sanitize::sanitize,
};

/// Items of a list that are shown where room is short.
pub(super) const FEW: usize = 6;

/// A condition over several lines: macros as their conditions, with their names behind `#`; of each
/// list at most `items` items. Safe to show.
pub fn drawn_in(expr: &Expr, items: usize) -> String {
    let mut drawing = Drawing { text: String::new(), items };
    drawing.whole(expr);
    drawing.text
}

/// The same condition without macros: each replaced by its condition.
#[must_use]
pub fn inlined(expr: &Expr) -> Expr {
    let each = |parts: &[Expr]| parts.iter().map(inlined).collect();
    match expr {
        Expr::And(parts) => Expr::And(each(parts)),
        Expr::Or(parts) => Expr::Or(each(parts)),
        Expr::Not(part) => match inlined(part) {
            Expr::Not(inner) => *inner,
            part => Expr::Not(Box::new(part)),
        },
        Expr::Macro(_, Some(condition)) => inlined(condition),
        Expr::Macro(_, None) | Expr::Check(_) => expr.clone(),
    }
}

/// A part of a condition on one line: macros by name, of each list at most `items` items.
pub fn shortened(expr: &Expr, items: usize) -> String {
    let joined = |parts: &[Expr], word: &str| {
        let each = parts.iter().map(|part| match part {
            Expr::And(_) | Expr::Or(_) => format!("({})", shortened(part, items)),
            part => shortened(part, items),
        });
        each.collect::<Vec<_>>().join(word)
    };
    match expr {
        Expr::And(parts) => joined(parts, " and "),
        Expr::Or(parts) => joined(parts, " or "),
        Expr::Not(part) if matches!(**part, Expr::Check(_) | Expr::Macro(..)) => {
            format!("not {}", shortened(part, items))
        }
        Expr::Not(part) => format!("not ({})", shortened(part, items)),
        Expr::Macro(name, _) => safe(&name.text),
        Expr::Check(one) => check(one, items),
    }
}

/// Every field that a condition reads, with its argument, sorted.
pub fn fields(expr: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    fields_of(expr, &mut names);
    names
}

fn fields_of(expr: &Expr, names: &mut BTreeSet<String>) {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => {
            parts.iter().for_each(|part| fields_of(part, names));
        }
        Expr::Not(part) => fields_of(part, names),
        Expr::Macro(_, condition) => {
            condition.iter().for_each(|condition| fields_of(condition, names));
        }
        Expr::Check(check) => {
            fields_within(&check.left, names);
            if let Right::Operand(operand) = &check.right {
                fields_within(operand, names);
            }
        }
    }
}

fn fields_within(operand: &Operand, names: &mut BTreeSet<String>) {
    match operand {
        Operand::Field { .. } => {
            names.insert(safe(&operand.to_string()));
        }
        Operand::Transform { args: operands, .. } | Operand::List(operands, _) => {
            operands.iter().for_each(|operand| fields_within(operand, names));
        }
        Operand::Literal(_) => {}
    }
}

/// A check with at most `items` items of its list.
pub(super) fn check(check: &Check, items: usize) -> String {
    match &check.right {
        Right::List(list) if list.len() > items => {
            let without = Check { right: Right::Nothing, ..check.clone() };
            let shown: Vec<_> = list.iter().take(items).map(ToString::to_string).collect();
            let more = list.len() - shown.len();
            safe(&format!("{without} ({}, … {more} more)", shown.join(", ")))
        }
        _ => safe(&check.to_string()),
    }
}

/// Text without anything that could move a terminal's cursor.
pub fn safe(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    sanitize(text.as_bytes(), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

struct Drawing {
    text: String,
    items: usize,
}

impl Drawing {
    /// The whole condition, which needs no parentheses.
    fn whole(&mut self, expr: &Expr) {
        match expr {
            Expr::And(parts) | Expr::Or(parts) => self.parts(expr, parts, 0),
            other => self.part(other, 0, "", &[]),
        }
    }

    /// A part behind `lead` (`and`, `or`, `not`), with the names of the macros that it is the
    /// condition of.
    fn part(&mut self, expr: &Expr, depth: usize, lead: &str, names: &[&str]) {
        match expr {
            Expr::Macro(name, Some(condition)) => {
                self.part(condition, depth, lead, &[names, &[&name.text]].concat());
            }
            Expr::Macro(name, None) => self.line(depth, &format!("{lead}{}", name.text), names),
            Expr::Not(part) => self.part(part, depth, &format!("{lead}not "), names),
            Expr::And(parts) | Expr::Or(parts) => {
                self.line(depth, &format!("{lead}("), names);
                self.parts(expr, parts, depth + 1);
                self.line(depth, ")", &[]);
            }
            Expr::Check(one) => {
                let text = check(one, self.items);
                self.line(depth, &format!("{lead}{text}"), names);
            }
        }
    }

    fn parts(&mut self, group: &Expr, parts: &[Expr], depth: usize) {
        let word = if matches!(group, Expr::And(_)) { "and " } else { "or " };
        for (index, part) in parts.iter().enumerate() {
            self.part(part, depth, if index == 0 { "" } else { word }, &[]);
        }
    }

    fn line(&mut self, depth: usize, text: &str, names: &[&str]) {
        self.text.push_str(&"  ".repeat(depth));
        self.text.push_str(&safe(text));
        if !names.is_empty() {
            self.text.push_str("  # ");
            self.text.push_str(&safe(&names.join(", ")));
        }
        self.text.push('\n');
    }
}
