//! What came of a case.

use std::{
    borrow::Cow,
    time::{Duration, Instant},
};

use rules::{
    engine::Matching,
    filter::Memory,
    load::{Definitions, Rule, Status},
};
use serde_json::{Map, Value};
use state::{Context, Engines};

use super::suite::{Case, Expected, Source, Suite};
use crate::{
    error::{Error, Outcome},
    trial::{self, Fields, Trial},
};
use event::alert::Priority;

/// Most alerts of a case that are shown.
const MOST_SHOWN: usize = 20;

/// What came of a case.
#[derive(Debug)]
pub(super) struct Verdict {
    /// What was expected and did not come, in words; none if the case passed.
    pub(super) failures: Vec<String>,
    /// The first alerts.
    pub(super) alerts: Vec<Alert>,
    /// How many alerts there were.
    pub(super) total: u64,
    pub(super) took: Duration,
}

/// An alert that came.
#[derive(Debug)]
pub(super) struct Alert {
    pub(super) event: u64,
    pub(super) rule: String,
    pub(super) priority: Priority,
    pub(super) output: String,
}

impl Verdict {
    /// Tries a case out.
    pub(super) fn of(suite: &Suite, case: &Case, definitions: &Definitions) -> Result<Self, Error> {
        let began = Instant::now();
        let rules = rules(suite, case, definitions)?;
        let trial = Trial::new(rules, Matching::All, Engines::default())?;
        let mut watch = Watch::new(case)?;
        let outcome = match &case.source {
            Source::Capture(path) => trial.capture(path, |rule, at| watch.alert(rule, at))?,
            Source::Story(story) => {
                trial.story(story, |rule, at| watch.alert(rule, at));
                Outcome::Done
            }
        };
        let mut failures = watch.failures();
        if outcome == Outcome::InPart {
            failures.push("the capture could only be read in part".to_owned());
        }
        let Watch { alerts, total, .. } = watch;
        Ok(Self { failures, alerts, total, took: began.elapsed() })
    }

    pub(super) fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// The rules that a case names, whether they are on or not.
fn rules<'d>(
    suite: &Suite,
    case: &Case,
    definitions: &'d Definitions,
) -> Result<Vec<&'d Rule>, Error> {
    if case.rules.is_empty() {
        return Ok(definitions.rules.iter().filter(|rule| rule.is_on()).collect());
    }
    let names: Vec<&str> = definitions.rules.iter().map(|rule| &*rule.name).collect();
    let find = |(name, node): &(String, crate::yaml::Node)| {
        let found = definitions.rules.iter().find(|rule| *rule.name == **name);
        let found = found.ok_or_else(|| node.unknown("rule", name, &names));
        let active = found.and_then(|rule| match rule.status {
            Status::Active => Ok(rule),
            Status::UnknownSource => {
                Err(node.wrong(format!("rule '{name}' is for events of '{}'", rule.source)))
            }
            Status::UnknownFilter => {
                Err(node.wrong(format!("rule '{name}' is skipped: it names an unknown field")))
            }
        });
        active.map_err(|wrong| Error::Usage(wrong.in_file(suite.file.display())))
    };
    case.rules.iter().map(find).collect()
}

/// Counts alerts while they come.
struct Watch<'c> {
    case: &'c Case,
    fields: Option<Fields>,
    /// For each expectation, how many alerts met it.
    counts: Vec<u64>,
    alerts: Vec<Alert>,
    total: u64,
    memory: Memory,
}

impl<'c> Watch<'c> {
    fn new(case: &'c Case) -> Result<Self, Error> {
        let names = case.expected.iter().flat_map(|expected| &expected.fields);
        let names: Vec<&str> = names.map(|(name, _)| &**name).collect();
        let fields = if names.is_empty() { None } else { Some(Fields::new(names)) };
        let fields = fields.transpose().map_err(|report| Error::Usage(report.to_string()))?;
        Ok(Self {
            case,
            fields,
            counts: vec![0; case.expected.len()],
            alerts: Vec::new(),
            total: 0,
            memory: Memory::default(),
        })
    }

    fn alert(&mut self, rule: &Rule, context: &Context<'_>) {
        let output = trial::output(rule, context, &mut self.memory);
        let values = self.fields.as_ref().map(|f| f.values(context, &mut self.memory));
        let values = values.unwrap_or_default();
        for (expected, count) in self.case.expected.iter().zip(&mut self.counts) {
            *count += u64::from(meets(expected, rule, &output, &values));
        }
        self.total += 1;
        if self.alerts.len() < MOST_SHOWN {
            let (rule, priority) = (rule.name.to_string(), rule.priority);
            self.alerts.push(Alert { event: context.num, rule, priority, output });
        }
    }

    fn failures(&self) -> Vec<String> {
        if self.case.expected.is_empty() {
            let quiet = self.total == 0;
            let text = || format!("expected no alert, found {}", self.total);
            return if quiet { Vec::new() } else { vec![text()] };
        }
        let pairs = self.case.expected.iter().zip(&self.counts);
        let failed = pairs.filter(|(e, count)| !(e.least..=e.most).contains(*count));
        failed.map(|(e, count)| format!("expected {}, found {count}", describe(e))).collect()
    }
}

fn meets(expected: &Expected, rule: &Rule, output: &str, values: &Map<String, Value>) -> bool {
    expected.rule.as_ref().is_none_or(|name| **name == *rule.name)
        && expected.priority.is_none_or(|priority| priority == rule.priority)
        && expected.output_contains.iter().all(|part| output.contains(part))
        && expected
            .fields
            .iter()
            .all(|(name, value)| text_of(values.get(name)).as_deref() == value.as_deref())
}

fn text_of(value: Option<&Value>) -> Option<Cow<'_, str>> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.into()),
        other => Some(other.to_string().into()),
    }
}

/// `exactly 1 alert with priority Warning, output containing "x", fd.name=/etc/x`.
fn describe(expected: &Expected) -> String {
    let (least, most) = (expected.least, expected.most);
    let mut text = match (least, most) {
        (1, 1) => "exactly 1 alert".to_owned(),
        _ if least == most => format!("exactly {least} alerts"),
        (1, u64::MAX) => "at least 1 alert".to_owned(),
        (_, u64::MAX) => format!("at least {least} alerts"),
        (0, _) => format!("at most {most} alerts"),
        _ => format!("{least} to {most} alerts"),
    };
    let mut parts = Vec::new();
    parts.extend(expected.rule.iter().map(|rule| format!("of '{rule}'")));
    parts.extend(expected.priority.iter().map(|priority| format!("priority {priority}")));
    parts.extend(
        expected.output_contains.iter().map(|part| format!("output containing \"{part}\"")),
    );
    parts.extend(expected.fields.iter().map(|(name, value)| match value {
        Some(value) => format!("{name}={value}"),
        None => format!("no {name}"),
    }));
    if !parts.is_empty() {
        text.push_str(" with ");
        text.push_str(&parts.join(", "));
    }
    text
}
