//! Turns events of older schemas into the current one.
//!
//! Old recorders wrote one event when a syscall was entered and one when it returned; the current
//! schema has the second only, with all parameters. So an enter event is stored until its thread's
//! exit event comes and takes from it what it lacks. [`rules`] says what becomes of what; an
//! outcome that is itself old is converted again, without copying any bytes in between: only the
//! places of the parameters are followed, and the event is put together once, at the end.
//!
//! Where libscap stops the replay (the stored enter event is of another syscall, a parameter is
//! missing, no rule knows this number of parameters), this one goes on with empty values and
//! counts it.

mod enters;
mod json;
mod plan;
mod rules;
mod sketch;
#[cfg(test)]
mod tests;

use event::{Event, EventBuilder, EventType};

use enters::{Enters, SlotId};
use plan::{Class, Plan};
use sketch::{Sketch, Source};

/// What to do with an event.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    /// Hand it on as it is.
    Pass,
    /// Keep it for the exit event of its thread.
    Store,
    /// Both.
    StoreAndPass,
    /// Add these parameters behind those that are there.
    Append(&'static [Take]),
    /// Make it an event of this type with these parameters.
    Become(EventType, &'static [Take]),
}

/// Where a parameter comes from. Ranges include both ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Take {
    /// A parameter of the event itself.
    Old(u8),
    /// Several of them.
    Olds(u8, u8),
    /// A parameter of the stored enter event; if there is none, the type's default.
    Enter(u8),
    /// Several of them.
    Enters(u8, u8),
    /// A parameter of the stored enter event; if there is none, NULL.
    EnterOrNull(u8),
    /// Several of them.
    EntersOrNull(u8, u8),
    /// The default of the parameter's type: zero, or all ones for a user or group.
    Default,
    /// Several of them.
    Defaults(u8),
    /// NULL.
    Null,
    /// Several of them.
    Nulls(u8),
    /// The parameters of an old container event as one JSON object.
    ContainerJson,
}

/// What was done to events of older schemas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conversions {
    /// Events rewritten and handed on.
    pub converted: u64,
    /// Enter events kept for their exit events, not handed on.
    pub stored: u64,
    /// Exit events that took parameters from a stored enter event.
    pub completed: u64,
    /// Enter events of older schemas with nothing to hand on or keep.
    pub dropped_enters: u64,
    /// Events of types that the schema reserves and nobody should write.
    pub dropped_unused: u64,
    /// Exit events whose enter event was not there.
    pub enters_missing: u64,
    /// Exit events whose thread had entered another syscall.
    pub enters_mismatched: u64,
    /// Stored enter events given up for lack of room.
    pub enters_evicted: u64,
    /// Parameters that a rule wanted and the event did not have.
    pub params_missing: u64,
    /// Events with a number of parameters that no rule names.
    pub unruled: u64,
}

/// What became of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// It is of the current schema as it stands.
    Pass,
    /// It was rewritten: see [`Converter::event`].
    Converted,
    /// It is not to be handed on.
    Dropped,
}

/// Converts one event after another.
#[derive(Debug)]
pub(super) struct Converter {
    enters: Enters,
    sketch: Sketch,
    enter: Enter,
    /// The type that the event has before the step at hand.
    exit: EventType,
    json: Vec<u8>,
    builder: EventBuilder,
    state_only: bool,
    pub(super) counts: Conversions,
}

/// What is known of the stored enter event of the event under conversion.
#[derive(Clone, Copy, Debug, Default)]
enum Enter {
    /// Not looked for.
    #[default]
    Unasked,
    /// Not there, or of another syscall.
    Missing,
    /// There.
    Found(SlotId),
    /// Used up by a step before; its bytes are still there.
    Spent(SlotId),
}

impl Default for Converter {
    fn default() -> Self {
        Self {
            enters: Enters::default(),
            sketch: Sketch::default(),
            enter: Enter::Unasked,
            exit: event::syscalls::GENERIC_X,
            json: Vec::new(),
            builder: EventBuilder::default(),
            state_only: false,
            counts: Conversions::default(),
        }
    }
}

/// More steps than any event needs to become current.
const MAX_STEPS: usize = 32;

