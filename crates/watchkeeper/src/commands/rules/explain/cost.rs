//! What a rule costs on a capture, and which of its parts let how many events through.

use std::{io::Write, path::Path};

use rules::{
    engine::{Engine, EngineMemory, Matching},
    explain::Funnel,
    filter::Memory,
    load::Rule,
};
use serde_json::{Value, json};
use state::{Audience, Engines, Limits, State};

use super::super::{stopwatch::Stopwatch, subject};
use crate::{
    error::{Error, Outcome},
    input::{Input, Next},
    output::{Out, Verbosity},
};

/// Counts and times of one rule on one capture.
pub(super) struct Cost {
    path: String,
    /// All events for readers, those of a type that may match, those that match.
    events: u64,
    looked_at: u64,
    matches: u64,
    /// Evaluation of the rule alone.
    ns: u64,
    funnel: Funnel,
}

/// Reads a capture.
pub(super) fn measure(
    rule: &Rule,
    path: &Path,
    engines: Option<Engines>,
    verbosity: Verbosity,
) -> Result<(Outcome, Cost), Error> {
    let engine = Engine::new([rule], Matching::First).map_err(subject::broken(rule))?;
    let funnel = Funnel::of(&rule.condition).map_err(subject::broken(rule))?;
    let name = rules::explain::safe(&path.display().to_string());
    let mut cost = Cost { path: name, events: 0, looked_at: 0, matches: 0, ns: 0, funnel };
    let mut memory = (EngineMemory::default(), Memory::default());
    let mut stopwatch = Stopwatch::new();
    let mut input = Input::open(path, verbosity)?;
    let mut state = State::new(Limits::default());
    state.set_engines(engines.unwrap_or_default());
    let outcome = input.contexts(&mut state, |context| {
        if context.audience == Audience::Readers {
            cost.events += 1;
            if engine.may_match(context.event.kind) {
                cost.looked_at += 1;
                stopwatch.begin();
                let matches = !engine.matches(context, &mut memory.0).is_empty();
                cost.ns += stopwatch.lap();
                cost.matches += u64::from(matches);
                cost.funnel.event(context, &mut memory.1);
            }
        }
        Ok(Next::Continue)
    })?;
    cost.ns = stopwatch.net_ns(cost.ns, cost.looked_at);
    Ok((outcome, cost))
}

impl Cost {
    fn ns_each(&self) -> f64 {
        self.ns as f64 / self.looked_at.max(1) as f64
    }

    pub(super) fn text(&self, out: &mut Out) -> Result<(), Error> {
        let Self { path, events, looked_at, matches, .. } = self;
        writeln!(out, "\non {path}:")?;
        writeln!(out, "  {events} events, {looked_at} of a type that can match, {matches} match")?;
        let ms = self.ns as f64 / 1e6;
        writeln!(out, "  {ms:.3} ms, {:.0} ns for each event looked at\n", self.ns_each())?;
        writeln!(out, "  {:>9} {:>9} {:>9}", "reached", "passed", "held")?;
        for step in self.funnel.steps() {
            let (reached, passed, held) = (step.reached, step.passed, step.held);
            writeln!(out, "  {reached:>9} {passed:>9} {held:>9}  {}", step.text)?;
        }
        Ok(())
    }

    pub(super) fn json(&self) -> Value {
        let steps: Vec<Value> = self
            .funnel
            .steps()
            .map(|step| {
                json!({
                    "text": step.text,
                    "reached": step.reached,
                    "passed": step.passed,
                    "held": step.held,
                })
            })
            .collect();
        json!({
            "capture": self.path,
            "events": self.events,
            "looked_at": self.looked_at,
            "matches": self.matches,
            "ns": self.ns,
            "parts": steps,
        })
    }
}
