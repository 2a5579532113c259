//! The few parts of a condition that decided.

use super::{
    shown::Shown,
    trace::{Kind, Trace},
};
use crate::filter::Span;

/// A part that made a condition hold, or that kept it from holding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// What did hold, or should have held: a check, alternatives of such, with `not` in front if it
    /// has to fail.
    pub text: String,
    /// The macros that it stands in, from the outermost.
    pub within: Vec<String>,
    /// Its place.
    pub span: Span,
    /// The values that it was given.
    pub values: Vec<Shown>,
}

/// More alternatives than this are counted rather than named.
const MOST_ALTERNATIVES: usize = 3;

impl Trace {
    /// If the condition holds: the fewest checks whose results are enough for that. If not: the
    /// fewest whose results would have to turn for it to hold.
    pub fn reasons(&self) -> Vec<Reason> {
        let aim = if self.holds { Aim::Keep } else { Aim::Turn };
        let mut found = Vec::new();
        self.collect(aim, &mut Vec::new(), &mut found);
        let mut reasons: Vec<Reason> = Vec::new();
        for reason in found {
            if !reasons.iter().any(|known| known.text == reason.text) {
                reasons.push(reason);
            }
        }
        reasons
    }

    fn collect<'t>(&'t self, aim: Aim, within: &mut Vec<&'t str>, found: &mut Vec<Reason>) {
        match self.kind {
            Kind::Check => found.push(self.reason(aim, within)),
            Kind::Macro => {
                within.push(&self.text);
                self.children.iter().for_each(|child| child.collect(aim, within, found));
                within.pop();
            }
            Kind::Not => self.children.iter().for_each(|child| child.collect(aim, within, found)),
            Kind::And | Kind::Or if aim.needs_all(self) => {
                let deciding = self.children.iter().filter(|child| child.holds == self.holds);
                deciding.for_each(|child| child.collect(aim, within, found));
            }
            Kind::And | Kind::Or if aim == Aim::Turn && self.is_choice() => {
                found.push(self.reason(aim, within));
            }
            Kind::And | Kind::Or => {
                let fitting = self.children.iter().filter(|child| child.holds == self.holds);
                if let Some(child) = fitting.min_by_key(|child| child.cost(aim)) {
                    child.collect(aim, within, found);
                }
            }
        }
    }

    /// How many checks it takes.
    fn cost(&self, aim: Aim) -> usize {
        let costs = || {
            let fitting = self.children.iter().filter(|child| child.holds == self.holds);
            fitting.map(|child| child.cost(aim))
        };
        match self.kind {
            Kind::Check => 1,
            Kind::Macro | Kind::Not => self.children.iter().map(|child| child.cost(aim)).sum(),
            Kind::And | Kind::Or if aim.needs_all(self) => costs().sum(),
            Kind::And | Kind::Or => costs().min().unwrap_or(0),
        }
    }

    /// Whether it is a list of checks any one of which would do: then none is singled out.
    fn is_choice(&self) -> bool {
        self.children.iter().all(|child| {
            child.is_check() || child.kind == Kind::Not && child.children.iter().all(Self::is_check)
        })
    }

    fn is_check(&self) -> bool {
        self.kind == Kind::Check
    }

    /// This part as a reason: what held if that is to stay, its opposite if not.
    fn reason(&self, aim: Aim, within: &[&str]) -> Reason {
        let wanted = if aim == Aim::Keep { self.holds } else { !self.holds };
        let text = self.words();
        let mut values: Vec<Shown> = Vec::new();
        self.values_within(&mut values);
        Reason {
            text: match wanted {
                true if self.is_check() => text,
                true => format!("({text})"),
                false if self.is_check() => format!("not {text}"),
                false => format!("not ({text})"),
            },
            within: within.iter().map(|&name| name.to_owned()).collect(),
            span: self.span,
            values,
        }
    }

    fn words(&self) -> String {
        match self.kind {
            Kind::Check | Kind::Macro => self.short.clone(),
            Kind::Not => self.children.iter().map(|part| format!("not {}", part.words())).collect(),
            Kind::And | Kind::Or => {
                let parts: Vec<_> =
                    self.children.iter().take(MOST_ALTERNATIVES).map(Self::words).collect();
                let joint = format!(" {} ", self.kind.name());
                let more = self.children.len() - parts.len();
                let rest = if more > 0 { format!("{joint}{more} more") } else { String::new() };
                parts.join(&joint) + &rest
            }
        }
    }

    fn values_within(&self, values: &mut Vec<Shown>) {
        for value in &self.values {
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
        self.children.iter().for_each(|child| child.values_within(values));
    }
}

/// What a result should do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    Keep,
    Turn,
}

impl Aim {
    /// Whether all parts that share the group's result are needed for it, rather than one.
    fn needs_all(self, group: &Trace) -> bool {
        let one_is_enough = group.holds == (group.kind == Kind::Or);
        one_is_enough == (self == Self::Turn)
    }
}
