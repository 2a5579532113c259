//! Problems as they are found, so many of them and no more.

use std::{collections::HashSet, sync::Arc};

use super::{
    problem::{Code, Item, Problem, Problems, Severity},
    source::Sources,
};
use crate::filter::{Diagnostic, Span};

/// Most errors that are told, and most warnings.
const MOST: usize = 1_000;
/// So many problems get a hint that takes a search among names.
const MOST_SEARCHES: usize = 100;

/// Errors and warnings.
#[derive(Debug, Default)]
pub(super) struct Found {
    errors: Kept,
    warnings: Kept,
    /// What conditions and outputs were told about: a macro's mistake is told once.
    seen: HashSet<(Code, Span, String)>,
    searches: usize,
    /// Whether somebody stopped to look for more.
    has_stopped: bool,
}

#[derive(Debug, Default)]
struct Kept {
    list: Vec<Problem>,
    more: usize,
}

impl Found {
    pub(super) fn push(&mut self, code: Code, item: &Item, diagnostic: Diagnostic) {
        let kept = match code.severity() {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        if kept.list.len() < MOST {
            kept.list.push(Problem::new(code, item.clone(), diagnostic));
        } else {
            kept.more += 1;
        }
    }

    /// The same, unless it was said before about the same place.
    pub(super) fn push_once(&mut self, code: Code, item: &Item, diagnostic: Diagnostic) {
        if self.errors.list.len() >= MOST
            || self.seen.insert((code, diagnostic.span, diagnostic.message.clone()))
        {
            self.push(code, item, diagnostic);
        }
    }

    pub(super) fn has_errors(&self) -> bool {
        !self.errors.list.is_empty()
    }

    /// Whether to stop looking: there are more errors already than are told.
    pub(super) fn stops(&mut self) -> bool {
        self.has_stopped |= self.errors.more > 0;
        self.has_stopped
    }

    /// `did you mean 'x'?`, if a candidate is near.
    pub(super) fn did_you_mean<'c>(
        &mut self,
        name: &str,
        candidates: impl Iterator<Item = &'c str>,
    ) -> Option<String> {
        self.searches += 1;
        if self.searches > MOST_SEARCHES {
            return None;
        }
        let near = crate::fields::nearest(name, candidates.take(20_000))?;
        Some(format!("did you mean '{near}'?"))
    }

    /// All of them in the order of their places, the last of each kind telling how many are left
    /// out.
    pub(super) fn finish(self, sources: Arc<Sources>) -> Problems {
        let mut list = Vec::new();
        let mut tails = Vec::new();
        for Kept { list: some, more } in [self.errors, self.warnings] {
            if let (Some(last), true) = (some.last(), more > 0) {
                let at_least = if self.has_stopped { "at least " } else { "" };
                let message = format!("{at_least}{more} more problems are not shown");
                let diagnostic = Diagnostic::new(last.diagnostic.span, message);
                tails.push(Problem::new(last.code, last.item.clone(), diagnostic));
            }
            list.extend(some);
        }
        list.sort_by_key(|p| (p.diagnostic.span.start, p.diagnostic.span.end));
        list.extend(tails);
        Problems { sources, list }
    }
}
