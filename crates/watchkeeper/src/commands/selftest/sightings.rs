//! Which action an alert is about: the one whose process the alerted one descends from.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use state::{Audience, Context, Thread, strings};

use super::{actions::Action, stage};
use crate::{
    detector::Detector,
    error::Error,
    input::{Follow, Next},
};

/// Judges events, and remembers which rules saw which action.
pub(super) struct Sightings {
    detector: Detector,
    /// The stage's folder, by which our actions are told from others'.
    folder: PathBuf,
    seen: BTreeMap<&'static str, BTreeSet<String>>,
    /// Actions whose rule has seen them.
    complete: BTreeSet<&'static str>,
}

impl Sightings {
    /// Nothing was seen yet.
    pub(super) fn new(detector: Detector, folder: &Path) -> Self {
        let (seen, complete) = (BTreeMap::new(), BTreeSet::new());
        Self { detector, folder: folder.to_owned(), seen, complete }
    }

    /// Which rules saw which action.
    pub(super) fn seen(&self) -> impl Iterator<Item = (&'static str, &BTreeSet<String>)> {
        self.seen.iter().map(|(action, rules)| (*action, rules))
    }

    /// Whether the rule of this action has seen it.
    pub(super) fn has(&self, action: &str) -> bool {
        self.complete.contains(action)
    }

    /// The rules, for whoever has to know what they look at.
    pub(super) fn detector(&self) -> &Detector {
        &self.detector
    }
}

impl Follow for Sightings {
    fn event(&mut self, context: &Context<'_>) -> Result<Next, Error> {
        let Detector { engine, memory, rules, .. } = &mut self.detector;
        let matches = engine.matches(context, memory);
        if matches.is_empty() || context.audience != Audience::Readers {
            return Ok(Next::Continue);
        }
        let Some(action) = context.thread.and_then(|it| action(context, it, &self.folder)) else {
            return Ok(Next::Continue);
        };
        for rule in matches.iter().filter_map(|&rule| rules.get(rule)) {
            self.seen.entry(action.name).or_default().insert(rule.name.clone());
            if action.is_of(&rule.name) {
                self.complete.insert(action.name);
            }
        }
        Ok(Next::Continue)
    }
}

/// The action that this thread has part in.
fn action(context: &Context<'_>, thread: &Thread, folder: &Path) -> Option<&'static Action> {
    let of = |thread: &Thread| stage::action_of(strings(&thread.args), folder);
    of(thread).or_else(|| context.state.ancestors(thread).find_map(of))
}
