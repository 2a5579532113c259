//! What is to be done with events of each type, derived from the event table and the rules.

use event::{
    EventType,
    schema::{EVENT_TYPES, EventFlags},
    syscalls::{EVENTS, PROCEXIT_1_E},
};

use super::{
    Action,
    rules::{RULES, Rule},
};

/// How events of one type are treated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) class: Class,
    /// Parameters of an event that needs no conversion; none has this many if every one needs it.
    current_params: u8,
    /// Row of the first rule for the type.
    first_rule: u16,
    /// Number of rules for the type.
    rules: u16,
}

/// The first question about an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    /// Handed on as it is.
    Current,
    /// Asks the rules unless it is complete.
    Managed,
    /// Handed on as it is; its thread has ended.
    Last,
    /// An enter event of which nothing is needed.
    OldEnter,
    /// A reserved slot.
    Unused,
}

const ALWAYS_CONVERT: u8 = u8::MAX;

static PLANS: [Plan; EVENT_TYPES] = plans();

impl Plan {
    #[inline]
    pub(super) fn of(kind: EventType) -> Plan {
        PLANS[usize::from(kind.number())]
    }

    /// Whether an event with this many parameters is of the current schema.
    #[inline]
    pub(super) fn is_complete(&self, params: usize) -> bool {
        params == usize::from(self.current_params)
    }

    /// What the rules say of an event with this many parameters.
    pub(super) fn action(&self, params: usize) -> Option<Action> {
        self.rules().iter().find(|(_, count, _)| *count == params).map(|(.., action)| *action)
    }

    /// The rule that renews the type, whatever the number of parameters.
    pub(super) fn renewal(&self) -> Option<Action> {
        let mut actions = self.rules().iter().map(|(.., action)| *action);
        actions.find(|action| matches!(action, Action::Become(..)))
    }

    fn rules(&self) -> &'static [Rule] {
        let first = usize::from(self.first_rule);
        RULES.get(first..first + usize::from(self.rules)).unwrap_or_default()
    }
}

const fn plans() -> [Plan; EVENT_TYPES] {
    let none = Plan { class: Class::Current, current_params: 0, first_rule: 0, rules: 0 };
    let mut plans = [none; EVENT_TYPES];
    let mut next_rule = 0;
    let mut kind = 0;
    while kind < EVENT_TYPES {
        plans[kind].first_rule = next_rule as u16;
        while next_rule < RULES.len() && RULES[next_rule].0.number() as usize == kind {
            next_rule += 1;
            plans[kind].rules += 1;
        }
        plans[kind].class = class(kind);
        plans[kind].current_params = current_params(kind);
        kind += 1;
    }
    assert!(next_rule == RULES.len(), "the rules are not in order");
    plans
}

const fn class(kind: usize) -> Class {
    let flags = EVENTS[kind].flags;
    if flags.contains(EventFlags::UNUSED) {
        Class::Unused
    } else if flags.contains(EventFlags::CONVERTER_MANAGED) {
        Class::Managed
    } else if flags.contains(EventFlags::OLD_VERSION) && kind.is_multiple_of(2) {
        Class::OldEnter
    } else if kind == PROCEXIT_1_E.number() as usize {
        Class::Last
    } else {
        Class::Current
    }
}

/// Managed enter events and old exit events always ask the rules.
const fn current_params(kind: usize) -> u8 {
    let old = EVENTS[kind].flags.contains(EventFlags::OLD_VERSION);
    if kind.is_multiple_of(2) || old { ALWAYS_CONVERT } else { EVENTS[kind].params.len() as u8 }
}
