//! Rules from files, compiled together and ready to judge events.

use std::{path::PathBuf, sync::Arc};

use event::alert::{Alert, Priority};
use rules::{
    alert::{
        ContainerFields, Maker,
        select::{NamePattern, Selection},
    },
    engine::{Engine, EngineMemory, Matching},
    filter::{Diagnostic, Report},
    load::{Loaded, Rule},
};
use state::Context;

use crate::{
    error::Error,
    rule_files::{self, Sources},
};

/// Rules that take part, compiled.
pub(crate) struct Detector {
    /// The rules, by the places that matches name.
    pub(crate) rules: Vec<Known>,
    pub(crate) maker: Maker,
    pub(crate) engine: Engine,
    pub(crate) memory: EngineMemory,
}

/// What is asked about a rule when it matched.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// Its name, safe to print.
    pub(crate) name: String,
    pub(crate) priority: Priority,
    pub(crate) tags: Arc<[Box<str>]>,
    /// How long its author wants to see what follows, ms; 0 if that is not said.
    pub(crate) capture_duration_ms: u32,
}

/// Which rules, and what their alerts say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) selection: Selection,
    pub(crate) matching: Matching,
    pub(crate) container: ContainerFields,
    /// Formats behind the output of every rule.
    pub(crate) append: Vec<String>,
}

impl Wanted {
    /// All rules that match an event, not only the first.
    pub(crate) fn every_match() -> Self {
        Self { matching: Matching::All, ..Self::default() }
    }
}

/// How a detector is made: from where, of which rules. It can be made again when files change.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) sources: Sources,
    pub(crate) wanted: Wanted,
}

impl Recipe {
    /// Loads the rules and compiles those that are wanted. Hands back what was loaded too, for there
    /// may be warnings to tell.
    ///
    /// # Errors
    /// Everything that is wrong with the files, or with a format behind the outputs.
    pub(crate) fn make(&self) -> Result<(Detector, Loaded), Error> {
        let loaded = self.sources.load()?;
        Ok((Detector::of(&loaded, &self.wanted)?, loaded))
    }
}

/// The rules with one of some tags, or without some tags and some names, or with some names, of at
/// least a priority; as people name them.
pub(crate) fn selection(
    only_tags: &[String],
    without_tags: &[String],
    without: &[String],
    with: &[String],
    least: Option<Priority>,
) -> Selection {
    let names = |names: &[String]| names.iter().cloned().map(NamePattern).collect();
    Selection {
        only_tags: only_tags.to_owned(),
        without_tags: without_tags.to_owned(),
        without: names(without),
        with: names(with),
        least,
    }
}

impl Detector {
    /// Loads rule files and compiles the rules that are wanted. Hands back what was loaded too, for
    /// there may be warnings to tell.
    ///
    /// # Errors
    /// Everything that is wrong with the files, or with a format behind the outputs.
    pub(crate) fn load(paths: &[PathBuf], wanted: &Wanted) -> Result<(Self, Loaded), Error> {
        let loaded = rule_files::load(paths)?;
        Ok((Self::of(&loaded, wanted)?, loaded))
    }

    /// Compiles the rules that are wanted.
    ///
    /// # Errors
    /// What is wrong with a format behind the outputs.
    pub(crate) fn of(loaded: &Loaded, wanted: &Wanted) -> Result<Self, Error> {
        let rules = &loaded.definitions.rules;
        let taken: Vec<&Rule> = rules.iter().filter(|rule| wanted.selection.takes(rule)).collect();
        let maker = Maker::new(taken.iter().copied(), wanted.container, &wanted.append)
            .map_err(|report: Report| Error::Usage(report.to_string()))?;
        let engine = Engine::new(taken.iter().copied(), wanted.matching)
            .map_err(|errors| Error::Usage(broken(&errors)))?;
        let rules = taken.into_iter().map(Known::of).collect();
        Ok(Self { rules, maker, engine, memory: EngineMemory::default() })
    }

    /// The alerts that the event gives, each with its rule's place, added to `alerts`.
    pub(crate) fn alerts(&mut self, context: &Context<'_>, alerts: &mut Vec<(usize, Alert)>) {
        for &rule in self.engine.matches(context, &mut self.memory) {
            let subject = self.maker.subject(context);
            alerts.extend(self.maker.alert(rule, context, subject).map(|alert| (rule, alert)));
        }
    }
}

impl Known {
    fn of(rule: &Rule) -> Self {
        Self {
            name: rules::format::safe_text(rule.name.as_bytes()),
            priority: rule.priority,
            tags: Arc::clone(&rule.tags),
            capture_duration_ms: rule.capture_duration_ms,
        }
    }
}

/// What is wrong with conditions that were checked before: nothing, but if there is, it is said.
fn broken(errors: &[Diagnostic]) -> String {
    errors.first().map_or_else(String::new, |error| error.message.clone())
}
