//! From matches to alerts.
//!
//! A [`Maker`] fills in the outputs of rules; [`select`] says which rules take part; [`fold`] makes
//! one alert of repeats.

pub mod fold;
pub mod select;
mod subject;

use std::sync::Arc;

use event::{
    alert::{Alert, Priority, Subject},
    print::time::{Civil, Fraction},
};
use state::Context;

use crate::{
    filter::{Memory, Report},
    format::{Format, safe_text},
    load::Rule,
};

/// What every alert says besides its rule's output: who ran it, where. Falco's container plugin
/// suggests these fields, in this order.
const CONTAINER_FIELDS: &str = "container_id=%container.id container_name=%container.name \
    container_image_repository=%container.image.repository \
    container_image_tag=%container.image.tag k8s_pod_name=%k8s.pod.name k8s_ns_name=%k8s.ns.name";

/// Key that every alert has among its fields.
const TIME: &str = "%evt.time";

/// Whether alerts name the container and the pod that every rule's author would ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ContainerFields {
    /// They do, behind the rule's output.
    #[default]
    Appended,
    /// Only if the rule's output does.
    LeftOut,
}

/// Makes alerts of events that matched.
#[derive(Debug)]
pub struct Maker {
    recipes: Vec<Recipe>,
    subjects: subject::Subjects,
    host: Host,
    memory: Memory,
    line: Vec<u8>,
}

/// What all alerts of a rule share.
#[derive(Debug)]
struct Recipe {
    rule: Arc<str>,
    priority: Priority,
    source: Arc<str>,
    tags: Arc<[Box<str>]>,
    text: Format,
    values: Format,
}

/// The last host's name, as recorded and as shown.
#[derive(Debug, Default)]
struct Host {
    recorded: Vec<u8>,
    shown: Arc<str>,
}

impl Maker {
    /// Prepares the alerts of rules, which are then known by their places in `rules`. Behind each
    /// rule's output comes what is in `appended`, each a format of its own.
    ///
    /// # Errors
    /// What is wrong with one of the formats in `appended`.
    pub fn new<'r>(
        rules: impl IntoIterator<Item = &'r Rule>,
        container: ContainerFields,
        appended: &[String],
    ) -> Result<Self, Report> {
        let mut extra =
            appended.iter().map(|f| Format::compile(f)).collect::<Result<Vec<_>, _>>()?;
        if container == ContainerFields::Appended {
            extra.push(Format::compile(CONTAINER_FIELDS)?);
        }
        let time = Format::compile(TIME)?;
        Ok(Self {
            recipes: rules.into_iter().map(|rule| Recipe::new(rule, &extra, &time)).collect(),
            subjects: subject::Subjects::new(),
            host: Host::default(),
            memory: Memory::default(),
            line: Vec::new(),
        })
    }

    /// Who did the event to what.
    pub fn subject(&mut self, context: &Context<'_>) -> Subject {
        self.subjects.of(context)
    }

    /// The alert that the rule in this place gives of the event; `None` if there is no such rule.
    pub fn alert(&mut self, rule: usize, context: &Context<'_>, subject: Subject) -> Option<Alert> {
        let recipe = self.recipes.get(rule)?;
        let (memory, line) = (&mut self.memory, &mut self.line);
        line.clear();
        Civil::of(context.event.ts_ns).write_time(Fraction::Shown, line);
        line.extend_from_slice(b": ");
        line.extend_from_slice(recipe.priority.name().as_bytes());
        line.push(b' ');
        recipe.text.text(context, memory, line);
        let output = String::from_utf8_lossy(line).into_owned();
        line.clear();
        recipe.values.json(context, memory, line);
        Some(Alert {
            ts_ns: context.event.ts_ns,
            event_num: context.num,
            rule: Arc::clone(&recipe.rule),
            priority: recipe.priority,
            source: Arc::clone(&recipe.source),
            tags: Arc::clone(&recipe.tags),
            hostname: self.host.name(&context.state.machine().hostname),
            output,
            fields: String::from_utf8_lossy(line).into_owned(),
            subject,
            repeats: None,
        })
    }
}

impl Recipe {
    fn new(rule: &Rule, extra: &[Format], time: &Format) -> Self {
        let text = Format::joined(rule.output.iter().chain(extra)).printable();
        let values = Format::joined([&text, time]).by_name();
        Self {
            rule: safe_text(rule.name.as_bytes()).into(),
            priority: rule.priority,
            source: safe_text(rule.source.as_bytes()).into(),
            tags: rule.tags.iter().map(|tag| safe_text(tag.as_bytes()).into()).collect(),
            text,
            values,
        }
    }
}

impl Host {
    fn name(&mut self, recorded: &[u8]) -> Arc<str> {
        if self.recorded != recorded {
            self.recorded = recorded.to_vec();
            self.shown = safe_text(recorded).into();
        }
        Arc::clone(&self.shown)
    }
}

#[cfg(test)]
mod tests;
