//! Rules on captures, each by itself and all together.

use std::{path::Path, time::Instant};

use event::{EventType, snapshot::Record};
use rules::{
    engine::{Engine, EngineMemory, Matching},
    load::Rule,
};
use state::{Audience, Context, Engines, Limits, State};

use super::super::{stopwatch::Stopwatch, subject};
use crate::{
    error::{Error, Outcome},
    input::{Input, Next},
    output::Verbosity,
};

/// What was measured; times in ns, without what the clock costs.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    /// Events for readers.
    pub(super) events: u64,
    /// Each rule by itself.
    pub(super) rules: Vec<One>,
    /// All rules together, the first that matches counting.
    pub(super) together_ns: u64,
    /// Events that matched any rule.
    pub(super) matched: u64,
    /// Everything else: reading the captures and keeping state.
    pub(super) reading_ns: u64,
}

/// One rule by itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct One {
    /// Events of a type that may match.
    pub(super) events: u64,
    pub(super) matches: u64,
    pub(super) ns: u64,
}

impl Measured {
    /// The same counts with the shorter of both times, one by one.
    pub(super) fn shorter_of(mut self, other: &Self) -> Self {
        for (one, other) in self.rules.iter_mut().zip(&other.rules) {
            one.ns = one.ns.min(other.ns);
        }
        self.together_ns = self.together_ns.min(other.together_ns);
        self.reading_ns = self.reading_ns.min(other.reading_ns);
        self
    }
}

/// One reading of the captures.
pub(super) struct Pass {
    together: Engine,
    together_memory: EngineMemory,
    together_laps: u64,
    alone: Vec<(Engine, EngineMemory)>,
    /// For each event type the places of the rules that look at it, so that no time has the
    /// choice of rules in it.
    by_type: Vec<Vec<usize>>,
    stopwatch: Stopwatch,
    measured: Measured,
    /// Time in which rules were measured, the clock's cost included.
    measuring_ns: u64,
    total_ns: u64,
}

impl Pass {
    pub(super) fn new(rules: &[&Rule]) -> Result<Self, Error> {
        let compiled = |one: &&Rule| Engine::new([*one], Matching::First);
        let alone = rules.iter().map(|rule| match compiled(rule) {
            Ok(engine) => Ok((engine, EngineMemory::default())),
            Err(mistakes) => Err(subject::broken(rule)(mistakes)),
        });
        let alone = alone.collect::<Result<Vec<_>, _>>()?;
        let together = Engine::new(rules.iter().copied(), Matching::First)
            .map_err(|mistakes| rules.first().map(|rule| subject::broken(rule)(mistakes)));
        Ok(Self {
            by_type: EventType::all().map(|kind| looking_at(&alone, kind)).collect(),
            alone,
            together: together.map_err(|error| {
                error.unwrap_or_else(|| Error::Usage("there are no rules".to_owned()))
            })?,
            together_memory: EngineMemory::default(),
            together_laps: 0,
            stopwatch: Stopwatch::new(),
            measured: Measured { rules: vec![One::default(); rules.len()], ..Measured::default() },
            measuring_ns: 0,
            total_ns: 0,
        })
    }

    pub(super) fn capture(
        &mut self,
        path: &Path,
        engines: Option<Engines>,
        verbosity: Verbosity,
    ) -> Result<Outcome, Error> {
        let start = Instant::now();
        let mut input = Input::open(path, verbosity)?;
        let mut state = State::new(Limits::default());
        state.set_engines(engines.unwrap_or_default());
        let outcome = input.records(|record| {
            match record {
                Record::Event(event) => {
                    let context = state.event(event);
                    if context.audience == Audience::Readers {
                        self.event(&context);
                    }
                }
                other => state.record(&other),
            }
            Ok(Next::Continue)
        })?;
        self.total_ns += start.elapsed().as_nanos() as u64;
        Ok(outcome)
    }

    fn event(&mut self, context: &Context<'_>) {
        let start = Instant::now();
        self.measured.events += 1;
        self.stopwatch.begin();
        // First, as the event would be met: nothing of it is at hand yet.
        if self.together.may_match(context.event.kind) {
            let matches = self.together.matches(context, &mut self.together_memory);
            self.measured.matched += u64::from(!matches.is_empty());
        }
        self.measured.together_ns += self.stopwatch.lap();
        self.together_laps += 1;
        let looking = self.by_type.get(usize::from(context.event.kind.number()));
        for &place in looking.into_iter().flatten() {
            let (engine, memory) = &mut self.alone[place];
            let matches = engine.matches(context, memory);
            let one = &mut self.measured.rules[place];
            one.matches += u64::from(!matches.is_empty());
            one.events += 1;
            one.ns += self.stopwatch.lap();
        }
        self.measuring_ns += start.elapsed().as_nanos() as u64;
    }

    /// The figures, the clock's cost taken off.
    pub(super) fn measured(self) -> Measured {
        let mut measured = self.measured;
        for one in &mut measured.rules {
            one.ns = self.stopwatch.net_ns(one.ns, one.events);
        }
        measured.together_ns = self.stopwatch.net_ns(measured.together_ns, self.together_laps);
        measured.reading_ns = self.total_ns.saturating_sub(self.measuring_ns);
        measured
    }
}

fn looking_at(rules: &[(Engine, EngineMemory)], kind: EventType) -> Vec<usize> {
    (0..rules.len()).filter(|&place| rules[place].0.may_match(kind)).collect()
}