impl Converter {
    /// Most that [`Converter::held_bytes`] says.
    pub(super) const MAX_HELD_BYTES: usize = Enters::MAX_BYTES;

    /// Decides on an event and rewrites it if needed.
    #[inline]
    pub(super) fn convert(&mut self, event: &Event<'_>) -> Outcome {
        let plan = Plan::of(event.kind);
        match plan.class {
            Class::Current => Outcome::Pass,
            Class::Last => {
                self.enters.give_back(event.tid);
                Outcome::Pass
            }
            Class::Managed if plan.is_complete(event.param_count()) => Outcome::Pass,
            Class::Managed => self.rewrite(event),
            Class::OldEnter => {
                self.counts.dropped_enters += 1;
                Outcome::Dropped
            }
            Class::Unused => {
                self.counts.dropped_unused += 1;
                Outcome::Dropped
            }
        }
    }

    /// The event that was rewritten last.
    pub(super) fn event(&self) -> Option<Event<'_>> {
        let mut event = self.builder.event().ok()?;
        event.state_only = self.state_only;
        Some(event)
    }

    /// Bytes of memory held for stored enter events.
    pub(super) fn held_bytes(&self) -> usize {
        self.enters.held_bytes()
    }

    /// Forgets the stored enter events: another recording begins.
    pub(super) fn forget(&mut self) {
        self.enters.clear();
    }

    fn rewrite(&mut self, event: &Event<'_>) -> Outcome {
        self.sketch.begin(event.kind, event.param_count());
        self.enter = Enter::Unasked;
        for number in 0..MAX_STEPS {
            let as_read = number == 0;
            match self.step(event, as_read) {
                Step::Again => {}
                Step::Done if as_read => return Outcome::Pass,
                Step::Done => break,
                Step::Dropped => return Outcome::Dropped,
            }
        }
        if Plan::of(self.sketch.kind()).class == Class::Last {
            self.enters.give_back(event.tid);
        }
        self.build(event);
        if self.builder.error().is_some() {
            return Outcome::Dropped;
        }
        self.counts.converted += 1;
        Outcome::Converted
    }

    fn step(&mut self, event: &Event<'_>, as_read: bool) -> Step {
        let plan = Plan::of(self.sketch.kind());
        if plan.class != Class::Managed || plan.is_complete(self.sketch.count()) {
            return Step::Done;
        }
        match plan.action(self.sketch.count()) {
            Some(action) => self.act(action, event, as_read),
            None => self.act_without_rule(plan, event),
        }
    }

    fn act(&mut self, action: Action, event: &Event<'_>, as_read: bool) -> Step {
        match action {
            Action::Pass => Step::Done,
            Action::Store => {
                self.store(event, as_read);
                self.counts.stored += 1;
                Step::Dropped
            }
            Action::StoreAndPass => {
                self.store(event, as_read);
                Step::Done
            }
            Action::Append(takes) => {
                self.exit = self.sketch.kind();
                self.take_all(takes, event);
                Step::Again
            }
            Action::Become(kind, takes) => {
                self.exit = self.sketch.kind();
                self.sketch.become_type(kind);
                self.take_all(takes, event);
                Step::Again
            }
        }
    }

    /// Nobody recorded such an event, as far as is known: renew its type if that is old, else give
    /// it the parameters that it lacks.
    fn act_without_rule(&mut self, plan: Plan, event: &Event<'_>) -> Step {
        self.counts.unruled += 1;
        if let Some(action) = plan.renewal() {
            return self.act(action, event, false);
        }
        if self.sketch.kind().is_enter() {
            return Step::Dropped;
        }
        while self.sketch.count() < self.sketch.kind().info().params.len() {
            self.sketch.push(Source::Null);
        }
        Step::Again
    }

    fn take_all(&mut self, takes: &[Take], event: &Event<'_>) {
        for take in takes {
            match *take {
                Take::Old(index) => self.take_old(index),
                Take::Olds(first, last) => (first..=last).for_each(|index| self.take_old(index)),
                Take::Enter(index) => self.take_entered(index, event, Fallback::Default),
                Take::EnterOrNull(index) => self.take_entered(index, event, Fallback::Null),
                Take::Enters(first, last) => {
                    (first..=last).for_each(|i| self.take_entered(i, event, Fallback::Default));
                }
                Take::EntersOrNull(first, last) => {
                    (first..=last).for_each(|i| self.take_entered(i, event, Fallback::Null));
                }
                Take::Default => self.sketch.push_default(),
                Take::Defaults(count) => (0..count).for_each(|_| self.sketch.push_default()),
                Take::Null => self.sketch.push(Source::Null),
                Take::Nulls(count) => (0..count).for_each(|_| self.sketch.push(Source::Null)),
                Take::ContainerJson => self.take_json(event),
            }
        }
        if let Enter::Found(id) = self.enter {
            self.enters.release(id);
            self.enter = Enter::Spent(id);
        }
    }

    fn take_old(&mut self, index: u8) {
        if !self.sketch.push_old(index) {
            self.counts.params_missing += 1;
            self.sketch.push_default();
        }
    }

    fn take_entered(&mut self, index: u8, event: &Event<'_>, fallback: Fallback) {
        if matches!(self.enter, Enter::Unasked) {
            self.enter = self.find_enter(event.tid);
        }
        if let Enter::Found(id) = self.enter {
            let params = self.enters.view(id).map_or(0, |enter| enter.param_count());
            if usize::from(index) < params {
                return self.sketch.push(Source::Enter(index));
            }
            self.counts.params_missing += 1;
        }
        match fallback {
            Fallback::Default => self.sketch.push_default(),
            Fallback::Null => self.sketch.push(Source::Null),
        }
    }

    fn find_enter(&mut self, tid: i64) -> Enter {
        match self.enters.find(tid) {
            Some((id, enter)) if enter.number() + 1 == self.exit.number() => {
                self.counts.completed += 1;
                Enter::Found(id)
            }
            Some((id, _)) => {
                self.enters.release(id);
                self.counts.enters_mismatched += 1;
                Enter::Missing
            }
            None => {
                self.counts.enters_missing += 1;
                Enter::Missing
            }
        }
    }

    fn take_json(&mut self, event: &Event<'_>) {
        let made = json::container(event, &mut self.json);
        let fits = self.json.len() <= usize::from(u16::MAX);
        if made.is_none() || !fits {
            self.counts.params_missing += 1;
            return self.sketch.push(Source::Null);
        }
        self.sketch.push(Source::Json);
    }

    fn store(&mut self, event: &Event<'_>, as_read: bool) {
        if as_read {
            self.counts.enters_evicted += self.enters.store(event);
            return;
        }
        self.build(event);
        if let Ok(event) = self.builder.event() {
            self.counts.enters_evicted += self.enters.store(&event);
        }
    }

    /// Puts the event together as sketched.
    fn build(&mut self, event: &Event<'_>) {
        let entered = match self.enter {
            Enter::Found(id) | Enter::Spent(id) => self.enters.view(id),
            Enter::Unasked | Enter::Missing => None,
        };
        self.state_only = event.state_only;
        self.builder.start(self.sketch.kind(), event.ts_ns, event.tid, event.cpu);
        if self.sketch.kept() > 0 {
            self.builder.params_of(event);
        }
        for place in self.sketch.others() {
            let bytes = match place.source {
                Source::Null => &[],
                Source::Zeros(count) => [0; 16].get(..usize::from(count)).unwrap_or_default(),
                Source::Ones(count) => [0xFF; 16].get(..usize::from(count)).unwrap_or_default(),
                Source::Read(index) => event.bytes(index.into()).unwrap_or_default(),
                Source::Enter(index) => {
                    entered.and_then(|e| e.bytes(index.into())).unwrap_or_default()
                }
                Source::Json => &self.json,
            };
            self.builder.raw(bytes.get(..place.max_bytes as usize).unwrap_or(bytes));
        }
    }
}

/// What a step came to.
enum Step {
    /// The outcome is to be looked up again.
    Again,
    /// The event is as it should be.
    Done,
    /// The event is not to be handed on.
    Dropped,
}

/// What stands in for a parameter of an enter event that is not there.
#[derive(Clone, Copy)]
enum Fallback {
    Default,
    Null,
}
