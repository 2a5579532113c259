//! What rules made of a scenario.

use rules::{filter::Memory, load::Rule};
use state::Context;

use super::{
    scenario::{Kind, Scenario},
    truth::Step,
    witness::Witness,
};
use crate::{
    error::{Error, Outcome},
    trial::{self, Trial},
};
use event::alert::Priority;

/// What the rules said about one scenario.
#[derive(Debug)]
pub(super) struct Verdict<'r> {
    /// Rules that raised alerts, in the order in which they first did.
    pub(super) tallies: Vec<Tally<'r>>,
    /// Whether all of the capture could be read.
    pub(super) outcome: Outcome,
}

/// The alerts of one rule.
#[derive(Debug)]
pub(super) struct Tally<'r> {
    pub(super) rule: &'r Rule,
    pub(super) alerts: u64,
    /// Number of the first event.
    pub(super) event: u64,
    /// Output of the first.
    pub(super) output: String,
    /// For each step of the truth, whether an alert was about it.
    pub(super) steps: Vec<bool>,
}

impl<'r> Verdict<'r> {
    /// Lets the rules see the scenario.
    pub(super) fn of(scenario: &Scenario, trial: &Trial<'r>) -> Result<Self, Error> {
        let mut tallies = Vec::new();
        let mut witness = Witness::new();
        let mut memory = Memory::default();
        let steps = &scenario.truth.steps;
        let outcome = trial.capture(&scenario.capture, |rule, context| {
            let tally = tally(&mut tallies, rule, context, steps, &mut memory);
            tally.alerts += 1;
            if let Some(witness) = &mut witness {
                witness.mark(context, steps, &mut tally.steps);
            }
        })?;
        Ok(Self { tallies, outcome })
    }

    /// Alerts at this priority or worse.
    pub(super) fn alerts(&self, at_least: Priority) -> u64 {
        self.counted(at_least).map(|tally| tally.alerts).sum()
    }

    /// Rules of this priority or worse that raised alerts.
    pub(super) fn counted(&self, at_least: Priority) -> impl Iterator<Item = &Tally<'r>> {
        self.tallies.iter().filter(move |tally| tally.rule.priority <= at_least)
    }

    /// In a word.
    pub(super) fn word(&self, scenario: &Scenario, at_least: Priority) -> &'static str {
        match (scenario.kind, self.alerts(at_least)) {
            (Kind::Attack, 0) => "MISSED",
            (Kind::Attack, _) if self.is_beside(scenario, at_least) => "seen beside",
            (Kind::Attack, _) => "seen",
            (Kind::Benign, 0) => "quiet",
            (Kind::Benign, _) => "FALSE ALARM",
        }
    }

    /// Whether there are alerts, but none is about any of the steps.
    pub(super) fn is_beside(&self, scenario: &Scenario, at_least: Priority) -> bool {
        let steps = scenario.truth.steps.len();
        self.alerts(at_least) > 0 && steps > 0 && self.covered(steps, at_least) == 0
    }

    /// How many of the steps alerts were about.
    pub(super) fn covered(&self, steps: usize, at_least: Priority) -> usize {
        let is_covered = |&step: &usize| self.covering(step, at_least).next().is_some();
        (0..steps).filter(is_covered).count()
    }

    /// Rules with alerts about this step, counted from 0.
    pub(super) fn covering(
        &self,
        step: usize,
        at_least: Priority,
    ) -> impl Iterator<Item = &'r Rule> {
        let about = move |tally: &&Tally<'r>| tally.steps.get(step) == Some(&true);
        self.counted(at_least).filter(about).map(|tally| tally.rule)
    }
}

fn tally<'t, 'r>(
    tallies: &'t mut Vec<Tally<'r>>,
    rule: &'r Rule,
    context: &Context<'_>,
    steps: &[Step],
    memory: &mut Memory,
) -> &'t mut Tally<'r> {
    let known = tallies.iter().position(|tally| tally.rule.name == rule.name);
    let index = known.unwrap_or_else(|| {
        tallies.push(Tally {
            rule,
            alerts: 0,
            event: context.num,
            output: trial::output(rule, context, memory),
            steps: vec![false; steps.len()],
        });
        tallies.len() - 1
    });
    &mut tallies[index]
}
